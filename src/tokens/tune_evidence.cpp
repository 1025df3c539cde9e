// SPDX-License-Identifier: MIT
#include "tokens/tune_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

constexpr int kPitches = 128;

}  // namespace

int octave_to_piano(Span2D<const float> channels, std::size_t first_channel) {
  std::array<double, kPitches> heard{};
  double total = 0.0;
  for (std::size_t k = 0; k < channels.rows(); ++k) {
    const auto row = channels.row(k).subspan(first_channel);
    for (std::size_t s = 0; s < row.size() && s + kLowestTunePitch < heard.size(); ++s) {
      heard[s + kLowestTunePitch] += row[s];
      total += row[s];
    }
  }
  if (total <= 0.0) return 0;
  double below = 0.0;
  std::size_t median = 0;
  while (median + 1 < heard.size() && below + heard[median] < 0.5 * total) below += heard[median++];
  return 12 * static_cast<int>(std::lround((kPianoTunePitch - static_cast<double>(median)) / 12.0));
}

void TuneEvidence::add_to(std::span<float> logits, const VoicesVocabulary& vocabulary, long step) const {
  const long first = std::clamp(step, 0L, static_cast<long>(channels_.rows()));
  const long last = std::min(first + options_.window, static_cast<long>(channels_.rows()));
  std::array<double, kPitches> heard{};
  double total = 0.0;
  for (long k = first; k < last; ++k) {
    const auto row = channels_.row(static_cast<std::size_t>(k)).subspan(first_channel_);
    for (std::size_t s = 0; s < row.size(); ++s) {
      const auto pitch = static_cast<std::size_t>(
          std::clamp(kLowestTunePitch + static_cast<int>(s) + options_.transpose, 0, kPitches - 1));
      if (row[s] <= 0.0F) continue;
      heard[pitch] += row[s] / static_cast<double>(options_.window);
      total += row[s] / static_cast<double>(options_.window);
    }
  }
  if (total <= 0.0) return;
  std::array<double, 12> chroma{};
  for (std::size_t p = 0; p < heard.size(); ++p) chroma[p % 12] += heard[p];
  const double chance = options_.floor + total / 12.0;
  for (int i = 0; i < vocabulary.pitch_count(); ++i) {
    const auto pitch = static_cast<std::size_t>(vocabulary.lowest_pitch + i);
    const double here = heard[pitch] + options_.octave * (chroma[pitch % 12] - heard[pitch]);
    logits[static_cast<std::size_t>(vocabulary.first_melody + i)] +=
        static_cast<float>(options_.weight * std::log((options_.floor + here) / chance));
  }
}

}  // namespace pop2piano
