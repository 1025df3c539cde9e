// SPDX-License-Identifier: MIT
#include "music/notation/notation.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "music/arrange/fingering.h"
#include "music/notation/grace_notes.h"
#include "music/notation/voices.h"
#include "music/score/clean_notes.h"
#include "music/score/key_spans.h"

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;

Hand staff_of(const Note& note) {
  if (note.hand != Hand::unassigned) return note.hand;
  return note.voice == Voice::melody || note.pitch >= 60 ? Hand::right : Hand::left;
}

/// `fingers` [notes], or empty.
std::vector<StaffNote> staff_notes(std::span<const Note> notes, std::span<const SpelledPitch> names,
                                   std::span<const std::uint8_t> fingers, Hand hand) {
  std::vector<StaffNote> out;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (staff_of(notes[i]) != hand) continue;
    out.push_back({notes[i].onset, notes[i].offset(), notes[i].pitch, notes[i].voice == Voice::melody, names[i],
                   fingers.empty() ? 0 : fingers[i]});
    out.back().source = static_cast<int>(i);
  }
  return out;
}

/// Names of ordered notes, each in the key of its time.
std::vector<SpelledPitch> spelled(const Score& score, std::span<const Note> notes, const Key& key) {
  const std::vector<ChordSpan> chords = chords_of(score);
  if (score.keys.empty()) return spell_notes(notes, key, chords);
  std::vector<SpelledPitch> names;
  for (std::size_t from = 0; from < notes.size();) {
    const Key here = key_at(score, beat_of_step(notes[from].onset));
    std::size_t to = from;
    while (to < notes.size() && key_at(score, beat_of_step(notes[to].onset)) == here) ++to;
    const auto part = spell_notes(notes.subspan(from, to - from), here, chords);
    names.insert(names.end(), part.begin(), part.end());
    from = to;
  }
  return names;
}

/// Fingers of the staves: notes without hand are played by the one whose staff they are on. A chord that is struck
/// again does not show them again.
std::vector<std::uint8_t> fingers_of(std::vector<Note> notes) {
  for (Note& note : notes) note.hand = staff_of(note);
  std::vector<std::uint8_t> fingers = find_fingers(notes);
  using Chord = std::map<int, std::uint8_t>;  // pitch -> finger
  std::map<Hand, Chord> shown;
  for (std::size_t first = 0; first < notes.size();) {
    std::size_t last = first;
    std::map<Hand, Chord> here;
    for (; last < notes.size() && notes[last].onset == notes[first].onset; ++last) {
      here[notes[last].hand][notes[last].pitch] = fingers[last];
    }
    for (; first < last; ++first) {
      if (shown[notes[first].hand] == here[notes[first].hand]) fingers[first] = 0;
    }
    for (const auto& [hand, chord] : here) shown[hand] = chord;
  }
  return fingers;
}

/// How the beats of a swung song are told from triplets: nearly every off-beat comes at two thirds of its beat.
class SwungBeats {
 public:
  explicit SwungBeats(std::span<const Note> notes) {
    constexpr int kLeast = 16;       // swung beats
    std::map<int, unsigned> onsets;  // beat -> bit for each step of it
    for (const Note& note : notes) {
      const int beat = beat_of_step(note.onset);
      onsets[beat] |= 1U << (note.onset - beat * kBeat);
    }
    int swung = 0, straight = 0;
    for (const auto& [beat, steps] : onsets) {
      if ((steps & kOffbeats) == kSwungEighth) {
        swung_beats_.insert(beat);
        ++swung;
      } else if ((steps & kOffbeats) != 0) {
        ++straight;
      }
    }
    found_ = swung >= kLeast && swung >= 2 * straight;
  }

  [[nodiscard]] bool found() const { return found_; }

  /// The long and the short part of a swung beat as equal eighths.
  [[nodiscard]] int straightened(int step) const {
    const int beat = beat_of_step(step);
    const bool moves = step - beat * kBeat == kLongPart && swung_beats_.count(beat) > 0;
    return moves ? beat * kBeat + kBeat / 2 : step;
  }

