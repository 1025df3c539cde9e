// SPDX-License-Identifier: MIT
#include "listening/analysis/beats.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "listening/analysis/heard_time.h"
#include "listening/analysis/rhythm_answers.h"
#include "listening/rhythm/beat_tracker.h"
#include "listening/rhythm/given_beats.h"
#include "sound/audio/recording_blocks.h"

namespace pop2piano {
namespace {

constexpr float kSilenceDb = -120.0F;

// Where the beats of what is heard stand among those of the recording, which has more in its silent gaps.
std::vector<std::size_t> places_of(const BeatGrid& heard, const BeatGrid& in_recording, const HeardTime& time) {
  std::vector<std::size_t> places;
  for (const double beat : heard.times) {
    const auto at = std::lower_bound(in_recording.times.begin(), in_recording.times.end(), time.in_recording(beat));
    places.push_back(static_cast<std::size_t>(at - in_recording.times.begin()));
  }
  return places;
}

Rhythm track(const HeardSound& sound, const BeatOptions& options, ThreadPool& pool, const Monitor& monitor) try {
  const auto tracker = make_beat_tracker({.tempo_times = options.tempo_times,
                                          .beats_per_bar = options.beats_per_bar,
                                          .tuning_cents = sound.tuning().corrected});
  sound.read({.stage = "beats", .share = 0.8}, monitor,
             [&](std::span<const float> samples) { tracker->push(samples); });
  BeatAnalysis analysis = tracker->finish(pool, Monitor{.cancel = monitor.cancel});
  const HeardTime time(sound.sounding());
  Rhythm rhythm{.grid = time.in_recording(analysis.grid),
                .given = false,
                .by_network = analysis.by_network,
                .constant_tempo = analysis.constant_tempo,
                .tempo_times = options.tempo_times,
                .confidence = analysis.confidence,
                .swing_ratio = analysis.swing_ratio,
                .swung_sixteenths = analysis.swung_sixteenths,
                .key = analysis.key,
                .remarks = std::move(analysis.remarks)};
  set_answers(rhythm, analysis, places_of(analysis.grid, rhythm.grid, time), options);
  return rhythm;
} catch (const Error& error) {
  if (error.code() != ErrorCode::nothing_found) throw;
  throw Error(error.code(), sound.recording().name() + ": " + error.what());
}

Rhythm take_given(const Recording& recording, const BeatOptions& options) {
  GivenBeats fitted = beats_within(*options.given, {.name = recording.name(),
                                                    .start = recording.start(),
                                                    .duration = recording.duration(),
                                                    .to_the_end = !recording.end()});
  Rhythm rhythm{.grid = at_tempo_times(fitted.grid, options.tempo_times),
                .given = true,
                .tempo_times = options.tempo_times,
                .confidence = 1.0};
  if (options.beats_per_bar && !options.downbeat) renumber(rhythm.grid, 1, *options.beats_per_bar);
  if (!fitted.remark.empty()) rhythm.remarks.push_back(std::move(fitted.remark));
  return rhythm;
}

// A beat every `step` beats of the grid, 1.5 or 2/3, its first downbeat among them. Bars last as long as before where
// that makes whole ones, else they keep their count.
BeatGrid at_thirds(const BeatGrid& grid, double step) {
  const auto found = std::find(grid.numbers.begin(), grid.numbers.end(), 1);
  const auto downbeat = found == grid.numbers.end() ? 0.0 : static_cast<double>(found - grid.numbers.begin());
  const auto before = static_cast<int>(downbeat / step + 1e-6);
  BeatGrid result;
  const double last = static_cast<double>(grid.size() - 1) + 1e-6;
  for (int i = -before; downbeat + i * step <= last; ++i) result.times.push_back(grid.time_at(downbeat + i * step));
  if (result.size() < 2) {
    throw Error(ErrorCode::invalid_argument,
                "two thirds of the tempo leave fewer than two of " + std::to_string(grid.size()) + " beats");
  }
  const double beats = grid.beats_per_bar / step;
  const bool whole = std::abs(beats - std::round(beats)) < 1e-6 && beats > 1.5;
  renumber(result, before + 1, whole ? static_cast<int>(std::lround(beats)) : grid.beats_per_bar);
  return result;
}

}  // namespace

void check_beat_options(const BeatOptions& options) {
  if (!is_tempo_factor(options.tempo_times)) {
    throw Error(ErrorCode::invalid_argument,
                "tempo times must be 0.5, 2/3, 1, 1.5 or 2, got " + std::to_string(options.tempo_times));
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
  if (tempo_times > 0.6 && tempo_times < 1.9) return at_thirds(grid, tempo_times < 1.0 ? 1.5 : 2.0 / 3.0);
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
