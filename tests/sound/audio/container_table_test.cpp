// SPDX-License-Identifier: MIT
// Every codec in every container that the installed FFmpeg writes and reads back: what is decoded here has the length
// and the onsets of `ffmpeg -f f32le`, within 5 ms. Prints the largest differences.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/core/mapped_file.h"
#include "scratch_folder.h"
#include "sound/audio/decoder.h"
#include "sound/audio/media_maker.h"
#include "sound/audio/single_file_formats.h"

namespace pop2piano {
namespace {

constexpr double kMostApart = 0.005;  // seconds
constexpr int kFewest = 200;          // combinations, or this FFmpeg says little
constexpr int kRate = 44100;
constexpr double kSeconds = 5.0;
constexpr double kMostPadding =
    0.5;  // seconds; where FFmpeg's own length is further off, it took another format for this
constexpr double kOnsets[] = {0.31, 0.87, 1.73, 2.19, 3.07, 3.94, 4.58};

/// 5 s of 1 kHz, 70 ms at each onset, over a little of 200 Hz.
std::vector<float> bursts() {
  std::vector<float> samples;
  for (int i = 0; i < static_cast<int>(kSeconds) * kRate; ++i) {
    const double t = static_cast<double>(i) / kRate;
    const bool burst =
        std::any_of(std::begin(kOnsets), std::end(kOnsets), [&](double at) { return t >= at && t < at + 0.07; });
    const double sample = 0.01 * std::sin(2.0 * std::numbers::pi * 200.0 * t) +
                          (burst ? 0.6 * std::sin(2.0 * std::numbers::pi * 1000.0 * t) : 0.0);
    samples.insert(samples.end(), 2, static_cast<float>(sample));
  }
  return samples;
}

/// Seconds at which the level rises above a quarter of the loudest after 50 ms below it.
std::vector<double> onsets(const std::vector<float>& samples, int rate) {
  const auto step = static_cast<std::size_t>(std::max(1, rate / 1000));
  std::vector<float> level;
  for (std::size_t i = 0; i + step <= samples.size(); i += step) {
    float peak = 0.0F;
    for (std::size_t k = i; k < i + step; ++k) peak = std::max(peak, std::abs(samples[k]));
    level.push_back(peak);
  }
  const float bound = level.empty() ? 0.0F : 0.25F * *std::max_element(level.begin(), level.end());
  std::vector<double> found;
  std::size_t below = 50;
  for (std::size_t i = 0; i < level.size(); ++i) {
    if (level[i] > bound && below >= 50) found.push_back(static_cast<double>(i * step) / rate);
    below = level[i] > bound ? 0 : below + 1;
  }
  return found;
}

struct Difference {
  double length = 0.0, onset = 0.0;  // seconds
};

Difference between(const std::vector<float>& ours, const std::vector<float>& theirs, int rate) {
  Difference found{.length = std::abs(static_cast<double>(ours.size()) - static_cast<double>(theirs.size())) / rate};
  const auto a = onsets(ours, rate), b = onsets(theirs, rate);
  if (a.size() != b.size()) return {found.length, 1e3};
  for (std::size_t i = 0; i < a.size(); ++i) found.onset = std::max(found.onset, std::abs(a[i] - b[i]));
  return found;
}

bool run(const std::string& command) {
  const int status = std::system(("timeout 60 " + command + " </dev/null >/dev/null 2>&1").c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::vector<float> floats_of(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  std::vector<float> samples(mapped.bytes().size() / sizeof(float));
  std::memcpy(samples.data(), mapped.bytes().data(), samples.size() * sizeof(float));
  return samples;
}

struct Combination {
  std::string encoder, muxer;
};

/// What the muxers say they can hold; where they say nothing, the codec that they write by themselves.
std::vector<Combination> combinations() {
  std::vector<Combination> all;
  void* at = nullptr;
  const std::set<std::string> not_files = {"alsa",
                                           "pulse",
                                           "oss",
                                           "sndio",
                                           "null",
                                           "hash",
                                           "framehash",
                                           "streamhash",
                                           "md5",
                                           "framemd5",
                                           "crc",
                                           "framecrc",
                                           "tee",
                                           "fifo",
                                           "segment",
                                           "stream_segment,ssegment",
                                           "hls",
                                           "dash",
                                           "hds",
                                           "smoothstreaming",
                                           "rtp",
                                           "rtsp",
                                           "sap",
                                           "chromaprint",
                                           "uncodedframecrc",
                                           "webm_chunk",
                                           "webm_dash_manifest",
                                           "fifo_test",
                                           "opengl",
                                           "sdl,sdl2",
                                           "ffmetadata",
                                           "data",
                                           "image2",
                                           "image2pipe",
                                           "rtp_mpegts"};
  while (const AVOutputFormat* muxer = av_muxer_iterate(&at)) {
    if (not_files.contains(muxer->name)) continue;
    void* next = nullptr;
    while (const AVCodec* codec = av_codec_iterate(&next)) {
      if (av_codec_is_encoder(codec) == 0 || codec->type != AVMEDIA_TYPE_AUDIO) continue;
      const int held = avformat_query_codec(muxer, codec->id, FF_COMPLIANCE_EXPERIMENTAL);
      if (held == 1 || (held < 0 && codec->id == muxer->audio_codec)) all.push_back({codec->name, muxer->name});
    }
  }
  return all;
}

class ContainerTable : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!run("ffmpeg -version")) GTEST_SKIP() << "ffmpeg is not installed";
    testing::make_media(folder / "song.wav", {.sample_rate = kRate}, bursts());
  }

