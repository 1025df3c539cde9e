// SPDX-License-Identifier: MIT
#include "learning/train_beats/beats_trainer.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "learning/train/devices.h"
#include "listening/rhythm/beat_network.h"

namespace pop2piano::training {
namespace {

std::vector<double> weights_of(const std::vector<RecordSource>& sources) {
  std::vector<double> weights;
  for (const RecordSource& source : sources) weights.push_back(source.weight);
  return weights;
}

}  // namespace

BeatTrainer::BeatTrainer(TrainConfig config, const std::vector<std::filesystem::path>& features,
                         const std::vector<std::filesystem::path>& validation, Start start,
                         const std::function<void(const std::string& line)>& note)
    : config_(std::move(config)),
      songs_(features, weights_of(config_.records)),
      validation_(validation.empty()
                      ? nullptr
                      : std::make_unique<BeatTrainingSongs>(validation, weights_of(config_.validation_records))),
      network_(static_cast<std::uint64_t>(config_.seed), device_named(config_.device)),
      trainer_(network_.weights(), convolution_options(config_, "beats.safetensors", kBeatNetworkFormat), start,
               {.loss = [this](std::int64_t step) { return loss(step); },
                .validate = validation_ ? std::function([this] { return validate(); }) : nullptr,
                .note = note}) {
  if (config_.threads > 0) use_threads(static_cast<int>(config_.threads));
  if (note) note(fmt::format("{} songs, {} weights", songs_.size(), network_.weights().flat().numel()));
}

BeatBatch BeatTrainer::batch_of(const BeatTrainingSongs& songs, Hearing hearing, std::uint64_t stream) const {
  const std::int64_t n = config_.batch, frames = config_.segment_frames;
  const auto bands = static_cast<std::int64_t>(kBeatBands), harmony = static_cast<std::int64_t>(kHarmonyInputs);
  BeatBatch batch{.bands = at::empty({n, 1, 2 * frames, bands}),
                  .harmony = at::empty({n, harmony, frames}),
                  .beat = at::empty({n, frames}),
                  .downbeat = at::empty({n, frames}),
                  .weight = at::empty({n, frames})};
  for (std::int64_t i = 0; i < n; ++i) {
    Random random = Random(static_cast<std::uint64_t>(config_.seed)).fork(stream).fork(static_cast<std::uint64_t>(i));
    const BeatSegment segment = songs.draw(static_cast<std::size_t>(frames), hearing, random);
    const auto put = [&](const std::vector<float>& from, const at::Tensor& to) {
      std::copy(from.begin(), from.end(), to.data_ptr<float>() + i * static_cast<std::int64_t>(from.size()));
    };
    put(segment.bands, batch.bands);
    put(segment.harmony, batch.harmony);
    put(segment.beat, batch.beat);
    put(segment.downbeat, batch.downbeat);
    put(segment.weight, batch.weight);
  }
  return batch;
}

at::Tensor BeatTrainer::loss(std::int64_t step) {
  if (!loader_) {
    loader_ = std::make_unique<BatchLoader<BeatBatch>>(
        [this](std::int64_t index) { return batch_of(songs_, Hearing::varied, static_cast<std::uint64_t>(index) + 1); },
        step, config_.loader_threads);
  }
  return network_.loss(loader_->next(), config_.dropout, config_.loss.downbeat);
}

double BeatTrainer::validate() const {
  double sum = 0;
  for (std::int64_t i = 0; i < config_.validation_batches; ++i) {
    const BeatBatch batch =
        batch_of(*validation_, Hearing::plain, (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(i));
    sum += network_.loss(batch, 0, config_.loss.downbeat).item<double>();
  }
  return sum / static_cast<double>(config_.validation_batches);
}

}  // namespace pop2piano::training
