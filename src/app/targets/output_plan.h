// SPDX-License-Identifier: MIT
// Which files a cover is written to, decided and checked before any work is done.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pop2piano {

/// `analysis`, what was heard of the song, is one for all styles and named after the song itself.
/// `wav` and the other formats of sound are of the piano alone, `mix` of song and piano.
enum class OutputKind {
  midi,
  musicxml,
  pdf,
  wav,
  mix,
  flac,
  mix_flac,
  ogg,
  mix_ogg,
  opus,
  mix_opus,
  mp3,
  mix_mp3,
  json,
  analysis,
  zip
};

/// "midi,mix" -> kinds in the order of OutputKind, each once; "flac", "ogg", "opus" and "mp3" are two each. Throws
/// Error(invalid_argument) with the nearest name.
std::vector<OutputKind> parse_output_kinds(const std::string& text);
/// The names that parse_output_kinds() knows: "midi, musicxml, ..."
std::string output_kind_names(const std::string& between);
/// ".mid", ".musicxml", ".wav", ".mix.wav", ".json", ".analysis", ...
std::string extension_of(OutputKind kind);
bool is_sound(OutputKind kind);
bool is_mix(OutputKind kind);

struct OutputRequest {
  std::string target;             ///< of -o: a folder, a file, or a file's name without extension; empty: this folder
  std::vector<OutputKind> kinds;  ///< empty: decided by the target's extension, else `usual`
  std::vector<OutputKind> usual;  ///< empty: midi, musicxml, wav, mix, json
  std::vector<std::string> songs;
  std::vector<std::string> styles;  ///< more than one: the style is part of the names
  bool force = false;               ///< overwrite
  bool keep_analysis = false;       ///< beside whatever else is written
};

struct PlannedFile {
  OutputKind kind;
  std::filesystem::path path;
};

/// The files of one song in one style.
struct CoverFiles {
  std::string song, style;
  std::vector<PlannedFile> files;
  bool kept = false;  ///< the song is a kept analysis

  [[nodiscard]] std::optional<std::filesystem::path> find(OutputKind kind) const;
};

/// [songs x styles], in that order. Creates the target folder. Throws Error: already_exists (naming the first),
/// write_failed (folder cannot be made or written), invalid_argument (two songs would share a name, or a file name was
/// given for several covers).
std::vector<CoverFiles> plan_outputs(const OutputRequest& request);

}  // namespace pop2piano
