// SPDX-License-Identifier: MIT
#include "numbers/model/segment_encoder.h"

#include <algorithm>
#include <utility>

namespace pop2piano {
namespace {

constexpr std::size_t kGroupRows = 256;  // frames that are encoded as one group

}  // namespace

SegmentEncoder::SegmentEncoder(const Network& network, const EncoderPlan& plan, const GenerateRequest& request,
                               ThreadPool& pool, const Monitor& monitor)
    : network_(network),
      plan_(plan),
      request_(request),
      pool_(pool),
      monitor_(monitor),
      group_(std::max<std::size_t>(1, kGroupRows / plan.frames)) {}

std::size_t SegmentEncoder::at_once() const {
  return std::max<std::size_t>(16, 2 * group_ * static_cast<std::size_t>(pool_.size()));
}

void SegmentEncoder::encode(std::size_t first, std::span<std::byte* const> cross) {
  const std::size_t size = plan_.feature_frames * network_.inputs();
  features_.resize(cross.size() * size);
  for (std::size_t i = 0; i < cross.size(); ++i) {
    monitor_.check();
    request_.features.read(first + i, std::span(features_).subspan(i * size, size));
  }
  pool_.run((cross.size() + group_ - 1) / group_, [&](std::size_t g) {
    monitor_.check();
    auto encoder = borrow();
    const std::size_t begin = g * group_;
    const std::size_t count = std::min(group_, cross.size() - begin);
    encoder->encode(std::span(features_).subspan(begin * size, count * size), count, request_.style);
    for (std::size_t i = 0; i < count; ++i) encoder->project_cross(i, cross[begin + i]);
    give_back(std::move(encoder));
  });
}

std::unique_ptr<Encoder> SegmentEncoder::borrow() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return std::make_unique<Encoder>(network_, plan_);
  auto encoder = std::move(idle_.back());
  idle_.pop_back();
  return encoder;
}

void SegmentEncoder::give_back(std::unique_ptr<Encoder> encoder) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(encoder));
}

}  // namespace pop2piano
