// SPDX-License-Identifier: MIT
#include "listening/pulse/tempo_level.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace pop2piano {
namespace {

constexpr std::size_t kReach = 2;         // frames to either side in which a beat's evidence is looked for
constexpr std::size_t kFewest = 8;        // beats without which no level is chosen
constexpr double kLeastEvidence = -20.0;  // of a place outside the sound
constexpr double kFewestStrokes = 0.1;    // to a beat, so that silence has a logarithm
constexpr double kOctaveReach = 1.4;
constexpr double kSlowestTapped = 40, kFastestTapped = 260;  // beats a minute that anybody taps
constexpr double kOutside = 2.0;  // log odds against tempi that the tracker does not look for
constexpr double kThirds = 2.0;   // log odds against three beats in the place of two

double strongest_near(const std::vector<float>& evidence, std::size_t frame) {
  const std::size_t first = frame > kReach ? frame - kReach : 0, last = std::min(evidence.size(), frame + kReach + 1);
  return first < last ? *std::max_element(evidence.begin() + static_cast<std::ptrdiff_t>(first),
                                          evidence.begin() + static_cast<std::ptrdiff_t>(last))
                      : 0.0;
}

double tempo_of(std::span<const std::size_t> frames, double frame_rate) {
  std::vector<std::size_t> intervals;
  for (std::size_t i = 1; i < frames.size(); ++i) intervals.push_back(frames[i] - frames[i - 1]);
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return 60 * frame_rate / static_cast<double>(*middle);
}

std::vector<std::size_t> frames_of(const DecodedBeats& decoded) {
  std::vector<std::size_t> frames;
  for (const DecodedBeat& beat : decoded.beats) frames.push_back(beat.frame);
  return frames;
}

// The beats and the places halfway between them.
std::vector<std::size_t> faster_level(std::span<const std::size_t> frames) {
  std::vector<std::size_t> places;
  places.reserve(2 * frames.size());
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
    places.push_back(frames[i]);
    places.push_back((frames[i] + frames[i + 1]) / 2);
  }
  return places;
}

// What is struck halfway between the places, as a share of what is struck on them.
double share_between(const std::vector<float>& strikes, std::span<const std::size_t> places) {
  constexpr std::size_t kNear = 1;
  double on = 0, between = 0;
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    on += static_cast<double>(strongest_around(strikes, places[i], kNear, kNear));
    between += static_cast<double>(strongest_around(strikes, (places[i] + places[i + 1]) / 2, kNear, kNear));
  }
  return on > 0 ? std::min(2.0, between / on) : 0.0;
}

// How much of the values' deviation every second one stands out with: mean over windows, so that a bar of another
// length turns few of them around.
double alternation_of(std::span<const float> values) {
  constexpr std::size_t kWindow = 32;
  const auto count = static_cast<double>(values.size());
  double mean = 0, square = 0;
  for (const float value : values) mean += static_cast<double>(value) / count;
  for (const float value : values) square += std::pow(static_cast<double>(value) - mean, 2) / count;
  if (square < 1e-9) return 0;
  const std::size_t length = std::min(kWindow, values.size());
  double sum = 0, windows = 0;
  for (std::size_t first = 0; first + length <= values.size(); first += std::max<std::size_t>(1, length / 2)) {
    double difference = 0;
    for (std::size_t j = first; j < first + length; ++j)
      difference += (j % 2 == 0 ? 1 : -1) * (static_cast<double>(values[j]) - mean);
    sum += std::abs(difference) / static_cast<double>(length);
    windows += 1;
  }
  return sum / windows / std::sqrt(square);
}

// Evidence of a first beat on every place.
std::vector<double> first_beats(const BeatEvidence& evidence, std::span<const std::size_t> places) {
  std::vector<double> values;
  values.reserve(places.size());
  for (const std::size_t place : places) {
    double most = kLeastEvidence;
    for (std::size_t t = place > kReach ? place - kReach : 0; t < std::min(evidence.frames(), place + kReach + 1); ++t)
      most = std::max(most, static_cast<double>(evidence.beat[t] + evidence.downbeat[t]));
    values.push_back(most);
  }
  return values;
}

