// SPDX-License-Identifier: MIT
#include "learning/train_piano/piano_measures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "judging/metrics/note_metrics.h"
#include "learning/performances/piano_songs.h"
#include "learning/train_piano/piano_songs.h"
#include "listening/piano/transcriber.h"

namespace pop2piano::training {
namespace {

constexpr double kOnsetTolerance = 0.05, kVelocityTolerance = 0.1;

// Pairs of one pitch whose onsets are near, each note in at most one: of sorted notes the first that fits.
std::vector<std::pair<PlayedNote, PlayedNote>> pairs_of(std::span<const PlayedNote> notes,
                                                        std::span<const PlayedNote> found) {
  std::vector<std::pair<PlayedNote, PlayedNote>> pairs;
  std::vector<bool> taken(found.size());
  for (const PlayedNote& note : notes) {
    auto at = static_cast<std::size_t>(
        std::ranges::lower_bound(found, note.onset - kOnsetTolerance, {}, &PlayedNote::onset) - found.begin());
    for (; at < found.size() && found[at].onset <= note.onset + kOnsetTolerance; ++at) {
      if (taken[at] || found[at].pitch != note.pitch) continue;
      taken[at] = true;
      pairs.emplace_back(note, found[at]);
      break;
    }
  }
  return pairs;
}

// Pairs whose velocities agree after a straight line was laid through them; velocities count as shares of their range.
std::size_t alike_in_velocity(std::span<const std::pair<PlayedNote, PlayedNote>> pairs,
                              std::span<const PlayedNote> notes) {
  const auto [least, most] = std::ranges::minmax(notes, {}, &PlayedNote::velocity);
  const double range = std::max(1, most.velocity - least.velocity);
  const auto right = [&](const PlayedNote& note) { return (note.velocity - least.velocity) / range; };
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [note, other] : pairs) {
    const double a = other.velocity / 127.0, b = right(note);
    n += 1, x += a, y += b, xx += a * a, xy += a * b;
  }
  const double spread = n * xx - x * x;
  const double slope = spread > 1e-9 ? (n * xy - x * y) / spread : 0.0, shift = n > 0 ? (y - slope * x) / n : 0.0;
  return static_cast<std::size_t>(std::ranges::count_if(pairs, [&](const auto& pair) {
    return std::abs(slope * pair.second.velocity / 127.0 + shift - right(pair.first)) < kVelocityTolerance;
  }));
}

double f_measure(double matched, double found, double right) {
  return found + right > 0 ? 2.0 * matched / (found + right) : 1.0;
}

// Of frames in which the pedal is down.
double pedal_measure(const PianoPerformance& played, const PianoTranscription& found, std::size_t frames) {
  std::vector<bool> right(frames), heard(frames);
  const auto mark = [&](std::vector<bool>& marks, double from, double to) {
    const auto first = static_cast<std::size_t>(std::max(0.0, std::ceil(from / kPianoFrameSeconds)));
    for (std::size_t k = first; k < frames && static_cast<double>(k) * kPianoFrameSeconds < to; ++k) marks[k] = true;
  };
  for (const PerformedPedal& span : played.pedal) mark(right, span.down, span.up);
  for (const PedalDown& span : found.pedal) mark(heard, span.from, span.to);
  double both = 0, all = 0;
  for (std::size_t k = 0; k < frames; ++k) {
    both += right[k] && heard[k] ? 1 : 0;
    all += (right[k] ? 1 : 0) + (heard[k] ? 1 : 0);
  }
  return f_measure(both, all, 0.0);
}

}  // namespace

PianoMeasures compare_performances(std::span<const PlayedNote> notes, std::span<const PlayedNote> found) {
  const std::vector<PlayedNote> right = sorted_by_onset(notes), heard = sorted_by_onset(found);
  const NoteScores scores = compare_notes(right, heard);
  const auto pairs = pairs_of(right, heard);
  PianoMeasures measures;
  measures.note = scores.note.f_measure.optional().value_or(0.0);
  measures.with_offset = scores.note_with_offset.f_measure.optional().value_or(0.0);
  measures.with_velocity = f_measure(static_cast<double>(alike_in_velocity(pairs, right)),
                                     static_cast<double>(heard.size()), static_cast<double>(right.size()));
  for (const auto& [note, other] : pairs)
    measures.onset_error += std::abs(note.onset - other.onset) / static_cast<double>(pairs.size());
  return measures;
}

PianoMeasures measure_piano(const SongView& view, const PianoNetwork& network, const PianoNoteOptions& options,
                            ThreadPool& pool) {
  const PianoPerformance played = performance_of(view);
  const auto levels = piano_levels(view);
  PianoTranscriber transcriber(network, pool, options);
  for (std::size_t k = 0; k < levels.rows(); ++k) transcriber.push(levels.row(k));
  const PianoTranscription found = transcriber.finish();
  std::vector<PlayedNote> notes;
  for (const PerformedNote& note : played.notes)
    notes.push_back({note.onset, note.end, static_cast<double>(note.pitch), note.velocity});
  PianoMeasures measures;
  if (!notes.empty() && !found.notes.empty()) measures = compare_performances(notes, found.notes);
  measures.pedal = pedal_measure(played, found, levels.rows());
  return measures;
}

}  // namespace pop2piano::training
