// SPDX-License-Identifier: MIT
// The second step: what the network writes, as a score that is in order.
#include <pop2piano/cover.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/core/installed_file.h"
#include "base/core/stage_clock.h"
#include "listening/analysis/heard_sections.h"
#include "music/score/clean_notes.h"
#include "music/score/compound.h"
#include "music/score/harmony.h"
#include "music/score/key.h"
#include "writing/cover/lead_sheet.h"
#include "writing/cover/reading_level.h"
#include "writing/cover/song_input.h"
#include "writing/cover/sounding_notes.h"
#include "writing/cover/written_swing.h"
#include "writing/figures/figure_bank.h"
#include "writing/plan/section_textures.h"
#include "writing/plan/song_plan.h"

namespace pop2piano {
namespace {

std::vector<float> probabilities(const std::vector<SegmentTokens>& segments) {
  std::vector<float> result;
  result.reserve(segments.size());
  for (const SegmentTokens& s : segments) result.push_back(static_cast<float>(std::exp(s.mean_log_probability)));
  return result;
}

std::vector<std::size_t> token_counts(const std::vector<SegmentTokens>& segments) {
  std::vector<std::size_t> result;
  result.reserve(segments.size());
  for (const SegmentTokens& s : segments) result.push_back(s.tokens.size());
  return result;
}

// `notes`, of the network that listens, on the beats that are heard; with another accompaniment over the lead sheet,
// where that is asked for and can be.
std::vector<Note> accompanied(std::vector<Note> notes, const Analysis& analysis, const Model& model,
                              const WriteOptions& options, int threads, const Monitor& monitor, Written& written) {
  if (notes.empty()) return notes;
  if (options.accompaniment == Accompaniment::audio || model.config().tokens.kind != TokenKind::voices) {
    if (!options.plan.empty()) {
      written.remarks.push_back("the plan is not followed: the accompaniment is written by ear, in one style");
    }
    if (!options.again.empty()) {
      written.remarks.push_back("no bars are written again: the accompaniment is written by ear, as a whole");
    }
    return notes;
  }
  const auto writer = options.writer ? options.writer : installed_writer();
  if (!writer || analysis.harmony.empty()) {
    written.remarks.push_back(std::string("the accompaniment is written by ear: ") +
                              (writer ? "the harmony was not heard (harmony/harmony.safetensors is not installed)"
                                      : "no writer is installed (writer/config.json)"));
    return notes;
  }
  auto figures = options.figures;
  if (options.accompaniment != Accompaniment::figures)
    figures = nullptr;
  else if (figures == nullptr)
    figures = installed_figures();
  if (figures == nullptr && options.accompaniment == Accompaniment::figures) {
    written.remarks.push_back(
        "the accompaniment is as the writer wrote it: there are no figures (figures/figures.safetensors is not "
        "installed, "
        "or POP2PIANO_FIGURES is 'none')");
  }
  if (written.score.style == "auto") {
    written.plan = decided_plan(std::move(written.plan), analysis.grid, analysis.loudness_db);
  }
  written.plan = settled_plan(std::move(written.plan), options.plan);
  Accompanied accompanied =
      with_written_accompaniment(analysis, std::move(notes), {.writer = *writer, .figures = figures.get()},
                                 written.plan, written.score.sections, options, threads, monitor);
  written.accompaniment = accompanied.by;
  return std::move(accompanied.notes);
}

// What was heard from the first note to the last; nothing where nothing sounds.
std::vector<ChordSpan> chords_heard(const Analysis& analysis, const std::vector<Note>& notes) {
  if (analysis.harmony.empty()) return {};
  std::vector<BeatHarmony> harmony(analysis.grid.size());
  for (std::size_t beat = 0; beat < analysis.harmony.size(); ++beat)
    harmony[static_cast<std::size_t>(analysis.heard.places[beat])] = analysis.harmony[beat];
  int first = notes.front().onset, last = notes.front().offset();
  for (const Note& note : notes) {
    first = std::min(first, note.onset);
    last = std::max(last, note.offset());
  }
  return heard_chords(harmony, first / kStepsPerBeat, (last + kStepsPerBeat - 1) / kStepsPerBeat);
}

}  // namespace

std::vector<std::string> accompaniment_names() { return {"figures", "lead-sheet", "audio"}; }

const char* to_string(Accompaniment accompaniment) {
  if (accompaniment == Accompaniment::audio) return "audio";
  return accompaniment == Accompaniment::figures ? "figures" : "lead-sheet";
}

Accompaniment accompaniment_named(std::string_view name) {
  for (const auto accompaniment : {Accompaniment::audio, Accompaniment::lead_sheet, Accompaniment::figures})
    if (name == to_string(accompaniment)) return accompaniment;
  throw Error(ErrorCode::invalid_argument,
              "no accompaniment is called '" + std::string(name) + "'; there are figures, lead-sheet and audio");
}

Swing swing_of(const Rhythm& rhythm) {
  constexpr double kSwung = 1.3;  // below, players call it straight
  if (rhythm.swing_ratio < kSwung) return {};
  return {.ratio = rhythm.swing_ratio, .pair = rhythm.swung_sixteenths ? kStepsPerBeat / 2 : kStepsPerBeat};
}

std::shared_ptr<const FigureBank> installed_figures() {
  const auto file = installed_file("figures/figures.safetensors", "POP2PIANO_FIGURES");
  return file.empty() ? nullptr : FigureBank::load(file);
}

std::shared_ptr<const Model> installed_writer() {
  const auto folder = installed_file("writer", "POP2PIANO_WRITER");
  return folder.empty() ? nullptr : Model::load(folder);
}

void WriteOptions::validate() const {
  if (!(melody_weight >= 0 && melody_weight <= 10)) {
    throw Error(ErrorCode::invalid_argument,
                "the melody's weight must lie between 0 and 10, got " + std::to_string(melody_weight));
  }
  if (!(bass_weight >= 0 && bass_weight <= 10)) {
    throw Error(ErrorCode::invalid_argument,
                "the bass's weight must lie between 0 and 10, got " + std::to_string(bass_weight));
  }
  plan.validate();
  for (const AgainPassage& passage : again) {
    if (passage.first_bar < 0 || passage.last_bar < passage.first_bar) {
      throw Error(ErrorCode::invalid_argument, "bars " + std::to_string(passage.first_bar) + " to " +
                                                   std::to_string(passage.last_bar) +
                                                   " cannot be written again: expected the first, then the last");
    }
  }
  if (overlap_beats < 0 || overlap_beats > 4) {
    throw Error(ErrorCode::invalid_argument,
                "segments must overlap by 0 to 4 beats, got " + std::to_string(overlap_beats));
  }
}

Written write(const Analysis& analysis, const Model& model, const std::string& style, const WriteOptions& options,
              int threads, const Monitor& monitor) {
  options.validate();
  StageClock clock(analysis.stage_seconds);
  const auto input = make_song_input(model.config(), analysis, options);
  GenerateRequest request = input->request();
  request.style = model.style_index(style);
  const auto segments = generate(model, request, options.generation, threads, monitor);
  Written written{.score = {.title = analysis.source.title,
                            .style = style,
                            .grid = analysis.grid,
                            .key = {},
                            .notes = {},
                            .sections = heard_sections(analysis),
                            .swing = swing_of(analysis.rhythm)},
                  .rhythm = analysis.rhythm,
                  .tuning = analysis.tuning,
                  .peak_db = analysis.peak_db,
                  .loudness_db = analysis.loudness_db,
                  .duration = analysis.source.duration(),
                  .melody_by_network = input->melody_by_network(),
                  .accompaniment = Accompaniment::audio,
                  .plan = {},
                  .remarks = {},
                  .segment_first_beats = in_recording(input->first_beats(), analysis),
                  .confidence = probabilities(segments),
                  .segment_tokens = token_counts(segments),
                  .stage_seconds = {}};
  written.plan = form_of(written.score.sections, analysis.grid);
  for (PlannedPassage& passage : written.plan) passage.style = style;
  std::vector<Note> notes = input->notes(segments);
  clean_notes(notes);
  clock.lap("generate");
  notes = accompanied(std::move(notes), analysis, model, options, threads, monitor, written);
  if (written.accompaniment != Accompaniment::audio) clock.lap("accompany");
  written.score.notes = in_recording(std::move(notes), analysis);
  keep_where_it_sounds(written.score, analysis);
  clean_notes(written.score.notes);
  if (written.score.notes.empty()) {
    throw Error(ErrorCode::nothing_found,
                analysis.source.name + ": no notes: the network heard nothing to play in style '" + style + "'");
  }
  if (auto remark = reading_remark(written.score.notes, analysis.rhythm); !remark.empty())
    written.remarks.push_back(std::move(remark));
  written.score.chords = chords_heard(analysis, written.score.notes);
  written.score.key = find_key(written.score.notes);
  written.stage_seconds = clock.seconds();
  return written;
}

PianoScore arrange(const Written& written, PianoOptions options) {
  options.repeated_melody = RepeatedMelody::held;
  Score score = written.score;
  if (has_dotted_beats(score.notes)) write_dotted_beats(score.grid);
  return arrange(std::move(score), options, written.loudness_db);
}

}  // namespace pop2piano
