// SPDX-License-Identifier: MIT
#include "learning/band/rhythm_song.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "learning/band/arranger.h"
#include "learning/band/patterns.h"

namespace pop2piano {
namespace {

constexpr std::array<std::string_view, 7> kPlayers = {
    "all", "no drums", "drums and bass", "drums alone", "accompaniment", "one instrument", "voice alone"};
constexpr std::array kMajorScale = {0, 2, 4, 5, 7, 9, 11};

// Length of each beat in seconds.
std::vector<double> beat_lengths(const RhythmSongPlan& plan, Random& random) {
  const auto count = static_cast<std::size_t>(std::max(16.0, plan.duration * plan.tempo / 60));
  const double phase = random.uniform(0, 2 * std::numbers::pi), period = random.uniform(20, 60);
  const double slowing_beats = 8.0 * plan.beats_per_bar;
  std::vector<double> lengths;
  double deviation = 0, time = 0;
  for (std::size_t i = 0; i < count; ++i) {
    deviation = 0.7 * deviation + plan.rubato * random.normal();
    double tempo = plan.tempo * (2 * i > count ? plan.jump : 1.0);
    tempo *= 1 + plan.drift * std::sin(2 * std::numbers::pi * time / period + phase);
    const double left = static_cast<double>(count - i);
    if (left < slowing_beats) tempo *= 1 - plan.ritardando * (1 - left / slowing_beats);
    lengths.push_back(60 / tempo * std::exp(std::clamp(deviation, -0.25, 0.25)));
    time += lengths.back();
  }
  return lengths;
}

BeatGrid grid_of(const RhythmSongPlan& plan, Random& random) {
  BeatGrid grid;
  grid.beats_per_bar = plan.beats_per_bar;
  double time = 0;
  int number = plan.pickup > 0 ? plan.beats_per_bar - plan.pickup + 1 : 1;
  for (const double length : beat_lengths(plan, random)) {
    grid.times.push_back(time);
    grid.numbers.push_back(number);
    number = number % plan.beats_per_bar + 1;
    time += length;
  }
  return grid;
}

int scale_pitch(int degree, int key) {
  const int octave = degree >= 0 ? degree / 7 : -((6 - degree) / 7);
  return key + 12 * octave + kMajorScale[static_cast<std::size_t>(degree - 7 * octave)];
}

// One chord a bar, or two in long bars; progressions of four bars come again.
std::vector<SongChord> draw_chords(const BeatGrid& grid, int key, Random& random) {
  std::array<int, 8> degrees{};
  for (int& degree : degrees) degree = std::array{0, 3, 4, 5, 1, 2, 0, 5}[random.index(8)];
  const bool halves = grid.beats_per_bar % 2 == 0 && grid.beats_per_bar > 2 && random.chance(0.35);
  const std::size_t held = random.chance(0.2) ? 2 : 1;  // bars
  std::vector<SongChord> chords;
  std::size_t bar = 0;
  for (std::size_t beat = 0; beat < grid.size(); ++beat) {
    const int number = grid.numbers[beat];
    if (number == 1 && beat > 0) ++bar;
    const bool middle = halves && number == grid.beats_per_bar / 2 + 1;
    if (beat > 0 && !middle && (number != 1 || bar % held != 0)) continue;
    const int degree = degrees[(2 * (bar / held) + (middle ? 1 : 0)) % degrees.size()];
    SongChord chord{.start = static_cast<double>(beat), .end = static_cast<double>(grid.size())};
    chord.root = chord.bass = scale_pitch(degree, key) % 12;
    for (const int third : {0, 2, 4}) {
      chord.pitch_classes =
          static_cast<std::uint16_t>(chord.pitch_classes | 1U << (scale_pitch(degree + third, key) % 12));
    }
    if (!chords.empty()) chords.back().end = chord.start;
    chords.push_back(chord);
  }
  return chords;
}

// A walk in the scale on rhythms that come again every other bar; phrases end in rests.
std::vector<SymbolicNote> draw_melody(const BeatGrid& grid, int key, Random& random) {
  const std::array<Rhythm, 3> rhythms = {draw_riff_rhythm(grid.beats_per_bar, random),
                                         draw_riff_rhythm(grid.beats_per_bar, random),
                                         draw_riff_rhythm(grid.beats_per_bar, random)};
  std::vector<SymbolicNote> notes;
  int degree = 0;
  std::size_t bar = 0;
  for (std::size_t beat = 0; beat < grid.size(); ++beat) {
    if (grid.numbers[beat] != 1) continue;
    ++bar;
    if (bar % 8 < 1 && random.chance(0.6)) continue;
    for (const Stroke& stroke : rhythms[bar % 4 == 3 ? 2 : bar % 2]) {
      if (static_cast<double>(beat) + stroke.at >= static_cast<double>(grid.size())) break;
      degree = std::clamp(degree + static_cast<int>(random.index(5)) - 2, -3, 9);
      const double onset = static_cast<double>(beat) + stroke.at;
      notes.push_back({onset, onset + std::max(0.1, stroke.length), scale_pitch(degree, key + 60),
                       static_cast<int>(70 + 40 * stroke.strength)});
    }
  }
  return notes;
}

std::vector<SymbolicNote> draw_piano(const BeatGrid& grid, const std::vector<SongChord>& chords, Random& random) {
  const Rhythm rhythm = draw_chord_rhythm(grid.beats_per_bar, random);
  std::vector<SymbolicNote> notes;
  for (std::size_t beat = 0; beat < grid.size(); ++beat) {
    if (grid.numbers[beat] != 1) continue;
    for (const Stroke& stroke : rhythm) {
      const double onset = static_cast<double>(beat) + stroke.at;
      const auto chord = std::find_if(chords.begin(), chords.end(),
                                      [&](const SongChord& c) { return c.start <= onset && onset < c.end; });
      if (chord == chords.end()) continue;
      for (int pitch = 48; pitch < 65; ++pitch) {
        if ((chord->pitch_classes >> (pitch % 12) & 1) == 0) continue;
        notes.push_back(
            {onset, onset + std::max(0.1, stroke.length), pitch, static_cast<int>(50 + 40 * stroke.strength)});
      }
    }
  }
  return notes;
}

// Where quarters of a beat come to lie.
std::array<double, 5> quarters_of(const RhythmSongPlan& plan) {
  const double s = plan.swing;
  switch (plan.feel) {
    case Feel::swung_eighths:
      return {0, s / 2, s, s + (1 - s) / 2, 1};
    case Feel::swung_sixteenths:
      return {0, s / 2, 0.5, 0.5 + s / 2, 1};
    case Feel::triplets:
      return {0, 1.0 / 3, 2.0 / 3, 2.0 / 3 + 1e-4, 1};
    default:
      return {0, 0.25, 0.5, 0.75, 1};
  }
}

class Felt {
 public:
  Felt(const RhythmSongPlan& plan, const BeatGrid& grid) : quarters_(quarters_of(plan)), grid_(grid) {}
  [[nodiscard]] double operator()(double time) const {
    // Early notes of a player belong to the beat that they are early for.
    constexpr double kEarly = 0.06;  // beats
    const double at = grid_.beat_at(time) + kEarly;
    const double beat = std::floor(at), within = 4 * std::clamp(at - beat - kEarly, 0.0, 0.9999);
    if (at - beat < kEarly) return time;
    const auto quarter = static_cast<std::size_t>(within);
    const double share = within - static_cast<double>(quarter);
    const double low = quarters_[quarter], high = quarters_[quarter + 1];
    return grid_.time_at(beat + low + share * (high - low));
  }

