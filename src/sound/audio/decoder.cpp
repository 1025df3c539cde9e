// SPDX-License-Identifier: MIT
// The decoding loop: packets -> frames -> float samples at the wanted rate, with silence for what is damaged.
#include "sound/audio/decoder.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sound/audio/container.h"
#include "sound/audio/output_clock.h"
#include "sound/audio/pcm.h"
#include "sound/audio/resampler.h"
#include "sound/audio/text.h"
#include "sound/audio/trailing_tags.h"

namespace pop2piano {
namespace {

using ffmpeg::Owned;

constexpr int kMaxChannels = 64;
constexpr double kMaxSeconds = 24.0 * 3600.0;  // a small file can decode to weeks of silence
constexpr double kStartOffset = 0.1;           // seconds from the pictures to the sound that are told
constexpr double kSomeSilence = 0.001;         // seconds; less is rounding
constexpr double kTruncationSeconds = 0.25;    // shorter differences between header and content are usual
constexpr std::int64_t kUsualRest = 1;         // packets at the end that cannot be decoded
constexpr int kMaxFailedReads = 1000;          // in a row

std::optional<SampleType> sample_type(int format) {
  switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>(format))) {
    case AV_SAMPLE_FMT_U8:
      return SampleType::unsigned8;
    case AV_SAMPLE_FMT_S16:
      return SampleType::signed16;
    case AV_SAMPLE_FMT_S32:
      return SampleType::signed32;
    case AV_SAMPLE_FMT_S64:
      return SampleType::signed64;
    case AV_SAMPLE_FMT_FLT:
      return SampleType::float32;
    case AV_SAMPLE_FMT_DBL:
      return SampleType::float64;
    default:
      return std::nullopt;
  }
}

enum class Side : std::uint8_t { left, right, both };

Side side_of(AVChannel channel) {
  std::array<char, 16> name{};
  av_channel_name(name.data(), name.size(), channel);  // FL, BR, FLC, SL, TFR, WL, DL, ...; centres end in C or LFE
  const std::string_view text(name.data());
  if (text == "LFE" || text == "LFE2") return Side::both;
  if (text.find('L') != std::string_view::npos) return Side::left;
  if (text.find('R') != std::string_view::npos) return Side::right;
  return Side::both;
}

/// Weights of mix_down(), never a gain. Two outputs: each ear the mean of the channels on its side and those in the
/// middle.
std::vector<float> mix_weights(const AVChannelLayout& layout, const DecoderOptions& options) {
  const auto channels = static_cast<std::size_t>(layout.nb_channels);
  if (options.channels == 1) return mono_weights(options.mono, channels);
  if (channels == 2) return {1.0F, 0.0F, 0.0F, 1.0F};
  std::vector<float> weights(2 * channels, 0.0F);
  for (std::size_t ear = 0; ear < 2; ++ear) {
    const std::span<float> row(weights.data() + ear * channels, channels);
    float heard = 0.0F;
    for (std::size_t c = 0; c < channels; ++c) {
      const Side side = side_of(av_channel_layout_channel_from_index(&layout, static_cast<unsigned>(c)));
      row[c] = side == Side::both || (side == Side::left) == (ear == 0) ? 1.0F : 0.0F;
      heard += row[c];
    }
    for (float& weight : row) weight = heard > 0.0F ? weight / heard : 1.0F / static_cast<float>(channels);
  }
  return weights;
}

void check_options(const DecoderOptions& options) {
  const int rate = options.sample_rate;
  if (rate != 0 && (rate < kLowestSampleRate || rate > kHighestSampleRate)) {
    throw Error(ErrorCode::invalid_argument, "sample rate " + std::to_string(rate) + " is not between 1000 and 768000");
  }
  if (options.channels != 1 && options.channels != 2) {
    throw Error(ErrorCode::invalid_argument, "channels: expected 1 or 2, found " + std::to_string(options.channels));
  }
  if (!std::isfinite(options.start) || options.start < 0.0) {
    throw Error(ErrorCode::invalid_argument, "start: expected seconds from 0, found " + seconds_text(options.start));
  }
  if (options.end && !(*options.end > options.start)) {
    throw Error(ErrorCode::invalid_argument, "end: expected a time after the start at " + seconds_text(options.start) +
                                                 ", found " + seconds_text(*options.end));
  }
}

