// SPDX-License-Identifier: MIT
#include "app/targets/output_plan.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <sstream>
#include <utility>

#include <unistd.h>

#include "app/targets/free_target.h"
#include "base/core/closest_name.h"
#include "base/core/paths.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

struct KindName {
  OutputKind kind;
  const char* name;
  const char* extension;
  bool by_default = false;
};
constexpr std::array<KindName, 16> kKinds{{{OutputKind::midi, "midi", ".mid", true},
                                           {OutputKind::musicxml, "musicxml", ".musicxml", true},
                                           {OutputKind::pdf, "pdf", ".pdf"},
                                           {OutputKind::wav, "wav", ".wav", true},
                                           {OutputKind::mix, "mix", ".mix.wav", true},
                                           {OutputKind::flac, "flac", ".flac"},
                                           {OutputKind::mix_flac, "flac", ".mix.flac"},
                                           {OutputKind::ogg, "ogg", ".ogg"},
                                           {OutputKind::mix_ogg, "ogg", ".mix.ogg"},
                                           {OutputKind::opus, "opus", ".opus"},
                                           {OutputKind::mix_opus, "opus", ".mix.opus"},
                                           {OutputKind::mp3, "mp3", ".mp3"},
                                           {OutputKind::mix_mp3, "mp3", ".mix.mp3"},
                                           {OutputKind::json, "json", ".json", true},
                                           {OutputKind::analysis, "analysis", ".analysis"},
                                           {OutputKind::zip, "zip", ".zip"}}};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The kind that a file name asks for; the longest ending counts, ".mix.wav" before ".wav".
std::optional<OutputKind> kind_of_name(const std::string& name) {
  const KindName* best = nullptr;
  for (const KindName& k : kKinds) {
    const bool longer = best == nullptr || std::strlen(k.extension) > std::strlen(best->extension);
    if (longer && ends_with(name, k.extension)) best = &k;
  }
  if (best != nullptr) return best->kind;
  if (ends_with(name, ".midi")) return OutputKind::midi;
  if (ends_with(name, ".xml")) return OutputKind::musicxml;
  return std::nullopt;
}

struct Target {
  fs::path folder;
  std::string stem;                     // empty: named after the song
  std::optional<fs::path> single_file;  // the name as it was given
  std::optional<OutputKind> kind;
};

Target read_target(const OutputRequest& request) {
  Target target;
  const bool folder = request.target.empty() || is_folder(request.target) || request.target.back() == '/';
  if (const auto kind = folder ? std::nullopt : kind_of_name(request.target)) {
    const fs::path path = request.target;
    target.folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    target.kind = kind;
    target.single_file = path;
    target.stem = path.stem().string();
    if (is_mix(*kind)) target.stem = fs::path(target.stem).stem().string();
  } else {
    target.folder = request.target.empty() ? "." : request.target;
  }
  if (target.single_file && request.songs.size() * request.styles.size() > 1) {
    throw Error(ErrorCode::invalid_argument,
                request.target + ": one file cannot hold several covers; give a folder to -o instead");
  }
  return target;
}

void prepare_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error && !is_folder(folder)) {
    throw Error(ErrorCode::write_failed, folder.string() + ": cannot make the folder: " + error.message());
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    throw Error(ErrorCode::write_failed, folder.string() + ": cannot write into the folder: " + std::strerror(errno));
  }
}

std::string stem_of_song(const std::string& song) { return song == "-" ? "song" : fs::path(song).stem().string(); }

// What is asked for by name, by the target's ending, or all.
std::vector<OutputKind> kinds_of(const OutputRequest& request, const Target& target) {
  std::vector<OutputKind> kinds = request.kinds;
  if (kinds.empty() && target.kind) kinds = {*target.kind};
  if (kinds.empty()) kinds = request.usual;
  if (kinds.empty()) {
    for (const KindName& k : kKinds) {
      if (k.by_default) kinds.push_back(k.kind);
    }
  }
  const bool named = std::find(kinds.begin(), kinds.end(), OutputKind::analysis) != kinds.end();
  if (request.keep_analysis && !named) kinds.push_back(OutputKind::analysis);
  return kinds;
}

