// SPDX-License-Identifier: MIT
// Training records from pairs: a recording, and a piano cover of it whose notes were put on the recording's beats.
#pragma once

#include <pop2piano/score.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/dataset/song_record.h"
#include "listening/melody/melody_on_beat.h"

namespace pop2piano {

struct SongPair {
  std::filesystem::path song, cover;
};

/// Lines "SONG<tab>COVER", paths from the list's folder on; empty lines and those that begin with # are passed over.
/// Throws Error: not_found, unreadable, malformed (naming the line), nothing_found (no pair).
[[nodiscard]] std::vector<SongPair> read_pair_list(const std::filesystem::path& list);

/// Names of the records, in the pairs' order: the cover's file name without its ending. Throws
/// Error(invalid_argument) when two pairs would have the same.
[[nodiscard]] std::vector<std::string> pair_names(std::span<const SongPair> pairs);

/// What a record says about a pair beside its notes.
struct PairDescription {
  std::string name;        ///< of the song: the record's
  int variant = 0;         ///< which part of the song
  std::string split_by{};  ///< whose name decides the part of the set (split_by_name()); empty: `name`
  std::string style{};     ///< who arranged; empty: the texture's name
  std::string recipe = "pop2piano dataset pairs";
  std::string licence;          ///< empty: it is said to be unknown
  std::vector<float> loudness;  ///< [beats] dB RMS of the recording; may be empty
  bool keep_sound = false;      ///< in the record, as FLAC
};

/// A recording's sound, in which the melody has been heard once for all its parts.
struct HeardSong {
  std::span<const float> sound;  ///< borrowed; mono, 22.05 kHz
  MelodyFrames melody;           ///< of the sound, levelled()
};
[[nodiscard]] HeardSong heard_song(std::span<const float> sound, ThreadPool& pool);

struct PairRecord {
  SongRecord record;
  /// Share of the steps with a melody (heard by MELODIA) at which the cover's highest note has its pitch class, 0..1;
  /// absent where no melody is heard. By chance about 0.1. After Choi and Lee 2023, who leave pairs below 0.15 out.
  std::optional<double> agreement;
};

/// `score`: the cover on the beats of the recording, its melody marked (import_score()).
/// Notes that begin outside the recording's beats are left out.
/// Throws Error(nothing_found) when it has no melody or nothing beside it.
[[nodiscard]] PairRecord pair_record(const HeardSong& song, const Score& score, const PairDescription& pair,
                                     ThreadPool& pool);

/// PairRecord::agreement alone, which costs a fraction. Throws as pair_record().
[[nodiscard]] std::optional<double> melody_agreement(const HeardSong& song, const Score& score);

}  // namespace pop2piano
