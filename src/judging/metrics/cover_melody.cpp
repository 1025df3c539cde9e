// SPDX-License-Identifier: MIT
#include "judging/metrics/cover_melody.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

constexpr double kOnsetTolerance = 0.1;  // seconds; hand-made melodies are not more exact
constexpr double kUnvoiced = -1.0;

PitchContour silent_contour(std::size_t frames, double hop) {
  PitchContour contour;
  contour.frequencies.assign(frames, 0.0);
  for (std::size_t k = 0; k < frames; ++k) contour.times.push_back(hop * static_cast<double>(k));
  return contour;
}

std::size_t frame_of(double value, std::size_t frames) {
  return value <= 0.0 ? 0 : static_cast<std::size_t>(std::min(value, static_cast<double>(frames)));
}

// Semitone of each frame, a median over 5 frames of the voiced ones, kUnvoiced elsewhere.
std::vector<double> semitones(const PitchContour& contour) {
  std::vector<double> pitches(contour.times.size(), kUnvoiced);
  for (std::size_t k = 0; k < pitches.size(); ++k) {
    if (contour.frequencies[k] > 0.0) pitches[k] = hz_to_midi(contour.frequencies[k]);
  }
  std::vector<double> result = pitches;
  for (std::size_t k = 0; k < pitches.size(); ++k) {
    if (pitches[k] == kUnvoiced) continue;
    std::array<double, 5> window{};
    std::size_t count = 0;
    for (std::size_t i = k < 2 ? 0 : k - 2; i < std::min(k + 3, pitches.size()); ++i) {
      if (pitches[i] != kUnvoiced) window[count++] = pitches[i];
    }
    std::nth_element(window.begin(), window.begin() + static_cast<std::ptrdiff_t>(count / 2),
                     window.begin() + static_cast<std::ptrdiff_t>(count));
    result[k] = std::round(window[count / 2]);
  }
  return result;
}

// Whether the times are 0, hop, 2 hop, ...
bool is_regular(std::span<const double> times) {
  if (times.size() < 2) return false;
  const double hop = times[1] - times[0];
  for (std::size_t k = 0; k < times.size(); ++k) {
    if (std::abs(times[k] - hop * static_cast<double>(k)) > 1e-3 * hop) return false;
  }
  return true;
}

// The skyline on any rising times: frame k lasts until frame k + 1, and a note sounds from the frame in which it begins
// up to the one in which it ends, as on regular frames.
PitchContour skyline_at(std::span<const PlayedNote> notes, std::span<const double> times) {
  if (is_regular(times)) return skyline(notes, times.size(), times[1] - times[0]);
  PitchContour contour{{times.begin(), times.end()}, std::vector<double>(times.size(), 0.0)};
  const auto frame_at = [&](double time) {
    const auto next = std::upper_bound(times.begin(), times.end(), time);
    return next == times.begin() ? 0 : static_cast<std::size_t>(next - times.begin()) - 1;
  };
  for (const PlayedNote& note : notes) {
    if (times.empty() || note.offset <= times.front()) continue;
    const bool beyond = note.offset > times.back();
    const std::size_t end = beyond ? times.size() : frame_at(note.offset);
    for (std::size_t k = frame_at(note.onset); k < end; ++k) {
      contour.frequencies[k] = std::max(contour.frequencies[k], midi_to_hz(note.pitch));
    }
  }
  return contour;
}

bool is_covered(const PlayedNote& note, std::span<const PlayedNote> cover_by_onset) {
  auto at = std::lower_bound(cover_by_onset.begin(), cover_by_onset.end(), note.onset - kOnsetTolerance,
                             [](const PlayedNote& n, double time) { return n.onset < time; });
  for (; at != cover_by_onset.end() && at->onset <= note.onset + kOnsetTolerance; ++at) {
    const double distance = std::abs(at->pitch - note.pitch);
    if (std::abs(distance - 12.0 * std::round(distance / 12.0)) < 0.5) return true;
  }
  return false;
}

}  // namespace

PitchContour skyline(std::span<const PlayedNote> notes, std::size_t frames, double hop) {
  std::vector<double> highest(frames, kUnvoiced);
  for (const PlayedNote& note : notes) {
    const std::size_t end = frame_of(std::floor(note.offset / hop), frames);
    for (std::size_t k = frame_of(std::floor(note.onset / hop), frames); k < end; ++k) {
      highest[k] = std::max(highest[k], note.pitch);
    }
  }
  PitchContour contour = silent_contour(frames, hop);
  for (std::size_t k = 0; k < frames; ++k) {
    if (highest[k] != kUnvoiced) contour.frequencies[k] = midi_to_hz(highest[k]);
  }
  return contour;
}

PitchContour contour_of(std::span<const PlayedNote> melody, std::size_t frames, double hop) {
  PitchContour contour = silent_contour(frames, hop);
  for (const PlayedNote& note : sorted_by_onset(melody)) {
    const std::size_t end = frame_of(std::floor(note.offset / hop), frames);
    for (std::size_t k = frame_of(std::floor(note.onset / hop), frames); k < end; ++k) {
      contour.frequencies[k] = midi_to_hz(note.pitch);
    }
  }
  return contour;
}

std::vector<PlayedNote> notes_of(const PitchContour& contour, double shortest) {
  const std::vector<double> pitches = semitones(contour);
  std::vector<PlayedNote> notes;
  for (std::size_t k = 0; k < pitches.size();) {
    std::size_t end = k + 1;
    while (end < pitches.size() && pitches[end] == pitches[k]) ++end;
    const double last = end < pitches.size() ? contour.times[end] : contour.times[end - 1];
    if (pitches[k] != kUnvoiced && last - contour.times[k] >= shortest) {
      notes.push_back({contour.times[k], last, pitches[k]});
    }
    k = end;
  }
  return notes;
}

CoverMelodyScores compare_cover_melody(const PitchContour& reference, std::span<const PlayedNote> melody,
                                       std::span<const PlayedNote> cover) {
  if (cover.empty()) {
    const Measure none = Measure::undefined("the cover has no notes");
    return {none, none, none};
  }
  CoverMelodyScores scores;
  const MelodyScores frames = compare_melodies(reference, skyline_at(cover, reference.times));
  scores.mca = frames.raw_chroma;
  scores.raw_pitch = frames.raw_pitch;
  if (melody.empty()) {
    scores.notes_covered = Measure::undefined("the melody has no notes");
    return scores;
  }
  const std::vector<PlayedNote> cover_by_onset = sorted_by_onset(cover);
  const auto covered = std::count_if(melody.begin(), melody.end(),
                                     [&](const PlayedNote& note) { return is_covered(note, cover_by_onset); });
  scores.notes_covered = static_cast<double>(covered) / static_cast<double>(melody.size());
  return scores;
}

}  // namespace pop2piano
