// SPDX-License-Identifier: MIT
// A band's arrangement of a song, ready to be played: tracks in seconds with the settings of their channel strips.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/core/random.h"
#include "learning/studio/band_synth.h"
#include "learning/studio/drum_machine.h"
#include "learning/studio/effects.h"
#include "learning/studio/singer.h"
#include "learning/studio/stereo.h"
#include "music/score/symbolic_song.h"

namespace pop2piano {

/// Where a track sits in the mix; levels are drawn by role.
enum class Role { lead, harmony, bridge, piano, chords, pad, riff, power, stabs, bass, drums, percussion };

/// Levels are dB against the lead's reference; the track is brought to it by its active RMS.
struct ChannelStrip {
  double level_db = -6;
  double high_pass_hz = 0;  ///< 0: none
  std::optional<AmplifierOptions> amplifier;
  bool chorus = false;
  bool compressed = false;
  bool ducked = false;          ///< side chain from the kick drum
  double reverb_send_db = -60;  ///< into the song's reverberation
  std::optional<EchoOptions> echo;
  std::vector<FilterDesign> equaliser;
  StereoPlace place;  ///< in mixes of two channels
};

struct BandTrack {
  Role role = Role::chords;
  InstrumentTrack part;
  ChannelStrip strip;
};

struct VocalTrack {
  Role role = Role::lead;
  std::vector<SungNote> notes;
  SingerOptions singer;
  std::uint64_t seed = 0;
  ChannelStrip strip;
};

struct DrumMachineTrack {
  DrumMachineOptions machine;
  std::vector<DrumHit> hits;
  ChannelStrip strip;
};

/// What is done to the sum.
struct Mastering {
  int channels = 1;  ///< of the mix, 1 or 2; two are folded to one when everything is done
  std::vector<FilterDesign> equaliser;
  ReverbOptions reverb;
  double ducking_db = 0, ducking_release_s = 0.25;
  std::optional<CompressorOptions> compressor;
  double roughness = 0, roughness_hz = 100;  ///< apply_roughness() on the sum
  double crest_db = 14;                      ///< peak over RMS that clipping and limiting aim at
  double soft_clip_drive = 0;
  double noise_db = -200;  ///< RMS, dB of full scale
  double peak = 0.9;
  /// A lossy coder's round trip: 0 none, else its quality 0..1.
  double mp3_quality = 0, ogg_quality = 0;
};

/// A level that holds from its time on, reached over kGainRamp.
struct GainPoint {
  double time = 0;  ///< seconds
  double gain_db = 0;
};
inline constexpr double kGainRamp = 0.15;  ///< seconds

struct Arrangement {
  SymbolicSong song;    ///< transposed and counted as arranged
  BeatGrid performed;   ///< the same beats in seconds of the rendering
  double duration = 0;  ///< seconds
  int transposition = 0;
  double tempo_factor = 1;
  std::vector<BandTrack> band;
  std::vector<VocalTrack> voices;
  std::vector<DrumMachineTrack> machines;
  std::vector<double> kick_times;    // seconds, ascending
  std::vector<GainPoint> band_gain;  // all but the lead: breaks
  std::vector<GainPoint> song_gain;  // everything: quiet and loud sections, fade out
  std::vector<SymbolicNote> lead;    ///< the melody as it sounds: octave included; beats
  Mastering mastering;
  std::string summary;  ///< one line: what was drawn
};

}  // namespace pop2piano