// The name without its ending.
std::string stem_of(const Target& target, const OutputRequest& request, const CoverFiles& cover, OutputKind kind) {
  const bool analysis = kind == OutputKind::analysis;
  if (!target.stem.empty() && (analysis || request.styles.size() == 1)) return target.stem;
  // Cut where the longest ending would not fit, so that all files of a song have one stem.
  const std::string longest = ".piano." + cover.style + extension_of(OutputKind::musicxml);
  std::string song =
      fitting_name(stem_of_song(cover.song), "", kLongestName - std::min(longest.size(), kLongestName / 2));
  if (analysis) return song;
  const std::string stem = target.stem.empty() ? song + ".piano" : target.stem;
  return request.styles.size() > 1 ? stem + "." + cover.style : stem;
}

void check_targets(const CoverFiles& cover, bool force, std::set<fs::path>& taken) {
  for (const PlannedFile& file : cover.files) {
    if (!taken.insert(file.path).second) {
      throw Error(ErrorCode::invalid_argument,
                  file.path.string() + ": two covers would be written to this name; run them into different folders");
    }
    if (is_folder(file.path)) {
      throw Error(ErrorCode::write_failed, file.path.string() + ": is a folder, a file was to be written there");
    }
    check_free(file.path, force);
  }
}

}  // namespace

std::string extension_of(OutputKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(), [&](const KindName& k) { return k.kind == kind; })->extension;
}

std::vector<OutputKind> parse_output_kinds(const std::string& text) {
  std::set<OutputKind> kinds;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    bool known = false;
    for (const KindName& k : kKinds) {
      if (k.name == part) kinds.insert(k.kind);
      known = known || k.name == part;
    }
    if (!known) {
      std::vector<std::string> names;
      names.reserve(kKinds.size());
      for (const KindName& k : kKinds) names.emplace_back(k.name);
      const std::string closest = closest_name(part, names);
      throw Error(ErrorCode::invalid_argument, "--only: unknown kind '" + part + "'" +
                                                   (closest.empty() ? "" : " (did you mean '" + closest + "'?)") +
                                                   "; known are " + output_kind_names(", "));
    }
  }
  return {kinds.begin(), kinds.end()};
}

std::string output_kind_names(const std::string& between) {
  std::string names;
  for (const KindName& k : kKinds) {
    if (is_mix(k.kind) && k.kind != OutputKind::mix) continue;  // has the name of the piano's
    names += (names.empty() ? "" : between) + k.name;
  }
  return names;
}

bool is_mix(OutputKind kind) {
  return kind == OutputKind::mix || kind == OutputKind::mix_flac || kind == OutputKind::mix_ogg ||
         kind == OutputKind::mix_opus || kind == OutputKind::mix_mp3;
}

bool is_sound(OutputKind kind) {
  return is_mix(kind) || kind == OutputKind::wav || kind == OutputKind::flac || kind == OutputKind::ogg ||
         kind == OutputKind::opus || kind == OutputKind::mp3;
}

std::optional<fs::path> CoverFiles::find(OutputKind kind) const {
  for (const PlannedFile& file : files) {
    if (file.kind == kind) return file.path;
  }
  return std::nullopt;
}

std::vector<CoverFiles> plan_outputs(const OutputRequest& request) {
  const Target target = read_target(request);
  const std::vector<OutputKind> kinds = kinds_of(request, target);
  std::vector<CoverFiles> plan;
  std::set<fs::path> taken;
  for (const std::string& song : request.songs) {
    for (const std::string& style : request.styles) {
      CoverFiles cover{.song = song, .style = style, .files = {}};
      for (const OutputKind kind : kinds) {
        if (kind == OutputKind::analysis && style != request.styles.front()) continue;
        const bool as_given = target.single_file && target.kind == kind;
        const std::string name = stem_of(target, request, cover, kind) + extension_of(kind);
        cover.files.push_back({kind, as_given ? *target.single_file : target.folder / name});
      }
      check_targets(cover, request.force, taken);
      plan.push_back(std::move(cover));
    }
  }
  prepare_folder(target.folder);
  return plan;
}

}  // namespace pop2piano
