// SPDX-License-Identifier: MIT
#include "writing/cover/written_file.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>

#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "base/core/sealed_file.h"
#include "listening/analysis/described.h"
#include "listening/analysis/rhythm_answers.h"
#include "music/score/clean_notes.h"
#include "writing/cover/written_swing.h"

namespace pop2piano {

// In the library's namespace, as value_bytes.h asks for.

template <typename Archive>
void fields(Archive& archive, Described<Archive, Note>& v) {
  archive(v.onset, v.duration, v.pitch, v.velocity, v.voice, v.hand);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, SongSection>& v) {
  archive(v.first_beat, v.letter);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, ChordSpan>& v) {
  archive(v.first_beat, v.beats, v.root, v.quality, v.bass);
}

/// As it is written there are no changes of key; how it swings is the rhythm's.
template <typename Archive>
void fields(Archive& archive, Described<Archive, Score>& v) {
  archive(v.title, v.style, v.grid, v.key, v.notes, v.chords, v.sections);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, PlannedPassage>& v) {
  archive(v.first_bar, v.last_bar, v.section, v.style);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, Written>& v) {
  archive(v.score, v.rhythm, v.tuning, v.peak_db, v.loudness_db, v.duration, v.melody_by_network, v.accompaniment,
          v.plan, v.remarks, v.segment_first_beats, v.confidence, v.segment_tokens);
}

namespace {

constexpr double kMostSwing = 4;
constexpr Seal kSeal{.magic = "P2PWRITN",
                     .version = 3,
                     .what = "a kept score",
                     .remedy = "write it again from the analysis or the recording"};

void check_plan(const Plan& plan, const auto& require) {
  int last = -1;
  for (const PlannedPassage& p : plan) {
    require(p.first_bar > last && p.last_bar >= p.first_bar, "bars of the plan");
    last = p.last_bar;
  }
}

void check(const Written& w, const std::string& name) {
  const auto require = [&](bool holds, const std::string& what) {
    if (!holds) throw Error(ErrorCode::malformed, name + ": a kept score contradicts itself: " + what);
  };
  try {
    w.score.grid.validate();
    w.rhythm.grid.validate();
    validate_notes(w.score.notes);
  } catch (const Error& error) {
    require(false, error.what());
  }
  constexpr int kMostBeatsPerBar = 1000;
  require(w.score.grid.beats_per_bar <= kMostBeatsPerBar && w.rhythm.grid.beats_per_bar <= kMostBeatsPerBar,
          "beats in a bar");
  for (const auto& key : {w.score.key, w.rhythm.key}) require(!key || std::abs(key->fifths) <= 7, "key");
  require(w.rhythm.swing_ratio >= 1 && w.rhythm.swing_ratio <= kMostSwing, "swing");
  require(answers_hold(w.rhythm), "chances of its rhythm");
  const auto end = static_cast<std::int64_t>(w.score.grid.size() - 1) * kStepsPerBeat;
  for (const Note& note : w.score.notes) {
    require(note.onset >= 0 && note.offset() <= end, "a note outside the recording");
    require(note.voice == Voice::melody || note.voice == Voice::accompaniment, "voice of a note");
    require(note.hand <= Hand::left, "hand of a note");
  }
  int beat = -1;
  for (const SongSection& section : w.score.sections) {
    require(section.first_beat > beat && static_cast<std::size_t>(section.first_beat) < w.score.grid.size(),
            "sections");
    require(section.letter >= 0 && static_cast<std::size_t>(section.letter) < w.score.sections.size(), "sections");
    beat = section.first_beat;
  }
  check_plan(w.plan, require);
  int chord_end = 0;
  for (const ChordSpan& chord : w.score.chords) {
    require(chord.first_beat >= chord_end && chord.beats >= 1 &&
                chord.beats <= static_cast<std::int64_t>(w.score.grid.size()) - chord.first_beat,
            "place of a chord");
    require(chord.root >= 0 && chord.root < 12 && chord.bass >= 0 && chord.bass < 12 &&
                chord.quality <= ChordQuality::half_diminished,
            "a chord");
    chord_end = chord.first_beat + chord.beats;
  }
  require(w.accompaniment <= Accompaniment::figures, "who wrote the accompaniment");
  require(std::isfinite(w.duration) && w.duration >= 0.0, "duration");
  require(w.loudness_db.size() == w.score.grid.size(), "loudness of every beat");
  const std::size_t segments = w.segment_first_beats.size();
  require(w.confidence.size() == segments && w.segment_tokens.size() == segments, "segments");
  require(std::is_sorted(w.segment_first_beats.begin(), w.segment_first_beats.end()), "order of the segments");
}

}  // namespace

std::vector<std::byte> encode_written(const Written& written) {
  ValueWriter values;
  values(written);
  return sealed(kSeal, values.bytes());
}

Written decode_written_values(std::span<const std::byte> values, const std::string& name) {
  ValueReader reader(values, name);
  Written written;
  reader(written);
  reader.expect_end();
  check(written, name);
  written.score.swing = swing_of(written.rhythm);
  return written;
}

Written decode_written(std::span<const std::byte> bytes, const std::string& name) {
  return decode_written_values(unsealed(kSeal, bytes, name), name);
}

void save_written(const Written& written, const std::filesystem::path& file) {
  write_file(file, encode_written(written));
}

Written load_written(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  return decode_written(mapped.bytes(), file.string());
}

}  // namespace pop2piano
