// SPDX-License-Identifier: MIT
// Keeps the time of what is put out: the sum of the samples. A container's time stamps only correct it, where several
// in a row agree that something is missing. Stamps that are late and then in time again, absent (further frames of a
// packet), rounded or of a clock that runs a little faster or slower change nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace pop2piano {

/// Samples of one decoded frame on their way out.
struct TimedFrame {
  std::vector<float> samples;   // [frames, channels]
  int rate = 0;                 ///< samples per second and channel
  int channels = 1;             ///< of `samples`
  std::optional<double> stamp;  ///< seconds by the container; absent: it says nothing
  double lost_before = 0.0;     ///< seconds that failed to decode before this frame, by their own account
  bool silence = false;         ///< put in by the clock
  bool damaged_before = false;  ///< something failed to decode since the last frame

  [[nodiscard]] double seconds() const;
};

class OutputClock {
 public:
  /// Takes the next frame. Frames are held back only while their stamps are in doubt.
  void push(TimedFrame frame);
  /// No further frame comes.
  void finish();
  /// The next frame to put out, or nothing as yet. Silence comes as a frame of its own.
  std::optional<TimedFrame> pop();

  /// Of silence that was put in and not taken back.
  [[nodiscard]] double silence_seconds() const { return silence_; }

 private:
  struct Held {
    TimedFrame frame;
    std::optional<double> late;  // seconds that its stamp lies behind the sum; negative: ahead of it
  };

  enum class Until : std::uint8_t { now, end };

  [[nodiscard]] static bool in_time(const Held& held);
  [[nodiscard]] bool confirmed(Until until) const;
  void settle(Until until);
  void correct();
  void release(std::size_t count);
  void release_settled();
  void follow(double late, double seconds);
  void move_offset(double seconds);
  /// Seconds that the next gap may have.
  [[nodiscard]] double most_silence() const;
  void put_silence(double seconds);
  double take_back(double seconds);

  std::deque<Held> held_;
  std::deque<TimedFrame> ready_;
  double held_seconds_ = 0.0;
  std::size_t held_stamps_ = 0;
  std::optional<double> offset_;  // of the stamps against the sum, seconds
  double last_late_ = 0.0;        // seconds, of the last frame that was put out
  double sum_ = 0.0;              // seconds that were pushed, silence included
  double silence_ = 0.0;          // seconds that were put in and may be taken back
};

}  // namespace pop2piano
