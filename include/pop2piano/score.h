// SPDX-License-Identifier: MIT
// What was heard and what is played: beats of the recording, notes on them, and the files they are written to.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pop2piano {

/// Steps of the rhythmic grid within a beat: the least number on which 16ths (3) and triplets (4) both fall.
inline constexpr int kStepsPerBeat = 12;

/// A quarter as BeatGrid::lengths counts.
inline constexpr int kQuarterLength = 16;

/// A time signature, from a downbeat on (index into the grid). A bar may be shorter or longer than it says.
struct MetreSpan {
  int first_beat = 0;
  int numerator = 4;    ///< 1..255
  int denominator = 4;  ///< 1, 2, 4, .. 64
  friend bool operator==(const MetreSpan&, const MetreSpan&) = default;
};

/// Parts of a beat in which the places of a FineBeat are counted: 2^4 * 3^2 * 5 * 7.
inline constexpr int kFineParts = 5040;

/// A beat whose steps stand for other places than twelfths of it: those that its notes have in a score (a quintuplet,
/// 32nds). Its notes keep their order and nearly their place on the grid of steps.
struct FineBeat {
  int beat = 0;
  std::array<std::int16_t, kStepsPerBeat> places{};  ///< of each step, in kFineParts of the beat; ascending from 0
  friend bool operator==(const FineBeat&, const FineBeat&) = default;
};

/// Beats of a recording, or of a score. Beat `i` (0-based, fractional allowed) <-> seconds by linear interpolation,
/// beyond the ends by the median interval. Invariant (see validate()): at least two beats, times finite and strictly
/// increasing.
struct BeatGrid {
  std::vector<double> times;  ///< [beats] seconds
  std::vector<int> numbers;   ///< [beats] 1 = downbeat, counts up within the bar
  std::vector<float>
      confidence;         ///< [beats] 0..1, how sure the tracker was; empty: not known (beats given by the user)
  int beats_per_bar = 4;  ///< beats of most bars
  std::vector<std::int16_t> lengths = {};  ///< [beats] as written, in 64th notes (kQuarterLength); empty: quarters
  std::vector<MetreSpan> metres = {};      ///< time signatures, ordered; empty: as many quarters as a bar has beats
  std::vector<FineBeat> fine = {};         ///< ordered; of all other beats a step is a twelfth

  [[nodiscard]] std::size_t size() const { return times.size(); }
  [[nodiscard]] double time_at(double beat) const;                         ///< seconds
  [[nodiscard]] double beat_at(double seconds) const;                      ///< inverse of time_at
  [[nodiscard]] double beat_of(int step) const;                            ///< where a step of the score lies, exactly
  [[nodiscard]] double median_interval() const;                            ///< seconds
  [[nodiscard]] double tempo() const { return 60.0 / median_interval(); }  ///< beats per minute
  /// Beats added at both ends at the median interval until the first lies at or before `start` and the last at or after
  /// `end` (seconds). Numbers continue.
  [[nodiscard]] BeatGrid extended(double start, double end) const;
  /// Throws Error(invalid_argument) naming the first beat that breaks the invariant.
  void validate() const;
};

enum class Voice : std::uint8_t { melody, accompaniment };
enum class Hand : std::uint8_t { unassigned, right, left };

/// A note of the piano part, on the grid of steps.
struct Note {
  std::int32_t onset = 0;     ///< steps (kStepsPerBeat to a beat) from beat 0 of the score's grid; may be negative
  std::int32_t duration = 1;  ///< steps, >= 1
  std::int16_t pitch = 60;    ///< MIDI number, 0..127 (a piano has 21..108)
  std::int16_t velocity = 0;  ///< 1..127; 0: not yet decided
  Voice voice = Voice::accompaniment;
  Hand hand = Hand::unassigned;

  [[nodiscard]] std::int32_t offset() const { return onset + duration; }
  friend bool operator==(const Note&, const Note&) = default;
};

