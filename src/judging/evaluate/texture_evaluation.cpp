// SPDX-License-Identifier: MIT
#include "judging/evaluate/texture_evaluation.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/core/mapped_file.h"
#include "base/core/paths.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/texture_metrics.h"
#include "listening/rhythm/beats_file.h"
#include "music/score/chord_label.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

constexpr double kLargestDeviation = 0.04;  // beats: where notes lie further off, the file's beats mean nothing
constexpr std::array<std::string_view, 6> kMeasuresOfBars = {"holes",     "continuity", "recall",
                                                             "recall_pc", "lift",       "bass_on_one"};

struct Beats {
  std::optional<BeatGrid> grid;
  std::string_view missing;  // why there are none, a literal
};

// Of a report as `pop2piano cover` writes it. Not a report, or one without beats: nothing.
std::optional<BeatGrid> beats_of_report(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  const std::string_view text(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  const nlohmann::json report = nlohmann::json::parse(text, nullptr, false);
  if (!report.is_object() || !report.contains("beats") || !report["beats"].is_array()) return std::nullopt;
  BeatGrid grid;
  for (const nlohmann::json& beat : report["beats"]) {
    const bool whole = beat.is_object() && beat.contains("time") && beat["time"].is_number() &&
                       beat.contains("number") && beat["number"].is_number_integer();
    if (!whole) return std::nullopt;
    grid.times.push_back(beat["time"].get<double>());
    grid.numbers.push_back(beat["number"].get<int>());
  }
  try {
    grid.validate();
  } catch (const Error&) {
    return std::nullopt;
  }
  return grid;
}

Beats own_beats(const std::filesystem::path& cover) {
  Imported imported = score_from_midi(read_midi_file(cover), cover.string());
  if (imported.deviation > kLargestDeviation) return {{}, "the notes lie off the beats of the MIDI file"};
  return {std::move(imported.score.grid), ""};
}

Beats beats_of(const CoverQuery& query, std::vector<std::string>& remarks) {
  if (query.beats) return {read_beats_file(*query.beats), ""};
  const std::filesystem::path report = std::filesystem::path(query.cover).replace_extension(".json");
  if (path_exists(report)) {
    if (auto grid = beats_of_report(report)) return {std::move(grid), ""};
    remarks.push_back(report.string() + ": lies beside the cover, but is no report with beats; it is not used");
  }
  if (query.own_beats) return own_beats(query.cover);
  return {{}, "no beats are given, and no report with beats (.json) lies beside the cover"};
}

std::vector<BassAtBeat> basses_of(const BeatGrid& grid, std::span<const LabelledChord> chords) {
  std::vector<BassAtBeat> basses;
  for (const double time : grid.times) {
    const auto chord = std::find_if(chords.begin(), chords.end(), [&](const LabelledChord& c) {
      return c.start <= time + 1e-6 && time < c.end - 1e-6;
    });
    if (chord == chords.end()) continue;
    const Chord parsed = parse_chord(chord->label);
    if (parsed.root >= 0) basses.push_back({time, (parsed.root + std::max(parsed.bass, 0)) % 12});
  }
  return basses;
}

void set(CoverEvaluation& result, std::string_view name, const std::optional<double>& value, std::string_view without) {
  result.measures[cover_measure_index(name)] = value ? Measure(*value) : Measure::undefined(without);
}

void set_bars(const TextureScores& scores, CoverEvaluation& result) {
  constexpr std::string_view kFewBars = "too few bars with a left hand to compare";
  set(result, "holes", scores.holes, "no bar has notes");
  set(result, "continuity", scores.continuity, kFewBars);
  set(result, "recall", scores.recall, "no two bars far apart have the same harmony and a left hand");
  set(result, "recall_pc", scores.recall_pitch, "no two bars far apart have the same harmony and a left hand");
  set(result, "lift", scores.lift, "no two bars far apart have the same harmony and a left hand");
  set(result, "bass_on_one", scores.bass_on_one, "no bar has notes");
}

}  // namespace

std::vector<double> evaluate_texture(const CoverQuery& query, std::span<const PlayedNote> notes,
                                     CoverEvaluation& result) {
  const Beats beats = beats_of(query, result.remarks);
  const std::vector<LabelledChord> chords =
      query.chords ? read_chord_file(*query.chords) : std::vector<LabelledChord>();
  if (!beats.grid) {
    for (const std::string_view name : kMeasuresOfBars) set(result, name, std::nullopt, beats.missing);
    set(result, "bass_right", std::nullopt, beats.missing);
    return {};
  }
  const std::vector<double> bars = texture_bars(*beats.grid);
  set_bars(measure_texture(notes, bars), result);
  const std::string_view without = query.chords ? "no beat has a chord and a sounding note" : "no chords are given";
  set(result, "bass_right", count_right_bass(notes, basses_of(*beats.grid, chords)).share(), without);
  return bars;
}

}  // namespace pop2piano
