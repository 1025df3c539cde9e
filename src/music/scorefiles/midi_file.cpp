// SPDX-License-Identifier: MIT
// Events of Standard MIDI Files, built and written.
#include "music/scorefiles/midi_file.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>

#include "base/core/byte_reader.h"
#include "base/core/legacy_text.h"
#include "base/core/output_file.h"

namespace pop2piano {
namespace {

constexpr std::int64_t kMaxDelta = 0x0FFFFFFF;  // ticks: four bytes of seven bits

MidiEvent channel_event(std::int64_t tick, int status, int channel, int first, int second) {
  MidiEvent event;
  event.tick = tick;
  event.status = static_cast<std::uint8_t>(status | (channel & 0x0F));
  event.data[0] = static_cast<std::uint8_t>(first & 0x7F);
  event.data[1] = static_cast<std::uint8_t>(second & 0x7F);
  return event;
}

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorCode::invalid_argument, "MIDI file: " + what); }

void put_variable_length(ByteWriter& out, std::int64_t value) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift) out.big(static_cast<std::uint8_t>(0x80 | ((value >> shift) & 0x7F)));
  }
  out.big(static_cast<std::uint8_t>(value & 0x7F));
}

/// A gap that no delta time can hold is bridged by empty text events.
void put_delta(ByteWriter& out, std::int64_t delta) {
  for (; delta > kMaxDelta; delta -= kMaxDelta) {
    put_variable_length(out, kMaxDelta);
    const std::uint8_t empty_text[] = {0xFF, midi_meta::kText, 0};
    out.put(std::as_bytes(std::span(empty_text)));
  }
  put_variable_length(out, delta);
}

void put_event(ByteWriter& out, const MidiEvent& event) {
  out.big(event.status);
  if (event.is_channel_message()) {
    const int kind = event.status & 0xF0;
    if ((event.data[0] | event.data[1]) > 0x7F) refuse("data byte above 127 in a channel message");
    out.big(event.data[0]);
    if (kind != 0xC0 && kind != 0xD0) out.big(event.data[1]);
    return;
  }
  if (event.status != 0xFF && event.status != 0xF0 && event.status != 0xF7) {
    refuse("status byte " + std::to_string(event.status) + " cannot stand in a file");
  }
  if (event.status == 0xFF) out.big(event.data[0]);
  if (event.payload.size() > static_cast<std::size_t>(kMaxDelta)) refuse("event of more than 256 MiB");
  put_variable_length(out, static_cast<std::int64_t>(event.payload.size()));
  out.put_text(event.payload);
}

std::vector<std::byte> track_bytes(const MidiTrack& track) {
  ByteWriter out;
  std::int64_t tick = 0;
  for (const MidiEvent& event : track.events) {
    if (event.tick < tick)
      refuse("events expected in the order of their ticks, found " + std::to_string(event.tick) + " after " +
             std::to_string(tick));
    if (event.is_meta(midi_meta::kEndOfTrack)) continue;
    put_delta(out, event.tick - tick);
    put_event(out, event);
    tick = event.tick;
  }
  put_delta(out, std::max(track.length, tick) - tick);
  const std::uint8_t end_of_track[] = {0xFF, midi_meta::kEndOfTrack, 0};
  out.put(std::as_bytes(std::span(end_of_track)));
  return out.bytes();
}

std::uint16_t division_word(const MidiFile& file) {
  if (file.ticks_per_quarter > 0 && file.ticks_per_quarter < 0x8000) {
    return static_cast<std::uint16_t>(file.ticks_per_quarter);
  }
  for (const auto& [code, frames] : {std::pair(24, 24.0), {25, 25.0}, {29, 30000.0 / 1001.0}, {30, 30.0}}) {
    const double ticks_per_frame = file.ticks_per_second / frames;
    const auto rounded = static_cast<int>(std::lround(ticks_per_frame));
    if (rounded >= 1 && rounded <= 255 && std::abs(ticks_per_frame - rounded) < 1e-6) {
      return static_cast<std::uint16_t>((256 - code) << 8 | rounded);
    }
  }
  refuse("division expected 1..32767 ticks per quarter or an SMPTE rate, found " +
         std::to_string(file.ticks_per_quarter));
}

}  // namespace

MidiEvent midi_note_on(std::int64_t tick, int channel, int pitch, int velocity) {
  return channel_event(tick, 0x90, channel, pitch, velocity);
}
MidiEvent midi_note_off(std::int64_t tick, int channel, int pitch) {
  return channel_event(tick, 0x80, channel, pitch, 64);
}
MidiEvent midi_control(std::int64_t tick, int channel, int controller, int value) {
  return channel_event(tick, 0xB0, channel, controller, value);
}
MidiEvent midi_program(std::int64_t tick, int channel, int program) {
  return channel_event(tick, 0xC0, channel, program, 0);
}

MidiEvent midi_text(std::int64_t tick, std::uint8_t meta_type, std::string_view text) {
  MidiEvent event;
  event.tick = tick;
  event.status = 0xFF;
  event.data[0] = meta_type;
  event.payload = text;
  return event;
}

MidiEvent midi_tempo(std::int64_t tick, std::uint32_t microseconds_per_quarter) {
  if (microseconds_per_quarter < 1 || microseconds_per_quarter > 0xFFFFFF) {
    refuse("tempo expected 1..16777215 microseconds per quarter, found " + std::to_string(microseconds_per_quarter));
  }
  const char bytes[] = {static_cast<char>(microseconds_per_quarter >> 16),
                        static_cast<char>(microseconds_per_quarter >> 8), static_cast<char>(microseconds_per_quarter)};
  return midi_text(tick, midi_meta::kTempo, {bytes, 3});
}

MidiEvent midi_time_signature(std::int64_t tick, int numerator, int denominator_power_of_two) {
  const char bytes[] = {static_cast<char>(numerator), static_cast<char>(denominator_power_of_two), 24, 8};
  return midi_text(tick, midi_meta::kTimeSignature, {bytes, 4});
}

MidiEvent midi_key_signature(std::int64_t tick, int fifths, bool minor) {
  const char bytes[] = {static_cast<char>(fifths), static_cast<char>(minor ? 1 : 0)};
  return midi_text(tick, midi_meta::kKeySignature, {bytes, 2});
}

std::string MidiTrack::name() const {
  for (const MidiEvent& event : events) {
    if (event.is_meta(midi_meta::kTrackName)) return utf8_of_unknown(event.payload);
  }
  return {};
}

std::vector<std::byte> serialize_midi(const MidiFile& file) {
  if (file.tracks.size() > 0xFFFF) refuse("at most 65535 tracks, found " + std::to_string(file.tracks.size()));
  ByteWriter out;
  out.put_text("MThd");
  out.big(std::uint32_t{6});
  out.big(static_cast<std::uint16_t>(file.format));
  out.big(static_cast<std::uint16_t>(file.tracks.size()));
  out.big(division_word(file));
  for (const MidiTrack& track : file.tracks) {
    const std::vector<std::byte> bytes = track_bytes(track);
    out.put_text("MTrk");
    if (bytes.size() > 0xFFFFFFFF) refuse("a track longer than 4 GiB");
    out.big(static_cast<std::uint32_t>(bytes.size()));
    out.put(bytes);
  }
  return out.bytes();
}

void write_midi_file(const std::filesystem::path& target, const MidiFile& file) {
  write_file(target, serialize_midi(file));
}

}  // namespace pop2piano
