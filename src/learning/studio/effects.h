// SPDX-License-Identifier: MIT
// What a studio does to a track: filters (R. Bristow-Johnson's cookbook), an amplifier with its cabinet, compression,
// reverberation (after Schroeder and Moorer), echo, clipping. All work in place on mono samples.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/random.h"

namespace pop2piano {

enum class FilterKind { low_pass, high_pass, band_pass, all_pass, peak, low_shelf, high_shelf };

struct FilterDesign {
  FilterKind kind = FilterKind::peak;
  double frequency = 1000;  ///< Hz; kept below 0.48 of the sample rate
  double q = 0.7071;
  double gain_db = 0;  ///< peak and shelves only
};

/// Second order, transposed direct form II. Keeps its state from call to call.
class Biquad {
 public:
  Biquad(const FilterDesign& design, double sample_rate);
  float next(float x) {
    const float y = b0_ * x + s1_;
    s1_ = b1_ * x - a1_ * y + s2_;
    s2_ = b2_ * x - a2_ * y;
    return y;
  }
  void apply(std::span<float> samples);
  [[nodiscard]] double magnitude(double frequency, double sample_rate) const;

 private:
  float b0_ = 1, b1_ = 0, b2_ = 0, a1_ = 0, a2_ = 0;
  float s1_ = 0, s2_ = 0;
};

void apply_filter(std::span<float> samples, const FilterDesign& design, double sample_rate);

/// Half the rate, after a linear-phase low-pass of 63 taps; [n] -> [n / 2].
[[nodiscard]] std::vector<float> decimated_by_two(std::span<const float> samples);
/// Twice the rate, the same low-pass; [n] -> [2 n].
[[nodiscard]] std::vector<float> interpolated_by_two(std::span<const float> samples);

struct AmplifierOptions {
  double drive_db = 24;      ///< gain before the tubes, on a track whose loud parts have RMS 0.1
  double asymmetry = 0.1;    ///< 0..0.5: even harmonics
  double tight_hz = 110;     ///< high-pass before the distortion
  double cabinet_hz = 4800;  ///< where the loudspeaker ends
  double presence_db = 5;    ///< peak at presence_hz
  double presence_hz = 2500;
};
/// Distorts at twice the rate, so that harmonics above the Nyquist frequency do not fold back.
void apply_amplifier(std::span<float> samples, double sample_rate, const AmplifierOptions& options);

struct CompressorOptions {
  double threshold_db = -18;  ///< dB of full scale, RMS over about 10 ms
  double ratio = 3;
  double attack_s = 0.010, release_s = 0.150;
  double makeup_db = 0;
};
void apply_compressor(std::span<float> samples, double sample_rate, const CompressorOptions& options);
/// Channels of the same length get one gain, from their mean power.
void apply_compressor(std::span<const std::span<float>> channels, double sample_rate, const CompressorOptions& options);

/// Gain per sample that a compressor driven by `key` would apply (side chain). [samples]
void apply_ducking(std::span<float> samples, std::span<const double> hit_times, double sample_rate, double depth_db,
                   double release_s);

struct ReverbOptions {
  double seconds = 1.5;      ///< until -60 dB
  double damping_hz = 5000;  ///< above it the tail is shorter
  double predelay_s = 0.015;
  std::uint64_t seed = 1;  ///< varies the delays: another room
};
/// The reverberation alone.
[[nodiscard]] std::vector<float> reverberation(std::span<const float> samples, double sample_rate,
                                               const ReverbOptions& options);

struct EchoOptions {
  double delay_s = 0.3;
  double feedback = 0.3;  ///< 0..0.9
  double level_db = -12;
  double damping_hz = 4000;
};
void apply_echo(std::span<float> samples, double sample_rate, const EchoOptions& options);

/// Several detuned, slowly moving copies: chorus, or the width of an ensemble.
void apply_chorus(std::span<float> samples, double sample_rate, double depth_s, double rate_hz, double mix,
                  Random random);

/// Amplitude wobbles at random with frequencies up to `bandwidth_hz`: each partial becomes a narrow band, as played and
/// recorded sound has them and sampled sound has not. `depth`: sd of the gain.
void apply_roughness(std::span<float> samples, double sample_rate, double depth, double bandwidth_hz, Random random);

/// drive > 0: tanh(drive x) / tanh(drive).
void apply_soft_clip(std::span<float> samples, double drive);

/// RMS of the frames (50 ms) that are louder than 30 dB below the loudest, in linear units; 0 for silence.
[[nodiscard]] double active_rms(std::span<const float> samples, double sample_rate);

[[nodiscard]] inline float from_decibels(double db) { return static_cast<float>(std::pow(10.0, db / 20.0)); }

}  // namespace pop2piano
