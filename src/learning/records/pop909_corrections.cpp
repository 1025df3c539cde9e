// SPDX-License-Identifier: MIT
#include "learning/records/pop909_corrections.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

using Place = std::pair<int, int>;  // quarter of a beat, pitch
using Places = std::map<Place, int>;

constexpr int kFurthestShift = 128;  // quarters of a beat, either way
constexpr double kLeastCommon = 0.8;
constexpr double kLargestDeviation = 0.1;  // of a version's onsets from the quarters of the beat, in quarters
constexpr double kLeastCommonMelody = 0.5, kMostCommon = 0.9;

int quarter(double beat) { return static_cast<int>(std::lround(4.0 * beat)); }

void add_places(Places& places, const std::vector<SymbolicNote>& notes) {
  for (const SymbolicNote& note : notes) ++places[{quarter(note.onset), note.pitch}];
}

Places places_of(const SymbolicSong& song) {
  Places places;
  for (const auto* notes : {&song.melody, &song.bridge, &song.piano}) add_places(places, *notes);
  return places;
}

int total(const Places& places) {
  int sum = 0;
  for (const auto& [place, count] : places) sum += count;
  return sum;
}

// Notes of `a` that lie `shift` quarters after one of `b`.
int common(const Places& a, const Places& b, int shift) {
  int sum = 0;
  for (const auto& [place, count] : b) {
    const auto found = a.find({place.first + shift, place.second});
    if (found != a.end()) sum += std::min(count, found->second);
  }
  return sum;
}

double common_share(const Places& a, const Places& b) {
  const int most = std::max(total(a), total(b));
  return most == 0 ? 1.0 : static_cast<double>(common(a, b, 0)) / most;
}

struct TickNote {
  double onset = 0, offset = 0;  // beats of the file
  int pitch = 0;
};

std::vector<TickNote> notes_of_track(const MidiFile& midi, const std::vector<TimedNote>& all, std::size_t track) {
  std::vector<TickNote> notes;
  const auto beat = static_cast<double>(midi.ticks_per_quarter);
  for (const TimedNote& note : all) {
    if (note.track != track) continue;
    notes.push_back(
        {static_cast<double>(note.onset_tick) / beat, static_cast<double>(note.offset_tick) / beat, note.pitch});
  }
  return notes;
}

// Beats in the bar; the file's only one.
int metre_of(const MidiFile& midi, const std::string& what) {
  int beats = 4;
  for (const MidiTrack& track : midi.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_meta(midi_meta::kTimeSignature) || event.payload.size() < 2) continue;
      if (event.payload[1] != 2) {
        throw Error(ErrorCode::unsupported, what + ": its metre does not count quarters; leave the song as it was");
      }
      beats = static_cast<unsigned char>(event.payload[0]);
    }
  }
  if (beats < 2 || beats > 12) throw Error(ErrorCode::unsupported, fmt::format("{}: {} beats to the bar", what, beats));
  return beats;
}

int best_shift(const Places& song, const Places& file, const std::string& what) {
  int best = 0, most = -1;
  for (int shift = -kFurthestShift; shift <= kFurthestShift; ++shift) {
    const int found = common(song, file, shift);
    if (found > most || (found == most && std::abs(shift) < std::abs(best))) {
      most = found;
      best = shift;
    }
  }
  if (most < kLeastCommon * total(file) || most == 0) {
    throw Error(ErrorCode::nothing_found,
                fmt::format("{}: {} of {} notes lie on those of the song at best, expected {:.0f} "
                            "% at least; is it another song's file?",
                            what, std::max(most, 0), total(file), 100 * kLeastCommon));
  }
  return best;
}

