// SPDX-License-Identifier: MIT
// Where a song changes its key for good: the cheapest sequence of key signatures over its bars (Viterbi) under the
// likelihood of each bar's pitch classes, with a cost of changing that only a lasting change is worth.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

namespace pop2piano {

/// The first span begins with the first bar; none without notes.
[[nodiscard]] std::vector<KeySpan> find_key_spans(std::span<const Note> notes, const BeatGrid& grid);

/// Gives a score without spans those that are found, where there is a change: its one key becomes the one that holds
/// longest. Without a change the one key stays, or becomes the one that is found.
void find_keys(Score& score);

/// Spans as a file gives them become the one key of the score where they never change, and begin with downbeats where
/// they do; without any the key is found.
void settle_keys(Score& score);

/// The key at a beat: of the score's spans, else its one key, else the one that its notes are in.
[[nodiscard]] Key key_at(const Score& score, int beat);

/// The key that holds for most beats of the spans up to `end_beat`; `spans` must not be empty.
[[nodiscard]] Key longest_key(std::span<const KeySpan> spans, int end_beat);

}  // namespace pop2piano
