// SPDX-License-Identifier: MIT
// What an arrangement varies, counted over dozens of seeds: layers, intros, drums, voices. Nothing is rendered.
#include "learning/band/arranger.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "learning/band/patterns.h"

namespace pop2piano {
namespace {

constexpr int kBars = 32, kIntroBars = 8, kRestBar = 20, kRestBars = 4;
constexpr std::uint64_t kSeeds = 60;

// 32 bars of 4 beats at 120 a minute over C, G, Am and F: the melody begins in bar 8, rests from bar 20 to 23.
SymbolicSong written_song() {
  SymbolicSong song;
  song.name = "test/1";
  Random random(5);
  constexpr std::array<int, 4> kRoots = {0, 7, 9, 5};
  for (int beat = 0; beat < 4 * kBars; ++beat) {
    const int bar = beat / 4;
    song.grid.times.push_back(0.5 * beat);
    song.grid.numbers.push_back(1 + beat % 4);
    const bool rests = bar < kIntroBars || (bar >= kRestBar && bar < kRestBar + kRestBars);
    if (!rests) song.melody.push_back({1.0 * beat, beat + 0.9, 64 + static_cast<int>(random.index(8)), 90});
    const int root = kRoots[static_cast<std::size_t>(bar % 4)], third = root == 9 ? 3 : 4;
    for (const int tone : {0, third, 7}) song.piano.push_back({1.0 * beat, beat + 0.9, 48 + root + tone, 60});
    if (beat % 4 != 0) continue;
    unsigned tones = 0;
    for (const int tone : {0, third, 7}) tones |= 1U << ((root + tone) % 12);
    song.chords.push_back({1.0 * beat, beat + 4.0, root, root, static_cast<std::uint16_t>(tones)});
  }
  return song;
}

std::vector<Arrangement> arrangements() {
  std::vector<Arrangement> all;
  const SymbolicSong song = written_song();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) all.push_back(arrange(song, seed, {}));
  return all;
}

double beat_of(const Arrangement& arrangement, double time) { return arrangement.performed.beat_at(time); }

// Notes in each four bars.
std::vector<int> notes_in_sections(const Arrangement& arrangement, const std::vector<PlayedNote>& notes) {
  std::vector<int> counts(kBars / 4, 0);
  for (const PlayedNote& note : notes) {
    const double section = (beat_of(arrangement, note.onset) + 0.25) / 16;
    counts[static_cast<std::size_t>(std::clamp(section, 0.0, kBars / 4 - 1.0))]++;
  }
  return counts;
}

TEST(Arranger, LayersEnterAndLeave) {
  std::size_t varied = 0, layers = 0, entrances = 0;
  for (const Arrangement& arrangement : arrangements()) {
    bool any = false;
    for (const BandTrack& track : arrangement.band) {
      if (track.role == Role::lead || track.role == Role::bridge || track.part.notes.empty()) continue;
      const auto counts = notes_in_sections(arrangement, track.part.notes);
      const auto silent = std::count(counts.begin(), counts.end(), 0);
      ASSERT_LT(silent, kBars / 4);  // a layer that never plays is no layer
      ++layers;
      if (silent == 0) continue;
      any = true;
      ++entrances;
    }
    varied += any ? 1 : 0;
  }
  EXPECT_GT(varied, kSeeds * 3 / 4);
  EXPECT_GT(entrances, layers / 4);
  EXPECT_LT(entrances, layers);  // and some play throughout
}

// Beats at which anything of the drums is struck, ascending.
std::vector<double> strokes_of(const Arrangement& arrangement) {
  std::vector<double> beats;
  for (const BandTrack& track : arrangement.band) {
    if (track.role != Role::drums) continue;
    for (const PlayedNote& note : track.part.notes) beats.push_back(beat_of(arrangement, note.onset));
  }
  for (const DrumMachineTrack& track : arrangement.machines) {
    for (const DrumHit& hit : track.hits) beats.push_back(beat_of(arrangement, hit.time));
  }
  std::sort(beats.begin(), beats.end());
  return beats;
}

TEST(Arranger, SomeIntrosHaveNoDrumsAndSomeHave) {
  std::size_t with_drums = 0, quiet_intro = 0, no_drums = 0;
  for (const Arrangement& arrangement : arrangements()) {
    const auto strokes = strokes_of(arrangement);
    if (strokes.empty()) {
      ++no_drums;
    } else {
      // A fill may lead out of the intro in its last bar.
      (strokes.front() > 4 * (kIntroBars - 1) - 0.5 ? quiet_intro : with_drums)++;
    }
  }
  EXPECT_GT(quiet_intro, kSeeds / 5);
  EXPECT_GT(with_drums, kSeeds / 10);
  EXPECT_GT(no_drums, 0U);
  EXPECT_LT(no_drums, kSeeds / 3);
}

TEST(DrumPattern, EnergyMeansSixteenthsAndLouderSnaresAndFewSwing) {
  const auto has_sixteenths = [](const DrumPattern& p) { return p.closed_hat[1] > 0 || p.ride[1] > 0; };
  const auto loudest = [](const auto& row) { return static_cast<double>(*std::max_element(row.begin(), row.end())); };
  Random random(3);
  int quiet = 0, loud = 0, swinging = 0;
  constexpr int kPatterns = 300;
  for (int i = 0; i < kPatterns; ++i) {
    const DrumPattern calm = draw_drum_pattern(4, 0.2, random), busy = draw_drum_pattern(4, 0.8, random);
    quiet += has_sixteenths(calm) ? 1 : 0;
    loud += has_sixteenths(busy) ? 1 : 0;
    EXPECT_GT(loudest(busy.snare), loudest(calm.snare));
    EXPECT_GT(loudest(busy.kick), 0);
    swinging += busy.swing > 0 ? 1 : 0;
    EXPECT_TRUE(busy.swing == 0 || (busy.swing >= 0.02 && busy.swing <= 0.08)) << busy.swing;
  }
  EXPECT_GT(loud, quiet * 5 / 4);
  EXPECT_GT(swinging, kPatterns / 20);
  EXPECT_LT(swinging, kPatterns / 4);
}

// How much later the odd 16ths are than the even ones, beats: of strokes in bars without fills.
double swing_of(const Arrangement& arrangement) {
  double odd = 0, even = 0, odd_count = 0, even_count = 0;
  for (const double beat : strokes_of(arrangement)) {
    const double cell = std::round(4 * beat), late = beat - cell / 4;
    if (static_cast<int>((beat + 0.1) / 4) % 4 == 3) continue;
    const bool is_odd = std::fmod(std::abs(cell), 2.0) == 1.0;
    (is_odd ? odd : even) += late;
    (is_odd ? odd_count : even_count) += 1;
  }
  return odd_count < 8 || even_count < 8 ? 0 : odd / odd_count - even / even_count;
}

TEST(Arranger, SomeDrummersSwingAndMostDoNot) {
  int straight = 0, swinging = 0;
  const SymbolicSong song = written_song();
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const double swing = swing_of(arrange(song, seed, {}));
    EXPECT_LT(swing, 0.1) << seed;
    EXPECT_GT(swing, -0.02) << seed;
    (swing > 0.015 ? swinging : straight)++;
  }
  EXPECT_GE(swinging, 4);
  EXPECT_GT(straight, 150);
}

