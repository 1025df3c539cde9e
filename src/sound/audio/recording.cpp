// SPDX-License-Identifier: MIT
// Recording: the song as often as needed. Short ones stay in memory, long ones are decoded anew.
#include <pop2piano/audio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sound/audio/decoder.h"
#include "sound/audio/resampler.h"
#include "sound/audio/text.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBlockSamples = 1U << 14;
constexpr double kMostReserved = 3600.0;  // seconds; a header may promise anything

class DecodedStream final : public SampleStream {
 public:
  DecodedStream(std::shared_ptr<const MediaFile> file, const DecoderOptions& options)
      : decoder_(std::move(file), options) {}
  std::size_t read(std::span<float> out) override { return decoder_.read(out); }

 private:
  MediaDecoder decoder_;
};

/// Samples at their own rate or another one. Keeps their owner alive.
class MemoryStream final : public SampleStream {
 public:
  MemoryStream(std::shared_ptr<const void> owner, std::span<const float> samples, int from_rate, int to_rate)
      : owner_(std::move(owner)), left_(samples), resampler_(from_rate, to_rate, 1) {}

  std::size_t read(std::span<float> out) override {
    std::size_t done = 0;
    while (done < out.size() && refill()) {
      const std::size_t part = std::min(out.size() - done, ready_.size() - taken_);
      std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(taken_), part,
                  out.begin() + static_cast<std::ptrdiff_t>(done));
      taken_ += part;
      done += part;
    }
    return done;
  }

 private:
  bool refill() {
    while (taken_ == ready_.size() && !finished_) {
      ready_.clear();
      taken_ = 0;
      const std::size_t part = std::min(left_.size(), kBlockSamples);
      resampler_.push(left_.first(part), ready_);
      left_ = left_.subspan(part);
      if (!left_.empty()) continue;
      resampler_.finish(ready_);
      finished_ = true;
    }
    return taken_ < ready_.size();
  }

  std::shared_ptr<const void> owner_;
  std::span<const float> left_;
  Resampler resampler_;
  std::vector<float> ready_;
  std::size_t taken_ = 0;
  bool finished_ = false;
};

float peak_of(std::span<const float> samples) {
  float peak = 0.0F;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  return peak;
}

}  // namespace

struct Recording::State {
  std::shared_ptr<const MediaFile> file;  // null: the samples are all there is
  std::string name = "the recording";
  DecoderOptions options;
  Description description;
  std::vector<float> samples;  // [samples] when kept
  bool kept = true;
  int sample_rate = kAnalysisSampleRate;
  std::int64_t count = 0;
  float peak = 0.0F;

  /// Room for what the header promises, or none for what will not be kept anyway.
  void prepare(std::optional<double> declared_seconds, double keep_below) {
    const double whole = declared_seconds.value_or(0.0);
    const double heard = std::min(whole, options.end.value_or(whole)) - options.start;
    kept = heard <= keep_below;
    const double seconds = std::clamp(heard, 0.0, kMostReserved);
    if (kept) samples.reserve(static_cast<std::size_t>(seconds * sample_rate) + kBlockSamples);
  }

  void take(std::span<const float> block, double keep_below) {
    peak = std::max(peak, peak_of(block));
    count += static_cast<std::int64_t>(block.size());
    if (kept && static_cast<double>(count) > keep_below * sample_rate) {
      kept = false;
      samples = {};
    }
    if (kept) samples.insert(samples.end(), block.begin(), block.end());
  }

  /// All that is wished for, from its start. Returns the decoder at its end.
  MediaDecoder decode(double keep_below, const Monitor& monitor) {
    MediaDecoder decoder(file, options);
    samples.clear();
    count = 0;
    peak = 0.0F;
    prepare(decoder.declared_seconds(), keep_below);
    std::vector<float> block(kBlockSamples);
    while (true) {
      monitor.check();
      const std::size_t got = decoder.read(block);
      take(std::span<const float>(block).first(got), keep_below);
      monitor.report("decode", decoder.fraction());
      if (got < block.size()) return decoder;
    }
  }
};

