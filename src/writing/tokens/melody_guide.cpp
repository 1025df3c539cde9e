// SPDX-License-Identifier: MIT
#include "writing/tokens/melody_guide.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

constexpr int kPitches = 128;

// For each step log(1 + n / 0.2), n being how much more of the steps from the next on a pitch class has than of those
// up to this one. A step late, since singers glide to a pitch and a tracker follows.
std::vector<float> gains_of_onsets(Span2D<const float> channels, std::size_t first_channel) {
  constexpr std::ptrdiff_t kSpan = 3;  // steps on either side
  constexpr double kFloor = 0.2;
  const auto rows = static_cast<std::ptrdiff_t>(channels.rows());
  std::vector<std::array<double, 12>> sums(channels.rows() + 1);  // of pitch classes before each step
  for (std::size_t k = 0; k < channels.rows(); ++k) {
    sums[k + 1] = sums[k];
    const auto row = channels.row(k).subspan(first_channel);
    for (std::size_t s = 0; s < row.size(); ++s) sums[k + 1][(s + kLowestGuidePitch) % 12] += row[s];
  }
  const auto at = [&](std::ptrdiff_t step) {
    return sums[static_cast<std::size_t>(std::clamp(step, std::ptrdiff_t{0}, rows))];
  };
  std::vector<float> gains(channels.rows());
  for (std::ptrdiff_t k = 0; k < rows; ++k) {
    const auto before = at(k + 1 - kSpan), here = at(k + 1), after = at(k + 1 + kSpan);
    double more = 0.0;
    for (std::size_t c = 0; c < here.size(); ++c) more = std::max(more, after[c] - 2.0 * here[c] + before[c]);
    gains[static_cast<std::size_t>(k)] = static_cast<float>(std::log1p(more / (kFloor * kSpan)));
  }
  return gains;
}

}  // namespace

int octave_to_piano(Span2D<const float> channels, std::size_t first_channel) {
  std::array<double, kPitches> heard{};
  double total = 0.0;
  for (std::size_t k = 0; k < channels.rows(); ++k) {
    const auto row = channels.row(k).subspan(first_channel);
    for (std::size_t s = 0; s < row.size() && s + kLowestGuidePitch < heard.size(); ++s) {
      heard[s + kLowestGuidePitch] += row[s];
      total += row[s];
    }
  }
  if (total <= 0.0) return 0;
  double below = 0.0;
  std::size_t median = 0;
  while (median + 1 < heard.size() && below + heard[median] < 0.5 * total) below += heard[median++];
  return 12 * static_cast<int>(std::lround((kPianoMelodyPitch - static_cast<double>(median)) / 12.0));
}

MelodyGuide::MelodyGuide(Span2D<const float> channels, std::size_t first_channel, const MelodyGuideOptions& options)
    : channels_(channels),
      first_channel_(first_channel),
      options_(options),
      onset_gains_(gains_of_onsets(channels, first_channel)) {}

MelodyGuide::MelodyGuide(Span2D<const float> chances, const MelodyGuideOptions& options)
    : channels_(chances), first_channel_(chances.columns() / 2), options_(options) {
  constexpr double kOnsetFloor = 0.1, kEntryFloor = 0.05, kEven = 0.3;
  for (std::size_t k = 0; k < chances.rows(); ++k) {
    double begins = 0.0;  // the chance that any note does
    for (const float chance : chances.row(k).first(first_channel_)) begins += chance;
    onset_gains_.push_back(static_cast<float>(std::log1p(begins / kOnsetFloor)));
    entries_.push_back(static_cast<float>(std::log((begins + kEntryFloor) / kEven)));
  }
}

// Of each pitch as it is written, at an onset at `step` inside the song.
MelodyGuide::Heard MelodyGuide::heard_at(long step) const {
  Heard heard;
  const auto add = [&](long k, std::size_t first_channel, double share) {
    const auto row =
        channels_.row(static_cast<std::size_t>(k)).subspan(first_channel, channels_.columns() - first_channel_);
    for (std::size_t s = 0; s < row.size(); ++s) {
      const int pitch = std::clamp(kLowestGuidePitch + static_cast<int>(s) + options_.transpose, 0, kPitches - 1);
      heard.pitches[static_cast<std::size_t>(pitch)] += share * row[s];
      heard.total += share * row[s];
    }
  };
  const double begins = entries_.empty() ? 0.0 : options_.begins;
  const long last = std::min(step + options_.window, static_cast<long>(channels_.rows()));
  for (long k = step; k < last; ++k) add(k, first_channel_, (1.0 - begins) / options_.window);
  if (begins > 0.0) add(step, 0, begins);
  return heard;
}

