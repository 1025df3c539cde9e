// SPDX-License-Identifier: MIT
// A piano cover's notes laid over the recording of its song: in which key, which passages of the song it plays, and
// when in the recording each moment of them comes.
#pragma once

#include <pop2piano/audio.h>

#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/align/passages.h"
#include "listening/align/sound_features.h"
#include "music/score/played_note.h"
#include "music/score/time_map.h"

namespace pop2piano {

struct CoverAlignmentOptions {
  double frame = 0.2;        ///< seconds, of the search for passages
  double key_margin = 0.05;  ///< by how much more another key must gain than the song's own
  PassageOptions passages{};
};

/// A passage of the cover that plays a passage of the song.
struct AlignedPassage {
  double begin = 0.0, end = 0.0;  ///< seconds in the cover
  TimeMap time;                   ///< from the cover's seconds to the recording's, rising, at both ends, too
};

struct CoverAlignment {
  int transposition = 0;                 ///< semitones, -5..6, by which the cover's notes must be raised
  std::vector<AlignedPassage> passages;  ///< in the cover's order, not overlapping
  double share = 0.0;                    ///< of the cover, from its first onset to its last, that lies in passages
  double gain = 0.0;  ///< of likeness a frame of the cover, over what counts as nothing; small: another song

  /// How much more than usual happens in the recording at the onsets of the passages (OnsetEvidence::at()), mean;
  /// small: another song, or passages in the wrong place.
  double fit = 0.0;
  double least_fit = 0.0;   ///< the same of the third of the onsets, one after the other, where it is least
  double least_gain = 0.0;  ///< `gain` of the third of the cover where it is least, on its way through the song

  /// The passage that holds this moment of the cover; null: none does.
  [[nodiscard]] const AlignedPassage* passage_at(double seconds) const;
};

/// `cover`: sorted by onset; `song`: with its onsets, profiles and rises (SoundFeatureExtractor). The key is the one in
/// which the passages gain most, the song's own unless another gains clearly more; then the way through the song's
/// passages, by what sounds and what begins, led on to both ends of the cover; the exact times by a path of places and
/// tempos through the rises of the onsets' pitch classes (tempo_path()) and, where the song's beats are known, the
/// places of the beat at which such onsets usually lie, moved by the lag of the attacks. Of both the first hour is
/// compared. Throws Error(invalid_argument) where the rises are missing.
[[nodiscard]] CoverAlignment align_cover(std::span<const PlayedNote> cover, const SoundFeatures& song, ThreadPool& pool,
                                         const CoverAlignmentOptions& options = {});

}  // namespace pop2piano
