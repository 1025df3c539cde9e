// SPDX-License-Identifier: MIT
#include <pop2piano/cover.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/core/thread_pool.h"
#include "music/arrange/arranging.h"
#include "music/arrange/dynamics.h"
#include "music/arrange/held_melody.h"
#include "music/score/clean_notes.h"
#include "music/score/key.h"
#include "writing/cover/beats.h"
#include "writing/cover/song_input.h"

namespace pop2piano {
namespace {

constexpr const char* kEasyKey = "easy";

class StageClock {
 public:
  StageClock() = default;
  /// Goes on from stages that were measured before.
  explicit StageClock(std::vector<std::pair<std::string, double>> seconds) : seconds_(std::move(seconds)) {}

  /// Ends the stage that ran since the last call (or since construction) under this name.
  void lap(const std::string& stage) {
    const auto now = std::chrono::steady_clock::now();
    seconds_.emplace_back(stage, std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }
  [[nodiscard]] const std::vector<std::pair<std::string, double>>& seconds() const { return seconds_; }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  std::vector<std::pair<std::string, double>> seconds_;
};

std::string title_of(const Recording& recording, const CoverOptions& options) {
  return options.title.empty() ? recording.description().title : options.title;
}

void check(const Model& model, const std::vector<std::string>& styles, const CoverOptions& options) {
  for (const std::string& style : styles) static_cast<void>(model.style_index(style));
  if (options.transpose && options.key) {
    throw Error(ErrorCode::invalid_argument, "transpose either by semitones or to a key, not both");
  }
  if (options.transpose && std::abs(*options.transpose) > 24) {
    throw Error(ErrorCode::invalid_argument,
                "transposition must lie within 24 semitones, got " + std::to_string(*options.transpose));
  }
  if (options.key && *options.key != kEasyKey) static_cast<void>(pitch_class_of(*options.key));
  static_cast<void>(reach_of(options.level, options.hand_span));
  if (options.velocity && (*options.velocity < 1 || *options.velocity > 127)) {
    throw Error(ErrorCode::invalid_argument,
                "velocity must lie between 1 and 127, got " + std::to_string(*options.velocity));
  }
  if (!(options.melody_weight >= 0 && options.melody_weight <= 10)) {
    throw Error(ErrorCode::invalid_argument,
                "the melody's weight must lie between 0 and 10, got " + std::to_string(options.melody_weight));
  }
  if (options.overlap_beats < 0 || options.overlap_beats > 4) {
    throw Error(ErrorCode::invalid_argument,
                "segments must overlap by 0 to 4 beats, got " + std::to_string(options.overlap_beats));
  }
}

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

void transpose_as_asked(Score& score, const CoverOptions& options) {
  if (options.transpose) transpose(score, *options.transpose);
  if (!options.key || !score.key) return;
  const int semitones = *options.key == kEasyKey ? semitones_to_easy_key(*score.key)
                                                 : semitones_to_tonic(*score.key, pitch_class_of(*options.key));
  transpose(score, semitones);
}

// The grid reaches a little beyond the recording at both ends: what would begin outside is left out, what would sound
// on is cut.
void keep_within_the_recording(Score& score) {
  const auto last = static_cast<std::int32_t>(score.grid.size() - 1) * kStepsPerBeat;
  std::erase_if(score.notes, [&](const Note& note) {
    return note.onset >= last || score.grid.time_at(static_cast<double>(note.onset) / kStepsPerBeat) < 0.0;
  });
  for (Note& note : score.notes) note.duration = std::min(note.duration, last - note.onset);
}

// Written notes -> a score that two hands play and that follows the song's loudness.
void arrange(Cover& cover, const std::string& recording, const CoverOptions& options) {
  keep_within_the_recording(cover.score);
  clean_notes(cover.score.notes);
  if (cover.score.notes.empty()) {
    throw Error(ErrorCode::nothing_found,
                recording + ": no notes: the network heard nothing to play in style '" + cover.score.style + "'");
  }
  cover.score.key = find_key(cover.score.notes);
  transpose_as_asked(cover.score, options);
  cover.level = options.level;
  cover.changes = hold_repeated_tune(cover.score.notes, cover.score.grid);
  const std::vector<NoteChange> more =
      arrange_for_piano(cover.score, {.level = options.level, .hand_span = options.hand_span, .tune = options.tune});
  cover.changes.insert(cover.changes.end(), more.begin(), more.end());
  std::stable_sort(cover.changes.begin(), cover.changes.end(),
                   [](const NoteChange& a, const NoteChange& b) { return a.before.onset < b.before.onset; });
  if (options.velocity) {
    set_constant_velocity(cover.score, *options.velocity);
  } else {
    set_velocities(cover.score, cover.loudness_db);
  }
}

}  // namespace

std::vector<Cover> make_covers(const Recording& recording, const Model& model, const std::vector<std::string>& styles,
                               const CoverOptions& options, const Monitor& monitor) {
  check(model, styles, options);
  ThreadPool pool(options.threads);
  StageClock clock;
  const Rhythm rhythm = find_beats(recording, options.beats, pool, monitor);
  const BeatGrid grid = rhythm.grid.extended(0.0, recording.duration());
  clock.lap("beats");
  const std::vector<float> loudness = loudness_per_beat(recording, grid);
  const auto input = make_song_input(model.config(), recording, grid, rhythm.grid, options, pool, monitor);
  clock.lap("listen");
  std::vector<Cover> covers;
  for (const std::string& style : styles) {
    StageClock style_clock(clock.seconds());
    GenerateRequest request = input->request();
    request.style = model.style_index(style);
    const auto segments = generate(model, request, options.generation, pool, monitor);
    style_clock.lap("generate");
    Cover cover{.score = {.title = title_of(recording, options), .style = style, .grid = grid, .key = {}, .notes = {}},
                .rhythm = rhythm,
                .tune_by_network = input->tune_by_network(),
                .duration = recording.duration(),
                .segment_first_beats = input->first_beats(),
                .confidence = probabilities(segments),
                .segment_tokens = token_counts(segments),
                .loudness_db = loudness,
                .stage_seconds = {}};
    cover.score.notes = input->notes(segments);
    arrange(cover, recording.name(), options);
    style_clock.lap("arrange");
    cover.stage_seconds = style_clock.seconds();
    covers.push_back(std::move(cover));
  }
  return covers;
}

Cover make_cover(const Recording& recording, const Model& model, const std::string& style, const CoverOptions& options,
                 const Monitor& monitor) {
  return std::move(make_covers(recording, model, {style}, options, monitor).front());
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
