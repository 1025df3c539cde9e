// SPDX-License-Identifier: MIT
// Writes the accompaniment of songs with a model that reads symbols: segment after segment, each reading what the ones
// before it wrote. Several songs are written side by side. Deterministic, whatever the number of threads or songs.
#pragma once

#include <pop2piano/model.h>
#include <pop2piano/progress.h>
#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "writing/writer/chord_tones.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

struct WriterOptions {
  int style = 0;               ///< of the model, where the song does not say for each beat
  double bass_weight = 1.5;    ///< nats by which the bass that was told is preferred; 0: the network alone
  double return_weight = 2.0;  ///< nats by which what was written is preferred where a section returns; 0: not
  ToneWeights tones;           ///< how much the notes of the chord that was told count
  GenerateOptions search;      ///< greedy unless told otherwise
};

/// The accompaniment of each song [songs], ordered by onset, steps from the song's beat 0, none before it or behind the
/// last beat. Throws Error: unsupported (a model that does not read symbols as SymbolChannels says), invalid_argument
/// (WriterSong::validate(), style), cancelled.
[[nodiscard]] std::vector<std::vector<Note>> write_songs(const Model& model, std::span<const WriterSong> songs,
                                                         const WriterOptions& options, ThreadPool& pool,
                                                         const Monitor& monitor = {});

}  // namespace pop2piano