void MelodyGuide::add_to(std::span<float> logits, const VoicesVocabulary& vocabulary, long step,
                         const WrittenMelody& written) const {
  const long onset = std::max(step, 0L);
  if (onset >= static_cast<long>(channels_.rows())) return;
  const Heard heard = heard_at(onset);
  std::array<double, 12> chroma{};
  for (std::size_t p = 0; p < heard.pitches.size(); ++p) chroma[p % 12] += heard.pitches[p];
  const double chance = options_.floor + heard.total / 12.0;
  double common = -options_.price;
  if (!entries_.empty()) {
    common += options_.weight * options_.entry * static_cast<double>(entries_[static_cast<std::size_t>(onset)]);
    if (written.at_onset) common -= options_.second;
  }
  const auto melody = logits.subspan(static_cast<std::size_t>(vocabulary.first_melody));
  for (std::size_t i = 0; i < static_cast<std::size_t>(vocabulary.pitch_count()); ++i) {
    const std::size_t pitch = static_cast<std::size_t>(vocabulary.lowest_pitch) + i;
    const double here = heard.pitches[pitch] + options_.octave * (chroma[pitch % 12] - heard.pitches[pitch]);
    double gain = heard.total > 0.0 ? std::log((options_.floor + here) / chance) : -options_.silence;
    if (written.sounding[pitch]) gain = std::min(gain, 0.0);
    melody[i] += static_cast<float>(options_.weight * gain + common);
  }
}

void MelodyGuide::add_to_onsets(std::span<float> logits, const VoicesVocabulary& vocabulary, long first_step,
                                int next) const {
  if (next < 0 || next >= vocabulary.segment_steps()) return;
  const auto onsets =
      logits.subspan(static_cast<std::size_t>(vocabulary.first_position) + static_cast<std::size_t>(next),
                     static_cast<std::size_t>(vocabulary.segment_steps() - next));
  const float most = *std::ranges::max_element(onsets);
  const auto weight = static_cast<float>(options_.weight * options_.onset);
  const auto share = static_cast<float>(options_.skipped);
  float before = 0.0F, after = 0.0F, skipped = 0.0F;
  for (std::size_t i = 0; i < onsets.size(); ++i) {
    const long step = first_step + next + static_cast<long>(i);
    const bool inside = step >= 0 && step < static_cast<long>(onset_gains_.size());
    const float gain = inside ? weight * onset_gains_[static_cast<std::size_t>(step)] : 0.0F;
    before += std::exp(onsets[i] - most);
    onsets[i] += gain - skipped;
    after += std::exp(onsets[i] - most);
    skipped += share * gain;
  }
  const float back = std::log(before / after);
  if (std::isfinite(back)) {
    for (float& onset : onsets) onset += back;
  }
}

int MelodyGuide::steps_on(int pitch, long step) const {
  constexpr double kHeard = 0.1, kShare = 0.35;  // of the step's time, and of the melody that is heard in it
  constexpr long kLongestGap = 2;                // steps
  const auto rows = static_cast<long>(channels_.rows());
  const auto stays = [&](long k) {
    const auto row = channels_.row(static_cast<std::size_t>(k)).subspan(first_channel_);
    double total = 0.0, here = 0.0;
    for (std::size_t s = 0; s < row.size(); ++s) {
      total += row[s];
      if ((kLowestGuidePitch + static_cast<int>(s) - pitch) % 12 == 0) here += row[s];
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

void MelodyGuide::add_to_durations(std::span<float> logits, const VoicesVocabulary& vocabulary, long step,
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

std::optional<MelodyGuide> melody_guide(Span2D<const float> melody, Span2D<const float> chances, double weight) {
  // Of a network's evidence more is right, and it lies on the steps that are written (docs/lab/melody_network.md).
  constexpr double kTrust = 1.4;
  if (weight <= 0.0) return std::nullopt;
  const std::size_t contour = melody.columns() / 2;
  const int transpose = octave_to_piano(melody, contour);
  if (chances.rows() == 0) {
    return MelodyGuide(melody, contour, {.weight = weight, .transpose = transpose});
  }
  return MelodyGuide(chances, {.weight = kTrust * weight, .window = 2, .transpose = transpose, .onset = 0.5});
}

}  // namespace pop2piano