/// What could not be decoded.
struct LostPackets {
  std::int64_t count = 0;
  std::int64_t at_end = 0;           // of them, since the last packet with a good frame
  std::int64_t in_sound_at_end = 0;  // of them, before the tags

  void note(const AVPacket& packet, AVRational time_base, std::int64_t end_of_sound) {
    ++count;
    ++at_end;
    if (packet.pos < 0 || packet.pos + packet.size <= end_of_sound) ++in_sound_at_end;
    pending_ = true;
    if (packet.duration > 0) account_ += static_cast<double>(packet.duration) * av_q2d(time_base);
  }
  /// Tells the next good frame what was lost before it.
  void tell(TimedFrame& frame) {
    frame.damaged_before = std::exchange(pending_, false);
    frame.lost_before = std::exchange(account_, 0.0);
  }

 private:
  bool pending_ = false;  // packets were lost since the last good frame
  double account_ = 0.0;  // seconds, their durations
};

}  // namespace

struct MediaDecoder::State {
  DecoderOptions options;
  ffmpeg::Container container;
  Owned<AVPacket> packet;
  Owned<AVFrame> frame;

  std::optional<Resampler> resampler;
  OutputClock clock;
  std::vector<float> pending;  // [frames, channels] at the wanted rate, not yet read
  std::size_t taken = 0;       // samples of pending that were read
  std::int64_t decoded = 0;    // frames that came out of the resampler
  bool draining = false, finished = false;

  ChannelStatistics statistics{kAnalysisSampleRate};
  double heard = 0.0;  // seconds of the frames that were decoded
  PcmDamage pcm;
  LostPackets lost;
  std::optional<double> first_damage;      // seconds
  std::optional<std::int64_t> sound_ends;  // bytes; looked for when something cannot be decoded
  std::int64_t good_frames = 0;
  int failed_reads = 0;
  std::string broken_off;  // why reading ended before the end of the file

  State(std::shared_ptr<const MediaFile> file, const DecoderOptions& wish)
      : options(wish),
        container(std::move(file), wish.stream),
        packet(ffmpeg::must(av_packet_alloc())),
        frame(ffmpeg::must(av_frame_alloc())) {
    const auto found = container.describe();
    check_stream(found.sample_rate, found.channels);
    if (options.sample_rate == 0) options.sample_rate = found.sample_rate;
    statistics = ChannelStatistics(found.sample_rate);
  }

  [[nodiscard]] const std::string& name() const { return container.name(); }
  [[nodiscard]] AVRational time_base() const { return container.stream->time_base; }
  [[nodiscard]] double position() const { return static_cast<double>(decoded) / options.sample_rate; }

  void check_stream(int rate, int channels) const {
    if (rate < kLowestSampleRate || rate > kHighestSampleRate) {
      throw Error(ErrorCode::unsupported,
                  name() + ": sample rate " + std::to_string(rate) + "; expected 1000 to 768000");
    }
    if (channels < 1 || channels > kMaxChannels) {
      throw Error(ErrorCode::unsupported, name() + ": " + std::to_string(channels) + " channels; expected 1 to 64");
    }
  }

  [[nodiscard]] std::int64_t end_of_file_sound() {
    if (!sound_ends) sound_ends = end_of_sound(container.input.file());
    return *sound_ends;
  }

  /// Streams of frames without a table are searched for frames to their end: a picture in a tag may look like some.
  [[nodiscard]] bool lies_in_tags() {
    const std::string_view kind = container.format->iformat->name;
    return (kind == "mp3" || kind == "aac") && packet->pos >= end_of_file_sound();
  }

  void note_damage() {
    lost.note(*packet, time_base(), end_of_file_sound());
    if (!first_damage) first_damage = position();
  }

