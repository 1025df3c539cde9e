// SPDX-License-Identifier: MIT
// Pairs that are known to be good or bad, as files for `pop2piano prepare`, and how the measures of the filter part
// them. labelled_pairs write RECORDS... --output DIR; labelled_pairs table PREPARED
#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/core/output_file.h"
#include "drawn_cover.h"
#include "learning/dataset/record_set.h"
#include "learning/prepare/pair_folders.h"
#include "learning/prepare/pair_state.h"
#include "learning/records/song_corpus.h"
#include "played_cover.h"

namespace pop2piano::bench {
namespace {

namespace fs = std::filesystem;
using Notes = std::vector<PlayedNote>;

Notes between(const Notes& notes, double begin, double end) {
  Notes result;
  for (const PlayedNote& note : notes) {
    if (note.onset >= begin && note.onset < end) result.push_back(note);
  }
  return result;
}

// Faults that a cover may have.
Notes in_another_key(Notes notes, int semitones) {
  for (PlayedNote& note : notes) note.pitch += semitones;
  return notes;
}
Notes faster(Notes notes, double factor) {
  for (PlayedNote& note : notes) note.onset /= factor, note.offset /= factor;
  return notes;
}
Notes twice(const Notes& notes, double later) {
  Notes both = notes;
  for (PlayedNote note : notes) {
    note.onset += later, note.offset += later;
    both.push_back(note);
  }
  return sorted_by_onset(both);
}
Notes half_and_half(const Notes& first, const Notes& second) {
  const double middle = 0.5 * first.back().onset;
  Notes both = between(first, 0.0, middle);
  const Notes rest = between(second, 0.5 * second.back().onset, second.back().onset);
  for (PlayedNote note : rest) {
    const double shift = middle - rest.front().onset;
    note.onset += shift, note.offset += shift;
    both.push_back(note);
  }
  return both;
}

// Something else before the cover, of so many seconds.
Notes with_introduction(const Notes& notes, const Notes& other, double seconds) {
  Notes both = between(other, other.front().onset, other.front().onset + seconds);
  const double begin = both.front().onset, first = notes.front().onset;
  for (PlayedNote& note : both) note.onset -= begin, note.offset = std::min(note.offset - begin, seconds);
  for (PlayedNote note : notes) {
    note.onset += seconds - first, note.offset += seconds - first;
    both.push_back(note);
  }
  return both;
}

struct PairsToWrite {
  fs::path folder, font;
  std::uint64_t seed = 1;
  std::size_t good = 3;       // of each song
  double introduction = 0.0;  // seconds of another song before each of them
  bool bad = true;
};

class PairWriter {
 public:
  PairWriter(const RecordSet& set, PairsToWrite wanted) : set_(set), wanted_(std::move(wanted)) {
    fs::create_directories(wanted_.folder);
    list_ = "song\tcover\ttitle\tlicence\tbeats\tkey\n";
  }

  void write(std::size_t songs) {
    for (std::size_t i = 0; i < songs; ++i) write_song(i, (i + 1) % songs);
    write_file(wanted_.folder / "list.tsv", list_);
  }

 private:
  void write_song(std::size_t i, std::size_t other) {
    const SongView song = set_.song(i);
    const TensorView* sound = song.record.find(kAudioTensor);
    if (sound == nullptr) throw Error(ErrorCode::nothing_found, song.description.song + ": its record has no sound");
    const std::string name = train_name(fs::path(song.description.song).filename().string());
    std::ofstream(wanted_.folder / (name + ".flac"), std::ios::binary)
        .write(reinterpret_cast<const char*>(sound->bytes.data()), static_cast<std::streamsize>(sound->bytes.size()));
    for (std::uint64_t k = 0; k < wanted_.good; ++k) add(name, "good", good_cover(i, other, k));
    if (wanted_.bad) write_bad(i, other, name);
  }

  // A name whose songs are trained on (split_by_name()).
  static std::string train_name(std::string name) {
    while (split_by_name(name) != "train") name += "a";
    return name;
  }

  void write_bad(std::size_t i, std::size_t other, const std::string& name) {
    const SongView song = set_.song(i);
    const Notes others = cover_of(other, 3);
    add(name, "another song", others);
    add(name, "a few bars", between(cover_of(i, 0), 20.0, 32.0));
    const DrawnCover own = draw_cover(song.description, Random(wanted_.seed).fork(100 * i));
    const std::array<int, 4> away = {-5, -2, 3, 5};
    add(name, "wrong key", in_another_key(in_another_key(own.notes, own.transposition), away[i % away.size()]), "0");
    add(name, "too fast", faster(cover_of(i, 4), 2.5));
    add(name, "half of another", half_and_half(cover_of(i, 5), others));
    add(name, "doubled", twice(cover_of(i, 6), 0.17));
    list_ += fmt::format("{}.flac\t{}.flac\tnot a piano\tCC0-1.0\t{}.beats\t\n", name, name, name);
    if (i % 4 == 0) {
      write_played(cover_of(i, 7), wanted_.folder / (name + ".recorded.wav"), wanted_.font);
      list_ += fmt::format("{}.flac\t{}.recorded.wav\tgood\tCC0-1.0\t{}.beats\t\n", name, name, name);
    }
  }
  [[nodiscard]] Notes good_cover(std::size_t song, std::size_t other, std::uint64_t number) const {
    Notes notes = cover_of(song, number);
    if (wanted_.introduction <= 0.0) return notes;
    return with_introduction(notes, cover_of(other, number), wanted_.introduction);
  }
  [[nodiscard]] Notes cover_of(std::size_t song, std::uint64_t number) const {
    return draw_cover(set_.song(song).description, Random(wanted_.seed).fork(100 * song + number)).notes;
  }
  void add(const std::string& song, const std::string& kind, const Notes& notes, const std::string& key = "") {
    const std::string file = fmt::format("{}.{}.mid", song, count_++);
    write_notes(notes, wanted_.folder / file);
    list_ += fmt::format("{}.flac\t{}\t{}\tCC0-1.0\t{}.beats\t{}\n", song, file, kind, song, key);
  }

