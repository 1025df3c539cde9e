// SPDX-License-Identifier: MIT
#include "tracked_songs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "judging/metrics/beat_metrics.h"
#include "learning/dataset/record_set.h"
#include "learning/studio/sound_coding.h"

namespace pop2piano::bench {
namespace {

std::vector<double> downbeats_of(const BeatGrid& grid) {
  std::vector<double> times;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (grid.numbers[i] == 1) times.push_back(grid.times[i]);
  }
  return times;
}

}  // namespace

void BeatFigures::add(const BeatFigures& other) {
  f += other.f;
  cmlt += other.cmlt;
  amlt += other.amlt;
  downbeat_f += other.downbeat_f;
  songs += other.songs;
  with_downbeats += other.with_downbeats;
  octave_errors += other.octave_errors;
}

BeatAnalysis track(std::span<const float> samples, const BeatTrackerOptions& options) {
  const auto tracker = make_beat_tracker(options);
  constexpr std::size_t kBlock = 65536;
  for (std::size_t first = 0; first < samples.size(); first += kBlock) {
    tracker->push(samples.subspan(first, std::min(kBlock, samples.size() - first)));
  }
  ThreadPool pool(1);
  return tracker->finish(pool, {});
}

void count_anew(const RhythmHearing& ear, const BarSearch& search, BeatEvidence& evidence, DecodedBeats& found) {
  std::vector<std::size_t> frames;
  for (const DecodedBeat& beat : found.beats) frames.push_back(beat.frame);
  weigh_downbeats(bar_inputs(ear.harmony(), evidence, frames), search, frames, evidence);
  count_bars(evidence, ear.decoder_options(), search.short_bar, found);
}

BeatFigures measure(const BeatGrid& truth, const BeatGrid& found) {
  BeatFigures figures;
  figures.songs = 1;
  if (found.times.empty()) return figures;
  const BeatScores scores = compare_beats(truth.times, found.times);
  figures.f = scores.f_measure.optional().value_or(0);
  figures.cmlt = scores.cmlt.optional().value_or(0);
  figures.amlt = scores.amlt.optional().value_or(0);
  if (found.size() > 1 && std::abs(std::log(found.tempo() / truth.tempo())) > std::log(1.4)) figures.octave_errors = 1;
  if (!truth.numbers.empty()) {
    figures.with_downbeats = 1;
    figures.downbeat_f = beat_f_measure(downbeats_of(truth), downbeats_of(found)).optional().value_or(0);
  }
  return figures;
}

std::string count_shifts(const BeatGrid& truth, const BeatGrid& found) {
  constexpr double kNear = 0.07;  // seconds, as in the metric
  std::string text;
  int shift = 0, run = 0;
  const auto end_run = [&] {
    if (run > 0) text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", shift, run);
    run = 0;
  };
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto at = std::lower_bound(truth.times.begin(), truth.times.end(), found.times[i] - kNear);
    if (at == truth.times.end() || *at > found.times[i] + kNear) continue;
    const int known = truth.numbers[static_cast<std::size_t>(at - truth.times.begin())];
    const int now = (found.numbers[i] - known + 12 * truth.beats_per_bar) % truth.beats_per_bar;
    if (now != shift) end_run();
    shift = now;
    ++run;
  }
  end_run();
  return text;
}

void for_each_song(const std::filesystem::path& records, std::size_t most,
                   const std::function<void(const KnownSong&)>& visit) {
  const RecordSet set = RecordSet::open(std::array{records});
  for (std::size_t i = 0; i < std::min(most, set.size()); ++i) {
    const SongView view = set.song(i);
    const TensorView* sound = view.record.find(kAudioTensor);
    if (sound == nullptr) continue;
    KnownSong song{.name = view.description.song, .what = {}, .truth = {}, .samples = decode_flac(sound->bytes)};
    if (const auto what = view.description.extra.find("x.arrangement"); what != view.description.extra.end())
      song.what = what->second;
    song.truth.times = view.description.beat_times;
    song.truth.numbers = view.description.beat_numbers;
    song.truth.beats_per_bar = view.description.beats_per_bar;
    visit(song);
  }
}

}  // namespace pop2piano::bench
