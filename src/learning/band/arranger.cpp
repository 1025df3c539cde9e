// SPDX-License-Identifier: MIT
#include "learning/band/arranger.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "learning/band/levels.h"
#include "learning/band/players.h"

namespace pop2piano {
namespace {

constexpr double kTail = 2.5;  // seconds after the last beat

// A tracker may count slow songs twice as fast and fast ones half as fast; so may the drummer.
SymbolicSong draw_counting(const SymbolicSong& song, Random& random) {
  const double tempo = song.grid.tempo();
  const double draw = random.uniform();
  const double doubled = tempo < 55 ? 0.75 : tempo < 68 ? 0.45 : tempo < 80 ? 0.2 : 0.0;
  const double halved = tempo > 170 ? 0.5 : tempo > 150 ? 0.2 : 0.0;
  if (song.grid.beats_per_bar == 4 && draw < doubled) return double_time(song);
  if (song.grid.beats_per_bar == 4 && draw < halved) return half_time(song);
  return song;
}

// Beat times of the rendering: another tempo, at times wandering, after some silence.
BeatGrid performed_grid(const BeatGrid& written, double tempo_factor, Random& random) {
  BeatGrid grid = written;
  const double wander = random.chance(0.3) ? random.uniform(0.002, 0.012) : 0.0;
  double time = random.chance(0.3) ? random.uniform(0.0, 0.1) : random.uniform(0.1, 2.0);
  double deviation = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    grid.times[i] = time;
    if (i + 1 == grid.size()) break;
    deviation = 0.95 * deviation + wander * random.normal();
    time += (written.times[i + 1] - written.times[i]) / tempo_factor * std::exp(std::clamp(deviation, -0.06, 0.06));
  }
  return grid;
}

// Singers with a guitar, at a piano, or with nobody: records that a full band never resembles.
void add_few(const BandPlan& plan, Random& random, Arrangement& arrangement) {
  auto& band = arrangement.band;
  const double draw = random.uniform();
  if (draw < 0.2) return;  // the melody alone
  band.push_back(random.chance(0.3) ? piano_part(plan, random) : chord_part(plan, random));
  if (draw < 0.6) return;
  if (random.chance(0.3)) band.push_back(chord_part(plan, random));
  if (random.chance(0.4)) band.push_back(pad_part(plan, random));
  if (random.chance(0.6)) band.push_back(bass_part(plan, random));
}

void add_band(const BandPlan& plan, Random& random, Arrangement& arrangement) {
  auto& band = arrangement.band;
  const std::size_t chords = 1 + random.index(4);
  for (std::size_t i = 0; i < chords; ++i) band.push_back(chord_part(plan, random));
  if (random.chance(0.35)) band.push_back(second_take(band.back(), plan.font_count, random));
  if (random.chance(0.45)) band.push_back(pad_part(plan, random));
  if (random.chance(0.25)) {
    band.push_back(power_part(plan, random));
    if (random.chance(0.6)) band.push_back(second_take(band.back(), plan.font_count, random));
  }
  if (random.chance(0.40)) band.push_back(riff_part(plan, random));
  if (random.chance(0.15)) band.push_back(riff_part(plan, random));
  if (random.chance(0.15)) band.push_back(stab_part(plan, random));
  if (random.chance(0.92)) band.push_back(bass_part(plan, random));
  if (!plan.song->bridge.empty() && random.chance(0.8)) band.push_back(bridge_part(plan, random));
  if (random.chance(0.55)) band.push_back(piano_part(plan, random));
  if (random.chance(0.87)) add_drums(plan, random, arrangement);
}

// Records are not level: verses are quieter than choruses, a bar before the chorus may be empty, ends fade.
void draw_dynamics(const BandPlan& plan, Random& random, Arrangement& arrangement) {
  const double depth_db = random.chance(0.8) ? random.uniform(1.0, 11.0) : 0.0;
  for (const Section& section : plan.sections) {
    const double time = plan.time_at(plan.bars[section.first_bar].start);
    arrangement.song_gain.push_back({time, depth_db * (section.energy - 1.0)});
  }
  const bool breaks = random.chance(0.45);
  for (const Section& section : plan.sections) {
    if (!breaks || !random.chance(0.25)) continue;
    const BandBar& last = plan.bars[section.first_bar + section.bar_count - 1];
    const double beats = std::min<double>(last.beats, 1.0 + static_cast<double>(random.index(4)));
    const double end = last.start + last.beats;
    arrangement.band_gain.push_back({plan.time_at(end - beats), random.uniform(-60, -20)});
    arrangement.band_gain.push_back({plan.time_at(end) - kGainRamp, 0.0});
  }
  if (random.chance(0.12)) {
    const double length = random.uniform(5, 18), start = arrangement.duration - length;
    const double level = arrangement.song_gain.empty() ? 0.0 : arrangement.song_gain.back().gain_db;
    std::erase_if(arrangement.song_gain, [&](const GainPoint& point) { return point.time >= start; });
    for (double t = 0; t < length; t += kGainRamp)
      arrangement.song_gain.push_back({start + t, level - 35.0 * t / length});
  }
}

// Lead, bass and drums stay near the middle.
bool is_central(Role role) { return role == Role::lead || role == Role::bass || role == Role::drums; }

double widening_chance(Role role) {
  return role == Role::bass ? 0.05 : role == Role::lead ? 0.2 : role == Role::drums ? 0.25 : 0.4;
}

// Two channels: every track has its place. The sides alternate as a rule, so that two takes lie left and right.
void draw_stereo(Random& random, Arrangement& arrangement) {
  arrangement.mastering.channels = 2;
  const double width = random.uniform(0.3, 1.0);
  double side = random.chance(0.5) ? 1 : -1;
  const auto place = [&](Role role, ChannelStrip& strip) {
    if (random.chance(0.8)) side = -side;
    const double pan = random.chance(0.3) ? width : width * random.uniform(0.0, 0.9);
    const double central = random.uniform(-0.1, 0.1);
    strip.place.pan = is_central(role) ? central : side * pan;
    const auto widening = static_cast<Widening>(1 + random.index(3));
    if (random.chance(widening_chance(role))) strip.place.widening = widening;
    strip.place.delay_s = random.uniform(0.005, 0.025);
    strip.place.phase_hz = std::exp(random.uniform(std::log(200.0), std::log(4000.0)));
  };
  for (BandTrack& track : arrangement.band) place(track.role, track.strip);
  for (VocalTrack& track : arrangement.voices) place(track.role, track.strip);
  for (DrumMachineTrack& track : arrangement.machines) place(Role::drums, track.strip);
}

}  // namespace

