// SPDX-License-Identifier: MIT
#include "music/repeats/played_out.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "music/score/bars.h"

namespace pop2piano {
namespace {

constexpr int kMostBeatsPlayed = 200'000;

struct Ending {
  std::size_t first = 0, last = 0;  // sections [first, last)
  std::vector<int> numbers;
  int of_group = 1;  // the greatest number of the endings beside it

  [[nodiscard]] bool has(int pass) const { return std::find(numbers.begin(), numbers.end(), pass) != numbers.end(); }
};

/// Walks through the sections between marks.
class Player {
 public:
  Player(std::span<const RepeatMark> marks, int beats, int most_beats) : marks_(marks), most_beats_(most_beats) {
    std::set<int> cuts = {0, beats};
    for (const RepeatMark& mark : marks) cuts.insert(std::clamp(mark.beat, 0, beats));
    cuts_.assign(cuts.begin(), cuts.end());
    for (const RepeatMark& mark : marks) first_places_.try_emplace(mark.kind, section_of(mark.beat));
    find_endings();
  }

  std::vector<PlayedBeats> play() {
    std::size_t at = 0;
    while (at + 1 < cuts_.size()) {
      if (repeat_start_ != at && has(at, RepeatKind::forward)) begin_repeat(at);
      const Ending* ending = ending_of(at);
      if (ending != nullptr && at == ending->first && !ending->has(jumped_ ? ending->of_group : pass_)) {
        at = ending->last;
        continue;
      }
      emit(at);
      const std::optional<std::size_t> next = after(at, ending);
      if (!next) break;
      at = *next;
    }
    return std::move(order_);
  }

 private:
  [[nodiscard]] std::size_t section_of(int beat) const {
    return static_cast<std::size_t>(std::lower_bound(cuts_.begin(), cuts_.end(), beat) - cuts_.begin());
  }

  [[nodiscard]] const RepeatMark* find(std::size_t cut, RepeatKind kind) const {
    const auto first = std::lower_bound(marks_.begin(), marks_.end(), cuts_[cut],
                                        [](const RepeatMark& mark, int beat) { return mark.beat < beat; });
    for (auto mark = first; mark != marks_.end() && mark->beat == cuts_[cut]; ++mark) {
      if (mark->kind == kind) return &*mark;
    }
    return nullptr;
  }
  [[nodiscard]] bool has(std::size_t cut, RepeatKind kind) const { return find(cut, kind) != nullptr; }

  [[nodiscard]] std::optional<std::size_t> place_of(RepeatKind kind) const {
    const auto found = first_places_.find(kind);
    if (found == first_places_.end()) return std::nullopt;
    return found->second;
  }

  /// An ending that nothing closes goes on to the next repeat sign or ending.
  void find_endings() {
    for (const RepeatMark& mark : marks_) {
      const std::size_t first = section_of(mark.beat);
      if (mark.kind != RepeatKind::ending_start || first + 1 >= cuts_.size()) continue;
      std::size_t last = first + 1;
      while (last + 1 < cuts_.size() && !has(last, RepeatKind::ending_stop) && !has(last, RepeatKind::ending_start) &&
             !has(last, RepeatKind::backward)) {
        ++last;
      }
      endings_.push_back({.first = first, .last = last, .numbers = mark.endings});
    }
    for (std::size_t from = 0; from < endings_.size();) {
      std::size_t to = from + 1;
      while (to < endings_.size() && endings_[to].first == endings_[to - 1].last) ++to;
      int greatest = 1;
      for (std::size_t i = from; i < to; ++i)
        for (const int number : endings_[i].numbers) greatest = std::max(greatest, number);
      for (; from < to; ++from) endings_[from].of_group = greatest;
    }
  }

  [[nodiscard]] const Ending* ending_of(std::size_t section) const {
    const auto after = std::upper_bound(endings_.begin(), endings_.end(), section,
                                        [](std::size_t value, const Ending& ending) { return value < ending.first; });
    return after == endings_.begin() || section >= std::prev(after)->last ? nullptr : &*std::prev(after);
  }

  void begin_repeat(std::size_t section) {
    repeat_start_ = section;
    pass_ = 1;
  }