  static constexpr double kRatio = 2.0;  // of the long to the short part

 private:
  static constexpr int kLongPart = 8;  // steps
  static constexpr unsigned kSwungEighth = 1U << kLongPart;
  static constexpr unsigned kOffbeats = ((1U << kBeat) - 1) & ~1U;
  std::set<int> swung_beats_;
  bool found_ = false;
};

bool is_of_eighths(const Swing& swing) { return swing.swings() && swing.pair == kBeat; }

/// The bars from the first note to the end of the last; `whole`: of all the grid.
std::vector<Bar> written_bars(const BeatGrid& grid, bool whole, const std::array<StaffLines, 2>& staves) {
  int first = std::numeric_limits<int>::max(), last = std::numeric_limits<int>::min();
  for (const StaffLines& lines : staves) {
    for (const std::vector<LineChord>* line : {&lines.upper, &lines.lower}) {
      if (line->empty()) continue;
      first = std::min(first, line->front().onset);
      last = std::max(last, line->back().end);
    }
  }
  if (whole) {
    const int end = first > last ? 1 : beat_of_step(last - 1) + 1;
    return bars_between(grid, std::min(0, first > last ? 0 : beat_of_step(first)),
                        std::max(end, static_cast<int>(grid.size()) - 1));
  }
  if (first > last) return bars_between(grid, 0, 1);
  const int first_beat = beat_of_step(first), last_beat = beat_of_step(last - 1) + 1;
  const int start = bar_start(grid, first_beat);
  std::vector<Bar> bars = bars_between(grid, start, last_beat);
  if (2 * (first_beat - start) >= bars.front().beats) {
    bars = bars_between(grid, first_beat, last_beat);
    bars.front().pickup = first_beat != start;
  }
  return bars;
}

/// Where bars begin, from the bar of the first note on.
Barlines barlines_of(const BeatGrid& grid, std::span<const Note> notes) {
  if (notes.empty()) return {};
  int last = notes.front().offset();
  for (const Note& note : notes) last = std::max(last, note.offset());
  Barlines barlines;
  for (const Bar& bar :
       bars_between(grid, bar_start(grid, beat_of_step(notes.front().onset)), beat_of_step(last) + 2)) {
    barlines.push_back(bar.first_beat * kBeat);
  }
  return barlines;
}

/// How finely a quarter must be divided so that every step of these beats is a whole number of divisions.
int divisions_of(const BeatGrid& grid) {
  constexpr int kParts = kQuarterLength * kBeat;
  int divisions = kParts / std::gcd(kQuarterLength, kParts);
  if (!grid.lengths.empty()) divisions = 1;
  for (const std::int16_t length : grid.lengths)
    divisions = std::lcm(divisions, kParts / std::gcd<int>(length, kParts));
  for (const FineBeat& entry : grid.fine) {
    constexpr int kFine = kQuarterLength * kFineParts;
    divisions = std::lcm(divisions, kFine / std::gcd(beat_length(grid, entry.beat), kFine));
  }
  return divisions;
}

WrittenBar written_bar(const Score& score, const Bar& bar, int divisions) {
  WrittenBar written;
  written.bar = bar;
  written.metre = metre_of(score.grid, bar);
  written.places = {0};
  for (int i = 0; i < bar.beats; ++i) {
    const int length = beat_length(score.grid, bar.first_beat + i);
    written.places.push_back(written.places.back() + length * divisions / kQuarterLength);
  }
  const auto earlier = [](const FineBeat& entry, int beat) { return entry.beat < beat; };
  const auto& fine = score.grid.fine;
  auto next = std::lower_bound(fine.begin(), fine.end(), bar.first_beat, earlier);
  for (; next != fine.end() && next->beat < bar.first_beat + bar.beats; ++next) written.fine.push_back(*next);
  return written;
}

