// SPDX-License-Identifier: MIT
// A singing (or speaking) voice: harmonics of a glottal source through formants, with consonants, glides, vibrato,
// drift and breath (source-filter model; formants of vowels after Peterson and Barney 1952). Syllables mean nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/random.h"
#include "learning/studio/vocal_tract.h"

namespace pop2piano {

struct SungNote {
  double start = 0, end = 0;  ///< seconds
  double pitch = 60;          ///< MIDI, fractions allowed
  double glide = 0;           ///< semitones from start to end: spoken syllables
  double strength = 0.8;      ///< 0..1
  bool tied = false;          ///< the syllable before goes on: no consonant, no new attack
};

/// A singer's ways. draw_singer() varies all of them.
struct SingerOptions {
  double formant_scale = 1.0;  ///< 0.9 large man .. 1.25 child
  double tilt = 1.1;           ///< source harmonics fall as h^-tilt; 0.7 pressed .. 1.7 soft
  double vibrato_hz = 5.6;
  double vibrato_depth = 0.35;  ///< semitones, fully developed
  double vibrato_delay_s = 0.25;
  double scoop_chance = 0.35;  ///< notes begun from below
  double scoop_depth = 1.2;    ///< semitones, largest
  double fall_chance = 0.12;   ///< ends of phrases that drop
  double glide_s = 0.045;      ///< time constant from pitch to pitch; 0.003: hard-tuned
  double drift = 0.10;         ///< semitones, slow wandering
  double detune = 0.08;        ///< semitones, each note's own error (sd)
  double timing_s = 0.012;     ///< each note's own error (sd)
  double late_s = 0.0;         ///< behind (or before) the beat
  double breathiness = 0.05;   ///< noise against harmonics
  double consonants = 1.0;     ///< loudness of consonants
  double ring_db = 4.0;        ///< singer's formant near 3 kHz
  double attack_s = 0.025;
  double first_formant_scale = 1.0;  ///< the first formant beside the others
  VowelSet vowels = VowelSet::english;
};

enum class VoiceRange { male, female };

/// Whom draw_singer() draws. `unseen`: every setting but a part of late_s lies in ranges that a `usual` singer of the
/// same voice range never has, so that a network trained on usual singers can be tested with strangers.
enum class SingerKind { usual, unseen };

/// Near the middle of what the range sings in pop songs, MIDI.
[[nodiscard]] double comfortable_pitch(VoiceRange range);
/// `random` moves on by the same amount whatever the kind: what is drawn after the singer stays.
[[nodiscard]] SingerOptions draw_singer(VoiceRange range, SingerKind kind, Random& random);

/// Notes ordered by start, not overlapping (later notes cut earlier ones). Returns [samples], loudest parts near 0.2
/// RMS.
[[nodiscard]] std::vector<float> sing(std::span<const SungNote> notes, std::size_t samples, double sample_rate,
                                      const SingerOptions& options, Random random);

}  // namespace pop2piano