TEST(Arranger, FillsRollDownTheTomsAtTheEndsOfSections) {
  constexpr int kHighTom = 50, kLowTom = 45;
  std::size_t with_fills = 0, kits = 0;
  double high = 0, low = 0, high_count = 0, low_count = 0;
  for (const Arrangement& arrangement : arrangements()) {
    for (const BandTrack& track : arrangement.band) {
      if (track.role != Role::drums) continue;
      ++kits;
      bool any = false;
      for (const PlayedNote& note : track.part.notes) {
        if (note.pitch != kHighTom && note.pitch != kLowTom) continue;
        const double beat = beat_of(arrangement, note.onset) + 0.1;
        EXPECT_EQ(static_cast<int>(beat / 4) % 4, 3) << "a tom outside a section's last bar, beat " << beat;
        any = true;
        (note.pitch == kHighTom ? high : low) += std::fmod(beat, 4.0);
        (note.pitch == kHighTom ? high_count : low_count) += 1;
      }
      with_fills += any ? 1 : 0;
    }
  }
  EXPECT_GT(with_fills, kits / 2);
  ASSERT_GT(high_count, 20);
  ASSERT_GT(low_count, 20);
  EXPECT_GT(low / low_count, high / high_count + 0.5);
}

TEST(Arranger, KicksAreWhatTheDrumsStrike) {
  std::size_t machines = 0;
  for (const Arrangement& arrangement : arrangements()) {
    for (const DrumMachineTrack& track : arrangement.machines) {
      std::vector<double> kicks;
      for (const DrumHit& hit : track.hits) {
        if (hit.sound == DrumSound::kick) kicks.push_back(hit.time);
      }
      std::sort(kicks.begin(), kicks.end());
      EXPECT_EQ(kicks, arrangement.kick_times);
      ++machines;
    }
  }
  EXPECT_GT(machines, kSeeds / 6);
}