  /// The section that is played after this one; absent: the end.
  std::optional<std::size_t> after(std::size_t at, const Ending* ending) {
    const std::size_t end = at + 1;
    if (jumped_ && has(end, RepeatKind::fine)) return std::nullopt;
    if (const auto coda = place_of(RepeatKind::coda); jumped_ && coda && *coda > at && has(end, RepeatKind::to_coda)) {
      return coda;
    }
    const RepeatMark* backward = find(end, RepeatKind::backward);
    if (backward != nullptr && !jumped_ && pass_ < (ending != nullptr ? ending->of_group : backward->times)) {
      ++pass_;
      return repeat_start_;
    }
    const bool last_ending = ending != nullptr && end == ending->last && ending_of(end) == nullptr;
    if (backward != nullptr || last_ending) begin_repeat(end);
    const bool da_capo = has(end, RepeatKind::da_capo);
    if (!jumped_ && (da_capo || has(end, RepeatKind::dal_segno))) {
      jumped_ = true;
      begin_repeat(da_capo ? 0 : place_of(RepeatKind::segno).value_or(0));
      return repeat_start_;
    }
    return end;
  }

  void emit(std::size_t section) {
    const PlayedBeats span{cuts_[section], cuts_[section + 1]};
    played_ += span.last - span.first;
    if (played_ > most_beats_) {
      throw Error(ErrorCode::unsupported, "its repeats play more than " + std::to_string(most_beats_) +
                                              " beats; keep them, or correct how often they are played");
    }
    if (!order_.empty() && order_.back().last == span.first) {
      order_.back().last = span.last;
    } else {
      order_.push_back(span);
    }
  }

