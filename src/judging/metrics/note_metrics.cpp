// SPDX-License-Identifier: MIT
#include "judging/metrics/note_metrics.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "judging/metrics/matching.h"

namespace pop2piano {
namespace {

using Notes = std::span<const PlayedNote>;
using Matching = std::vector<std::optional<std::size_t>>;  // [reference] -> estimate

// mir_eval rounds distances to four decimals, so that exactly 50 ms is inside whatever the floating point says.
bool within(double a, double b, double tolerance) { return std::nearbyint(std::abs(a - b) * 1e4) / 1e4 <= tolerance; }

bool offsets_agree(const PlayedNote& reference, const PlayedNote& estimate, const NoteMetricOptions& options) {
  const double tolerance =
      std::max(options.offset_ratio * (reference.offset - reference.onset), options.offset_tolerance);
  return within(reference.offset, estimate.offset, tolerance);
}

// Largest matching among pairs whose onsets agree and for which `fits` holds. Both sorted by onset.
template <typename Fits>
Matching match(Notes reference, Notes estimate, double onset_tolerance, Fits fits) {
  std::vector<std::vector<std::size_t>> edges(reference.size());
  std::size_t first = 0;
  const double reach = onset_tolerance + 1e-4;  // of the rounding
  for (std::size_t r = 0; r < reference.size(); ++r) {
    while (first < estimate.size() && estimate[first].onset < reference[r].onset - reach) ++first;
    for (std::size_t e = first; e < estimate.size() && estimate[e].onset <= reference[r].onset + reach; ++e) {
      if (within(reference[r].onset, estimate[e].onset, onset_tolerance) && fits(reference[r], estimate[e])) {
        edges[r].push_back(e);
      }
    }
  }
  return maximum_matching(edges, estimate.size());
}

MatchCounts count(Notes reference, Notes estimate, const Matching& matching) {
  const auto matched = std::count_if(matching.begin(), matching.end(), [](const auto& m) { return m.has_value(); });
  return {reference.size(), estimate.size(), static_cast<std::size_t>(matched)};
}

std::size_t index_in(double value, std::size_t size) {
  return static_cast<std::size_t>(std::clamp(value, 0.0, static_cast<double>(size - 1)));
}

template <std::size_t Size, typename Index>
std::array<MatchCounts, Size> break_down(Notes reference, Notes estimate, const Matching& matching, Index index) {
  std::array<MatchCounts, Size> parts{};
  for (std::size_t r = 0; r < reference.size(); ++r) {
    MatchCounts& part = parts[index(std::round(reference[r].pitch))];
    ++part.reference;
    if (matching[r]) ++part.matched;
  }
  for (const PlayedNote& note : estimate) ++parts[index(std::round(note.pitch))].estimate;
  return parts;
}

Measure mean_overlap(Notes reference, Notes estimate, const Matching& matching) {
  double sum = 0.0, pairs = 0.0;
  for (std::size_t r = 0; r < reference.size(); ++r) {
    if (!matching[r]) continue;
    const PlayedNote& a = reference[r];
    const PlayedNote& b = estimate[*matching[r]];
    const double both = std::max(a.offset, b.offset) - std::min(a.onset, b.onset);
    sum += both > 0.0 ? (std::min(a.offset, b.offset) - std::max(a.onset, b.onset)) / both : 1.0;
    pairs += 1.0;
  }
  return pairs > 0.0 ? Measure(sum / pairs) : Measure::undefined("no note matches");
}

// The pitches that sound at frame times k * hop, frame after frame; a pitch counts once. Notes sorted by onset.
class SoundingPitches {
 public:
  SoundingPitches(Notes notes, double hop) : notes_(notes), hop_(hop) {}

