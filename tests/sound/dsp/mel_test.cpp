// SPDX-License-Identifier: MIT
#include "sound/dsp/mel.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sound/dsp/published_mel.h"
#include "wav_fixture.h"

namespace pop2piano {
namespace {

const std::string kGolden = POP2PIANO_TEST_DATA "/golden/";

TEST(MelFilterbank, SilenceGivesTheFloor) {
  const MelFilterbank filterbank(MelOptions{});
  const std::vector<std::complex<float>> spectrum(filterbank.bins());
  std::vector<float> out(filterbank.bands());
  filterbank.log_energies(spectrum, 1e-6F, out);
  for (const float value : out) EXPECT_FLOAT_EQ(value, std::log(1e-6F));
}

TEST(MelFilterbank, NeighbouringTrianglesSumToOne) {
  // Between the first and the last centre every frequency belongs to exactly two triangles whose weights sum to 1.
  const MelFilterbank filterbank({.sample_rate = 8000, .n_fft = 512, .bands = 8, .f_min = 100, .f_max = 4000});
  for (std::size_t bin = 40; bin < 180; ++bin) {
    std::vector<std::complex<float>> spectrum(filterbank.bins());
    spectrum[bin] = 1;
    std::vector<float> out(filterbank.bands());
    filterbank.log_energies(spectrum, 1e-30F, out);
    float sum = 0;
    for (const float value : out) sum += std::exp(value);
    EXPECT_NEAR(sum, 1.0F, 1e-4) << bin;
  }
}

TEST(MelFilterbank, RefusesImpossibleRanges) {
  EXPECT_THROW(MelFilterbank({.f_min = 500, .f_max = 400}), Error);
  EXPECT_THROW(MelFilterbank({.sample_rate = 8000, .f_max = 4001}), Error);
  EXPECT_THROW(MelFilterbank({.bands = 0}), Error);
}

// Segment borders of tests/data/golden/tiny_expected.json, reference in float64 (generator: NumPy, see the README
// there).
void compare_with_reference(std::size_t bands, const std::string& reference_file) {
  const auto samples = testing::mono_wav(kGolden + "tone.wav");
  const auto expected = nlohmann::json::parse(std::ifstream(kGolden + "tiny_expected.json"));
  const auto reference = testing::floats_of(kGolden + reference_file);
  const std::vector<double> steps = expected.at("steps");
  const std::vector<std::size_t> lengths = expected.at("segment_samples");
  const std::size_t padded = expected.at("padded_samples");
  const auto origin = static_cast<std::size_t>(steps[0] * 22050);
  const MelFilterbank filterbank({.bands = bands});
  std::size_t at = 0;
  double worst = 0;
  for (std::size_t s = 0; s < lengths.size(); ++s) {
    const auto start = origin + static_cast<std::size_t>((steps[s * 8] - steps[0]) * 22050);
    std::vector<float> segment(padded, 0.0F);
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(start), lengths[s], segment.begin());
    const auto mel = published_log_mel(segment, filterbank);
    for (const float value : mel.flat()) worst = std::max(worst, std::abs(double{value} - double{reference.at(at++)}));
  }
  EXPECT_EQ(at, reference.size());
  EXPECT_LT(worst, 2e-3);  // float32 FFT against float64: quiet bands next to loud ones lose digits
}

TEST(PublishedMel, AgreesWithTheReference512) { compare_with_reference(512, "mel512.f32"); }
TEST(PublishedMel, AgreesWithTheReference48) { compare_with_reference(48, "mel48.f32"); }

TEST(PublishedMel, RefusesSegmentsThatCannotBeReflected) {
  const MelFilterbank filterbank(MelOptions{});
  EXPECT_THROW(published_log_mel(std::vector<float>(2048), filterbank), Error);
  EXPECT_EQ(published_log_mel(std::vector<float>(2049), filterbank).rows(), 3U);
}

}  // namespace
}  // namespace pop2piano
