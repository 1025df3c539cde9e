// SPDX-License-Identifier: MIT
// How many of a cover's melody notes are named as its melody, where it is known: by the highest notes, and by what is
// heard of the melody in the song. melody_names RECORDS... (with sound)
#include <pop2piano/error.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "learning/dataset/record_set.h"
#include "learning/studio/sound_coding.h"
#include "listening/melody/heard_melody.h"
#include "music/arrange/difficulty.h"

namespace pop2piano::bench {
namespace {

// Melody notes.
struct Named {
  double all = 0.0, named = 0.0, right = 0.0;

  void add(std::span<const Note> notes, std::span<const Note> truth) {
    const auto is_melody = [](const Note& note) { return note.voice == Voice::melody; };
    for (std::size_t k = 0; k < notes.size(); ++k) {
      all += is_melody(truth[k]) ? 1.0 : 0.0;
      named += is_melody(notes[k]) ? 1.0 : 0.0;
      right += is_melody(notes[k]) && is_melody(truth[k]) ? 1.0 : 0.0;
    }
  }
  [[nodiscard]] std::string text() const {
    const double recall = right / std::max(1.0, all), precision = right / std::max(1.0, named);
    return fmt::format("recall {:.3f} precision {:.3f} F {:.3f}", recall, precision,
                       2.0 * recall * precision / std::max(1e-9, recall + precision));
  }
};

// By onset and pitch alone, so that notes of other voices stay beside each other.
void sort_by_place(std::vector<Note>& notes) {
  std::ranges::stable_sort(notes, {}, [](const Note& note) { return std::pair(note.onset, -note.pitch); });
}

std::vector<Note> notes_of(const SongDescription& song) {
  std::vector<Note> notes;
  for (const RecordNote& from : song.notes) {
    Note note{.onset = from.onset, .duration = from.duration};
    note.pitch = static_cast<std::int16_t>(from.pitch);
    note.velocity = static_cast<std::int16_t>(from.velocity);
    note.voice = static_cast<Voice>(from.voice);
    notes.push_back(note);
  }
  sort_by_place(notes);
  return notes;
}

int run(int argc, char** argv) {
  CLI::App app{"Melody notes of covers that are named right", "melody_names"};
  std::vector<std::filesystem::path> records;
  int threads = 2;
  bool tune = false;
  app.add_option("records", records, "Records with sound")->required();
  app.add_option("--threads", threads, "(default 2)");
  app.add_flag("--tune", tune, "Other options, one after the other, too");
  CLI11_PARSE(app, argc, argv);
  const RecordSet set = RecordSet::open(records);
  ThreadPool pool(threads);
  std::vector<HeardMelodyOptions> tried(1);
  if (tune) {
    for (const float sounds : {6.0F, 12.0F}) tried.push_back({.sounds = sounds});
    for (const float begins : {2.0F, 6.0F}) tried.push_back({.begins = begins});
    for (const float octave : {0.1F, 0.4F}) tried.push_back({.octave = octave});
    for (const float price : {1.0F, 2.0F, 2.5F}) tried.push_back({.price = price});
    for (const float top : {0.5F, 1.5F}) tried.push_back({.top = top});
    for (const float leap : {0.1F, 0.3F}) tried.push_back({.leap = leap});
  }
  Named highest;
  std::vector<Named> heard(tried.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongView song = set.song(i);
    const TensorView* sound = song.record.find(kAudioTensor);
    if (sound == nullptr) continue;
    const std::vector<Note> truth = notes_of(song.description);
    std::vector<Note> notes = truth;
    for (Note& note : notes) note.voice = Voice::accompaniment;
    mark_melody(notes);
    sort_by_place(notes);
    Named own;
    own.add(notes, truth), highest.add(notes, truth);
    const Matrix<float> chances = hear_melody(
        decode_flac(sound->bytes), {.times = song.description.beat_times, .numbers = {}, .confidence = {}}, pool);
    Named found;
    for (std::size_t k = 0; k < tried.size(); ++k) {
      std::vector<Note> named = notes;
      mark_heard_melody(named, chances.view(), tried[k]);
      sort_by_place(named);
      heard[k].add(named, truth);
      if (k == 0) found.add(named, truth);
    }
    fmt::print("{:16} highest {}   heard {}\n", song.description.song, own.text(), found.text());
    std::fflush(stdout);
  }
  fmt::print("all: highest {}\n", highest.text());
  for (std::size_t k = 0; k < tried.size(); ++k) {
    const HeardMelodyOptions& o = tried[k];
    fmt::print("all: heard {} (sounds {} begins {} octave {} price {} top {} leap {})\n", heard[k].text(), o.sounds,
               o.begins, o.octave, o.price, o.top, o.leap);
  }
  return 0;
}

}  // namespace
}  // namespace pop2piano::bench

int main(int argc, char** argv) { return pop2piano::bench::run(argc, argv); }
