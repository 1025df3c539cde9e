// SPDX-License-Identifier: MIT
#include "listening/align/analysis_sound.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "listening/melody/pitch_contour.h"

namespace pop2piano {
namespace {

constexpr std::size_t kHarmonics = 8;
constexpr double kRelease = 0.05;  // seconds
constexpr double kLoudest = 0.1;   // amplitude of a note at full velocity

// Decaying sinusoids by recursion: y[n] = 2 r cos(w) y[n-1] - r^2 y[n-2].
struct Resonators {
  std::array<float, kHarmonics> feedback{}, damping{}, last{}, before{};

  Resonators(double frequency, double amplitude, int sample_rate) {
    for (std::size_t h = 0; h < kHarmonics; ++h) {
      const double partial = frequency * static_cast<double>(h + 1);
      if (partial >= 0.45 * sample_rate) break;
      const double decay = std::exp(-(1.0 + 0.7 * static_cast<double>(h) + frequency / 800.0) / sample_rate);
      const double angle = 2.0 * std::numbers::pi * partial / sample_rate;
      feedback[h] = static_cast<float>(2.0 * decay * std::cos(angle));
      damping[h] = static_cast<float>(decay * decay);
      last[h] = static_cast<float>(amplitude / static_cast<double>(h + 1) * std::sin(angle));
    }
  }
  float next() {
    float sum = 0.0F;
    for (std::size_t h = 0; h < kHarmonics; ++h) {
      sum += last[h];
      const float value = feedback[h] * last[h] - damping[h] * before[h];
      before[h] = last[h];
      last[h] = value;
    }
    return sum;
  }
};

void add_note(const PlayedNote& note, int sample_rate, std::span<float> out) {
  const auto first = static_cast<std::size_t>(std::max(0.0, note.onset) * sample_rate);
  const auto held = static_cast<std::size_t>(std::max(0.0, note.offset - std::max(0.0, note.onset)) * sample_rate);
  const auto release = static_cast<std::size_t>(kRelease * sample_rate);
  const double loudness = std::clamp(note.velocity, 1, 127) / 127.0;
  Resonators sound(midi_to_hz(note.pitch), kLoudest * loudness * loudness, sample_rate);
  for (std::size_t i = 0; i < held + release && first + i < out.size(); ++i) {
    const float fade = i < held ? 1.0F : 1.0F - static_cast<float>(i - held) / static_cast<float>(release);
    out[first + i] += fade * sound.next();
  }
}

}  // namespace

std::vector<float> analysis_sound(std::span<const PlayedNote> notes, int sample_rate) {
  double end = 0.0;
  for (const PlayedNote& note : notes) end = std::max(end, note.offset);
  end = std::min(end + kRelease, kLongestAnalysisSound);
  std::vector<float> out(notes.empty() ? 0 : static_cast<std::size_t>(end * sample_rate) + 1);
  for (const PlayedNote& note : notes) add_note(note, sample_rate, out);
  return out;
}

}  // namespace pop2piano
