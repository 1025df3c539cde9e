// SPDX-License-Identifier: MIT
#include "learning/train_harmony/harmony_trainer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "learning/train/devices.h"

namespace pop2piano::training {
HarmonyTrainer::HarmonyTrainer(TrainConfig config, Start start,
                               const std::function<void(const std::string& line)>& note)
    : config_(std::move(config)),
      songs_(config_, Split::train),
      validation_(config_, Split::validation),
      network_(static_cast<std::uint64_t>(config_.seed), device_named(config_.device)),
      trainer_(network_.weights(), convolution_options(config_, "harmony.safetensors", kHarmonyNetworkFormat), start,
               {.loss = [this](std::int64_t step) { return network_.loss(next_batch(step)); },
                .validate = validation_.size() > 0 && config_.validation_segments > 0
                                ? std::function([this] { return validate(); })
                                : nullptr,
                .note = note}) {
  if (config_.threads > 0) use_threads(static_cast<int>(config_.threads));
  if (note) {
    note(fmt::format("{} songs, {} to validate, {} weights", songs_.size(), validation_.size(),
                     network_.weights().flat().numel()));
  }
}

HarmonyBatch HarmonyTrainer::next_batch(std::int64_t step) {
  if (!loader_) {
    loader_ = std::make_unique<BatchLoader<HarmonyBatch>>(
        [this](std::int64_t index) {
          return batch_of(songs_, HarmonySongs::Hearing::varied, static_cast<std::uint64_t>(index) + 1);
        },
        step, config_.loader_threads);
  }
  return loader_->next();
}

HarmonyBatch HarmonyTrainer::batch_of(const HarmonySongs& songs, HarmonySongs::Hearing hearing,
                                      std::uint64_t stream) const {
  const std::int64_t n = config_.batch,
                     frames = kHarmonySegmentBeats * static_cast<std::int64_t>(kHarmonyFramesPerBeat);
  HarmonyBatch batch{.inputs = at::empty({n, frames, static_cast<std::int64_t>(kHarmonyPitches),
                                          static_cast<std::int64_t>(kHarmonyInputs)}),
                     .chord = at::empty({n, frames}, at::kLong),
                     .chord_bass = at::empty({n, frames}, at::kLong),
                     .bass = at::empty({n, frames}, at::kLong)};
  for (std::int64_t i = 0; i < n; ++i) {
    const HarmonySegment segment = songs.draw(
        hearing, Random(static_cast<std::uint64_t>(config_.seed)).fork(stream).fork(static_cast<std::uint64_t>(i)));
    std::ranges::copy(segment.inputs, batch.inputs[i].data_ptr<float>());
    std::ranges::copy(segment.target.chord, batch.chord[i].data_ptr<std::int64_t>());
    std::ranges::copy(segment.target.chord_bass, batch.chord_bass[i].data_ptr<std::int64_t>());
    std::ranges::copy(segment.target.bass, batch.bass[i].data_ptr<std::int64_t>());
  }
  return batch;
}

double HarmonyTrainer::validate() const {
  const std::int64_t batches = std::max<std::int64_t>(1, config_.validation_segments / config_.batch);
  double sum = 0;
  for (std::int64_t i = 0; i < batches; ++i) {
    const auto stream = (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(i);
    sum += network_.loss(batch_of(validation_, HarmonySongs::Hearing::plain, stream)).item<double>();
  }
  return sum / static_cast<double>(batches);
}

}  // namespace pop2piano::training
