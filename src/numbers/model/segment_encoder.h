// SPDX-License-Identifier: MIT
// Encodes runs of segments on all threads: features in, the decoder's keys and values out.
#pragma once

#include <pop2piano/model.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "numbers/model/encoder.h"

namespace pop2piano {

class SegmentEncoder {
 public:
  SegmentEncoder(const Network& network, const EncoderPlan& plan, const GenerateRequest& request, ThreadPool& pool,
                 const Monitor& monitor);

  /// Segments that are worth encoding together; features of so many are in memory.
  [[nodiscard]] std::size_t at_once() const;
  /// Reads and encodes segments from `first` on, one for each of `cross`.
  void encode(std::size_t first, std::span<std::byte* const> cross);

 private:
  std::unique_ptr<Encoder> borrow();
  void give_back(std::unique_ptr<Encoder> encoder);

  const Network& network_;
  const EncoderPlan& plan_;
  const GenerateRequest& request_;
  ThreadPool& pool_;
  const Monitor& monitor_;
  std::size_t group_;            // segments in a task
  std::vector<float> features_;  // [segments, frames, inputs]
  std::mutex mutex_;
  std::vector<std::unique_ptr<Encoder>> idle_;
};

}  // namespace pop2piano
