// SPDX-License-Identifier: MIT
// Every kind of file that is promised: a stereo tone of 440 Hz comes back with its pitch, level and length.
#include <pop2piano/audio.h>

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "sound/audio/media_maker.h"

namespace pop2piano {
namespace {

using testing::amplitude_at;
using testing::make_media;
using testing::MediaSpec;
using testing::rms;
using testing::sine;

struct FormatCase {
  const char* name;
  MediaSpec spec;
  double level_error;   ///< of the amplitude 0.5; lossy codecs (LAME: 3 % less) and 8 bits change it
  double length_error;  ///< seconds; codecs of fixed frames without a length in the header pad
  double residual;      ///< RMS of what is not the tone
};

void PrintTo(const FormatCase& value, std::ostream* out) { *out << value.name; }

constexpr double kTwoSamples = 2.0 / kAnalysisSampleRate;
constexpr double kFrame = 0.06;

class Formats : public ::testing::TestWithParam<FormatCase> {};

TEST_P(Formats, ToneKeepsPitchLevelAndLength) {
  const auto& c = GetParam();
  for (const auto& codec : {c.spec.codec, c.spec.video_codec}) {
    if (!codec.empty() && !testing::has_encoder(codec)) GTEST_SKIP() << "this FFmpeg has no encoder " << codec;
  }
  const testing::ScratchFolder folder;
  const auto file = folder / (std::string("tone.") + c.name);
  make_media(file, c.spec, sine(440.0, 2.0, c.spec.sample_rate, c.spec.channels));
  const auto recording = Recording::open(file);
  EXPECT_NEAR(recording.duration(), 2.0, c.length_error);
  EXPECT_EQ(recording.description().channels, c.spec.channels);
  EXPECT_EQ(recording.description().sample_rate, c.spec.sample_rate);
  EXPECT_TRUE(recording.description().warnings.empty()) << recording.description().warnings.front();
  const auto all = recording.read_all();
  const auto middle = std::span(all.samples).subspan(4410, 33075);  // whole periods away from the padded ends
  const double level = amplitude_at(440.0, middle, kAnalysisSampleRate);
  EXPECT_NEAR(level, 0.5, c.level_error);
  EXPECT_NEAR(rms(middle), level / std::sqrt(2.0), c.residual);
  EXPECT_LT(amplitude_at(880.0, middle, kAnalysisSampleRate), 2.0 * c.residual);
}

INSTANTIATE_TEST_SUITE_P(
    Audio, Formats,
    ::testing::Values(
        FormatCase{"u8.wav", {.codec = "pcm_u8"}, 0.005, kTwoSamples, 5e-3},
        FormatCase{"s16.wav", {.codec = "pcm_s16le"}, 1e-4, kTwoSamples, 1e-4},
        FormatCase{"s24.wav", {.codec = "pcm_s24le"}, 1e-5, kTwoSamples, 1e-5},
        FormatCase{"s32.wav", {.codec = "pcm_s32le"}, 1e-5, kTwoSamples, 1e-5},
        FormatCase{"s64.wav", {.codec = "pcm_s64le"}, 1e-5, kTwoSamples, 1e-5},
        FormatCase{"f32.wav", {.codec = "pcm_f32le"}, 1e-5, kTwoSamples, 1e-5},
        FormatCase{"f64.wav", {.codec = "pcm_f64le"}, 1e-5, kTwoSamples, 1e-5},
        FormatCase{"aiff", {.format = "aiff", .codec = "pcm_s16be"}, 1e-4, kTwoSamples, 1e-4},
        FormatCase{"mono44.wav", {.sample_rate = 44100, .channels = 1}, 1e-4, kTwoSamples, 1e-4},
        FormatCase{"analysis_rate.wav", {.sample_rate = kAnalysisSampleRate, .channels = 1}, 1e-4, 1e-9, 1e-4},
        FormatCase{"eight_channels_192k.wav",
                   {.codec = "pcm_s24le", .sample_rate = 192000, .channels = 8},
                   1e-5,
                   kTwoSamples,
                   1e-5},
        FormatCase{"telephone.wav", {.sample_rate = 8000, .channels = 1}, 2e-4, kTwoSamples, 2e-4},
        FormatCase{"flac", {.format = "flac", .codec = "flac"}, 1e-4, kTwoSamples, 1e-4},
        FormatCase{"mp3", {.format = "mp3", .codec = "libmp3lame"}, 0.02, kTwoSamples, 0.01},
        FormatCase{"ogg", {.format = "ogg", .codec = "libvorbis"}, 0.01, kTwoSamples, 0.01},
        FormatCase{"opus", {.format = "opus", .codec = "libopus"}, 0.02, kFrame, 0.02},
        FormatCase{"m4a", {.format = "ipod", .codec = "aac"}, 0.01, kFrame, 0.01},
        FormatCase{"alac.m4a", {.format = "ipod", .codec = "alac"}, 1e-4, kFrame, 1e-4},
        FormatCase{"mp4", {.format = "mp4", .codec = "aac", .video_codec = "mpeg4"}, 0.01, kFrame, 0.01},
        FormatCase{"mkv", {.format = "matroska", .codec = "flac", .video_codec = "mpeg4"}, 1e-4, kFrame, 1e-4},
        FormatCase{"webm", {.format = "webm", .codec = "libopus", .video_codec = "libvpx"}, 0.02, kFrame, 0.02},
        FormatCase{"adpcm_ms.wav", {.codec = "adpcm_ms"}, 0.01, 0.03, 0.01},
        FormatCase{"adpcm_ima.wav", {.codec = "adpcm_ima_wav"}, 0.01, 0.03, 0.01},
        FormatCase{"wma.wav", {.codec = "wmav2"}, 0.02, 0.2, 0.02},
        FormatCase{"wma.mka", {.format = "matroska", .codec = "wmav2"}, 0.02, 0.2, 0.02},
        FormatCase{"late.mkv", {.format = "matroska", .codec = "flac", .late_milliseconds = 80}, 1e-4, kFrame, 1e-4},
        FormatCase{
            "late.mka", {.format = "matroska", .codec = "pcm_s16le", .late_milliseconds = 400}, 1e-4, kFrame, 1e-4},
        FormatCase{"wma", {.format = "asf", .codec = "wmav2"}, 0.02, 0.2, 0.02}),
    [](const auto& tested) {
      std::string name = tested.param.name;
      for (char& c : name) c = c == '.' ? '_' : c;
      return name;
    });

/// Frequency of the stream that is heard: of a file with commentary and film at 880 Hz and the song at 440 Hz.
double heard(const MediaSpec& spec, const RecordingOptions& options = {}) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.mka", spec, sine(440.0, 2.0, 48000, 2));
  const auto recording = Recording::open(folder / "a.mka", options);
  EXPECT_EQ(recording.description().streams.size(), spec.extra.size() + 1);
  EXPECT_EQ(recording.description().remarks.size(), 1U);
  const auto samples = recording.read_all().samples;
  return amplitude_at(440.0, samples, kAnalysisSampleRate) > 0.4 ? 440.0 : 880.0;
}

TEST(Streams, FlagsDecideAndAWishDecidesBeforeThem) {
  const std::string format = "matroska";
  const testing::ExtraTone other{.hertz = 880.0, .seconds = 1.0};
  auto comment = other, main = other, spoken = other;
  comment.flags = {"comment", "default"};
  main.flags = {"default"};
  spoken.title = "Director's Commentary";
  EXPECT_EQ(heard({.format = format, .extra = {other}, .flags = {"default"}}), 440.0);
  EXPECT_EQ(heard({.format = format, .extra = {comment}, .flags = {}}), 440.0);
  EXPECT_EQ(heard({.format = format, .extra = {spoken}, .flags = {}}), 440.0);
  EXPECT_EQ(heard({.format = format, .extra = {other}, .flags = {}}), 880.0);
  EXPECT_EQ(heard({.format = format, .extra = {comment, main}, .flags = {}}), 880.0);
  EXPECT_EQ(heard({.format = format, .extra = {main}, .flags = {"comment"}}), 880.0);
  EXPECT_EQ(heard({.format = format, .extra = {main}, .flags = {}}, {.stream = 1}), 440.0);
  EXPECT_EQ(heard({.format = format, .extra = {other}, .flags = {"default"}}, {.stream = 0}), 880.0);
}

TEST(Streams, AreDescribed) {
  const testing::ScratchFolder folder;
  const testing::ExtraTone spoken{.flags = {"comment"}, .language = "ger", .title = "Kommentar"};
  make_media(folder / "a.mka", {.format = "matroska", .extra = {spoken}, .flags = {"default"}},
             sine(440.0, 1.0, 48000, 2));
  const auto description = Recording::open(folder / "a.mka").description();
  ASSERT_EQ(description.streams.size(), 2U);
  EXPECT_EQ(description.streams[0].language, "ger");
  EXPECT_EQ(description.streams[0].title, "Kommentar");
  EXPECT_EQ(description.streams[0].flags, std::vector<std::string>{"comment"});
  EXPECT_EQ(description.streams[1].flags, std::vector<std::string>{"default"});
  EXPECT_EQ(description.stream, 1);
  EXPECT_THROW(static_cast<void>(Recording::open(folder / "a.mka", {.stream = 2})), Error);
}

TEST(Description, TellsWhatTheFileSays) {
  if (!testing::has_encoder("libmp3lame")) GTEST_SKIP() << "this FFmpeg has no encoder libmp3lame";
  const testing::ScratchFolder folder;
  const MediaSpec spec{.format = "mp3", .codec = "libmp3lame", .title = "\"Ça <&> 歌\"", .artist = "Björk's"};
  make_media(folder / "a.mp3", spec, sine(440.0, 1.0, 48000, 2));
  const auto description = Recording::open(folder / "a.mp3").description();
  EXPECT_EQ(description.title, "\"Ça <&> 歌\"");
  EXPECT_EQ(description.artist, "Björk's");
  EXPECT_EQ(description.container, "mp3");
  EXPECT_EQ(description.codec, "mp3");
  EXPECT_NEAR(static_cast<double>(description.bit_rate), 192000.0, 20000.0);
}

}  // namespace
}  // namespace pop2piano
