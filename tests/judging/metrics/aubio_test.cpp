// SPDX-License-Identifier: MIT
// pYIN against another program on a real voice: aubio's yinfft (aubiopitch). The recording is the one in the folder
// that POP2PIANO_SHARED names, or ../shared beside the checkout; it has no annotation. Prints what it finds.
#include <pop2piano/audio.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "listening/melody/pyin.h"

namespace pop2piano {
namespace {

constexpr std::size_t kRate = 44100, kHop = 1024, kAubioFrame = 4096;

// [frames] Hz, 0 where aubio says nothing or something that no voice sings; frame k is centred on sample k * hop.
std::vector<double> heard_by_aubio(const std::filesystem::path& file, std::size_t frames) {
  const std::string command = "aubiopitch -r " + std::to_string(kRate) + " -p yinfft -H " + std::to_string(kHop) +
                              " -B " + std::to_string(kAubioFrame) + " -u Hz -i '" + file.string() + "' 2>/dev/null";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::vector<double> pitch(frames, 0.0);
  double time = 0.0, frequency = 0.0;
  while (std::fscanf(pipe.get(), "%lf %lf", &time, &frequency) == 2) {
    // A frame is stamped with the time of its last hop; its middle lies half a frame before its end.
    const double middle = time * kRate + kHop - kAubioFrame / 2.0;
    const auto k = static_cast<std::size_t>(std::max(0L, std::lround(middle / kHop)));
    if (k < frames && frequency >= 65.0 && frequency <= 1050.0) pitch[k] = frequency;
  }
  return pitch;
}

TEST(PyinAgainstAubio, TheyHearTheSamePitchWhereBothHearOne) {
  const char* shared = std::getenv("POP2PIANO_SHARED");
  const auto file = std::filesystem::path(shared != nullptr ? shared : POP2PIANO_SOURCE_DIR "/../shared") / "audio" /
                    "vocadito_10.wav";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no recording at " << file << "; set POP2PIANO_SHARED";
  if (std::system("command -v aubiopitch > /dev/null") != 0) GTEST_SKIP() << "aubiopitch is not installed";
  ThreadPool pool;
  const auto samples = Recording::open(file, {.sample_rate = kRate}).read_all().samples;
  const PitchContour ours = track_voice(samples, pool, {.sample_rate = kRate, .hop_samples = kHop}).contour;
  const std::vector<double> theirs = heard_by_aubio(file, ours.times.size());
  std::size_t voiced = 0, voiced_theirs = 0, both = 0, same = 0, same_class = 0;
  std::vector<double> distances;
  for (std::size_t k = 0; k < theirs.size(); ++k) {
    voiced += ours.frequencies[k] > 0.0;
    voiced_theirs += theirs[k] > 0.0;
    if (ours.frequencies[k] <= 0.0 || theirs[k] <= 0.0) continue;
    const double cents = std::abs(1200.0 * std::log2(ours.frequencies[k] / theirs[k]));
    ++both;
    same += cents < 50.0;
    same_class += std::abs(cents - 1200.0 * std::round(cents / 1200.0)) < 50.0;
    distances.push_back(cents);
  }
  ASSERT_GT(both, 100U);
  std::nth_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(both / 2), distances.end());
  const double median = distances[both / 2], share = static_cast<double>(same) / static_cast<double>(both);
  std::printf(
      "%zu frames: %zu voiced by pYIN, %zu by aubio, %zu by both; of these %.3f within 50 cents, %.3f with octaves "
      "folded; median distance %.1f cents\n",
      theirs.size(), voiced, voiced_theirs, both, share, static_cast<double>(same_class) / static_cast<double>(both),
      median);
  EXPECT_GT(share, 0.85);
  EXPECT_LT(median, 15.0);
}

}  // namespace
}  // namespace pop2piano
