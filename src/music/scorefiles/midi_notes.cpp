// SPDX-License-Identifier: MIT
// Ticks to seconds, and note-on/note-off pairs to notes.
#include <algorithm>
#include <array>
#include <limits>

#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

constexpr double kDefaultSecondsPerQuarter = 0.5;
constexpr std::uint8_t kSustainController = 64;
constexpr std::size_t kKeys = std::size_t{16} * 128;  // channel, pitch

using Tempos = std::vector<std::pair<std::int64_t, std::uint32_t>>;

void collect_tempos(const MidiTrack& track, Tempos& tempos) {
  for (const MidiEvent& event : track.events) {
    if (!event.is_meta(midi_meta::kTempo) || event.payload.size() < 3) continue;
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<std::uint8_t>(event.payload[i]));
    };
    const std::uint32_t value = byte(0) << 16 | byte(1) << 8 | byte(2);
    if (value > 0) tempos.emplace_back(event.tick, value);
  }
}

std::size_t key_of(int channel, int pitch) {
  return static_cast<std::size_t>(channel) * 128 + static_cast<std::size_t>(pitch);
}

/// Pairs the note events of one track; ticks only.
class NotePairs {
 public:
  NotePairs(const MidiTrack& track, std::uint16_t index) : open_(kKeys), track_(index) {
    for (const MidiEvent& event : track.events) {
      if (event.is_note_on()) start(event);
      if (event.is_note_off()) stop(event);
    }
    for (std::size_t key = 0; key < kKeys; ++key) close_hanging(key, track.length);
  }
  std::vector<TimedNote> take() { return std::move(notes_); }

 private:
  void start(const MidiEvent& event) {
    TimedNote note;
    note.onset_tick = note.offset_tick = event.tick;
    note.pitch = event.data[0];
    note.velocity = event.data[1];
    note.channel = static_cast<std::uint8_t>(event.channel());
    note.track = track_;
    open_[key_of(note.channel, note.pitch)].waiting.push_back(notes_.size());
    notes_.push_back(note);
  }

  void stop(const MidiEvent& event) {
    OpenNotes& open = open_[key_of(event.channel(), event.data[0])];
    if (open.first == open.waiting.size()) return;
    open.last_closed = open.waiting[open.first++];
    notes_[open.last_closed].offset_tick = event.tick;
  }

  /// A note that never ended: if the one before it on this key sounds into it, that one's note-off was the missing one.
  void close_hanging(std::size_t key, std::int64_t end) {
    OpenNotes& open = open_[key];
    for (std::size_t i = open.first; i < open.waiting.size(); ++i) {
      TimedNote& note = notes_[open.waiting[i]];
      const bool last = i + 1 == open.waiting.size();
      note.offset_tick = last ? std::max(end, note.onset_tick) : notes_[open.waiting[i + 1]].onset_tick;
      if (open.last_closed == kNone) continue;
      TimedNote& before = notes_[open.last_closed];
      if (last && before.onset_tick < note.onset_tick && before.offset_tick > note.onset_tick) {
        note.offset_tick = before.offset_tick;
        before.offset_tick = note.onset_tick;
      }
    }
  }

  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  struct OpenNotes {
    std::vector<std::size_t> waiting;  // indices of notes; those before `first` are closed
    std::size_t first = 0;
    std::size_t last_closed = kNone;
  };
  std::vector<OpenNotes> open_;  // [kKeys]
  std::vector<TimedNote> notes_;
  std::uint16_t track_;
};

struct PedalChange {
  std::int64_t tick;
  bool down;
};

/// [16] channels; pedal changes of all tracks by tick.
std::array<std::vector<PedalChange>, 16> pedal_changes(const MidiFile& file) {
  std::array<std::vector<PedalChange>, 16> changes;
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if ((event.status & 0xF0) != 0xB0 || event.data[0] != kSustainController) continue;
      changes[static_cast<std::size_t>(event.channel())].push_back({event.tick, event.data[1] >= 64});
    }
  }
  for (auto& channel : changes) {
    std::stable_sort(channel.begin(), channel.end(), [](auto& a, auto& b) { return a.tick < b.tick; });
  }
  return changes;
}

