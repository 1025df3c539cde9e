// SPDX-License-Identifier: MIT
#include "listening/rhythm/given_beats.h"

#include <pop2piano/error.h>

#include <array>

#include <fmt/format.h>

namespace pop2piano {
namespace {

constexpr double kShortest = 0.06,
                 kLongest = 6.0;  // seconds from beat to beat that music may have: 1000 to 10 a minute
// Seconds before the stretch at which a beat still belongs to it: an onset on its first sample is heard that much
// early.
constexpr double kEarly = 0.02;
constexpr double kUsualShortest = 0.2, kUsualLongest = 2.0;  // that it mostly has

struct Unit {
  double in_a_second;
  const char* guess;
};
constexpr std::array<Unit, 6> kUnits{{{1000.0, "milliseconds? divide them by 1000"},
                                      {1.0 / 60.0, "minutes? multiply them by 60"},
                                      {44100.0, "samples at 44.1 kHz? divide them by 44100"},
                                      {48000.0, "samples at 48 kHz? divide them by 48000"},
                                      {22050.0, "samples at 22.05 kHz? divide them by 22050"},
                                      {1e6, "microseconds? divide them by 1000000"}}};

// " (milliseconds? divide them by 1000)", or nothing where no unit fits.
std::string guessed(double interval) {
  for (const Unit& unit : kUnits) {
    const double seconds = interval / unit.in_a_second;
    if (seconds >= kUsualShortest && seconds <= kUsualLongest) return fmt::format(" ({})", unit.guess);
  }
  return "";
}

BeatGrid part_of(const BeatGrid& given, std::size_t first, std::size_t count, double start) {
  BeatGrid part{.beats_per_bar = given.beats_per_bar};
  const auto slice = [&](const auto& from, auto& to) {
    if (from.empty()) return;
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first);
    to.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  };
  slice(given.times, part.times);
  slice(given.numbers, part.numbers);
  slice(given.confidence, part.confidence);
  for (double& time : part.times) time -= start;
  return part;
}

}  // namespace

GivenBeats beats_within(const BeatGrid& given, const HeardStretch& heard) {
  given.validate();
  const double interval = given.median_interval();
  if (interval < kShortest || interval > kLongest) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{}: the given beats: expected seconds, found one beat every {:g} s{}", heard.name,
                            interval, guessed(interval)));
  }
  const double start = heard.start - kEarly, end = heard.start + heard.duration;
  std::size_t first = 0, last = 0;
  while (first < given.size() && given.times[first] < start) ++first;
  for (last = first; last < given.size() && given.times[last] < end;) ++last;
  if (last - first < 2) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{}: the given beats: expected seconds from the file's start, of which two or more lie in the "
                    "sound from {:.1f} to {:.1f} s; found {} of {} there, the first beat at {:.1f} s, the last at "
                    "{:.1f} s",
                    heard.name, heard.start, end, last - first, given.size(), given.times.front(), given.times.back()));
  }
  GivenBeats fitted{.grid = part_of(given, first, last - first, heard.start), .remark = {}};
  const std::size_t beyond = (heard.to_the_end ? given.size() - last : 0) + (heard.start == 0.0 ? first : 0);
  if (beyond > 0) {
    fitted.remark =
        fmt::format("{} of the {} given beats lie outside the recording and are left out", beyond, given.size());
  }
  return fitted;
}

}  // namespace pop2piano
