// SPDX-License-Identifier: MIT
#include "learning/genres/genre_song.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "learning/band/levels.h"
#include "learning/band/players.h"
#include "learning/genres/drummer.h"
#include "learning/genres/harmony.h"
#include "learning/genres/tune.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {
namespace {

using namespace general_midi;

constexpr double kTail = 2.5;  // seconds after the last beat

int drawn(const std::vector<int>& programs, Random& random) { return programs[random.index(programs.size())]; }

bool is_guitar(int program) { return program >= nylon_guitar && program <= guitar_harmonics; }
bool is_electric(int program) { return program >= jazz_guitar && program <= distortion_guitar; }

// Chord tones from `low` upwards.
std::vector<int> tones_of(const SongChord& chord, int low, std::size_t count) {
  std::vector<int> pitches;
  for (int pitch = low; pitches.size() < count; ++pitch) {
    if ((chord.pitch_classes >> (pitch % 12) & 1U) != 0) pitches.push_back(pitch);
  }
  return pitches;
}

// Semitones over the root that a cell of a bass row asks for.
int bass_interval(const SongChord& chord, char cell) {
  const auto has = [&](int interval) { return (chord.pitch_classes >> ((chord.root + interval) % 12) & 1U) != 0; };
  switch (cell) {
    case '2':
      return 2;
    case '3':
      return has(3) ? 3 : 4;
    case '4':
      return 5;
    case '5':
      return has(6) ? 6 : 7;
    case '6':
      return 9;
    case '7':
      return has(11) ? 11 : 10;
    case '8':
      return 12;
    default:
      return 0;
  }
}

class GenreBand {
 public:
  GenreBand(const Genre& genre, const SongForm& form, std::size_t fonts, Random& random, Arrangement& out)
      : genre_(genre), form_(form), fonts_(fonts), random_(random), out_(out) {
    distorted_ = random.chance(genre.distortion);
  }

  void play() {
    const std::array lines = {Line::bass, Line::chords, Line::comping, Line::power, Line::arpeggio};
    for (const Line line : lines) {
      BandTrack track = player_of(line);
      BandTrack damped = track;
      damped.part.instrument.program = muted_guitar;
      const HumanTiming timing = draw_timing(random_);
      low_ = 46 + static_cast<int>(random_.index(12));
      strum_s_ = is_guitar(track.part.instrument.program) ? random_.uniform(0.004, 0.02) : 0.0;
      for (const SongBar& bar : form_.bars) play_bar(line, bar, timing, track, damped);
      if (!track.part.notes.empty()) out_.band.push_back(std::move(track));
      if (!damped.part.notes.empty()) out_.band.push_back(std::move(damped));
    }
    std::stable_sort(out_.song.piano.begin(), out_.song.piano.end(),
                     [](const SymbolicNote& a, const SymbolicNote& b) { return a.onset < b.onset; });
  }

 private:
  BandTrack player_of(Line line) {
    BandTrack track;
    track.role = line == Line::bass ? Role::bass : line == Line::power ? Role::power : Role::chords;
    if (line == Line::comping) track.role = random_.chance(0.5) ? Role::pad : Role::chords;
    const auto& programs = line == Line::bass ? genre_.bass : line == Line::comping ? genre_.comping : genre_.chords;
    const int program = line != Line::power ? drawn(programs, random_)
                        : distorted_        ? random_.chance(0.7) ? distortion_guitar : overdriven_guitar
                                            : clean_guitar;
    track.part.instrument = {.font = static_cast<int>(random_.index(fonts_)), .program = program};
    track.strip.reverb_send_db = random_.chance(0.8) ? random_.uniform(-22, -8) : -60;
    track.strip.high_pass_hz = line != Line::bass && random_.chance(0.5) ? random_.uniform(60, 250) : 0;
    track.strip.ducked = random_.chance(0.4);
    track.strip.compressed = random_.chance(0.4);
    track.strip.chorus = random_.chance(0.15);
    if (line != Line::bass && distorted_ && is_electric(program)) track.strip.amplifier = draw_amplifier(random_);
    if (random_.chance(0.5)) track.part.bends.push_back({0.0, 0.05 * random_.normal()});
    return track;
  }

