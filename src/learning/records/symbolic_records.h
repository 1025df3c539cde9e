// SPDX-License-Identifier: MIT
// Songs as records without sound: beats, chords, the melody and a pianist's accompaniment. What the writer on symbols
// learns from.
#pragma once

#include <pop2piano/progress.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/dataset/song_record.h"
#include "learning/records/song_corpus.h"
#include "music/score/symbolic_song.h"

namespace pop2piano {

struct SymbolicRecordOptions {
  CorpusOptions corpus;
  std::filesystem::path corrections;  ///< POP909-CL's folder of NNN.mid; empty: the corpus as it is
  std::string style;                  ///< of all songs; empty: each song's texture
};

struct SymbolicRecordReport {
  std::size_t songs = 0, versions = 0, halved = 0;  ///< written
  std::size_t corrected = 0;                        ///< of the songs
  std::vector<std::string> left_out;                ///< one line each: what and why
};

/// A song without sound. Notes before its first beat are left out.
[[nodiscard]] SongRecord symbolic_record(const SymbolicSong& song, const std::string& style);

/// Writes out/LABEL.p2pd, and where there are any out/LABEL-versions.p2pd (earlier versions of training songs) and
/// out/LABEL-halved.p2pd (training songs of slow beats, counted in halves of the beat). Songs that cannot be read or
/// corrected are named in the report; the latter are written as they are. Throws Error: as open_corpus(), write_failed,
/// cancelled, nothing_found (no song could be read).
SymbolicRecordReport write_symbolic_records(const std::filesystem::path& corpus, const std::filesystem::path& out,
                                            const SymbolicRecordOptions& options, ThreadPool& pool,
                                            const Monitor& monitor = {});

}  // namespace pop2piano
