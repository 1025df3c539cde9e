// SPDX-License-Identifier: MIT
#include "sound/audio/output_clock.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pop2piano {
namespace {

constexpr double kTolerance = 0.05;        // seconds; stamps of healthy files lie closer to the sum
constexpr double kMostSilence = 30.0;      // seconds for one gap; beyond: a clock that was set anew
constexpr double kFreeSilence = 60.0;      // seconds for all gaps, and ...
constexpr double kSilencePerSound = 10.0;  // ... so many for each second that sounds; a few bytes may claim hours
constexpr double kConfirmSeconds = 0.3;    // so long all stamps must agree that something is missing
constexpr std::size_t kConfirmStamps = 3;  // and so many
constexpr std::size_t kMostHeld = 1000;    // frames; then what they say counts, however short they are
constexpr double kDrift = 0.005;           // of the time; clocks of recorders differ by less

}  // namespace

double TimedFrame::seconds() const {
  return static_cast<double>(samples.size() / static_cast<std::size_t>(channels)) / rate;
}

bool OutputClock::in_time(const Held& held) { return held.late && std::abs(*held.late) <= kTolerance; }

void OutputClock::follow(double late, double seconds) {
  *offset_ += std::clamp(late, -kDrift * seconds, kDrift * seconds);
}

double OutputClock::most_silence() const {
  const double sound = sum_ - silence_;
  return std::clamp(kFreeSilence + kSilencePerSound * sound - silence_, 0.0, kMostSilence);
}

void OutputClock::put_silence(double seconds) {
  const TimedFrame& next = held_.front().frame;
  const auto frames = static_cast<std::size_t>(std::llround(seconds * next.rate));
  if (frames == 0) return;
  const auto channels = static_cast<std::size_t>(next.channels);
  ready_.push_back({.samples = std::vector<float>(frames * channels, 0.0F),
                    .rate = next.rate,
                    .channels = next.channels,
                    .silence = true});
  const double exact = static_cast<double>(frames) / next.rate;
  silence_ += exact;
  sum_ += exact;
  last_late_ -= exact;
  for (Held& held : held_) {
    if (held.late) *held.late -= exact;
  }
}

// Drops the beginning of what is held, at most as much as silence was put in before.
double OutputClock::take_back(double seconds) {
  const double wanted = std::min(seconds, silence_);
  double taken = 0.0;
  for (Held& held : held_) {
    TimedFrame& frame = held.frame;
    const auto channels = static_cast<std::size_t>(frame.channels);
    const auto here = std::min(static_cast<std::size_t>(std::llround((wanted - taken) * frame.rate)),
                               frame.samples.size() / channels);
    frame.samples.erase(frame.samples.begin(), frame.samples.begin() + static_cast<std::ptrdiff_t>(here * channels));
    taken += static_cast<double>(here) / frame.rate;
  }
  silence_ = std::max(0.0, silence_ - taken);
  sum_ -= taken;
  last_late_ += taken;
  held_seconds_ -= taken;
  for (Held& held : held_) {
    if (held.late) *held.late += taken;
  }
  return taken;
}

void OutputClock::push(TimedFrame frame) {
  const double seconds = frame.seconds();
  if (frame.damaged_before) settle(Until::end);  // what came before the damage says nothing of what comes after
  Held held{.frame = std::move(frame), .late = std::nullopt};
  const double lost = held.frame.damaged_before ? held.frame.lost_before : 0.0;
  if (held.frame.stamp) {
    if (!offset_) offset_ = *held.frame.stamp - sum_ - lost;
    held.late = *held.frame.stamp - sum_ - *offset_;
  }
  const double gap = held.frame.damaged_before ? held.late.value_or(lost) : 0.0;
  held_seconds_ += seconds;
  held_stamps_ += held.late ? 1U : 0U;
  held_.push_back(std::move(held));
  put_silence(std::clamp(gap, 0.0, most_silence()));
  sum_ += seconds;
  settle(Until::now);
}

void OutputClock::finish() { settle(Until::end); }

std::optional<TimedFrame> OutputClock::pop() {
  if (ready_.empty()) return std::nullopt;
  std::optional<TimedFrame> next = std::move(ready_.front());
  ready_.pop_front();
  return next;
}

void OutputClock::release(std::size_t count) {
  for (; count > 0; --count) {
    last_late_ = held_.front().late.value_or(last_late_);
    held_seconds_ -= held_.front().frame.seconds();
    held_stamps_ -= held_.front().late ? 1U : 0U;
    ready_.push_back(std::move(held_.front().frame));
    held_.pop_front();
  }
}

bool OutputClock::confirmed(Until until) const {
  if (held_stamps_ < kConfirmStamps) return false;
  return until == Until::end || held_seconds_ >= kConfirmSeconds || held_.size() >= kMostHeld;
}

void OutputClock::move_offset(double seconds) {
  *offset_ += seconds;
  last_late_ -= seconds;
  for (Held& held : held_) {
    if (held.late) *held.late -= seconds;
  }
}

// All stamps that are held are off. A gap is where they jumped at once and then ran on with the samples; it is as long
// as the nearest of them says.
void OutputClock::correct() {
  double least = *held_.front().late, most = least;
  for (const Held& held : held_) {
    if (!held.late) continue;
    least = std::min(least, *held.late);
    most = std::max(most, *held.late);
  }
  const bool jumped = std::abs(least - last_late_) > kTolerance && std::abs(most - last_late_) > kTolerance;
  if (most - least > kTolerance) {
    release(1);  // they contradict each other
  } else if (!jumped || least > most_silence()) {
    move_offset(least);  // the container's clock runs faster or slower, or was set anew
  } else if (least > 0.0) {
    put_silence(least);
  } else {
    move_offset(most + take_back(-most));
  }
}

void OutputClock::release_settled() {
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (!in_time(held_[i])) continue;
    follow(*held_[i].late, held_[i].frame.seconds());
    return release(i + 1);
  }
}

void OutputClock::settle(Until until) {
  if (!held_.empty() && in_time(held_.back())) {
    follow(*held_.back().late, held_.back().frame.seconds());
    release(held_.size());
  }
  while (!held_.empty()) {
    if (!held_.front().late) {
      release(1);
    } else if (confirmed(until)) {
      correct();
      release_settled();
    } else {
      if (until == Until::end) release(held_.size());
      return;
    }
  }
}

}  // namespace pop2piano
