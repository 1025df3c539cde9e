// SPDX-License-Identifier: MIT
#include "learning/train_melody/melody_trainer.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "learning/train/devices.h"
#include "listening/melody/melody_network.h"

namespace pop2piano::training {
namespace {

// How right each answer is at each step, kMelodyPitches + 1 a step, as logarithms: another octave is a tenth.
void mark(const std::vector<int>& pitches, float* out) {
  constexpr float kWrong = -1e4F, kOctave = -2.3F;
  const auto none = static_cast<int>(kMelodyPitches);
  for (const int pitch : pitches) {
    std::fill(out, out + none + 1, kWrong);
    if (pitch < 0) out[none] = 0.0F;
    for (int p = 0; pitch >= 0 && p < none; ++p) {
      const int semitones = p + kLowestMelodyPitch - pitch;
      if (semitones % 12 == 0) out[p] = semitones == 0 ? 0.0F : kOctave;
    }
    out += none + 1;
  }
}

}  // namespace

MelodyTrainer::MelodyTrainer(TrainConfig config, Start start, const std::function<void(const std::string& line)>& note)
    : config_(std::move(config)),
      songs_(config_, Split::train),
      validation_(config_, Split::validation),
      network_(static_cast<std::uint64_t>(config_.seed), device_named(config_.device)),
      trainer_(network_.weights(), convolution_options(config_, "melody.safetensors", kMelodyNetworkFormat), start,
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

MelodyBatch MelodyTrainer::next_batch(std::int64_t step) {
  if (!loader_) {
    loader_ = std::make_unique<BatchLoader<MelodyBatch>>(
        [this](std::int64_t index) {
          return batch_of(songs_, MelodySongs::Hearing::varied, static_cast<std::uint64_t>(index) + 1);
        },
        step, config_.loader_threads);
  }
  return loader_->next();
}

MelodyBatch MelodyTrainer::batch_of(const MelodySongs& songs, MelodySongs::Hearing hearing,
                                    std::uint64_t stream) const {
  const std::int64_t n = config_.batch, steps = kMelodySegmentBeats * static_cast<std::int64_t>(kMelodyStepsPerBeat);
  const auto pitches = static_cast<std::int64_t>(kMelodyPitches), inputs = static_cast<std::int64_t>(kMelodyInputs);
  MelodyBatch batch{.inputs = at::empty({n, steps, pitches, inputs}),
                    .begins = at::empty({n, steps, pitches + 1}),
                    .sounds = at::empty({n, steps, pitches + 1})};
  for (std::int64_t i = 0; i < n; ++i) {
    const MelodySegment segment = songs.draw(
        hearing, Random(static_cast<std::uint64_t>(config_.seed)).fork(stream).fork(static_cast<std::uint64_t>(i)));
    std::ranges::copy(segment.inputs, batch.inputs[i].data_ptr<float>());
    mark(segment.begins, batch.begins[i].data_ptr<float>());
    mark(segment.sounds, batch.sounds[i].data_ptr<float>());
  }
  return batch;
}

double MelodyTrainer::validate() const {
  const std::int64_t batches = std::max<std::int64_t>(1, config_.validation_segments / config_.batch);
  double sum = 0;
  for (std::int64_t i = 0; i < batches; ++i) {
    const auto stream = (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(i);
    sum += network_.loss(batch_of(validation_, MelodySongs::Hearing::plain, stream)).item<double>();
  }
  return sum / static_cast<double>(batches);
}

void average_melody_networks(std::span<const std::filesystem::path> files, const std::filesystem::path& output) {
  std::map<std::string, std::vector<double>> sums;
  for (const auto& file : files) {
    for (const auto& [name, values] : read_network_parts(file, melody_network_parts(), "melody network")) {
      auto& sum = sums[name];
      sum.resize(values.size());
      for (std::size_t i = 0; i < values.size(); ++i) sum[i] += static_cast<double>(values[i]);
    }
  }
  std::map<std::string, std::vector<float>> means;
  for (const auto& [name, sum] : sums) {
    for (const double value : sum) means[name].push_back(static_cast<float>(value / static_cast<double>(files.size())));
  }
  write_network_parts(output, melody_network_parts(), means,
                      {{"format", kMelodyNetworkFormat}, {"average_of", std::to_string(files.size())}});
}

}  // namespace pop2piano::training