namespace {

[[noreturn]] void fail_without_samples(const std::string& name, const MediaDecoder& decoder,
                                       const RecordingOptions& options) {
  const auto warnings = decoder.description().warnings;
  if (decoder.position() > 0.0) {
    throw Error(ErrorCode::nothing_found, name + ": the start at " + seconds_text(options.start) +
                                              " lies behind its end at " + seconds_text(decoder.position()));
  }
  if (!warnings.empty()) throw Error(ErrorCode::malformed, name + ": no sound can be decoded: " + warnings.front());
  throw Error(ErrorCode::nothing_found, name + ": holds no samples; expected sound");
}

}  // namespace

Recording Recording::open(const std::filesystem::path& file, const RecordingOptions& options, const Monitor& monitor) {
  auto state = std::make_shared<State>();
  state->options = {.sample_rate = options.sample_rate,
                    .channels = 1,
                    .start = options.start,
                    .end = options.end,
                    .stream = options.stream};
  state->sample_rate = options.sample_rate;
  state->file = MediaFile::open(file, monitor);
  state->name = state->file->name();
  auto decoder = state->decode(options.keep_in_memory_below, monitor);
  state->options.mono = decoder.channel_statistics().choose();
  const std::string why = decoder.channel_statistics().explain(state->options.mono);
  if (decoder.stamps_contradict_header()) state->options.stamps = TimeStamps::ignored;
  if (!why.empty() || state->options.stamps == TimeStamps::ignored) {
    decoder = state->decode(options.keep_in_memory_below, {.cancel = monitor.cancel});
  }
  if (state->count == 0) fail_without_samples(state->file->name(), decoder, options);
  if (decoder.mostly_damaged()) {
    throw Error(ErrorCode::malformed,
                state->file->name() + ": most of it cannot be decoded: " + decoder.description().warnings.front());
  }
  state->description = decoder.description();
  if (!why.empty()) state->description.remarks.push_back(why);
  if (state->samples.capacity() > state->samples.size() * 5 / 4) state->samples.shrink_to_fit();
  monitor.report("decode", 1.0);
  return Recording(std::move(state));
}

Recording Recording::from(Waveform waveform) {
  if (waveform.sample_rate < kLowestSampleRate || waveform.sample_rate > kHighestSampleRate) {
    throw Error(ErrorCode::invalid_argument,
                "sample rate " + std::to_string(waveform.sample_rate) + " is not between 1000 and 768000");
  }
  auto state = std::make_shared<State>();
  state->sample_rate = waveform.sample_rate;
  state->samples = std::move(waveform.samples);
  for (float& sample : state->samples) {
    if (!std::isfinite(sample)) throw Error(ErrorCode::invalid_argument, "a sample is NaN or infinite");
  }
  state->count = static_cast<std::int64_t>(state->samples.size());
  state->peak = peak_of(state->samples);
  state->description.channels = 1;
  state->description.sample_rate = waveform.sample_rate;
  return Recording(std::move(state));
}

std::unique_ptr<SampleStream> Recording::stream() const { return stream_at(state_->sample_rate); }

std::unique_ptr<SampleStream> Recording::stream_at(int sample_rate) const {
  if (state_->kept && (sample_rate == state_->sample_rate || !state_->file)) {
    return std::make_unique<MemoryStream>(state_, state_->samples, state_->sample_rate, sample_rate);
  }
  DecoderOptions options = state_->options;
  options.sample_rate = sample_rate;
  return std::make_unique<DecodedStream>(state_->file, options);
}

Waveform Recording::read_all() const {
  Waveform all{state_->sample_rate, {}};
  all.samples.resize(static_cast<std::size_t>(state_->count));
  if (stream()->read(all.samples) != all.samples.size()) {
    throw Error(ErrorCode::unreadable, state_->file->name() + ": has changed while it was being read");
  }
  return all;
}

int Recording::sample_rate() const { return state_->sample_rate; }
std::int64_t Recording::sample_count() const { return state_->count; }
double Recording::duration() const { return static_cast<double>(state_->count) / state_->sample_rate; }
double Recording::start() const { return state_->options.start; }
std::optional<double> Recording::end() const { return state_->options.end; }
float Recording::peak() const { return state_->peak; }
const std::string& Recording::name() const { return state_->name; }
const Recording::Description& Recording::description() const { return state_->description; }

}  // namespace pop2piano
