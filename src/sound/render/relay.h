// SPDX-License-Identifier: MIT
// Brings the sound of stretches, which several threads play at the same time, to one listener in order, and holds back
// threads that are too far ahead of it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace pop2piano {

/// Players call the first group, the listener the second. The listener hears stretch 0, then the one that followed it,
/// and so on.
class Relay {
 public:
  /// A stretch is not begun while it lies more than `most_ahead` behind the one that is heard; one that is not yet
  /// heard keeps at most about `most_waiting` samples.
  Relay(std::size_t stretches, std::size_t most_ahead, std::size_t most_waiting)
      : parts_(stretches), most_ahead_(most_ahead), most_waiting_(most_waiting) {}

  void thread_begins();
  void thread_ends();
  /// The next stretch to play, or none. May wait.
  std::optional<std::size_t> next_stretch();
  /// May wait. False when nobody will listen: stopped, or a stretch before has played this one too.
  bool send(std::size_t stretch, std::span<const float> sound);
  /// `stretch` ends with what was sent; from there on `follower` is heard.
  void end(std::size_t stretch, std::size_t follower);
  void fail(std::exception_ptr error);

  /// Waits a moment for what has come of `stretch`, the one that is heard; true when that was the last of it. Rethrows
  /// what a thread failed with, as all_done() does.
  bool receive(std::size_t stretch, std::vector<float>& sound);
  /// The stretch that is heard after `stretch`, which has ended.
  std::size_t go_on(std::size_t stretch);
  /// Waits a moment; true when no thread works any more.
  bool all_done();
  /// Sends all players home.
  void stop();

 private:
  struct Part {
    std::vector<float> sound;  // [frames, 2] not yet heard
    std::size_t follower = 0;  // 0: not over
  };
  std::mutex mutex_;
  std::condition_variable arrived_, moved_;
  std::vector<Part> parts_;
  std::size_t most_ahead_, most_waiting_, next_ = 0, heard_ = 0;
  int working_ = 0;
  std::exception_ptr error_;
  bool stopped_ = false;
};

}  // namespace pop2piano