  void put_out() {
    while (const auto next = clock.pop()) {
      if (next->silence && !first_damage) first_damage = position();
      if (resampler && resampler->from_rate() != next->rate) {
        finish_resampler();
        resampler.reset();
      }
      if (!resampler) resampler.emplace(next->rate, options.sample_rate, options.channels);
      const std::size_t before = pending.size();
      resampler->push(next->samples, pending);
      count(before);
    }
  }
  void count(std::size_t before) {
    decoded += static_cast<std::int64_t>((pending.size() - before) / static_cast<std::size_t>(options.channels));
    if (position() > kMaxSeconds)
      throw Error(ErrorCode::unsupported, name() + ": is longer than 24 hours; cut it first");
  }
  void finish_resampler() {
    if (!resampler) return;
    const std::size_t before = pending.size();
    resampler->finish(pending);
    count(before);
  }

  void take_frame() {
    check_stream(frame->sample_rate, frame->ch_layout.nb_channels);
    const auto type = sample_type(frame->format);
    if (!type) throw Error(ErrorCode::unsupported, name() + ": its sample format is not known");
    TimedFrame timed{.rate = frame->sample_rate, .channels = options.channels};
    if (frame->pts != AV_NOPTS_VALUE && options.stamps == TimeStamps::corrected)
      timed.stamp = static_cast<double>(frame->pts) * av_q2d(time_base());
    lost.tell(timed);
    if (!draining) lost.at_end = lost.in_sound_at_end = 0;
    const PcmBlock block{*type, av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame->format)) != 0,
                         static_cast<std::size_t>(frame->ch_layout.nb_channels),
                         static_cast<std::size_t>(frame->nb_samples), frame->extended_data};
    mix_down(block, mix_weights(frame->ch_layout, options), timed.samples, pcm);
    heard += timed.seconds();
    if (heard > options.start) statistics.add(block);
    clock.push(std::move(timed));
    put_out();
    ++good_frames;
  }

  void drain(std::string why = {}) {
    broken_off = std::move(why);
    draining = true;
    avcodec_send_packet(container.codec.get(), nullptr);
  }

  void send_packet() {
    const int code = av_read_frame(container.format.get(), packet.get());
    const bool all_read = container.input.position() >= container.input.file().size();
    if (code == AVERROR_EOF || (code == AVERROR(EIO) && all_read)) return drain();
    if (code < 0) {
      if (++failed_reads > kMaxFailedReads || (code != AVERROR_INVALIDDATA && code != AVERROR(EAGAIN)))
        drain(ffmpeg::reason(code));
      return;
    }
    failed_reads = 0;
    const bool sound = packet->stream_index == container.stream->index && !lies_in_tags();
    if (sound && avcodec_send_packet(container.codec.get(), packet.get()) < 0) note_damage();
    av_packet_unref(packet.get());
  }

  /// Appends to `pending` or sets `finished`.
  void decode_some() {
    const int code = avcodec_receive_frame(container.codec.get(), frame.get());
    if (code == 0) {
      take_frame();
      av_frame_unref(frame.get());
    } else if (draining) {
      clock.finish();
      put_out();
      finish_resampler();
      finished = true;
    } else if (code == AVERROR(EAGAIN)) {
      send_packet();
    } else {
      note_damage();
      send_packet();
    }
  }

  /// Drops the frames before `start` and those from `end` on.
  void trim() {
    const auto channels = static_cast<std::size_t>(options.channels);
    const auto frame_at = [&](double seconds) {
      return static_cast<std::int64_t>(std::llround(std::min(seconds, 2 * kMaxSeconds) * options.sample_rate));
    };
    const std::int64_t first = decoded - static_cast<std::int64_t>(pending.size() / channels);
    const std::int64_t skip = std::clamp(frame_at(options.start) - first, std::int64_t{0}, decoded - first);
    pending.erase(pending.begin(),
                  pending.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(skip) * channels));
    if (!options.end || decoded < frame_at(*options.end)) return;
    const std::int64_t keep =
        std::max(frame_at(*options.end) - std::max(first, frame_at(options.start)), std::int64_t{0});
    pending.resize(std::min(pending.size(), static_cast<std::size_t>(keep) * channels));
    finished = true;
  }

  /// False at the end.
  bool refill() {
    pending.clear();
    taken = 0;
    while (pending.empty() && !finished) {
      decode_some();
      trim();
    }
    return !pending.empty();
  }

  /// The last packet of many files is a rest that no decoder takes, and what tags hold may look like sound. What is
  /// missing shows in the length.
  [[nodiscard]] std::int64_t damaged_packets() const {
    const bool usual_end = draining && lost.in_sound_at_end <= kUsualRest;
    return lost.count - (usual_end ? lost.at_end : 0);
  }

  [[nodiscard]] std::vector<std::string> remarks() const {
    std::vector<std::string> all;
    const auto found = container.describe();
    if (found.streams.size() > 1) {
      all.push_back("stream " + std::to_string(found.stream) + " of " + std::to_string(found.streams.size()) +
                    " audio streams is heard; `info` lists them, --stream N takes another");
    }
    if (container.start_offset() > kStartOffset) {
      all.push_back("its sound begins " + seconds_text(container.start_offset()) +
                    " after its pictures; times count from where the sound begins");
    }
    return all;
  }

  [[nodiscard]] std::vector<std::string> warnings() const {
    std::vector<std::string> all;
    if (pcm.not_finite > 0)
      all.push_back(std::to_string(pcm.not_finite) + " samples were NaN or infinite and are now 0");
    if (pcm.too_large > 0)
      all.push_back(std::to_string(pcm.too_large) + " samples beyond 30 dB above full scale were clamped");
    const std::int64_t packets = damaged_packets();
    if (packets > 0 || clock.silence_seconds() > kSomeSilence) {
      all.push_back("damaged or incomplete from " + seconds_text(first_damage.value_or(0.0)) +
                    " on: " + std::to_string(packets) + " packets could not be decoded, " +
                    seconds_text(clock.silence_seconds()) + " are filled with silence");
    }
    const auto declared = container.declared_seconds();
    const bool whole = !options.end || *options.end > position();
    if (!broken_off.empty()) {
      all.push_back("cannot be read beyond " + seconds_text(position()) + " (" + broken_off + ")");
    } else if (draining && whole && declared && position() < *declared - kTruncationSeconds) {
      all.push_back("ends after " + seconds_text(position()) + " of " + seconds_text(*declared) +
                    "; the file may be cut off");
    }
    return all;
  }
};

