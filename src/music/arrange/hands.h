// SPDX-License-Identifier: MIT
// Every note to the right or the left hand, so that two hands can play it: a beam search over time with costs for
// stretch, movement, crossing, register and the melody's place; where no hand can reach, the arrangement gives way.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

struct HandOptions {
  int max_span = 15;    ///< semitones that one hand reaches at any instant, held notes included: 15 a (minor) tenth
  int max_notes = 5;    ///< that one hand holds at any instant
  int beam_width = 12;  ///< assignments that are pursued at a time
};

/// Sets `hand` of every note; hands given before are not looked at. Expects notes as clean_notes() leaves them and
/// leaves them so. What cannot be reached gives way in this order: a held note is let go, a note moves by octaves, a
/// doubled pitch class or an inner note is dropped; never the melody, nor the bass on a downbeat. Returns the changes
/// by onset. Afterwards count_unplayable() is 0.
std::vector<NoteChange> assign_hands(std::vector<Note>& notes, const HandOptions& options = {});

/// Onset times at which a hand holds more notes or a wider span than the options allow.
[[nodiscard]] std::size_t count_unplayable(std::span<const Note> notes, const HandOptions& options = {});

}  // namespace pop2piano
