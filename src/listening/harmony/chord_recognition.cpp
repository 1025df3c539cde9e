// SPDX-License-Identifier: MIT
#include "listening/harmony/chord_recognition.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "listening/harmony/hpcp.h"

namespace pop2piano {
namespace {

constexpr std::size_t kStates = 25;  // 12 major, 12 minor, N
constexpr std::size_t kNone = 24;
constexpr double kStep = 0.1;  // seconds
using Profile = std::array<float, kPitchClasses>;

// Zero mean and unit length, so that a product is a correlation; a flat profile becomes 0.
void normalise(Profile& profile) {
  float energy = 0.0F, mean = 0.0F;
  for (const float value : profile) mean += value / kPitchClasses;
  for (float& value : profile) value -= mean;
  for (const float value : profile) energy += value * value;
  for (float& value : profile) value = energy > 1e-12F ? value / std::sqrt(energy) : 0.0F;
}

// Chord tones with six harmonics each, 0.6 times weaker from one to the next (Gomez 2006).
std::array<Profile, kNone> templates() {
  constexpr std::array<std::size_t, 6> kHarmonicClass = {0, 0, 7, 0, 4, 7};
  std::array<Profile, kNone> result{};
  for (std::size_t chord = 0; chord < kNone; ++chord) {
    const std::size_t root = chord % 12, third = chord < 12 ? 4 : 3;
    for (const std::size_t tone : {std::size_t{0}, third, std::size_t{7}}) {
      float weight = 1.0F;
      for (const std::size_t harmonic : kHarmonicClass) {
        result[chord][(root + tone + harmonic) % 12] += weight;
        weight *= 0.6F;
      }
    }
    normalise(result[chord]);
  }
  return result;
}

// Mean profile around each tenth of a second, unit length; all 0 where too little sounds.
std::vector<Profile> smoothed(const Matrix<float>& profiles, const ChordRecognitionOptions& options) {
  const auto half = static_cast<std::ptrdiff_t>(std::lround(options.smoothing * options.frame_rate / 2.0));
  const auto count = static_cast<std::ptrdiff_t>(profiles.rows());
  const auto steps = static_cast<std::size_t>(std::ceil(static_cast<double>(count) / options.frame_rate / kStep));
  std::vector<Profile> result(steps);
  for (std::size_t s = 0; s < steps; ++s) {
    const auto centre = std::lround((static_cast<double>(s) + 0.5) * kStep * options.frame_rate);
    double sounding = 0.0, frames = 0.0;
    for (std::ptrdiff_t k = std::max<std::ptrdiff_t>(0, centre - half); k <= std::min(count - 1, centre + half); ++k) {
      float sum = 0.0F;
      for (std::size_t c = 0; c < kPitchClasses; ++c) {
        const float value = profiles(static_cast<std::size_t>(k), c);
        result[s][c] += value;
        sum += value;
      }
      frames += 1.0;
      sounding += sum > 0.0F ? 1.0 : 0.0;
    }
    if (frames == 0.0 || sounding / frames < options.silence_threshold) result[s] = {};
    normalise(result[s]);
  }
  return result;
}

// Log likelihood of each state. N is as likely as a profile that fits nothing: flat.
std::array<double, kStates> likelihoods(const Profile& profile, const std::array<Profile, kNone>& shapes,
                                        double sharpness) {
  constexpr double kNoChord = 0.25;  // correlation below which nothing is better than a triad
  std::array<double, kStates> result{};
  const bool silent = std::all_of(profile.begin(), profile.end(), [](float value) { return value == 0.0F; });
  for (std::size_t s = 0; s < kNone; ++s) {
    double similarity = 0.0;
    for (std::size_t c = 0; c < kPitchClasses; ++c) similarity += static_cast<double>(profile[c]) * shapes[s][c];
    result[s] = sharpness * similarity;
  }
  result[kNone] = sharpness * (silent ? 1.0 : kNoChord);
  return result;
}

std::vector<std::size_t> most_likely_path(const std::vector<Profile>& steps, const ChordRecognitionOptions& options) {
  const auto shapes = templates();
  std::array<double, kStates> score{};
  std::vector<std::array<std::size_t, kStates>> from(steps.size());
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const auto best = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
    const auto fit = likelihoods(steps[t], shapes, options.sharpness);
    const double change = score[best] - options.change_penalty;
    for (std::size_t s = 0; s < kStates; ++s) {
      from[t][s] = change > score[s] ? best : s;
      score[s] = std::max(score[s], change) + fit[s];
    }
  }
  std::vector<std::size_t> path(steps.size());
  auto state = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
  for (std::size_t t = steps.size(); t-- > 0;) {
    path[t] = state;
    state = from[t][state];
  }
  return path;
}

std::string label_of(std::size_t state) {
  constexpr std::array<const char*, 12> kNames = {"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};
  if (state == kNone) return "N";
  return std::string(kNames[state % 12]) + (state < 12 ? ":maj" : ":min");
}

}  // namespace

std::vector<LabelledChord> recognise_chords(const Matrix<float>& profiles, const ChordRecognitionOptions& options) {
  const std::vector<std::size_t> path = most_likely_path(smoothed(profiles, options), options);
  const double end = static_cast<double>(profiles.rows()) / options.frame_rate;
  std::vector<LabelledChord> chords;
  for (std::size_t t = 0; t < path.size(); ++t) {
    const double next = t + 1 == path.size() ? end : static_cast<double>(t + 1) * kStep;
    if (t > 0 && path[t] == path[t - 1]) {
      chords.back().end = next;
    } else {
      chords.push_back({static_cast<double>(t) * kStep, next, label_of(path[t])});
    }
  }
  return chords;
}

}  // namespace pop2piano