MediaDecoder::MediaDecoder(std::shared_ptr<const MediaFile> file, const DecoderOptions& options) {
  check_options(options);
  state_ = std::make_unique<State>(std::move(file), options);
}
MediaDecoder::~MediaDecoder() = default;
MediaDecoder::MediaDecoder(MediaDecoder&&) noexcept = default;
MediaDecoder& MediaDecoder::operator=(MediaDecoder&&) noexcept = default;

std::size_t MediaDecoder::read(std::span<float> interleaved) {
  State& s = *state_;
  std::size_t done = 0;
  while (done < interleaved.size()) {
    if (s.taken == s.pending.size() && !s.refill()) break;
    const std::size_t part = std::min(interleaved.size() - done, s.pending.size() - s.taken);
    std::copy_n(s.pending.begin() + static_cast<std::ptrdiff_t>(s.taken), part,
                interleaved.begin() + static_cast<std::ptrdiff_t>(done));
    s.taken += part;
    done += part;
  }
  return done;
}

int MediaDecoder::sample_rate() const { return state_->options.sample_rate; }
int MediaDecoder::channels() const { return state_->options.channels; }
std::optional<double> MediaDecoder::declared_seconds() const { return state_->container.declared_seconds(); }
double MediaDecoder::position() const { return state_->position(); }
bool MediaDecoder::mostly_damaged() const { return state_->damaged_packets() > state_->good_frames; }

bool MediaDecoder::stamps_contradict_header() const {
  const auto declared = declared_seconds();
  const double silence = state_->clock.silence_seconds();
  if (!declared || !state_->draining || state_->lost.count > 0 || silence <= kSomeSilence) return false;
  return std::abs(position() - silence - *declared) < 0.5 * std::abs(position() - *declared);
}

double MediaDecoder::fraction() const {
  const auto total = static_cast<double>(state_->container.input.file().size());
  return std::clamp(static_cast<double>(state_->container.input.position()) / total, 0.0, 1.0);
}

Recording::Description MediaDecoder::description() const {
  auto found = state_->container.describe();
  found.warnings = state_->warnings();
  found.remarks = state_->remarks();
  return found;
}

ChannelStatistics& MediaDecoder::channel_statistics() { return state_->statistics; }

std::string media_library_version() { return av_version_info(); }

}  // namespace pop2piano
