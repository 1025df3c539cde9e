// SPDX-License-Identifier: MIT
#include "train/batches.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <utility>

#include "core/random.h"
#include "train/row_kernels.h"

namespace pop2piano::training {
namespace {

constexpr std::int64_t kLengthStep = 8;  // lengths are rounded up to a multiple: few shapes for oneDNN to prepare
constexpr std::uint64_t kTrainingStream = 1, kFixedStream = 2;

std::size_t index_of(std::int64_t value) { return static_cast<std::size_t>(value); }

}  // namespace

VoicesCodec codec_of(const ModelConfig& model) {
  const auto& t = model.tokens;
  if (t.kind != TokenKind::voices) {
    throw Error(ErrorCode::unsupported, "the architecture's tokens are not of the kind \"voices\"");
  }
  VoicesVocabulary vocabulary;
  vocabulary.first_position = t.first_position;
  vocabulary.first_melody = t.first_melody;
  vocabulary.first_accompaniment = t.first_accompaniment;
  vocabulary.first_duration = t.first_duration;
  vocabulary.lowest_pitch = t.lowest_pitch;
  vocabulary.highest_pitch = t.highest_pitch;
  vocabulary.durations = t.durations;
  vocabulary.steps_per_beat = t.steps_per_beat;
  return VoicesCodec(std::move(vocabulary));
}

BatchMaker::BatchMaker(std::shared_ptr<const TrainingSongs> songs, const TrainConfig& config, const ModelConfig& model,
                       Share share, at::ScalarType type)
    : songs_(std::move(songs)),
      config_(config),
      features_(model.features),
      codec_(codec_of(model)),
      share_(share),
      type_(type),
      frames_((features_.segment_beats + 2 * features_.context_beats) * features_.frames_per_beat) {}

SegmentPlan BatchMaker::draw(Random& random) const {
  SegmentPlan plan;
  plan.song = songs_->choose(random.uniform());
  const auto& song = songs_->song(plan.song);
  // The last start leaves half a segment of song, as the end of a song does when it is covered whole.
  const int starts = std::max(1, song.beats - features_.segment_beats / 2);
  plan.first_beat = static_cast<int>(random.index(static_cast<std::size_t>(starts)));
  plan.style = random.chance(config_.style_dropout) ? 0 : song.style;
  plan.augmentation = draw_augmentation(config_.augmentation, random);
  write_tokens(plan);
  return plan;
}

void BatchMaker::write_tokens(SegmentPlan& plan) const {
  const auto& notes = songs_->song(plan.song).notes;
  const int first_step = plan.first_beat * codec_.vocabulary().steps_per_beat;
  const int end_step = first_step + codec_.vocabulary().segment_steps();
  std::vector<Note> segment;
  for (Note note : notes) {
    if (note.onset < first_step || note.onset >= end_step) continue;
    note.pitch = static_cast<std::int16_t>(note.pitch + plan.augmentation.semitones);
    segment.push_back(note);
  }
  plan.tokens = codec_.encode(segment, first_step);
  const auto longest = index_of(config_.max_tokens - 1);  // the start token counts
  if (plan.tokens.size() > longest) plan.tokens.resize(longest);
}

void BatchMaker::fill_pool(std::int64_t pool) {
  const std::size_t per_step = index_of(config_.batch * config_.accumulate) * index_of(share_.processes);
  Random random =
      Random(static_cast<std::uint64_t>(config_.seed)).fork(kTrainingStream).fork(static_cast<std::uint64_t>(pool));
  std::vector<SegmentPlan> plans;
  for (std::size_t i = 0; i < per_step * index_of(config_.bucket_batches); ++i) plans.push_back(draw(random));
  std::stable_sort(plans.begin(), plans.end(),
                   [](const auto& a, const auto& b) { return a.tokens.size() < b.tokens.size(); });
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
    write_tokens(plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<SegmentPlan> BatchMaker::song_plans(std::size_t song) const {
  std::vector<SegmentPlan> plans;
  for (int beat = 0; beat < songs_->song(song).beats; beat += features_.segment_beats) {
    SegmentPlan plan;
    plan.song = song;
    plan.first_beat = beat;
    plan.style = songs_->song(song).style;
    write_tokens(plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

Matrix<float> BatchMaker::features_of(const SegmentPlan& plan, Augmentation augmentation) const {
  Matrix<float> frames(index_of(frames_), static_cast<std::size_t>(features_.inputs()));
  const long first = static_cast<long>(plan.first_beat - features_.context_beats) * features_.frames_per_beat;
  songs_->read_frames(plan.song, first, frames);
  if (augmentation == Augmentation::drawn) {
    augment(frames, config_.augmentation, plan.augmentation,
            {features_.f_min, features_.f_max, static_cast<std::size_t>(features_.n_mels)},
            static_cast<float>(features_.normalised_floor));
  }
  return frames;
}

float BatchMaker::weight_of(int token) const {
  const auto& w = config_.loss;
  switch (voices_token_kind(codec_.vocabulary(), token)) {
    case VoicesTokenKind::position:
      return static_cast<float>(w.position);
    case VoicesTokenKind::melody:
      return static_cast<float>(w.melody_pitch);
    case VoicesTokenKind::accompaniment:
      return static_cast<float>(w.accompaniment_pitch);
    case VoicesTokenKind::duration:
      return static_cast<float>(w.duration);
    case VoicesTokenKind::end:
      return static_cast<float>(w.end);
    case VoicesTokenKind::other:
      break;
  }
  return 0.0F;
}

Batch BatchMaker::to_batch(std::span<const SegmentPlan> plans, Augmentation augmentation) const {
  const auto rows = static_cast<std::int64_t>(plans.size()), bands = static_cast<std::int64_t>(features_.inputs());
  std::int64_t length = 1;
  for (const auto& plan : plans) length = std::max(length, static_cast<std::int64_t>(plan.tokens.size()));
  length = (length + kLengthStep - 1) / kLengthStep * kLengthStep;
  Batch batch;
  batch.features = at::empty({rows, frames_, bands}, type_);
  batch.styles = at::zeros({rows}, at::kLong);
  batch.inputs = at::zeros({rows, length}, at::kLong);
  batch.targets = at::zeros({rows * length}, at::kLong);
  batch.weights = at::zeros({rows * length}, at::kFloat);
  for (std::int64_t r = 0; r < rows; ++r) {
    const auto& plan = plans[index_of(r)];
    const auto frames = features_of(plan, augmentation);
    const auto offset = r * frames_ * bands;
    if (type_ == at::kBFloat16) {
      row::narrow(frames.data(), reinterpret_cast<std::uint16_t*>(batch.features.data_ptr<at::BFloat16>()) + offset,
                  index_of(frames_ * bands));
    } else {
      std::copy_n(frames.data(), frames_ * bands, batch.features.data_ptr<float>() + offset);
    }
    batch.styles.data_ptr<std::int64_t>()[r] = plan.style;
    for (std::int64_t t = 0; t < static_cast<std::int64_t>(plan.tokens.size()); ++t) {
      const int token = plan.tokens[index_of(t)];
      batch.targets.data_ptr<std::int64_t>()[r * length + t] = token;
      batch.weights.data_ptr<float>()[r * length + t] = weight_of(token);
      if (t + 1 < length) batch.inputs.data_ptr<std::int64_t>()[r * length + t + 1] = token;
    }
    batch.songs.push_back(songs_->song(plan.song).name);
  }
  return batch;
}

}  // namespace pop2piano::training