/// Where a note that is released at `offset` falls silent.
std::int64_t pedalled_offset(const std::vector<PedalChange>& changes, std::int64_t offset, std::int64_t end) {
  auto next = std::upper_bound(changes.begin(), changes.end(), offset,
                               [](std::int64_t tick, const PedalChange& change) { return tick < change.tick; });
  if (next == changes.begin() || !std::prev(next)->down) return offset;
  while (next != changes.end() && next->down) ++next;
  return next == changes.end() ? std::max(end, offset) : next->tick;
}

void apply_pedal(const MidiFile& file, std::vector<TimedNote>& notes) {
  const auto changes = pedal_changes(file);
  std::int64_t end = 0;
  for (const MidiTrack& track : file.tracks) end = std::max(end, track.length);
  for (TimedNote& note : notes) note.offset_tick = pedalled_offset(changes[note.channel], note.offset_tick, end);
  std::vector<std::int64_t> next_onset(kKeys, std::numeric_limits<std::int64_t>::max());
  std::vector<std::size_t> order(notes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return notes[a].onset_tick > notes[b].onset_tick; });
  for (const std::size_t i : order) {
    TimedNote& note = notes[i];
    std::int64_t& next = next_onset[key_of(note.channel, note.pitch)];
    if (next > note.onset_tick) note.offset_tick = std::min(note.offset_tick, next);
    next = note.onset_tick;
  }
}

void set_seconds(const MidiFile& file, std::vector<TimedNote>& notes) {
  const MidiTempoMap map(file);
  for (TimedNote& note : notes) {
    note.onset = map.seconds_at(static_cast<double>(note.onset_tick));
    note.offset = map.seconds_at(static_cast<double>(note.offset_tick));
  }
}

}  // namespace

MidiTempoMap::MidiTempoMap(const MidiFile& file) {
  Tempos tempos;
  for (const MidiTrack& track : file.tracks) collect_tempos(track, tempos);
  build(file, std::move(tempos));
}

void MidiTempoMap::build(const MidiFile& file, std::vector<std::pair<std::int64_t, std::uint32_t>> tempos) {
  if (file.ticks_per_quarter <= 0) {  // SMPTE: tempo events do not matter
    segments_.push_back({0, 0.0, 1.0 / std::max(1.0, file.ticks_per_second)});
    return;
  }
  const auto quarter = static_cast<double>(file.ticks_per_quarter);
  segments_.push_back({0, 0.0, kDefaultSecondsPerQuarter / quarter});
  std::stable_sort(tempos.begin(), tempos.end(), [](auto& a, auto& b) { return a.first < b.first; });
  for (const auto& [tick, microseconds] : tempos) {
    const double seconds_per_tick = microseconds * 1e-6 / quarter;
    if (tick <= segments_.back().tick) {
      segments_.back().seconds_per_tick = seconds_per_tick;  // the last of several at one tick holds
    } else {
      segments_.push_back({tick, seconds_at(static_cast<double>(tick)), seconds_per_tick});
    }
  }
}

double MidiTempoMap::seconds_at(double tick) const {
  const auto after = std::upper_bound(segments_.begin() + 1, segments_.end(), tick, [](double value, const Segment& s) {
    return value < static_cast<double>(s.tick);
  });
  const Segment& segment = *std::prev(after);
  return segment.seconds + (tick - static_cast<double>(segment.tick)) * segment.seconds_per_tick;
}

double MidiTempoMap::tick_at(double seconds) const {
  const auto after = std::upper_bound(segments_.begin() + 1, segments_.end(), seconds,
                                      [](double value, const Segment& s) { return value < s.seconds; });
  const Segment& segment = *std::prev(after);
  return static_cast<double>(segment.tick) + (seconds - segment.seconds) / segment.seconds_per_tick;
}

std::vector<TimedNote> timed_notes(const MidiFile& file, SustainPedal pedal) {
  std::vector<TimedNote> notes;
  for (std::size_t i = 0; i < file.tracks.size(); ++i) {
    const std::vector<TimedNote> part = NotePairs(file.tracks[i], static_cast<std::uint16_t>(i)).take();
    notes.insert(notes.end(), part.begin(), part.end());
  }
  if (pedal == SustainPedal::apply) apply_pedal(file, notes);
  set_seconds(file, notes);
  std::stable_sort(notes.begin(), notes.end(), [](const TimedNote& a, const TimedNote& b) {
    if (a.onset != b.onset) return a.onset < b.onset;
    if (a.track != b.track) return a.track < b.track;
    return a.pitch < b.pitch;
  });
  return notes;
}

}  // namespace pop2piano