  // Distinct pitches with onset <= time < offset, sorted. Frames must be asked for in order.
  const std::vector<double>& at(std::size_t frame) {
    const double time = static_cast<double>(frame) * hop_;
    std::erase_if(active_, [time](const PlayedNote& note) { return note.offset <= time; });
    for (; next_ < notes_.size() && notes_[next_].onset <= time; ++next_) {
      if (notes_[next_].offset > time) active_.push_back(notes_[next_]);
    }
    pitches_.clear();
    for (const PlayedNote& note : active_) pitches_.push_back(note.pitch);
    std::sort(pitches_.begin(), pitches_.end());
    pitches_.erase(std::unique(pitches_.begin(), pitches_.end()), pitches_.end());
    return pitches_;
  }

 private:
  Notes notes_;
  double hop_;
  std::size_t next_ = 0;
  std::vector<PlayedNote> active_;
  std::vector<double> pitches_;
};

MatchCounts count_frames(Notes reference, Notes estimate, const NoteMetricOptions& options) {
  double end = 0.0;
  for (const Notes notes : {reference, estimate}) {
    for (const PlayedNote& note : notes) end = std::max(end, note.offset);
  }
  MatchCounts counts;
  SoundingPitches in_reference(reference, options.frame_hop), in_estimate(estimate, options.frame_hop);
  const auto frames = static_cast<std::size_t>(std::ceil(end / options.frame_hop));
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const auto& expected = in_reference.at(frame);
    const auto& found = in_estimate.at(frame);
    counts.reference += expected.size();
    counts.estimate += found.size();
    counts.matched += count_matched_events(expected, found, options.pitch_tolerance);
  }
  return counts;
}

}  // namespace

Detection MatchCounts::detection() const {
  if (reference == 0 || estimate == 0) {
    const Measure none =
        Measure::undefined(reference == 0 ? "the reference has no notes" : "the estimate has no notes");
    return {none, none, none};
  }
  const double precision = static_cast<double>(matched) / static_cast<double>(estimate);
  const double recall = static_cast<double>(matched) / static_cast<double>(reference);
  return {precision, recall, f_measure(precision, recall)};
}

NoteScores compare_notes(Notes reference_notes, Notes estimated_notes, const NoteMetricOptions& options) {
  validate_played_notes(reference_notes, "reference");
  validate_played_notes(estimated_notes, "estimate");
  const std::vector<PlayedNote> reference = sorted_by_onset(reference_notes),
                                estimate = sorted_by_onset(estimated_notes);
  const auto same_pitch = [&](const PlayedNote& a, const PlayedNote& b) {
    return std::abs(a.pitch - b.pitch) <= options.pitch_tolerance;
  };
  const auto same_note = [&](const PlayedNote& a, const PlayedNote& b) {
    return same_pitch(a, b) && offsets_agree(a, b, options);
  };
  const auto any = [](const PlayedNote&, const PlayedNote&) { return true; };
  const double onset_tolerance = options.onset_tolerance;
  const Matching notes = match(reference, estimate, onset_tolerance, same_pitch);
  const Matching whole_notes = match(reference, estimate, onset_tolerance, same_note);
  const MatchCounts frames = count_frames(reference, estimate, options);
  const std::size_t either = frames.reference + frames.estimate - frames.matched;

  NoteScores scores;
  scores.onset = count(reference, estimate, match(reference, estimate, onset_tolerance, any)).detection();
  scores.note = count(reference, estimate, notes).detection();
  scores.note_with_offset = count(reference, estimate, whole_notes).detection();
  scores.frame = frames.detection();
  scores.frame_accuracy = either > 0 ? Measure(static_cast<double>(frames.matched) / static_cast<double>(either))
                                     : Measure::undefined("nothing sounds in either");
  scores.mean_overlap = mean_overlap(reference, estimate, whole_notes);
  scores.by_pitch_class = break_down<12>(
      reference, estimate, notes, [](double pitch) { return index_in(pitch - 12.0 * std::floor(pitch / 12.0), 12); });
  scores.by_octave =
      break_down<11>(reference, estimate, notes, [](double pitch) { return index_in(pitch / 12.0, 11); });
  return scores;
}

}  // namespace pop2piano