// Voices by what they do. Speakers have no vibrato at all, a choir hardly any consonants: no usual singer is so.
bool is_speaker(const VocalTrack& track) { return track.singer.vibrato_depth == 0; }
bool is_choir(const VocalTrack& track) { return track.singer.consonants == 0.1; }

const SungNote* at_time(const std::vector<SungNote>& notes, double start) {
  const auto found =
      std::find_if(notes.begin(), notes.end(), [&](const SungNote& n) { return std::abs(n.start - start) < 1e-6; });
  return found == notes.end() ? nullptr : &*found;
}

TEST(Arranger, HarmoniesAreChordTonesAThirdToASixthFromTheMelody) {
  std::size_t songs = 0, below = 0, above = 0;
  for (const Arrangement& arrangement : arrangements()) {
    bool any = false;
    for (const VocalTrack& track : arrangement.voices) {
      if (track.role != Role::harmony || is_choir(track)) continue;
      for (const SungNote& note : track.notes) {
        const SungNote* melody = at_time(arrangement.voices.front().notes, note.start);
        ASSERT_NE(melody, nullptr) << "a harmony without its melody at " << note.start << " s";
        const double distance = std::abs(note.pitch - melody->pitch);
        EXPECT_TRUE(distance >= 3 && distance <= 9) << distance;
        const SongChord* chord = chord_at(arrangement.song, beat_of(arrangement, note.start) + 0.01);
        ASSERT_NE(chord, nullptr);
        EXPECT_TRUE(chord->pitch_classes >> (static_cast<int>(note.pitch) % 12) & 1U) << note.pitch;
        (note.pitch < melody->pitch ? below : above)++;
        any = true;
      }
    }
    songs += any ? 1 : 0;
  }
  EXPECT_GT(songs, kSeeds / 8);
  EXPECT_GT(below, 0U);
  EXPECT_GT(above, 0U);
}

TEST(Arranger, DoublesSingTheMelodyAgainOnAnotherTake) {
  std::size_t doubled = 0;
  for (const Arrangement& arrangement : arrangements()) {
    if (arrangement.voices.size() < 2) continue;
    const VocalTrack &first = arrangement.voices[0], &second = arrangement.voices[1];
    if (second.role != Role::lead || is_speaker(first) || is_speaker(second)) continue;
    ++doubled;
    EXPECT_NE(first.seed, second.seed);
    EXPECT_EQ(first.singer.formant_scale, second.singer.formant_scale);
    EXPECT_EQ(first.strip.reverb_send_db, second.strip.reverb_send_db);
    EXPECT_LE(second.notes.size(), first.notes.size());
    for (const SungNote& note : second.notes) {
      const SungNote* same = at_time(first.notes, note.start);
      ASSERT_NE(same, nullptr);
      EXPECT_EQ(same->pitch, note.pitch);
    }
  }
  EXPECT_GT(doubled, kSeeds / 12);
  EXPECT_LT(doubled, kSeeds / 2);
}

TEST(Arranger, SpeechIsOnlyWhereTheTargetHasNoMelody) {
  std::size_t speakers = 0;
  const SymbolicSong song = written_song();
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const Arrangement arrangement = arrange(song, seed, {});
    for (const VocalTrack& track : arrangement.voices) {
      if (!is_speaker(track)) continue;
      ++speakers;
      EXPECT_GT(track.notes.size(), 8U);
      for (const SungNote& spoken : track.notes) {
        for (const SymbolicNote& note : arrangement.song.melody) {
          const double start = arrangement.performed.time_at(note.onset),
                       end = arrangement.performed.time_at(note.offset);
          EXPECT_TRUE(spoken.end <= start || spoken.start >= end)
              << "spoken over the melody at " << spoken.start << " s";
        }
      }
    }
  }
  EXPECT_GT(speakers, 5U);
}