Arrangement arrange(const SymbolicSong& song, std::uint64_t seed, const ArrangerOptions& options) {
  Random random(seed);
  Random counting = random.fork(1), clock = random.fork(2), band = random.fork(3), lead = random.fork(4),
         levels = random.fork(5), mastering = random.fork(6), size = random.fork(7), stereo = random.fork(8);
  Arrangement result;
  result.transposition = static_cast<int>(counting.index(12)) - 5;
  result.tempo_factor = counting.uniform(0.85, 1.2);
  result.song = transposed(draw_counting(song, counting), result.transposition);
  result.performed = performed_grid(result.song.grid, result.tempo_factor, clock);
  result.duration = result.performed.times.back() + kTail;
  BandPlan plan = make_band_plan(result.song, result.performed, options.font_count, band);
  plan.singers = options.singers;
  add_lead(plan, lead, result);
  if (size.chance(options.thin_share)) {
    add_few(plan, size, result);
  } else {
    add_band(plan, band, result);
  }
  set_levels(result, levels);
  draw_dynamics(plan, levels, result);
  result.mastering = draw_mastering(mastering);
  if (stereo.chance(options.stereo_share)) draw_stereo(stereo, result);
  result.summary =
      fmt::format("key {:+d}, tempo {:.3f}, {} instruments, {} voices, {} drum machines, crest {:.1f} dB{}",
                  result.transposition, result.tempo_factor, result.band.size(), result.voices.size(),
                  result.machines.size(), result.mastering.crest_db, result.mastering.channels == 1 ? "" : ", stereo");
  return result;
}

}  // namespace pop2piano
