// SPDX-License-Identifier: MIT
#include "learning/performances/piano_songs.h"

#include <pop2piano/error.h>
#include <pop2piano/score.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "learning/dataset/record_writer.h"
#include "learning/performances/piano_recording.h"
#include "learning/records/pop909.h"
#include "learning/records/song_corpus.h"
#include "learning/studio/sound_coding.h"
#include "listening/piano/piano_frames.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr int kRecordsPerShard = 8;
constexpr std::size_t kTries = 20;  // scores that are tried for one record

bool is_score(const fs::path& file) {
  const std::string extension = file.extension().string();
  return is_midi_file(file) || extension == ".musicxml" || extension == ".mxl" || extension == ".xml";
}

// POP909's folders are numbered; all that lies below one belongs to one song. Of other scores the name decides.
std::string_view split_of_score(const fs::path& file) {
  for (const fs::path& part : file) {
    const std::string name = part.string();
    const bool number = name.size() == 3 && std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c); });
    if (number) return pop909_split(std::stoi(name));
  }
  return split_by_name(file.stem().string());
}

std::vector<fs::path> scores_of(const PianoSongOptions& options) {
  std::vector<fs::path> scores;
  const auto add = [&](const fs::path& file) {
    if (is_score(file) && split_of_score(file) == options.split) scores.push_back(file);
  };
  for (const fs::path& place : options.scores) {
    if (!fs::exists(place)) throw Error(ErrorCode::not_found, place.string() + ": no such file or folder");
    if (!fs::is_directory(place)) add(place);
    if (!fs::is_directory(place)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) add(entry.path());
    }
  }
  std::ranges::sort(scores);
  if (scores.empty() && options.texture_share < 1.0) {
    throw Error(ErrorCode::nothing_found,
                "no score of the split " + options.split + "; name MIDI or MusicXML files, or folders of them");
  }
  return scores;
}

// The melody's tracks are left out of every second MIDI file: an accompaniment alone is piano music, too.
std::vector<PlayedNote> notes_of(const fs::path& file, Random& random) {
  std::vector<PlayedNote> notes;
  if (is_midi_file(file)) {
    const MidiFile midi = read_midi_file(file);
    const bool whole = random.chance(0.5);
    for (const TimedNote& note : timed_notes(midi)) {
      const std::string name = midi.tracks[note.track].name();
      if (note.is_percussion() || (!whole && (name == "MELODY" || name == "BRIDGE"))) continue;
      notes.push_back({note.onset, note.offset, static_cast<double>(note.pitch), note.velocity});
    }
    return notes;
  }
  const Score score = import_score(file).score;
  for (const Note& note : score.notes) {
    const int velocity = note.velocity > 0 ? note.velocity : note.voice == Voice::melody ? 80 : 66;
    notes.push_back(
        {score.time_at(note.onset), score.time_at(note.offset()), static_cast<double>(note.pitch), velocity});
  }
  return notes;
}

OwnedTensor tensor_of(std::string_view name, ElementType type, std::vector<std::uint64_t> shape,
                      std::span<const std::byte> bytes) {
  return {std::string(name), type, std::move(shape), {bytes.begin(), bytes.end()}};
}

std::vector<std::uint8_t> levels_of(std::span<const float> sound, ThreadPool& pool) {
  PianoSurvey survey(pool);
  survey.push(sound);
  std::vector<std::uint8_t> levels;
  PianoFrames frames(survey.finish(), [&](std::span<const std::uint8_t> frame) {
    levels.insert(levels.end(), frame.begin(), frame.end());
  });
  frames.push(sound);
  frames.finish();
  return levels;
}

// Beats of half a second stand for the time: the notes that count are in the tensors.
void describe(SongDescription& song, const PianoPerformance& performance, double seconds) {
  constexpr double kBeat = 0.5;
  for (int beat = 0; beat * kBeat <= seconds; ++beat) {
    song.beat_times.push_back(beat * kBeat);
    song.beat_numbers.push_back(beat % 4 + 1);
  }
  const auto step = [](double time) { return static_cast<std::int32_t>(std::lround(time / kBeat * kStepsPerBeat)); };
  for (const PerformedNote& note : performance.notes) {
    song.notes.push_back({.onset = step(note.onset),
                          .duration = std::max(1, step(note.release) - step(note.onset)),
                          .pitch = note.pitch,
                          .velocity = note.velocity,
                          .voice = 1});
  }
}

void add_tensors(SongRecord& record, const PianoPerformance& performance, std::span<const float> sound,
                 ThreadPool& pool) {
  std::vector<double> notes, pedal;
  for (const PerformedNote& note : performance.notes) {
    notes.insert(notes.end(), {note.onset, note.release, note.end, static_cast<double>(note.pitch),
                               static_cast<double>(note.velocity)});
  }
  for (const PerformedPedal& span : performance.pedal) pedal.insert(pedal.end(), {span.down, span.up});
  const auto levels = levels_of(sound, pool);
  const auto flac = encode_flac(sound, kPianoSampleRate);
  record.tensors.push_back(tensor_of(kPianoLevelsTensor, ElementType::u8, {levels.size() / kPianoLevels, kPianoLevels},
                                     std::as_bytes(std::span(levels))));
  record.tensors.push_back(
      tensor_of(kPianoNotesTensor, ElementType::f64, {performance.notes.size(), 5}, std::as_bytes(std::span(notes))));
  record.tensors.push_back(
      tensor_of(kPianoPedalTensor, ElementType::f64, {performance.pedal.size(), 2}, std::as_bytes(std::span(pedal))));
  record.tensors.push_back(tensor_of(kAudioTensor, ElementType::u8, {flac.size()}, flac));
}