/// Major or minor key. fifths: sharps (positive) or flats (negative) of the signature, -7..7.
struct Key {
  int fifths = 0;
  bool minor = false;
  friend bool operator==(const Key&, const Key&) = default;
};

enum class ChordQuality : std::uint8_t {
  none,  ///< nothing sounds
  major,
  minor,
  diminished,
  augmented,
  suspended_fourth,
  suspended_second,
  dominant_seventh,
  major_seventh,
  minor_seventh,
  half_diminished,
};

/// A chord from `first_beat` on (index into the grid, may be negative) for `beats` beats.
struct ChordSpan {
  int first_beat = 0;
  int beats = 1;
  int root = 0;  ///< pitch class, 0 = C
  ChordQuality quality = ChordQuality::none;
  int bass = 0;  ///< pitch class of the lowest note that lies longest
  friend bool operator==(const ChordSpan&, const ChordSpan&) = default;
};

/// What was heard of a recording's harmony from one beat to the next.
struct BeatHarmony {
  ChordQuality quality = ChordQuality::none;  ///< the nearest that there is a name for
  std::int8_t root = -1;                      ///< pitch class, 0 = C; -1: no chord
  std::int8_t bass = -1;                      ///< pitch class of the chord's bass; -1: no chord
  std::int8_t bass_pitch = -1;                ///< MIDI, what the lowest line sounds where the beat begins; -1: nothing
  std::uint16_t pitch_classes = 0;            ///< of the chord, bit 0 = C
  float confidence = 0.0F;                    ///< 0..1, chance of the chord
  friend bool operator==(const BeatHarmony&, const BeatHarmony&) = default;
};

/// A key from a downbeat on (index into the grid, may be negative).
struct KeySpan {
  int first_beat = 0;
  Key key{};
  friend bool operator==(const KeySpan&, const KeySpan&) = default;
};

/// Where a section of the song begins; the same letter (0 = A) is the same passage again.
struct SongSection {
  int first_beat = 0;  ///< a downbeat
  int letter = 0;
  friend bool operator==(const SongSection&, const SongSection&) = default;
};

enum class RepeatKind : std::uint8_t {
  forward,       ///< |: a repeat begins
  backward,      ///< :| and goes back from here
  ending_start,  ///< a bracket over what only some passes play
  ending_stop,   ///< where it ends; with no backward there, it is open
  segno,
  coda,
  fine,       ///< the end, after da capo or dal segno
  da_capo,    ///< from the beginning once more
  dal_segno,  ///< from the segno once more
  to_coda,    ///< after da capo or dal segno, on to the coda
};

/// A repeat sign or jump at a barline. forward, ending_start, segno and coda stand where a bar begins, the others where
/// one ends.
struct RepeatMark {
  int beat = 0;  ///< index into the grid: of the first beat behind the barline
  RepeatKind kind = RepeatKind::forward;
  int times = 2;             ///< backward: how often the repeat is played in all
  std::vector<int> endings;  ///< ending_start: the passes that play it, 1 the first
  friend bool operator==(const RepeatMark&, const RepeatMark&) = default;
};

/// A small note before a main note, without a time of its own: sheet music shows it, files of sound leave it out.
struct GraceNote {
  std::int32_t onset = 0;   ///< steps, of its main note
  std::int16_t main = 60;   ///< MIDI, the highest pitch of what it leads to; its hand's staff shows both
  std::int16_t pitch = 60;  ///< MIDI
  std::int16_t power = -1;  ///< written as a quarter times 2^power: -1 an eighth
  bool slashed = false;     ///< a short one
  bool in_chord = false;    ///< struck with the grace note before it
  friend bool operator==(const GraceNote&, const GraceNote&) = default;
};

/// Pairs of notes that are written even and played long and short.
struct Swing {
  double ratio = 1.0;        ///< long to short: 1 even, 2 as in a triplet; 1..4
  int pair = kStepsPerBeat;  ///< steps of a pair: a beat of eighths, or half a beat of sixteenths
  [[nodiscard]] bool swings() const { return ratio > 1.0; }
  friend bool operator==(const Swing&, const Swing&) = default;
};

