// SPDX-License-Identifier: MIT
// The song in the left ear, the piano in the right: both are kept until their loudness is known, then mixed.
#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "sound/audio/resampler.h"
#include "sound/audio/wav_writer.h"
#include "sound/render/kept_sound.h"
#include "sound/render/limiter.h"
#include "sound/render/loudness.h"
#include "sound/render/performance.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBlockFrames = 4096;
constexpr double kMostBoost = 24.0;                // dB; a nearly silent recording stays quiet
constexpr std::size_t kMostInMemory = 16'000'000;  // samples of an ear: 6 minutes, 64 MB

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

/// One side of the mix: its sound is kept until its loudness is known, then read at its gain and limited.
class Ear {
 public:
  Ear(const std::filesystem::path& mix, const MixOptions& options)
      : meter_(options.sample_rate),
        kept_(mix.parent_path(), kMostInMemory),
        limiter_({.sample_rate = options.sample_rate, .channels = 1}),  // its own: a loud chord must not duck the song
        block_(kBlockFrames) {}

  void push(std::span<const float> samples) {
    meter_.push(samples);
    kept_.push(samples);
  }
  void push_all(const Recording& recording, int sample_rate, const Monitor& monitor) {
    const auto stream = recording.stream_at(sample_rate);
    while (const std::size_t got = stream->read(block_)) {
      monitor.check();
      push(std::span<const float>(block_).first(got));
    }
  }
  [[nodiscard]] std::size_t size() const { return kept_.size(); }

  /// After the last push.
  void set_gain(double share, double loudness_lufs) {
    const double loudness = meter_.integrated();
    const double gain_db = std::isfinite(loudness) ? std::min(loudness_lufs - loudness, kMostBoost) : 0.0;
    gain_ = static_cast<float>(share * std::pow(10.0, gain_db / 20.0));
  }
  /// Goes on by a block; endless silence after the end.
  void read() {
    const std::size_t got = kept_.read(block_);
    for (std::size_t i = 0; i < got; ++i) block_[i] *= gain_;
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(got), block_.end(), 0.0F);
    limiter_.push(block_, limited_);
  }
  void finish() { limiter_.finish(limited_); }
  std::vector<float>& limited() { return limited_; }

 private:
  LoudnessMeter meter_;
  KeptSound kept_;
  Limiter limiter_;
  float gain_ = 1.0F;
  std::vector<float> block_, limited_;
};

/// Writes what both have ready, up to a file of `most` frames.
void write_both(Ear& song, Ear& piano, WavWriter& writer, std::uint64_t most) {
  const std::size_t ready = std::min<std::uint64_t>(song.limited().size(), most - writer.frames());
  std::vector<float> stereo(2 * ready);
  for (std::size_t i = 0; i < ready; ++i) {
    stereo[2 * i] = song.limited()[i];
    stereo[2 * i + 1] = piano.limited()[i];
  }
  writer.write(stereo);
  song.limited().clear();
  piano.limited().clear();
}

void mix_ears(Ear& song, Ear& piano, const std::filesystem::path& wav, const MixOptions& options,
              const Monitor& monitor) {
  WavWriter writer(wav, {.sample_rate = options.sample_rate});
  song.set_gain(std::min(1.0, 1.0 - options.balance), options.loudness_lufs);
  piano.set_gain(std::min(1.0, 1.0 + options.balance), options.loudness_lufs);
  const std::uint64_t frames = std::max(song.size(), piano.size());
  for (std::uint64_t done = 0; done < frames; done += kBlockFrames) {
    monitor.check();
    monitor.report("mix", static_cast<double>(done) / static_cast<double>(frames));
    song.read();
    piano.read();
    write_both(song, piano, writer, frames);
  }
  song.finish();
  piano.finish();
  write_both(song, piano, writer, frames);
  writer.commit();
  monitor.report("mix", 1.0);
}

/// The piano on its way from the synthesiser into its file and into the ear.
class PianoSound {
 public:
  PianoSound(int sample_rate, const std::filesystem::path& wav, Ear& ear, const MixOptions& mix)
      : ear_(ear), limiter_({.sample_rate = sample_rate}), resampler_(sample_rate, mix.sample_rate, 1) {
    if (!wav.empty()) writer_.emplace(wav, WavOptions{.sample_rate = sample_rate});
  }

  void push(std::span<const float> interleaved) {
    limiter_.push(interleaved, limited_);
    pass_on();
  }
  void finish() {
    limiter_.finish(limited_);
    pass_on();
    resampler_.finish(resampled_);
    hear();
    if (writer_) writer_->commit();
  }

 private:
  void pass_on() {
    if (writer_) writer_->write(limited_);
    mono_.resize(limited_.size() / 2);
    for (std::size_t i = 0; i < mono_.size(); ++i) mono_[i] = 0.5F * (limited_[2 * i] + limited_[2 * i + 1]);
    limited_.clear();
    resampler_.push(mono_, resampled_);
    hear();
  }
  void hear() {
    ear_.push(resampled_);
    resampled_.clear();
  }

  Ear& ear_;
  Limiter limiter_;
  std::optional<WavWriter> writer_;
  Resampler resampler_;
  std::vector<float> limited_, mono_, resampled_;  // limited: [frames, 2]
};

}  // namespace

void mix_wav(const Recording& song, const Recording& piano, const std::filesystem::path& wav, const MixOptions& options,
             const Monitor& monitor) {
  check_options(options);
  monitor.report("mix", 0.0);
  Ear left(wav, options), right(wav, options);
  left.push_all(song, options.sample_rate, monitor);
  right.push_all(piano, options.sample_rate, monitor);
  mix_ears(left, right, wav, options, monitor);
}

void render_cover(const Score& score, const Recording& song, const SoundFiles& files, const RenderOptions& options,
                  const MixOptions& mix, const Monitor& monitor) {
  if (!files.mix.empty()) check_options(mix);
  render_cover(score, song, files, LoadedInstrument::load(options), mix, monitor);
}

void render_cover(const Score& score, const Recording& song, const SoundFiles& files,
                  const LoadedInstrument& instrument, const MixOptions& mix, const Monitor& monitor) {
  score.grid.validate();
  const int sample_rate = instrument.state().options.sample_rate;
  const Music music = music_of(events_of(score), score.grid.times.back(), sample_rate);
  if (files.mix.empty()) {
    if (!files.piano.empty()) write_music(music, files.piano, instrument, monitor);
    return;
  }
  check_options(mix);
  Ear left(files.mix, mix), right(files.mix, mix);
  PianoSound piano(sample_rate, files.piano, right, mix);
  const auto hear_song = [&](const CancelToken& stop) { left.push_all(song, mix.sample_rate, {.cancel = &stop}); };
  perform(
      music, instrument, [&](std::span<const float> sound) { piano.push(sound); }, hear_song, monitor);
  piano.finish();
  mix_ears(left, right, files.mix, mix, monitor);
}

}  // namespace pop2piano
