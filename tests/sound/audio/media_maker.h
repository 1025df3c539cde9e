// SPDX-License-Identifier: MIT
// Makes small media files for the tests with FFmpeg's own encoders, so that no recording has to be shipped.
#pragma once

#include <cstddef>
#include <filesystem>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace pop2piano::testing {

/// A tone in an audio stream of its own, before the sound that is made.
struct ExtraTone {
  double hertz = 1000.0, seconds = 1.0;
  std::vector<std::string> flags{};  ///< libavformat's names: "comment", ...
  std::string language{}, title{};
};

struct MediaSpec {
  std::string format = "wav";       ///< libavformat's name of the container
  std::string codec = "pcm_s16le";  ///< libavcodec's name of the sound encoder; empty: no sound
  std::string video_codec{};        ///< empty: no pictures
  int sample_rate = 48000;
  int channels = 2;
  std::string title{}, artist{};
  std::vector<ExtraTone> extra{};
  std::vector<std::string> flags{};  ///< of the sound itself
  int late_milliseconds = 0;         ///< by which one packet a second is stamped late
};

[[nodiscard]] bool has_encoder(const std::string& name);

/// Writes `interleaved` [frames, channels]; throws std::runtime_error naming the step that failed.
void make_media(const std::filesystem::path& file, const MediaSpec& spec, std::span<const float> interleaved);

/// [frames, channels]: the same sine in every channel.
std::vector<float> sine(double hertz, double seconds, int sample_rate, int channels, double amplitude = 0.5);

/// Amplitude of the sine of that frequency in `samples` (Hann-weighted projection).
double amplitude_at(double hertz, std::span<const float> samples, int sample_rate);

double rms(std::span<const float> samples);

}  // namespace pop2piano::testing
