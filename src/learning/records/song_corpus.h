// SPDX-License-Identifier: MIT
// Songs to render, wherever they come from: POP909's folder, or any folder with MIDI files that name their melody's
// track, MusicXML lead sheets or ABC tunebooks.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "music/score/symbolic_song.h"
#include "music/scorefiles/import.h"

namespace pop2piano {

struct CorpusOptions {
  std::string
      melody_track;     ///< part of the name of the track or part with the melody; empty: melody, vocal, voice, lead
  std::string licence;  ///< of the songs, for the records; empty: it is said to be unknown
  Repeats repeats = Repeats::play;  ///< of MusicXML and ABC; MIDI has them played
};

/// Immutable; read() may be called from several threads.
class SongCorpus {
 public:
  virtual ~SongCorpus() = default;
  /// Ascending; what --songs counts.
  [[nodiscard]] const std::vector<int>& numbers() const { return numbers_; }
  /// Begins the names of its shards.
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] virtual std::string name_of(int number) const = 0;  ///< SymbolicSong::name
  [[nodiscard]] virtual std::string_view split_of(int number) const = 0;
  /// Throws Error: not_found, malformed, nothing_found (no melody, no chords), unsupported.
  [[nodiscard]] virtual SymbolicSong read(int number) const = 0;

 protected:
  std::vector<int> numbers_;
  std::string label_;
};

/// Of songs without numbers the name decides the part: one of twenty is for tests, one for validation.
[[nodiscard]] std::string_view split_by_name(std::string_view name);

/// Folders 001, 002, ...: POP909; else *.mid, *.midi, *.musicxml, *.xml, *.mxl and *.abc in the folder and below, in
/// the order of their names, numbered from 1, parted by split_by_name(). Throws Error: not_found, nothing_found.
[[nodiscard]] std::unique_ptr<const SongCorpus> open_corpus(const std::filesystem::path& folder,
                                                            const CorpusOptions& options = {});

}  // namespace pop2piano
