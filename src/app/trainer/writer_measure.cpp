// SPDX-License-Identifier: MIT
#include "app/trainer/writer_measure.h"

#include <pop2piano/error.h>
#include <pop2piano/model.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "learning/dataset/record_set.h"
#include "learning/records/record_midi.h"
#include "learning/train_writer/writer_batches.h"
#include "learning/train_writer/writer_hearing.h"
#include "writing/writer/write_song.h"

namespace pop2piano::training::app {
namespace {

namespace fs = std::filesystem;

constexpr int kVelocity = 80;
constexpr int kPlanBeats = 8;  // of a block of the plan

struct Song {
  SongDescription description;  // with the human's notes
  WriterSong truth, told;
  std::vector<RecordNote> ours;  // the melody and what was written
};

BeatGrid grid_of(const SongDescription& d) {
  return {.times = d.beat_times, .numbers = d.beat_numbers, .confidence = {}, .beats_per_bar = d.beats_per_bar};
}

std::vector<PlayedNote> played(std::span<const RecordNote> notes, const BeatGrid& grid) {
  std::vector<PlayedNote> result;
  for (const RecordNote& note : notes) {
    const auto time = [&](int step) { return grid.time_at(static_cast<double>(step) / kStepsPerBeat); };
    result.push_back(
        {time(note.onset), time(note.onset + note.duration), static_cast<double>(note.pitch), note.velocity});
  }
  return result;
}

std::vector<BassAtBeat> basses_of(const WriterSong& song, const BeatGrid& grid) {
  std::vector<BassAtBeat> basses;
  for (std::size_t b = 0; b < song.chords.size(); ++b) {
    if (song.chords[b].bass >= 0) basses.push_back({grid.times[b], song.chords[b].bass});
  }
  return basses;
}

std::vector<Song> read_songs(const std::vector<fs::path>& records, const WriterMeasureOptions& options) {
  const RecordSet set = RecordSet::open(records);
  std::vector<Song> songs;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongView view = set.song(i);
    if (view.description.split != options.split || view.description.variant != 0) continue;
    if (options.most_songs > 0 && songs.size() >= static_cast<std::size_t>(options.most_songs)) break;
    Song song{.description = view.description, .truth = writer_song_of(view), .told = {}, .ours = {}};
    Random random = Random(options.seed).fork(songs.size());
    song.told = with_wrong_chords(song.truth, options.wrong_chords, random);
    if (options.humans_plan) {
      const int anchor = 1 - song.truth.beat_numbers.front();
      song.told.textures = textures_of(accompaniment_of(song.description), song.told.beats(), anchor, kPlanBeats);
    }
    songs.push_back(std::move(song));
  }
  if (songs.empty()) {
    throw Error(ErrorCode::nothing_found, fmt::format("{}: no song of the split \"{}\"; name other records or --split",
                                                      records.front().string(), options.split));
  }
  return songs;
}

void write(const Model& model, std::vector<Song>& songs, const WriterMeasureOptions& options, ThreadPool& pool,
           const Monitor& monitor) {
  std::vector<WriterSong> told;
  for (const Song& song : songs) told.push_back(song.told);
  const auto texts = write_songs(
      model, told, {.style = model.style_index(options.style), .bass_weight = options.bass_weight}, pool, monitor);
  for (std::size_t i = 0; i < songs.size(); ++i) {
    for (const RecordNote& note : songs[i].description.notes) {
      if (note.voice == 0) songs[i].ours.push_back(note);
    }
    for (const Note& note : texts[i]) {
      songs[i].ours.push_back({note.onset, note.duration, note.pitch, kVelocity, 1});
    }
  }
}

void write_files(const Song& song, const fs::path& out) {
  std::string name = song.description.song;
  std::replace(name.begin(), name.end(), '/', '_');
  const fs::path folder = out / name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::write_failed, folder.string() + ": cannot be made: " + error.message());
  write_record_midi(folder / "human.mid", song.description);
  SongDescription ours = song.description;
  ours.notes = song.ours;
  write_record_midi(folder / "ours.mid", ours);
  std::string beats;
  for (std::size_t b = 0; b < ours.beat_times.size(); ++b) {
    beats += fmt::format("{:.6f} {}\n", ours.beat_times[b], ours.beat_numbers[b]);
  }
  write_file(folder / "beats.txt", beats);
}

}  // namespace

WriterMeasures measure_writer(const fs::path& model_folder, const std::vector<fs::path>& records,
                              const WriterMeasureOptions& options, ThreadPool& pool, const Monitor& monitor) {
  const auto model = Model::load(model_folder);
  std::vector<Song> songs = read_songs(records, options);
  WriterMeasures measures{.songs = songs.size()};
  const auto before = std::chrono::steady_clock::now();
  write(*model, songs, options, pool, monitor);
  measures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  TextureSums human, ours;
  for (const Song& song : songs) {
    const BeatGrid grid = grid_of(song.description);
    const auto bars = texture_bars(grid);
    const auto basses = basses_of(song.truth, grid);
    for (const auto& [sums, notes] : {std::pair(&human, &song.description.notes), {&ours, &song.ours}}) {
      const auto sounding = played(*notes, grid);
      sums->add(measure_texture(sounding, bars), count_right_bass(sounding, basses));
    }
    if (!options.out.empty()) write_files(song, options.out);
  }
  measures.human = human.means();
  measures.ours = ours.means();
  return measures;
}

}  // namespace pop2piano::training::app
