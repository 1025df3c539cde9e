// SPDX-License-Identifier: MIT
#include "learning/records/symbolic_records.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "learning/dataset/record_writer.h"
#include "learning/records/piano_target.h"
#include "learning/records/pop909_corrections.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr double kSlowBeat = 0.75;  // seconds; a tracker may count such a song in halves
constexpr int kHalvedVariant = 100;

OwnedTensor chords_tensor(const SymbolicSong& song) {
  std::vector<std::int32_t> values;
  for (std::size_t b = 0; b < song.grid.size(); ++b) {
    const SongChord* chord = chord_at(song, static_cast<double>(b) + 0.01);
    values.insert(values.end(), {chord ? chord->root : -1, chord ? chord->pitch_classes : 0, chord ? chord->bass : -1});
  }
  const auto bytes = std::as_bytes(std::span(values));
  return {.name = std::string(kChordTensor),
          .type = ElementType::i32,
          .shape = {song.grid.size(), 3},
          .bytes = {bytes.begin(), bytes.end()}};
}

/// What one song of the corpus gives.
struct Prepared {
  std::vector<SongRecord> songs, versions, halved;
  bool corrected = false;
  std::vector<std::string> problems;
};

class Preparation {
 public:
  Preparation(const fs::path& folder, const SongCorpus& corpus, const SymbolicRecordOptions& options)
      : folder_(folder), corpus_(corpus), options_(options) {}

  [[nodiscard]] Prepared prepare(int number) const {
    Prepared result;
    try {
      const SymbolicSong song = counted(number, result);
      const std::string split(corpus_.split_of(number));
      add(result.songs, song, split, 0);
      if (split != "train") return result;
      std::vector<SymbolicSong> all = {song};
      for (SymbolicSong& version : versions_of(song, number)) all.push_back(std::move(version));
      for (std::size_t i = 0; i < all.size(); ++i) {
        const int variant = static_cast<int>(i);
        if (i > 0) add(result.versions, all[i], split, variant);
        if (all[i].grid.median_interval() > kSlowBeat) {
          add(result.halved, double_time(all[i]), split, kHalvedVariant + variant);
        }
      }
    } catch (const Error& error) {
      result.problems.push_back(corpus_.name_of(number) + ": left out: " + error.what());
    }
    return result;
  }

 private:
  [[nodiscard]] SymbolicSong counted(int number, Prepared& result) const {
    SymbolicSong song = corpus_.read(number);
    if (options_.corrections.empty()) return song;
    try {
      song = corrected_song(song, options_.corrections / fmt::format("{:03}.mid", number));
      result.corrected = true;
    } catch (const Error& error) {
      result.problems.push_back(corpus_.name_of(number) + ": not corrected: " + error.what());
    }
    return song;
  }

  [[nodiscard]] std::vector<SymbolicSong> versions_of(const SymbolicSong& song, int number) const {
    return earlier_versions(song, folder_ / fmt::format("{:03}", number) / "versions");
  }

  void add(std::vector<SongRecord>& records, const SymbolicSong& song, const std::string& split, int variant) const {
    records.push_back(symbolic_record(song, options_.style));
    records.back().description.split = split;
    records.back().description.variant = variant;
  }

  const fs::path& folder_;
  const SongCorpus& corpus_;
  const SymbolicRecordOptions& options_;
};

std::size_t write_shard(const fs::path& file, std::span<const Prepared> prepared,
                        std::vector<SongRecord> Prepared::*which) {
  std::size_t count = 0;
  for (const Prepared& p : prepared) count += (p.*which).size();
  if (count == 0) return 0;
  RecordWriter writer(file);
  for (const Prepared& p : prepared) {
    for (const SongRecord& record : p.*which) writer.add(record);
  }
  writer.finish();
  return count;
}

}  // namespace

SongRecord symbolic_record(const SymbolicSong& song, const std::string& style) {
  SongRecord record;
  SongDescription& d = record.description;
  d.song = song.name;
  d.source = song.source;
  d.licence = song.licence;
  d.recipe = "symbols without sound";
  d.beats_per_bar = song.grid.beats_per_bar;
  d.beat_times = song.grid.times;
  d.beat_numbers = song.grid.numbers;
  d.notes = piano_target(song);
  std::erase_if(d.notes, [](const RecordNote& note) { return note.onset < 0; });
  const int texture = style_of(accompaniment_texture(d.notes));
  d.style = style.empty() ? std::string(kStyleNames[static_cast<std::size_t>(texture)]) : style;
  d.style_index = style.empty() ? texture : 0;
  record.tensors.push_back(chords_tensor(song));
  return record;
}

SymbolicRecordReport write_symbolic_records(const fs::path& corpus, const fs::path& out,
                                            const SymbolicRecordOptions& options, ThreadPool& pool,
                                            const Monitor& monitor) {
  const auto opened = open_corpus(corpus, options.corpus);
  std::error_code error;
  fs::create_directories(out, error);
  if (error) throw Error(ErrorCode::write_failed, out.string() + ": cannot create the folder: " + error.message());
  const Preparation preparation(corpus, *opened, options);
  std::vector<Prepared> prepared(opened->numbers().size());
  pool.run(prepared.size(), [&](std::size_t i) {
    monitor.check();
    prepared[i] = preparation.prepare(opened->numbers()[i]);
  });
  SymbolicRecordReport report;
  for (const Prepared& p : prepared) {
    report.corrected += p.corrected ? 1U : 0U;
    report.left_out.insert(report.left_out.end(), p.problems.begin(), p.problems.end());
  }
  report.songs = write_shard(out / (opened->label() + std::string(kShardExtension)), prepared, &Prepared::songs);
  if (report.songs == 0) {
    throw Error(ErrorCode::nothing_found, corpus.string() + ": none of its songs could be read; " +
                                              (report.left_out.empty() ? "it is empty" : report.left_out.front()));
  }
  report.versions =
      write_shard(out / (opened->label() + "-versions" + std::string(kShardExtension)), prepared, &Prepared::versions);
  report.halved =
      write_shard(out / (opened->label() + "-halved" + std::string(kShardExtension)), prepared, &Prepared::halved);
  return report;
}

}  // namespace pop2piano
