// SPDX-License-Identifier: MIT
#include "music/arrange/melody_on_top.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "music/score/clean_notes.h"

namespace pop2piano {
namespace {

constexpr int kSilent = 128;                                      // above every pitch
constexpr int kBrief = kStepsPerBeat / 4;                         // steps; what is cut shorter is moved or left out
constexpr int kLowestInner = 40, kLowestBass = 28, kOctave = 12;  // below, chords are mud

/// The highest note of the melody at every time.
class MelodyLine {
 public:
  explicit MelodyLine(std::span<const Note> notes) {
    std::map<int, std::vector<std::pair<int, bool>>> events;  // step -> (pitch, begins)
    for (const Note& note : notes) {
      if (note.voice != Voice::melody) continue;
      events[note.onset].emplace_back(note.pitch, true);
      events[note.offset()].emplace_back(note.pitch, false);
    }
    std::multiset<int> sounding;
    for (const auto& [step, changes] : events) {
      for (const auto& [pitch, begins] : changes) {
        if (begins) {
          sounding.insert(pitch);
        } else {
          sounding.erase(sounding.find(pitch));
        }
      }
      starts_.push_back(step);
      tops_.push_back(sounding.empty() ? kSilent : *sounding.rbegin());
    }
  }

  /// The first step of [from, to) at which the melody lies below `pitch`; `to` when there is none.
  [[nodiscard]] int first_below(int pitch, int from, int to) const {
    for (std::size_t i = segment(from); i < starts_.size() && starts_[i] < to; ++i) {
      if (tops_[i] < pitch) return std::max(from, starts_[i]);
    }
    return to;
  }

  [[nodiscard]] std::int64_t steps_below(int pitch, int from, int to) const {
    std::int64_t steps = 0;
    for (std::size_t i = segment(from); i < starts_.size() && starts_[i] < to; ++i) {
      const int end = i + 1 < starts_.size() ? std::min(to, starts_[i + 1]) : to;
      if (tops_[i] < pitch) steps += end - std::max(from, starts_[i]);
    }
    return steps;
  }

 private:
  /// The segment that holds a step, or the first.
  [[nodiscard]] std::size_t segment(int step) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), step);
    return after == starts_.begin() ? 0 : static_cast<std::size_t>(after - starts_.begin()) - 1;
  }

  std::vector<int> starts_;  // steps, ascending
  std::vector<int> tops_;    // highest pitch from there on
};

/// When each key is down.
class Keyboard {
 public:
  explicit Keyboard(std::span<const Note> notes) {
    for (const Note& note : notes) press(note);
  }
  void press(const Note& note) { down_[static_cast<std::size_t>(note.pitch)][note.onset] = note.offset(); }
  void release(const Note& note) { down_[static_cast<std::size_t>(note.pitch)].erase(note.onset); }

  /// How long a key can be held from `onset` on, at most until `end`; 0 when it is down then.
  [[nodiscard]] int free_steps(int pitch, int onset, int end) const {
    const auto& times = down_[static_cast<std::size_t>(pitch)];
    const auto next = times.lower_bound(onset);
    if (next != times.begin() && std::prev(next)->second > onset) return 0;
    return next == times.end() ? end - onset : std::min(end, next->first) - onset;
  }

 private:
  std::array<std::map<int, int>, 128> down_;  // onset -> offset
};

class Clearing {
 public:
  Clearing(std::vector<Note>& notes, MelodyRoom room) : notes_(notes), room_(room), melody_(notes), keys_(notes) {}

  std::vector<NoteChange> run() {
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      Note& note = notes_[i];
      if (note.voice == Voice::melody) continue;
      const int below = melody_.first_below(note.pitch, note.onset, note.offset());
      if (below < note.offset()) clear(note, below, is_lowest(i));
    }
    std::erase_if(notes_, [](const Note& note) { return note.duration == 0; });
    sort_notes(notes_);
    return std::move(changes_);
  }

 private:
  [[nodiscard]] bool is_lowest(std::size_t index) const {
    const Note& note = notes_[index];
    for (std::size_t i = index + 1; i < notes_.size() && notes_[i].onset == note.onset; ++i) {
      if (notes_[i].pitch < note.pitch && notes_[i].duration > 0) return false;
    }
    return true;
  }

  void clear(Note& note, int below, bool lowest) {
    const Note before = note;
    keys_.release(note);
    if (below - note.onset >= kBrief || (room_ == MelodyRoom::cut && below > note.onset)) {
      note.duration = below - note.onset;
      keys_.press(note);
      return report(ChangeKind::shortened, before, note);
    }
    if (room_ == MelodyRoom::move && lower(note, lowest ? kLowestBass : kLowestInner)) {
      keys_.press(note);
      return report(ChangeKind::moved, before, note);
    }
    note.duration = 0;
    report(ChangeKind::dropped, before, before);
  }

  /// To the highest octave at which it lies below the melody for most of its time.
  bool lower(Note& note, int lowest) const {
    const int wanted = std::min<int>(note.duration, 2 * kBrief);
    for (int pitch = note.pitch - kOctave; pitch >= lowest; pitch -= kOctave) {
      const int end = note.onset + keys_.free_steps(pitch, note.onset, note.offset());
      const int clear = melody_.first_below(pitch, note.onset, end) - note.onset;
      if (clear < std::max(1, wanted)) continue;
      note.pitch = static_cast<std::int16_t>(pitch);
      note.duration = clear;
      return true;
    }
    return false;
  }

  void report(ChangeKind kind, const Note& before, const Note& after) {
    changes_.push_back({kind, ChangeReason::melody, before, after});
  }

  std::vector<Note>& notes_;
  MelodyRoom room_;
  MelodyLine melody_;
  Keyboard keys_;
  std::vector<NoteChange> changes_;
};

}  // namespace

std::vector<NoteChange> keep_melody_on_top(std::vector<Note>& notes, MelodyRoom room) {
  sort_notes(notes);
  return Clearing(notes, room).run();
}

std::int64_t steps_above_melody(std::span<const Note> notes) {
  const MelodyLine melody(notes);
  std::int64_t steps = 0;
  for (const Note& note : notes) {
    if (note.voice != Voice::melody) steps += melody.steps_below(note.pitch, note.onset, note.offset());
  }
  return steps;
}

}  // namespace pop2piano
