// SPDX-License-Identifier: MIT
// What covers of rendered songs play, beside the pianist who arranged the same songs: bass, texture, notes. The beats
// are the true ones, everything else is heard. Without records it says so and measures nothing.
//   accompaniment RECORDS [SPLIT] [FOLDER]
// FOLDER gets WAY/SONG/{human.mid,ours.mid,beats.txt} for each way of accompanying.
#include <pop2piano/cover.h>
#include <pop2piano/error.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/note_metrics.h"
#include "judging/metrics/texture_metrics.h"
#include "learning/dataset/record_set.h"
#include "learning/records/record_midi.h"
#include "learning/studio/sound_coding.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

struct Way {
  const char* name;
  Accompaniment accompaniment;
};
constexpr std::array kWays{Way{"figures", Accompaniment::figures}, Way{"lead-sheet", Accompaniment::lead_sheet},
                           Way{"audio", Accompaniment::audio}};

// Sums over songs.
struct Row {
  TextureSums texture;
  double f_measure = 0.0, notes_per_second = 0.0;
  std::size_t songs = 0;
};

struct Song {
  SongDescription description;
  BeatGrid grid;
  std::vector<double> bars;
  std::vector<BassAtBeat> basses;
  std::vector<PlayedNote> human;
};

Song song_of(const SongView& view) {
  const SongDescription& d = view.description;
  Song song{
      .description = d,
      .grid = {.times = d.beat_times, .numbers = d.beat_numbers, .confidence = {}, .beats_per_bar = d.beats_per_bar},
      .bars = {},
      .basses = {},
      .human = {}};
  song.bars = texture_bars(song.grid);
  const auto time = [&](int step) { return song.grid.time_at(static_cast<double>(step) / kStepsPerBeat); };
  for (const RecordNote& note : d.notes) {
    song.human.push_back(
        {time(note.onset), time(note.onset + note.duration), static_cast<double>(note.pitch), note.velocity});
  }
  const TensorView* chords = view.record.find(kChordTensor);
  if (chords == nullptr) throw Error(ErrorCode::malformed, d.song + ": no chords; make it with `pop2piano synthesize`");
  const auto values = chords->as<std::int32_t>(ElementType::i32);
  for (std::size_t b = 0; b + 1 < d.beat_times.size() && 3 * b + 2 < values.size(); ++b) {
    if (values[3 * b + 2] >= 0) song.basses.push_back({d.beat_times[b], values[3 * b + 2]});
  }
  return song;
}

Analysis heard(const SongView& view, const Song& song, const Model& model) {
  const TensorView* sound = view.record.find(kAudioTensor);
  if (sound == nullptr) {
    throw Error(ErrorCode::malformed,
                song.description.song + ": no sound in the record; make it with `pop2piano synthesize --audio`");
  }
  const Recording recording = Recording::from({.samples = decode_flac(sound->bytes)});
  CoverOptions options;
  options.beats.given = song.grid;
  return analyse(recording, analysis_options(model, options));
}

void write_song(const fs::path& folder, const Song& song, const Score& ours) {
  fs::create_directories(folder);
  write_record_midi(folder / "human.mid", song.description);
  write_midi(folder / "ours.mid", ours);
  std::string beats;
  for (std::size_t b = 0; b < song.grid.times.size(); ++b)
    beats += fmt::format("{:.6f} {}\n", song.grid.times[b], song.grid.numbers[b]);
  write_file(folder / "beats.txt", beats);
}

void add(Row& row, const Song& song, const std::vector<PlayedNote>& notes) {
  row.texture.add(measure_texture(notes, song.bars), count_right_bass(notes, song.basses));
  row.f_measure += compare_notes(song.human, notes).note.f_measure.optional().value_or(0.0);
  row.notes_per_second += static_cast<double>(notes.size()) / (song.grid.times.back() - song.grid.times.front());
  ++row.songs;
}

void print(const char* name, const Row& row) {
  const TextureMeans m = row.texture.means();
  const auto text = [](std::optional<double> value) {
    return value ? fmt::format("{:.3f}", *value) : std::string("-");
  };
  const auto songs = static_cast<double>(row.songs);
  fmt::print("{:<12} {:>10} {:>6} {:>11} {:>7} {:>10} {:>7} {:>12} {:>8.2f} {:>8.3f}\n", name, text(m.bass_right),
             text(m.holes), text(m.continuity), text(m.recall), text(m.recall_pitch), text(m.lift), text(m.bass_on_one),
             row.notes_per_second / songs, row.f_measure / songs);
}

int run(const fs::path& records, const std::string& split, const fs::path& out) {
  if (!fs::exists(records)) {
    fmt::print("skipped: {} is not there; make it with `pop2piano synthesize POP909 --audio --split {}`\n",
               records.string(), split);
    return 0;
  }
  const RecordSet set = RecordSet::open(std::array{records});
  const auto model = Model::load(fs::path(POP2PIANO_SOURCE_DIR) / "models" / "default");
  const fs::path scratch = out.empty() ? fs::temp_directory_path() / "pop2piano_accompaniment" : out;
  Row human;
  std::array<Row, kWays.size()> rows;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongView view = set.song(i);
    if (view.description.split != split) continue;
    const Song song = song_of(view);
    const Analysis analysis = heard(view, song, *model);
    add(human, song, song.human);
    for (std::size_t w = 0; w < kWays.size(); ++w) {
      CoverOptions options;
      options.writing.accompaniment = kWays[w].accompaniment;
      std::string name = song.description.song;
      for (char& c : name) c = c == '/' ? '_' : c;
      const fs::path folder = scratch / kWays[w].name / name;
      write_song(folder, song, make_covers(analysis, *model, {"auto"}, options).front().piano.score);
      add(rows[w], song, read_note_file(folder / "ours.mid").notes);
    }
  }
  if (human.songs == 0) throw Error(ErrorCode::nothing_found, records.string() + ": no song of the split " + split);
  fmt::print("{} songs of {}\n{:<12} {:>10} {:>6} {:>11} {:>7} {:>10} {:>7} {:>12} {:>8} {:>8}\n", human.songs,
             records.string(), "", "bass_right", "holes", "continuity", "recall", "recall_pc", "lift", "bass_on_one",
             "notes/s", "F1");
  print("pianist", human);
  for (std::size_t w = 0; w < kWays.size(); ++w) print(kWays[w].name, rows[w]);
  if (out.empty()) fs::remove_all(scratch);
  return 0;
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    fmt::print(stderr, "usage: accompaniment RECORDS [SPLIT] [FOLDER]\n");
    return 2;
  }
  try {
    return pop2piano::run(argv[1], argc > 2 ? argv[2] : "test", argc > 3 ? argv[3] : "");
  } catch (const std::exception& error) {
    fmt::print(stderr, "accompaniment: {}\n", error.what());
    return 1;
  }
}
