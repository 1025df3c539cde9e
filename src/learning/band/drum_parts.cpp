// SPDX-License-Identifier: MIT
// The drummer: patterns per section, fills, crashes, a kit from a sound font, a drum machine, or both.
#include <algorithm>
#include <array>
#include <optional>

#include "learning/band/patterns.h"
#include "learning/band/players.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {
namespace {

// General MIDI percussion.
constexpr int kKick = 36, kSideStick = 37, kSnare = 38, kClap = 39, kLowTom = 45, kClosedHat = 42, kOpenHat = 46,
              kMiddleTom = 47, kCrash = 49, kHighTom = 50, kRide = 51, kTambourine = 54, kShaker = 70;

struct DrumStroke {
  double time = 0;  // seconds
  int pitch = kKick;
  double strength = 1;
};

class Drummer {
 public:
  Drummer(const BandPlan& plan, Random& random) : plan_(plan), random_(random), timing_(draw_timing(random)) {
    const int beats = plan.song->grid.beats_per_bar;
    quiet_ = draw_drum_pattern(beats, 0.2, random);
    loud_ = random.chance(0.3) ? quiet_ : draw_drum_pattern(beats, 0.8, random);
    loud_.swing = quiet_.swing;
    snare_ = random.chance(0.12) ? kSideStick : random.chance(0.1) ? kClap : random.chance(0.3) ? 40 : kSnare;
    kick_ = random.chance(0.3) ? 35 : kKick;
    fill_chance_ = random.uniform(0.2, 0.9);
  }

  std::vector<DrumStroke> play() {
    // In half of the songs the intro has no drums.
    std::vector<bool> active = draw_activity(plan_, random_.uniform(-0.4, 0.4), random_);
    const bool quiet_intro = random_.chance(0.5);
    for (std::size_t s = 0; s < active.size(); ++s) {
      if (quiet_intro && plan_.sections[s].intro) active[s] = false;
    }
    bool played = false;
    for (const BandBar& bar : plan_.bars) {
      const auto section = static_cast<std::size_t>(bar.section);
      const bool last = is_last_of_section(bar);
      const bool next_plays = section + 1 < active.size() && active[section + 1];
      if (active[section]) play_bar(bar, last && random_.chance(fill_chance_), !played);
      if (!active[section] && last && next_plays && random_.chance(0.6)) fill(bar, 1 + random_.index(2));
      played = active[section] && !last;
    }
    return std::move(strokes_);
  }

 private:
  [[nodiscard]] bool is_last_of_section(const BandBar& bar) const {
    const Section& section = plan_.section_of(bar);
    const BandBar& last = plan_.bars[section.first_bar + section.bar_count - 1];
    return bar.start == last.start;
  }

  void strike(double beat, int pitch, double strength) {
    const double varied = std::clamp(strength * (1.0 + 0.08 * random_.normal()), 0.05, 1.0);
    strokes_.push_back({timing_.of(plan_.time_at(beat), random_), pitch, varied});
  }

  void play_bar(const BandBar& bar, bool with_fill, bool first_of_section) {
    const DrumPattern& pattern = plan_.section_of(bar).energy > 0.5 ? loud_ : quiet_;
    const double fill_beats = with_fill ? std::min<double>(bar.beats, 1.0 + static_cast<double>(random_.index(3))) : 0;
    if (first_of_section && random_.chance(0.7)) strike(bar.start, kCrash, 0.9);
    for (int cell = 0; cell < 4 * bar.beats; ++cell) {
      const double beat = 0.25 * cell;
      if (beat >= bar.beats - fill_beats) break;
      const auto i = static_cast<std::size_t>(cell) % DrumPattern::kCells;
      const double at = bar.start + beat + (cell % 2 == 1 ? pattern.swing : 0.0);
      const std::array<std::pair<float, int>, 9> rows = {{{pattern.kick[i], kick_},
                                                          {pattern.snare[i], snare_},
                                                          {pattern.ghost[i], kSnare},
                                                          {pattern.closed_hat[i], kClosedHat},
                                                          {pattern.open_hat[i], kOpenHat},
                                                          {pattern.ride[i], kRide},
                                                          {pattern.clap[i], kClap},
                                                          {pattern.shaker[i], kShaker},
                                                          {pattern.tambourine[i], kTambourine}}};
      for (const auto& [strength, pitch] : rows) {
        if (strength > 0) strike(at, pitch, static_cast<double>(strength));
      }
    }
    if (with_fill) fill(bar, static_cast<std::size_t>(fill_beats));
  }

