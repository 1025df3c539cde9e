// SPDX-License-Identifier: MIT
#include "bar_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "listening/pulse/tempo_level.h"
#include "listening/rhythm/bar_evidence.h"
#include "listening/rhythm/beat_network.h"
#include "listening/rhythm/rhythm_hearing.h"
#include "tracked_songs.h"

namespace pop2piano::bench {
namespace {

constexpr double kNear = 0.07;   // seconds, as in the metric
constexpr double kRidge = 20.0;  // of the squared weights, against the sum over all beats

struct Song {
  BeatGrid truth;
  BeatEvidence evidence;
  DecodedBeats found;
  Matrix<float> inputs;
  std::vector<bool> first;  // a known downbeat lies there
  bool in_time = false;     // found at the known tempo
};

std::vector<std::size_t> frames_of(const DecodedBeats& decoded) {
  std::vector<std::size_t> frames;
  for (const DecodedBeat& beat : decoded.beats) frames.push_back(beat.frame);
  return frames;
}

Song song_of(const KnownSong& known, const std::shared_ptr<const BeatNetwork>& network, ThreadPool& pool) {
  const auto ear = hear_by_network(network);
  ear->push(known.samples);
  Song song{.truth = known.truth, .evidence = ear->finish(pool)};
  song.found = decode_tapped_beats(song.evidence, network_decoder_options(), network_level_weights());
  std::erase_if(song.found.beats, [&](const DecodedBeat& beat) {
    return static_cast<double>(beat.frame) / song.evidence.frame_rate > known.truth.times.back() + 1;
  });
  song.inputs = bar_inputs(ear->harmony(), song.evidence, frames_of(song.found));
  for (const DecodedBeat& beat : song.found.beats) {
    const double time = static_cast<double>(beat.frame) / song.evidence.frame_rate;
    bool first = false;
    for (std::size_t i = 0; i < known.truth.size(); ++i)
      first = first || (known.truth.numbers[i] == 1 && std::abs(known.truth.times[i] - time) < kNear);
    song.first.push_back(first);
  }
  if (song.found.beats.size() < 8) return song;
  const double times = known.truth.tempo() / median_tempo(song.found, song.evidence.frame_rate);
  song.in_time = std::abs(std::log(times)) < std::log(1.15);
  return song;
}

std::vector<Song> songs_of(const std::filesystem::path& folder, std::size_t most) {
  const auto network = BeatNetwork::load(installed_beat_network());
  ThreadPool pool(1);
  std::vector<Song> songs;
  for_each_song(folder, most, [&](const KnownSong& song) { songs.push_back(song_of(song, network, pool)); });
  return songs;
}

// Gradient descent; inputs are of like size. `used`: how many inputs, from the first on.
BarWeights fit(const std::vector<Song>& songs, std::size_t used) {
  std::array<double, kBarInputs> weights{};
  double beats = 0, in_time = 0;
  for (const Song& song : songs) {
    if (!song.in_time) continue;
    beats += static_cast<double>(song.first.size());
    in_time += 1;
  }
  for (int step = 0; step < 1500; ++step) {
    std::array<double, kBarInputs> gradient{};
    for (const Song& song : songs) {
      if (!song.in_time) continue;
      const double share = 1 / (in_time * static_cast<double>(song.first.size()));
      for (std::size_t b = 0; b < song.first.size(); ++b) {
        double odds = 0;
        for (std::size_t i = 0; i < used; ++i) odds += weights[i] * static_cast<double>(song.inputs(b, i));
        const double error = 1 / (1 + std::exp(-odds)) - (song.first[b] ? 1 : 0);
        for (std::size_t i = 0; i < used; ++i) gradient[i] += share * error * static_cast<double>(song.inputs(b, i));
      }
    }
    for (std::size_t i = 0; i < used; ++i)
      weights[i] -= 0.3 * (gradient[i] + (i > 0 ? kRidge / std::max(1.0, beats) : 0.0) * weights[i]);
  }
  BarWeights result{};
  for (std::size_t i = 0; i < used; ++i) result[i] = static_cast<float>(weights[i]);
  return result;
}

double downbeat_f(const Song& song, const DecodedBeats& counted) {
  BeatGrid grid;
  for (const DecodedBeat& beat : counted.beats) {
    grid.times.push_back(static_cast<double>(beat.frame) / song.evidence.frame_rate);
    grid.numbers.push_back(beat.number);
  }
  return measure(song.truth, grid).downbeat_f;
}

double downbeat_f(const std::vector<Song>& songs, const BarSearch& search) {
  double sum = 0;
  for (const Song& song : songs) {
    BeatEvidence evidence = song.evidence;
    DecodedBeats counted = song.found;
    weigh_downbeats(song.inputs, search, frames_of(counted), evidence);
    count_bars(evidence, network_decoder_options(), search.short_bar, counted);
    sum += downbeat_f(song, counted);
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, songs.size()));
}

void print_rows(const std::string& name, const std::vector<Song>& songs, const BarWeights& alone,
                const BarWeights& with_harmony) {
  constexpr double kNever = 1e9;
  const double short_bar = network_bar_search().short_bar;
  double decoded = 0;
  for (const Song& song : songs) decoded += downbeat_f(song, song.found);
  fmt::print("{:<20} {:>5} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.3f}\n", name, songs.size(),
             decoded / static_cast<double>(std::max<std::size_t>(1, songs.size())),
             downbeat_f(songs, {.weights = alone, .short_bar = short_bar}),
             downbeat_f(songs, {.weights = with_harmony, .short_bar = kNever}),
             downbeat_f(songs, {.weights = with_harmony, .short_bar = short_bar}),
             downbeat_f(songs, network_bar_search()));
  std::fflush(stdout);
}

}  // namespace

void fit_bars(const std::vector<std::filesystem::path>& folders, const std::vector<std::filesystem::path>& strangers,
              std::size_t most) {
  std::vector<Song> songs;
  for (const auto& folder : folders) {
    for (Song& song : songs_of(folder, most)) songs.push_back(std::move(song));
  }
  const BarWeights alone = fit(songs, 2), with_harmony = fit(songs, kBarInputs);
  fmt::print("weights:");
  for (const float weight : with_harmony) fmt::print(" {:.2f}", weight);
  fmt::print("\n{:<20} {:>5} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "downbeat F", "songs", "decoded", "network", "no short",
             "learnt", "tracker");
  print_rows("learnt from", songs, alone, with_harmony);
  for (const auto& folder : strangers)
    print_rows(folder.filename().string(), songs_of(folder, most), alone, with_harmony);
}

}  // namespace pop2piano::bench
