// SPDX-License-Identifier: MIT
// pop2piano evaluate beats, notes, melody, chords: an estimate against a reference, with mir_eval's definitions.
#include <array>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "app/cli/evaluate_command.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/beat_metrics.h"
#include "judging/metrics/chord_metrics.h"
#include "judging/metrics/melody_metrics.h"
#include "judging/metrics/note_metrics.h"

namespace pop2piano::cli {
namespace {

struct PairArguments {
  std::string reference, estimate;
};

void evaluate_beats(const PairArguments& a, Console& console) {
  const BeatList reference = read_beat_list(a.reference), estimate = read_beat_list(a.estimate);
  const BeatScores scores = compare_beats(reference.times, estimate.times);
  ScoreTable table;
  table.add("f_measure", scores.f_measure);
  table.add("precision", scores.precision);
  table.add("recall", scores.recall);
  table.add("cemgil", scores.cemgil);
  table.add("cemgil_best", scores.cemgil_best);
  table.add("cmlc", scores.cmlc);
  table.add("cmlt", scores.cmlt);
  table.add("amlc", scores.amlc);
  table.add("amlt", scores.amlt);
  table.add("information_gain", scores.information_gain);
  const bool numbered = reference.has_numbers && estimate.has_numbers;
  table.add("downbeat_f", numbered ? beat_f_measure(reference.downbeats, estimate.downbeats)
                                   : Measure::undefined("both files need beat numbers"));
  table.print(console);
}

void add_detection(ScoreTable& table, const std::string& name, const Detection& detection) {
  table.add(name + "_precision", detection.precision);
  table.add(name + "_recall", detection.recall);
  table.add(name + "_f", detection.f_measure);
}

void add_parts(ScoreTable& table, const NoteScores& scores) {
  constexpr std::array<const char*, 12> kNames = {"c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b"};
  for (std::size_t c = 0; c < kNames.size(); ++c) {
    table.add(fmt::format("note_f_{}", kNames[c]), scores.by_pitch_class[c].detection().f_measure);
  }
  for (std::size_t octave = 1; octave < 9; ++octave) {  // those of a piano
    table.add(fmt::format("note_f_octave_{}", static_cast<int>(octave) - 1),
              scores.by_octave[octave].detection().f_measure);
  }
}

void evaluate_notes(const PairArguments& a, Console& console) {
  const NoteFile reference = read_note_file(a.reference), estimate = read_note_file(a.estimate);
  for (const auto& [notes, name] : {std::pair(&reference, &a.reference), std::pair(&estimate, &a.estimate)}) {
    for (const std::string& warning : notes->warnings) {
      if (!console.json()) console.warn(*name + ": " + warning);
    }
  }
  const NoteScores scores = compare_notes(reference.notes, estimate.notes);
  ScoreTable table;
  add_detection(table, "onset", scores.onset);
  add_detection(table, "note", scores.note);
  add_detection(table, "note_with_offset", scores.note_with_offset);
  add_detection(table, "frame", scores.frame);
  table.add("frame_accuracy", scores.frame_accuracy);
  table.add("mean_overlap", scores.mean_overlap);
  add_parts(table, scores);
  table.print(console);
}

void evaluate_melody(const PairArguments& a, Console& console) {
  const MelodyScores scores =
      compare_melodies(read_melody_file(a.reference).contour, read_melody_file(a.estimate).contour);
  ScoreTable table;
  table.add("voicing_recall", scores.voicing_recall);
  table.add("voicing_false_alarm", scores.voicing_false_alarm);
  table.add("raw_pitch_accuracy", scores.raw_pitch);
  table.add("raw_chroma_accuracy", scores.raw_chroma);
  table.add("overall_accuracy", scores.overall);
  table.print(console);
}

void evaluate_chords(const PairArguments& a, Console& console) {
  const ChordScores scores = compare_chords(read_chord_file(a.reference), read_chord_file(a.estimate));
  ScoreTable table;
  table.add("root", scores.root);
  table.add("thirds", scores.thirds);
  table.add("triads", scores.triads);
  table.add("tetrads", scores.tetrads);
  table.add("majmin", scores.majmin);
  table.add("sevenths", scores.sevenths);
  table.add("over_segmentation", scores.over_segmentation);
  table.add("under_segmentation", scores.under_segmentation);
  table.add("segmentation", scores.segmentation);
  table.print(console);
}

using PairAction = void (*)(const PairArguments&, Console&);

void add_pair(CLI::App& evaluate, Console& console, const std::string& name, const std::string& what,
              const std::string& format, PairAction action) {
  auto a = std::make_shared<PairArguments>();
  CLI::App* command = evaluate.add_subcommand(name, what);
  command->add_option("REF", a->reference, "The reference: " + format)->required()->type_name("");
  command->add_option("EST", a->estimate, "The estimate, alike")->required()->type_name("");
  console.add_options(*command);
  command->callback([a, action, &console] { action(*a, console); });
}

}  // namespace

void add_evaluate_pairs(CLI::App& evaluate, Console& console) {
  add_pair(evaluate, console, "beats", "Compare beats: F, Cemgil, CMLc, CMLt, AMLc, AMLt, information gain, downbeat F",
           "text with a time and perhaps a beat number per line", evaluate_beats);
  add_pair(evaluate, console, "notes",
           "Compare notes: onsets, notes, notes with ends, frames; by pitch class and octave", "a MIDI file",
           evaluate_notes);
  add_pair(evaluate, console, "melody", "Compare melodies: voicing, raw pitch, raw chroma, overall accuracy",
           ".tsv, .csv, .mid or .json", evaluate_melody);
  add_pair(evaluate, console, "chords", "Compare chords: root, thirds, triads, tetrads, majmin, sevenths, segmentation",
           "text with start, end and label per line", evaluate_chords);
}

}  // namespace pop2piano::cli