// By how much every `period`th value stands out of all, from the start that suits best; mean over windows.
double standing_out(std::span<const double> values, std::size_t period) {
  constexpr std::size_t kWindow = 48;  // a multiple of 2, 3, 4, 6 and 8
  const std::size_t length = std::min(kWindow, values.size());
  if (length < period) return 0;
  double sum = 0, windows = 0;
  for (std::size_t first = 0; first + length <= values.size(); first += std::max<std::size_t>(1, length / 2)) {
    const auto window = values.subspan(first, length);
    double best = -1e9;
    for (std::size_t start = 0; start < period; ++start) {
      double total = 0, count = 0;
      for (std::size_t i = start; i < length; i += period, ++count) total += window[i];
      best = std::max(best, total / count);
    }
    sum += best - std::accumulate(window.begin(), window.end(), 0.0) / static_cast<double>(length);
    windows += 1;
  }
  return sum / windows;
}

double bars_of_faster(const BeatEvidence& evidence, std::span<const std::size_t> places) {
  const auto values = first_beats(evidence, places);
  return std::max(standing_out(values, 3), standing_out(values, 4)) -
         std::max(standing_out(values, 6), standing_out(values, 8));
}

void hear_strikes(const BeatEvidence& evidence, std::span<const std::size_t> frames, LevelEvidence& heard) {
  if (evidence.strike.empty() || evidence.kick.empty()) return;
  const auto places = faster_level(frames);
  std::vector<float> kicks;
  kicks.reserve(places.size());
  for (const std::size_t place : places) kicks.push_back(strongest_around(evidence.kick, place, kReach, kReach));
  heard.halves = share_between(evidence.strike, places);
  heard.alternation = alternation_of(kicks);
  heard.strokes = std::log2(kFewestStrokes + 60 * evidence.strokes_per_second / heard.tempo);
  heard.bars = bars_of_faster(evidence, places);
}

// Mean evidence on a grid whose beats lie `step` found beats apart, from the start that suits best.
double mean_on(const BeatEvidence& evidence, std::span<const std::size_t> frames, double step,
               std::span<const double> starts) {
  double best = -1e9;
  for (const double start : starts) {
    double sum = 0;
    std::size_t count = 0;
    for (double at = start; at < static_cast<double>(frames.size() - 1);
         at = start + step * static_cast<double>(count)) {
      const auto beat = static_cast<std::size_t>(at + 1e-6);
      const double way = std::max(0.0, at - static_cast<double>(beat));
      const auto interval = static_cast<double>(frames[beat + 1] - frames[beat]);
      sum += strongest_near(evidence.beat, frames[beat] + static_cast<std::size_t>(std::lround(way * interval)));
      ++count;
    }
    if (count > 0) best = std::max(best, sum / static_cast<double>(count));
  }
  return best;
}

void scale_to_one(std::vector<TempoChance>& tempi) {
  const double sum = std::accumulate(tempi.begin(), tempi.end(), 0.0,
                                     [](double total, const TempoChance& one) { return total + one.chance; });
  for (TempoChance& one : tempi) one.chance /= sum;
}

}  // namespace

LevelEvidence level_evidence(const BeatEvidence& evidence, std::span<const std::size_t> frames) {
  LevelEvidence heard;
  if (frames.size() < 2) return heard;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    heard.on += strongest_near(evidence.beat, frames[i]) / static_cast<double>(frames.size());
    if (i == 0) continue;
    heard.between +=
        strongest_near(evidence.beat, (frames[i - 1] + frames[i]) / 2) / static_cast<double>(frames.size() - 1);
  }
  heard.tempo = tempo_of(frames, evidence.frame_rate);
  hear_strikes(evidence, frames, heard);
  return heard;
}

LevelEvidence half_level_evidence(const BeatEvidence& evidence, std::span<const std::size_t> frames) {
  std::array<std::vector<std::size_t>, 2> halves;
  for (std::size_t i = 0; i < frames.size(); ++i) halves[i % 2].push_back(frames[i]);
  LevelEvidence heard = level_evidence(evidence, halves[0]), other = level_evidence(evidence, halves[1]);
  if (other.on > heard.on) std::swap(heard, other);
  heard.between = other.on;
  return heard;
}

