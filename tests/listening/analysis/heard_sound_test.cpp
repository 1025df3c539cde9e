// SPDX-License-Identifier: MIT
// HeardSound: one level, without silence, wherever that lies.
#include "listening/analysis/heard_sound.h"

#include <cmath>

#include <gtest/gtest.h>

#include "listening/analysis/analysis_file.h"
#include "listening/analysis/small_analysis.h"
#include "sound/dsp/frequency_ratio.h"

namespace pop2piano {
namespace {

constexpr std::size_t kSecond = kAnalysisSampleRate;
using Samples = std::vector<float>;

Samples song(double seconds = 6.0, double cents = 0.0) {
  return testing::tone(
      seconds, kAnalysisSampleRate,
      [&](double t) { return 220.0 * frequency_ratio(cents) * std::exp2(static_cast<int>(2 * t) * 5 % 12 / 12.0); }, 4);
}

Samples joined(std::initializer_list<Samples> parts) {
  Samples all;
  for (const Samples& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Samples silence(double seconds) { return Samples(static_cast<std::size_t>(seconds * kSecond), 0.0F); }

struct Heard {
  Samples samples;
  std::vector<TimeSpan> sounding, faint;
  Tuning tuning;
};

Heard hear(Samples samples) {
  const Recording recording = Recording::from({.samples = std::move(samples)});
  ThreadPool pool(1);
  const HeardSound sound(recording, pool, {});
  Heard heard{.samples = {}, .sounding = sound.sounding(), .faint = sound.faint(), .tuning = sound.tuning()};
  sound.read({}, {}, [&](std::span<const float> block) {
    heard.samples.insert(heard.samples.end(), block.begin(), block.end());
  });
  return heard;
}

TEST(HeardSound, IsTheSameWhateverTheLevel) {
  const Samples loud = song();
  const Heard reference = hear(loud);
  EXPECT_NEAR(*std::max_element(reference.samples.begin(), reference.samples.end()), 1.0, 0.2);
  for (const double db : {-1.0, -40.0, -90.0}) {
    Samples other = loud;
    for (float& sample : other) sample *= static_cast<float>(std::pow(10.0, db / 20.0));
    const Heard heard = hear(other);
    ASSERT_EQ(heard.samples.size(), reference.samples.size());
    for (std::size_t i = 0; i < heard.samples.size(); ++i) {
      ASSERT_NEAR(heard.samples[i], reference.samples[i], 3e-7) << db;  // two roundings of the scaled sample
    }
  }
}

TEST(HeardSound, IsTheSameWhereverSilenceLies) {
  const Samples start = song(7.3), end = song(5.1);
  const Heard whole = hear(joined({start, end}));
  EXPECT_EQ(hear(joined({start, end, silence(20)})).samples, whole.samples);
  EXPECT_EQ(hear(joined({silence(20), start, end})).samples, whole.samples);
  const Heard gap = hear(joined({start, silence(15), end}));
  EXPECT_EQ(gap.samples.size(), whole.samples.size());
  ASSERT_EQ(gap.sounding.size(), 2U);
  EXPECT_NEAR(gap.sounding[0].end, 7.3, 0.01);
  EXPECT_NEAR(gap.sounding[1].start, 22.3, 0.01);
}

TEST(HeardSound, KeepsRestsThatBelongToTheMusic) {
  EXPECT_EQ(hear(joined({song(), silence(3.5), song()})).sounding.size(), 1U);
  EXPECT_EQ(hear(joined({song(), silence(4.5), song()})).sounding.size(), 2U);
}

TEST(HeardSound, IsFaintWhereNothingBegins) {
  Samples quiet = song(2.0);
  for (float& sample : quiet) sample *= 0.004F;  // -48 dB
  const Heard heard = hear(joined({song(), quiet, song()}));
  EXPECT_EQ(heard.sounding.size(), 1U);
  ASSERT_EQ(heard.faint.size(), 1U);
  EXPECT_NEAR(heard.faint.front().start, 6.0, 0.011);
  EXPECT_NEAR(heard.faint.front().end, 7.91, 0.02);  // what begins up to a tenth of a second later sounds
}

TEST(HeardSound, IsCorrectedBeyondSixCents) {
  for (const double cents : {0.0, 4.0, -4.0}) EXPECT_EQ(hear(song(6.0, cents)).tuning.corrected, 0.0) << cents;
  for (const double cents : {-32.0, 25.0, 45.0}) EXPECT_NEAR(hear(song(6.0, cents)).tuning.corrected, cents, 3.0);
}

// Every feature of a sound 32 cents flat lies where it lies in the sound as it should be.
TEST(HeardSound, FeaturesOfAFlatRecordingAreThoseAt440Hz) {
  const auto analysed = [](double cents) {
    const Recording recording = Recording::from({.samples = song(4.0, cents)});
    AnalysisOptions options = testing::small_options();
    options.features.n_mels = 128;
    options.features.n_fft = 4096;
    return analyse(recording, options, 1);
  };
  const Analysis tuned = analysed(0.0), flat = analysed(-32.0);
  EXPECT_NEAR(flat.tuning.corrected, -32.0, 3.0);
  EXPECT_EQ(flat.rhythm.remarks.size(), 1U);
  double melody = 0.0, most = 0.0;
  for (std::size_t i = 0; i < tuned.melody.values.size(); ++i) {
    melody += std::abs(tuned.melody.values[i] - flat.melody.values[i]);
    most += tuned.melody.values[i];
  }
  EXPECT_LT(melody, 0.2 * most);
  double bands = 0.0;
  for (std::size_t i = 0; i < tuned.bands.values.size(); ++i) {
    bands += std::abs(tuned.bands.values[i] - flat.bands.values[i]) / static_cast<double>(tuned.bands.values.size());
  }
  EXPECT_LT(bands, 0.1);
}

}  // namespace
}  // namespace pop2piano
