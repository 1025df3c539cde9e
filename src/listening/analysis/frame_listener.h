// SPDX-License-Identifier: MIT
// What a model reads of a sound on its beats: the sound goes in once, in order; frames come out.
#pragma once

#include <pop2piano/analysis.h>

#include <memory>
#include <span>

#include "base/core/thread_pool.h"

namespace pop2piano {

class FrameListener {
 public:
  virtual ~FrameListener() = default;
  virtual void push(std::span<const float> samples) = 0;
  /// Sets the analysis' frames and what says how they lie. To be called once, after the last sample.
  virtual void finish(Analysis& analysis) = 0;
};

/// For `analysis.options`, on the beats that are heard, of sound whose largest magnitude is 1; the frames of published
/// networks, which are not of such sound, are not among them. Throws Error:
/// unsupported (features that cannot be made), malformed or unreadable (the melody network's file).
[[nodiscard]] std::unique_ptr<FrameListener> make_frame_listener(const Analysis& analysis, ThreadPool& pool);

}  // namespace pop2piano
