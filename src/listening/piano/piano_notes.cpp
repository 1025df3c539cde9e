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
// Velocities: fitted by least squares on records of validation songs (docs/lab/piano_network.md).
constexpr double kByTouch = 0.931, kByTouchAround = 0.234, kByNotesTogether = -1.308, kByPartials = 0.103,
                 kByAll = 0.204, kByKey = -0.622;
constexpr double kStruckTogether = 0.04, kSurroundings = 1.0;  // seconds to either side
constexpr std::size_t kNeighbours = 8;                         // keys to either side
constexpr double kTrust = 8.0;                                 // notes of a key that say half of how it differs

// What a velocity is read from, in the order of the factors.
using Strike = std::array<double, 6>;
constexpr Strike kFactors{kByTouch, kByTouchAround, kByNotesTogether, kByPartials, kByAll, kByKey};

// By how much each key seems to be struck harder than those around it: most of that is the piano.
class KeyDifferences {
 public:
  void add(std::size_t key, double touch) {
    ++counts_[key];
    sums_[key] += touch;
  }
  [[nodiscard]] double of(std::size_t key) const {
    const std::size_t first = key - std::min(key, kNeighbours), last = std::min(key + kNeighbours + 1, kPianoKeys);
    double count = 0.0, sum = 0.0;
    for (std::size_t k = first; k < last; ++k) count += counts_[k], sum += sums_[k];
    return (sums_[key] / counts_[key] - sum / count) * counts_[key] / (counts_[key] + kTrust);
  }

 private:
  std::array<double, kPianoKeys> counts_{}, sums_{};
};

// A line through the means of a recording, whose own loudness says nothing of the piano's: there the velocity is the
// mean touch, the first of each strike.
std::vector<double> velocities_of(std::span<const Strike> strikes) {
  Strike means{};
  for (const Strike& strike : strikes) {
    for (std::size_t i = 0; i < means.size(); ++i) means[i] += strike[i] / static_cast<double>(strikes.size());
  }
  std::vector<double> velocities;
  for (const Strike& strike : strikes) {
    double velocity = means[0];
    for (std::size_t i = 0; i < means.size(); ++i) velocity += kFactors[i] * (strike[i] - means[i]);
    velocities.push_back(velocity);
  }
  return velocities;
}

}  // namespace

PianoNoteFinder::PianoNoteFinder(const PianoNoteOptions& options) : options_(options), frames_(kAround) {}

void PianoNoteFinder::push(std::span<const float> outputs, std::span<const std::uint8_t> levels) {
  frames_.push_back({{outputs.begin(), outputs.end()}, {levels.begin(), levels.end()}});
  if (frames_.size() <= 2 * kAround) return;
  look_at_middle();
  frames_.pop_front();
  ++middle_;
}

PianoTranscription PianoNoteFinder::finish() {
  const Frame silence;
  for (std::size_t i = 0; i < kAround; ++i) push(silence.outputs, silence.levels);
  const double end = static_cast<double>(middle_) * kPianoFrameSeconds;
  for (OpenNote& open : open_) {
    if (open.sounds) close(open, end);
  }
  if (pedal_down_ && end - pedal_since_ >= kShortestPedal) found_.pedal.push_back({pedal_since_, end});
  found_.notes = notes_with_velocities();
  return std::move(found_);
}

float PianoNoteFinder::at(std::ptrdiff_t frames_later, std::size_t output) const {
  return frames_[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(kAround) + frames_later)].outputs[output];
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
    open = {.sounds = true,
            .since = middle_,
            .heard = {.note = {.onset = time, .offset = time, .pitch = static_cast<double>(key) + kLowestPianoKey},
                      .touch = touch_of(key),
                      .loudness = loudness_of(key)}};
  }
  const bool ended = open.sounds && middle_ >= open.since + kGrace && at(0, sounds) < least_to_sound(0) &&
                     at(1, sounds) < least_to_sound(1);
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