/// Cuts a line into bars. Times become divisions of the bar; notes that go on are tied.
std::vector<LineChord> part_within(const std::vector<LineChord>& line, std::size_t& next, const WrittenBar& bar) {
  const int start = bar.bar.first_beat * kBeat, end = start + bar.bar.beats * kBeat;
  std::vector<LineChord> part;
  while (next < line.size() && line[next].end <= start) ++next;
  for (std::size_t i = next; i < line.size() && line[i].onset < end; ++i) {
    LineChord chord = line[i];
    for (WrittenNote& note : chord.notes) {
      note.tied_from = note.tied_from || chord.onset < start;
      note.tied_to = note.tied_to || chord.end > end;
    }
    chord.onset = bar.place_of(std::max(chord.onset, start));
    chord.end = bar.place_of(std::min(chord.end, end));
    part.push_back(std::move(chord));
  }
  return part;
}

class VoiceWriter {
 public:
  VoiceWriter(const std::vector<LineChord>& part, const WrittenBar& bar, int divisions, bool hide_rests)
      : part_(part), hide_rests_(hide_rests) {
    std::vector<int> boundaries;
    for (const LineChord& chord : part) {
      boundaries.push_back(chord.onset);
      if (chord.end < bar.length()) boundaries.push_back(chord.end);
    }
    shape_ = bar_shape(divisions, bar.places, boundaries);
  }

  std::vector<WrittenChord> run() {
    if (part_.empty()) {
      WrittenChord rest;
      rest.steps = shape_.length();
      rest.whole_bar_rest = true;
      rest.hidden = hide_rests_;
      return {rest};
    }
    int position = 0;
    for (const LineChord& chord : part_) {
      if (chord.onset > position) put(position, chord.onset, nullptr);
      put(chord.onset, chord.end, &chord);
      position = chord.end;
    }
    if (position < shape_.length()) put(position, shape_.length(), nullptr);
    mark_tuplets();
    return std::move(chords_);
  }

 private:
  void put(int start, int end, const LineChord* source) {
    const std::vector<ValuePiece> pieces =
        split_span(start, end, shape_, source != nullptr ? SpanKind::note : SpanKind::rest);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      WrittenChord chord;
      chord.onset = pieces[i].onset;
      chord.steps = pieces[i].steps;
      chord.value = pieces[i].value;
      chord.hidden = source == nullptr && hide_rests_;
      if (source != nullptr) {
        chord.notes = source->notes;
        for (WrittenNote& note : chord.notes) {
          note.tied_from = note.tied_from || i > 0;
          note.tied_to = note.tied_to || i + 1 < pieces.size();
        }
      }
      chords_.push_back(std::move(chord));
    }
  }

  void mark_tuplets() {
    for (WrittenChord& chord : chords_) {
      if (!chord.value.is_tuplet()) continue;
      chord.tuplet_start = is_beat(chord.onset);
      chord.tuplet_stop = is_beat(chord.onset + chord.steps);
    }
  }

  [[nodiscard]] bool is_beat(int place) const {
    return std::binary_search(shape_.places.begin(), shape_.places.end(), place);
  }

  const std::vector<LineChord>& part_;
  bool hide_rests_;
  BarShape shape_;
  std::vector<WrittenChord> chords_;
};

int beam_count(const WrittenChord& chord) {
  return chord.is_rest() ? 0 : std::clamp(-chord.value.power, 0, static_cast<int>(kBeamLevels));
}

