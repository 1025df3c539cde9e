// SPDX-License-Identifier: MIT
// The public call: key, repeated strikes, level, hands, dynamics, in this order.
#include <pop2piano/arrange.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "music/arrange/arranging.h"
#include "music/arrange/dynamics.h"
#include "music/arrange/held_melody.h"
#include "music/graces/graces.h"
#include "music/score/clean_notes.h"
#include "music/score/key.h"

namespace pop2piano {
namespace {

constexpr const char* kEasyKey = "easy";
constexpr int kFurthest = 24;  // semitones

void move_key(Score& score, const PianoOptions& options) {
  if (options.transpose) transpose(score, *options.transpose);
  if (!options.key) return;
  if (!score.key) score.key = find_key(score.notes);
  transpose(score, *options.key == kEasyKey ? semitones_to_easy_key(*score.key)
                                            : semitones_to_tonic(*score.key, pitch_class_of(*options.key)));
}

bool has_dynamics(const std::vector<Note>& notes) {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const Note& note) { return note.velocity > 0 && note.velocity != notes.front().velocity; });
}

// Notes keep how they were played; those that the arrangement added, and a source without dynamics, get the recording's
// loudness, or the metre's accents.
void set_dynamics(Score& score, const PianoOptions& options, std::span<const float> loudness_db, bool played) {
  if (options.velocity) return set_constant_velocity(score, *options.velocity);
  if (!played) return set_velocities(score, loudness_db);
  Score even = score;
  set_velocities(even, loudness_db);
  for (std::size_t i = 0; i < score.notes.size(); ++i) {
    if (score.notes[i].velocity == 0) score.notes[i].velocity = even.notes[i].velocity;
  }
}

}  // namespace

void PianoOptions::validate() const {
  if (transpose && key) {
    throw Error(ErrorCode::invalid_argument, "transpose either by semitones or to a key, not both");
  }
  if (transpose && std::abs(*transpose) > kFurthest) {
    throw Error(ErrorCode::invalid_argument,
                "transposition must lie within 24 semitones, got " + std::to_string(*transpose));
  }
  if (key && *key != kEasyKey) static_cast<void>(pitch_class_of(*key));
  static_cast<void>(reach_of(level, hand_span));
  if (velocity && (*velocity < 1 || *velocity > 127)) {
    throw Error(ErrorCode::invalid_argument, "velocity must lie between 1 and 127, got " + std::to_string(*velocity));
  }
}

PianoScore arrange(Score score, const PianoOptions& options, std::span<const float> loudness_db) {
  options.validate();
  score.grid.validate();
  validate_notes(score.notes);
  clean_notes(score.notes);
  if (score.notes.empty()) throw Error(ErrorCode::nothing_found, "there is no note to arrange");
  const bool played = has_dynamics(score.notes);
  PianoScore piano{.score = std::move(score), .level = options.level, .changes = {}};
  move_key(piano.score, options);
  if (options.repeated_melody == RepeatedMelody::held) {
    piano.changes = hold_repeated_melody(piano.score.notes, piano.score.grid);
  }
  const std::vector<NoteChange> more = arrange_for_piano(piano.score, options);
  piano.changes.insert(piano.changes.end(), more.begin(), more.end());
  std::stable_sort(piano.changes.begin(), piano.changes.end(),
                   [](const NoteChange& a, const NoteChange& b) { return a.before.onset < b.before.onset; });
  if (piano.score.notes.empty()) {
    throw Error(ErrorCode::nothing_found, "no note is left at level " + std::to_string(options.level));
  }
  if (options.level < kMediumLevel) piano.score.graces.clear();
  follow_main_notes(piano.score, piano.changes);
  set_dynamics(piano.score, options, loudness_db, played);
  return piano;
}

int pitch_class_of(const std::string& name) {
  constexpr std::array<int, 7> kNatural{9, 11, 0, 2, 4, 5, 7};  // A..G
  const char letter = name.empty() ? '\0' : static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  const std::string accidental = name.size() > 1 ? name.substr(1) : "";
  if (letter < 'A' || letter > 'G' || (!accidental.empty() && accidental != "#" && accidental != "b")) {
    throw Error(ErrorCode::invalid_argument,
                "'" + name + "' is not a key; write C, F#, Bb, ..., easy or a number of semitones");
  }
  const int shift = accidental == "#" ? 1 : accidental == "b" ? 11 : 0;
  return (kNatural[static_cast<std::size_t>(letter - 'A')] + shift) % 12;
}

}  // namespace pop2piano