  // A roll over the last beats of the bar, down the toms or on the snare.
  void fill(const BandBar& bar, std::size_t beats) {
    constexpr std::array kDown = {kSnare, kHighTom, kMiddleTom, kLowTom};
    const bool toms = random_.chance(0.6);
    const double step = random_.chance(0.5) ? 0.25 : random_.chance(0.5) ? 0.5 : 1.0 / 3;
    const double length = std::min<double>(bar.beats, static_cast<double>(beats));
    const double start = bar.start + bar.beats - length;
    for (double at = 0; at < length - 0.01; at += step) {
      const auto way = static_cast<std::size_t>(4 * at / length);
      if (random_.chance(0.85)) strike(start + at, toms ? kDown[way] : kSnare, random_.uniform(0.6, 1.0));
      if (random_.chance(0.2)) strike(start + at, kick_, 0.8);
    }
  }

  const BandPlan& plan_;
  Random& random_;
  HumanTiming timing_;
  DrumPattern quiet_, loud_;
  int snare_ = kSnare, kick_ = kKick;
  double fill_chance_ = 0.5;
  std::vector<DrumStroke> strokes_;
};

std::optional<DrumSound> machine_sound(int pitch) {
  switch (pitch) {
    case 35:
    case kKick:
      return DrumSound::kick;
    case kSideStick:
    case 40:
    case kSnare:
      return DrumSound::snare;
    case kClap:
      return DrumSound::clap;
    case kClosedHat:
    case kRide:
      return DrumSound::closed_hat;
    case kOpenHat:
      return DrumSound::open_hat;
    case kCrash:
      return DrumSound::crash;
    case kLowTom:
    case kMiddleTom:
    case kHighTom:
      return DrumSound::tom;
    case kShaker:
    case kTambourine:
      return DrumSound::shaker;
    default:
      return std::nullopt;
  }
}

void add_kit(const std::vector<DrumStroke>& strokes, const BandPlan& plan, Random& random, Arrangement& arrangement) {
  using namespace general_midi;
  constexpr std::array kKits = {standard_kit, standard_kit,   standard_kit, room_kit, power_kit,
                                power_kit,    electronic_kit, tr808_kit,    jazz_kit, brush_kit};
  BandTrack track;
  track.role = Role::drums;
  track.part.instrument = {.font = static_cast<int>(random.index(plan.font_count)),
                           .program = kKits[random.index(kKits.size())],
                           .percussion = true};
  for (const DrumStroke& s : strokes) {
    track.part.notes.push_back(
        {s.time, s.time + 0.15, static_cast<double>(s.pitch), static_cast<int>(30 + 95 * s.strength)});
  }
  track.strip.reverb_send_db = random.chance(0.75) ? random.uniform(-25, -10) : -60;
  track.strip.compressed = random.chance(0.5);
  arrangement.band.push_back(std::move(track));
}

void add_machine(const std::vector<DrumStroke>& strokes, Random& random, Arrangement& arrangement) {
  DrumMachineTrack track;
  track.machine = draw_drum_machine(random);
  for (const DrumStroke& s : strokes) {
    if (const auto sound = machine_sound(s.pitch)) track.hits.push_back({s.time, *sound, s.strength});
  }
  track.strip.reverb_send_db = random.chance(0.4) ? random.uniform(-28, -12) : -60;
  track.strip.compressed = random.chance(0.3);
  arrangement.machines.push_back(std::move(track));
}

}  // namespace

void add_drums(const BandPlan& plan, Random& random, Arrangement& arrangement) {
  const std::vector<DrumStroke> strokes = Drummer(plan, random).play();
  for (const DrumStroke& s : strokes) {
    if (s.pitch == 35 || s.pitch == kKick) arrangement.kick_times.push_back(s.time);
  }
  std::sort(arrangement.kick_times.begin(), arrangement.kick_times.end());
  const double draw = random.uniform();
  if (draw < 0.75) add_kit(strokes, plan, random, arrangement);
  if (draw > 0.60) add_machine(strokes, random, arrangement);
}

}  // namespace pop2piano