// `first`: the beat that is the first of a bar, 0 to beats_per_bar - 1.
BeatGrid grid_of(const BeatGrid& from, double shift, int beats_per_bar, int first) {
  BeatGrid grid;
  grid.beats_per_bar = beats_per_bar;
  const auto last = static_cast<double>(from.size() - 1);
  for (int k = 0; k + shift <= last + 1e-9 || grid.size() < 2; ++k) {
    grid.times.push_back(from.time_at(k + shift));
    grid.numbers.push_back((k + beats_per_bar - first) % beats_per_bar + 1);
  }
  return grid;
}

// One chord to an onset; it lasts to the next one, or to its own end where the next is a beat off or more.
std::vector<SongChord> chords_of(const std::vector<TickNote>& notes) {
  std::map<int, std::vector<TickNote>> by_onset;
  for (const TickNote& note : notes) by_onset[quarter(note.onset)].push_back(note);
  std::vector<SongChord> chords;
  for (const auto& [onset, together] : by_onset) {
    SongChord chord{.start = onset / 4.0};
    int lowest = 128;
    for (const TickNote& note : together) {
      chord.end = std::max(chord.end, quarter(note.offset) / 4.0);
      chord.pitch_classes = static_cast<std::uint16_t>(chord.pitch_classes | 1U << (note.pitch % 12));
      lowest = std::min(lowest, note.pitch);
    }
    chord.bass = lowest % 12;
    chord.root = chord_root(chord.pitch_classes, chord.bass);
    chord.end = std::max(chord.end, chord.start + 0.25);
    if (!chords.empty() && chord.start - chords.back().end < 1.0) chords.back().end = chord.start;
    chords.push_back(chord);
  }
  return chords;
}

// The beat of the file on which most bars of the song itself begin; nothing where it counts otherwise.
std::optional<std::size_t> first_by_song(const BeatGrid& song, double shift, int metre) {
  if (song.beats_per_bar != metre || std::abs(shift - std::round(shift)) > 1e-9) return std::nullopt;
  const int beats = static_cast<int>(std::lround(shift));
  std::vector<int> bars(static_cast<std::size_t>(metre), 0);
  for (std::size_t i = 0; i < song.numbers.size(); ++i) {
    if (song.numbers[i] != 1) continue;
    const int place = (static_cast<int>(i) - beats) % metre;
    ++bars[static_cast<std::size_t>(place < 0 ? place + metre : place)];
  }
  return static_cast<std::size_t>(std::max_element(bars.begin(), bars.end()) - bars.begin());
}

// The files count bars from their beginning on, also where the music begins within a bar. Of 336 songs whose chords
// begin in one place of the bar (more than 60 % of them), 234 have them on those bar lines, and 96 of the others on
// those of POP909. So the file is outvoted where the song's own bars and the changes of its chords both speak against
// it.
int first_of_bar(const BeatGrid& song, const std::vector<SongChord>& chords, double shift, int metre) {
  constexpr int kFewest = 16;                         // changes of chord
  constexpr double kContradicted = 0.5, kNear = 0.8;  // of the most changes on one beat of the bar
  std::vector<int> changes(static_cast<std::size_t>(metre), 0);
  int all = 0;
  for (std::size_t i = 0; i < chords.size(); ++i) {
    const SongChord& chord = chords[i];
    const bool same = i > 0 && chord.pitch_classes == chords[i - 1].pitch_classes && chord.bass == chords[i - 1].bass;
    if (same || chord.start != std::floor(chord.start)) continue;
    ++changes[static_cast<std::size_t>(chord.start) % changes.size()];
    ++all;
  }
  const int most = *std::max_element(changes.begin(), changes.end());
  const auto own = first_by_song(song, shift, metre);
  if (!own || all < kFewest || changes.front() >= kContradicted * most || changes[*own] < kNear * most) return 0;
  return static_cast<int>(*own);
}