  std::span<const RepeatMark> marks_;
  int most_beats_;
  std::vector<int> cuts_;                           // [sections + 1] beats
  std::map<RepeatKind, std::size_t> first_places_;  // of the marks that are there
  std::vector<Ending> endings_;
  std::vector<PlayedBeats> order_;
  std::size_t repeat_start_ = 0;
  int pass_ = 1;
  std::int64_t played_ = 0;
  bool jumped_ = false;
};

/// What holds from a beat on (keys, metres, sections): each stretch begins with what held where it is written.
template <typename Span>
std::vector<Span> played_spans(const std::vector<Span>& spans, std::span<const PlayedBeats> order) {
  std::vector<Span> played;
  const auto put = [&played](Span span, int beat) {
    span.first_beat = beat;
    Span before = played.empty() ? span : played.back();
    before.first_beat = beat;
    if (played.empty() || !(before == span)) played.push_back(span);
  };
  int start = 0;
  for (const auto& [first, last] : order) {
    const auto after = std::upper_bound(spans.begin(), spans.end(), first,
                                        [](int beat, const Span& span) { return beat < span.first_beat; });
    if (after != spans.begin()) put(*std::prev(after), start);
    for (auto span = after; span != spans.end() && span->first_beat < last; ++span) {
      put(*span, start + span->first_beat - first);
    }
    start += last - first;
  }
  return played;
}

std::vector<FineBeat> played_fine(const std::vector<FineBeat>& fine, std::span<const PlayedBeats> order) {
  std::vector<FineBeat> played;
  int start = 0;
  for (const auto& [first, last] : order) {
    auto beat = std::lower_bound(fine.begin(), fine.end(), first,
                                 [](const FineBeat& entry, int value) { return entry.beat < value; });
    for (; beat != fine.end() && beat->beat < last; ++beat) {
      played.push_back(*beat);
      played.back().beat += start - first;
    }
    start += last - first;
  }
  return played;
}

BeatGrid played_grid(const BeatGrid& grid, std::span<const PlayedBeats> order) {
  const auto& [times, numbers, confidence, beats_per_bar, lengths, metres, fine] =
      grid;  // a new member must be played out as well
  BeatGrid played{.times = {grid.time_at(order.front().first)},
                  .numbers = {},
                  .confidence = {},
                  .beats_per_bar = beats_per_bar,
                  .lengths = {},
                  .metres = played_spans(metres, order),
                  .fine = played_fine(fine, order)};
  for (const PlayedBeats& span : order) {
    for (int beat = span.first; beat < span.last; ++beat) {
      played.times.push_back(played.times.back() + grid.time_at(beat + 1) - grid.time_at(beat));
      played.numbers.push_back(beat_number(grid, beat));
      const auto known = std::min(static_cast<std::size_t>(beat), times.size() - 1);
      if (!confidence.empty()) played.confidence.push_back(confidence[known]);
      if (!lengths.empty()) played.lengths.push_back(lengths[known]);
    }
  }
  played.numbers.push_back(beat_number(grid, order.back().last));
  if (!confidence.empty()) played.confidence.push_back(confidence.back());
  if (!lengths.empty()) played.lengths.push_back(lengths.back());
  return played;
}

std::vector<ChordSpan> played_chords(const std::vector<ChordSpan>& chords, std::span<const PlayedBeats> order) {
  std::vector<ChordSpan> played;
  int start = 0;
  for (const auto& [first, last] : order) {
    auto begin = std::upper_bound(chords.begin(), chords.end(), first,
                                  [](int beat, const ChordSpan& chord) { return beat < chord.first_beat; });
    if (begin != chords.begin()) --begin;
    for (auto it = begin; it != chords.end() && it->first_beat < last; ++it) {
      ChordSpan chord = *it;
      const int from = std::max(first, chord.first_beat), to = std::min(last, chord.first_beat + chord.beats);
      if (from >= to) continue;
      chord.first_beat = start + from - first;
      chord.beats = to - from;
      played.push_back(chord);
    }
    start += last - first;
  }
  return played;
}

/// Of the grid, and to the last note's.
int beats_of(const Score& score) {
  int beats = static_cast<int>(score.grid.size()) - 1;
  for (const Note& note : score.notes) beats = std::max(beats, beat_of_step(note.onset) + 1);
  return beats;
}

/// `notes` ordered by onset. Those before beat 0 belong to it, those behind the last beat to that.
std::vector<Note> played_notes(const std::vector<Note>& notes, std::span<const PlayedBeats> order, int beats) {
  constexpr int kFar = std::numeric_limits<int>::max() / 2;
  std::vector<Note> played;
  int start = 0;
  for (const auto& [first, last] : order) {
    const int from = first == 0 ? -kFar : first * kStepsPerBeat, to = last == beats ? kFar : last * kStepsPerBeat;
    const auto begin = std::lower_bound(notes.begin(), notes.end(), from,
                                        [](const Note& note, int step) { return note.onset < step; });
    for (auto it = begin; it != notes.end() && it->onset < to; ++it) {
      Note note = *it;
      note.duration = std::min(note.duration, to - note.onset);
      note.onset += (start - first) * kStepsPerBeat;
      played.push_back(note);
    }
    start += last - first;
  }
  return played;
}

std::vector<GraceNote> played_graces(const std::vector<GraceNote>& graces, std::span<const PlayedBeats> order) {
  std::vector<GraceNote> played;
  int start = 0;
  for (const auto& [first, last] : order) {
    auto grace = std::lower_bound(graces.begin(), graces.end(), first * kStepsPerBeat,
                                  [](const GraceNote& one, int step) { return one.onset < step; });
    for (; grace != graces.end() && grace->onset < last * kStepsPerBeat; ++grace) {
      played.push_back(*grace);
      played.back().onset += (start - first) * kStepsPerBeat;
    }
    start += last - first;
  }
  return played;
}

}  // namespace

std::vector<PlayedBeats> playing_order(std::span<const RepeatMark> marks, int beats, int most_beats) {
  return Player(marks, beats, most_beats).play();
}

std::vector<PlayedBeats> beats_played(const Score& score) {
  if (score.repeats.empty()) return {};
  return playing_order(score.repeats, beats_of(score), kMostBeatsPlayed);
}

Score played_out(const Score& score) {
  // A new member of Score must be played out as well.
  const auto& [title, style, grid, key, notes, chords, keys, sections, repeats, written, swing, graces] = score;
  if (repeats.empty()) return score;
  std::vector<Note> ordered = notes;
  sort_notes(ordered);
  std::vector<PlayedBeats> order;
  try {
    order = beats_played(score);
  } catch (const Error& error) {
    throw Error(error.code(), title + ": " + error.what());
  }
  return {.title = title,
          .style = style,
          .grid = played_grid(grid, order),
          .key = key,
          .notes = played_notes(ordered, order, beats_of(score)),
          .chords = played_chords(chords, order),
          .keys = played_spans(keys, order),
          .sections = played_spans(sections, order),
          .repeats = {},
          .written = written,
          .swing = swing,
          .graces = played_graces(graces, order)};
}

}  // namespace pop2piano
