// SPDX-License-Identifier: MIT
// Where sound fonts lie on Debian (and its kin), and whether a file is one.
#include <pop2piano/render.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

void check_soundfont(const fs::path& file, const std::string& named_by) {
  std::error_code failed;
  if (!fs::exists(file, failed)) {
    throw Error(ErrorCode::not_found, file.string() + ": no such sound font" + named_by);
  }
  std::array<char, 12> start{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(start.data(), start.size());
  const std::string_view text(start.data(), start.size());
  if (!stream || !text.starts_with("RIFF") || !text.ends_with("sfbk")) {
    throw Error(ErrorCode::malformed,
                file.string() + ": is not a sound font" + named_by + "; expected an .sf2 or .sf3 file (RIFF sfbk)");
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
