// SPDX-License-Identifier: MIT
#include "judging/evaluate/annotation_files.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include <nlohmann/json.hpp>

#include "judging/evaluate/text_table.h"
#include "judging/metrics/cover_melody.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

constexpr double kLongestMelody = 86400.0;  // seconds; bounds what a wrong number can make us allocate

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string lower_extension(const std::filesystem::path& file) { return lower_case(file.extension().string()); }

Hand hand_of_track(const std::string& track_name) {
  const std::string name = lower_case(track_name);
  const bool left = name.find("left") != name.npos, right = name.find("right") != name.npos;
  return left == right ? Hand::unassigned : left ? Hand::left : Hand::right;
}

// Header: the first line's first field is no number.
bool is_header(const TextTable::Row& row) {
  const std::string& field = row.fields.front();
  return !field.empty() && field.find_first_of("0123456789") == field.npos;
}

Melody melody_of_notes(std::vector<PlayedNote> notes, const std::string& name) {
  double end = 0.0;
  for (const PlayedNote& note : notes) end = std::max(end, note.offset);
  if (end > kLongestMelody)
    throw Error(ErrorCode::malformed, name + ": expected times in seconds, found more than a day");
  const auto frames = static_cast<std::size_t>(std::ceil(end / kMelodyFrameSeconds)) + 1;
  return {contour_of(notes, frames), std::move(notes)};
}

// Of a score with accompaniment: its highest sounding note, as where a cover is measured.
Melody melody_of_score(std::vector<PlayedNote> notes, const std::string& name) {
  Melody melody = melody_of_notes(std::move(notes), name);
  melody.contour = skyline(melody.notes, melody.contour.frequencies.size());
  return melody;
}

Melody melody_of_contour(PitchContour contour, const std::string& name) {
  for (std::size_t i = 1; i < contour.times.size(); ++i) {
    if (contour.times[i] <= contour.times[i - 1]) {
      throw Error(ErrorCode::invalid_argument, name + ": frame " + std::to_string(i + 1) + " at " +
                                                   std::to_string(contour.times[i]) + " s: times must rise");
    }
  }
  std::vector<PlayedNote> notes = notes_of(contour);
  return {std::move(contour), std::move(notes)};
}

Melody read_melody_table(const std::filesystem::path& file) {
  TextTable table = read_text_table(file, FieldSeparator::any_blank);
  if (!table.rows.empty() && is_header(table.rows.front())) table.rows.erase(table.rows.begin());
  if (table.rows.empty()) throw Error(ErrorCode::malformed, table.name + ": expected rows of numbers, found none");
  if (table.rows.front().fields.size() == 2) {
    PitchContour contour;
    for (const TextTable::Row& row : table.rows) {
      contour.times.push_back(table.number(row, 0));
      contour.frequencies.push_back(table.number(row, 1));
    }
    return melody_of_contour(std::move(contour), table.name);
  }
  std::vector<PlayedNote> notes;
  for (const TextTable::Row& row : table.rows) {
    const PlayedNote note{table.number(row, 0), table.number(row, 1), table.number(row, 2)};
    if (note.offset < note.onset) table.fail(row, "the end lies before the start");
    if (!notes.empty() && note.onset < notes.back().onset) table.fail(row, "the start goes back");
    notes.push_back(note);
  }
  return melody_of_notes(std::move(notes), table.name);
}

std::vector<double> json_numbers(const nlohmann::json& list, const std::string& name) {
  if (!list.is_array()) throw Error(ErrorCode::malformed, name + ": expected lists \"times\" and \"f0\"");
  std::vector<double> numbers;
  for (const nlohmann::json& value : list) {
    if (!value.is_null() && !value.is_number()) {
      throw Error(ErrorCode::malformed, name + ": expected numbers or null, found " + value.dump().substr(0, 40));
    }
    numbers.push_back(value.is_null() ? 0.0 : value.get<double>());
  }
  return numbers;
}

