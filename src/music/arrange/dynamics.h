// SPDX-License-Identifier: MIT
// How loud each note is played: the song's loudness, the melody above the accompaniment, the metre.
#pragma once

#include <pop2piano/score.h>

#include <span>

namespace pop2piano {

struct DynamicsOptions {
  double smoothing_beats = 2.0;    ///< standard deviation of the Gaussian that smooths the loudness
  int softest = 48, loudest = 92;  ///< velocities of the quietest and loudest 5 % of beats, before voice and metre
  int melody = 12;                 ///< added to the melody
  int inner = -8;                  ///< added to accompaniment that is neither its chord's highest nor lowest note
  int downbeat = 4;                ///< added on downbeats; half of it on other beats
  int lowest = 35, highest = 110;  ///< velocities stay in between
};

/// Sets the velocity of every note. `loudness_db` [beats of the score's grid]: RMS in dB, any reference, -inf and NaN
/// count as silence; empty: an even 70 before voice and metre. Songs whose loudness hardly changes get less of a range.
void set_velocities(Score& score, std::span<const float> loudness_db, const DynamicsOptions& options = {});

/// The same velocity (1..127) for all notes.
void set_constant_velocity(Score& score, int velocity);

}  // namespace pop2piano
