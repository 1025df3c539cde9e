// SPDX-License-Identifier: MIT
#include "listening/melody/heard_melody.h"

#include <pop2piano/model.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "listening/melody/melody_network.h"
#include "sound/dsp/beat_synchronous.h"

namespace pop2piano {
namespace {

constexpr int kLongest = kStepsPerBeat;  // steps of a note that are asked for
constexpr int kEarlyOrLate = 1;          // steps by which a beginning may be off
constexpr int kFifth = 7;
constexpr float kSure = 0.55F;  // chance of the likeliest pitch in the surest tenth of a song whose singer is heard

// What is heard of a song's melody, as the cover's notes ask for it.
class Evidence {
 public:
  /// `octave`: semitones from the cover's melody to what is heard.
  Evidence(Span2D<const float> heard, int octave, const HeardMelodyOptions& options)
      : heard_(heard), octave_(octave), options_(options) {}

  [[nodiscard]] float gain(const Note& note) const {
    float exact = 0.0F, other = 0.0F;
    for (int away = -24; away <= 24; away += 12) {
      const int pitch = note.pitch + octave_ + away;
      const float here = options_.sounds * sounding(note, pitch) + options_.begins * beginning(note, pitch);
      (away == 0 ? exact : other) += here;
    }
    return exact + options_.octave * other;
  }

 private:
  [[nodiscard]] float chance(int step, int pitch, std::size_t first) const {
    const int place = pitch - kLowestMelodyPitch;
    if (step < 0 || step >= static_cast<int>(heard_.rows()) || place < 0 || place >= static_cast<int>(kMelodyPitches)) {
      return 0.0F;
    }
    return heard_.row(static_cast<std::size_t>(step))[first + static_cast<std::size_t>(place)];
  }
  [[nodiscard]] float sounding(const Note& note, int pitch) const {
    const int steps = std::min<int>(note.duration, kLongest);
    float sum = 0.0F;
    for (int k = 0; k < steps; ++k) sum += chance(note.onset + k, pitch, kMelodyPitches);
    return sum / static_cast<float>(steps);
  }
  [[nodiscard]] float beginning(const Note& note, int pitch) const {
    float most = 0.0F;
    for (int k = -kEarlyOrLate; k <= kEarlyOrLate; ++k) most = std::max(most, chance(note.onset + k, pitch, 0));
    return most;
  }

  Span2D<const float> heard_;
  int octave_;
  const HeardMelodyOptions& options_;
};

// A note that may be the melody, or none at an onset (`note` == none): then `pitch` is that of the last one before.
struct LineNote {
  std::size_t note = kNone;
  int pitch = 0;  // 0: no melody so far
  float gain = 0.0F;
  std::size_t from = 0;  // candidate of the onset before
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
};

class MelodyLine {
 public:
  MelodyLine(std::span<const Note> notes, const Evidence& evidence, const HeardMelodyOptions& options)
      : notes_(notes), evidence_(evidence), options_(options) {
    for (std::size_t first = 0; first < notes_.size();) first = add_onset(first);
  }

  [[nodiscard]] float gain() const { return std::ranges::max(onsets_.back(), {}, &LineNote::gain).gain; }
  // Of the notes, those of the line.
  [[nodiscard]] std::vector<std::size_t> line() const {
    std::vector<std::size_t> result;
    const auto& last = onsets_.back();
    auto k = static_cast<std::size_t>(std::ranges::max_element(last, {}, &LineNote::gain) - last.begin());
    for (std::size_t onset = onsets_.size(); onset-- > 0;) {
      const LineNote& candidate = onsets_[onset][k];
      if (candidate.note != LineNote::kNone) result.push_back(candidate.note);
      k = candidate.from;
    }
    return result;
  }

 private:
  // The candidates of the notes that begin with note `first`; returns the first of the next onset.
  std::size_t add_onset(std::size_t first) {
    std::size_t end = first;
    while (end < notes_.size() && notes_[end].onset == notes_[first].onset) ++end;
    std::vector<LineNote> here{best_before(LineNote::kNone)};
    for (std::size_t k = first; k < end; ++k) {
      LineNote candidate = best_before(k);
      candidate.gain += evidence_.gain(notes_[k]) - options_.price + (is_top(k, first) ? options_.top : 0.0F);
      here.push_back(candidate);
    }
    onsets_.push_back(std::move(here));
    return end;
  }

