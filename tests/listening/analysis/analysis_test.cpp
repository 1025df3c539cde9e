// SPDX-License-Identifier: MIT
// analyse(): what comes out, where it lies, and that it is the same however it is computed.
#include <pop2piano/analysis.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/crc32c.h"
#include "listening/analysis/analysis_file.h"
#include "listening/analysis/published_frames.h"
#include "listening/analysis/small_analysis.h"
#include "sound/dsp/frequency_ratio.h"
#include "sound/dsp/published_mel.h"

namespace pop2piano {
namespace {

using testing::small_analysis;
using testing::small_options;
using testing::small_sound;

void expect_error(const Recording& recording, const AnalysisOptions& options, ErrorCode code) {
  try {
    (void)analyse(recording, options, 1);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
  }
}

TEST(Analyse, EverythingLiesOnTheGrid) {
  const Analysis analysis = small_analysis();
  EXPECT_EQ(analysis.rhythm.grid.times, testing::small_grid().times);
  ASSERT_EQ(analysis.grid.size(), 10U);  // one beat before, two after
  EXPECT_LE(analysis.grid.times.front(), 0.0);
  EXPECT_GE(analysis.grid.times.back(), 4.0);
  ASSERT_EQ(analysis.loudness_db.size(), 10U);
  EXPECT_NEAR(analysis.loudness_db[6] - analysis.loudness_db[2], 20 * std::log10(2.0), 0.2);
  EXPECT_EQ(analysis.bands.columns, 4U);
  EXPECT_EQ(analysis.bands.rows(), 9U * 4 + 1);
  EXPECT_EQ(analysis.melody.columns, 128U);
  EXPECT_EQ(analysis.melody.rows(), analysis.bands.rows());
  EXPECT_EQ(analysis.melody_chances.rows(), 0U);  // the network reads other bands
  ASSERT_EQ(analysis.stage_seconds.size(), 2U);
  EXPECT_EQ(analysis.stage_seconds[0].first, "beats");
  EXPECT_EQ(analysis.stage_seconds[1].first, "listen");
}

TEST(Analyse, SaysWhatItWasMadeFrom) {
  const Recording recording = small_sound();
  const Analysis analysis = analyse(recording, small_options(), 1);
  EXPECT_EQ(analysis.source.name, "the recording");
  EXPECT_EQ(analysis.source.samples, 4 * kAnalysisSampleRate);
  EXPECT_DOUBLE_EQ(analysis.source.duration(), 4.0);
  const Waveform all = recording.read_all();
  EXPECT_EQ(analysis.source.checksum, crc32c(std::as_bytes(std::span(all.samples))));
  EXPECT_NO_THROW(require_same_sound(analysis, recording));
  Waveform other = all;
  other.samples[1000] += 0.001F;
  EXPECT_THROW(require_same_sound(analysis, Recording::from(other)), Error);
  EXPECT_THROW(require_same_sound(analysis, small_sound(3.9)), Error);
}

TEST(Analyse, DoesNotDependOnThreads) {
  for (const FeatureKind kind : {FeatureKind::beat_synchronous, FeatureKind::mel}) {
    const auto bytes = [&](int threads) {
      return encode_analysis(analyse(small_sound(), small_options(kind), threads));
    };
    EXPECT_EQ(bytes(1), bytes(3));
  }
}

// Eight seconds of a triad over its bass, the chord changing in the middle, a beat every half second.
Analysis two_chords() {
  const auto chords = std::to_array<std::array<double, 4>>({{130.81, 261.63, 329.63, 392.00},   // C major
                                                            {55.00, 261.63, 329.63, 440.00}});  // A minor
  std::vector<float> samples;
  for (std::size_t voice = 0; voice < 4; ++voice) {
    const auto pitch = [&](double t) { return chords[t < 4.0 ? 0 : 1][voice]; };
    samples = testing::mixed(std::move(samples), testing::tone(8.0, kAnalysisSampleRate, pitch, 8, 0.08));
  }
  AnalysisOptions options = small_options();
  options.beats.given = testing::small_grid().extended(0.0, 8.0);
  return analyse(Recording::from({.samples = std::move(samples)}), options, 1);
}

TEST(Analyse, HearsTheChordOfEachBeat) {
  const Analysis analysis = two_chords();
  ASSERT_EQ(analysis.harmony.size(), analysis.grid.size());
  std::size_t beats = 0;
  for (std::size_t b = 0; b < analysis.grid.size(); ++b) {
    const double middle = analysis.grid.times[b] + 0.25;
    if (middle < 0.5 || middle > 7.5 || std::abs(middle - 4.0) < 0.5) continue;
    EXPECT_EQ(analysis.harmony[b].root, middle < 4.0 ? 0 : 9) << middle;
    EXPECT_EQ(analysis.harmony[b].bass, middle < 4.0 ? 0 : 9) << middle;
    ++beats;
  }
  EXPECT_GE(beats, 10U);
}

TEST(Analyse, WithoutTheHarmonyNetworkNoHarmony) {
  ASSERT_EQ(setenv("POP2PIANO_HARMONY", "none", 1), 0);
  EXPECT_TRUE(small_analysis().harmony.empty());
  ASSERT_EQ(setenv("POP2PIANO_HARMONY", "/no/such/file.safetensors", 1), 0);
  EXPECT_THROW((void)small_analysis(), Error);
  ASSERT_EQ(unsetenv("POP2PIANO_HARMONY"), 0);
  EXPECT_EQ(small_analysis().harmony.size(), 10U);
}

TEST(Analyse, HearsTheMelodyOnlyWhereItIsAskedFor) {
  AnalysisOptions options = small_options();
  options.melody = MelodyEvidence::none;
  EXPECT_EQ(analyse(small_sound(), options, 1).melody.rows(), 0U);
  options.features.melody_channels = 128;  // the model reads it
  EXPECT_EQ(analyse(small_sound(), options, 1).melody.columns, 128U);
}

// The frames and the silence behind them are those of each segment by itself, padded as the reference pads it.
void expect_published_frames(const Analysis& analysis, std::span<const float> samples) {
  const FeatureSettings& f = analysis.options.features;
  const auto times = std::span(analysis.grid.times).subspan(analysis.heard.first_found, analysis.heard.found);
  const auto borders = published_segment_borders(published_step_times(times), 22050, 8);
  ASSERT_EQ(analysis.segment_frames.size(), borders.size());
  std::int64_t longest = 0;
  for (std::size_t s = 0; s + 1 < borders.size(); ++s) longest = std::max(longest, borders[s + 1] - borders[s]);
  EXPECT_EQ(analysis.padded_frames, 1 + longest / 512);
  const MelFilterbank filterbank({.sample_rate = 22050, .n_fft = 1024, .bands = 4, .f_min = f.f_min, .f_max = f.f_max});
  const auto origin = static_cast<std::int64_t>(times.front() * 22050);
  for (std::size_t s = 0; s + 1 < borders.size(); ++s) {
    std::vector<float> segment(static_cast<std::size_t>(longest), 0.0F);
    for (std::int64_t i = borders[s]; i < borders[s + 1] && origin + i < std::ssize(samples); ++i)
      segment[static_cast<std::size_t>(i - borders[s])] = samples[static_cast<std::size_t>(origin + i)];
    const Matrix<float> expected = published_log_mel(segment, filterbank, 512);
    const auto begin = analysis.segment_frames[s], count = analysis.segment_frames[s + 1] - begin;
    for (std::size_t row = 0; row < expected.rows(); ++row) {
      for (std::size_t band = 0; band < 4; ++band) {
        const float found = static_cast<std::int64_t>(row) < count
                                ? analysis.bands.row(static_cast<std::size_t>(begin) + row)[band]
                                : analysis.silence;
        ASSERT_EQ(found, expected(row, band)) << s << " " << row << " " << band;
      }
    }
  }
}

TEST(Analyse, PublishedFramesAreThoseOfEachSegmentAlone) {
  const Analysis analysis = small_analysis(FeatureKind::mel);
  EXPECT_EQ(analysis.segment_frames.size(), 3U);  // seven beats in fours
  expect_published_frames(analysis, small_sound().read_all().samples);
}

// The reference neither levels nor retunes nor leaves out silence: a quiet song, 40 cents sharp, that begins after 7 s
// and rests for 6 s.
TEST(Analyse, PublishedFramesAreOfTheRecordingsOwnSamples) {
  constexpr double kSeconds = 24.0;
  const auto pitch = [](double t) {
    return 220.0 * frequency_ratio(40.0) * std::exp2(static_cast<int>(2 * t) * 5 % 12 / 12.0);
  };
  auto samples = testing::tone(kSeconds, kAnalysisSampleRate, pitch, 4);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / kAnalysisSampleRate;
    samples[i] *= t < 7.0 || (t >= 12.0 && t < 18.0) ? 0.0F : 0.03F;
  }
  AnalysisOptions options = small_options(FeatureKind::mel);
  options.beats.given = testing::small_grid().extended(0.25, kSeconds - 0.5);
  const Analysis analysis = analyse(Recording::from({.samples = samples}), options, 1);
  EXPECT_GT(std::abs(analysis.tuning.corrected), 30.0);
  EXPECT_EQ(analysis.heard.found, options.beats.given->size());  // those of the silence, too
  expect_published_frames(analysis, samples);
}

TEST(Analyse, SilenceAndWhatCannotBeMadeAreErrors) {
  expect_error(Recording::from({.samples = std::vector<float>(22050)}), small_options(), ErrorCode::nothing_found);
  AnalysisOptions options = small_options();
  options.features.melody_channels = 64;
  expect_error(small_sound(), options, ErrorCode::unsupported);
  expect_error(Recording::from({.sample_rate = 44100, .samples = std::vector<float>(44100, 0.1F)}), small_options(),
               ErrorCode::invalid_argument);
  options = small_options();
  options.beats.given->times[2] = 0.0;
  expect_error(small_sound(), options, ErrorCode::invalid_argument);
}

TEST(Analyse, CanBeCancelled) {
  CancelToken token;
  token.cancel();
  EXPECT_THROW((void)analyse(small_sound(), small_options(), 1, {.cancel = &token}), Error);
}

}  // namespace
}  // namespace pop2piano
