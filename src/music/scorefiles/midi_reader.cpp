// SPDX-License-Identifier: MIT
// Standard MIDI Files, read. Lengths, status bytes and deltas in the wild are often wrong; each track is read as far as
// it makes sense and the next one is looked for by its name.
#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>

#include "base/core/byte_reader.h"
#include "base/core/mapped_file.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMaxFileBytes = 64U << 20;
constexpr std::size_t kMaxEvents = 8'000'000;
constexpr std::size_t kMaxTracks = 4096;
constexpr std::size_t kMaxWarnings = 50;
constexpr std::uint32_t kUsualTempo = 500'000;  // microseconds per quarter, where a file says nothing

using Bytes = std::span<const std::byte>;

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

class Parser {
 public:
  Parser(Bytes bytes, const std::string& what) : what_(what), bytes_(bytes) {}

  MidiFile parse() {
    const std::size_t start = as_text(bytes_).find("MThd");
    if (start == std::string_view::npos || bytes_.size() - start < 14) {
      throw Error(ErrorCode::malformed, what_ + ": expected a Standard MIDI File (\"MThd\" and 10 bytes more), found " +
                                            (bytes_.empty() ? "an empty file" : "something else") +
                                            "; give a .mid file");
    }
    ByteReader header(bytes_.subspan(start + 4), what_);
    const auto header_length = header.big<std::uint32_t>();
    file_.format = header.big<std::uint16_t>();
    const auto declared_tracks = header.big<std::uint16_t>();
    set_division(header.big<std::uint16_t>());
    if (file_.format > 2) {
      warn("format " + std::to_string(file_.format) + " is not defined, read as 1");
      file_.format = 1;
    }
    read_tracks(start + 8 + std::max<std::size_t>(6, std::min<std::size_t>(header_length, bytes_.size())));
    if (file_.tracks.size() != declared_tracks) {
      warn("expected " + std::to_string(declared_tracks) + " tracks, found " + std::to_string(file_.tracks.size()));
    }
    if (file_.format == 2) lay_patterns_in_a_row();
    return std::move(file_);
  }

 private:
  void warn(const std::string& message) {
    if (file_.warnings.size() < kMaxWarnings) file_.warnings.push_back(message);
  }

  /// The tracks of format 2 are pieces of their own. Each keeps its tempo; one that has none takes that of the first.
  void lay_patterns_in_a_row() {
    const std::int64_t quarter = std::max(1, file_.ticks_per_quarter);
    const auto is_tempo = [](const MidiEvent& event) { return event.is_meta(midi_meta::kTempo); };
    std::optional<MidiEvent> first;
    std::int64_t start = 0;
    for (MidiTrack& track : file_.tracks) {
      const auto own = std::find_if(track.events.begin(), track.events.end(), is_tempo);
      const bool from_the_start = own != track.events.end() && own->tick == 0;
      if (!first) first = own == track.events.end() ? midi_tempo(0, kUsualTempo) : *own;
      first->tick = 0;
      if (!from_the_start) track.events.insert(track.events.begin(), *first);
      for (MidiEvent& event : track.events) event.tick += start;
      track.length += start;
      start = (track.length + quarter - 1) / quarter * quarter;
    }
    file_.format = 1;
    if (file_.tracks.size() > 1) {
      warn("format 2: its " + std::to_string(file_.tracks.size()) + " patterns are read one after the other");
    }
  }

  void set_division(std::uint16_t word) {
    if (word & 0x8000) {
      const int frames = 256 - (word >> 8);
      const int ticks_per_frame = word & 0xFF;
      const double rate = frames == 29 ? 30000.0 / 1001.0 : static_cast<double>(frames);
      file_.ticks_per_quarter = 0;
      file_.ticks_per_second = rate * std::max(1, ticks_per_frame);
      if (ticks_per_frame == 0) warn("0 ticks per SMPTE frame, read as 1");
    } else if (word == 0) {
      warn("0 ticks per quarter, read as 480");
      file_.ticks_per_quarter = 480;
    } else {
      file_.ticks_per_quarter = word;
    }
  }

  void read_tracks(std::size_t position) {
    while (position < bytes_.size() && bytes_.size() - position >= 8) {
      const std::string_view name = as_text(bytes_.subspan(position, 4));
      ByteReader length_reader(bytes_.subspan(position + 4, 4), what_);
      const std::size_t length = length_reader.big<std::uint32_t>();
      const std::size_t body = position + 8;
      if (name == "MTrk") {
        if (file_.tracks.size() >= kMaxTracks) {
          throw Error(ErrorCode::unsupported, what_ + ": more than " + std::to_string(kMaxTracks) + " tracks");
        }
        position = read_track(body, length);
      } else if (length <= bytes_.size() - body && plausible_chunk(body + length)) {
        position = body + length;  // a chunk of another kind
      } else {
        const std::size_t next = as_text(bytes_).find("MTrk", position + 1);
        if (next == std::string_view::npos) break;
        warn("bytes " + std::to_string(position) + " to " + std::to_string(next) + " belong to no track, skipped");
        position = next;
      }
    }
  }

  [[nodiscard]] bool plausible_chunk(std::size_t position) const {
    if (position >= bytes_.size()) return true;
    const auto name = as_text(bytes_.subspan(position, std::min<std::size_t>(4, bytes_.size() - position)));
    return std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
  }

