// SPDX-License-Identifier: MIT
#include "writing/figures/figure_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <optional>

#include "writing/figures/figure_costs.h"

namespace pop2piano {
namespace {

// Root, second, third, fourth, fifth, sixth, seventh: what an interval from the root is in a chord.
constexpr std::array kRole = {0, 1, 1, 2, 2, 3, 4, 4, 4, 5, 6, 6};

bool has_class(unsigned classes, int pitch_class) { return (classes >> static_cast<unsigned>(pitch_class) & 1U) != 0; }

// Whether it lies a semitone beside a tone of the chord and is none.
bool clashes(int pitch_class, const BeatChord& chord) {
  return !has_class(chord.pitch_classes, pitch_class) && (has_class(chord.pitch_classes, (pitch_class + 1) % 12) ||
                                                          has_class(chord.pitch_classes, (pitch_class + 11) % 12));
}

int apart(int a, int b) {
  const int up = ((a - b) % 12 + 12) % 12;
  return std::min(up, 12 - up);
}

// The interval above the root of the chord's tone of that role, or else, of a tone that must be led, its nearest tone.
int led_interval(int interval, const BeatChord& to, bool must) {
  std::optional<int> like, nearest;
  for (int other = 0; other < 12; ++other) {
    if (!has_class(to.pitch_classes, (to.root + other) % 12)) continue;
    const bool same_role = kRole[static_cast<std::size_t>(other)] == kRole[static_cast<std::size_t>(interval)];
    if (same_role && (!like || std::abs(other - interval) < std::abs(*like - interval))) like = other;
    if (!nearest || apart(other, interval) < apart(*nearest, interval)) nearest = other;
  }
  if (like) return *like;
  return must && nearest ? *nearest : interval;
}

BeatChord moved(BeatChord chord, int shift) {
  if (chord.root >= 0) chord.root = (chord.root + shift + 12) % 12;
  chord.pitch_classes = moved_classes(chord.pitch_classes, shift);
  return chord;
}

/// The notes of one song as they are laid.
class Laying {
 public:
  Laying(const FigureBank& bank, const WriterSong& song) : bank_(bank), song_(song) {}

  void add(const FigurePlace& place, const ChosenFigure& figure, bool goes_on) {
    const FigureBar& bar = bank_.bar(figure.bar);
    for (const FigureNote& written : bank_.notes_of(figure.bar)) {
      const int onset = place.first * kStepsPerBeat + written.onset, beat = onset / kStepsPerBeat;
      if (beat >= place.end) break;
      const BeatChord& chord = chord_at(beat);
      const auto of_bar = static_cast<std::size_t>(beat - place.first);
      const BeatChord played = moved(bank_.chords()[bar.chords[of_bar]], figure.shift);
      int pitch = led(written.pitch + figure.shift, played, chord);
      if (written.duration > kPassing && chord.root >= 0 && clashes(pitch % 12, chord))
        pitch = into_chord(pitch, chord);
      while (pitch < kLowestKey) pitch += 12;
      if (pitch > kHighestKey) continue;
      int end = onset + written.duration;
      if (!goes_on) end = std::min(end, (place.end + 1) * kStepsPerBeat);
      notes_.push_back({.onset = onset,
                        .duration = std::max(1, until_clash(pitch, beat, end) - onset),
                        .pitch = static_cast<std::int16_t>(pitch)});
    }
  }

  /// Where a beat begins with another lowest tone than its bass, a note that is struck there becomes the bass; one that
  /// is held ends if it is one of the left hand's. A new bass is struck, and low.
  void lead_to_basses() {
    std::size_t first = 0;
    for (int beat = 0; beat < song_.beats(); ++beat) {
      const int step = beat * kStepsPerBeat, bass = chord_at(beat).bass;
      while (first < notes_.size() && notes_[first].onset + kLongest < step) ++first;
      if (bass < 0) continue;
      while (lead_lowest(first, step, bass)) {
      }
      if (beat == 0 || chord_at(beat - 1).bass != bass) strike_bass(first, step, bass);
    }
  }

  /// What lies over the melody or strikes a key that it holds goes down an octave, or is left out; what lies, while it
  /// rests, over its notes before and behind goes down by octaves: it would be taken for the melody.
  void go_under_melody() {
    std::size_t first = 0;
    std::erase_if(notes_, [&](Note& note) {
      first = still_sounding(note.onset, first);
      const int highest = highest_in_rest(note.onset, first);
      while (note.pitch > highest && note.pitch - 12 >= kLowestUnder)
        note.pitch = static_cast<std::int16_t>(note.pitch - 12);
      if (!collides(note, first)) return false;
      note.pitch = static_cast<std::int16_t>(note.pitch - 12);
      return note.pitch < kLowestUnder || collides(note, first);
    });
  }

