// SPDX-License-Identifier: MIT
// Records of songs that never were: random melodies over chords, whose features show every sounding pitch as a peak. A
// network can learn them in minutes.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>

#include "base/core/half.h"
#include "base/core/random.h"
#include "learning/dataset/record_writer.h"

namespace pop2piano::testing {

struct MadeUpSongs {
  int first_number = 0;
  int count = 4;
  int beats = 48;
  int bands = 512;
};

inline constexpr std::size_t kMadeUpChannels = 128;

inline void put_note(SongRecord& song, int onset, int duration, int pitch, int voice) {
  song.description.notes.push_back({onset, duration, pitch, 80, voice});
  const auto bands = static_cast<int>(song.features.columns());
  const int band = std::min(bands - 2, 8 + (pitch - 21) * (bands - 16) / 88);
  for (int step = onset; step < onset + duration && step < static_cast<int>(song.features.rows()); ++step) {
    const float loudness = (voice == 0 ? 3.0F : 1.0F) + (step == onset ? 2.0F : 0.0F);
    for (int b = band - 1; b <= band + 1; ++b) {
      song.features(static_cast<std::size_t>(step), static_cast<std::size_t>(b)) = float_to_half(loudness);
    }
    const std::size_t melody = static_cast<std::size_t>(step) * kMadeUpChannels + kMadeUpChannels / 2;
    if (voice == 0) song.tensors.front().bytes[melody + static_cast<std::size_t>(pitch - 33)] = std::byte{255};
  }
}

inline SongRecord made_up_song(int number, const MadeUpSongs& options) {
  Random random(static_cast<std::uint64_t>(number) + 1);
  SongRecord song;
  song.description.song = "made-up/" + std::to_string(number);
  song.description.style = number % 2 == 0 ? "flowing-broken" : "dense-chords";
  song.description.licence = "MIT";
  song.features = Matrix<std::uint16_t>(static_cast<std::size_t>(options.beats) * 12,
                                        static_cast<std::size_t>(options.bands), float_to_half(-6.0F));
  song.tensors.push_back({.name = std::string(kMelodyTensor),
                          .type = ElementType::u8,
                          .shape = {song.features.rows(), kMadeUpChannels},
                          .bytes = std::vector<std::byte>(song.features.rows() * kMadeUpChannels)});
  for (int beat = 0; beat < options.beats; ++beat) {
    song.description.beat_times.push_back(0.5 * beat);
    song.description.beat_numbers.push_back(beat % 4 + 1);
    const int root = 36 + static_cast<int>(random.index(12));
    for (const int third : {0, 7, 16}) put_note(song, beat * 12, 12, root + third, 1);
    put_note(song, beat * 12, 6, 65 + static_cast<int>(random.index(14)), 0);
    if (random.chance(0.6)) put_note(song, beat * 12 + 6, 6, 65 + static_cast<int>(random.index(14)), 0);
  }
  return song;
}

inline void write_made_up_records(const std::filesystem::path& file, const MadeUpSongs& options = {}) {
  RecordWriter writer(file);
  for (int i = 0; i < options.count; ++i) writer.add(made_up_song(options.first_number + i, options));
  writer.finish();
}

}  // namespace pop2piano::testing
