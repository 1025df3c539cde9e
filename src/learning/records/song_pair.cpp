// SPDX-License-Identifier: MIT
#include "learning/records/song_pair.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "learning/records/piano_target.h"
#include "learning/records/record_features.h"
#include "learning/records/song_corpus.h"
#include "learning/studio/sound_coding.h"
#include "listening/melody/melody_on_beat.h"

namespace pop2piano {
namespace {

constexpr int kSampleRate = 22050;

std::vector<SymbolicNote> notes_of(const Score& score, Voice voice) {
  std::vector<SymbolicNote> notes;
  for (const Note& note : score.notes) {
    if (note.voice != voice) continue;
    notes.push_back({static_cast<double>(note.onset) / kStepsPerBeat,
                     static_cast<double>(note.offset()) / kStepsPerBeat, note.pitch,
                     note.velocity > 0 ? note.velocity : 80});
  }
  return notes;
}

// The highest pitch that sounds at each of `steps` steps, -1 where none does.
std::vector<int> highest_pitches(std::span<const RecordNote> notes, std::size_t steps) {
  std::vector<int> highest(steps, -1);
  for (const RecordNote& note : notes) {
    const auto first = static_cast<std::size_t>(std::max(note.onset, 0));
    const auto last = std::min(steps, static_cast<std::size_t>(std::max(note.onset + note.duration, 0)));
    for (std::size_t k = first; k < last; ++k) highest[k] = std::max(highest[k], note.pitch);
  }
  return highest;
}

std::optional<double> agreement_of(std::span<const RecordNote> notes, const OwnedTensor& melody) {
  constexpr int kHeard = 128;  // of 255: the melody sounds for half of the step
  const std::size_t steps = melody.shape[0];
  const auto highest = highest_pitches(notes, steps);
  std::size_t heard = 0, agreeing = 0;
  for (std::size_t k = 0; k < steps; ++k) {
    const auto shares = std::span(melody.bytes).subspan(k * kMelodyChannels + kMelodyPitches, kMelodyPitches);
    const auto loudest = std::ranges::max_element(shares);
    if (static_cast<int>(*loudest) < kHeard) continue;
    ++heard;
    const int pitch = kLowestMelodyPitch + static_cast<int>(loudest - shares.begin());
    if (highest[k] >= 0 && (highest[k] - pitch) % 12 == 0) ++agreeing;
  }
  if (heard == 0) return std::nullopt;
  return static_cast<double>(agreeing) / static_cast<double>(heard);
}

// Throws Error(nothing_found).
SymbolicSong song_of_cover(const Score& score) {
  SymbolicSong cover{.name = {},
                     .source = {},
                     .licence = {},
                     .grid = score.grid,
                     .melody = notes_of(score, Voice::melody),
                     .bridge = {},
                     .piano = notes_of(score, Voice::accompaniment),
                     .chords = {}};
  if (cover.melody.empty() || cover.piano.empty()) {
    throw Error(ErrorCode::nothing_found,
                fmt::format("expected a cover with a melody and an accompaniment, found {} and {} notes of them",
                            cover.melody.size(), cover.piano.size()));
  }
  return cover;
}

// Of the beats that there are.
std::vector<RecordNote> target_of(const SymbolicSong& cover, const BeatGrid& grid) {
  std::vector<RecordNote> notes = piano_target(cover);
  const int last_step = (static_cast<int>(grid.size()) - 1) * kStepsPerBeat;
  std::erase_if(notes, [&](const RecordNote& note) { return note.onset < 0 || note.onset >= last_step; });
  return notes;
}

}  // namespace

std::vector<SongPair> read_pair_list(const std::filesystem::path& list) {
  if (std::filesystem::is_directory(list)) {
    throw Error(ErrorCode::unreadable, list.string() + ": is a folder, expected a list of pairs");
  }
  std::ifstream file(list);
  if (!file) throw Error(ErrorCode::not_found, list.string() + ": no such file, or it cannot be read");
  std::vector<SongPair> pairs;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const std::size_t tab = line.find('\t');
    if (tab == 0 || tab == std::string::npos || tab + 1 == line.size() ||
        line.find('\t', tab + 1) != std::string::npos) {
      throw Error(ErrorCode::malformed,
                  fmt::format("{}, line {}: expected a song, a tab and a cover", list.string(), number));
    }
    pairs.push_back({list.parent_path() / line.substr(0, tab), list.parent_path() / line.substr(tab + 1)});
  }
  if (pairs.empty()) throw Error(ErrorCode::nothing_found, list.string() + ": no pair in it");
  return pairs;
}

std::vector<std::string> pair_names(std::span<const SongPair> pairs) {
  std::vector<std::string> names;
  std::map<std::string, std::filesystem::path> known;
  for (const SongPair& pair : pairs) {
    names.push_back(pair.cover.stem().string());
    const auto [other, is_new] = known.try_emplace(names.back(), pair.cover);
    if (!is_new) {
      throw Error(ErrorCode::invalid_argument, fmt::format("{} and {}: records take the names of the covers' files, "
                                                           "these have the same; rename one",
                                                           other->second.string(), pair.cover.string()));
    }
  }
  return names;
}

HeardSong heard_song(std::span<const float> sound, ThreadPool& pool) {
  return {.sound = sound, .melody = melody_frames(levelled(sound), pool)};
}

std::optional<double> melody_agreement(const HeardSong& song, const Score& score) {
  return agreement_of(target_of(song_of_cover(score), score.grid), melody_features(song.melody, score.grid));
}

PairRecord pair_record(const HeardSong& heard, const Score& score, const PairDescription& pair, ThreadPool& pool) {
  const SymbolicSong cover = song_of_cover(score);
  PairRecord result;
  SongDescription& song = result.record.description;
  song.song = pair.name;
  song.variant = pair.variant;
  song.split = split_by_name(pair.split_by.empty() ? pair.name : pair.split_by);
  song.source = "recording and piano cover";
  song.licence = pair.licence.empty() ? "unknown" : pair.licence;
  song.recipe = pair.recipe;
  song.beats_per_bar = score.grid.beats_per_bar;
  song.beat_times = score.grid.times;
  song.beat_numbers = score.grid.numbers;
  song.notes = target_of(cover, score.grid);
  song.style_index = style_of(accompaniment_texture(song.notes));
  song.style = pair.style.empty() ? std::string(kStyleNames[static_cast<std::size_t>(song.style_index)]) : pair.style;
  song.loudness = pair.loudness;
  result.record.features = log_mel_features(heard.sound, score.grid, pool);
  result.record.tensors.push_back(melody_features(heard.melody, score.grid));
  result.agreement = agreement_of(song.notes, result.record.tensors.back());
  if (pair.keep_sound) {
    auto bytes = encode_flac(heard.sound, kSampleRate);
    const std::uint64_t size = bytes.size();
    result.record.tensors.push_back(
        {.name = std::string(kAudioTensor), .type = ElementType::u8, .shape = {size}, .bytes = std::move(bytes)});
  }
  return result;
}

}  // namespace pop2piano
