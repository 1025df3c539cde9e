// SPDX-License-Identifier: MIT
#include "listening/analysis/beats.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "listening/analysis/heard_time.h"
#include "listening/rhythm/beat_tracker.h"
#include "listening/rhythm/given_beats.h"
#include "sound/audio/recording_blocks.h"

namespace pop2piano {
namespace {

constexpr float kSilenceDb = -120.0F;

Rhythm track(const HeardSound& sound, const BeatOptions& options, ThreadPool& pool, const Monitor& monitor) try {
  const auto tracker = make_beat_tracker({.tempo_times = options.tempo_times,
                                          .beats_per_bar = options.beats_per_bar,
                                          .tuning_cents = sound.tuning().corrected});
  sound.read({.stage = "beats", .share = 0.8}, monitor,
             [&](std::span<const float> samples) { tracker->push(samples); });
  BeatAnalysis analysis = tracker->finish(pool, Monitor{.cancel = monitor.cancel});
  return {.grid = HeardTime(sound.sounding()).in_recording(analysis.grid),
          .given = false,
          .by_network = analysis.by_network,
          .constant_tempo = analysis.constant_tempo,
          .confidence = analysis.confidence,
          .swing_ratio = analysis.swing_ratio,
          .swung_sixteenths = analysis.swung_sixteenths,
          .key = analysis.key,
          .remarks = std::move(analysis.remarks)};
} catch (const Error& error) {
  if (error.code() != ErrorCode::nothing_found) throw;
  throw Error(error.code(), sound.recording().name() + ": " + error.what());
}

Rhythm take_given(const Recording& recording, const BeatOptions& options) {
  GivenBeats fitted = beats_within(*options.given, {.name = recording.name(),
                                                    .start = recording.start(),
                                                    .duration = recording.duration(),
                                                    .to_the_end = !recording.end()});
  Rhythm rhythm{.grid = at_tempo_times(fitted.grid, options.tempo_times), .given = true, .confidence = 1.0};
  if (options.beats_per_bar && !options.downbeat) renumber(rhythm.grid, 1, *options.beats_per_bar);
  if (!fitted.remark.empty()) rhythm.remarks.push_back(std::move(fitted.remark));
  return rhythm;
}

}  // namespace

void check_beat_options(const BeatOptions& options) {
  if (options.tempo_times != 0.5 && options.tempo_times != 1.0 && options.tempo_times != 2.0) {
    throw Error(ErrorCode::invalid_argument,
                "tempo times must be 0.5, 1 or 2, got " + std::to_string(options.tempo_times));
  }
  if (options.beats_per_bar && (*options.beats_per_bar < 2 || *options.beats_per_bar > 12)) {
    throw Error(ErrorCode::invalid_argument,
                "beats per bar must lie between 2 and 12, got " + std::to_string(*options.beats_per_bar));
  }
}

void renumber(BeatGrid& grid, int downbeat, int beats_per_bar) {
  if (downbeat < 1 || downbeat > static_cast<int>(grid.size())) {
    throw Error(ErrorCode::invalid_argument, "downbeat must be one of the beats 1 to " + std::to_string(grid.size()) +
                                                 ", got " + std::to_string(downbeat));
  }
  grid.beats_per_bar = beats_per_bar;
  grid.numbers.resize(grid.size());
  for (int i = 0; i < static_cast<int>(grid.size()); ++i) {
    const int from_downbeat = ((i - (downbeat - 1)) % beats_per_bar + beats_per_bar) % beats_per_bar;
    grid.numbers[static_cast<std::size_t>(i)] = from_downbeat + 1;
  }
}

BeatGrid at_tempo_times(const BeatGrid& grid, double tempo_times) {
  if (tempo_times == 1.0) return grid;
  BeatGrid result;
  if (tempo_times > 1.0) {
    for (std::size_t i = 0; i < grid.size(); ++i) {
      result.times.push_back(grid.times[i]);
      if (i + 1 < grid.size()) result.times.push_back(0.5 * (grid.times[i] + grid.times[i + 1]));
    }
    const auto first = grid.numbers.empty() ? 1 : grid.numbers.front();
    const int to_downbeat = (grid.beats_per_bar - first + 1) % grid.beats_per_bar;
    renumber(result, std::min(2 * to_downbeat + 1, static_cast<int>(result.size())), grid.beats_per_bar);
    return result;
  }
  const auto downbeat = std::find(grid.numbers.begin(), grid.numbers.end(), 1);
  const auto first_kept = downbeat == grid.numbers.end() ? 0 : (downbeat - grid.numbers.begin()) % 2;
  for (std::size_t i = static_cast<std::size_t>(first_kept); i < grid.size(); i += 2)
    result.times.push_back(grid.times[i]);
  if (result.size() < 2) {
    throw Error(ErrorCode::invalid_argument,
                "half the tempo leaves fewer than two of " + std::to_string(grid.size()) + " beats");
  }
  const auto kept_downbeat = downbeat == grid.numbers.end() ? 0 : (downbeat - grid.numbers.begin()) / 2;
  renumber(result, static_cast<int>(kept_downbeat) + 1, grid.beats_per_bar);
  return result;
}

BeatLoudness::BeatLoudness(const BeatGrid& grid, int sample_rate)
    : times_(grid.times), power_(grid.size(), 0.0), counts_(grid.size(), 0), sample_rate_(sample_rate) {}

void BeatLoudness::push(std::span<const float> samples) {
  for (const float sample : samples) {
    const double time = static_cast<double>(at_++) / sample_rate_;
    while (beat_ + 1 < times_.size() && time >= times_[beat_ + 1]) ++beat_;
    power_[beat_] += double{sample} * sample;
    ++counts_[beat_];
  }
}

std::vector<float> BeatLoudness::loudness() const {
  std::vector<float> loudness(times_.size(), kSilenceDb);
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (counts_[i] == 0 || power_[i] <= 0) continue;
    const auto db = 10.0 * std::log10(power_[i] / static_cast<double>(counts_[i]));
    loudness[i] = std::max(static_cast<float>(db), kSilenceDb);
  }
  return loudness;
}

std::vector<float> loudness_per_beat(const Recording& recording, const BeatGrid& grid) {
  BeatLoudness meter(grid, recording.sample_rate());
  read_levelled_blocks(recording, {}, {}, [&](std::span<const float> samples) { meter.push(samples); });
  return meter.loudness();
}

Rhythm find_beats(const HeardSound& sound, const BeatOptions& options, ThreadPool& pool, const Monitor& monitor) {
  check_beat_options(options);
  const Recording& recording = sound.recording();
  Rhythm rhythm = options.given ? take_given(recording, options) : track(sound, options, pool, monitor);
  const auto& remarks = recording.description().remarks;
  rhythm.remarks.insert(rhythm.remarks.begin(), remarks.begin(), remarks.end());
  if (options.downbeat) {
    renumber(rhythm.grid, *options.downbeat, options.beats_per_bar.value_or(rhythm.grid.beats_per_bar));
  }
  monitor.report("beats", 1.0);
  return rhythm;
}

Rhythm find_beats(const Recording& recording, const BeatOptions& options, int threads, const Monitor& monitor) {
  check_beat_options(options);
  ThreadPool pool(threads);
  return find_beats(HeardSound(recording, pool, monitor), options, pool, monitor);
}

}  // namespace pop2piano