/// A piano part on the beats of a recording. Notes are ordered by onset, then melody before accompaniment, then from
/// high to low (see sort_notes()).
struct Score {
  std::string title;
  std::string style;
  BeatGrid grid;
  std::optional<Key> key;
  std::vector<Note> notes;
  std::vector<ChordSpan> chords;         ///< ordered; empty: found from the notes where they are needed
  std::vector<KeySpan> keys;             ///< ordered, where the key changes for good; empty: `key` all the way
  std::vector<SongSection> sections;     ///< ordered, as heard; empty: found from the notes where they are needed
  std::vector<RepeatMark> repeats = {};  ///< ordered by beat; notes and beats stand once, as written
  /// Read from a score: its rhythm is written as it is, and so are bars without notes at its ends.
  bool written = false;
  Swing swing{};                       ///< how the steps of the notes are played; files of sound have them so
  std::vector<GraceNote> graces = {};  ///< ordered by onset, those of one main note as they are played

  /// Seconds at which a step sounds.
  [[nodiscard]] double time_at(int step) const;
};

enum class ChangeKind : std::uint8_t { shortened, moved, dropped, added };
enum class ChangeReason : std::uint8_t {
  reach,   ///< two hands cannot play it otherwise
  melody,  ///< it lay above the sounding melody
  level,   ///< too hard for the level
  held,    ///< one of many strikes of a key by the melody, which is held on instead
};

enum class MelodyPlace : std::uint8_t {
  on_top,      ///< accompaniment above the sounding melody goes down, is cut or left out
  as_written,  ///< accompaniment may lie above it
};

/// What an arrangement did to a note of its source.
struct NoteChange {
  ChangeKind kind = ChangeKind::shortened;
  ChangeReason reason = ChangeReason::reach;
  Note before, after;  ///< dropped, added: both the same; moved: by octaves, perhaps shortened as well
};

void sort_notes(std::vector<Note>& notes);
/// "Eb major", "F# minor".
[[nodiscard]] std::string to_string(const Key& key);

enum class MidiTempo : std::uint8_t {
  song,      ///< every beat of the recording falls on a beat of the file; second 0 is second 0
  constant,  ///< one tempo, the rounded median; starts with the first bar that has a note
};

enum class PedalMode : std::uint8_t {
  by_harmony,  ///< sustain pedal (CC 64) down while a chord lasts, lifted where it changes
  none,        ///< no pedal data
};

/// How write_midi() writes.
struct MidiOptions {
  MidiTempo tempo = MidiTempo::song;
  std::int16_t constant_velocity = 0;  ///< 1..127: of every note; 0: each note's own (80 where undecided)
  PedalMode pedal = PedalMode::by_harmony;
};

/// Format 1: a conductor track, right hand, left hand. Throws Error: invalid_argument (grid), write_failed.
void write_midi(const std::filesystem::path& target, const Score& score, const MidiOptions& options = {});

/// What write_musicxml() puts on the page.
struct MusicXmlOptions {
  std::string composer = "Piano cover";  ///< the line at the right under the title
  std::string arranger = "pop2piano";    ///< who arranged, for programs that show it
  bool exact_durations = false;  ///< true: every duration by ties and voices; false: as a pianist would write it
  bool chord_symbols = true;     ///< above the right hand
  bool dynamics = true;          ///< p, mf, f where the velocities change for long
  bool pedal = true;             ///< lines below the left hand
  bool tempo_changes = true;     ///< marks where the tempo truly changes
  bool sections = true;          ///< letters where a new part of the song begins
  bool fingering = false;        ///< a finger (1 thumb .. 5) for every note
};

/// MusicXML 4.0 partwise: one piano part on two staves, bars from the grid's numbers. Throws as write_midi() does.
void write_musicxml(const std::filesystem::path& target, const Score& score, const MusicXmlOptions& options = {});

}  // namespace pop2piano
