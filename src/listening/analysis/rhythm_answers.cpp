// SPDX-License-Identifier: MIT
#include "listening/analysis/rhythm_answers.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "listening/analysis/beats.h"
#include "listening/analysis/heard_time.h"

namespace pop2piano {
namespace {

constexpr double kGuess = 0.6;        // chance of what was found below which the user is told
constexpr double kBeatIsGuess = 0.3;  // confidence below which the tracker itself says so
constexpr double kSecond = 0.2;       // chance that another answer then has at least
constexpr double kSameFactor = 0.01;  // tempo factors are alike within it

std::vector<RhythmAnswer> tempo_answers(const BeatAnalysis& tracked, const BeatOptions& options) {
  std::vector<RhythmAnswer> answers;
  for (const TempoChance& one : tracked.tempi) {
    const double times = options.tempo_times * one.times;
    if (!is_tempo_factor(times)) continue;
    answers.push_back({.question = RhythmQuestion::tempo, .tempo_times = times, .chance = one.chance});
  }
  return answers;
}

// Of one metre, chances together 1.
std::vector<RhythmAnswer> downbeat_answers(const BarChances& bars, int metre, const std::vector<std::size_t>& places,
                                           double tempo_times) {
  std::vector<RhythmAnswer> answers;
  double sum = 0;
  for (const BarChances::Count& count : bars.counts) {
    if (count.beats_per_bar != metre || count.first >= static_cast<int>(places.size())) continue;
    answers.push_back({.question = RhythmQuestion::downbeat,
                       .tempo_times = tempo_times,
                       .beats_per_bar = metre,
                       .downbeat = static_cast<int>(places[static_cast<std::size_t>(count.first)]) + 1,
                       .chance = count.chance});
    sum += count.chance;
  }
  for (RhythmAnswer& answer : answers)
    answer.chance = sum > 0 ? answer.chance / sum : 1.0 / static_cast<double>(answers.size());
  return answers;
}

double chance_of_metre(const BarChances& bars, int metre) {
  double sum = 0;
  for (const BarChances::Count& count : bars.counts) sum += count.beats_per_bar == metre ? count.chance : 0.0;
  return sum;
}

void by_falling_chance(std::vector<RhythmAnswer>& answers) {
  std::stable_sort(answers.begin(), answers.end(), [](const RhythmAnswer& a, const RhythmAnswer& b) {
    return a.question != b.question ? a.question < b.question : a.chance > b.chance;
  });
}

std::string question_of(const RhythmAnswer& answer) {
  if (answer.question == RhythmQuestion::tempo) return "how fast the beat is counted";
  return answer.question == RhythmQuestion::metre ? "how many beats a bar has" : "which beat is the first of a bar";
}

// "which beat is the first of a bar is a guess (48 %); --downbeat 3 is the other choice (41 %)".
void remark_on(Rhythm& rhythm, RhythmQuestion question) {
  const auto answers = rhythm.answers_to(question);
  const auto counted = [&](const RhythmAnswer& answer) { return rhythm.counts_so(answer); };
  const auto taken = std::find_if(answers.begin(), answers.end(), counted);
  const auto other = std::find_if_not(answers.begin(), answers.end(), counted);
  if (taken == answers.end() || other == answers.end() || taken->chance >= kGuess || other->chance < kSecond) return;
  rhythm.remarks.push_back(fmt::format("{} is a guess ({:.0f} %); the next choice is {} ({:.0f} %)",
                                       question_of(*taken), 100 * taken->chance, option_of(*other),
                                       100 * other->chance));
}

}  // namespace

void set_answers(Rhythm& rhythm, const BeatAnalysis& tracked, const std::vector<std::size_t>& places,
                 const BeatOptions& options) {
  rhythm.downbeat_chances.assign(rhythm.grid.size(), 0.0F);
  for (std::size_t b = 0; b < places.size(); ++b) rhythm.downbeat_chances[places[b]] = tracked.bars.downbeat[b];
  rhythm.answers = tempo_answers(tracked, options);
  std::vector<int> metres;
  for (const BarChances::Count& count : tracked.bars.counts) {
    if (count.first == 0) metres.push_back(count.beats_per_bar);
  }
  for (const int metre : metres) {
    auto downbeats = downbeat_answers(tracked.bars, metre, places, options.tempo_times);
    by_falling_chance(downbeats);
    if (!options.beats_per_bar && !downbeats.empty()) {
      RhythmAnswer answer = downbeats.front();
      answer.question = RhythmQuestion::metre;
      answer.chance = chance_of_metre(tracked.bars, metre);
      rhythm.answers.push_back(answer);
    }
    if (!options.downbeat) rhythm.answers.insert(rhythm.answers.end(), downbeats.begin(), downbeats.end());
  }
  by_falling_chance(rhythm.answers);
  if (rhythm.confidence < kBeatIsGuess) return;  // that is said already
  for (const auto question : {RhythmQuestion::tempo, RhythmQuestion::metre, RhythmQuestion::downbeat})
    remark_on(rhythm, question);
}

bool answers_hold(const Rhythm& rhythm) {
  constexpr int kMostBeatsPerBar = 1000;
  const auto is_chance = [](double p) { return p >= 0.0 && p <= 1.0; };
  const auto& downbeats = rhythm.downbeat_chances;
  const bool whole = downbeats.empty() || downbeats.size() == rhythm.grid.size();
  if (!whole || !std::all_of(downbeats.begin(), downbeats.end(), is_chance)) return false;
  if (!is_tempo_factor(rhythm.tempo_times)) return false;
  return std::all_of(rhythm.answers.begin(), rhythm.answers.end(), [&](const RhythmAnswer& answer) {
    return answer.question <= RhythmQuestion::downbeat && is_chance(answer.chance) &&
           is_tempo_factor(answer.tempo_times) && answer.beats_per_bar >= 1 &&
           answer.beats_per_bar <= kMostBeatsPerBar && answer.downbeat >= 1 &&
           answer.downbeat <= static_cast<int>(rhythm.grid.size());
  });
}

int likeliest_downbeat(const Rhythm& rhythm, int beats_per_bar) {
  for (const RhythmAnswer& answer : rhythm.answers) {
    if (answer.question != RhythmQuestion::tempo && answer.beats_per_bar == beats_per_bar) return answer.downbeat;
  }
  return 1;
}

std::vector<RhythmAnswer> Rhythm::answers_to(RhythmQuestion question) const {
  std::vector<RhythmAnswer> result;
  for (const RhythmAnswer& answer : answers) {
    const bool other_metre = question == RhythmQuestion::downbeat && answer.beats_per_bar != grid.beats_per_bar;
    if (answer.question == question && !other_metre) result.push_back(answer);
  }
  std::stable_partition(result.begin(), result.end(), [this](const RhythmAnswer& answer) { return counts_so(answer); });
  return result;
}

bool Rhythm::counts_so(const RhythmAnswer& answer) const {
  if (answer.question == RhythmQuestion::tempo) return std::abs(answer.tempo_times - tempo_times) < kSameFactor;
  if (answer.beats_per_bar != grid.beats_per_bar) return false;
  if (answer.question == RhythmQuestion::metre) return true;
  const auto beat = static_cast<std::size_t>(answer.downbeat - 1);
  return beat < grid.numbers.size() && grid.numbers[beat] == 1;
}

std::string option_of(const RhythmAnswer& answer) {
  if (answer.question == RhythmQuestion::tempo) return fmt::format("--tempo-times {:.3g}", answer.tempo_times);
  if (answer.question == RhythmQuestion::metre) return fmt::format("--metre {}", answer.beats_per_bar);
  return fmt::format("--downbeat {}", answer.downbeat);
}

BeatOptions with_answer(BeatOptions options, const RhythmAnswer& answer) {
  if (answer.question == RhythmQuestion::tempo) options.tempo_times = answer.tempo_times;
  if (answer.question == RhythmQuestion::metre) options.beats_per_bar = answer.beats_per_bar;
  if (answer.question == RhythmQuestion::downbeat) options.downbeat = answer.downbeat;
  return options;
}

void count_bars(Analysis& analysis, std::optional<int> beats_per_bar, std::optional<int> downbeat) {
  if (!beats_per_bar && !downbeat) return;
  BeatOptions options = analysis.options.beats;
  if (beats_per_bar) options.beats_per_bar = beats_per_bar;
  options.downbeat = downbeat;
  check_beat_options(options);
  Rhythm& rhythm = analysis.rhythm;
  const int metre = beats_per_bar.value_or(rhythm.grid.beats_per_bar);
  renumber(rhythm.grid, downbeat.value_or(likeliest_downbeat(rhythm, metre)), metre);
  analysis.options.beats = options;
  lay_out_beats(analysis);
}

}  // namespace pop2piano
