// SPDX-License-Identifier: MIT
// The song in the left ear, the piano in the right: measured first, then mixed block by block.
#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <unistd.h>

#include "base/core/paths.h"
#include "sound/audio/wav_writer.h"
#include "sound/render/limiter.h"
#include "sound/render/loudness.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBlockFrames = 4096;
constexpr double kMostBoost = 24.0;  // dB; a nearly silent recording stays quiet

void check_options(const MixOptions& options) {
  if (!(std::abs(options.balance) <= 1.0)) {
    throw Error(ErrorCode::invalid_argument,
                "mix: expected a balance of -1 to 1, found " + std::to_string(options.balance));
  }
  if (!(options.loudness_lufs >= -40.0 && options.loudness_lufs <= -10.0)) {
    throw Error(ErrorCode::invalid_argument,
                "mix: expected a loudness of -40 to -10 LUFS, found " + std::to_string(options.loudness_lufs));
  }
  if (options.sample_rate < 8000 || options.sample_rate > 192000) {
    throw Error(ErrorCode::invalid_argument,
                "mix: expected 8000 to 192000 samples per second, found " + std::to_string(options.sample_rate));
  }
}

/// One side of the mix: a recording at its gain, limited, endless silence after its end.
class Ear {
 public:
  Ear(const Recording& recording, double share, const MixOptions& options, const Monitor& monitor)
      : limiter_({.sample_rate = options.sample_rate, .channels = 1}), left_(kBlockFrames) {
    const double loudness = measure(recording, options.sample_rate, monitor);
    const double gain_db = std::isfinite(loudness) ? std::min(options.loudness_lufs - loudness, kMostBoost) : 0.0;
    gain_ = static_cast<float>(share * std::pow(10.0, gain_db / 20.0));
    stream_ = recording.stream_at(options.sample_rate);
  }

  /// Returns how many frames of the block the recording still had.
  std::size_t read() {
    const std::size_t got = stream_->read(left_);
    for (std::size_t i = 0; i < left_.size(); ++i) left_[i] = i < got ? gain_ * left_[i] : 0.0F;
    limiter_.push(left_, limited_);
    return got;
  }
  void finish() { limiter_.finish(limited_); }
  std::vector<float>& limited() { return limited_; }

 private:
  static double measure(const Recording& recording, int sample_rate, const Monitor& monitor) {
    LoudnessMeter meter(sample_rate);
    const auto stream = recording.stream_at(sample_rate);
    std::vector<float> block(kBlockFrames);
    while (const std::size_t got = stream->read(block)) {
      monitor.check();
      meter.push(std::span<const float>(block).first(got));
    }
    return meter.integrated();
  }

  float gain_ = 1.0F;
  std::unique_ptr<SampleStream> stream_;
  Limiter limiter_;  // each ear its own: a loud chord of the piano must not duck the song
  std::vector<float> left_, limited_;
};

/// Writes what both have ready, up to a file of `most` frames.
void write_both(Ear& song, Ear& piano, WavWriter& writer, std::uint64_t most) {
  const std::size_t ready = std::min<std::uint64_t>(song.limited().size(), most - writer.frames());
  std::vector<float> stereo;
  for (std::size_t i = 0; i < ready; ++i) stereo.insert(stereo.end(), {song.limited()[i], piano.limited()[i]});
  writer.write(stereo);
  song.limited().clear();
  piano.limited().clear();
}

/// A name beside `mix` that is removed again.
class TemporarySound {
 public:
  explicit TemporarySound(const std::filesystem::path& mix)
      : path_(mix.parent_path() / fitting_name(mix.filename().string(), "." + std::to_string(::getpid()) + ".piano")) {}
  ~TemporarySound() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporarySound(const TemporarySound&) = delete;
  TemporarySound& operator=(const TemporarySound&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void mix_with_file(const Recording& song, const std::filesystem::path& piano, const std::filesystem::path& wav,
                   const MixOptions& options, const Monitor& monitor) {
  const Monitor quiet{.cancel = monitor.cancel};
  const RecordingOptions as_written{.sample_rate = options.sample_rate, .keep_in_memory_below = 0.0};
  mix_wav(song, Recording::open(piano, as_written, quiet), wav, options, monitor);
}

}  // namespace

void mix_wav(const Recording& song, const Recording& piano, const std::filesystem::path& wav, const MixOptions& options,
             const Monitor& monitor) {
  check_options(options);
  WavWriter writer(wav, {.sample_rate = options.sample_rate});
  monitor.report("mix", 0.0);
  Ear left(song, std::min(1.0, 1.0 - options.balance), options, monitor);
  Ear right(piano, std::min(1.0, 1.0 + options.balance), options, monitor);
  const double seconds = std::max({song.duration(), piano.duration(), 1e-3});
  std::uint64_t frames = 0;
  while (const std::size_t got = std::max(left.read(), right.read())) {
    frames += got;
    write_both(left, right, writer, frames);
    monitor.check();
    monitor.report("mix", std::min(1.0, static_cast<double>(frames) / options.sample_rate / seconds));
  }
  left.finish();
  right.finish();
  write_both(left, right, writer, frames);
  writer.commit();
  monitor.report("mix", 1.0);
}

void render_cover(const Score& score, const Recording& song, const SoundFiles& files, const RenderOptions& options,
                  const MixOptions& mix, const Monitor& monitor) {
  if (!files.mix.empty()) check_options(mix);
  if (!files.piano.empty()) {
    render_wav(score, files.piano, options, monitor);
    if (!files.mix.empty()) mix_with_file(song, files.piano, files.mix, mix, monitor);
  } else if (!files.mix.empty()) {
    const TemporarySound piano(files.mix);
    render_wav(score, piano.path(), options, monitor);
    mix_with_file(song, piano.path(), files.mix, mix, monitor);
  }
}

}  // namespace pop2piano