  /// False where FFmpeg itself cannot write it, or does not read back what it wrote.
  bool make(const Combination& c) {
    std::filesystem::remove(folder / "media");
    std::filesystem::remove(folder / "floats");
    const std::string muxer = c.muxer.substr(0, c.muxer.find(','));
    return run("ffmpeg -v error -y -i " + (folder / "song.wav").string() + " -c:a " + c.encoder + " -strict -2 -f " +
               muxer + " " + (folder / "media").string()) &&
           run("ffmpeg -v error -y -i " + (folder / "media").string() + " -map 0:a:0 -ac 1 -f f32le " +
               (folder / "floats").string()) &&
           std::filesystem::file_size(folder / "floats") > 0;
  }

  testing::ScratchFolder folder;
};

/// At the file's own rate.
Recording opened(const std::filesystem::path& file) {
  const int rate = MediaDecoder(MediaFile::open(file), {.sample_rate = 0}).sample_rate();
  return Recording::open(file, {.sample_rate = rate});
}

TEST_F(ContainerTable, LengthAndOnsetsAreThoseOfFfmpeg) {
  int compared = 0, refused = 0;
  double length = 0.0, onset = 0.0;
  for (const Combination& c : combinations()) {
    if (!make(c)) continue;
    const auto theirs = floats_of(folder / "floats");
    const std::string name = c.encoder + " in " + c.muxer;
    try {
      const auto recording = opened(folder / "media");
      const auto ours = recording.read_all().samples;
      if (std::abs(static_cast<double>(theirs.size()) / recording.sample_rate() - kSeconds) > kMostPadding) continue;
      const Difference difference = between(ours, theirs, recording.sample_rate());
      ++compared;
      length = std::max(length, difference.length);
      onset = std::max(onset, difference.onset);
      EXPECT_LE(difference.length, kMostApart) << name << ": " << ours.size() << " for " << theirs.size() << " samples";
      EXPECT_LE(difference.onset, kMostApart) << name;
      EXPECT_TRUE(recording.description().warnings.empty()) << name << ": " << recording.description().warnings.front();
    } catch (const Error& error) {
      ++refused;
      std::printf("refused: %s: %s\n", name.c_str(), error.what());
    }
  }
  std::printf(
      "%d combinations of codec and container: largest difference of length %.4f s, of an onset %.4f s; %d refused\n",
      compared, length, onset, refused);
  EXPECT_GE(compared, kFewest);
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace pop2piano
