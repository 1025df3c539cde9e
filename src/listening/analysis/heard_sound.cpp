// SPDX-License-Identifier: MIT
#include "listening/analysis/heard_sound.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>

#include "listening/melody/tuning.h"

namespace pop2piano {
namespace {

constexpr float kSilent = 1e-3F;      // of the largest magnitude: -60 dB
constexpr double kLongestRest = 4.0;  // seconds of silence that belong to the music: a bar or two
// Silence at the start and within is taken out by whole tenths of a second, the end goes up to the next multiple behind
// an offset: silence that a program put in lies at such times, and then what is heard is the same sample by sample. A
// cut rings for some samples, which must not move anything.
constexpr double kTenth = 0.1, kRinging = 0.0027, kRounding = 0.2, kRoundingOffset = 0.065;  // seconds
constexpr std::size_t kBlocksASecond = 100;
constexpr std::size_t kAfter = 10;  // blocks from an onset on that must sound
constexpr double kFaint = 5e-5;     // of the energy of what sounds: -43 dB
// Sum of squares of every hundredth of a second.
class Energies {
 public:
  explicit Energies(int sample_rate) : rate_(static_cast<std::size_t>(sample_rate)) {}
  void push(std::span<const float> samples) {
    for (const float sample : samples) {
      const std::size_t block = at_++ * kBlocksASecond / rate_;
      if (block >= sums_.size()) sums_.resize(block + 1, 0.0);
      sums_[block] += double{sample} * sample;
    }
  }
  [[nodiscard]] const std::vector<double>& sums() const { return sums_; }

 private:
  std::size_t rate_, at_ = 0;
  std::vector<double> sums_;
};

}  // namespace

HeardSound::HeardSound(const Recording& recording, ThreadPool& pool, const Monitor& monitor) : recording_(recording) {
  if (recording.peak() <= 0.0F) {
    throw Error(ErrorCode::nothing_found,
                recording.name() + ": no beats found: it is digital silence; there is nothing to cover");
  }
  gain_ = levelling_gain(recording);
  TuningEstimator tuning(recording.sample_rate(), pool);
  Energies energies(recording.sample_rate());
  std::int64_t at = 0;
  read_levelled_blocks(recording, {}, monitor, [&](std::span<const float> samples) {
    energies.push(samples);
    tuning.push(samples);
    find_parts(samples, at);
    at += static_cast<std::int64_t>(samples.size());
  });
  finish_parts();
  find_faint(energies.sums());
  const TuningEstimate estimate = tuning.estimate();
  tuning_ = {.cents = estimate.cents,
             .confidence = estimate.confidence,
             .drift = estimate.drift,
             .corrected = correction_of(estimate)};
}

void HeardSound::find_parts(std::span<const float> levelled, std::int64_t at) {
  const auto longest = static_cast<std::int64_t>(kLongestRest * recording_.sample_rate());
  for (std::size_t i = 0; i < levelled.size(); ++i) {
    if (std::abs(levelled[i]) < kSilent) continue;
    const std::int64_t here = at + static_cast<std::int64_t>(i);
    if (parts_.empty() || here - parts_.back().end >= longest) parts_.push_back({.first = here, .end = here});
    parts_.back().end = here + 1;
  }
}

void HeardSound::finish_parts() {
  const double rate = recording_.sample_rate();
  const auto samples = [rate](double seconds) { return static_cast<std::int64_t>(seconds * rate); };
  std::int64_t before = 0, heard = 0;  // end of the part before, samples that are heard
  for (Part& part : parts_) {
    part.first = before + (part.first - before + samples(kRinging)) / samples(kTenth) * samples(kTenth);
    before = part.end;
    heard += part.end - part.first;
  }
  const std::int64_t unit = samples(kRounding), beyond = (heard - samples(kRoundingOffset)) % unit;
  parts_.back().end += (unit - beyond) % unit;
  for (const Part& part : parts_) {
    sounding_.push_back({static_cast<double>(part.first) / rate, static_cast<double>(part.end) / rate});
  }
}

void HeardSound::hear_everything() {
  parts_ = {{.first = 0, .end = recording_.sample_count()}};
  sounding_ = {{0.0, recording_.duration()}};
}

void HeardSound::find_faint(std::span<const double> energies) {
  constexpr double kBlock = 1.0 / kBlocksASecond;
  double sum = 0.0, seconds = 0.0;
  for (const TimeSpan& part : sounding_) seconds += part.end - part.start;
  for (const double energy : energies) sum += energy;
  const double least = kFaint * sum / seconds * kBlock * kAfter;
  for (std::size_t k = 0; k < energies.size(); ++k) {
    double after = 0.0;
    for (std::size_t i = k; i < std::min(energies.size(), k + kAfter); ++i) after += energies[i];
    if (after >= least) continue;
    const double start = static_cast<double>(k) * kBlock;
    if (faint_.empty() || faint_.back().end < start - 0.5 * kBlock) faint_.push_back({start, start});
    faint_.back().end = static_cast<double>(k + 1) * kBlock;
  }
}

void HeardSound::read(const ReadingProgress& progress, const Monitor& monitor,
                      const std::function<void(std::span<const float>)>& use,
                      const std::function<void(std::span<const float>)>& whole) const {
  std::vector<float> levelled;
  std::int64_t at = 0;
  read_blocks(recording_, progress, monitor, [&](std::span<const float> samples) {
    if (whole) whole(samples);
    const auto count = static_cast<std::int64_t>(samples.size());
    for (const Part& part : parts_) {
      const std::int64_t first = std::max(part.first - at, std::int64_t{0}), end = std::min(part.end - at, count);
      if (first >= end) continue;
      const auto heard = samples.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first));
      levelled.assign(heard.begin(), heard.end());
      for (float& sample : levelled) sample *= gain_;
      use(levelled);
    }
    at += count;
  });
  if (const std::int64_t beyond = parts_.back().end - at; beyond > 0) {
    levelled.assign(static_cast<std::size_t>(beyond), 0.0F);
    use(levelled);
  }
}

}  // namespace pop2piano