 private:
  std::array<double, 5> quarters_;
  const BeatGrid& grid_;
};

void feel(const RhythmSongPlan& plan, Arrangement& arrangement) {
  if (plan.feel == Feel::straight) return;
  const Felt felt(plan, arrangement.performed);
  for (BandTrack& track : arrangement.band) {
    for (PlayedNote& note : track.part.notes) {
      note.onset = felt(note.onset);
      note.offset = std::max(note.onset + 0.03, felt(note.offset));
    }
    for (PitchBend& bend : track.part.bends) bend.time = felt(bend.time);
  }
  for (DrumMachineTrack& track : arrangement.machines) {
    for (DrumHit& hit : track.hits) hit.time = felt(hit.time);
  }
  for (VocalTrack& track : arrangement.voices) {
    for (SungNote& note : track.notes) {
      note.start = felt(note.start);
      note.end = std::max(note.start + 0.05, felt(note.end));
    }
  }
  for (double& time : arrangement.kick_times) time = felt(time);
}

// Compound time: patterns drawn on halves of a beat come to lie on its first and last third. Who plays both plays the
// one between as well: three even strokes to a beat.
class MiddleThird {
 public:
  explicit MiddleThird(const BeatGrid& grid) : grid_(grid), thirds_(grid.size()) {}
  void see(double time) {
    const auto [beat, third] = place_of(time);
    if (beat < thirds_.size() && third < 3) thirds_[beat][third] = true;
  }
  /// Where the stroke at `time` is struck again, or nothing.
  [[nodiscard]] std::optional<double> again(double time) const {
    const auto [beat, third] = place_of(time);
    if (beat >= thirds_.size() || third != 0 || thirds_[beat][1] || !thirds_[beat][2]) return std::nullopt;
    return time + third_of(beat);
  }
  [[nodiscard]] double third_at(double time) const { return third_of(place_of(time).first); }

