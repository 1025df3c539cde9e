// SPDX-License-Identifier: MIT
// The players who accompany: chords, pads, power chords, riffs, stabs, bass, and the parts that the score itself has.
#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

#include "learning/band/patterns.h"
#include "learning/band/players.h"
#include "learning/band/role_instruments.h"

namespace pop2piano {
namespace {

using namespace general_midi;

int pick(role_instruments::Programs programs, Random& random) {
  return *(programs.begin() + random.index(programs.size()));
}

bool is_guitar(int program) { return program >= nylon_guitar && program <= guitar_harmonics; }

BandTrack new_track(Role role, int program, const BandPlan& plan, Random& random) {
  BandTrack track;
  track.role = role;
  track.part.instrument = {.font = static_cast<int>(random.index(plan.font_count)), .program = program};
  track.strip.reverb_send_db = random.chance(0.8) ? random.uniform(-22, -8) : -60;
  track.strip.high_pass_hz = random.chance(0.5) ? random.uniform(60, 250) : 0;
  track.strip.ducked = random.chance(0.5);
  track.strip.compressed = random.chance(0.4);
  track.strip.chorus = random.chance(is_guitar(program) || program <= clavinet ? 0.4 : 0.25);
  const bool electric = program >= jazz_guitar && program <= distortion_guitar;
  if (electric && random.chance(0.6)) track.strip.amplifier = draw_amplifier(random);
  if (!electric && random.chance(0.04)) track.strip.amplifier = draw_amplifier(random);
  if (random.chance(0.5)) track.part.bends.push_back({0.0, 0.06 * random.normal()});  // not quite in tune
  if (random.chance(0.12))
    track.strip.echo = EchoOptions{.delay_s = random.uniform(0.12, 0.5), .level_db = random.uniform(-16, -7)};
  return track;
}

int velocity_of(double strength, Random& random) {
  return std::clamp(static_cast<int>(35 + 75 * strength + 7 * random.normal()), 15, 127);
}

void play(BandTrack& track, double start, double end, int pitch, int velocity) {
  track.part.notes.push_back({start, std::max(end, start + 0.03), static_cast<double>(pitch), velocity});
}

// Chord tones from `low` upwards, at most `count`.
std::vector<int> voicing(const SongChord& chord, int low, int count) {
  std::vector<int> pitches;
  for (int pitch = low; pitch < low + 36 && static_cast<int>(pitches.size()) < count; ++pitch) {
    if ((chord.pitch_classes >> (pitch % 12) & 1U) != 0) pitches.push_back(pitch);
  }
  return pitches;
}

// A guitarist's grip: root in the bass, then chord tones at least a third apart.
std::vector<int> guitar_grip(const SongChord& chord, int strings) {
  int root = 40;
  while (root % 12 != chord.root) ++root;
  std::vector<int> pitches = {root};
  for (int pitch = root + 5; pitch < 76 && static_cast<int>(pitches.size()) < strings; ++pitch) {
    const bool chord_tone = (chord.pitch_classes >> (pitch % 12) & 1U) != 0;
    if (chord_tone && pitch - pitches.back() >= 3) pitches.push_back(pitch);
  }
  return pitches;
}

struct ChordStyle {
  bool arpeggio = false;
  double arpeggio_step = 0.5;  // beats
  int low = 52, count = 4;
  bool grip = false;
  double strum_s = 0.0;           // from string to string
  std::array<Rhythm, 2> rhythms;  // for quiet and for loud sections
  std::vector<int> order;
};

ChordStyle draw_chord_style(int program, int beats, Random& random) {
  ChordStyle style;
  style.grip = is_guitar(program) && random.chance(0.7);
  style.count = style.grip ? 4 + static_cast<int>(random.index(3)) : 3 + static_cast<int>(random.index(2));
  style.low = 46 + static_cast<int>(random.index(18));
  style.strum_s = style.grip ? random.uniform(0.004, 0.028) : random.chance(0.3) ? random.uniform(0.0, 0.015) : 0.0;
  style.arpeggio = random.chance(0.3);
  style.arpeggio_step = std::array{0.5, 0.25, 1.0 / 3, 1.0}[random.index(4)];
  style.order = draw_arpeggio_order(style.count, random);
  for (Rhythm& rhythm : style.rhythms) rhythm = draw_chord_rhythm(beats, random);
  if (random.chance(0.4)) style.rhythms[1] = style.rhythms[0];
  return style;
}

void strike_chord(BandTrack& track, const ChordStyle& style, const SongChord& chord, double start, double end,
                  double strength, const HumanTiming& timing, Random& random) {
  std::vector<int> pitches = style.grip ? guitar_grip(chord, style.count) : voicing(chord, style.low, style.count);
  const bool up_stroke = style.grip && random.chance(0.3);
  if (up_stroke) std::reverse(pitches.begin(), pitches.end());
  double at = timing.of(start, random);
  for (const int pitch : pitches) {
    play(track, at, end, pitch, velocity_of(strength, random));
    at += style.strum_s;
  }
}

void break_chord(BandTrack& track, const ChordStyle& style, const BandPlan& plan, const BandBar& bar,
                 const HumanTiming& timing, Random& random) {
  std::size_t turn = 0;
  for (double at = bar.start; at < bar.start + bar.beats - 0.01; at += style.arpeggio_step, ++turn) {
    const SongChord* chord = chord_at(*plan.song, at + 0.01);
    if (chord == nullptr) continue;
    const auto pitches = style.grip ? guitar_grip(*chord, style.count) : voicing(*chord, style.low, style.count);
    if (pitches.empty()) continue;
    const int which = style.order[turn % style.order.size()] % static_cast<int>(pitches.size());
    const double strength = turn == 0 ? 0.8 : random.uniform(0.45, 0.75);
    play(track, timing.of(plan.time_at(at), random), plan.time_at(at + 1.6 * style.arpeggio_step),
         pitches[static_cast<std::size_t>(which)], velocity_of(strength, random));
  }
}

// The chord at a stroke and where the stroke must end: with the chord at the latest.
template <typename Use>
void each_stroke(const BandPlan& plan, const BandBar& bar, const Rhythm& rhythm, Use&& use) {
  for (const Stroke& stroke : rhythm) {
    if (stroke.at >= bar.beats) continue;
    const double at = bar.start + stroke.at;
    const SongChord* chord = chord_at(*plan.song, at + 0.01);
    if (chord == nullptr) continue;
    use(*chord, at, std::min(at + stroke.length, chord->end), stroke.strength);
  }
}

}  // namespace

BandTrack chord_part(const BandPlan& plan, Random& random) {
  const int program = pick(role_instruments::kChord, random);
  BandTrack track = new_track(Role::chords, program, plan, random);
  const ChordStyle style = draw_chord_style(program, plan.song->grid.beats_per_bar, random);
  const HumanTiming timing = draw_timing(random);
  const auto active = draw_activity(plan, random.uniform(-0.1, 0.6), random);
  for (const BandBar& bar : plan.bars) {
    if (!active[static_cast<std::size_t>(bar.section)]) continue;
    const double energy = plan.section_of(bar).energy;
    if (style.arpeggio) {
      break_chord(track, style, plan, bar, timing, random);
      continue;
    }
    each_stroke(plan, bar, style.rhythms[energy > 0.5 ? 1 : 0],
                [&](const SongChord& chord, double at, double end, double strength) {
                  strike_chord(track, style, chord, plan.time_at(at), plan.time_at(end),
                               strength * (0.6 + 0.4 * energy), timing, random);
                });
  }
  return track;
}

BandTrack second_take(const BandTrack& first, std::size_t font_count, Random& random) {
  BandTrack track = first;
  if (random.chance(0.7)) track.part.instrument.font = static_cast<int>(random.index(font_count));
  const HumanTiming timing{.shift_s = 0.006 * random.normal(), .error_s = random.uniform(0.004, 0.015)};
  for (PlayedNote& note : track.part.notes) {
    note.onset = timing.of(note.onset, random);
    note.offset = std::max(note.offset, note.onset + 0.03);
    note.velocity = std::clamp(note.velocity + static_cast<int>(6 * random.normal()), 10, 127);
  }
  // A few cents off the first take.
  track.part.bends.push_back({0.0, random.uniform(-0.12, 0.12)});
  if (track.strip.amplifier) track.strip.amplifier = draw_amplifier(random);
  return track;
}

BandTrack pad_part(const BandPlan& plan, Random& random) {
  BandTrack track = new_track(Role::pad, pick(role_instruments::kPad, random), plan, random);
  const auto active = draw_activity(plan, random.uniform(0.0, 0.7), random);
  const int low = 43 + static_cast<int>(random.index(22)), count = 2 + static_cast<int>(random.index(3));
  for (const SongChord& chord : plan.song->chords) {
    const auto bar = std::find_if(plan.bars.rbegin(), plan.bars.rend(),
                                  [&](const BandBar& b) { return b.start <= chord.start + 0.01; });
    if (chord.root < 0 || bar == plan.bars.rend() || !active[static_cast<std::size_t>(bar->section)]) continue;
    for (const int pitch : voicing(chord, low, count)) {
      play(track, plan.time_at(chord.start), plan.time_at(chord.end), pitch, velocity_of(0.5, random));
    }
  }
  return track;
}

BandTrack power_part(const BandPlan& plan, Random& random) {
  BandTrack track = new_track(Role::power, pick(role_instruments::kPower, random), plan, random);
  track.strip.amplifier = draw_amplifier(random);
  track.strip.amplifier->drive_db = random.uniform(22, 46);
  const auto active = draw_activity(plan, random.uniform(0.2, 0.7), random);
  const Rhythm rhythm = draw_chord_rhythm(plan.song->grid.beats_per_bar, random);
  const HumanTiming timing = draw_timing(random);
  const bool octave = random.chance(0.6), muted = random.chance(0.3);
  for (const BandBar& bar : plan.bars) {
    if (!active[static_cast<std::size_t>(bar.section)]) continue;
    each_stroke(plan, bar, rhythm, [&](const SongChord& chord, double at, double end, double strength) {
      int root = 38;
      while (root % 12 != chord.root) ++root;
      const double start = timing.of(plan.time_at(at), random);
      const double stop = muted && random.chance(0.7) ? start + 0.09 : plan.time_at(end);
      for (const int step : {0, 7, 12}) {
        if (step < 12 || octave) play(track, start, stop, root + step, velocity_of(strength, random));
      }
    });
  }
  return track;
}

BandTrack riff_part(const BandPlan& plan, Random& random) {
  BandTrack track = new_track(Role::riff, pick(role_instruments::kRiff, random), plan, random);
  const auto active = draw_activity(plan, random.uniform(0.1, 0.8), random);
  const std::size_t bars = random.chance(0.5) ? 1 : 2;
  std::vector<Rhythm> rhythms;
  std::vector<std::vector<int>> figures;  // per stroke: which chord tone, from the lowest
  for (std::size_t b = 0; b < bars; ++b) {
    rhythms.push_back(draw_riff_rhythm(plan.song->grid.beats_per_bar, random));
    figures.emplace_back();
    int place = static_cast<int>(random.index(5));
    for (std::size_t i = 0; i < rhythms.back().size(); ++i) {
      figures.back().push_back(place);
      place = std::clamp(place + static_cast<int>(random.index(5)) - 2, 0, 6);
    }
  }
  const int low = 50 + static_cast<int>(random.index(27));
  const HumanTiming timing = draw_timing(random);
  for (std::size_t b = 0; b < plan.bars.size(); ++b) {
    const BandBar& bar = plan.bars[b];
    if (!active[static_cast<std::size_t>(bar.section)]) continue;
    std::size_t turn = 0;
    each_stroke(plan, bar, rhythms[b % bars], [&](const SongChord& chord, double at, double end, double strength) {
      const auto pitches = voicing(chord, low, 7);
      const auto& figure = figures[b % bars];
      const int place = figure[turn++ % figure.size()];
      if (pitches.empty()) return;
      play(track, timing.of(plan.time_at(at), random), plan.time_at(end),
           pitches[static_cast<std::size_t>(place) % pitches.size()], velocity_of(strength, random));
    });
  }
  return track;
}

BandTrack stab_part(const BandPlan& plan, Random& random) {
  BandTrack track = new_track(Role::stabs, pick(role_instruments::kStab, random), plan, random);
  const auto active = draw_activity(plan, random.uniform(0.3, 0.8), random);
  const Rhythm rhythm = draw_riff_rhythm(plan.song->grid.beats_per_bar, random);
  const int low = 50 + static_cast<int>(random.index(18));
  for (std::size_t b = 0; b < plan.bars.size(); ++b) {
    const BandBar& bar = plan.bars[b];
    if (!active[static_cast<std::size_t>(bar.section)] || (b % 2 == 1 && random.chance(0.4))) continue;
    each_stroke(plan, bar, rhythm, [&](const SongChord& chord, double at, double end, double strength) {
      const double start = plan.time_at(at);
      for (const int pitch : voicing(chord, low, 4)) {
        play(track, start, std::min(plan.time_at(end), start + 0.25), pitch, velocity_of(strength, random));
      }
    });
  }
  return track;
}

BandTrack bass_part(const BandPlan& plan, Random& random) {
  BandTrack track = new_track(Role::bass, pick(role_instruments::kBass, random), plan, random);
  track.strip.reverb_send_db = -60;
  track.strip.high_pass_hz = random.chance(0.4) ? random.uniform(25, 45) : 0;
  track.strip.compressed = random.chance(0.7);
  if (random.chance(0.15)) track.strip.amplifier = AmplifierOptions{.drive_db = random.uniform(6, 20), .tight_hz = 40};
  const int beats = plan.song->grid.beats_per_bar;
  const std::array<Rhythm, 2> rhythms = {draw_bass_rhythm(beats, random), draw_bass_rhythm(beats, random)};
  const bool follows_inversions = random.chance(0.7);
  const double fifths = random.chance(0.4) ? random.uniform(0.05, 0.3) : 0.0;
  const double octaves = random.chance(0.3) ? random.uniform(0.05, 0.5) : 0.0;
  const int low = 26 + static_cast<int>(random.index(7));
  const HumanTiming timing = draw_timing(random);
  const auto active = draw_activity(plan, random.uniform(-0.5, 0.3), random);
  for (const BandBar& bar : plan.bars) {
    if (!active[static_cast<std::size_t>(bar.section)]) continue;
    const double energy = plan.section_of(bar).energy;
    each_stroke(
        plan, bar, rhythms[energy > 0.5 ? 1 : 0], [&](const SongChord& chord, double at, double end, double strength) {
          int pitch = low;
          while (pitch % 12 != (follows_inversions ? chord.bass : chord.root)) ++pitch;
          if (at > bar.start + 0.1 && random.chance(fifths)) pitch += 7;
          if (at > bar.start + 0.1 && random.chance(octaves)) pitch += 12;
          play(track, timing.of(plan.time_at(at), random), plan.time_at(end), pitch, velocity_of(strength, random));
        });
  }
  return track;
}

BandTrack bridge_part(const BandPlan& plan, Random& random) {
  BandTrack track = new_track(Role::bridge, pick(role_instruments::kBridge, random), plan, random);
  const HumanTiming timing = draw_timing(random);
  const int octave = random.chance(0.7) ? 0 : random.chance(0.5) ? -12 : 12;
  for (const SymbolicNote& note : plan.song->bridge) {
    play(track, timing.of(plan.time_at(note.onset), random), plan.time_at(note.offset), note.pitch + octave,
         note.velocity);
  }
  return track;
}

BandTrack piano_part(const BandPlan& plan, Random& random) {
  BandTrack track = new_track(Role::piano, pick(role_instruments::kPiano, random), plan, random);
  const HumanTiming timing = draw_timing(random);
  const auto active = draw_activity(plan, random.uniform(-0.2, 0.5), random);
  const double kept = random.chance(0.5) ? 1.0 : random.uniform(0.4, 0.95);
  const int lowest = random.chance(0.3) ? 48 : 0;
  std::size_t bar = 0;
  for (const SymbolicNote& note : plan.song->piano) {
    while (bar + 1 < plan.bars.size() && plan.bars[bar + 1].start <= note.onset + 0.1) ++bar;
    if (!active[static_cast<std::size_t>(plan.bars[bar].section)] || note.pitch < lowest || !random.chance(kept))
      continue;
    play(track, timing.of(plan.time_at(note.onset), random), plan.time_at(note.offset), note.pitch, note.velocity);
  }
  return track;
}

}  // namespace pop2piano