  /// Of notes a semitone apart that are struck together, and of what is struck a semitone below the melody, those that
  /// the chord does not have are left out.
  void part_neighbours() {
    std::size_t first = 0;
    std::vector<bool> foreign(notes_.size(), false);
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      const Note& note = notes_[i];
      first = still_sounding(note.onset, first);
      const BeatChord& chord = chord_at(note.onset / kStepsPerBeat);
      if (chord.root < 0 || has_class(chord.pitch_classes, note.pitch % 12)) continue;
      foreign[i] = has_neighbour(note) || is_under_melody(note, first);
    }
    std::size_t at = 0;
    std::erase_if(notes_, [&](const Note&) { return static_cast<bool>(foreign[at++]); });
  }

  /// In order, no key twice at a time, none that the melody holds.
  std::vector<Note> take() && {
    std::size_t first = 0;
    std::erase_if(notes_, [&](const Note& note) {
      first = still_sounding(note.onset, first);
      return collides(note, first);
    });
    sort_notes(notes_);
    const auto same = [](const Note& a, const Note& b) { return a.onset == b.onset && a.pitch == b.pitch; };
    notes_.erase(std::unique(notes_.begin(), notes_.end(), same), notes_.end());
    return std::move(notes_);
  }

 private:
  static constexpr int kLowestKey = 29, kHighestKey = 108,  // F1: pianists write little below
      kMiddleC = 60;
  static constexpr int kMiddleBass = 46, kHighestBass = 54;
  static constexpr int kLowestUnder = 48;             // of what goes down
  static constexpr int kLongest = 255;                // steps, of a note of the bank
  static constexpr int kPassing = kStepsPerBeat / 2;  // of a note that may clash with the chord

  // One step towards the bass at `step`; false where nothing was done. Notes before `first` have ended.
  bool lead_lowest(std::size_t first, int step, int bass) {
    Note* lowest = nullptr;
    int next = kHighestKey + 1;  // the lowest but one
    for (std::size_t i = first; i < notes_.size() && notes_[i].onset <= step; ++i) {
      if (notes_[i].offset() <= step) continue;
      if (lowest == nullptr || notes_[i].pitch < lowest->pitch) {
        if (lowest != nullptr) next = lowest->pitch;
        lowest = &notes_[i];
      } else {
        next = std::min<int>(next, notes_[i].pitch);
      }
    }
    if (lowest == nullptr || lowest->pitch % 12 == bass) return false;
    if (lowest->onset < step && lowest->pitch >= kMiddleC) return false;
    if (lowest->onset < step)
      lowest->duration = step - lowest->onset;
    else
      lowest->pitch = static_cast<std::int16_t>(bass_below(lowest->pitch, bass, next));
    return lowest->onset < step;  // another one is the lowest now
  }
  // Index of the lowest note that sounds at `step`. Notes before `first` have ended.
  [[nodiscard]] std::optional<std::size_t> lowest_at(int step, std::size_t first) const {
    std::optional<std::size_t> lowest;
    for (std::size_t i = first; i < notes_.size() && notes_[i].onset <= step; ++i) {
      if (notes_[i].offset() > step && (!lowest || notes_[i].pitch < notes_[*lowest].pitch)) lowest = i;
    }
    return lowest;
  }
  // A bass that is struck in the right hand's range goes down to the left's; where nothing is struck and nothing low
  // sounds, it is struck until the left hand's next note, at most for two beats.
  void strike_bass(std::size_t first, int step, int bass) {
    const std::optional<std::size_t> lowest = lowest_at(step, first);
    if (lowest && notes_[*lowest].onset == step) {
      Note& note = notes_[*lowest];
      while (note.pitch % 12 == bass && note.pitch > kHighestBass)
        note.pitch = static_cast<std::int16_t>(note.pitch - 12);
      return;
    }
    if (lowest && notes_[*lowest].pitch <= kHighestBass) return;
    const auto at = std::ranges::lower_bound(notes_, step, {}, &Note::onset);
    const int longest = step + 2 * kStepsPerBeat;
    const auto next = std::find_if(at, notes_.end(),
                                   [&](const Note& note) { return note.pitch < kMiddleC || note.onset >= longest; });
    const int end = next == notes_.end() ? longest : std::min(longest, next->onset);
    notes_.insert(at, {.onset = step,
                       .duration = end - step,
                       .pitch = static_cast<std::int16_t>(nearest_of_class(kMiddleBass, bass))});
  }
  [[nodiscard]] const BeatChord& chord_at(int beat) const { return song_.chords[static_cast<std::size_t>(beat)]; }
  static int nearest_of_class(int pitch, int pitch_class) {
    const int up = ((pitch_class - pitch) % 12 + 12) % 12;
    const int found = up <= 6 ? pitch + up : pitch + up - 12;
    return found < kLowestKey ? found + 12 : found;
  }
  static int bass_below(int pitch, int pitch_class, int next) {
    const int nearest = nearest_of_class(pitch, pitch_class);
    return nearest > next && nearest - 12 >= kLowestKey ? nearest - 12 : nearest;
  }
  // The nearest key whose tone the chord has.
  static int into_chord(int pitch, const BeatChord& chord) {
    for (int apart = 1; apart < 12; ++apart) {
      for (const int key : {pitch - apart, pitch + apart}) {
        if (has_class(chord.pitch_classes, (key % 12 + 12) % 12)) return key;
      }
    }
    return pitch;
  }
  static int led(int pitch, const BeatChord& from, const BeatChord& to) {
    if (from.root < 0 || to.root < 0 || pitch < 0) return pitch;
    if (from.root == to.root && from.pitch_classes == to.pitch_classes) return pitch;
    return nearest_of_class(pitch, led_pitch_class(pitch % 12, from, to));
  }
  // Where a note that begins in `beat` ends at the latest: the first other chord that it clashes with.
  [[nodiscard]] int until_clash(int pitch, int beat, int end) const {
    const BeatChord& own = chord_at(beat);
    for (int b = beat + 1; b < song_.beats() && b * kStepsPerBeat < end; ++b) {
      const BeatChord& other = chord_at(b);
      const bool changes = other.root != own.root || other.pitch_classes != own.pitch_classes;
      if (other.root >= 0 && changes && clashes(pitch % 12, other)) return b * kStepsPerBeat;
    }
    return end;
  }
  // The first note of the melody, from `first` on, that may sound at `step` or behind it.
  [[nodiscard]] std::size_t still_sounding(int step, std::size_t first) const {
    const std::vector<Note>& melody = song_.melody;
    while (first < melody.size() && melody[first].offset() <= step && melody[first].onset + kLongest < step) ++first;
    return first;
  }
  // The higher of the melody's notes before and behind; any key where the melody sounds or there is none.
  [[nodiscard]] int highest_in_rest(int step, std::size_t first) const {
    const std::vector<Note>& melody = song_.melody;
    int highest = -1;
    std::size_t i = first > 0 ? first - 1 : 0;
    for (; i < melody.size() && melody[i].onset <= step; ++i) {
      if (melody[i].offset() > step) return kHighestKey;
      highest = melody[i].pitch;
    }
    if (i < melody.size()) highest = std::max<int>(highest, melody[i].pitch);
    return highest < 0 ? kHighestKey : highest;
  }
  // Whether a key a semitone away is struck with it. Notes are in order of onset.
  [[nodiscard]] bool has_neighbour(const Note& note) const {
    auto other = std::ranges::lower_bound(notes_, note.onset, {}, &Note::onset);
    for (; other != notes_.end() && other->onset == note.onset; ++other) {
      if (std::abs(other->pitch - note.pitch) == 1) return true;
    }
    return false;
  }
  // Whether the melody sounds a semitone above it.
  [[nodiscard]] bool is_under_melody(const Note& note, std::size_t first) const {
    for (std::size_t i = first; i < song_.melody.size() && song_.melody[i].onset <= note.onset; ++i) {
      if (song_.melody[i].offset() > note.onset && song_.melody[i].pitch == note.pitch + 1) return true;
    }
    return false;
  }
  [[nodiscard]] bool collides(const Note& note, std::size_t first) const {
    int highest = -1;
    for (std::size_t i = first; i < song_.melody.size() && song_.melody[i].onset <= note.onset; ++i) {
      if (song_.melody[i].offset() <= note.onset) continue;
      if (song_.melody[i].pitch == note.pitch) return true;
      highest = std::max<int>(highest, song_.melody[i].pitch);
    }
    return highest >= 0 && note.pitch >= highest;
  }