  const RecordSet& set_;
  PairsToWrite wanted_;
  std::string list_;
  int count_ = 0;
};

struct Measure {
  const char* name;
  Stage stage;
  bool low_is_bad;
};
constexpr std::array kMeasures = {
    Measure{"share", Stage::align, true},         Measure{"gain", Stage::align, true},
    Measure{"fit", Stage::align, true},           Measure{"least_fit", Stage::align, true},
    Measure{"least_gain", Stage::align, true},    Measure{"speed", Stage::align, true},
    Measure{"bars", Stage::quantise, true},       Measure{"agreement", Stage::quantise, true},
    Measure{"deviation", Stage::quantise, false}, Measure{"density", Stage::quantise, false},
    Measure{"kept", Stage::quantise, true},
};

double at(std::vector<double> values, double share) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
}

void print_table(const fs::path& folder) {
  std::map<std::string, std::map<std::string, std::vector<double>>> values;  // [kind][measure]
  std::map<std::string, std::map<std::string, int>> ends;                    // [kind][how it ended]
  for (const std::string& name : pair_folders(folder)) {
    const PairState state = load_state(folder / "pairs" / name).state;
    Stage stage = Stage::download;
    const StageState* last = last_of(state, &stage);
    if (last == nullptr) continue;
    ++ends[state.title][last->standing == Standing::done ? "kept" : last->kind];
    for (const Measure& measure : kMeasures) {
      const auto found = state.stages.find(measure.stage);
      if (found == state.stages.end() || !found->second.facts.contains(measure.name)) continue;
      values[state.title][measure.name].push_back(found->second.facts.at(measure.name).get<double>());
    }
  }
  for (const auto& [kind, ways] : ends) {
    std::string text;
    for (const auto& [way, count] : ways) text += fmt::format("  {} {}", count, way);
    fmt::print("{:16}{}\n", kind, text);
  }
  for (const Measure& measure : kMeasures) {
    fmt::print("{} ({} is bad)\n", measure.name, measure.low_is_bad ? "low" : "high");
    for (auto& [kind, measured] : values) {
      const std::vector<double>& all = measured[measure.name];
      fmt::print("  {:16} {:3}  least {:.3f}  5 % {:.3f}  median {:.3f}  95 % {:.3f}  most {:.3f}\n", kind, all.size(),
                 at(all, 0.0), at(all, 0.05), at(all, 0.5), at(all, 0.95), at(all, 1.0));
    }
  }
}

int run(int argc, char** argv) {
  CLI::App app{"Good and bad pairs, and how the measures of the filter part them", "labelled_pairs"};
  app.require_subcommand(1);
  CLI::App* write = app.add_subcommand("write", "Makes the files and a list of the pairs");
  std::vector<fs::path> records;
  PairsToWrite wanted;
  std::size_t songs = 0;
  write->add_option("records", records, "Records with sound")->required();
  write->add_option("--output", wanted.folder, "Folder")->required();
  write->add_option("--soundfont", wanted.font, "Of covers that are recordings");
  write->add_option("--songs", songs, "That are used (0: all)");
  write->add_option("--seed", wanted.seed, "Of what is drawn (default 1)");
  write->add_option("--good", wanted.good, "Good covers of each song (default 3)");
  write->add_option("--introduction", wanted.introduction, "Seconds of another song before each good cover");
  write->add_flag("!--no-bad", wanted.bad, "Good ones only");
  fs::path folder;
  CLI::App* table = app.add_subcommand("table", "Says how the pairs of a prepared folder were judged");
  table->add_option("folder", folder, "Of `pop2piano prepare`")->required();
  CLI11_PARSE(app, argc, argv);
  if (table->parsed()) {
    print_table(folder);
    return 0;
  }
  const RecordSet set = RecordSet::open(records);
  PairWriter(set, wanted).write(songs == 0 ? set.size() : std::min(songs, set.size()));
  return 0;
}

}  // namespace
}  // namespace pop2piano::bench

int main(int argc, char** argv) {
  try {
    return pop2piano::bench::run(argc, argv);
  } catch (const pop2piano::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
