// SPDX-License-Identifier: MIT
#include "learning/train_t5/segment_batches.h"

#include <algorithm>
#include <utility>

#include "learning/train/row_kernels.h"

namespace pop2piano::training {
namespace {

constexpr std::int64_t kLengthStep = 8;  // lengths are rounded up to a multiple: few shapes for oneDNN to prepare
constexpr std::uint64_t kTrainingStream = 1;

std::size_t index_of(std::int64_t value) { return static_cast<std::size_t>(value); }

}  // namespace

SegmentBatches::SegmentBatches(const TrainConfig& config, const ModelConfig& model, Share share, at::ScalarType type)
    : config_(config), features_(model.features), language_(language_of(model)), type_(type), share_(share) {}

void SegmentBatches::sort_alike(std::vector<SegmentPlan>& plans) const {
  std::stable_sort(plans.begin(), plans.end(),
                   [this](const auto& a, const auto& b) { return length_of(a) < length_of(b); });
}

void SegmentBatches::fill_pool(std::int64_t pool) {
  const std::size_t per_step = index_of(config_.batch * config_.accumulate) * index_of(share_.processes);
  Random random =
      Random(static_cast<std::uint64_t>(config_.seed)).fork(kTrainingStream).fork(static_cast<std::uint64_t>(pool));
  std::vector<SegmentPlan> plans;
  for (std::size_t i = 0; i < per_step * index_of(config_.bucket_batches); ++i) plans.push_back(draw(random));
  sort_alike(plans);
  pool_.assign(index_of(config_.bucket_batches), {});
  std::vector<std::size_t> order(pool_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.index(i)]);
  for (std::size_t i = 0; i < plans.size(); ++i) pool_[order[i / per_step]].push_back(std::move(plans[i]));
  pool_index_ = pool;
}

std::vector<SegmentPlan> SegmentBatches::step_plans(std::int64_t step) {
  const std::lock_guard lock(mutex_);
  if (const auto pool = step / config_.bucket_batches; pool != pool_index_) fill_pool(pool);
  return pool_[index_of(step % config_.bucket_batches)];
}

Batch SegmentBatches::training_batch(std::int64_t step, std::int64_t pass) {
  const auto plans = step_plans(step);
  const std::size_t slice = index_of(pass) * index_of(share_.processes) + index_of(share_.rank);
  return to_batch(std::span(plans).subspan(slice * index_of(config_.batch), index_of(config_.batch)),
                  Augmentation::drawn);
}

Batch SegmentBatches::to_batch(std::span<const SegmentPlan> plans, Augmentation augmentation) const {
  const auto rows = static_cast<std::int64_t>(plans.size()), bands = static_cast<std::int64_t>(features_.inputs());
  const auto segments = features_of(plans, augmentation);
  const auto values = static_cast<std::int64_t>(segments.front().flat().size());  // of one segment
  std::int64_t length = 1;
  for (const auto& plan : plans) length = std::max(length, static_cast<std::int64_t>(plan.tokens.size()));
  length = (length + kLengthStep - 1) / kLengthStep * kLengthStep;
  Batch batch;
  batch.features = at::empty({rows, values / bands, bands}, type_);
  batch.styles = at::zeros({rows}, at::kLong);
  batch.inputs = at::zeros({rows, length}, at::kLong);
  batch.targets = at::zeros({rows * length}, at::kLong);
  batch.weights = at::zeros({rows * length}, at::kFloat);
  for (std::int64_t r = 0; r < rows; ++r) {
    const auto& plan = plans[index_of(r)];
    const float* frames = segments[index_of(r)].data();
    const auto offset = r * values;
    if (type_ == at::kBFloat16) {
      row::narrow(frames, reinterpret_cast<std::uint16_t*>(batch.features.data_ptr<at::BFloat16>()) + offset,
                  index_of(values));
    } else {
      std::copy_n(frames, values, batch.features.data_ptr<float>() + offset);
    }
    batch.styles.data_ptr<std::int64_t>()[r] = plan.style;
    for (std::int64_t t = 0; t < static_cast<std::int64_t>(plan.tokens.size()); ++t) {
      const int token = plan.tokens[index_of(t)];
      batch.targets.data_ptr<std::int64_t>()[r * length + t] = token;
      batch.weights.data_ptr<float>()[r * length + t] = language_->loss_weight(token, config_.loss);
      if (t + 1 < length) batch.inputs.data_ptr<std::int64_t>()[r * length + t + 1] = token;
    }
    batch.songs.push_back(song_name(plan.song));
  }
  return batch;
}

}  // namespace pop2piano::training