  const FigureBank& bank_;
  const WriterSong& song_;
  std::vector<Note> notes_;  // by onset
};

}  // namespace

int led_pitch_class(int pitch_class, const BeatChord& from, const BeatChord& to) {
  const int interval = ((pitch_class - from.root) % 12 + 12) % 12;
  return (to.root + led_interval(interval, to, has_class(from.pitch_classes, pitch_class))) % 12;
}

std::vector<Note> figure_text(const FigureBank& bank, const WriterSong& song, std::span<const FigurePlace> places,
                              std::span<const ChosenFigure> chosen) {
  Laying laying(bank, song);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool goes_on = i + 1 < places.size() && chosen[i + 1].bar == chosen[i].bar + 1 &&
                         chosen[i + 1].shift == chosen[i].shift && bank.bar(chosen[i + 1].bar).follows;
    laying.add(places[i], chosen[i], goes_on);
  }
  laying.go_under_melody();
  laying.lead_to_basses();
  laying.part_neighbours();
  return std::move(laying).take();
}

std::vector<Note> write_figures(const FigureBank& bank, const FigureRequest& request, const FigureWeights& weights,
                                ThreadPool& pool, const Monitor& monitor) {
  const WriterSong& song = request.song;
  if (!has_figures(song)) return {request.sketch.begin(), request.sketch.end()};
  const std::vector<FigurePlace> places = figure_places(song);
  std::vector<Note> text =
      figure_text(bank, song, places, choose_figures(bank, request, places, weights, pool, monitor));
  if (song.again.empty()) return text;
  std::erase_if(text, [&](const Note& note) { return !song.is_written(note.onset); });
  std::ranges::copy_if(song.kept, std::back_inserter(text),
                       [&](const Note& note) { return !song.is_written(note.onset); });
  sort_notes(text);
  return text;
}

}  // namespace pop2piano
