// SPDX-License-Identifier: MIT
#include "learning/train_t5/batches.h"

#include <algorithm>
#include <utility>

namespace pop2piano::training {
namespace {

constexpr std::uint64_t kFixedStream = 2;

std::size_t index_of(std::int64_t value) { return static_cast<std::size_t>(value); }

}  // namespace

BatchMaker::BatchMaker(std::shared_ptr<const TrainingSongs> songs, const TrainConfig& config, const ModelConfig& model,
                       Share share, at::ScalarType type)
    : SegmentBatches(config, model, share, type), songs_(std::move(songs)) {
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

std::int64_t BatchMaker::length_of(const SegmentPlan& plan) const {
  return mel_ ? plan.samples : SegmentBatches::length_of(plan);  // mel features are the dearer ones
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

std::unique_ptr<SegmentBatches> record_segments(const TrainConfig& config, const ModelConfig& model, Split split,
                                                Share share, at::ScalarType type) {
  return std::make_unique<BatchMaker>(std::make_shared<const TrainingSongs>(config, model, split), config, model, share,
                                      type);
}

}  // namespace pop2piano::training
