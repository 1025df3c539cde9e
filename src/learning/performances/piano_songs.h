// SPDX-License-Identifier: MIT
// Records of piano performances (learning/performances/performance.h): sound, what the piano network hears of it, and
// exactly what was played.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/thread_pool.h"
#include "learning/dataset/song_record.h"
#include "learning/performances/performance.h"

namespace pop2piano {

inline constexpr std::string_view kPianoLevelsTensor = "piano.levels";  ///< u8 [frames, kPianoLevels]
inline constexpr std::string_view kPianoNotesTensor = "piano.notes";    ///< f64 [notes, 5]: onset, release, end of the
                                                                        ///< sound (seconds), pitch, velocity
inline constexpr std::string_view kPianoPedalTensor = "piano.pedal";    ///< f64 [spans, 2]: down, up (seconds)

struct PianoSongOptions {
  std::vector<std::filesystem::path> sound_fonts;  ///< whose pianos play
  std::vector<std::filesystem::path> scores;       ///< files and folders (with all below): MIDI, MusicXML
  std::string split = "train";                     ///< of the scores those of this part
  double seconds = 40.0;                           ///< of a record
  double texture_share = 0.15;                     ///< of the records, 0..1: textures instead of scores
  int first = 0;                                   ///< number of the first record
  int count = 96;
  std::uint64_t seed = 1;
};

struct PianoSongsMade {
  std::size_t records = 0;
  std::vector<std::string> unreadable;  ///< "file: why", each score that was drawn and could not be read once, sorted
  std::vector<std::string> too_short;   ///< files with fewer than 20 notes that can be played, likewise
};

/// One shard of eight records after the other; shards that are there are kept. Instead of a score that cannot be read
/// or is too short another is drawn, and the score is named in what is returned. Throws Error: not_found (sound font,
/// score), nothing_found (no score of the split, or of those tried for a record none is any good), write_failed,
/// cancelled.
PianoSongsMade write_piano_songs(const std::filesystem::path& out, const PianoSongOptions& options, ThreadPool& pool,
                                 const Monitor& monitor);

/// What a record says was played. Throws Error(malformed) where it lacks the tensors.
[[nodiscard]] PianoPerformance performance_of(const SongView& view);

}  // namespace pop2piano
