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

void TuneEvidence::add_to(std::span<float> logits, const VoicesVocabulary& vocabulary, long step,
                          const std::bitset<128>& sounding) const {
  const long first = std::clamp(step, 0L, static_cast<long>(channels_.rows()));
  const long last = std::min(first + options_.window, static_cast<long>(channels_.rows()));
  if (first == last) return;
  std::array<double, kPitches> heard{};
  double total = 0.0;
  for (long k = first; k < last; ++k) {
    const auto row = channels_.row(static_cast<std::size_t>(k)).subspan(first_channel_);
    for (std::size_t s = 0; s < row.size(); ++s) {
      const auto pitch = static_cast<std::size_t>(
          std::clamp(kLowestTunePitch + static_cast<int>(s) + options_.transpose, 0, kPitches - 1));
      heard[pitch] += row[s] / static_cast<double>(options_.window);
      total += row[s] / static_cast<double>(options_.window);
    }
  }
  std::array<double, 12> chroma{};
  for (std::size_t p = 0; p < heard.size(); ++p) chroma[p % 12] += heard[p];
  const double chance = options_.floor + total / 12.0;
  const auto melody = logits.subspan(static_cast<std::size_t>(vocabulary.first_melody));
  for (std::size_t i = 0; i < static_cast<std::size_t>(vocabulary.pitch_count()); ++i) {
    const std::size_t pitch = static_cast<std::size_t>(vocabulary.lowest_pitch) + i;
    const double here = heard[pitch] + options_.octave * (chroma[pitch % 12] - heard[pitch]);
    double gain = total > 0.0 ? std::log((options_.floor + here) / chance) : -options_.silence;
    if (sounding[pitch]) gain = std::min(gain, 0.0);
    melody[i] += static_cast<float>(options_.weight * gain - options_.price);
  }
}

int TuneEvidence::steps_on(int pitch, long step) const {
  constexpr double kHeard = 0.1, kShare = 0.35;  // of the step's time, and of the tune that is heard in it
  constexpr long kLongestGap = 2;                // steps
  const auto rows = static_cast<long>(channels_.rows());
  const auto stays = [&](long k) {
    const auto row = channels_.row(static_cast<std::size_t>(k)).subspan(first_channel_);
    double total = 0.0, here = 0.0;
    for (std::size_t s = 0; s < row.size(); ++s) {
      total += row[s];
      if ((kLowestTunePitch + static_cast<int>(s) - pitch) % 12 == 0) here += row[s];
    }
    return total >= kHeard && here >= kShare * total;
  };
  long last = -1;
  const long longest = std::min(rows, step + 2L * kStepsPerBeat * 4);  // two bars
  for (long k = std::max(step, 0L); k < longest; ++k) {
    if (stays(k))
      last = k;
    else if (k - std::max(last, step) >= kLongestGap)
      break;
  }
  return last < 0 ? 0 : static_cast<int>(last - step + 1);
}

void TuneEvidence::add_to_durations(std::span<float> logits, const VoicesVocabulary& vocabulary, long step,
                                    int pitch) const {
  constexpr double kFurthest = 3.0;  // factors of two
  const int heard = steps_on(pitch, step);
  if (heard == 0) return;
  for (std::size_t i = 0; i < vocabulary.durations.size(); ++i) {
    const double off = std::abs(std::log2(static_cast<double>(vocabulary.durations[i]) / heard));
    logits[static_cast<std::size_t>(vocabulary.first_duration) + i] -=
        static_cast<float>(options_.weight * options_.duration * std::min(off, kFurthest));
  }
}

}  // namespace pop2piano