  [[nodiscard]] bool plays(Line line, const SongBar& bar) const {
    const FormSection& section = form_.sections[bar.section];
    if (bar.kind == BarKind::drums_alone || bar.kind == BarKind::pickup || bar.kind == BarKind::count_in) return false;
    if (line == Line::bass) return section.bass;
    return line == Line::comping ? section.comping : section.chords;
  }

  void play_bar(Line line, const SongBar& bar, const HumanTiming& timing, BandTrack& track, BandTrack& damped) {
    if (!plays(line, bar)) return;
    const Groove& groove = *form_.sections[bar.section].groove;
    for (const GrooveRow& row : groove.rows) {
      if (row.line != line) continue;
      for (const GrooveStroke& stroke : strokes_in(form_, bar, row)) {
        const bool palm = line == Line::power && stroke.cell == 'm';
        strike(line, bar, stroke, timing, palm ? damped : track);
      }
    }
  }

  void strike(Line line, const SongBar& bar, const GrooveStroke& stroke, const HumanTiming& timing, BandTrack& track) {
    const double at = bar.start + stroke.at;
    // A stroke tied over the bar line belongs to the chord that comes.
    const bool ahead = stroke.at + stroke.length > bar.beats + 0.01 && stroke.at > bar.beats - 0.6;
    const SongChord* chord = chord_at(out_.song, ahead ? bar.start + bar.beats + 0.01 : at + 0.01);
    if (chord == nullptr) chord = chord_at(out_.song, at + 0.01);
    if (chord == nullptr) return;
    const double start = timing.of(time_in(form_, bar, stroke.at), random_);
    const double end = bar.kind == BarKind::ending ? start + 2.0 : form_.grid.time_at(at + 0.92 * stroke.length);
    double later = 0;
    for (const int pitch : pitches_of(line, *chord, stroke, at)) {
      const int velocity = std::clamp(static_cast<int>(35 + 78 * stroke.strength + 6 * random_.normal()), 12, 127);
      track.part.notes.push_back(
          {start + later, std::max(end, start + later + 0.04), static_cast<double>(pitch), velocity});
      later += strum_s_;
      if (line == Line::chords || line == Line::arpeggio || line == Line::power)
        out_.song.piano.push_back({at, at + stroke.length, pitch, velocity});
    }
  }

  [[nodiscard]] std::vector<int> pitches_of(Line line, const SongChord& chord, const GrooveStroke& stroke,
                                            double at) const {
    if (line == Line::arpeggio) {
      const auto which = static_cast<std::size_t>(stroke.cell - '0');
      return {tones_of(chord, low_, which).back()};
    }
    const int low = line == Line::bass ? 31 : 38;
    int root = low + (chord.root - low % 12 + 12) % 12;
    if (line == Line::power) return {root, root + 7, root + 12};
    if (line != Line::bass) return tones_of(chord, low_, line == Line::chords ? 4 : 3);
    if (stroke.cell != 'a') return {root + bass_interval(chord, stroke.cell)};
    const SongChord* next = chord_at(out_.song, at + stroke.length + 0.01);
    if (next != nullptr) root = low + (next->root - low % 12 + 12) % 12;
    return {root - 1};
  }

