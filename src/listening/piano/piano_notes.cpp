// SPDX-License-Identifier: MIT
#include "listening/piano/piano_notes.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pop2piano {
namespace {

constexpr std::size_t kGrace = 4;  // frames in which a note that begins need not sound yet
constexpr std::size_t kPedal = kPianoOutputs - 1;
constexpr float kPedalDown = 0.6F, kPedalUp = 0.4F;
constexpr double kShortestPedal = 0.06;                                   // seconds
constexpr auto kPartials = std::to_array<std::size_t>({12, 19, 24, 28});  // semitones above the note that has them
constexpr std::ptrdiff_t kTogether = 2;                                   // frames

}  // namespace

PianoNoteFinder::PianoNoteFinder(const PianoNoteOptions& options)
    : options_(options), frames_(kAround, std::vector<float>(kPianoOutputs)) {}

void PianoNoteFinder::push(std::span<const float> frame) {
  frames_.emplace_back(frame.begin(), frame.end());
  if (frames_.size() <= 2 * kAround) return;
  look_at_middle();
  frames_.pop_front();
  ++middle_;
}

PianoTranscription PianoNoteFinder::finish() {
  const std::vector<float> silence(kPianoOutputs);
  for (std::size_t i = 0; i < kAround; ++i) push(silence);
  const double end = static_cast<double>(middle_) * kPianoFrameSeconds;
  for (OpenNote& open : open_) {
    if (open.sounds) close(open, end);
  }
  if (pedal_down_ && end - pedal_since_ >= kShortestPedal) found_.pedal.push_back({pedal_since_, end});
  found_.notes = sorted_by_onset(found_.notes);
  return std::move(found_);
}

float PianoNoteFinder::at(std::ptrdiff_t frames_later, std::size_t output) const {
  return frames_[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(kAround) + frames_later)][output];
}

// Of a triangle that is read at three frames.
double PianoNoteFinder::peak_time(std::ptrdiff_t frames_later, std::size_t output) const {
  const double before = at(frames_later - 1, output), here = at(frames_later, output),
               after = at(frames_later + 1, output);
  const double fall = here - std::min(before, after);
  const double shift = fall > 0.0 ? std::clamp(0.5 * (after - before) / fall, -0.5, 0.5) : 0.0;
  return std::max(0.0, (static_cast<double>(middle_) + static_cast<double>(frames_later) + shift) * kPianoFrameSeconds);
}

bool PianoNoteFinder::is_peak(std::size_t output, float least) const {
  const float here = at(0, output);
  return here >= least && here > at(-1, output) && here >= at(1, output);
}

void PianoNoteFinder::look_at_middle() {
  for (std::size_t key = 0; key < kPianoKeys; ++key) look_at_key(key);
  look_at_pedal();
}

void PianoNoteFinder::look_at_key(std::size_t key) {
  OpenNote& open = open_[key];
  const std::size_t onset = piano_output(key, PianoHead::onset), sounds = piano_output(key, PianoHead::sounds);
  if (is_peak(onset, options_.onset) && (at(0, onset) >= options_.overtone || !may_be_partial(key))) {
    const double time = peak_time(0, onset);
    if (open.sounds) close(open, time);
    const float velocity = at(0, piano_output(key, PianoHead::velocity)) * 127.0F;
    open = {.sounds = true,
            .since = middle_,
            .note = {.onset = time,
                     .offset = time,
                     .pitch = static_cast<double>(key) + kLowestPianoKey,
                     .velocity = std::clamp(static_cast<int>(std::lround(velocity)), 1, 127)}};
  }
  const bool ended = open.sounds && middle_ >= open.since + kGrace && at(0, sounds) < options_.sounds &&
                     at(1, sounds) < options_.sounds;
  if (ended) close(open, end_near(key));
}

// A note begins at about the same time that has a partial at this key.
bool PianoNoteFinder::may_be_partial(std::size_t key) const {
  return std::ranges::any_of(kPartials, [&](std::size_t semitones) {
    if (key < semitones) return false;
    const std::size_t onset = piano_output(key - semitones, PianoHead::onset);
    for (std::ptrdiff_t i = -kTogether; i <= kTogether; ++i) {
      if (at(i, onset) >= options_.onset) return true;
    }
    return false;
  });
}

// The likeliest offset within kAround - 1 frames, or where the chance to sound falls below the threshold.
double PianoNoteFinder::end_near(std::size_t key) const {
  const std::size_t offset = piano_output(key, PianoHead::offset), sounds = piano_output(key, PianoHead::sounds);
  constexpr auto kReach = static_cast<std::ptrdiff_t>(kAround) - 1;
  std::ptrdiff_t best = -kReach;
  for (std::ptrdiff_t i = -kReach; i <= kReach; ++i) best = at(i, offset) > at(best, offset) ? i : best;
  if (at(best, offset) >= options_.offset) return peak_time(best, offset);
  const double before = at(-1, sounds), here = at(0, sounds);
  const double share = before > options_.sounds ? (before - options_.sounds) / (before - here) : 1.0;
  return (static_cast<double>(middle_) - 1.0 + share) * kPianoFrameSeconds;
}

void PianoNoteFinder::close(OpenNote& open, double end) {
  open.note.offset = std::max(end, open.note.onset + options_.shortest);
  found_.notes.push_back(open.note);
  open.sounds = false;
}

void PianoNoteFinder::look_at_pedal() {
  const float before = at(-1, kPedal), here = at(0, kPedal);
  const float level = pedal_down_ ? kPedalUp : kPedalDown;
  const bool crosses = pedal_down_ ? here < level : here >= level;
  if (!crosses) return;
  const double share = here != before ? std::clamp((level - before) / (here - before), 0.0F, 1.0F) : 1.0;
  const double time = std::max(0.0, (static_cast<double>(middle_) - 1.0 + share) * kPianoFrameSeconds);
  if (pedal_down_ && time - pedal_since_ >= kShortestPedal) found_.pedal.push_back({pedal_since_, time});
  pedal_down_ = !pedal_down_;
  pedal_since_ = time;
}

}  // namespace pop2piano
