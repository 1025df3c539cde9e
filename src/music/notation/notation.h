// SPDX-License-Identifier: MIT
// A Score as it stands on the page: bars, two staves, voices, written values, ties, tuplets, beams, accidentals. Every
// writer of sheet music starts from here.
#pragma once

#include <pop2piano/score.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "music/notation/note_values.h"
#include "music/score/bars.h"
#include "music/score/harmony.h"
#include "music/score/spelling.h"

namespace pop2piano {

struct WrittenNote {
  int pitch = 60;  ///< MIDI
  SpelledPitch name;
  bool tied_from = false, tied_to = false;  ///< to the piece before, to the one after
  std::optional<int> accidental;            ///< shown before the note: -2..2
  int finger = 0;                           ///< 1..5; 0: not shown
  int source = -1;                          ///< index of the score's note that it writes, in the order of sort_notes()
};

/// A grace note in front of a chord.
struct WrittenGrace {
  WrittenNote note;
  int power = -1;  ///< a quarter times 2^power
  bool slashed = false, in_chord = false;
};

enum class BeamState : std::uint8_t { none, begin, go_on, end, forward_hook, backward_hook };

inline constexpr std::size_t kBeamLevels = 8;  // an eighth to a 1024th

/// A chord, or a rest when it has no notes.
struct WrittenChord {
  int onset = 0;  ///< divisions (Notation) from the start of the bar
  int steps = 0;  ///< divisions that it lasts
  NoteValue value{};
  bool whole_bar_rest = false;
  bool hidden = false;  ///< a rest of a second voice that fills time and is not printed
  bool tuplet_start = false, tuplet_stop = false;
  std::array<BeamState, kBeamLevels> beams{};  ///< eighth, 16th, 32nd, ..
  std::vector<WrittenGrace> graces;            ///< as they are played
  std::vector<WrittenNote> notes;              ///< from low to high
  [[nodiscard]] bool is_rest() const { return notes.empty(); }
};

/// One voice of one staff in one bar; the chords fill the bar exactly.
struct WrittenVoice {
  int staff = 1;   ///< 1 right hand, 2 left hand
  int number = 1;  ///< 1 is the upper voice of its staff, 2 the lower
  std::vector<WrittenChord> chords;
};

enum class MarkKind : std::uint8_t {
  chord_symbol,
  dynamics,   ///< text "p", "mf"
  words,      ///< text "rit.", "a tempo"
  swing,      ///< text "Swing"; how
  rehearsal,  ///< text "A"
  tempo,      ///< value: beats per minute as printed, of the length `unit`
  pedal_down,
  pedal_up,
  octave_up,    ///< what follows sounds an octave higher than it is written
  octave_down,  ///< an octave lower
  octave_end,
};

/// A mark at a place of a bar.
struct Mark {
  MarkKind kind = MarkKind::words;
  int onset = 0;  ///< divisions from the start of the bar; up to its end for what closes a line
  int staff = 1;
  std::string text{};
  int value = 0;
  ChordSpan chord{};          ///< chord_symbol
  int unit = kQuarterLength;  ///< tempo: 64th notes; swing: those of a pair
  Swing swing{};              ///< swing
  double tempo = 0.0;         ///< tempo: beats per minute as played, which the page rounds
};

enum class Clef : std::uint8_t { treble, bass };

struct WrittenBar {
  Bar bar;
  Metre metre{};               ///< the time signature that it stands under
  std::vector<int> places;     ///< [beats + 1] where its beats begin, in divisions
  std::vector<FineBeat> fine;  ///< those of its beats that the grid has
  Key key{};
  Clef clefs[2] = {Clef::treble, Clef::bass};  ///< of the two staves, for the whole bar
  std::vector<Mark> marks;                     ///< by staff and onset
  std::vector<WrittenVoice> voices;            ///< by staff and number; voice 1 of both staves is always there

  [[nodiscard]] int length() const { return places.back(); }  ///< divisions
  /// A step of the score, not before the bar, in divisions from its start.
  [[nodiscard]] int place_of(int step) const;
};

struct Notation {
  Swing swing{};                  ///< written straight, played as long and short
  int divisions = kStepsPerBeat;  ///< of a quarter, in which places and lengths are counted
  std::vector<WrittenBar> bars;
};

enum class NotationStyle : std::uint8_t {
  readable,  ///< onsets on 16ths or triplets (Score::written: as they are), durations as a pianist would write them
  exact,     ///< every onset and duration as it is
};

enum class Fingering : std::uint8_t { none, shown };

/// The bars from the first to the last note (one empty bar when there is none); of a score that was read, all. When the
/// first bar begins with at least half a bar of silence, it becomes a pickup. Expects notes as clean_notes() leaves
/// them; notes without hand go by pitch.
[[nodiscard]] Notation notate(const Score& score, NotationStyle style = NotationStyle::readable,
                              Fingering fingering = Fingering::none);

}  // namespace pop2piano
