// SPDX-License-Identifier: MIT
#include "learning/records/pair_records.h"

#include <pop2piano/analysis.h>
#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "learning/dataset/record_writer.h"
#include "listening/analysis/beats.h"
#include "listening/melody/heard_melody.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

class PairRecordMaker {
 public:
  PairRecordMaker(const PairRecordOptions& options, const PairNews& news, const Monitor& monitor)
      : options_(options), news_(news), monitor_{.progress = {}, .cancel = monitor.cancel}, pool_(options.threads) {}

  void make(const SongPair& pair, const std::string& name, const fs::path& folder) {
    const fs::path target = folder / (name + std::string(kShardExtension));
    if (fs::exists(target)) {
      ++report_.present;
      return;
    }
    try {
      const PairRecords made = records_of(pair, name);
      const double agreement = made.agreement.value_or(0.0);  // where no melody is heard nothing agrees
      if (agreement < options_.least_agreement) {
        throw Error(
            ErrorCode::nothing_found,
            fmt::format("{}: plays the song's melody in {:.2f} of the time in which one is heard, at least {:.2f} "
                        "wanted (--least-agreement); another song, or not in its time",
                        pair.cover.string(), agreement, options_.least_agreement));
      }
      RecordWriter writer(target);
      for (const SongRecord& record : made.records) writer.add(record);
      writer.finish();
      ++report_.made;
      news_.made(target, made.records, agreement);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::write_failed || error.code() == ErrorCode::cancelled) throw;
      ++report_.left_out;
      news_.left_out(error.what());
    }
  }

  [[nodiscard]] const PairsReport& report() const { return report_; }

 private:
  PairRecords records_of(const SongPair& pair, const std::string& name) {
    const Recording recording = Recording::open(pair.song, {}, monitor_);
    const std::vector<PlayedNote> notes = sounding_notes(pair.cover);
    const BeatGrid grid =
        find_beats(recording, BeatOptions{}, options_.threads, monitor_).grid.extended(0.0, recording.duration());
    const std::vector<float> sound = recording.read_all().samples;
    const CoverAlignment alignment = lay_cover(notes, features_to_align(sound, grid, pool_), pool_);
    std::vector<CoverPart> parts = parts_on_beats(pair.cover, alignment, grid);
    if (parts.empty()) {
      throw Error(ErrorCode::nothing_found,
                  fmt::format("{}: plays no {} bars of {} one after the other; another song, or another arrangement",
                              pair.cover.string(), kLeastBars, pair.song.string()));
    }
    for (const CoverPart& part : parts) {
      if (part.deviation <= kMostDeviation) continue;
      throw Error(ErrorCode::nothing_found,
                  fmt::format("{}: its notes lie off the beats of {} by {:.1f} % of a beat", pair.cover.string(),
                              pair.song.string(), 100.0 * part.deviation));
    }
    const HeardSong song = heard_song(sound, pool_);
    name_melodies(parts, song, grid, pool_);
    try {
      return records_of_parts(recording, song, parts,
                              {.name = name, .licence = options_.licence, .keep_sound = options_.keep_sound}, pool_);
    } catch (const Error& error) {
      throw Error(error.code(), pair.cover.string() + ": " + error.what());
    }
  }

  const PairRecordOptions& options_;
  const PairNews& news_;
  Monitor monitor_;  // of the steps: without progress
  ThreadPool pool_;
  PairsReport report_;
};

// Over the beats of parts.
class AgreementSum {
 public:
  void add(std::optional<double> agreement, const CoverPart& part) {
    if (!agreement) return;
    const auto count = static_cast<double>(part.score.grid.size());
    agreeing_ += count * *agreement, beats_ += count;
  }
  [[nodiscard]] std::optional<double> mean() const {
    return beats_ > 0.0 ? std::optional(agreeing_ / beats_) : std::nullopt;
  }

 private:
  double agreeing_ = 0.0, beats_ = 0.0;
};

}  // namespace

void name_melodies(std::span<CoverPart> parts, const HeardSong& song, const BeatGrid& grid, ThreadPool& pool) {
  if (std::ranges::all_of(parts, &CoverPart::names_melody)) return;
  const Matrix<float> heard = hear_melody(song.melody, song.sound, grid, pool);
  for (CoverPart& part : parts) {
    if (part.names_melody) continue;
    const auto first = static_cast<std::size_t>(part.first_beat) * kStepsPerBeat;
    const std::size_t steps = std::min(heard.rows() - first, part.score.grid.size() * kStepsPerBeat);
    mark_heard_melody(part.score.notes, {heard.row(first).data(), steps, heard.columns()});
  }
}

PairRecords records_of_parts(const Recording& recording, const HeardSong& song, std::span<const CoverPart> parts,
                             const PairDescription& description, ThreadPool& pool) {
  PairRecords result;
  AgreementSum sum;
  for (const CoverPart& part : parts) {
    PairDescription own = description;
    own.variant = static_cast<int>(result.records.size());
    own.loudness = loudness_per_beat(recording, part.score.grid);
    PairRecord made = pair_record(song, part.score, own, pool);
    sum.add(made.agreement, part);
    result.records.push_back(std::move(made.record));
  }
  result.agreement = sum.mean();
  return result;
}

std::optional<double> agreement_of_parts(const HeardSong& song, std::span<const CoverPart> parts) {
  AgreementSum sum;
  for (const CoverPart& part : parts) sum.add(melody_agreement(song, part.score), part);
  return sum.mean();
}

PairsReport make_pair_records(const fs::path& list, const fs::path& folder, const PairRecordOptions& options,
                              const PairNews& news, const Monitor& monitor) {
  const auto pairs = read_pair_list(list);
  const auto names = pair_names(pairs);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::write_failed, folder.string() + ": cannot create the folder: " + error.message());
  PairRecordMaker maker(options, news, monitor);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    monitor.report("pairs", static_cast<double>(i) / static_cast<double>(pairs.size()));
    maker.make(pairs[i], names[i], folder);
  }
  return maker.report();
}

}  // namespace pop2piano
