// SPDX-License-Identifier: MIT
// Segments for the writer on symbols, from records that need no sound: what is told of the song (writer_hearing.h),
// what a pianist had written before, and what he writes next.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "learning/dataset/song_record.h"
#include "learning/train/training_songs.h"
#include "learning/train_t5/batches.h"
#include "learning/train_writer/writer_hearing.h"
#include "writing/writer/recall.h"
#include "writing/writer/symbol_frames.h"
#include "writing/writer/writer_song.h"

namespace pop2piano::training {

/// A record's melody, chords and beats. Throws Error(malformed) without chords, or with chords for other beats.
[[nodiscard]] WriterSong writer_song_of(const SongView& view);
/// Its accompaniment, ordered by onset.
[[nodiscard]] std::vector<Note> accompaniment_of(const SongDescription& description);

class WriterBatches final : public SegmentBatches {
 public:
  /// Records without chords or beats are left out, as problems() says. Throws Error: unsupported (a model that is not
  /// laid out as SymbolChannels), not_found, nothing_found (no song to train on).
  WriterBatches(const TrainConfig& config, const ModelConfig& model, Split split, Share share, at::ScalarType type);

  /// Augmentation::none: heard without errors, nothing of the past or the recalled passage missing, no texture wished.
  [[nodiscard]] std::vector<SegmentPlan> fixed_plans(std::size_t first, std::size_t count) const override;
  [[nodiscard]] std::vector<Matrix<float>> features_of(std::span<const SegmentPlan> plans,
                                                       Augmentation augmentation) const override;
  [[nodiscard]] std::size_t song_count() const override { return songs_.size(); }
  [[nodiscard]] std::vector<std::string> problems() const override { return problems_; }

 private:
  struct Song {
    std::string name;
    int style = 0;
    WriterSong heard;         // without errors
    std::vector<Note> text;   // what the pianist wrote, ordered by onset
    std::vector<int> starts;  // first beats of bars with text from there on; an upbeat's is negative
    std::unique_ptr<const Recall> recall;
  };

  void add(const SongView& view, double weight);
  [[nodiscard]] SegmentPlan draw(Random& random) const override;
  [[nodiscard]] std::string song_name(std::size_t song) const override { return songs_[song].name; }
  void complete(SegmentPlan& plan) const;
  [[nodiscard]] Matrix<float> frames_of(const SegmentPlan& plan, Augmentation augmentation) const;
  /// What the human's own sections are like, told for blocks of a segment's length around the segment.
  void wish_textures(WriterSong& song, const Song& from, int first_beat, Random& random) const;

  std::vector<std::string> styles_;
  std::vector<Song> songs_;
  std::vector<double> cumulative_;  // [songs] summed chances
  std::vector<std::string> problems_;
};

/// Segments for any model, by the kind of its features: of symbols, else record_segments().
[[nodiscard]] std::unique_ptr<SegmentBatches> segments_by_features(const TrainConfig& config, const ModelConfig& model,
                                                                   Split split, Share share, at::ScalarType type);

}  // namespace pop2piano::training
