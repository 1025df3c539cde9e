// SPDX-License-Identifier: MIT
// Standard MIDI Files (RP-001) as they are met in the wild, formats 0, 1 and 2 (whose patterns are laid one after the
// other, as format 1): events with absolute ticks, the tempo
// map, and notes in seconds. What is damaged is recovered where it can be, and said in `warnings`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pop2piano {

/// One event. Channel messages (status 0x80..0xEF) use `data`; meta events (0xFF) have their type in data[0] and their
/// bytes in `payload`; system exclusive (0xF0, 0xF7) has its bytes in `payload`.
struct MidiEvent {
  std::int64_t tick = 0;  ///< from the start of the track
  std::uint8_t status = 0;
  std::uint8_t data[2] = {0, 0};
  std::string payload;

  [[nodiscard]] bool is_channel_message() const { return status >= 0x80 && status < 0xF0; }
  [[nodiscard]] int channel() const { return status & 0x0F; }  ///< 0..15; 9 is percussion in General MIDI
  [[nodiscard]] bool is_meta(std::uint8_t type) const { return status == 0xFF && data[0] == type; }
  [[nodiscard]] bool is_note_on() const { return (status & 0xF0) == 0x90 && data[1] > 0; }
  [[nodiscard]] bool is_note_off() const {
    return (status & 0xF0) == 0x80 || ((status & 0xF0) == 0x90 && data[1] == 0);
  }
  friend bool operator==(const MidiEvent&, const MidiEvent&) = default;
};

namespace midi_meta {
inline constexpr std::uint8_t kText = 0x01, kTrackName = 0x03, kMarker = 0x06, kEndOfTrack = 0x2F, kTempo = 0x51,
                              kTimeSignature = 0x58, kKeySignature = 0x59;
}  // namespace midi_meta

/// Events ordered by tick. The End of Track event is not stored; `length` (ticks) holds where it stood.
struct MidiTrack {
  std::vector<MidiEvent> events;
  std::int64_t length = 0;

  [[nodiscard]] std::string name() const;  ///< the first Track Name meta event, else empty; UTF-8
};

struct MidiFile {
  int format = 1;
  int ticks_per_quarter = 480;    ///< 0: time is SMPTE, see ticks_per_second
  double ticks_per_second = 0.0;  ///< SMPTE only, else 0
  std::vector<MidiTrack> tracks;
  std::vector<std::string> warnings;  ///< damage that was repaired: what and where, without the file's name
};

/// Events to build files from. Values are masked to 7 bits.
MidiEvent midi_note_on(std::int64_t tick, int channel, int pitch, int velocity);
MidiEvent midi_note_off(std::int64_t tick, int channel, int pitch);
MidiEvent midi_control(std::int64_t tick, int channel, int controller, int value);
MidiEvent midi_program(std::int64_t tick, int channel, int program);
MidiEvent midi_text(std::int64_t tick, std::uint8_t meta_type, std::string_view text);
MidiEvent midi_tempo(std::int64_t tick, std::uint32_t microseconds_per_quarter);  ///< 1..0xFFFFFF
MidiEvent midi_time_signature(std::int64_t tick, int numerator, int denominator_power_of_two);
MidiEvent midi_key_signature(std::int64_t tick, int fifths, bool minor);

/// Whether it begins as MIDI does or is named so (.mid, .midi, .kar, in either case; a file that is not there, too).
[[nodiscard]] bool is_midi_file(const std::filesystem::path& file);

/// Reads a file (also inside RIFF "RMID", or behind a MacBinary header). Throws Error: not_found, unreadable,
/// malformed (no MIDI in it), unsupported (more than 64 MiB or 8 million events).
[[nodiscard]] MidiFile read_midi_file(const std::filesystem::path& file);
/// The same from bytes; `what` names them in messages.
[[nodiscard]] MidiFile parse_midi(std::span<const std::byte> bytes, const std::string& what);

/// Throws Error(invalid_argument) when events are not ordered or a value does not fit.
[[nodiscard]] std::vector<std::byte> serialize_midi(const MidiFile& file);
void write_midi_file(const std::filesystem::path& target, const MidiFile& file);

/// Ticks <-> seconds. Immutable; both directions by binary search. Before the first tempo event 120 per minute holds.
class MidiTempoMap {
 public:
  /// From the tempo events of all tracks.
  explicit MidiTempoMap(const MidiFile& file);

  [[nodiscard]] double seconds_at(double tick) const;
  [[nodiscard]] double tick_at(double seconds) const;

  struct Segment {
    std::int64_t tick = 0;
    double seconds = 0.0;
    double seconds_per_tick = 0.0;
  };
  [[nodiscard]] std::span<const Segment> segments() const& { return segments_; }
  std::span<const Segment> segments() const&& = delete;  // they are the map's

 private:
  void build(const MidiFile& file, std::vector<std::pair<std::int64_t, std::uint32_t>> tempos);

  std::vector<Segment> segments_;  // at least one; ticks strictly increasing from 0
};

/// A note of a MIDI file. `track` is the index into MidiFile::tracks (name: file.tracks[track].name()).
struct TimedNote {
  double onset = 0.0, offset = 0.0;  ///< seconds, offset >= onset
  std::int64_t onset_tick = 0, offset_tick = 0;
  std::uint8_t pitch = 0;     ///< 0..127
  std::uint8_t velocity = 0;  ///< 1..127
  std::uint8_t channel = 0;   ///< 0..15
  std::uint16_t track = 0;

  [[nodiscard]] bool is_percussion() const { return channel == 9; }
};

enum class SustainPedal {
  ignore,  ///< notes end at their note-off
  apply,   ///< notes sound on until the pedal (CC 64) is lifted or the pitch is struck again
};

/// All notes, ordered by onset, track, pitch. Note-offs close the earliest open note of their pitch and channel; notes
/// without note-off end at the next note of the pitch or at the end of the track.
[[nodiscard]] std::vector<TimedNote> timed_notes(const MidiFile& file, SustainPedal pedal = SustainPedal::ignore);

}  // namespace pop2piano
