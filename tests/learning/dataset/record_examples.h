// SPDX-License-Identifier: MIT
// Random songs for the tests of records.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "base/core/half.h"
#include "base/core/random.h"
#include "learning/dataset/song_record.h"

namespace pop2piano::testing {

inline SongRecord random_song(std::uint64_t seed, std::size_t beats = 16, std::size_t bands = 8) {
  Random random(seed);
  SongRecord record;
  SongDescription& song = record.description;
  song.song = "test/" + std::to_string(seed);
  song.variant = static_cast<int>(random.index(4));
  song.split = random.chance(0.5) ? "train" : "validation";
  song.style = "dense-chords";
  song.style_index = 6;
  song.source = "random";
  song.licence = "CC0-1.0";
  song.recipe = "seed " + std::to_string(seed) + "\nwith \"quotes\" and \xC3\xBC";
  song.transposition = static_cast<int>(random.index(12)) - 5;
  song.extra["x.tempo"] = "120";
  double time = random.uniform();
  for (std::size_t i = 0; i < beats; ++i) {
    song.beat_times.push_back(time += random.uniform(0.3, 0.7));
    song.beat_numbers.push_back(static_cast<int>(i % 4) + 1);
    song.loudness.push_back(static_cast<float>(random.uniform(-60.0, 0.0)));
  }
  for (std::size_t i = 0; i < 5 * beats; ++i) {
    song.notes.push_back({static_cast<int>(random.index(12 * beats)), 1 + static_cast<int>(random.index(24)),
                          21 + static_cast<int>(random.index(88)), 1 + static_cast<int>(random.index(127)),
                          static_cast<int>(random.index(2))});
  }
  record.features = Matrix<std::uint16_t>(12 * beats, bands);
  for (std::uint16_t& value : record.features.flat()) value = float_to_half(static_cast<float>(random.normal()));
  OwnedTensor blob{.name = "x.noise", .type = ElementType::u8, .shape = {100}, .bytes = {}};
  for (int i = 0; i < 100; ++i) blob.bytes.push_back(static_cast<std::byte>(random.next()));
  record.tensors.push_back(blob);
  return record;
}

inline bool equal(const SongDescription& a, const SongDescription& b) {
  return a.song == b.song && a.variant == b.variant && a.split == b.split && a.style == b.style &&
         a.style_index == b.style_index && a.source == b.source && a.licence == b.licence && a.recipe == b.recipe &&
         a.beats_per_bar == b.beats_per_bar && a.transposition == b.transposition && a.beat_times == b.beat_times &&
         a.beat_numbers == b.beat_numbers && a.notes == b.notes && a.loudness == b.loudness && a.extra == b.extra;
}

inline bool equal(const SongRecord& written, const SongView& read) {
  const std::size_t count = read.features.rows() * read.features.columns();
  return equal(written.description, read.description) && written.features.rows() == read.features.rows() &&
         written.features.columns() == read.features.columns() &&
         std::memcmp(written.features.data(), read.features.data(), 2 * count) == 0;
}

}  // namespace pop2piano::testing
