// SPDX-License-Identifier: MIT
// Who carries the melody: singers with doubles and harmonies, instruments, and speakers where there is no melody.
#include <algorithm>
#include <array>
#include <cmath>

#include "learning/band/players.h"
#include "learning/band/role_instruments.h"

namespace pop2piano {
namespace {

using namespace general_midi;

std::vector<SymbolicNote> shifted(std::vector<SymbolicNote> notes, int semitones) {
  for (SymbolicNote& note : notes) note.pitch = std::clamp(note.pitch + semitones, 0, 127);
  return notes;
}

// One note at a time: the top note of those that begin together.
std::vector<SymbolicNote> single_line(const std::vector<SymbolicNote>& notes) {
  std::vector<SymbolicNote> line;
  for (const SymbolicNote& note : notes) {
    if (!line.empty() && note.onset < line.back().onset + 0.05) {
      if (note.pitch > line.back().pitch) line.back() = note;
      continue;
    }
    line.push_back(note);
  }
  return line;
}

double mean_pitch(const std::vector<SymbolicNote>& notes) {
  double sum = 0;
  for (const SymbolicNote& note : notes) sum += note.pitch;
  return notes.empty() ? 60 : sum / static_cast<double>(notes.size());
}

// The octave that brings the melody nearest to the singer's comfortable range, at times one off.
int singing_octave(const std::vector<SymbolicNote>& melody, VoiceRange range, Random& random) {
  const double wish = comfortable_pitch(range) + random.uniform(-3.0, 4.0);
  return 12 * static_cast<int>(std::lround((wish - mean_pitch(melody)) / 12.0));
}

struct Phrasing {
  double legato = 0.9;      // share of the written length
  double tie_chance = 0.2;  // of a short interval without a new syllable
};

std::vector<SungNote> sung_notes(const std::vector<SymbolicNote>& line, const BandPlan& plan, const Phrasing& phrasing,
                                 Random& random) {
  std::vector<SungNote> notes;
  const SymbolicNote* before = nullptr;
  for (const SymbolicNote& note : line) {
    SungNote sung;
    sung.start = plan.time_at(note.onset);
    sung.end = std::max(sung.start + 0.06, plan.time_at(note.onset + phrasing.legato * (note.offset - note.onset)));
    sung.pitch = note.pitch;
    sung.strength = std::clamp(note.velocity / 127.0 + 0.1 * random.normal(), 0.2, 1.0);
    sung.tied = before != nullptr && std::abs(note.pitch - before->pitch) <= 4 && random.chance(phrasing.tie_chance);
    notes.push_back(sung);
    before = &note;
  }
  return notes;
}

VocalTrack vocal_track(Role role, std::vector<SungNote> notes, const SingerOptions& singer, Random& random) {
  return {
      .role = role, .notes = std::move(notes), .singer = singer, .seed = random.next(), .strip = vocal_strip(random)};
}

// A second voice on the chord tone 3 to 9 semitones above or below.
std::vector<SymbolicNote> harmony_line(const std::vector<SymbolicNote>& line, const BandPlan& plan, int direction) {
  std::vector<SymbolicNote> harmony;
  for (SymbolicNote note : line) {
    const SongChord* chord = chord_at(*plan.song, note.onset + 0.01);
    for (int distance = 3; distance <= 9; ++distance) {
      const int pitch = note.pitch + direction * distance;
      const bool fits = chord == nullptr ? distance == 4 : (chord->pitch_classes >> (pitch % 12) & 1U) != 0;
      if (!fits) continue;
      note.pitch = pitch;
      harmony.push_back(note);
      break;
    }
  }
  return harmony;
}

// Only the notes of sections in which the layer plays.
std::vector<SymbolicNote> in_sections(const std::vector<SymbolicNote>& notes, const BandPlan& plan,
                                      const std::vector<bool>& active) {
  std::vector<SymbolicNote> kept;
  std::size_t bar = 0;
  for (const SymbolicNote& note : notes) {
    while (bar + 1 < plan.bars.size() && plan.bars[bar + 1].start <= note.onset + 0.1) ++bar;
    if (active[static_cast<std::size_t>(plan.bars[bar].section)]) kept.push_back(note);
  }
  return kept;
}

void add_singers(const BandPlan& plan, const std::vector<SymbolicNote>& line, VoiceRange range, Random& random,
                 Arrangement& arrangement) {
  const SingerOptions singer = draw_singer(range, plan.singers, random);
  const Phrasing phrasing{.legato = random.uniform(0.75, 1.0), .tie_chance = random.uniform(0.05, 0.35)};
  const auto sung = sung_notes(line, plan, phrasing, random);
  arrangement.voices.push_back(vocal_track(Role::lead, sung, singer, random));
  const ChannelStrip lead_strip = arrangement.voices.back().strip;
  if (random.chance(0.3)) {  // sung twice
    const auto doubled = in_sections(line, plan, draw_activity(plan, random.uniform(0.0, 0.6), random));
    VocalTrack take = vocal_track(Role::lead, sung_notes(doubled, plan, phrasing, random), singer, random);
    take.strip = lead_strip;
    arrangement.voices.push_back(std::move(take));
  }
  const int harmonies = random.chance(0.35) ? 1 + static_cast<int>(random.index(2)) : 0;
  for (int h = 0; h < harmonies; ++h) {
    const int direction = (h == 0) == random.chance(0.7) ? -1 : 1;
    const auto active = draw_activity(plan, random.uniform(0.2, 0.7), random);
    const auto notes = in_sections(harmony_line(line, plan, direction), plan, active);
    const VoiceRange other = random.chance(0.6)          ? range
                             : range == VoiceRange::male ? VoiceRange::female
                                                         : VoiceRange::male;
    arrangement.voices.push_back(vocal_track(Role::harmony, sung_notes(notes, plan, phrasing, random),
                                             draw_singer(other, plan.singers, random), random));
  }
}

// Held chords on "ah" by a few voices.
void add_choir(const BandPlan& plan, Random& random, Arrangement& arrangement) {
  const auto active = draw_activity(plan, random.uniform(0.3, 0.8), random);
  for (int voice = 0; voice < 3; ++voice) {
    std::vector<SymbolicNote> line;
    for (const SongChord& chord : plan.song->chords) {
      if (chord.root < 0) continue;
      int pitch = 55 + 5 * voice;
      while ((chord.pitch_classes >> (pitch % 12) & 1U) == 0) ++pitch;
      line.push_back({chord.start, chord.end, pitch, 70});
    }
    SingerOptions singer =
        draw_singer(random.chance(0.5) ? VoiceRange::male : VoiceRange::female, plan.singers, random);
    singer.consonants = 0.1;
    const Phrasing phrasing{.legato = 1.0, .tie_chance = 0.8};
    arrangement.voices.push_back(vocal_track(
        Role::harmony, sung_notes(in_sections(line, plan, active), plan, phrasing, random), singer, random));
  }
}

// Syllables with the melody of speech, on 8ths or 16ths, where the melody rests for two bars or more.
std::vector<SungNote> spoken_notes(const BandPlan& plan, VoiceRange range, Random& random) {
  std::vector<SungNote> notes;
  const auto& melody = plan.song->melody;
  const double base = comfortable_pitch(range) - 8.0;
  const double step = random.chance(0.5) ? 0.5 : 0.25;
  for (std::size_t i = 0; i + 1 < melody.size(); ++i) {
    const double start = std::ceil(melody[i].offset), end = std::floor(melody[i + 1].onset) - 0.5;
    if (end - start < 2.0 * plan.song->grid.beats_per_bar || !random.chance(0.7)) continue;
    for (double at = start; at < end; at += step) {
      if (random.chance(0.25)) continue;
      const double sentence = std::fmod(at - start, 8.0) / 8.0;  // falls over two bars
      notes.push_back({.start = plan.time_at(at),
                       .end = plan.time_at(at + 0.85 * step),
                       .pitch = base + 4.0 * (0.5 - sentence) + 2.5 * random.normal(),
                       .glide = random.uniform(-5.0, 2.0),
                       .strength = random.uniform(0.5, 1.0)});
    }
  }
  return notes;
}

// Scoops and vibrato of a wind or string player, as pitch bends.
void add_bends(InstrumentTrack& part, const std::vector<SymbolicNote>& line, const BandPlan& plan, Random& random) {
  const double depth = random.uniform(0.1, 0.45), rate = random.uniform(4.8, 6.5), scoops = random.uniform(0.0, 0.5);
  for (const SymbolicNote& note : line) {
    const double start = plan.time_at(note.onset), end = plan.time_at(note.offset);
    const double scoop = random.chance(scoops) ? random.uniform(0.3, 1.8) : 0.0;
    for (double t = 0; t < end - start; t += 0.012) {
      const double grown = std::clamp((t - 0.25) / 0.3, 0.0, 1.0);
      const double bend = depth * grown * std::sin(2 * 3.14159265 * rate * t) - scoop * std::exp(-t / 0.06);
      part.bends.push_back({start + t, bend});
    }
  }
}

BandTrack instrument_lead(const BandPlan& plan, const std::vector<SymbolicNote>& line, Random& random) {
  BandTrack track;
  track.role = Role::lead;
  const int program = role_instruments::kLead.begin()[random.index(role_instruments::kLead.size())];
  track.part.instrument = {.font = static_cast<int>(random.index(plan.font_count)), .program = program};
  const HumanTiming timing = draw_timing(random);
  const double legato = random.uniform(0.7, 1.05);
  for (const SymbolicNote& note : line) {
    const double start = timing.of(plan.time_at(note.onset), random);
    const double end = plan.time_at(note.onset + legato * (note.offset - note.onset));
    track.part.notes.push_back({start, std::max(start + 0.05, end), static_cast<double>(note.pitch), note.velocity});
  }
  if (program >= reed_organ && random.chance(0.6)) add_bends(track.part, line, plan, random);
  track.strip.reverb_send_db = random.chance(0.8) ? random.uniform(-20, -6) : -60;
  track.strip.compressed = random.chance(0.5);
  if (program >= jazz_guitar && program <= distortion_guitar && random.chance(0.6))
    track.strip.amplifier = draw_amplifier(random);
  if (random.chance(0.3)) {
    track.strip.echo = EchoOptions{.delay_s = random.uniform(0.15, 0.5), .level_db = random.uniform(-16, -8)};
  }
  return track;
}

int instrument_octave(Random& random) { return random.chance(0.66) ? 0 : random.chance(0.6) ? -12 : 12; }

}  // namespace

ChannelStrip vocal_strip(Random& random) {
  ChannelStrip strip;
  strip.high_pass_hz = random.uniform(70, 180);
  strip.compressed = random.chance(0.85);
  strip.reverb_send_db = random.chance(0.85) ? random.uniform(-20, -5) : -60;
  if (random.chance(0.25)) {
    strip.echo = EchoOptions{.delay_s = random.uniform(0.1, 0.45),
                             .feedback = random.uniform(0.0, 0.5),
                             .level_db = random.uniform(-18, -8)};
  }
  strip.equaliser.push_back(
      {.kind = FilterKind::high_shelf, .frequency = random.uniform(2500, 6000), .gain_db = random.uniform(-2, 8)});
  strip.equaliser.push_back(
      {.kind = FilterKind::peak, .frequency = random.uniform(200, 3000), .q = 0.8, .gain_db = random.uniform(-5, 5)});
  if (random.chance(0.05)) {  // telephone
    strip.equaliser.push_back({.kind = FilterKind::high_pass, .frequency = 400});
    strip.equaliser.push_back({.kind = FilterKind::low_pass, .frequency = 3200});
  }
  if (random.chance(0.08))
    strip.amplifier = AmplifierOptions{.drive_db = random.uniform(0, 14), .tight_hz = 80, .cabinet_hz = 9000};
  return strip;
}

void add_lead(const BandPlan& plan, Random& random, Arrangement& arrangement) {
  const std::vector<SymbolicNote> line = single_line(plan.song->melody);
  const bool sung = random.chance(0.75);
  const VoiceRange range = random.chance(0.5) ? VoiceRange::male : VoiceRange::female;
  const int octave = sung ? singing_octave(line, range, random) : instrument_octave(random);
  arrangement.lead = shifted(line, octave);
  std::vector<SymbolicNote> voice_line = arrangement.lead;
  if (sung) {
    std::vector<bool> instrumental(plan.sections.size(), false);
    if (random.chance(0.2)) instrumental = draw_activity(plan, random.uniform(0.5, 0.9), random);
    std::vector<bool> vocal;
    vocal.reserve(instrumental.size());
    for (const bool other : instrumental) vocal.push_back(!other);
    voice_line = in_sections(arrangement.lead, plan, vocal);
    const auto solo = in_sections(arrangement.lead, plan, instrumental);
    if (!solo.empty())
      arrangement.band.push_back(instrument_lead(plan, shifted(solo, instrument_octave(random)), random));
    if (!voice_line.empty()) add_singers(plan, voice_line, range, random, arrangement);
  } else {
    arrangement.band.push_back(instrument_lead(plan, arrangement.lead, random));
  }
  if (random.chance(0.12)) {  // an instrument doubles the melody
    const auto active = draw_activity(plan, random.uniform(0.2, 0.7), random);
    BandTrack twin =
        instrument_lead(plan, in_sections(shifted(arrangement.lead, instrument_octave(random)), plan, active), random);
    twin.role = Role::harmony;
    arrangement.band.push_back(std::move(twin));
  }
  if (random.chance(0.10)) add_choir(plan, random, arrangement);
  if (random.chance(0.15)) {
    const VoiceRange speaker = random.chance(0.6) ? VoiceRange::male : VoiceRange::female;
    auto spoken = spoken_notes(plan, speaker, random);
    SingerOptions singer = draw_singer(speaker, plan.singers, random);
    singer.vibrato_depth = 0;
    if (!spoken.empty()) arrangement.voices.push_back(vocal_track(Role::lead, std::move(spoken), singer, random));
  }
}

}  // namespace pop2piano
