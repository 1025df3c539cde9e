// SPDX-License-Identifier: MIT
#include "listening/piano/solo_piano.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

enum Figure : std::size_t {
  kSureOnsets,    // chance of onsets, weighted by itself: 1 where all are sure
  kSharpOnsets,   // how far onsets' neighbours are from the triangle that they were taught
  kUnsureSounds,  // chance times doubt of what sounds, by the chance
  kStrayRises,    // share of what grows louder at no partial of a note that begins
  kStrayLevels,   // share of loud bands at no partial of a note that sounds
  kSwells,        // share of sounding notes that grow louder without being struck
};

constexpr std::array<std::size_t, 12> kPartialBands = [] {  // above the fundamental's, in thirds of a semitone
  return std::array<std::size_t, 12>{0, 36, 57, 72, 84, 93, 101, 108, 114, 120, 125, 129};
}();
constexpr std::uint8_t kRise = 9;    // 4.3 dB
constexpr std::uint8_t kBelow = 80;  // 39 dB: what is fainter than the loudest band by so much does not count
constexpr std::ptrdiff_t kSwellFrames = 5;

using Marks = std::array<bool, kPianoBands>;

// The bands of the key's partials.
void mark_partials(std::size_t key, Marks& marks) {
  for (const std::size_t partial : kPartialBands) {
    const std::size_t first = key * kPianoThirds + partial;
    for (std::size_t band = first; band < std::min(first + kPianoThirds, kPianoBands); ++band) marks[band] = true;
  }
}

struct Regression {
  SoloFigures means, deviations, weights;
  double constant;
};
constexpr Regression kRegression{
    .means = {0, 0, 0, 0, 0, 0}, .deviations = {1, 1, 1, 1, 1, 1}, .weights = {0, 0, 0, 0, 0, 0}, .constant = 0.0};

}  // namespace

SoloPianoSurvey::SoloPianoSurvey()
    : frames_(kBefore + kAround, Frame{std::vector<std::uint8_t>(kPianoLevels), std::vector<float>(kPianoOutputs)}) {}

void SoloPianoSurvey::push(std::span<const std::uint8_t> levels, std::span<const float> outputs) {
  frames_.push_back({{levels.begin(), levels.end()}, {outputs.begin(), outputs.end()}});
  look_at_middle();
  frames_.pop_front();
}

void SoloPianoSurvey::look_at_middle() {
  look_at_onsets();
  look_at_rises();
  look_at_sounds();
}

float SoloPianoSurvey::strongest_onset(std::ptrdiff_t from, std::ptrdiff_t to, std::size_t key) const {
  float most = 0.0F;
  for (std::ptrdiff_t i = from; i <= to; ++i) most = std::max(most, onset(i, key));
  return most;
}

void SoloPianoSurvey::look_at_onsets() {
  constexpr float kFaint = 0.1F;
  constexpr double kNear = 0.6, kFar = 0.2;  // of a triangle of 50 ms, 20 and 40 ms from its top
  for (std::size_t key = 0; key < kPianoKeys; ++key) {
    const float here = onset(0, key);
    if (here < kFaint || here <= onset(-1, key) || here < onset(1, key)) continue;
    sums_[kSureOnsets] += static_cast<double>(here) * here;
    weights_[kSureOnsets] += here;
    const double near = 0.5 * (onset(-1, key) + onset(1, key)), far = 0.5 * (onset(-2, key) + onset(2, key));
    sums_[kSharpOnsets] += std::abs(near - kNear * here) + std::abs(far - kFar * here);
    weights_[kSharpOnsets] += here;
  }
}

void SoloPianoSurvey::look_at_rises() {
  Marks begins{};
  for (std::size_t key = 0; key < kPianoKeys; ++key)
    if (strongest_onset(-3, 3, key) >= 0.3F) mark_partials(key, begins);
  const auto now = std::span(at(0).levels).subspan(kPianoBands), before = std::span(at(-2).levels).subspan(kPianoBands);
  const int least = *std::ranges::max_element(now) - kBelow;
  for (std::size_t band = 0; band < kPianoBands; ++band) {
    const int rise = static_cast<int>(now[band]) - before[band];
    if (rise < kRise || now[band] <= least) continue;
    weights_[kStrayRises] += rise;
    if (!begins[band]) sums_[kStrayRises] += rise;
  }
}

void SoloPianoSurvey::look_at_sounds() {
  Marks sounding{};
  for (std::size_t key = 0; key < kPianoKeys; ++key) {
    const float sounds = at(0).outputs[piano_output(key, PianoHead::sounds)];
    if (sounds >= 0.3F || strongest_onset(-3, 3, key) >= 0.3F) mark_partials(key, sounding);
    sums_[kUnsureSounds] += static_cast<double>(sounds) * (1.0 - sounds);
    weights_[kUnsureSounds] += sounds;
    if (sounds < 0.5F || strongest_onset(-static_cast<std::ptrdiff_t>(kBefore), 3, key) >= 0.1F) continue;
    const std::size_t band = key * kPianoThirds + 1;
    weights_[kSwells] += 1.0;
    if (at(0).levels[band] > at(-kSwellFrames).levels[band] + 1) sums_[kSwells] += 1.0;
  }
  const auto now = std::span(at(0).levels).first(kPianoBands);
  const int least = *std::ranges::max_element(now) - kBelow / 2;
  for (std::size_t band = 0; band < kPianoBands; ++band) {
    const int above = static_cast<int>(now[band]) - std::max(least, 1);
    if (above <= 0) continue;
    weights_[kStrayLevels] += above;
    if (!sounding[band]) sums_[kStrayLevels] += above;
  }
}

SoloFigures SoloPianoSurvey::figures() const {
  SoloFigures figures{};
  for (std::size_t i = 0; i < kSoloFigures; ++i) figures[i] = weights_[i] > 0.0 ? sums_[i] / weights_[i] : 0.0;
  return figures;
}

double SoloPianoSurvey::probability() const {
  if (weights_[kSureOnsets] <= 0.0) return 0.0;
  const SoloFigures found = figures();
  double sum = kRegression.constant;
  for (std::size_t i = 0; i < kSoloFigures; ++i)
    sum += kRegression.weights[i] * (found[i] - kRegression.means[i]) / kRegression.deviations[i];
  return 1.0 / (1.0 + std::exp(-sum));
}

}  // namespace pop2piano
