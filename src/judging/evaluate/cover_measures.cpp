// SPDX-License-Identifier: MIT
// The catalogue of cover measures: one place for names, units, directions and meanings.
#include <pop2piano/error.h>
#include <pop2piano/evaluate.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/core/closest_name.h"

namespace pop2piano {
namespace {

using Better = MeasureInfo::Better;

constexpr std::string_view kNoNotes = "the cover has no notes or is a sound file";
constexpr std::string_view kNoMelody = "as before, or the song's melody has no voiced frame";
constexpr std::string_view kNoBeats = "the cover is a sound file, there are no beats, or too few bars to compare";
constexpr std::string_view kNoSound = "one of both is silent or shorter than the measure needs";

constexpr std::array kMeasures = {
    MeasureInfo{"mca", "Melody chroma accuracy", "", Better::higher, std::nullopt,
                "Share of voiced frames of the song's melody in which the cover's highest sounding note has its pitch "
                "class, within 50 cents (Pop2Piano, Choi and Lee 2023; mir_eval raw chroma accuracy). Pop2Piano's own "
                "covers: 0.43.",
                "0 to 1; chance 0.05 to 0.1", kNoMelody},
    MeasureInfo{"raw_pitch", "Melody pitch accuracy", "", Better::higher, std::nullopt,
                "As melody chroma accuracy, in the same octave (mir_eval raw pitch accuracy). Says nothing where the "
                "octave of the reference is arbitrary.",
                "0 to 1", kNoMelody},
    MeasureInfo{
        "notes_covered", "Melody notes covered", "", Better::higher, std::nullopt,
        "Share of melody notes for which some note of the cover with the same pitch class begins within 100 ms (ours).",
        "0 to 1", "as before, or the melody has no notes"},
    MeasureInfo{"qmax", "Qmax distance", "", Better::lower, std::nullopt,
                "sqrt(states of the cover) / longest matching run in the cross recurrence plot of pitch class "
                "profiles (Serra et al. 2009, as AMT-APC sets it): is it recognisably the same song.",
                "above 0; 1 / sqrt(states) for the song itself", kNoSound},
    MeasureInfo{"chord_majmin", "Chord agreement", "", Better::higher, std::nullopt,
                "Share of time in which the cover's triad is the song's, both recognised from sound (mir_eval majmin).",
                "0 to 1", "the cover makes no sound"},
    MeasureInfo{"wpd", "Warp path deviation", "s", Better::near_human, 0.49,
                "Standard deviation of song time around its line over cover time on the warping path, 10 s trimmed at "
                "both ends (Etude 2025).",
                "0 or more; small is stiff, large is lost", "the path has fewer than ten steps"},
    MeasureInfo{
        "rgc", "Rhythmic grid coherence", "", Better::near_human, 0.042,
        "Least mean of |ioi / tau - round(ioi / tau)| over the eight most frequent onset intervals, rounded to 0.1 ms, "
        "with each of them as tau (Etude 2025).",
        "0 to 0.5", "fewer than eight intervals, or all equal"},
    MeasureInfo{"ipe", "Interval pattern entropy", "bits", Better::near_human, 10.13,
                "Entropy of runs of eight onset intervals, in 16 classes of logarithmic length between 62.5 ms and 4 s "
                "(Etude 2025).",
                "0 to log2(runs)", "fewer than eight intervals, or all in one class"},
    MeasureInfo{"notes_per_second", "Notes per second", "1/s", Better::near_human, 7.9,
                "Notes divided by the time from the first onset to the last end.", "above 0", kNoNotes},
    MeasureInfo{"notes_per_onset", "Notes per onset", "", Better::near_human, 1.87,
                "Notes divided by strikes; onsets within 50 ms are one strike.", "1 or more", kNoNotes},
    MeasureInfo{"lowest_pitch", "Lowest note", "MIDI", Better::neither, std::nullopt, "MIDI number; a piano has 21.",
                "0 to 127", kNoNotes},
    MeasureInfo{"highest_pitch", "Highest note", "MIDI", Better::neither, std::nullopt, "MIDI number; a piano has 108.",
                "0 to 127", kNoNotes},
    MeasureInfo{"median_pitch", "Median note", "MIDI", Better::near_human, 62.0, "MIDI number.", "0 to 127", kNoNotes},
    MeasureInfo{"rhythm_complexity", "Rhythm variability", "", Better::neither, std::nullopt,
                "Normalised pairwise variability of the intervals between strikes: mean of 200 |a - b| / (a + b) over "
                "neighbours (Grabe and Low 2002).",
                "0 (even) to 200", "fewer than three strikes"},
    MeasureInfo{"unplayable_share", "Unplayable strikes", "", Better::lower, std::nullopt,
                "Share of strikes at which a hand holds more than five notes or more than 15 semitones. Hands as the "
                "tracks name them, else shared for the least reach.",
                "0 to 1", kNoNotes},
    MeasureInfo{"widest_span", "Widest span", "semitones", Better::lower, std::nullopt,
                "Largest distance in one hand at once.", "0 to 127", kNoNotes},
    MeasureInfo{"mean_span", "Mean span", "semitones", Better::neither, std::nullopt,
                "Mean distance in one hand, when it holds at least two notes.", "0 to 127",
                "no hand holds two notes at once"},
    MeasureInfo{"most_notes_in_hand", "Most notes in a hand", "", Better::lower, std::nullopt,
                "Largest number of keys that one hand holds at once.", "1 or more", kNoNotes},
    MeasureInfo{"leaps_per_second", "Leaps", "1/s", Better::lower, std::nullopt,
                "Moves of a hand by more than an octave within half a second.", "0 or more", kNoNotes},
    MeasureInfo{"crossings_share", "Hand crossings", "", Better::lower, std::nullopt,
                "Share of strikes at which the left hand reaches above the right.", "0 to 1", kNoNotes},
    MeasureInfo{"repetitions_per_second", "Fast repetitions", "1/s", Better::lower, std::nullopt,
                "A key struck again within 125 ms.", "0 or more", kNoNotes},
    MeasureInfo{
        "holes", "Empty bars of the left hand", "", Better::near_human, 0.01,
        "Share of bars with notes that have no onset below middle C and sound there for less than 30 % of the "
        "bar. Bars are four beats, two where beats are longer than 0.86 s (ours; so are those up to bass_right; "
        "human values: 61 POP909 songs).",
        "0 to 1", kNoBeats},
    MeasureInfo{
        "continuity", "Figure kept", "", Better::near_human, 0.70,
        "Left hand: mean over bars of the larger Jaccard index, of onsets in 16 cells, with one of the next two "
        "bars.",
        "0 to 1", kNoBeats},
    MeasureInfo{
        "recall", "Figure returns", "", Better::near_human, 0.64,
        "Left hand: mean Jaccard index of onset cells over pairs of bars at least four apart whose chroma has a "
        "cosine above 0.95.",
        "0 to 1", kNoBeats},
    MeasureInfo{"recall_pc", "Figure returns with its notes", "", Better::near_human, 0.51,
                "As before, cells together with pitch classes.", "0 to 1", kNoBeats},
    MeasureInfo{"lift", "Return above chance", "", Better::near_human, 0.13,
                "Figure returns, less the mean over all pairs of bars at least four apart.", "-1 to 1", kNoBeats},
    MeasureInfo{"bass_on_one", "Bass on the first beat", "", Better::near_human, 0.77,
                "Share of bars with notes that have one below G3 in the first of 16 cells.", "0 to 1", kNoBeats},
    MeasureInfo{"bass_right", "Bass of the chord", "", Better::near_human, 0.90,
                "Share of beats with a chord at which the cover's lowest note is the chord's bass.", "0 to 1",
                "as before, or no chords are given"},
    MeasureInfo{
        "onset_correlation", "Onset correlation", "", Better::higher, std::nullopt,
        "Lock between song and cover: Pearson's r of their onset curves at the best shift within 300 ms (ours).",
        "-1 to 1", kNoSound},
    MeasureInfo{"offset_ms", "Offset", "ms", Better::neither, std::nullopt,
                "The shift of the onset correlation; positive: the cover is late; 0 is best.", "-300 to 300", kNoSound},
};

}  // namespace

std::span<const MeasureInfo> cover_measures() { return kMeasures; }

bool compares_with_song(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames = {"mca",          "raw_pitch", "notes_covered",     "qmax",
                                                      "chord_majmin", "wpd",       "onset_correlation", "offset_ms"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::size_t cover_measure_index(std::string_view name) {
  const auto at =
      std::find_if(kMeasures.begin(), kMeasures.end(), [&](const MeasureInfo& info) { return info.name == name; });
  if (at != kMeasures.end()) return static_cast<std::size_t>(at - kMeasures.begin());
  std::vector<std::string> names(kMeasures.size());
  std::transform(kMeasures.begin(), kMeasures.end(), names.begin(), [](const MeasureInfo& info) { return info.name; });
  const std::string closest = closest_name(name, names);
  throw Error(ErrorCode::invalid_argument, "unknown measure \"" + std::string(name) + "\"" +
                                               (closest.empty() ? "" : " (did you mean " + closest + "?)"));
}

}  // namespace pop2piano