  const Genre& genre_;
  const SongForm& form_;
  std::size_t fonts_;
  Random& random_;
  Arrangement& out_;
  bool distorted_ = false;
  int low_ = 50;
  double strum_s_ = 0;
};

void draw_dynamics(const SongForm& form, Random& random, Arrangement& arrangement) {
  const double depth_db = random.chance(0.7) ? random.uniform(0.0, 7.0) : 0.0;
  std::size_t section = form.sections.size();
  for (const SongBar& bar : form.bars) {
    if (bar.section == section) continue;
    section = bar.section;
    arrangement.song_gain.push_back({form.grid.time_at(bar.start), -depth_db * random.uniform()});
  }
}

// The song's own piano part on one instrument.
void play_as_written(const Genre& genre, const SongForm& form, std::size_t fonts, Random& random, Arrangement& out) {
  BandTrack track;
  track.role = Role::chords;
  track.part.instrument = {.font = static_cast<int>(random.index(fonts)), .program = drawn(genre.chords, random)};
  track.strip.reverb_send_db = random.uniform(-22, -8);
  const HumanTiming timing = draw_timing(random);
  for (const SymbolicNote& note : out.song.piano) {
    const double start = timing.of(form.grid.time_at(note.onset), random);
    const double end = form.grid.time_at(note.offset);
    track.part.notes.push_back(
        {start, std::max(end, start + 0.04), static_cast<double>(note.pitch), std::clamp(note.velocity, 1, 127)});
  }
  out.band.push_back(std::move(track));
}

bool has_drums(const Genre& genre) { return genre.no_drums < 1; }

void arrange_song(const Genre& genre, const SongForm& form, std::size_t fonts, Random& random, Arrangement& out) {
  out.song.grid.beats_per_bar = out.performed.beats_per_bar = form.grid.beats_per_bar;
  out.duration = form.grid.times.back() + kTail;
  if (!has_drums(genre) && !out.song.piano.empty()) {
    play_as_written(genre, form, fonts, random, out);
  } else {
    out.song.piano.clear();
    GenreBand(genre, form, fonts, random, out).play();
  }
  add_drummer(genre, form, fonts, random, out);
}

void finish(const Genre& genre, const SongForm& form, Random& random, Arrangement& out) {
  set_levels(out, random);
  draw_dynamics(form, random, out);
  out.mastering = draw_mastering(random);
  out.summary = fmt::format("{}: {}, {:.0f} a minute, {} beats in a bar, {} bars", genre.name,
                            form.sections.front().groove->name, form.tempo, form.grid.beats_per_bar, form.bars.size());
}

}  // namespace

Arrangement make_genre_song(const Genre& genre, const std::string& name, std::uint64_t seed,
                            const GenreSongOptions& options) {
  Random random(seed);
  const SongForm form = draw_form(genre, options.form, random);
  Arrangement out;
  out.song.name = name;
  out.song.source = fmt::format("drawn at random (genre song, {})", genre.name);
  out.song.licence = "MIT";
  out.song.grid = out.performed = form.grid;
  const int key = static_cast<int>(random.index(12));
  const std::string_view progression = genre.progressions[random.index(genre.progressions.size())];
  out.song.chords = chords_on(form, progression, key);
  arrange_song(genre, form, options.font_count, random, out);
  const auto tune = write_tune(form, out.song, {.pitch_class = key, .minor = is_minor(progression)}, random);
  perform_tune(genre, form, tune, options.font_count, random, out);
  out.song.melody = out.lead;
  finish(genre, form, random, out);
  return out;
}

Arrangement play_in_genre(const SymbolicSong& song, const Genre& genre, std::uint64_t seed,
                          const GenreSongOptions& options) {
  if (song.grid.size() < 2) {
    throw Error(ErrorCode::invalid_argument, song.name + ": a song of at least two beats expected");
  }
  Random random(seed);
  Arrangement out;
  out.transposition = static_cast<int>(random.index(12)) - 5;
  out.song = transposed(song, out.transposition);
  const SongForm form = form_of(song.grid, genre, options.form, random);
  out.tempo_factor = form.tempo / song.grid.tempo();
  out.performed = form.grid;
  arrange_song(genre, form, options.font_count, random, out);
  perform_tune(genre, form, tune_of(form, out.song), options.font_count, random, out);
  finish(genre, form, random, out);
  return out;
}

}  // namespace pop2piano
