// SPDX-License-Identifier: MIT
// A cover's notes on the beats of its song's recording: laid over it by align_cover(), then cut into the parts whose
// bars the cover plays, each of them quantised on the recording's own beats.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/align/cover_alignment.h"
#include "music/score/played_note.h"

namespace pop2piano {

/// Bars that a part has at least, unless it is nearly all of the cover.
inline constexpr std::size_t kLeastBars = 8;

// What a pair must be like to be trained on, unless something else is wished for: limits that part pairs which are
// known to be good or bad (docs/lab/pairs.md).
inline constexpr double kLeastGain = 0.05;       ///< CoverAlignment::gain; other songs have up to 0.04
inline constexpr double kLeastAgreement = 0.2;   ///< PairRecord::agreement
inline constexpr double kMostDeviation = 0.064;  ///< CoverPart::deviation; onsets at random have 0.067

/// A stretch of the song that the cover plays.
struct CoverPart {
  Score score;  ///< in the song's key; its grid: whole bars of the recording, the last beat is where they end
  std::size_t passage = 0;    ///< of the alignment, that it plays
  int first_beat = 0;         ///< of the recording's grid
  std::size_t bars = 0;       ///< that it has
  std::size_t notes = 0;      ///< that it has
  double deviation = 0.0;     ///< beats, standard deviation of the onsets from where they might belong
  bool names_melody = false;  ///< the cover's file does; else its highest notes are marked
};

/// The notes of a cover's file (MIDI or MusicXML) as they sound, by onset: repeats played, the sustain pedal applied,
/// percussion left out. Throws Error as import_score().
[[nodiscard]] std::vector<PlayedNote> sounding_notes(const std::filesystem::path& cover);

/// Of a recording, mono at kAnalysisSampleRate, and its beats.
[[nodiscard]] SoundFeatures features_to_align(std::vector<float> samples, const BeatGrid& grid, ThreadPool& pool);

/// align_cover(), and where a passage keeps the recording's time, but for what alignment is uncertain by, its times are
/// shifted by a constant. `key`: the transposition where it is known.
[[nodiscard]] CoverAlignment lay_cover(std::span<const PlayedNote> cover, const SoundFeatures& song, ThreadPool& pool,
                                       std::optional<int> key = {});

/// The parts of at least `least_bars` bars, in the order of the cover. `grid`: beats of the recording. The first and
/// the last passage are completed to whole bars, others lose the bars that they play half. Throws Error as
/// import_score().
[[nodiscard]] std::vector<CoverPart> parts_on_beats(const std::filesystem::path& cover, const CoverAlignment& alignment,
                                                    const BeatGrid& grid, std::size_t least_bars = kLeastBars);

}  // namespace pop2piano