  [[nodiscard]] LineNote best_before(std::size_t note) const {
    LineNote best{.note = note, .pitch = note == LineNote::kNone ? 0 : notes_[note].pitch};
    if (onsets_.empty()) return best;
    best.gain = -std::numeric_limits<float>::infinity();
    const auto& before = onsets_.back();
    for (std::size_t k = 0; k < before.size(); ++k) {
      float gain = before[k].gain;
      if (note != LineNote::kNone && before[k].pitch > 0) {
        gain -= options_.leap * static_cast<float>(std::max(0, std::abs(before[k].pitch - best.pitch) - kFifth));
      }
      if (gain <= best.gain) continue;
      best.gain = gain, best.from = k;
      if (note == LineNote::kNone) best.pitch = before[k].pitch;
    }
    return best;
  }

  // Whether nothing higher begins with it or is still held.
  [[nodiscard]] bool is_top(std::size_t note, std::size_t first) const {
    constexpr int kHeld = 8 * kStepsPerBeat;
    if (note != first) return false;
    for (std::size_t k = first; k-- > 0 && notes_[k].onset > notes_[first].onset - kHeld;) {
      if (notes_[k].offset() > notes_[first].onset && notes_[k].pitch > notes_[first].pitch) return false;
    }
    return true;
  }

  std::span<const Note> notes_;
  Evidence evidence_;
  const HeardMelodyOptions& options_;
  std::vector<std::vector<LineNote>> onsets_;
};

// The chance of the likeliest pitch in the surest tenth of the steps.
float sureness_of(const Matrix<float>& heard) {
  std::vector<float> likeliest;
  for (std::size_t k = 0; k < heard.rows(); ++k) {
    likeliest.push_back(std::ranges::max(heard.row(k).subspan(kMelodyPitches)));
  }
  if (likeliest.empty()) return 0.0F;
  const auto tenth = likeliest.end() - static_cast<std::ptrdiff_t>(likeliest.size() / 10 + 1);
  std::nth_element(likeliest.begin(), tenth, likeliest.end());
  return *tenth;
}

// Nothing instead of guesses, where the singer is not heard.
Matrix<float> if_sure(Matrix<float> heard) {
  if (sureness_of(heard) < kSure) std::ranges::fill(heard.flat(), 0.0F);
  return heard;
}

std::vector<float> at_full_level(std::span<const float> sound) {
  const float peak = std::accumulate(sound.begin(), sound.end(), 1e-9F,
                                     [](float most, float sample) { return std::max(most, std::abs(sample)); });
  std::vector<float> result(sound.begin(), sound.end());
  for (float& sample : result) sample /= peak;
  return result;
}

}  // namespace

Matrix<float> hear_melody(std::span<const float> sound, const BeatGrid& grid, ThreadPool& pool) {
  return hear_melody(melody_frames(at_full_level(sound), pool), sound, grid, pool);
}

Matrix<float> hear_melody(const MelodyFrames& frames, std::span<const float> sound, const BeatGrid& grid,
                          ThreadPool& pool) {
  const std::vector<double> steps = step_times_of(grid.times, kStepsPerBeat);
  Matrix<float> melody = frames.on(steps);
  const FeatureSettings settings;
  const auto network = installed_melody_network(settings);
  if (network == nullptr) {
    for (std::size_t k = 0; k < melody.rows(); ++k) std::ranges::fill(melody.row(k).first(kMelodyPitches), 0.0F);
    return if_sure(std::move(melody));
  }
  BeatSynchronousExtractor listener({.gain = static_cast<float>(settings.peak)}, steps, pool);
  listener.push(at_full_level(sound));
  Matrix<float> bands = listener.finish();
  normalise_song(bands, {.smoothing_bands = static_cast<float>(settings.smoothing_bands),
                         .scale = static_cast<float>(settings.scale),
                         .floor = static_cast<float>(settings.normalised_floor)});
  return if_sure(network->run(std::as_const(bands).view(), std::as_const(melody).view(), pool));
}

void mark_heard_melody(std::vector<Note>& notes, Span2D<const float> heard, const HeardMelodyOptions& options) {
  const auto flat = std::span(heard.data(), heard.rows() * heard.columns());
  if (notes.empty() || std::ranges::none_of(flat, [](float chance) { return chance > 0.0F; })) return;
  sort_notes(notes);
  constexpr std::array kOctaves{0, -12, 12, -24, 24};
  std::vector<std::size_t> best;
  float most = 0.0F;
  for (const int octave : kOctaves) {
    const MelodyLine line(notes, Evidence(heard, octave, options), options);
    if (line.gain() > most) most = line.gain(), best = line.line();
  }
  if (best.empty()) return;
  for (Note& note : notes) note.voice = Voice::accompaniment;
  for (const std::size_t note : best) notes[note].voice = Voice::melody;
  sort_notes(notes);
}

}  // namespace pop2piano
