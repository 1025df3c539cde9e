// SPDX-License-Identifier: MIT
// Writes the accompaniment of songs with a model that reads symbols: segment after segment, each reading what the ones
// before it wrote. Several songs are written side by side. Deterministic, whatever the number of threads or songs.
#pragma once

#include <pop2piano/model.h>
#include <pop2piano/progress.h>
#include <pop2piano/score.h>

#include <memory>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "writing/tokens/voices.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// What may stand in a segment that begins at `first_step`: the grammar of voices without its melody, and no pitch at a
/// step at which the tune strikes it. `vocabulary` must outlive it.
[[nodiscard]] std::unique_ptr<TokenConstraint> accompaniment_constraint(const VoicesVocabulary& vocabulary,
                                                                        const WriterSong& song, int first_step);

/// The accompaniment of each song [songs], ordered by onset, steps from the song's beat 0, none before it or behind the
/// last beat. `style`: of the model. Of the options beams, temperature and the like count. Throws Error: unsupported (a
/// model that does not read symbols as SymbolChannels says), invalid_argument (WriterSong::validate(), style),
/// cancelled.
[[nodiscard]] std::vector<std::vector<Note>> write_songs(const Model& model, std::span<const WriterSong> songs,
                                                         int style, const GenerateOptions& options, ThreadPool& pool,
                                                         const Monitor& monitor = {});

}  // namespace pop2piano
