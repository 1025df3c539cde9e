// SPDX-License-Identifier: MIT
// What the piano should play: a song's three voices on the rhythmic grid, and the style of their accompaniment.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "learning/dataset/song_record.h"
#include "music/score/symbolic_song.h"

namespace pop2piano {

/// The nearest 16th (multiple of 3 steps), or triplet (multiple of 4) if that is nearer by more than 0.35 steps.
[[nodiscard]] int quantised_step(double beats);

/// Melody = voice 0; bridge and piano = voice 1. Notes of equal onset and pitch are one (melody wins, longest
/// duration). Pitches outside the piano are folded into it by octaves. Ordered as sort_notes() orders.
[[nodiscard]] std::vector<RecordNote> piano_target(const SymbolicSong& song);

/// Style names in the order of the model's embedding; 0 is "auto".
inline constexpr std::array<std::string_view, 7> kStyleNames = {
    "auto", "sparse-broken", "sparse-chords", "flowing-broken", "flowing-chords", "dense-broken", "dense-chords"};

struct Texture {
  double notes_per_beat = 0;   ///< of the accompaniment, over the beats between its first and last note
  double notes_per_onset = 0;  ///< of the accompaniment
};
[[nodiscard]] Texture accompaniment_texture(std::span<const RecordNote> notes);

/// Index into kStyleNames. Density by thirds, broken or block chords by the median of POP909.
[[nodiscard]] int style_of(const Texture& texture);

}  // namespace pop2piano
