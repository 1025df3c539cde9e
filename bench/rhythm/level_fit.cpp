// SPDX-License-Identifier: MIT
#include "level_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <numeric>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "listening/pulse/tempo_level.h"
#include "listening/rhythm/beat_network.h"
#include "listening/rhythm/rhythm_hearing.h"
#include "tracked_songs.h"

namespace pop2piano::bench {
namespace {

constexpr double kSlowest = 55, kFastest = 215;  // beats a minute that the tracker finds
constexpr double kRidge = 0.01;                  // of the squared weights: few songs decide little

using Used = std::array<bool, std::tuple_size_v<LevelWeights>>;
// Not the tempo: how often people tap at one differs from corpus to corpus.
constexpr Used kLearnt{true, true, true, false, true, true, true, true};

struct Example {
  LevelEvidence heard;
  std::size_t song = 0;
  bool faster = false;  // is tapped
};

// The known beats against the level above, and every second of them against all.
void add_examples(const BeatEvidence& evidence, const std::vector<double>& times, std::size_t song,
                  std::vector<Example>& examples) {
  std::vector<std::size_t> all;
  all.reserve(times.size());
  for (const double time : times)
    all.push_back(static_cast<std::size_t>(std::lround(std::max(0.0, time * evidence.frame_rate))));
  if (all.size() < 16) return;
  const LevelEvidence heard = level_evidence(evidence, all);
  if (2 * heard.tempo <= kFastest) examples.push_back({heard, song, false});
  if (heard.tempo / 2 >= kSlowest) examples.push_back({half_level_evidence(evidence, all), song, true});
}

// Inputs less their means, in standard deviations.
struct Scaling {
  LevelWeights mean{}, deviation{};
  [[nodiscard]] LevelWeights scaled(const LevelEvidence& heard) const {
    LevelWeights inputs = level_inputs(heard);
    for (std::size_t i = 1; i < inputs.size(); ++i) inputs[i] = (inputs[i] - mean[i]) / deviation[i];
    return inputs;
  }
};

Scaling scaling_of(const std::vector<Example>& examples) {
  Scaling scaling;
  const auto count = static_cast<double>(examples.size());
  for (const Example& example : examples) {
    const LevelWeights inputs = level_inputs(example.heard);
    for (std::size_t i = 0; i < inputs.size(); ++i) scaling.mean[i] += inputs[i] / count;
  }
  for (const Example& example : examples) {
    const LevelWeights inputs = level_inputs(example.heard);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      scaling.deviation[i] += std::pow(inputs[i] - scaling.mean[i], 2) / count;
  }
  for (double& deviation : scaling.deviation) deviation = std::max(1e-6, std::sqrt(deviation));
  return scaling;
}

// Gradient descent on the mean loss, both answers weighted alike.
LevelWeights fit(const std::vector<Example>& examples, const Used& used) {
  const auto faster = static_cast<double>(
      std::count_if(examples.begin(), examples.end(), [](const Example& example) { return example.faster; }));
  const double slower = static_cast<double>(examples.size()) - faster;
  const Scaling scaling = scaling_of(examples);
  LevelWeights weights{};
  for (int step = 0; step < 4000; ++step) {
    LevelWeights gradient{};
    for (const Example& example : examples) {
      const LevelWeights inputs = scaling.scaled(example.heard);
      const double odds = std::inner_product(inputs.begin(), inputs.end(), weights.begin(), 0.0);
      const double error =
          (1 / (1 + std::exp(-odds)) - (example.faster ? 1 : 0)) * 0.5 / (example.faster ? faster : slower);
      for (std::size_t i = 0; i < inputs.size(); ++i) gradient[i] += error * inputs[i];
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (used[i]) weights[i] -= 1.0 * (gradient[i] + (i > 0 ? kRidge : 0.0) * weights[i]);
    }
  }
  for (std::size_t i = 1; i < weights.size(); ++i) {
    weights[i] /= scaling.deviation[i];
    weights[0] -= weights[i] * scaling.mean[i];
  }
  return weights;
}

struct Rightness {
  std::array<int, 2> right{}, count{};
  std::array<double, 2> loss{};

