// SPDX-License-Identifier: MIT
// Owners of FFmpeg's objects and its log. Included only by the sources of this folder that call FFmpeg.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
}

#include <memory>
#include <new>
#include <string>

namespace pop2piano::ffmpeg {

/// FFmpeg writes to stderr unless its log, one for the whole process, is caught. Called before anything else of it.
void silence_log();
/// What failed: the last error that FFmpeg logged in this thread, which says more than the code, else the code's text.
std::string reason(int code);
/// Forgets that last error.
void forget_reason();

struct Release {
  void operator()(AVFormatContext* x) const { avformat_close_input(&x); }
  void operator()(AVCodecContext* x) const { avcodec_free_context(&x); }
  void operator()(AVPacket* x) const { av_packet_free(&x); }
  void operator()(AVFrame* x) const { av_frame_free(&x); }
  void operator()(SwrContext* x) const { swr_free(&x); }
  void operator()(AVIOContext* x) const {
    av_freep(static_cast<void*>(&x->buffer));
    avio_context_free(&x);
  }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

template <typename T>
T* must(T* pointer) {
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}

}  // namespace pop2piano::ffmpeg
