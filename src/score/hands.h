// SPDX-License-Identifier: MIT
// Every note to the right or the left hand, so that two hands can play it: a beam search over time with costs for
// stretch, movement, crossing, register and the tune's place; where no hand can reach, the arrangement gives way.
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

enum class HandChangeKind : std::uint8_t {
  shortened,  ///< a held note is let go where its hand is needed
  moved,      ///< by octaves into the hand's reach
  dropped,    ///< a doubled pitch class or an inner note; never the tune, nor the bass on a downbeat
};

struct HandChange {
  HandChangeKind kind = HandChangeKind::shortened;
  Note before, after;  ///< dropped: `after` equals `before`
};

/// Sets `hand` of every note; hands given before are not looked at. Expects notes as clean_notes() leaves them and
/// leaves them so. Returns what had to be changed, by onset. Afterwards count_unplayable() is 0.
std::vector<HandChange> assign_hands(std::vector<Note>& notes, const HandOptions& options = {});

/// Onset times at which a hand holds more notes or a wider span than the options allow.
[[nodiscard]] std::size_t count_unplayable(std::span<const Note> notes, const HandOptions& options = {});

}  // namespace pop2piano
