// SPDX-License-Identifier: MIT
// What the writer's encoder reads of a segment: frames of half a beat, each a row of ones and zeros. A row times the
// network's input projection is a sum of learnt embeddings, so this is a T5 that reads tokens, several to a place.
#pragma once

#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <cstddef>
#include <span>

#include "writing/writer/writer_song.h"

namespace pop2piano {

/// Where each family of channels begins in a frame.
struct SymbolChannels {
  static constexpr int kPitches = 88, kLowestPitch = 21;
  static constexpr int kBarBeats = 6;  ///< later beats of a bar count as the sixth
  static constexpr int melody = 0;  ///< onsets at the frame's first place; the next 88 at its second; 88 that sound on
  static constexpr int melody_triplet = melody + 3 * kPitches;  ///< the second place is a triplet's, not a 16th's
  static constexpr int chord_known = melody_triplet + 1;
  static constexpr int no_chord = chord_known + 1;
  static constexpr int root = no_chord + 1;
  static constexpr int tones = root + 12;
  static constexpr int bass = tones + 12;
  static constexpr int beat = bass + 12;
  static constexpr int off_beat = beat + kBarBeats;
  static constexpr int metre = off_beat + 1;  ///< 2, 3, 4, another
  static constexpr int outside = metre + 4;   ///< of the song; nothing else is set then
  static constexpr int density = outside + 1;
  static constexpr int fullness = density + SectionTexture::kDensities;
  static constexpr int text = fullness + SectionTexture::kFullnesses;  ///< as `melody`
  static constexpr int text_triplet = text + 3 * kPitches;
  static constexpr int written = text_triplet + 1;  ///< what the accompaniment does here is known
  static constexpr int count = written + 1;
};

/// How a model of features kind `symbols` must be laid out to be read here. Throws Error(unsupported) naming what
/// differs: channels or frames_per_beat.
void check_symbol_layout(const FeatureSettings& settings, const std::string& where);

/// Which passage a segment's frames show.
struct SymbolPlace {
  int first_beat = 0;     ///< of the segment; may be negative
  int recalled_beat = 0;  ///< of the earlier passage; only if `recalls`
  bool recalls = false;
  int written_from = 0;  ///< beats of the song before this one are shown as not yet written
};

/// Fills `rows` [frames, channels]: the recalled passage, the past, the segment, the future. `text`: the accompaniment
/// with onsets before the segment (later ones are not shown), in any order. The song is valid.
void fill_symbol_frames(const WriterSong& song, std::span<const Note> text, const SymbolPlace& place,
                        const FeatureSettings& settings, std::span<float> rows);

}  // namespace pop2piano
