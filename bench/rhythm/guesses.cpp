// SPDX-License-Identifier: MIT
#include "guesses.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "listening/pulse/tempo_level.h"
#include "listening/rhythm/beat_network.h"
#include "listening/rhythm/rhythm_hearing.h"
#include "tracked_songs.h"

namespace pop2piano::bench {
namespace {

constexpr double kNear = 0.07;  // seconds, as in the metric

struct Song {
  BeatEvidence evidence;
  std::vector<std::size_t> frames;
  std::vector<bool> first;  // a known downbeat lies there
  int metre = 4, found_metre = 4;
  double times = 1;  // known tempo over the found one
};

Song song_of(const KnownSong& known, const std::shared_ptr<const BeatNetwork>& network, ThreadPool& pool) {
  const auto ear = hear_by_network(network);
  ear->push(known.samples);
  Song song{.evidence = ear->finish(pool), .metre = known.truth.beats_per_bar};
  DecodedBeats found = decode_tapped_beats(song.evidence, network_decoder_options(), network_level_weights());
  count_anew(*ear, network_bar_search(), song.evidence, found);
  std::array<int, 16> counts{};
  for (const DecodedBeat& beat : found.beats) {
    ++counts.at(static_cast<std::size_t>(beat.metre));
    const double time = static_cast<double>(beat.frame) / song.evidence.frame_rate;
    if (time > known.truth.times.back() + 1) continue;
    bool first = false;
    for (std::size_t i = 0; i < known.truth.size(); ++i) {
      first = first || (known.truth.numbers[i] == 1 && std::abs(known.truth.times[i] - time) < kNear);
    }
    song.frames.push_back(beat.frame);
    song.first.push_back(first);
  }
  song.found_metre = static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  if (song.frames.size() > 1) song.times = known.truth.tempo() / median_tempo(found, song.evidence.frame_rate);
  return song;
}

// Mean logarithm of the chance of what is true, all beats of all songs.
double loss_of(const std::vector<Song>& songs, const BarModel& model) {
  double sum = 0, count = 0;
  for (const Song& song : songs) {
    const BarChances chances = weigh_bars(song.evidence, song.frames, model);
    for (std::size_t b = 0; b < song.frames.size(); ++b) {
      const double p = std::clamp<double>(chances.downbeat[b], 1e-3, 1 - 1e-3);
      sum -= std::log(song.first[b] ? p : 1 - p);
      ++count;
    }
  }
  return sum / std::max(1.0, count);
}

class Tenths {
 public:
  void add(double chance, bool right) {
    const auto tenth = static_cast<std::size_t>(std::clamp(chance * 10, 0.0, 9.0));
    ++count_[tenth];
    said_[tenth] += chance;
    right_[tenth] += right ? 1 : 0;
  }
  void print(const char* what) const {
    fmt::print("{}\n", what);
    for (std::size_t t = 0; t < count_.size(); ++t) {
      if (count_[t] > 0)
        fmt::print("  {:.1f}..{:.1f}  {:>6}  said {:.2f}  right {:.2f}\n", 0.1 * static_cast<double>(t),
                   0.1 * static_cast<double>(t + 1), count_[t], said_[t] / count_[t], right_[t] / count_[t]);
    }
  }

 private:
  std::array<int, 10> count_{};
  std::array<double, 10> said_{}, right_{};
};

void print_settings(const std::vector<Song>& songs) {
  fmt::print("loss of the model of bars, by sharpness (rows) and slip\n{:>8}", "");
  constexpr std::array<double, 4> kSlips{0.005, 0.01, 0.03, 0.1};
  for (const double slip : kSlips) fmt::print(" {:>7}", slip);
  for (const double sharpness : {0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 1.0}) {
    fmt::print("\n{:>8}", sharpness);
    for (const double slip : kSlips) {
      BarModel model = network_bar_model();
      model.sharpness = sharpness;
      model.slip = slip;
      fmt::print(" {:>7.4f}", loss_of(songs, model));
    }
  }
  fmt::print("\n");
}

void print_tenths(const std::vector<Song>& songs) {
  Tenths beats, metres, tempi;
  for (const Song& song : songs) {
    const BarChances chances = weigh_bars(song.evidence, song.frames, network_bar_model());
    for (std::size_t b = 0; b < song.frames.size(); ++b) beats.add(chances.downbeat[b], song.first[b]);
    std::array<double, 16> metre{};
    for (const auto& count : chances.counts) metre.at(static_cast<std::size_t>(count.beats_per_bar)) += count.chance;
    const auto factors = weigh_tempi(song.evidence, song.frames, network_decoder_options(), network_level_weights());
    for (const TempoChance& one : factors)
      tempi.add(one.chance, std::abs(std::log(song.times / one.times)) < std::log(1.15));
    if (std::abs(std::log(song.times)) > std::log(1.15)) continue;  // of other beats no bar is right
    for (int m = 2; m <= 6; ++m) metres.add(metre.at(static_cast<std::size_t>(m)), m == song.metre);
  }
  beats.print("each beat found: is it the first of a bar");
  metres.print("each metre from 2 to 6, songs of the right tempo");
  tempi.print("each tempo offered");
}

}  // namespace

void measure_guesses(const std::vector<std::filesystem::path>& folders, std::size_t most) {
  const auto network = BeatNetwork::load(installed_beat_network());
  ThreadPool pool(1);
  std::vector<Song> songs;
  for (const auto& folder : folders) {
    for_each_song(folder, most, [&](const KnownSong& song) { songs.push_back(song_of(song, network, pool)); });
  }
  fmt::print("{} songs\n", songs.size());
  print_settings(songs);
  print_tenths(songs);
}

}  // namespace pop2piano::bench