  /// Reads one track and returns where the next chunk starts. A declared length that leads into the middle of nothing
  /// is ignored: then the track's own End of Track event decides.
  std::size_t read_track(std::size_t body, std::size_t length) {
    const std::size_t number = file_.tracks.size() + 1;
    const std::size_t rest = bytes_.size() - body;
    if (length > rest) {
      warn("track " + std::to_string(number) + ": expected " + std::to_string(length) + " bytes, found " +
           std::to_string(rest));
    }
    const bool length_fits = length <= rest && plausible_chunk(body + length);
    const std::size_t end = length_fits ? length : rest;
    const std::size_t used = read_events(bytes_.subspan(body, end), number, length_fits);
    if (length_fits) return body + length;
    return body + used;
  }

  std::size_t read_events(Bytes bytes, std::size_t number, bool length_is_sure) {
    MidiTrack& track = file_.tracks.emplace_back();
    ByteReader reader(bytes, what_);
    std::int64_t tick = 0;
    std::uint8_t running_status = 0;
    bool ended = false;
    try {
      while (!ended && !reader.at_end()) {
        const std::size_t before = reader.position();
        if (!length_is_sure && reader.remaining() >= 8 && as_text(bytes.subspan(before, 4)) == "MTrk") break;
        tick += read_variable_length(reader);
        ended = read_event(reader, track, tick, running_status);
        track.length = tick;
      }
      if (!ended) warn("track " + std::to_string(number) + ": no End of Track event");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::malformed) throw;
      warn("track " + std::to_string(number) + " given up at its byte " + std::to_string(reader.position()) +
           " after " + std::to_string(track.events.size()) + " events: " + reason_of(error));
    }
    return reader.position();
  }

  /// Without the name of the file, which stands before every warning.
  [[nodiscard]] std::string reason_of(const Error& error) const {
    const std::string text = error.what();
    return text.starts_with(what_ + ": ") ? text.substr(what_.size() + 2) : text;
  }

  std::int64_t read_variable_length(ByteReader& reader) const {
    std::int64_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const auto byte = reader.big<std::uint8_t>();
      value = value << 7 | (byte & 0x7F);
      if (byte < 0x80) return value;
    }
    throw Error(ErrorCode::malformed,
                what_ + ": a time or length of more than 4 bytes, which some programs write for a negative one");
  }

  /// True at the End of Track.
  bool read_event(ByteReader& reader, MidiTrack& track, std::int64_t tick, std::uint8_t& running_status) {
    auto byte = reader.big<std::uint8_t>();
    if (byte >= 0xF8 && byte != 0xFF) return false;  // real-time messages do not belong here; they carry nothing
    if (byte >= 0xF1 && byte <= 0xF6) {              // nor do system common messages
      reader.skip(byte == 0xF2 ? 2 : byte == 0xF1 || byte == 0xF3 ? 1 : 0);
      return false;
    }
    MidiEvent event;
    event.tick = tick;
    if (byte >= 0xF0) {
      event.status = byte;
      if (byte == 0xFF) event.data[0] = reader.big<std::uint8_t>();
      const auto length = static_cast<std::size_t>(read_variable_length(reader));
      event.payload = reader.take_text(length);
      if (event.is_meta(midi_meta::kEndOfTrack)) return true;
    } else {
      read_channel_message(reader, byte, event, running_status);
    }
    store(track, std::move(event));
    return false;
  }

  /// Some writers let running status live on behind meta events, against the standard: it is allowed to.
  void read_channel_message(ByteReader& reader, std::uint8_t byte, MidiEvent& event, std::uint8_t& running_status) {
    std::optional<std::uint8_t> first;
    if (byte < 0x80) {
      if (running_status == 0) throw Error(ErrorCode::malformed, what_ + ": data byte without status");
      first = byte;
    } else {
      running_status = byte;
    }
    event.status = running_status;
    event.data[0] = first ? *first : data_byte(reader);
    const int kind = event.status & 0xF0;
    if (kind != 0xC0 && kind != 0xD0) event.data[1] = data_byte(reader);
  }

  std::uint8_t data_byte(ByteReader& reader) {
    const auto byte = reader.big<std::uint8_t>();
    if (byte > 0x7F) {
      warn("data byte " + std::to_string(byte) + " above 127, cut to 127");
      return 0x7F;
    }
    return byte;
  }

  void store(MidiTrack& track, MidiEvent event) {
    if (++events_ > kMaxEvents) {
      throw Error(ErrorCode::unsupported,
                  what_ + ": more than " + std::to_string(kMaxEvents) + " events; give a smaller MIDI file");
    }
    track.events.push_back(std::move(event));
  }

  const std::string& what_;
  Bytes bytes_;
  MidiFile file_;
  std::size_t events_ = 0;
};

}  // namespace

MidiFile parse_midi(std::span<const std::byte> bytes, const std::string& what) {
  if (bytes.size() > kMaxFileBytes) {
    throw Error(ErrorCode::unsupported,
                what + ": expected a MIDI file of at most 64 MiB, found " + std::to_string(bytes.size()) + " bytes");
  }
  return Parser(bytes, what).parse();
}

bool is_midi_file(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".mid" || ending == ".midi" || ending == ".kar") return true;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) return false;  // a pipe would be waited for
  std::array<char, 4> start{};
  return std::ifstream(file, std::ios::binary).read(start.data(), start.size()) &&
         std::string_view(start.data(), start.size()) == "MThd";
}

MidiFile read_midi_file(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  return parse_midi(mapped.bytes(), file.string());
}

}  // namespace pop2piano