LevelWeights level_inputs(const LevelEvidence& heard) {
  return {1,
          heard.between,
          heard.on,
          std::log2(heard.tempo / kLevelTempo),
          heard.halves,
          heard.alternation,
          heard.strokes,
          heard.bars};
}

double log_odds_of_faster(const LevelEvidence& heard, const LevelWeights& weights) {
  const LevelWeights inputs = level_inputs(heard);
  return std::inner_product(inputs.begin(), inputs.end(), weights.begin(), 0.0);
}

bool is_tempo_factor(double times) {
  constexpr std::array<double, 5> kFactors{0.5, 2.0 / 3.0, 1.0, 1.5, 2.0};
  return std::any_of(kFactors.begin(), kFactors.end(), [&](double known) { return std::abs(times - known) < 0.01; });
}

std::vector<TempoChance> weigh_tempi(const BeatEvidence& evidence, std::span<const std::size_t> frames,
                                     const BeatDecoderOptions& options, const LevelWeights& weights) {
  if (frames.size() < kFewest) return {};
  const LevelEvidence heard = level_evidence(evidence, frames);
  constexpr std::array<double, 3> kThreeStarts{0.0, 0.5, 1.0};
  constexpr std::array<double, 2> kTwoStarts{0.0, 1.0};
  const double slower_third = mean_on(evidence, frames, 1.5, kThreeStarts) - heard.on;
  const double faster_third = mean_on(evidence, frames, 2.0 / 3.0, kTwoStarts) - heard.on;
  const std::array<TempoChance, 4> odds{{{0.5, -log_odds_of_faster(half_level_evidence(evidence, frames), weights)},
                                         {2.0 / 3.0, weights[1] * slower_third - kThirds},
                                         {1.5, weights[1] * faster_third - kThirds},
                                         {2.0, log_odds_of_faster(heard, weights)}}};
  std::vector<TempoChance> tempi{{1.0, 1.0}};
  for (const TempoChance& other : odds) {
    const double tempo = heard.tempo * other.times;
    if (tempo < kSlowestTapped || tempo > kFastestTapped) continue;
    const bool rare = tempo < options.min_tempo || tempo > options.max_tempo;
    tempi.push_back({other.times, std::exp(std::clamp(other.chance - (rare ? kOutside : 0.0), -30.0, 30.0))});
  }
  scale_to_one(tempi);
  return tempi;
}

void none_above_found(std::vector<TempoChance>& tempi) {
  if (tempi.empty()) return;
  for (TempoChance& one : tempi) one.chance = std::min(one.chance, tempi.front().chance);
  scale_to_one(tempi);
}

double median_tempo(const DecodedBeats& decoded, double frame_rate) { return tempo_of(frames_of(decoded), frame_rate); }

DecodedBeats decode_near(double tempo, double reach, const BeatEvidence& evidence, const BeatDecoderOptions& options,
                         const Monitor& monitor) {
  BeatDecoderOptions near = options;
  near.preferred_tempo = tempo;
  near.min_tempo = tempo / reach;
  near.max_tempo = tempo * reach;
  return decode_beats(evidence, near, monitor);
}

DecodedBeats decode_tapped_beats(const BeatEvidence& evidence, const BeatDecoderOptions& options,
                                 const LevelWeights& weights, const Monitor& monitor) {
  DecodedBeats found = decode_beats(evidence, options, monitor);
  if (found.beats.size() < kFewest) return found;
  const auto frames = frames_of(found);
  const LevelEvidence heard = level_evidence(evidence, frames);
  double tapped = heard.tempo;
  if (2 * tapped <= options.max_tempo && log_odds_of_faster(heard, weights) > 0) {
    tapped *= 2;
  } else if (tapped / 2 >= options.min_tempo &&
             log_odds_of_faster(half_level_evidence(evidence, frames), weights) < 0) {
    tapped /= 2;
  } else {
    return found;
  }
  return decode_near(tapped, kOctaveReach, evidence, options, monitor);
}

}  // namespace pop2piano