 private:
  [[nodiscard]] double third_of(std::size_t beat) const {
    const auto at = static_cast<double>(beat);
    return (grid_.time_at(at + 1) - grid_.time_at(at)) / 3;
  }
  // Beat and third that a time is close to; third 3 where it is close to none.
  [[nodiscard]] std::pair<std::size_t, std::size_t> place_of(double time) const {
    constexpr double kNear = 0.25;  // thirds
    const double thirds = std::max(0.0, 3 * grid_.beat_at(time)), nearest = std::round(thirds);
    const auto count = static_cast<std::size_t>(nearest);
    return {count / 3, std::abs(thirds - nearest) < kNear ? count % 3 : 3};
  }
  const BeatGrid& grid_;
  std::vector<std::array<bool, 3>> thirds_;  // what is struck of each beat
};

void fill_thirds(const BeatGrid& grid, BandTrack& track) {
  MiddleThird middle(grid);
  for (const PlayedNote& note : track.part.notes) middle.see(note.onset);
  std::vector<PlayedNote> more;
  for (PlayedNote& note : track.part.notes) {
    const auto time = middle.again(note.onset);
    if (!time) continue;
    const double longest = middle.third_at(note.onset);
    PlayedNote copy = note;
    copy.onset = *time;
    copy.offset = *time + std::min(longest, note.offset - note.onset);
    copy.velocity = std::max(1, copy.velocity * 4 / 5);
    note.offset = std::min(note.offset, note.onset + longest);
    more.push_back(copy);
  }
  track.part.notes.insert(track.part.notes.end(), more.begin(), more.end());
}

// Cymbals and shakers: kick and snare stay where they are.
bool keeps_time(const PlayedNote& stroke) { return stroke.pitch >= 42 && stroke.pitch != 45 && stroke.pitch != 47; }
bool keeps_time(DrumSound sound) { return sound == DrumSound::closed_hat || sound == DrumSound::shaker; }

void fill_thirds_of_drums(const BeatGrid& grid, Arrangement& arrangement) {
  for (BandTrack& track : arrangement.band) {
    if (track.role != Role::drums && track.role != Role::percussion) continue;
    BandTrack hats = track;
    std::erase_if(hats.part.notes, [](const PlayedNote& note) { return !keeps_time(note); });
    std::erase_if(track.part.notes, [](const PlayedNote& note) { return keeps_time(note); });
    fill_thirds(grid, hats);
    track.part.notes.insert(track.part.notes.end(), hats.part.notes.begin(), hats.part.notes.end());
  }
  for (DrumMachineTrack& track : arrangement.machines) {
    MiddleThird middle(grid);
    for (const DrumHit& hit : track.hits) {
      if (keeps_time(hit.sound)) middle.see(hit.time);
    }
    std::vector<DrumHit> more;
    for (const DrumHit& hit : track.hits) {
      const auto time = keeps_time(hit.sound) ? middle.again(hit.time) : std::nullopt;
      if (time) more.push_back({.time = *time, .sound = hit.sound, .strength = 0.8 * hit.strength});
    }
    track.hits.insert(track.hits.end(), more.begin(), more.end());
    std::stable_sort(track.hits.begin(), track.hits.end(),
                     [](const DrumHit& a, const DrumHit& b) { return a.time < b.time; });
  }
}

void fill_all_thirds(const RhythmSongPlan& plan, Random& random, Arrangement& arrangement) {
  if (plan.feel != Feel::triplets) return;
  const BeatGrid& grid = arrangement.performed;
  if (random.chance(0.7)) fill_thirds_of_drums(grid, arrangement);
  for (BandTrack& track : arrangement.band) {
    const bool drums = track.role == Role::drums || track.role == Role::percussion;
    if (!drums && random.chance(0.6)) fill_thirds(grid, track);
  }
}

bool stays(Role role, Players players) {
  const bool drums = role == Role::drums || role == Role::percussion;
  switch (players) {
    case Players::no_drums:
      return !drums;
    case Players::drums_and_bass:
      return drums || role == Role::bass;
    case Players::drums_alone:
      return drums;
    case Players::accompaniment:
      return role != Role::lead && role != Role::harmony;
    case Players::one_instrument:
      return role == Role::piano || role == Role::chords;
    case Players::voice_alone:
      return role == Role::lead || role == Role::harmony;
    default:
      return true;
  }
}

void thin_out(Players players, Arrangement& arrangement) {
  std::erase_if(arrangement.band, [&](const BandTrack& track) { return !stays(track.role, players); });
  std::erase_if(arrangement.voices, [&](const VocalTrack& track) { return !stays(track.role, players); });
  if (!stays(Role::drums, players)) arrangement.machines.clear();
  if (players == Players::one_instrument && arrangement.band.size() > 1) arrangement.band.resize(1);
}

bool is_empty(const Arrangement& arrangement) {
  return arrangement.band.empty() && arrangement.voices.empty() && arrangement.machines.empty();
}

bool needs_drums(Players players) { return players == Players::drums_alone || players == Players::drums_and_bass; }

bool has_drums(const Arrangement& arrangement) {
  return !arrangement.machines.empty() || std::any_of(arrangement.band.begin(), arrangement.band.end(),
                                                      [](const BandTrack& track) { return track.role == Role::drums; });
}

Players draw_players(Random& random) {
  const double drawn = random.uniform();
  return drawn < 0.38   ? Players::all
         : drawn < 0.58 ? Players::no_drums
         : drawn < 0.68 ? Players::drums_and_bass
         : drawn < 0.80 ? Players::drums_alone
         : drawn < 0.88 ? Players::accompaniment
         : drawn < 0.95 ? Players::one_instrument
                        : Players::voice_alone;
}

}  // namespace

std::string players_names() { return fmt::format("{}", fmt::join(kPlayers, ", ")); }

std::optional<Players> players_named(std::string_view name) {
  const auto at = std::find(kPlayers.begin(), kPlayers.end(), name);
  if (at == kPlayers.end()) return std::nullopt;
  return static_cast<Players>(at - kPlayers.begin());
}

RhythmSongPlan draw_rhythm_song_plan(Random& random, std::optional<Players> players) {
  RhythmSongPlan plan;
  plan.duration = random.uniform(45, 80);
  plan.tempo = std::exp(random.uniform(std::log(58.0), std::log(205.0)));
  const double metre = random.uniform(), way = random.uniform();
  plan.beats_per_bar = metre < 0.44 ? 4 : metre < 0.70 ? 3 : metre < 0.91 ? 2 : metre < 0.97 ? 5 : 7;
  if (plan.beats_per_bar == 2) plan.feel = Feel::triplets;
  if (plan.beats_per_bar == 4 && way < 0.6) {
    plan.feel = way < 0.25 ? Feel::swung_eighths : way < 0.42 ? Feel::swung_sixteenths : Feel::triplets;
  }
  if (plan.beats_per_bar == 3 && way < 0.25) plan.feel = Feel::swung_eighths;
  plan.swing = random.uniform(0.57, 0.70);
  if (plan.feel == Feel::triplets) plan.tempo = random.uniform(50, 130);
  if (plan.beats_per_bar == 3) plan.tempo = random.uniform(75, 205);
  const Players drawn = draw_players(random);
  plan.players = players.value_or(drawn);
  if (random.chance(0.25)) plan.drift = random.uniform(0.01, 0.06);
  const bool loose = plan.players == Players::no_drums || plan.players == Players::one_instrument;
  plan.rubato = random.chance(0.4) ? random.uniform(0.005, loose ? 0.06 : 0.015) : 0.0;
  if (random.chance(0.12)) plan.ritardando = random.uniform(0.1, 0.45);
  if (random.chance(0.05)) plan.jump = random.uniform(0.75, 1.33);
  if (random.chance(0.3)) plan.pickup = static_cast<int>(random.index(static_cast<std::size_t>(plan.beats_per_bar)));
  return plan;
}

std::string describe(const RhythmSongPlan& plan) {
  static constexpr std::array kFeels = {"straight", "swung eighths", "swung sixteenths", "triplets"};
  return fmt::format(
      "{:.0f} a minute, {} beats in a bar, {}, {}, drift {:.3f}, rubato {:.3f}, ritardando {:.2f}, "
      "jump {:.2f}, pickup {}",
      plan.tempo, plan.beats_per_bar, kFeels[static_cast<std::size_t>(plan.feel)],
      kPlayers[static_cast<std::size_t>(plan.players)], plan.drift, plan.rubato, plan.ritardando, plan.jump,
      plan.pickup);
}

SymbolicSong make_rhythm_song(const RhythmSongPlan& plan, const std::string& name, Random& random) {
  SymbolicSong song;
  song.name = name;
  song.source = "drawn at random (rhythm song)";
  song.licence = "MIT";
  song.grid = grid_of(plan, random);
  const int key = static_cast<int>(random.index(12));
  song.chords = draw_chords(song.grid, key, random);
  song.melody = draw_melody(song.grid, key, random);
  song.piano = draw_piano(song.grid, song.chords, random);
  return song;
}

Arrangement arrange_rhythm_song(const RhythmSongPlan& plan, const SymbolicSong& song, std::size_t font_count,
                                std::uint64_t seed) {
  Random random(seed);
  Arrangement arrangement;
  for (int attempt = 0; attempt < 20; ++attempt) {
    arrangement = arrange(song, random.next(), {.font_count = font_count});
    if (needs_drums(plan.players) && !has_drums(arrangement)) continue;
    thin_out(plan.players, arrangement);
    if (!is_empty(arrangement)) break;
  }
  feel(plan, arrangement);
  fill_all_thirds(plan, random, arrangement);
  arrangement.summary += "; " + describe(plan);
  return arrangement;
}

}  // namespace pop2piano
