// SPDX-License-Identifier: MIT
// A recording of a piano -> its notes and pedal. Twice through the sound: how loud and how tuned it is, then the notes.
// Whatever its length, half a minute of it is kept.
#pragma once

#include <pop2piano/audio.h>

#include "base/core/thread_pool.h"
#include "listening/piano/piano_network.h"
#include "listening/piano/piano_notes.h"
#include "listening/piano/solo_piano.h"

namespace pop2piano {

/// Streaming through network and note finder: levels in, notes out. Not thread-safe.
class PianoTranscriber {
 public:
  /// Borrows the network and the pool.
  PianoTranscriber(const PianoNetwork& network, ThreadPool& pool, const PianoNoteOptions& options = {})
      : network_(network), pool_(pool), finder_(options) {}

  void push(std::span<const std::uint8_t> levels);  ///< one frame [kPianoLevels]
  /// Call once.
  [[nodiscard]] PianoTranscription finish();

 private:
  void run(std::size_t count);

  const PianoNetwork& network_;
  ThreadPool& pool_;
  PianoNoteFinder finder_;
  SoloPianoSurvey survey_;
  Matrix<std::uint8_t> waiting_;  // frames from `kept_` before the next to be looked at
  std::size_t kept_ = 0;
};

/// The notes of a recording that has kPianoSampleRate. Stages reported: "listen", "transcribe". Throws Error:
/// invalid_argument (another sample rate), cancelled, what the recording throws.
[[nodiscard]] PianoTranscription transcribe_piano(const Recording& recording, const PianoNetwork& network,
                                                  ThreadPool& pool, const Monitor& monitor = {},
                                                  const PianoNoteOptions& options = {});

}  // namespace pop2piano
