// SPDX-License-Identifier: MIT
#include "writing/cover/reading_level.h"

#include <cmath>
#include <set>

#include <fmt/format.h>

namespace pop2piano {
namespace {

constexpr double kFastest = 180, kSlowest = 50;  // quarters a minute of a page
constexpr double kCrowded = 0.35;                // share of the steps on sixteenths; of a full page it is 0.5
constexpr double kEmpty = 0.1;                   // share of the steps off the beats
constexpr std::size_t kFewest = 32;              // steps

}  // namespace

ReadingLevel reading_level(std::span<const Note> notes, double tempo) {
  std::set<int> steps;
  for (const Note& note : notes) steps.insert(note.onset);
  if (steps.size() < kFewest) return {};
  double sixteenths = 0, off_beats = 0;
  for (const int step : steps) {
    sixteenths += step % (kStepsPerBeat / 2) == kStepsPerBeat / 4 ? 1 : 0;
    off_beats += step % kStepsPerBeat != 0 ? 1 : 0;
  }
  const auto all = static_cast<double>(steps.size());
  if (sixteenths / all > kCrowded && 2 * tempo <= kFastest) return {.times = 2, .share = sixteenths / all};
  if (off_beats / all < kEmpty && tempo / 2 >= kSlowest) return {.times = 0.5, .share = off_beats / all};
  return {};
}

std::string reading_remark(std::span<const Note> notes, const Rhythm& rhythm) {
  if (rhythm.grid.size() < 2) return {};
  const ReadingLevel level = reading_level(notes, rhythm.grid.tempo());
  const double times = rhythm.tempo_times * level.times;
  const bool option =
      std::abs(std::log2(times)) < 1.01 && std::abs(std::log2(times) - std::round(std::log2(times))) < 0.01;
  if (level.times == 1 || !option) return {};
  return fmt::format(
      "the score reads better with --tempo-times {:.3g}: {:.0f} % of the places where notes begin lie {}", times,
      100 * level.share, level.times > 1 ? "on sixteenths" : "off the beats");
}

}  // namespace pop2piano
