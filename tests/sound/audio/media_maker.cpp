// SPDX-License-Identifier: MIT
#include "sound/audio/media_maker.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <stdexcept>

namespace pop2piano::testing {
namespace {

struct Release {
  void operator()(AVFormatContext* x) const {
    if (x->pb != nullptr) avio_closep(&x->pb);
    avformat_free_context(x);
  }
  void operator()(AVCodecContext* x) const { avcodec_free_context(&x); }
  void operator()(AVFrame* x) const { av_frame_free(&x); }
  void operator()(AVPacket* x) const { av_packet_free(&x); }
  void operator()(SwrContext* x) const { swr_free(&x); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

void check(int code, const char* step) {
  if (code < 0) throw std::runtime_error(std::string("making test media: ") + step + " failed");
}

struct Track {
  AVStream* stream;
  Owned<AVCodecContext> codec;
  int late_milliseconds = 0;
};

int flags_named(const std::vector<std::string>& names) {
  int flags = 0;
  for (const std::string& name : names) flags |= av_disposition_from_string(name.c_str());
  return flags;
}

Track add_track(AVFormatContext& container, const std::string& name, const MediaSpec& spec) {
  const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str());
  if (codec == nullptr) throw std::runtime_error("making test media: no encoder " + name);
  Track track{avformat_new_stream(&container, nullptr), Owned<AVCodecContext>(avcodec_alloc_context3(codec))};
  AVCodecContext& context = *track.codec;
  context.thread_count = 1;
  context.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  if (codec->type == AVMEDIA_TYPE_AUDIO) {
    context.sample_rate = spec.sample_rate;
    context.sample_fmt = codec->sample_fmts[0];
    if (name == "pcm_s24le") context.bits_per_raw_sample = 24;
    context.bit_rate = 192000;
    av_channel_layout_default(&context.ch_layout, spec.channels);
    context.time_base = {1, spec.sample_rate};
  } else {
    context.width = context.height = 64;
    context.pix_fmt = AV_PIX_FMT_YUV420P;
    context.time_base = {1, 25};
  }
  if ((container.oformat->flags & AVFMT_GLOBALHEADER) != 0) context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  check(avcodec_open2(&context, codec, nullptr), "opening the encoder");
  check(avcodec_parameters_from_context(track.stream->codecpar, &context), "copying parameters");
  track.stream->time_base = context.time_base;
  return track;
}

// The first packet of every second but the first.
void make_late(AVPacket& packet, const Track& track) {
  const auto second = [&](std::int64_t stamp) { return av_rescale_q(stamp, track.stream->time_base, {1, 1}); };
  if (second(packet.pts) <= 0 || second(packet.pts) == second(packet.pts - packet.duration)) return;
  packet.pts += av_rescale_q(track.late_milliseconds, {1, 1000}, track.stream->time_base);
}

void encode(AVFormatContext& container, const Track& track, const AVFrame* frame) {
  const Owned<AVPacket> packet(av_packet_alloc());
  check(avcodec_send_frame(track.codec.get(), frame), "encoding");
  while (true) {
    const int code = avcodec_receive_packet(track.codec.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    check(code, "taking a packet");
    av_packet_rescale_ts(packet.get(), track.codec->time_base, track.stream->time_base);
    packet->stream_index = track.stream->index;
    if (track.late_milliseconds != 0) make_late(*packet, track);
    check(av_interleaved_write_frame(&container, packet.get()), "writing a packet");
  }
}

void encode_sound(AVFormatContext& container, const Track& track, std::span<const float> interleaved) {
  AVCodecContext& codec = *track.codec;
  const int channels = codec.ch_layout.nb_channels;
  SwrContext* made = nullptr;
  check(swr_alloc_set_opts2(&made, &codec.ch_layout, codec.sample_fmt, codec.sample_rate, &codec.ch_layout,
                            AV_SAMPLE_FMT_FLT, codec.sample_rate, 0, nullptr),
        "choosing a sample format");
  const Owned<SwrContext> converter(made);
  check(swr_init(made), "starting the sample conversion");
  const int step = codec.frame_size > 0 ? codec.frame_size : 1024;
  const auto total = static_cast<int>(interleaved.size()) / channels;
  for (int first = 0; first < total; first += step) {
    const Owned<AVFrame> frame(av_frame_alloc());
    frame->nb_samples = std::min(step, total - first);
    frame->format = codec.sample_fmt;
    frame->sample_rate = codec.sample_rate;
    frame->pts = first;
    check(av_channel_layout_copy(&frame->ch_layout, &codec.ch_layout), "copying the layout");
    check(av_frame_get_buffer(frame.get(), 0), "allocating a frame");
    const auto* in = reinterpret_cast<const std::uint8_t*>(interleaved.data() + first * channels);
    check(swr_convert(made, frame->extended_data, frame->nb_samples, &in, frame->nb_samples), "converting samples");
    encode(container, track, frame.get());
  }
  encode(container, track, nullptr);
}

void encode_pictures(AVFormatContext& container, const Track& track) {
  for (int i = 0; i < 10; ++i) {
    const Owned<AVFrame> frame(av_frame_alloc());
    frame->width = frame->height = 64;
    frame->format = AV_PIX_FMT_YUV420P;
    frame->pts = i;
    check(av_frame_get_buffer(frame.get(), 0), "allocating a picture");
    for (int plane = 0; plane < 3; ++plane) {
      const int rows = plane == 0 ? 64 : 32;
      std::fill_n(frame->data[plane], frame->linesize[plane] * rows, static_cast<std::uint8_t>(20 * i));
    }
    encode(container, track, frame.get());
  }
  encode(container, track, nullptr);
}

}  // namespace

bool has_encoder(const std::string& name) { return avcodec_find_encoder_by_name(name.c_str()) != nullptr; }

void make_media(const std::filesystem::path& file, const MediaSpec& spec, std::span<const float> interleaved) {
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* made = nullptr;
  check(avformat_alloc_output_context2(&made, nullptr, spec.format.c_str(), file.c_str()), "choosing the container");
  const Owned<AVFormatContext> container(made);
  if (!spec.title.empty()) av_dict_set(&made->metadata, "title", spec.title.c_str(), 0);
  if (!spec.artist.empty()) av_dict_set(&made->metadata, "artist", spec.artist.c_str(), 0);
  std::vector<Track> tracks;
  if (!spec.video_codec.empty()) tracks.push_back(add_track(*made, spec.video_codec, spec));
  for (const ExtraTone& tone : spec.extra) {
    tracks.push_back(add_track(*made, spec.codec, spec));
    tracks.back().stream->disposition = flags_named(tone.flags);
    av_dict_set(&tracks.back().stream->metadata, "language", tone.language.c_str(), 0);
    av_dict_set(&tracks.back().stream->metadata, "title", tone.title.c_str(), 0);
  }
  if (!spec.codec.empty()) {
    tracks.push_back(add_track(*made, spec.codec, spec));
    tracks.back().stream->disposition = flags_named(spec.flags);
    tracks.back().late_milliseconds = spec.late_milliseconds;
  }
  check(avio_open(&made->pb, file.c_str(), AVIO_FLAG_WRITE), "creating the file");
  AVDictionary* options = nullptr;
  if (spec.format == "mp4" || spec.format == "ipod") av_dict_set(&options, "movflags", "faststart", 0);
  check(avformat_write_header(made, &options), "writing the header");
  av_dict_free(&options);
  std::size_t extra = 0;
  for (const Track& track : tracks) {
    if (track.codec->codec_type != AVMEDIA_TYPE_AUDIO) {
      encode_pictures(*made, track);
    } else if (extra < spec.extra.size()) {
      const ExtraTone& tone = spec.extra[extra++];
      encode_sound(*made, track, sine(tone.hertz, tone.seconds, spec.sample_rate, spec.channels));
    } else {
      encode_sound(*made, track, interleaved);
    }
  }
  check(av_write_trailer(made), "writing the trailer");
}

std::vector<float> sine(double hertz, double seconds, int sample_rate, int channels, double amplitude) {
  std::vector<float> out;
  const auto frames = static_cast<std::size_t>(std::llround(seconds * sample_rate));
  for (std::size_t i = 0; i < frames; ++i) {
    const double phase = 2.0 * std::numbers::pi * hertz * static_cast<double>(i) / sample_rate;
    out.insert(out.end(), static_cast<std::size_t>(channels), static_cast<float>(amplitude * std::sin(phase)));
  }
  return out;
}

double amplitude_at(double hertz, std::span<const float> samples, int sample_rate) {
  std::complex<double> sum = 0.0;
  double weights = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double turn = 2.0 * std::numbers::pi * static_cast<double>(i);
    const double weight = 0.5 - 0.5 * std::cos(turn / static_cast<double>(samples.size()));
    sum += weight * static_cast<double>(samples[i]) * std::polar(1.0, -turn * hertz / sample_rate);
    weights += weight;
  }
  return 2.0 * std::abs(sum) / weights;
}

double rms(std::span<const float> samples) {
  double sum = 0.0;
  for (const float x : samples) sum += static_cast<double>(x) * static_cast<double>(x);
  return samples.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(samples.size()));
}

}  // namespace pop2piano::testing
