// SPDX-License-Identifier: MIT
#include "learning/records/song_corpus.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/core/mapped_file.h"
#include "learning/records/pop909.h"
#include "learning/records/song_files.h"
#include "music/leadsheets/lead_sheet.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

class Pop909Corpus final : public SongCorpus {
 public:
  Pop909Corpus(fs::path folder, std::vector<int> numbers) : folder_(std::move(folder)) {
    numbers_ = std::move(numbers);
    label_ = "pop909";
  }
  [[nodiscard]] std::string name_of(int number) const override { return fmt::format("pop909/{:03}", number); }
  [[nodiscard]] std::string_view split_of(int number) const override { return pop909_split(number); }
  [[nodiscard]] SymbolicSong read(int number) const override { return read_pop909(folder_, number); }

 private:
  fs::path folder_;
};

enum class FileKind : std::uint8_t { midi, musicxml, abc };

std::optional<FileKind> kind_of(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == ".mid" || ending == ".midi") return FileKind::midi;
  if (ending == ".musicxml" || ending == ".xml" || ending == ".mxl") return FileKind::musicxml;
  if (ending == ".abc") return FileKind::abc;
  return std::nullopt;
}

// Names of shards: letters, digits, - and _ only.
std::string plain_name(const fs::path& folder) {
  std::string name = fs::weakly_canonical(folder).filename().string();
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '_';
  }
  return name.empty() ? "songs" : name;
}

class FilesCorpus final : public SongCorpus {
 public:
  FilesCorpus(const fs::path& folder, CorpusOptions options) : options_(std::move(options)) {
    label_ = plain_name(folder);
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && kind_of(entry.path())) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) add(file, folder);
    for (std::size_t i = 0; i < songs_.size(); ++i) numbers_.push_back(static_cast<int>(i) + 1);
  }

  [[nodiscard]] std::string name_of(int number) const override { return song(number).name; }
  [[nodiscard]] std::string_view split_of(int number) const override { return split_by_name(song(number).name); }
  [[nodiscard]] SymbolicSong read(int number) const override {
    const Song& from = song(number);
    SymbolicSong result = from.kind == FileKind::midi ? read_midi_song(from.file, options_.melody_track)
                          : from.kind == FileKind::musicxml
                              ? read_musicxml_song(from.file, options_.melody_track, options_.repeats)
                              : read_abc_song(from.file, from.tune, options_.repeats);
    result.name = from.name;
    result.source = label_ + ", rendered";
    result.licence = options_.licence.empty() ? "unknown" : options_.licence;
    return result;
  }

 private:
  struct Song {
    std::string name;
    fs::path file;
    FileKind kind = FileKind::midi;
    std::size_t tune = 0;  // of a tunebook
  };

  [[nodiscard]] const Song& song(int number) const {
    if (number < 1 || static_cast<std::size_t>(number) > songs_.size()) {
      throw Error(ErrorCode::not_found, fmt::format("{}: no song {}, the last is {}", label_, number, songs_.size()));
    }
    return songs_[static_cast<std::size_t>(number) - 1];
  }

  void add(const fs::path& file, const fs::path& folder) {
    const FileKind kind = *kind_of(file);
    const std::string name = label_ + "/" + file.lexically_relative(folder).generic_string();
    std::size_t tunes = 1;
    if (kind == FileKind::abc) {
      try {
        tunes = split_abc(MappedFile(file).bytes(), file.string()).size();
      } catch (const Error&) {
        tunes = 1;  // reading it will say what is wrong
      }
    }
    for (std::size_t tune = 0; tune < tunes; ++tune) {
      songs_.push_back({tunes > 1 ? fmt::format("{}#{}", name, tune + 1) : name, file, kind, tune});
    }
  }

  CorpusOptions options_;
  std::vector<Song> songs_;
};

}  // namespace

std::string_view split_by_name(std::string_view name) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return pop909_split(static_cast<int>(hash % 20));
}

std::unique_ptr<const SongCorpus> open_corpus(const fs::path& folder, const CorpusOptions& options) {
  try {
    return std::make_unique<Pop909Corpus>(folder, list_pop909(folder));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::nothing_found) throw;
  }
  auto corpus = std::make_unique<FilesCorpus>(folder, options);
  if (corpus->numbers().empty()) {
    throw Error(ErrorCode::nothing_found,
                folder.string() +
                    ": expected POP909's folders 001, 002, ... or MIDI, MusicXML or ABC files, "
                    "found none");
  }
  return corpus;
}

}  // namespace pop2piano
