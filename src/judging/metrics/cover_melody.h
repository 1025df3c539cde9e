// SPDX-License-Identifier: MIT
// How much of the song's melody a cover plays: melody chroma accuracy (MCA) as Pop2Piano (Choi and Lee 2023) and
// PiCoGen compute it, and the share of melody notes that are struck.
#pragma once

#include <pop2piano/measure.h>

#include <span>
#include <vector>

#include "judging/metrics/melody_metrics.h"
#include "music/score/played_note.h"

namespace pop2piano {

/// Frame times of the published script: 1024 samples at 44.1 kHz, 43 frames/s.
inline constexpr double kMelodyFrameSeconds = 1024.0 / 44100.0;

/// The highest sounding note of each frame, unvoiced where nothing sounds. Frame k sounds with a note from
/// floor(onset / hop) up to, not including, floor(offset / hop). Notes end as written; the pedal is not heard.
PitchContour skyline(std::span<const PlayedNote> notes, std::size_t frames, double hop = kMelodyFrameSeconds);

/// A melody of notes as a contour: frames as in skyline(), so that a cover with these notes agrees in every frame. Of
/// overlapping notes the one that began last is heard.
PitchContour contour_of(std::span<const PlayedNote> melody, std::size_t frames, double hop = kMelodyFrameSeconds);

/// A contour cut into notes: runs of frames whose pitch rounds to one semitone (after a median over 5 frames), at least
/// `shortest` seconds long. Where the pitch moves on without a gap, the next note begins.
std::vector<PlayedNote> notes_of(const PitchContour& contour, double shortest = 0.08);

struct CoverMelodyScores {
  /// Share of voiced reference frames in which the skyline's pitch class is within 50 cents of the reference
  /// (mir_eval raw_chroma_accuracy). [0, 1], higher is better; chance about 0.05 to 0.1; Pop2Piano 0.43.
  Measure mca;
  /// The same with the octave (raw_pitch_accuracy). References whose octave is arbitrary make it meaningless.
  Measure raw_pitch;
  /// Share of melody notes for which any cover note of the same pitch class begins within 100 ms of theirs. [0, 1].
  Measure notes_covered;
};

/// `reference` on frames of any times (for the published figure: regular ones from 0, see contour_of); `melody` the
/// same as notes. Undefined without voiced frames, without melody notes, or when the cover has no notes.
CoverMelodyScores compare_cover_melody(const PitchContour& reference, std::span<const PlayedNote> melody,
                                       std::span<const PlayedNote> cover);

}  // namespace pop2piano