// The key of a note that the pedal holds may be up, and what the room adds may hide how it fades.
float PianoNoteFinder::least_to_sound(std::ptrdiff_t frames_later) const {
  return options_.sounds - std::max(0.0F, at(frames_later, kPedal) - options_.held);
}

// The likeliest offset within kAround - 1 frames, or where the chance to sound falls below the threshold.
double PianoNoteFinder::end_near(std::size_t key) const {
  const std::size_t offset = piano_output(key, PianoHead::offset), sounds = piano_output(key, PianoHead::sounds);
  constexpr auto kReach = static_cast<std::ptrdiff_t>(kAround) - 1;
  std::ptrdiff_t best = -kReach;
  for (std::ptrdiff_t i = -kReach; i <= kReach; ++i) best = at(i, offset) > at(best, offset) ? i : best;
  if (at(best, offset) >= options_.offset) return peak_time(best, offset);
  const double before = at(-1, sounds) - least_to_sound(-1), here = at(0, sounds) - least_to_sound(0);
  const double share = before > 0.0 ? before / (before - here) : 1.0;
  return (static_cast<double>(middle_) - 1.0 + share) * kPianoFrameSeconds;
}

// The frames from the onset on say it more exactly than the one of the peak.
double PianoNoteFinder::touch_of(std::size_t key) const {
  const std::size_t velocity = piano_output(key, PianoHead::velocity);
  return 127.0 / 3.0 * (at(0, velocity) + at(1, velocity) + at(2, velocity));
}

StrikeLoudness PianoNoteFinder::loudness_of(std::size_t key) const {
  const std::array<std::span<const std::uint8_t>, kAround> after{
      frames_[kAround + 1].levels, frames_[kAround + 2].levels, frames_[kAround + 3].levels};
  return loudness_of_strike(key, frames_.front().levels, after);
}

// From what the network hears of the note and of those within a second, from how many are struck with it (each makes
// the others seem louder), from how loud it is, and from what the network hears of its key elsewhere.
std::vector<PlayedNote> PianoNoteFinder::notes_with_velocities() {
  std::ranges::sort(heard_, [](const HeardNote& a, const HeardNote& b) {
    return a.note.onset != b.note.onset ? a.note.onset < b.note.onset : a.note.pitch < b.note.pitch;
  });
  std::vector<double> sums{0.0};  // of the touches before each note
  KeyDifferences keys;
  const auto key_of = [](const HeardNote& heard) {
    return static_cast<std::size_t>(heard.note.pitch) - kLowestPianoKey;
  };
  for (const HeardNote& heard : heard_) {
    sums.push_back(sums.back() + heard.touch);
    keys.add(key_of(heard), heard.touch);
  }
  const auto within = [&](double seconds, const HeardNote& heard) {
    const auto onset = [](const HeardNote& other) { return other.note.onset; };
    return std::pair(std::ranges::lower_bound(heard_, heard.note.onset - seconds, {}, onset) - heard_.begin(),
                     std::ranges::upper_bound(heard_, heard.note.onset + seconds, {}, onset) - heard_.begin());
  };
  std::vector<Strike> strikes;
  for (const HeardNote& heard : heard_) {
    const auto [first_struck, last_struck] = within(kStruckTogether, heard);
    const auto [first, last] = within(kSurroundings, heard);
    const double around = (sums[static_cast<std::size_t>(last)] - sums[static_cast<std::size_t>(first)]) /
                          static_cast<double>(last - first);
    strikes.push_back({heard.touch, around, static_cast<double>(last_struck - first_struck), heard.loudness.partials,
                       heard.loudness.all, keys.of(key_of(heard))});
  }
  std::vector<PlayedNote> notes;
  for (const double velocity : velocities_of(strikes)) {
    PlayedNote& note = notes.emplace_back(heard_[notes.size()].note);
    note.velocity = std::clamp(static_cast<int>(std::lround(velocity)), 1, 127);
  }
  return notes;
}

void PianoNoteFinder::close(OpenNote& open, double end) {
  PlayedNote& note = open.heard.note;
  note.offset = std::max(end, note.onset + options_.shortest);
  heard_.push_back(open.heard);
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
