// SPDX-License-Identifier: MIT
// How many of the notes of records a piano network finds, by the rules of mir_eval.transcription and
// mir_eval.transcription_velocity.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/dataset/song_record.h"
#include "listening/piano/piano_network.h"
#include "listening/piano/piano_notes.h"
#include "music/score/played_note.h"

namespace pop2piano::training {

/// F-measures 0..1 of one recording, higher is better.
struct PianoMeasures {
  double note = 0.0;           ///< pitch, and onset within 50 ms
  double with_velocity = 0.0;  ///< and velocity within 10 % after a linear fit
  double with_offset = 0.0;    ///< pitch, onset, and end within 50 ms or a fifth of the note's duration
  double pedal = 0.0;          ///< frames of 20 ms in which the pedal is down
  double onset_error = 0.0;    ///< seconds, mean distance of the onsets found
};

/// `notes`, `found`: not empty.
[[nodiscard]] PianoMeasures compare_performances(std::span<const PlayedNote> notes, std::span<const PlayedNote> found);

/// What the network finds of a record's levels beside what was played.
[[nodiscard]] PianoMeasures measure_piano(const SongView& view, const PianoNetwork& network,
                                          const PianoNoteOptions& options, ThreadPool& pool);

}  // namespace pop2piano::training
