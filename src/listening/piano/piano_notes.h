// SPDX-License-Identifier: MIT
// Notes and pedal from what the piano network says frame by frame: onsets are peaks, placed between the frames by their
// neighbours (Kong et al. 2021); a note ends where it no longer sounds, at the offset that is heard there, or where its
// key is struck again; while the pedal is down it must have faded further. How hard it is struck its loudness and the
// notes around it help to say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "listening/piano/piano_network.h"
#include "listening/piano/strike_loudness.h"
#include "music/score/played_note.h"

namespace pop2piano {

/// From where the sustain pedal is down to where it goes up, in seconds.
struct PedalDown {
  double from = 0.0, to = 0.0;
};

/// What is heard of a piano. A note's offset is where it stops sounding, by its key or the pedal.
struct PianoTranscription {
  std::vector<PlayedNote> notes;  ///< by onset, then from low to high
  std::vector<PedalDown> pedal;   ///< by time, apart from each other
  double solo_piano = 0.0;        ///< probability that a piano is heard and nothing else (listening/piano/solo_piano.h)
};

struct PianoNoteOptions {
  float onset = 0.4F;      ///< least chance of an onset's peak, 0..1
  float overtone = 0.6F;   ///< the same where one begins of which it may be a partial
  float sounds = 0.6F;     ///< a note ends where its chance to sound falls below, 0..1,
  float held = 0.4F;       ///< less by as much as the chance of the pedal is above this
  float offset = 0.15F;    ///< least chance of an offset that says where exactly
  double shortest = 0.03;  ///< seconds that a note lasts at least
};

/// Streaming: push() the frames in order, then finish().
class PianoNoteFinder {
 public:
  explicit PianoNoteFinder(const PianoNoteOptions& options = {});

  /// What the network says of one frame [kPianoOutputs], and its levels [kPianoLevels].
  void push(std::span<const float> outputs, std::span<const std::uint8_t> levels);
  /// What was found; call once.
  [[nodiscard]] PianoTranscription finish();

 private:
  struct Frame {
    std::vector<float> outputs = std::vector<float>(kPianoOutputs);
    std::vector<std::uint8_t> levels = std::vector<std::uint8_t>(kPianoLevels);
  };
  struct HeardNote {
    PlayedNote note;     // its velocity is still to be set
    double touch = 0.0;  // velocity as the network hears it, 0..127
    StrikeLoudness loudness;
  };
  struct OpenNote {
    bool sounds = false;
    std::size_t since = 0;  // frame of the onset's peak
    HeardNote heard;
  };
  static constexpr std::size_t kAround = 3;  // frames seen to either side

  void look_at_middle();
  void look_at_key(std::size_t key);
  void look_at_pedal();
  void close(OpenNote& open, double end);
  [[nodiscard]] float at(std::ptrdiff_t frames_later, std::size_t output) const;
  [[nodiscard]] double peak_time(std::ptrdiff_t frames_later, std::size_t output) const;
  [[nodiscard]] bool is_peak(std::size_t output, float least) const;
  [[nodiscard]] bool may_be_partial(std::size_t key) const;
  [[nodiscard]] double end_near(std::size_t key) const;
  [[nodiscard]] float least_to_sound(std::ptrdiff_t frames_later) const;
  [[nodiscard]] double touch_of(std::size_t key) const;
  [[nodiscard]] StrikeLoudness loudness_of(std::size_t key) const;
  [[nodiscard]] std::vector<PlayedNote> notes_with_velocities();

  PianoNoteOptions options_;
  std::deque<Frame> frames_;  // the middle one and kAround before and after it
  std::size_t middle_ = 0;    // its number
  std::array<OpenNote, kPianoKeys> open_;
  bool pedal_down_ = false;
  double pedal_since_ = 0.0;
  std::vector<HeardNote> heard_;
  PianoTranscription found_;
};

}  // namespace pop2piano
