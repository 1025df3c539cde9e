// SPDX-License-Identifier: MIT
// Score -> events -> synthesiser -> limiter -> WAV, block by block.
#include <pop2piano/render.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "sound/audio/wav_writer.h"
#include "sound/render/limiter.h"
#include "sound/render/synth.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBlockFrames = 4096;  // 93 ms: how often progress and cancel are looked at
constexpr double kLongestTail = 8.0;        // seconds that voices may ring on after the last event
constexpr double kReverbTail = 0.5;         // seconds of reverberation after the last voice
constexpr double kMaxSeconds = 24.0 * 3600.0;
constexpr int kUndecidedVelocity = 80;

void check_options(const RenderOptions& options) {
  if (options.sample_rate < 8000 || options.sample_rate > 96000) {
    throw Error(ErrorCode::invalid_argument,
                "render: expected 8000 to 96000 samples per second, found " + std::to_string(options.sample_rate));
  }
  if (options.program < 0 || options.program > 127) {
    throw Error(ErrorCode::invalid_argument,
                "render: expected an instrument from 0 to 127, found " + std::to_string(options.program));
  }
  if (!(std::abs(options.gain_db) <= 40.0)) {
    throw Error(ErrorCode::invalid_argument,
                "render: expected a gain of -40 to 40 dB, found " + std::to_string(options.gain_db));
  }
}

bool is_note_off(const TimedEvent& event) {
  const int kind = event.status & 0xF0;
  return kind == 0x80 || (kind == 0x90 && event.data2 == 0);
}

/// In time, at the same time note-offs first, so that a repeated note sounds anew.
std::vector<TimedEvent> in_order(std::span<const TimedEvent> events) {
  std::vector<TimedEvent> sorted(events.begin(), events.end());
  for (const TimedEvent& event : sorted) {
    if (!std::isfinite(event.seconds)) throw Error(ErrorCode::invalid_argument, "render: an event has no finite time");
    if (event.seconds > kMaxSeconds) throw Error(ErrorCode::unsupported, "render: the music is longer than 24 hours");
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const TimedEvent& a, const TimedEvent& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : is_note_off(a) && !is_note_off(b);
  });
  return sorted;
}

/// The synthesiser's sound, limited, in a file.
class Performance {
 public:
  Performance(const std::filesystem::path& wav, const RenderOptions& options)
      : rate_(options.sample_rate),
        writer_(wav, {.sample_rate = options.sample_rate}),
        synth_(find_soundfont(options.soundfont), options),
        limiter_({.sample_rate = options.sample_rate}) {}

  [[nodiscard]] std::int64_t frame_at(double seconds) const { return std::llround(std::max(seconds, 0.0) * rate_); }
  [[nodiscard]] std::int64_t frame() const { return frame_; }
  void play(const TimedEvent& event) { synth_.play(event); }

  /// Renders up to a frame, at most a block; returns false when already there.
  bool advance(std::int64_t until) {
    if (frame_ >= until) return false;
    const auto frames = std::min(static_cast<std::size_t>(until - frame_), kBlockFrames);
    block_.resize(2 * frames);
    synth_.render(block_);
    limited_.clear();
    limiter_.push(block_, limited_);
    writer_.write(limited_);
    frame_ += static_cast<std::int64_t>(frames);
    return true;
  }

  void ring_out(const Monitor& monitor) {
    const std::int64_t latest = frame_ + frame_at(kLongestTail);
    while (synth_.sounding() && advance(std::min(latest, frame_ + static_cast<std::int64_t>(kBlockFrames))))
      monitor.check();
    const std::int64_t end = frame_ + frame_at(kReverbTail);
    while (advance(end)) monitor.check();
  }

  void finish() {
    limited_.clear();
    limiter_.finish(limited_);
    writer_.write(limited_);
    writer_.commit();
  }

 private:
  int rate_;
  WavWriter writer_;
  Synth synth_;
  Limiter limiter_;
  std::vector<float> block_, limited_;  // [frames, 2]
  std::int64_t frame_ = 0;
};

/// `least_seconds`: how long the file is at least.
void perform(std::span<const TimedEvent> events, double least_seconds, const std::filesystem::path& wav,
             const RenderOptions& options, const Monitor& monitor) {
  check_options(options);
  const auto sorted = in_order(events);
  const double last = std::max(sorted.empty() ? 0.0 : sorted.back().seconds, std::min(least_seconds, kMaxSeconds));
  Performance performance(wav, options);
  const auto go_to = [&](double seconds) {
    while (performance.advance(performance.frame_at(seconds))) {
      monitor.check();
      monitor.report("render", std::min(1.0, static_cast<double>(performance.frame()) / options.sample_rate / last));
    }
  };
  for (const TimedEvent& event : sorted) {
    go_to(event.seconds);
    performance.play(event);
  }
  go_to(last);
  performance.ring_out(monitor);
  monitor.check();
  performance.finish();
  monitor.report("render", 1.0);
}

}  // namespace

std::vector<TimedEvent> events_of(const Score& score) {
  std::vector<TimedEvent> events;
  for (const Note& note : score.notes) {
    const double on = score.grid.time_at(static_cast<double>(note.onset) / kStepsPerBeat);
    const double off = score.grid.time_at(static_cast<double>(note.offset()) / kStepsPerBeat);
    if (off <= 0.0) continue;
    const int velocity = note.velocity == 0 ? kUndecidedVelocity : std::clamp<int>(note.velocity, 1, 127);
    const auto pitch = static_cast<std::uint8_t>(std::clamp<int>(note.pitch, 0, 127));
    events.push_back({std::max(on, 0.0), 0x90, pitch, static_cast<std::uint8_t>(velocity)});
    events.push_back({off, 0x80, pitch, 0});
  }
  return in_order(events);
}

void render_wav(const Score& score, const std::filesystem::path& wav, const RenderOptions& options,
                const Monitor& monitor) {
  score.grid.validate();
  perform(events_of(score), score.grid.times.back(), wav, options, monitor);
}

void render_wav(std::span<const TimedEvent> events, const std::filesystem::path& wav, const RenderOptions& options,
                const Monitor& monitor) {
  perform(events, 0.0, wav, options, monitor);
}

}  // namespace pop2piano