TEST(Arranger, SungMelodiesKeepToTheSingersRangeInWholeOctaves) {
  std::map<int, int> octaves;
  for (const Arrangement& arrangement : arrangements()) {
    ASSERT_EQ(arrangement.lead.size(), arrangement.song.melody.size());
    const int shift = arrangement.lead.front().pitch - arrangement.song.melody.front().pitch;
    EXPECT_EQ(shift % 12, 0);
    double mean = 0;
    for (std::size_t i = 0; i < arrangement.lead.size(); ++i) {
      EXPECT_EQ(arrangement.lead[i].pitch - arrangement.song.melody[i].pitch, shift);
      mean += static_cast<double>(arrangement.lead[i].pitch) / static_cast<double>(arrangement.lead.size());
    }
    if (arrangement.voices.empty() || arrangement.voices.front().role != Role::lead ||
        is_speaker(arrangement.voices.front())) {
      continue;  // played, not sung
    }
    const bool man = arrangement.voices.front().singer.formant_scale < 1.06;
    const double from_middle = mean - comfortable_pitch(man ? VoiceRange::male : VoiceRange::female);
    // Half an octave by rounding, and what the singer's wish differs from the middle: 3 semitones down, 4 up.
    EXPECT_GE(from_middle, -9.0);
    EXPECT_LE(from_middle, 10.0);
    octaves[shift]++;
  }
  EXPECT_GE(octaves.size(), 2U);
}

TEST(Arranger, StereoMixesSpreadTheBandAndChangeNothingElse) {
  const SymbolicSong song = written_song();
  std::size_t stereo = 0, widened = 0, left = 0, right = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Arrangement mono = arrange(song, seed, {}), mixed = arrange(song, seed, {.stereo_share = 0.6});
    EXPECT_EQ(mono.mastering.channels, 1);
    EXPECT_EQ(mono.mastering.reverb.seed, mixed.mastering.reverb.seed);
    ASSERT_EQ(mono.band.size(), mixed.band.size());
    ASSERT_EQ(mono.voices.size(), mixed.voices.size());
    for (std::size_t t = 0; t < mono.band.size(); ++t) {
      EXPECT_EQ(mono.band[t].strip.level_db, mixed.band[t].strip.level_db);
    }
    if (mixed.mastering.channels == 1) continue;
    ++stereo;
    for (const BandTrack& track : mixed.band) {
      const double pan = track.strip.place.pan;
      EXPECT_LE(std::abs(pan), track.role == Role::lead || track.role == Role::bass ? 0.1 : 1.0);
      left += pan < -0.3 ? 1 : 0;
      right += pan > 0.3 ? 1 : 0;
      widened += track.strip.place.widening == Widening::none ? 0 : 1;
    }
  }
  EXPECT_GT(stereo, kSeeds * 4 / 10);
  EXPECT_LT(stereo, kSeeds * 8 / 10);
  EXPECT_GT(widened, stereo);
  EXPECT_GT(left, stereo);
  EXPECT_GT(right, stereo);
}

TEST(Arranger, StrangersSingTheSameArrangement) {
  const SymbolicSong song = written_song();
  std::size_t voices = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Arrangement usual = arrange(song, seed, {}), unseen = arrange(song, seed, {.singers = SingerKind::unseen});
    EXPECT_EQ(usual.band.size(), unseen.band.size());
    EXPECT_EQ(usual.mastering.crest_db, unseen.mastering.crest_db);
    ASSERT_EQ(usual.voices.size(), unseen.voices.size());
    for (std::size_t v = 0; v < usual.voices.size(); ++v) {
      EXPECT_EQ(usual.voices[v].seed, unseen.voices[v].seed);
      ASSERT_EQ(usual.voices[v].notes.size(), unseen.voices[v].notes.size());
      EXPECT_EQ(unseen.voices[v].singer.vowels, VowelSet::foreign);
      EXPECT_EQ(usual.voices[v].singer.vowels, VowelSet::english);
      EXPECT_NE(usual.voices[v].singer.tilt, unseen.voices[v].singer.tilt);
      ++voices;
    }
  }
  EXPECT_GT(voices, kSeeds);
}

}  // namespace
}  // namespace pop2piano