  void add(const std::vector<Example>& examples, const LevelWeights& weights) {
    for (const Example& example : examples) {
      const std::size_t which = example.faster ? 1 : 0;
      const double odds = log_odds_of_faster(example.heard, weights);
      ++count[which];
      if ((odds > 0) == example.faster) ++right[which];
      loss[which] += std::log1p(std::exp(example.faster ? -odds : odds));
    }
  }
  void print(const std::string& name) const {
    const double mean = 0.5 * (loss[0] / std::max(1, count[0]) + loss[1] / std::max(1, count[1]));
    fmt::print("{:<32} slower tapped: {:>3} of {:>3} right, faster tapped: {:>3} of {:>3}, loss {:.3f}\n", name,
               right[0], count[0], right[1], count[1], mean);
  }
};

// Each sixth of the songs weighed by what the others teach.
Rightness crossed(const std::vector<Example>& examples, const Used& used) {
  constexpr std::size_t kParts = 6;
  Rightness sum;
  for (std::size_t part = 0; part < kParts; ++part) {
    std::vector<Example> others, mine;
    for (const Example& example : examples) (example.song % kParts == part ? mine : others).push_back(example);
    sum.add(mine, fit(others, used));
  }
  return sum;
}

std::vector<Example> examples_of(const std::vector<std::filesystem::path>& folders, std::size_t most) {
  const auto network = BeatNetwork::load(installed_beat_network());
  ThreadPool pool(1);
  std::vector<Example> examples;
  std::size_t number = 0;
  for (const auto& folder : folders) {
    for_each_song(folder, most, [&](const KnownSong& song) {
      const auto ear = hear_by_network(network);
      ear->push(song.samples);
      add_examples(ear->finish(pool), song.truth.times, number++, examples);
    });
  }
  return examples;
}

void print_weights(const LevelWeights& weights) {
  fmt::print("{{");
  for (std::size_t i = 0; i < weights.size(); ++i) fmt::print("{}{:.2f}", i > 0 ? ", " : "", weights[i]);
  fmt::print("}}\n");
}

}  // namespace

void fit_levels(const std::vector<std::filesystem::path>& folders, const std::vector<std::filesystem::path>& strangers,
                std::size_t most) {
  const std::vector<Example> examples = examples_of(folders, most), others = examples_of(strangers, most);
  const auto report = [&](const std::string& name, const Used& used) {
    crossed(examples, used).print(name);
    if (others.empty()) return;
    Rightness rightness;
    rightness.add(others, fit(examples, used));
    rightness.print("  strangers");
  };
  const auto own = [&](const std::string& name, const std::vector<Example>& songs) {
    Rightness rightness;
    rightness.add(songs, network_level_weights());
    rightness.print(name);
  };
  own("the tracker's own weights", examples);
  own("  strangers", others);
  constexpr Used kEvidence{true, true, true}, kTempo{true, true, true, true};
  const auto with = [](Used used, std::initializer_list<std::size_t> more) {
    for (const std::size_t i : more) used[i] = true;
    return used;
  };
  report("on and between", kEvidence);
  report("and tempo", kTempo);
  report("and halves struck", with(kEvidence, {4}));
  report("and kick", with(kEvidence, {5}));
  report("and halves struck and kick", with(kEvidence, {4, 5}));
  report("these and strokes to a beat", with(kEvidence, {4, 5, 6}));
  report("these and bars", with(kEvidence, {4, 5, 7}));
  report("all but tempo", kLearnt);
  report("all", with(kLearnt, {3}));
  fmt::print("weights of all but tempo: ");
  print_weights(fit(examples, kLearnt));
  fmt::print("weights of all: ");
  print_weights(fit(examples, with(kLearnt, {3})));
}

}  // namespace pop2piano::bench