/// Where beams may not go on: at every beat, or only at the half bar when it holds nothing but eighths.
std::vector<int> beam_group_ids(const std::vector<WrittenChord>& chords, const WrittenBar& bar, int divisions) {
  std::vector<int> ids;
  ids.reserve(chords.size());
  for (const WrittenChord& chord : chords) {
    const auto after = std::upper_bound(bar.places.begin(), bar.places.end(), chord.onset);
    ids.push_back(static_cast<int>(after - bar.places.begin()) - 1);
  }
  if (bar.bar.beats != 4 || bar.length() != 4 * divisions) return ids;
  for (const int half : {0, 2 * divisions}) {
    const auto inside = [&](const WrittenChord& c) { return c.onset >= half && c.onset < half + 2 * divisions; };
    const bool eighths = std::all_of(chords.begin(), chords.end(), [&](const WrittenChord& c) {
      return !inside(c) || (!c.is_rest() && c.value.power == -1 && c.value.dots == 0 && !c.value.is_tuplet());
    });
    for (std::size_t i = 0; i < chords.size(); ++i) {
      if (eighths && inside(chords[i])) ids[i] = half / divisions;
    }
  }
  return ids;
}

void beam_group(std::vector<WrittenChord>& chords, std::size_t first, std::size_t last) {
  if (last - first < 2) return;
  for (std::size_t level = 0; level < kBeamLevels; ++level) {
    const auto beamed = [&](std::size_t i) { return beam_count(chords[i]) > static_cast<int>(level); };
    for (std::size_t i = first; i < last; ++i) {
      if (!beamed(i)) continue;
      const bool before = i > first && beamed(i - 1);
      const bool after = i + 1 < last && beamed(i + 1);
      BeamState& state = chords[i].beams[level];
      if (before) {
        state = after ? BeamState::go_on : BeamState::end;
      } else if (after) {
        state = BeamState::begin;
      } else {
        state = i > first ? BeamState::backward_hook : BeamState::forward_hook;
      }
    }
  }
}

void add_beams(std::vector<WrittenChord>& chords, const WrittenBar& bar, int divisions) {
  const std::vector<int> ids = beam_group_ids(chords, bar, divisions);
  for (std::size_t first = 0; first < chords.size();) {
    std::size_t last = first;
    while (last < chords.size() && beam_count(chords[last]) > 0 && ids[last] == ids[first]) ++last;
    beam_group(chords, first, last);
    first = std::max(last, first + 1);
  }
}

/// Which accidentals have to be shown on one staff in one bar, in the order of time over its voices.
void add_accidentals(std::vector<WrittenVoice>& voices, int staff, int fifths) {
  std::vector<WrittenChord*> chords;
  for (WrittenVoice& voice : voices) {
    if (voice.staff != staff) continue;
    for (WrittenChord& chord : voice.chords) chords.push_back(&chord);
  }
  std::stable_sort(chords.begin(), chords.end(),
                   [](const WrittenChord* a, const WrittenChord* b) { return a->onset < b->onset; });
  std::map<std::pair<char, int>, int> in_force;  // (step, octave) -> alteration
  for (WrittenChord* chord : chords) {
    std::vector<WrittenNote*> notes;
    for (WrittenGrace& grace : chord->graces) notes.push_back(&grace.note);
    for (WrittenNote& note : chord->notes) notes.push_back(&note);
    for (WrittenNote* of_chord : notes) {
      WrittenNote& note = *of_chord;
      const std::pair place(note.name.step, note.name.octave);
      const auto found = in_force.find(place);
      const int expected = found != in_force.end() ? found->second : signature_alter(note.name.step, fifths);
      if (note.name.alter == expected || note.tied_from) continue;
      note.accidental = note.name.alter;
      in_force[place] = note.name.alter;
    }
  }
}

/// The two lines of a staff, cut into bars from left to right.
struct StaffCursor {
  const StaffLines& lines;
  std::size_t upper = 0, lower = 0;
};

void append_voices(StaffCursor& cursor, int staff, int divisions, WrittenBar& bar) {
  const auto upper = part_within(cursor.lines.upper, cursor.upper, bar);
  const auto lower = part_within(cursor.lines.lower, cursor.lower, bar);
  const auto is_tied = [](const WrittenNote& note) { return note.tied_from || note.tied_to; };
  const bool only_lower = upper.empty() && !lower.empty() &&  // a tie must not change its voice
                          std::none_of(lower.front().notes.begin(), lower.front().notes.end(), is_tied) &&
                          std::none_of(lower.back().notes.begin(), lower.back().notes.end(), is_tied);
  bar.voices.push_back({staff, 1, VoiceWriter(only_lower ? lower : upper, bar, divisions, false).run()});
  if (!lower.empty() && !only_lower) {
    bar.voices.push_back({staff, 2, VoiceWriter(lower, bar, divisions, true).run()});
  }
}

}  // namespace

