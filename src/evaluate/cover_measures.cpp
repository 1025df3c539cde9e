// SPDX-License-Identifier: MIT
// The catalogue of cover measures: one place for names, units, directions and meanings.
#include <pop2piano/error.h>
#include <pop2piano/evaluate.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/closest_name.h"

namespace pop2piano {
namespace {

using Better = MeasureInfo::Better;

constexpr std::array kMeasures = {
    MeasureInfo{"mca", "Melody chroma accuracy", "", Better::higher, std::nullopt,
                "Share of voiced frames of the song's melody in which the cover's highest note has its pitch class, "
                "within 50 cents (Pop2Piano; mir_eval raw chroma accuracy). Pop2Piano's own covers: 0.43."},
    MeasureInfo{"raw_pitch", "Melody pitch accuracy", "", Better::higher, std::nullopt,
                "As melody chroma accuracy, in the same octave (mir_eval raw pitch accuracy)."},
    MeasureInfo{
        "notes_covered", "Melody notes covered", "", Better::higher, std::nullopt,
        "Share of melody notes for which some note of the cover with the same pitch class begins within 100 ms."},
    MeasureInfo{"qmax", "Qmax distance", "", Better::lower, std::nullopt,
                "sqrt(states of the cover) / longest matching run in the cross recurrence plot of pitch class "
                "profiles (Serra et al. 2009): is it recognisably the same song."},
    MeasureInfo{
        "chord_majmin", "Chord agreement", "", Better::higher, std::nullopt,
        "Share of time in which the cover's triad is the song's, both recognised from sound (mir_eval majmin)."},
    MeasureInfo{"wpd", "Warp path deviation", "s", Better::near_human, 0.49,
                "Standard deviation of song time around its line over cover time on the warping path, 10 s trimmed at "
                "both ends (Etude)."},
    MeasureInfo{
        "rgc", "Rhythmic grid coherence", "", Better::near_human, 0.042,
        "Least mean distance of the eight most frequent onset intervals from multiples of one of them (Etude)."},
    MeasureInfo{"ipe", "Interval pattern entropy", "bits", Better::near_human, 10.13,
                "Entropy of runs of eight onset intervals, in 16 classes of logarithmic length (Etude)."},
    MeasureInfo{"notes_per_second", "Notes per second", "1/s", Better::near_human, 7.9,
                "Notes divided by the time from the first onset to the last end."},
    MeasureInfo{"notes_per_onset", "Notes per onset", "", Better::near_human, 1.87,
                "Notes divided by strikes; onsets within 50 ms are one strike."},
    MeasureInfo{"lowest_pitch", "Lowest note", "MIDI", Better::neither, std::nullopt, "MIDI number; a piano has 21."},
    MeasureInfo{"highest_pitch", "Highest note", "MIDI", Better::neither, std::nullopt,
                "MIDI number; a piano has 108."},
    MeasureInfo{"median_pitch", "Median note", "MIDI", Better::near_human, 62.0, "MIDI number."},
    MeasureInfo{"rhythm_complexity", "Rhythm variability", "", Better::neither, std::nullopt,
                "Normalised pairwise variability of the intervals between strikes, 0 to 200 (Grabe and Low 2002)."},
    MeasureInfo{"unplayable_share", "Unplayable strikes", "", Better::lower, std::nullopt,
                "Share of strikes at which a hand holds more than five notes or more than 15 semitones."},
    MeasureInfo{"widest_span", "Widest span", "semitones", Better::lower, std::nullopt,
                "Largest distance in one hand at once."},
    MeasureInfo{"mean_span", "Mean span", "semitones", Better::neither, std::nullopt,
                "Mean distance in one hand, when it holds at least two notes."},
    MeasureInfo{"most_notes_in_hand", "Most notes in a hand", "", Better::lower, std::nullopt, "At once."},
    MeasureInfo{"leaps_per_second", "Leaps", "1/s", Better::lower, std::nullopt,
                "Moves of a hand by more than an octave within half a second."},
    MeasureInfo{"crossings_share", "Hand crossings", "", Better::lower, std::nullopt,
                "Share of strikes at which the left hand reaches above the right."},
    MeasureInfo{"repetitions_per_second", "Fast repetitions", "1/s", Better::lower, std::nullopt,
                "A key struck again within 125 ms."},
    MeasureInfo{"onset_correlation", "Onset correlation", "", Better::higher, std::nullopt,
                "Pearson's r of the onset curves of song and cover at the best shift within 300 ms."},
    MeasureInfo{"offset_ms", "Offset", "ms", Better::neither, std::nullopt, "That shift; positive: the cover is late."},
};

}  // namespace

std::span<const MeasureInfo> cover_measures() { return kMeasures; }

std::size_t cover_measure_index(std::string_view name) {
  const auto at =
      std::find_if(kMeasures.begin(), kMeasures.end(), [&](const MeasureInfo& info) { return info.name == name; });
  if (at != kMeasures.end()) return static_cast<std::size_t>(at - kMeasures.begin());
  std::vector<std::string> names;
  for (const MeasureInfo& info : kMeasures) names.emplace_back(info.name);
  const std::string closest = closest_name(name, names);
  throw Error(ErrorCode::invalid_argument, "unknown measure \"" + std::string(name) + "\"" +
                                               (closest.empty() ? "" : " (did you mean " + closest + "?)"));
}

}  // namespace pop2piano
