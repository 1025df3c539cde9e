// SPDX-License-Identifier: MIT
// One stretch of music, played by a synthesiser of its own as if that had played from the beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sound/render/fluid_synth.h"
#include "sound/render/instrument.h"
#include "sound/render/stretches.h"

namespace pop2piano {

/// Begins silent at its frame: notes struck before are the stretch before's. What follows them sounds to the last bit
/// as in one single stretch as long as the instrument pans all notes alike, else the first 64 frames of a note may
/// differ.
class StretchPlayer {
 public:
  StretchPlayer(SoundFontShelf& shelf, const LoadedInstrument::State& instrument, const Music& music,
                std::int64_t start);

  [[nodiscard]] std::int64_t frame() const { return frame_; }
  /// What sounds from here to `until`, [frames, 2], with all events before it; the span is good until the next call.
  std::span<const float> advance(std::int64_t until);

  /// Plays the events that lie here.
  void play_due();
  [[nodiscard]] bool sounding() const { return synth_.voices() > 0; }
  /// Remembers what sounds now.
  void mark() { marked_ = synth_.youngest_voice(); }
  /// Whether something sounds of what mark() remembered.
  [[nodiscard]] bool marked_sounds() const { return synth_.sounds_from(marked_); }

 private:
  void warm_up(std::int64_t start);
  void catch_up(std::int64_t start);
  void render(std::span<float> interleaved);

  const Music& music_;
  Synth synth_;
  std::size_t next_event_ = 0;
  std::int64_t frame_;
  unsigned marked_ = 0;
  std::vector<float> block_;  // [frames, 2]
};

}  // namespace pop2piano
