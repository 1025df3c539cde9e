// SPDX-License-Identifier: MIT
#include "learning/records/cover_on_song.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "music/score/clean_notes.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

constexpr double kSameTime = 0.06;   // seconds; what nine of ten times may lie off a constant shift
constexpr double kNearlyAll = 0.75;  // of the cover's notes: a part of any length
constexpr double kHalfABeat = 0.5;   // that a passage may begin behind its first downbeat

// Of times that rise as fast as the cover's own, else absent.
std::optional<double> constant_shift(const TimeMap& time) {
  std::vector<double> shifts;
  for (const auto& [here, there] : time.points) shifts.push_back(there - here);
  std::ranges::sort(shifts);
  const auto at = [&](double share) {
    return shifts[static_cast<std::size_t>(share * static_cast<double>(shifts.size() - 1))];
  };
  const double middle = at(0.5);
  if (at(0.95) - middle > kSameTime || middle - at(0.05) > kSameTime) return std::nullopt;
  return middle;
}

// Where a part begins and ends, as beats of the recording.
struct Stretch {
  std::size_t first = 0, last = 0;
};

// `sounds`: seconds in the cover from which on it does; a passage may begin in the silence before.
std::optional<Stretch> stretch_of(const AlignedPassage& passage, double sounds, const BeatGrid& grid, bool opens,
                                  bool closes) {
  const double begin = grid.beat_at(passage.time.at(std::max(passage.begin, sounds)));
  const double end = grid.beat_at(passage.time.at(passage.end));
  std::optional<std::size_t> first, last;
  for (std::size_t k = 0; k < grid.size(); ++k) {
    if (grid.numbers[k] != 1 && k + 1 < grid.size()) continue;
    const auto beat = static_cast<double>(k);
    const bool may_begin = opens ? beat <= begin + kHalfABeat : beat >= begin - kHalfABeat;
    if (may_begin && (opens || !first)) first = k;
    const bool may_end = closes ? beat >= end - kHalfABeat : beat <= end + kHalfABeat;
    if (may_end && (!closes || !last)) last = k;
  }
  if (!first) first = 0;
  if (!last) last = grid.size() - 1;
  if (*last <= *first) return std::nullopt;
  return Stretch{*first, *last};
}

BeatGrid cut_out(const BeatGrid& grid, const Stretch& stretch) {
  const auto cut = [&](auto values) {
    using Values = decltype(values);
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(stretch.first);
    return values.empty() ? Values{} : Values(begin, values.begin() + static_cast<std::ptrdiff_t>(stretch.last + 1));
  };
  return {.times = cut(grid.times),
          .numbers = cut(grid.numbers),
          .confidence = cut(grid.confidence),
          .beats_per_bar = grid.beats_per_bar};
}

CoverPart part_of(Imported cover, const BeatGrid& grid, const Stretch& stretch, int transposition) {
  CoverPart part;
  part.first_beat = static_cast<int>(stretch.first);
  part.deviation = cover.deviation;
  part.names_melody = cover.names_melody;
  part.score = std::move(cover.score);
  part.score.grid = cut_out(grid, stretch);
  part.score.keys.clear();
  part.score.key.reset();
  const auto begin = static_cast<int>(stretch.first) * kStepsPerBeat,
             end = static_cast<int>(stretch.last) * kStepsPerBeat;
  std::erase_if(part.score.notes, [&](const Note& note) { return note.onset < begin || note.onset >= end; });
  for (Note& note : part.score.notes) {
    note.duration = std::min(note.offset(), end) - note.onset;
    note.onset -= begin;
  }
  transpose(part.score, transposition);
  part.notes = part.score.notes.size();
  for (std::size_t k = 0; k + 1 < part.score.grid.size(); ++k) part.bars += part.score.grid.numbers[k] == 1 ? 1U : 0U;
  return part;
}

}  // namespace

std::vector<PlayedNote> sounding_notes(const std::filesystem::path& cover) {
  std::vector<PlayedNote> notes;
  const Score score = import_score(cover).score;  // says what is wrong with the file
  if (is_midi_file(cover)) {
    for (const TimedNote& note : timed_notes(read_midi_file(cover), SustainPedal::apply)) {
      if (note.is_percussion()) continue;
      notes.push_back({note.onset, note.offset, static_cast<double>(note.pitch), note.velocity});
    }
  } else {
    for (const Note& note : score.notes) {
      notes.push_back({score.time_at(note.onset), score.time_at(note.offset()), static_cast<double>(note.pitch),
                       note.velocity > 0 ? note.velocity : 80});
    }
  }
  return sorted_by_onset(notes);
}

SoundFeatures features_to_align(std::vector<float> samples, const BeatGrid& grid, ThreadPool& pool) {
  SoundFeatureExtractor extractor;
  extractor.begin(std::move(samples));
  extractor.find_onsets();
  extractor.find_tuning();
  extractor.find_profiles(pool);
  extractor.find_rises(pool);
  SoundFeatures features = extractor.features();
  features.beats = grid.times;
  return features;
}

CoverAlignment lay_cover(std::span<const PlayedNote> cover, const SoundFeatures& song, ThreadPool& pool,
                         std::optional<int> key) {
  std::vector<PlayedNote> notes(cover.begin(), cover.end());
  CoverAlignmentOptions options;
  if (key) {
    for (PlayedNote& note : notes) note.pitch += *key;
    options.key_margin = std::numeric_limits<double>::max();  // no other key gains so much more
  }
  CoverAlignment alignment = align_cover(notes, song, pool, options);
  if (key) alignment.transposition = *key;
  for (AlignedPassage& passage : alignment.passages) {
    const auto shift = constant_shift(passage.time);
    if (!shift) continue;
    const double begin = passage.time.points.front().first, end = passage.time.points.back().first;
    passage.time.points = {{begin, begin + *shift}};
    if (end > begin) passage.time.points.emplace_back(end, end + *shift);
  }
  return alignment;
}

std::vector<CoverPart> parts_on_beats(const std::filesystem::path& cover, const CoverAlignment& alignment,
                                      const BeatGrid& grid, std::size_t least_bars) {
  std::vector<CoverPart> parts;
  const std::vector<PlayedNote> notes = sounding_notes(cover);
  const double sounds = notes.empty() ? 0.0 : notes.front().onset;
  for (const AlignedPassage& passage : alignment.passages) {
    const bool opens = &passage == &alignment.passages.front(), closes = &passage == &alignment.passages.back();
    const auto stretch = stretch_of(passage, sounds, grid, opens, closes);
    if (!stretch) continue;
    Imported placed = import_score(cover, {.grid = grid, .time = passage.time, .pedal = SustainPedal::apply});
    const double all = static_cast<double>(placed.score.notes.size());
    CoverPart part = part_of(std::move(placed), grid, *stretch, alignment.transposition);
    part.passage = static_cast<std::size_t>(&passage - alignment.passages.data());
    const bool nearly_all = static_cast<double>(part.notes) >= kNearlyAll * all;
    if (part.notes > 0 && (part.bars >= least_bars || nearly_all)) parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace pop2piano