std::string lower(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

SymbolicSong read_version(const SymbolicSong& song, const fs::path& file) {
  SymbolicSong version = song;
  version.melody.clear();
  version.bridge.clear();
  version.piano.clear();
  const MidiFile midi = read_midi_file(file);
  for (const TimedNote& note : timed_notes(midi)) {
    if (note.is_percussion()) continue;
    const bool melody = lower(midi.tracks[note.track].name()) == "melody";
    const SymbolicNote placed{song.grid.beat_at(note.onset), song.grid.beat_at(note.offset), note.pitch, note.velocity};
    (melody ? version.melody : version.piano).push_back(placed);
  }
  return version;
}

bool lies_on_beats(const SymbolicSong& song) {
  double sum = 0;
  for (const SymbolicNote& note : song.piano) sum += std::abs(4.0 * note.onset - std::round(4.0 * note.onset));
  return sum <= kLargestDeviation * static_cast<double>(song.piano.size());
}

bool plays_melody_of(const SymbolicSong& version, const SymbolicSong& song) {
  Places a, b;
  add_places(a, version.melody);
  add_places(b, song.melody);
  return common_share(a, b) >= kLeastCommonMelody;
}

}  // namespace

int chord_root(unsigned pitch_classes, int bass) {
  constexpr std::array<unsigned, 13> kUsual = {
      // bit = semitones above the root: triads, suspended, sevenths, sixths
      0x091, 0x089, 0x049, 0x111, 0x0A1, 0x085, 0x491, 0x891, 0x489, 0x449, 0x249, 0x291, 0x289};
  const auto over = [&](int root) {
    const auto shift = static_cast<unsigned>(root);
    return (pitch_classes >> shift | pitch_classes << (12 - shift)) & 0xFFFU;
  };
  const auto usual = [&](int root) { return std::find(kUsual.begin(), kUsual.end(), over(root)) != kUsual.end(); };
  if (usual(bass)) return bass;
  for (int root = 0; root < 12; ++root) {
    if ((pitch_classes >> root & 1U) != 0 && usual(root)) return root;
  }
  return bass;
}

SymbolicSong corrected_song(const SymbolicSong& song, const fs::path& file) {
  const std::string what = file.string();
  const MidiFile midi = read_midi_file(file);
  const std::vector<TimedNote> all = timed_notes(midi);
  if (midi.ticks_per_quarter <= 0 || all.empty()) {
    throw Error(ErrorCode::malformed, what + ": expected notes in ticks of quarters");
  }
  // The notes are the first track that has any, the chords the last.
  std::size_t first = all.front().track, last = first;
  for (const TimedNote& note : all) {
    first = std::min<std::size_t>(first, note.track);
    last = std::max<std::size_t>(last, note.track);
  }
  if (first == last) throw Error(ErrorCode::malformed, what + ": expected a track of notes and one of chords");
  Places file_places;
  for (const TickNote& note : notes_of_track(midi, all, first)) ++file_places[{quarter(note.onset), note.pitch}];
  const int metre = metre_of(midi, what);
  const double shift = best_shift(places_of(song), file_places, what) / 4.0;
  auto chords = chords_of(notes_of_track(midi, all, last));
  SymbolicSong result = on_grid(song, grid_of(song.grid, shift, metre, first_of_bar(song.grid, chords, shift, metre)));
  result.chords = std::move(chords);
  return result;
}

std::vector<SymbolicSong> earlier_versions(const SymbolicSong& song, const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    if (entry.path().extension() == ".mid") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<SymbolicSong> versions;
  std::vector<Places> known = {places_of(song)};
  for (const fs::path& file : files) {
    SymbolicSong version;
    try {
      version = read_version(song, file);
    } catch (const Error&) {
      continue;  // an old draft that is damaged is no loss
    }
    if (version.melody.empty() || version.piano.empty() || !lies_on_beats(version) || !plays_melody_of(version, song)) {
      continue;
    }
    Places places = places_of(version);
    const auto alike = [&](const Places& other) { return common_share(places, other) > kMostCommon; };
    if (std::any_of(known.begin(), known.end(), alike)) continue;
    known.push_back(std::move(places));
    versions.push_back(std::move(version));
  }
  return versions;
}

}  // namespace pop2piano
