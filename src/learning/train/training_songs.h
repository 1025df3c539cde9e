// SPDX-License-Identifier: MIT
// The songs of one split with what sampling needs at hand: notes, style, band means. Features stay in the records'
// mapping.
#pragma once

#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/core/matrix.h"
#include "learning/dataset/record_set.h"
#include "learning/train/segment_mel.h"
#include "learning/train/train_config.h"

namespace pop2piano::training {

enum class Split : std::uint8_t { train, validation, test };

/// A record's own split if it names one, else by the number at the end of the song's name.
Split split_of(const SongDescription& song, const TrainConfig& config);

/// Immutable after construction but for a cache; may be shared between threads.
class TrainingSongs {
 public:
  /// Throws Error: not_found, nothing_found (no record of that split), malformed (features of another width, sound of
  /// another rate).
  TrainingSongs(const TrainConfig& config, const ModelConfig& model, Split split);

  struct Song {
    std::string name;                ///< "pop909/001#2": song and variant
    int style = 0;                   ///< index into the model's styles, 0 = auto
    int beats = 0;                   ///< of the recording
    double seconds = 0.0;            ///< from the first beat to the last
    std::vector<Note> notes;         ///< [notes] steps from beat 0
    std::vector<double> beat_times;  ///< [beats] seconds
  };
  [[nodiscard]] std::size_t size() const { return songs_.size(); }
  [[nodiscard]] const Song& song(std::size_t index) const { return songs_[index].song; }
  /// A song drawn by its length and its source's weight; `uniform` in [0, 1).
  [[nodiscard]] std::size_t choose(double uniform) const;

  /// Normalised features [frames, inputs] of frames [first, first + out.rows()); those outside the song are the floor.
  /// Throws Error(malformed) naming song and file when a feature of the song is not finite.
  void read_frames(std::size_t index, long first, Matrix<float>& out) const;

  /// The melody's channels [frames, 128] of frames [first, first + out.rows()); zero outside the song and where the
  /// record has none.
  void read_melody(std::size_t index, long first, Matrix<float>& out) const;

  /// The segment from `first_beat` on as SegmentMel::read() gives it. Throws Error(malformed) naming the song.
  [[nodiscard]] Matrix<float> read_mel(std::size_t index, const SegmentMel& mel, int first_beat,
                                       std::int64_t padded) const;

  /// Whether style 0 says that the style was not given.
  [[nodiscard]] bool has_auto_style() const { return !styles_.empty() && styles_.front() == "auto"; }

  /// What was left out and why, one line each.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Entry {
    Song song;
    std::size_t set = 0, record = 0;
    mutable std::vector<float> band_mean;  // [bands], smoothed; filled on first use
  };
  void add_source(const RecordSource& source, const TrainConfig& config, Split split);
  void add_song(std::size_t record, const TrainConfig& config, Split split, double weight);
  /// Beats of the recording; 0: what the network reads is missing, as problems() says then.
  int check_features(const SongView& view, const std::string& name);
  int check_sound(const SongView& view, const std::string& name);
  void check_melody(const SongView& view, const std::string& name) const;
  [[nodiscard]] std::vector<float> band_mean_of(Span2D<const std::uint16_t> features) const;
  [[nodiscard]] std::span<const float> band_mean(const Entry& entry, Span2D<const std::uint16_t> features) const;

  FeatureSettings features_;
  std::vector<std::string> styles_;
  std::vector<RecordSet> sets_;
  std::vector<Entry> songs_;
  std::vector<double> cumulative_;  // [songs] summed chances
  std::vector<std::string> problems_;
  mutable std::mutex mutex_;  // of the band means
};

}  // namespace pop2piano::training
