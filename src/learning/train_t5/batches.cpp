// SPDX-License-Identifier: MIT
#include "learning/train_t5/batches.h"

#include <algorithm>
#include <utility>

#include "base/core/random.h"
#include "learning/train/row_kernels.h"

namespace pop2piano::training {
namespace {

constexpr std::int64_t kLengthStep = 8;  // lengths are rounded up to a multiple: few shapes for oneDNN to prepare
constexpr std::uint64_t kTrainingStream = 1, kFixedStream = 2;

std::size_t index_of(std::int64_t value) { return static_cast<std::size_t>(value); }

}  // namespace

BatchMaker::BatchMaker(std::shared_ptr<const TrainingSongs> songs, const TrainConfig& config, const ModelConfig& model,
                       Share share, at::ScalarType type)
    : songs_(std::move(songs)),
      config_(config),
      features_(model.features),
      language_(language_of(model)),
      share_(share),
      type_(type) {
  if (features_.kind != FeatureKind::mel) return;
  mel_.emplace(features_);
  type_ = at::kFloat;  // they are the encoder's hidden state itself
}

SegmentPlan BatchMaker::draw(Random& random) const {
  SegmentPlan plan;
  plan.song = songs_->choose(random.uniform());
  const auto& song = songs_->song(plan.song);
  // The last start leaves half a segment of song, as the end of a song does when it is covered whole.
  const int starts = std::max(1, song.beats - features_.segment_beats / 2);
  plan.first_beat = static_cast<int>(random.index(static_cast<std::size_t>(starts)));
  plan.style = songs_->has_auto_style() && random.chance(config_.style_dropout) ? 0 : song.style;
  if (!mel_) plan.augmentation = draw_augmentation(config_.augmentation, random);
  complete(plan);
  return plan;
}

void BatchMaker::complete(SegmentPlan& plan) const {
  const auto& song = songs_->song(plan.song);
  const int first_step = plan.first_beat * kStepsPerBeat;
  const int end_step = first_step + language_->segment_steps();
  std::vector<Note> segment;
  for (Note note : song.notes) {
    if (note.onset < first_step - kStepsPerBeat || note.onset >= end_step + kStepsPerBeat) continue;
    note.pitch = static_cast<std::int16_t>(note.pitch + plan.augmentation.semitones);
    segment.push_back(note);
  }
  plan.tokens = language_->encode(segment, first_step);
  if (mel_) plan.samples = mel_->samples(song.beat_times, plan.first_beat);
  const auto longest = index_of(config_.max_tokens - 1);  // the start token counts
  if (plan.tokens.size() > longest) plan.tokens.resize(longest);
}

// What lies in one batch is padded to its longest: of like length little is. Mel features are the dearer ones.
void BatchMaker::sort_alike(std::vector<SegmentPlan>& plans) const {
  const auto length = [&](const SegmentPlan& plan) {
    return mel_ ? plan.samples : static_cast<std::int64_t>(plan.tokens.size());
  };
  std::stable_sort(plans.begin(), plans.end(), [&](const auto& a, const auto& b) { return length(a) < length(b); });
}

void BatchMaker::fill_pool(std::int64_t pool) {
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

std::vector<SegmentPlan> BatchMaker::step_plans(std::int64_t step) {
  const std::lock_guard lock(mutex_);
  if (const auto pool = step / config_.bucket_batches; pool != pool_index_) fill_pool(pool);
  return pool_[index_of(step % config_.bucket_batches)];
}

Batch BatchMaker::training_batch(std::int64_t step, std::int64_t pass) {
  const auto plans = step_plans(step);
  const std::size_t slice = index_of(pass) * index_of(share_.processes) + index_of(share_.rank);
  return to_batch(std::span(plans).subspan(slice * index_of(config_.batch), index_of(config_.batch)),
                  Augmentation::drawn);
}

std::vector<SegmentPlan> BatchMaker::fixed_plans(std::size_t first, std::size_t count) const {
  std::vector<SegmentPlan> plans;
  for (std::size_t i = first; i < first + count; ++i) {
    Random random = Random(0).fork(kFixedStream).fork(i);
    SegmentPlan plan;
    plan.song = i % songs_->size();
    const auto& song = songs_->song(plan.song);
    const int starts = std::max(1, song.beats - features_.segment_beats);
    plan.first_beat = static_cast<int>(random.index(static_cast<std::size_t>(starts)));
    plan.style = song.style;
    complete(plan);
    plans.push_back(std::move(plan));
  }
  if (mel_) sort_alike(plans);
  return plans;
}

std::vector<SegmentPlan> BatchMaker::song_plans(std::size_t song) const {
  std::vector<SegmentPlan> plans;
  for (int beat = 0; beat < songs_->song(song).beats; beat += features_.segment_beats) {
    SegmentPlan plan;
    plan.song = song;
    plan.first_beat = beat;
    plan.style = songs_->song(song).style;
    complete(plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

Matrix<float> BatchMaker::beat_features_of(const SegmentPlan& plan, Augmentation augmentation) const {
  const int rows = (features_.segment_beats + 2 * features_.context_beats) * features_.frames_per_beat;
  Matrix<float> frames(index_of(rows), static_cast<std::size_t>(features_.inputs()));
  const long first = static_cast<long>(plan.first_beat - features_.context_beats) * features_.frames_per_beat;
  songs_->read_frames(plan.song, first, frames);
  if (augmentation == Augmentation::drawn) {
    augment(frames, config_.augmentation, plan.augmentation,
            {features_.f_min, features_.f_max, static_cast<std::size_t>(features_.n_mels), features_.scale},
            static_cast<float>(features_.normalised_floor));
  }
  return frames;
}

std::vector<Matrix<float>> BatchMaker::features_of(std::span<const SegmentPlan> plans,
                                                   Augmentation augmentation) const {
  std::vector<Matrix<float>> segments;
  std::int64_t longest = 0;
  for (const auto& plan : plans) longest = std::max(longest, plan.samples);
  for (const auto& plan : plans) {
    segments.push_back(mel_ ? songs_->read_mel(plan.song, *mel_, plan.first_beat, mel_->padded(longest))
                            : beat_features_of(plan, augmentation));
  }
  return segments;
}

Batch BatchMaker::to_batch(std::span<const SegmentPlan> plans, Augmentation augmentation) const {
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
    batch.songs.push_back(songs_->song(plan.song).name);
  }
  return batch;
}

}  // namespace pop2piano::training
