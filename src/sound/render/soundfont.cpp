// SPDX-License-Identifier: MIT
// Where sound fonts lie on Debian (and its kin), and whether a file is one.
#include <pop2piano/render.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/core/byte_reader.h"
#include "base/core/mapped_file.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

/// The chunks of an index, by name, with the size of their records (SoundFont 2.04, section 7).
constexpr std::pair<std::string_view, std::size_t> kIndex[] = {{"phdr", 38}, {"pbag", 4},  {"pmod", 10},
                                                               {"pgen", 4},  {"inst", 22}, {"ibag", 4},
                                                               {"imod", 10}, {"igen", 4},  {"shdr", 46}};

/// A RIFF chunk of `whole`: its name and bytes; a LIST's bytes begin with its kind. MuseScore's fonts leave out the
/// padding byte.
std::pair<std::string_view, std::span<const std::byte>> next_chunk(ByteReader& reader,
                                                                   std::span<const std::byte> whole) {
  const std::string_view name = reader.take_text(4);
  const std::size_t size = reader.little<std::uint32_t>();
  const auto content = reader.take(size);
  const bool padded = size % 2 == 1 && !reader.at_end() && whole[reader.position()] == std::byte{0};
  if (padded) reader.skip(1);
  return {name, content};
}

void check_index(ByteReader& list, std::span<const std::byte> whole) {
  for (const auto& [name, record_bytes] : kIndex) {
    const auto [found, content] = next_chunk(list, whole);
    if (found != name || content.size() % record_bytes != 0 || content.size() < record_bytes) {
      throw Error(ErrorCode::malformed, "its index is damaged at " + std::string(name));
    }
  }
}

/// FluidSynth says little about what it cannot read, and the DLS loader that it tries next prints to stderr.
void check_structure(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader file(bytes, name);
  if (bytes.size() < 12 || file.take_text(4) != "RIFF") throw Error(ErrorCode::malformed, "it is not RIFF");
  file.skip(4);
  if (file.take_text(4) != "sfbk") throw Error(ErrorCode::malformed, "it is RIFF of another kind");
  bool index = false, samples = false;
  while (file.remaining() >= 8) {
    const auto [kind, content] = next_chunk(file, bytes);
    if (kind != "LIST") continue;
    ByteReader list(content, name);
    const std::string_view list_kind = list.take_text(4);
    samples = samples || list_kind == "sdta";
    if (list_kind != "pdta") continue;
    check_index(list, content);
    index = true;
  }
  if (!index || !samples) throw Error(ErrorCode::malformed, index ? "it has no samples" : "it has no index");
}

void check_soundfont(const fs::path& file, const std::string& named_by) {
  std::error_code failed;
  if (!fs::exists(file, failed)) {
    throw Error(ErrorCode::not_found, file.string() + ": no such sound font" + named_by);
  }
  const MappedFile mapped(file);
  try {
    check_structure(mapped.bytes(), file.string());
  } catch (const Error& error) {
    throw Error(ErrorCode::malformed, file.string() + ": is not a sound font" + named_by +
                                          "; expected a whole .sf2 or .sf3 file (" + error.what() + ")");
  }
}

}  // namespace

std::vector<fs::path> soundfont_places() {
  return {"/usr/share/sounds/sf3/MuseScore_General.sf3",       // musescore-general-soundfont
          "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",  // musescore-general-soundfont-small
          "/usr/share/sounds/sf3/MuseScore_General_Full.sf3",
          "/usr/share/sounds/sf2/FluidR3_GM.sf2",  // fluid-soundfont-gm
          "/usr/share/soundfonts/FluidR3_GM.sf2",
          "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3",  // fluidr3mono-gm-soundfont
          "/usr/share/sounds/sf3/default-GM.sf3",
          "/usr/share/sounds/sf2/default-GM.sf2",
          "/usr/share/soundfonts/default.sf2",
          "/usr/share/sounds/sf2/TimGM6mb.sf2"};  // timgm6mb-soundfont, which libfluidsynth3 depends on
}

std::vector<fs::path> installed_soundfonts() {
  std::vector<fs::path> fonts;
  std::set<fs::path> seen;
  for (const char* folder : {"/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts"}) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      const auto extension = entry.path().extension();
      if (extension != ".sf2" && extension != ".sf3") continue;
      const auto real = fs::canonical(entry.path(), failed);
      if (!failed && seen.insert(real).second) fonts.push_back(real);
    }
  }
  std::sort(fonts.begin(), fonts.end(), [](const auto& a, const auto& b) { return a.filename() < b.filename(); });
  return fonts;
}

fs::path find_soundfont(const fs::path& wanted) {
  if (!wanted.empty()) {
    check_soundfont(wanted, "");
    return wanted;
  }
  if (const char* named = std::getenv("POP2PIANO_SOUNDFONT"); named != nullptr && *named != '\0') {
    check_soundfont(named, " (named by POP2PIANO_SOUNDFONT)");
    return named;
  }
  std::error_code failed;
  for (const fs::path& place : soundfont_places()) {
    if (fs::exists(place, failed)) return place;
  }
  throw Error(
      ErrorCode::not_found,
      "no sound font is installed; install one (sudo apt install musescore-general-soundfont-small) or name a file");
}

}  // namespace pop2piano
