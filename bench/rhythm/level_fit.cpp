// SPDX-License-Identifier: MIT
#include "level_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "listening/rhythm/beat_input.h"
#include "listening/rhythm/beat_network.h"
#include "listening/rhythm/rhythm_hearing.h"
#include "listening/rhythm/tempo_level.h"
#include "tracked_songs.h"

namespace pop2piano::bench {
namespace {

constexpr double kSlowest = 55, kFastest = 215;  // beats a minute that the tracker finds
constexpr double kRidge = 0.02;                  // of the squared weights, per example: few songs decide little

struct Example {
  LevelEvidence heard;
  bool faster = false;  // is tapped
};

// The known beats against the level above, and every second of them against all.
void add_examples(const BeatEvidence& evidence, const std::vector<double>& times, std::vector<Example>& examples) {
  std::vector<std::size_t> all;
  std::array<std::vector<std::size_t>, 2> halves;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto frame = static_cast<std::size_t>(std::lround(std::max(0.0, times[i] * evidence.frame_rate)));
    all.push_back(frame);
    halves[i % 2].push_back(frame);
  }
  if (all.size() < 16) return;
  const LevelEvidence heard = level_evidence(evidence, all);
  if (heard.tempo < kSlowest || heard.tempo > kFastest) return;
  if (2 * heard.tempo <= kFastest) examples.push_back({heard, false});
  if (heard.tempo / 2 < kSlowest) return;
  LevelEvidence half = level_evidence(evidence, halves[0]);
  const double others = level_evidence(evidence, halves[1]).on;
  half.between = std::min(half.on, others);
  half.on = std::max(half.on, others);
  examples.push_back({half, true});
}

std::array<double, 4> inputs_of(const LevelEvidence& heard) {
  return {1, heard.between, heard.on, std::log2(heard.tempo / kLevelTempo)};
}

// Gradient descent on the mean loss, both answers weighted alike.
LevelWeights fit(const std::vector<Example>& examples) {
  const auto faster = static_cast<double>(
      std::count_if(examples.begin(), examples.end(), [](const Example& example) { return example.faster; }));
  const double slower = static_cast<double>(examples.size()) - faster;
  LevelWeights weights{};
  for (int step = 0; step < 20000; ++step) {
    std::array<double, 4> gradient{};
    for (const Example& example : examples) {
      const double p = 1 / (1 + std::exp(-log_odds_of_faster(example.heard, weights)));
      const double error = (p - (example.faster ? 1 : 0)) * 0.5 / (example.faster ? faster : slower);
      const auto inputs = inputs_of(example.heard);
      for (std::size_t i = 0; i < inputs.size(); ++i) gradient[i] += error * inputs[i];
    }
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= 0.5 * (gradient[i] + kRidge * weights[i]);
  }
  return weights;
}

void print_right(const char* name, const std::vector<Example>& examples, const LevelWeights& weights) {
  std::array<int, 2> right{}, count{};
  for (const Example& example : examples) {
    ++count[example.faster ? 1 : 0];
    if ((log_odds_of_faster(example.heard, weights) > 0) == example.faster) ++right[example.faster ? 1 : 0];
  }
  fmt::print("{:<18} {{{:.2f}, {:.2f}, {:.2f}, {:.2f}}}: slower tapped {} of {} right, faster tapped {} of {}\n", name,
             weights[0], weights[1], weights[2], weights[3], right[0], count[0], right[1], count[1]);
}

}  // namespace

void fit_levels(const std::vector<std::filesystem::path>& folders, std::size_t most) {
  const auto network = BeatNetwork::load(installed_beat_network());
  ThreadPool pool(1);
  std::vector<Example> examples;
  for (const auto& folder : folders) {
    for_each_song(folder, most, [&](const KnownSong& song) {
      BeatListener listener;
      listener.push(song.samples);
      listener.finish();
      add_examples(evidence_of(network->run(listener.take(), pool), network_reading()), song.truth.times, examples);
    });
  }
  print_right("the tracker's own", examples, network_level_weights());
  print_right("learnt", examples, fit(examples));
}

}  // namespace pop2piano::bench
