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
};
constexpr std::array<KindName, 6> kKinds{{{OutputKind::midi, "midi", ".mid"},
                                          {OutputKind::musicxml, "musicxml", ".musicxml"},
                                          {OutputKind::wav, "wav", ".wav"},
                                          {OutputKind::mix, "mix", ".mix.wav"},
                                          {OutputKind::json, "json", ".json"},
                                          {OutputKind::analysis, "analysis", ".analysis"}}};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The kind that a file name asks for; ".mix.wav" is looked at before ".wav".
std::optional<OutputKind> kind_of_name(const std::string& name) {
  for (const OutputKind kind : {OutputKind::mix, OutputKind::wav, OutputKind::midi, OutputKind::musicxml,
                                OutputKind::json, OutputKind::analysis}) {
    if (ends_with(name, extension_of(kind))) return kind;
  }
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
  if (request.target.empty()) {
    target.folder = ".";
  } else if (is_folder(request.target) || request.target.back() == '/') {
    target.folder = request.target;
  } else if (const auto kind = kind_of_name(request.target)) {
    const fs::path path = request.target;
    target.folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    target.kind = kind;
    target.single_file = path;
    target.stem = path.stem().string();
    if (*kind == OutputKind::mix) target.stem = fs::path(target.stem).stem().string();
  } else {
    target.folder = request.target;
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
      if (k.kind != OutputKind::analysis) kinds.push_back(k.kind);
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
  const std::string song =
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
    const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindName& k) { return k.name == part; });
    if (found == kKinds.end()) {
      std::vector<std::string> names;
      for (const KindName& k : kKinds) names.emplace_back(k.name);
      const std::string closest = closest_name(part, names);
      throw Error(ErrorCode::invalid_argument, "--only: unknown kind '" + part + "'" +
                                                   (closest.empty() ? "" : " (did you mean '" + closest + "'?)") +
                                                   "; known are midi, musicxml, wav, mix, json, analysis");
    }
    kinds.insert(found->kind);
  }
  return {kinds.begin(), kinds.end()};
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