Melody read_melody_json(const std::filesystem::path& file) {
  const std::string name = file.string();
  const nlohmann::json json = nlohmann::json::parse(read_text_file(file), nullptr, false);
  if (!json.is_object() || !json.contains("f0")) {
    throw Error(ErrorCode::malformed, name + ": expected a JSON object with \"f0\" and \"times\" or \"hop\"");
  }
  PitchContour contour;
  contour.frequencies = json_numbers(json["f0"], name);
  if (json.contains("times")) {
    contour.times = json_numbers(json["times"], name);
  } else {
    const double hop = json.contains("hop") && json["hop"].is_number() ? json["hop"].get<double>() : 0.0;
    if (!(hop > 0.0)) throw Error(ErrorCode::malformed, name + ": expected \"times\" or a positive \"hop\" in seconds");
    for (std::size_t k = 0; k < contour.frequencies.size(); ++k) contour.times.push_back(hop * static_cast<double>(k));
  }
  if (contour.times.size() != contour.frequencies.size()) {
    throw Error(ErrorCode::malformed, name + ": expected as many times as f0 values, found " +
                                          std::to_string(contour.times.size()) + " and " +
                                          std::to_string(contour.frequencies.size()));
  }
  return melody_of_contour(std::move(contour), name);
}

}  // namespace

NoteFile read_note_file(const std::filesystem::path& file) {
  const MidiFile midi = read_midi_file(file);
  NoteFile result;
  result.warnings = midi.warnings;
  std::vector<Hand> hand_of;
  for (const MidiTrack& track : midi.tracks) hand_of.push_back(hand_of_track(track.name()));
  const bool both = std::find(hand_of.begin(), hand_of.end(), Hand::left) != hand_of.end() &&
                    std::find(hand_of.begin(), hand_of.end(), Hand::right) != hand_of.end();
  for (const TimedNote& note : timed_notes(midi)) {
    if (note.is_percussion()) continue;
    result.notes.push_back({note.onset, note.offset, static_cast<double>(note.pitch), note.velocity});
    result.hands.push_back(both && note.track < hand_of.size() ? hand_of[note.track] : Hand::unassigned);
  }
  return result;
}

Melody read_melody_file(const std::filesystem::path& file) {
  const std::string extension = lower_extension(file);
  if (extension == ".mid" || extension == ".midi") return melody_of_score(read_note_file(file).notes, file.string());
  if (extension == ".json") return read_melody_json(file);
  return read_melody_table(file);
}

BeatList read_beat_list(const std::filesystem::path& file) {
  const TextTable table = read_text_table(file, FieldSeparator::any_blank);
  BeatList beats;
  for (const TextTable::Row& row : table.rows) {
    const double time = table.number(row, 0);
    if (!beats.times.empty() && time < beats.times.back()) table.fail(row, "the time goes back");
    beats.times.push_back(time);
    if (row.fields.size() < 2) continue;
    beats.has_numbers = true;
    if (table.number(row, 1) == 1.0) beats.downbeats.push_back(time);
  }
  return beats;
}

std::vector<LabelledChord> read_chord_file(const std::filesystem::path& file) {
  const TextTable table = read_text_table(file, FieldSeparator::any_blank);
  std::vector<LabelledChord> chords;
  for (const TextTable::Row& row : table.rows) {
    if (row.fields.size() < 3) table.fail(row, "expected start, end, label");
    const LabelledChord chord{table.number(row, 0), table.number(row, 1), row.fields[2]};
    if (chord.start >= chord.end) table.fail(row, "the end does not lie behind the start");
    if (!chords.empty() && chord.start < chords.back().end) table.fail(row, "the start lies before the last end");
    try {
      (void)parse_chord(chord.label);
    } catch (const Error& error) {
      table.fail(row, error.what());
    }
    chords.push_back(chord);
  }
  return chords;
}

}  // namespace pop2piano