int WrittenBar::place_of(int step) const {
  const int within = step - bar.first_beat * kBeat;
  const auto beat = static_cast<std::size_t>(std::clamp(within / kBeat, 0, bar.beats - 1));
  const std::int64_t length = places[beat + 1] - places[beat];
  const auto entry = std::lower_bound(fine.begin(), fine.end(), bar.first_beat + static_cast<int>(beat),
                                      [](const FineBeat& one, int value) { return one.beat < value; });
  const int step_within = within - static_cast<int>(beat) * kBeat;
  if (entry != fine.end() && entry->beat == bar.first_beat + static_cast<int>(beat) && step_within < kBeat) {
    return places[beat] + static_cast<int>(length * entry->places[static_cast<std::size_t>(step_within)] / kFineParts);
  }
  return places[beat] + (within - static_cast<int>(beat) * kBeat) * static_cast<int>(length) / kBeat;
}

Notation notate(const Score& score, NotationStyle style, Fingering fingering) {
  std::vector<Note> notes = score.notes;
  sort_notes(notes);
  Notation notation;
  const Key key = key_at(score, 0);  // of the whole song where it has but one
  const std::vector<SpelledPitch> names = spelled(score, notes, key);
  GraceNotes graces(score, notes, spelled(score, notes_of(score.graces), key));
  const std::vector<std::uint8_t> fingers =
      fingering == Fingering::shown ? fingers_of(notes) : std::vector<std::uint8_t>{};
  const BeatKind kind = usual_beat_length(score.grid) % 3 == 0 ? BeatKind::dotted : BeatKind::plain;
  const SwungBeats swung(notes);
  notation.swing = score.swing;
  const bool straighten = style == NotationStyle::readable && !score.written && kind == BeatKind::plain &&
                          (swung.found() || is_of_eighths(score.swing));
  if (straighten && !notation.swing.swings()) notation.swing.ratio = SwungBeats::kRatio;
  const Barlines barlines = barlines_of(score.grid, notes);
  std::array<std::vector<StaffNote>, 2> parts;
  for (const Hand hand : {Hand::right, Hand::left}) {
    std::vector<StaffNote>& part = parts[hand == Hand::right ? 0 : 1];
    part = staff_notes(notes, names, fingers, hand);
    if (straighten) {
      for (StaffNote& note : part) {
        note.onset = swung.straightened(note.onset);
        note.end = swung.straightened(note.end);
      }
    }
    if (style == NotationStyle::readable && !score.written) quantise(part, kind);
  }
  release_keys(parts);
  const std::array<StaffLines, 2> staves{split_voices(parts[0], Hand::right, style, barlines),
                                         split_voices(parts[1], Hand::left, style, barlines)};
  std::array<StaffCursor, 2> cursors{StaffCursor{staves[0]}, StaffCursor{staves[1]}};
  notation.divisions = divisions_of(score.grid);
  for (const Bar& bar : written_bars(score.grid, score.written, staves)) {
    WrittenBar written = written_bar(score, bar, notation.divisions);
    written.key = score.keys.empty() ? key : key_at(score, bar.first_beat);
    for (const int staff : {1, 2}) {
      append_voices(cursors[static_cast<std::size_t>(staff - 1)], staff, notation.divisions, written);
    }
    graces.put(written);
    for (const int staff : {1, 2}) add_accidentals(written.voices, staff, written.key.fifths);
    for (WrittenVoice& voice : written.voices) add_beams(voice.chords, written, notation.divisions);
    notation.bars.push_back(std::move(written));
  }
  return notation;
}

}  // namespace pop2piano