// What was passed over, of all threads.
class PassedOver {
 public:
  void add_unreadable(const std::string& line) { add(unreadable_, line); }
  void add_too_short(const std::string& line) { add(too_short_, line); }
  [[nodiscard]] PianoSongsMade made(std::size_t records) const {
    return {records, {unreadable_.begin(), unreadable_.end()}, {too_short_.begin(), too_short_.end()}};
  }

 private:
  void add(std::set<std::string>& lines, const std::string& line) {
    const std::scoped_lock lock(mutex_);
    lines.insert(line);
  }
  std::mutex mutex_;
  std::set<std::string> unreadable_, too_short_;
};

// A score's performance; nothing where it cannot be read or is too short, which is noted.
std::optional<PianoPerformance> perform_score(const fs::path& file, const PianoSongOptions& options, Random& random,
                                              PassedOver& passed_over) {
  constexpr std::size_t kLeastNotes = 20;
  try {
    const std::vector<PlayedNote> notes = notes_of(file, random);
    PianoPerformance performance = perform(notes, options.seconds - 0.5, random.fork(1));
    if (performance.notes.size() >= kLeastNotes) return performance;
    passed_over.add_too_short(file.string());
  } catch (const Error& error) {
    passed_over.add_unreadable(error.what());
  }
  return std::nullopt;
}

PianoPerformance draw_performance(std::span<const fs::path> scores, const PianoSongOptions& options, Random& random,
                                  std::string& source, PassedOver& passed_over) {
  if (scores.empty() || random.chance(options.texture_share)) {
    source = "drawn textures, rendered";
    return perform_textures(options.seconds - 0.5, random.fork(1));
  }
  for (std::size_t i = 0; i < kTries; ++i) {
    const fs::path& file = scores[random.index(scores.size())];
    auto performance = perform_score(file, options, random, passed_over);
    if (!performance) continue;
    source = file.filename().string() + ", performed and rendered";
    return *std::move(performance);
  }
  throw Error(
      ErrorCode::nothing_found,
      fmt::format("{} scores were drawn for a record and none could be read and has 20 notes; name other scores",
                  kTries));
}

SongRecord make_song(int number, std::span<const fs::path> scores, const PianoSongOptions& options, Pianos& pianos,
                     ThreadPool& pool, PassedOver& passed_over) {
  Random random = Random(options.seed).fork(static_cast<std::uint64_t>(number));
  SongRecord record;
  SongDescription& song = record.description;
  const PianoPerformance performance = draw_performance(scores, options, random, song.source, passed_over);
  song.song = fmt::format("piano/{}/{:05}", options.split, number);
  song.split = options.split;
  song.licence = "that of the score";
  const std::vector<float> sound = pianos.record(performance, options.seconds, random.fork(2), song.recipe);
  describe(song, performance, options.seconds);
  add_tensors(record, performance, sound, pool);
  return record;
}

}  // namespace

PianoSongsMade write_piano_songs(const fs::path& out, const PianoSongOptions& options, ThreadPool& pool,
                                 const Monitor& monitor) {
  const std::vector<fs::path> scores = scores_of(options);
  std::error_code error;
  fs::create_directories(out, error);
  if (error) throw Error(ErrorCode::write_failed, out.string() + ": cannot create the folder: " + error.message());
  std::atomic<std::size_t> made{0};
  PassedOver passed_over;
  const auto shards = static_cast<std::size_t>((options.count + kRecordsPerShard - 1) / kRecordsPerShard);
  pool.run(shards, [&](std::size_t shard) {
    const int first = options.first + static_cast<int>(shard) * kRecordsPerShard;
    const auto file = out / fmt::format("piano-{}-{:05}{}", options.split, first, kShardExtension);
    if (fs::exists(file)) return;
    Pianos pianos(options.sound_fonts);
    RecordWriter writer(file);
    for (int i = first; i < std::min(first + kRecordsPerShard, options.first + options.count); ++i) {
      monitor.check();
      writer.add(make_song(i, scores, options, pianos, pool, passed_over));
      ++made;
    }
    writer.finish();
  });
  return passed_over.made(made);
}

PianoPerformance performance_of(const SongView& view) {
  const TensorView *notes = view.record.find(kPianoNotesTensor), *pedal = view.record.find(kPianoPedalTensor);
  if (notes == nullptr || pedal == nullptr) {
    throw Error(ErrorCode::malformed, view.description.song + ": no tensors piano.notes and piano.pedal; make the " +
                                          "records with `pop2piano-train piano-songs`");
  }
  PianoPerformance performance;
  const auto values = notes->as<double>(ElementType::f64), spans = pedal->as<double>(ElementType::f64);
  for (std::size_t i = 0; i + 5 <= values.size(); i += 5) {
    performance.notes.push_back(
        {values[i], values[i + 1], values[i + 2], static_cast<int>(values[i + 3]), static_cast<int>(values[i + 4])});
  }
  for (std::size_t i = 0; i + 2 <= spans.size(); i += 2) performance.pedal.push_back({spans[i], spans[i + 1]});
  return performance;
}

}  // namespace pop2piano
