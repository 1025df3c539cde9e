// SPDX-License-Identifier: MIT
#include "learning/studio/mixdown.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "learning/studio/sound_coding.h"

namespace pop2piano {
namespace {

constexpr double kRate = BandSynth::kSampleRate;
constexpr double kReference = 0.1;  // RMS of a track at 0 dB

// Follows the points, each reached over kGainRamp; 0 dB before the first.
void ride_fader(std::vector<float>& samples, std::span<const GainPoint> points) {
  const auto ramp = static_cast<std::size_t>(kGainRamp * kRate);
  float level = 1.0F;
  for (std::size_t p = 0; p < points.size(); ++p) {
    const auto first = static_cast<std::size_t>(std::max(0.0, points[p].time * kRate));
    const double next = p + 1 < points.size() ? points[p + 1].time * kRate : static_cast<double>(samples.size());
    const auto last = std::min(samples.size(), static_cast<std::size_t>(std::max(0.0, next)));
    const float target = from_decibels(points[p].gain_db);
    for (std::size_t i = first; i < last; ++i) {
      const float way = i - first < ramp ? static_cast<float>(i - first) / static_cast<float>(ramp) : 1.0F;
      samples[i] *= level + (target - level) * way;
    }
    level = target;
  }
}

class Desk {
 public:
  Desk(const Arrangement& arrangement, std::size_t samples)
      : arrangement_(arrangement),
        mix_(static_cast<std::size_t>(arrangement.mastering.channels), std::vector<float>(samples, 0.0F)),
        reverb_(samples, 0.0F) {}

  // Processes the track in place and adds it to the sum.
  void add(std::vector<float>& track, const ChannelStrip& strip, Role role, Random random) {
    const double rms = active_rms(track, kRate);
    if (rms <= 0) return;
    scale(track, kReference / rms);
    add_floor(track, random.fork(2));
    if (strip.high_pass_hz > 0)
      apply_filter(track, {.kind = FilterKind::high_pass, .frequency = strip.high_pass_hz}, kRate);
    if (strip.amplifier) apply_amplifier(track, kRate, *strip.amplifier);
    if (strip.compressed) {
      apply_compressor(track, kRate, {.threshold_db = random.uniform(-26, -18), .ratio = random.uniform(2, 6)});
    }
    for (const FilterDesign& design : strip.equaliser) apply_filter(track, design, kRate);
    if (strip.chorus)
      apply_chorus(track, kRate, random.uniform(0.001, 0.004), random.uniform(0.3, 1.2), 0.5, random.fork(1));
    if (strip.echo) apply_echo(track, kRate, *strip.echo);
    const Mastering& master = arrangement_.mastering;
    if (strip.ducked && master.ducking_db > 0) {
      apply_ducking(track, arrangement_.kick_times, kRate, master.ducking_db, master.ducking_release_s);
    }
    const double after = active_rms(track, kRate);
    if (after > 0) scale(track, kReference / after * std::pow(10.0, strip.level_db / 20.0));
    if (role != Role::lead) ride_fader(track, arrangement_.band_gain);
    add_placed(track, strip.place, kRate, random.fork(4), mix_);
    const float send = from_decibels(strip.reverb_send_db);
    for (std::size_t i = 0; i < reverb_.size(); ++i) reverb_[i] += send * track[i];
  }

  // Each channel hears the room from another place.
  Channels finish() {
    const double in = active_rms(reverb_, kRate);
    for (std::size_t c = 0; c < mix_.size(); ++c) {
      ReverbOptions ear = arrangement_.mastering.reverb;
      ear.seed += c;
      const auto room = reverberation(reverb_, kRate, ear);
      // The room's own gain differs from design to design: the sends decide its level.
      const double out = active_rms(room, kRate);
      const auto gain = static_cast<float>(out > 0 ? in / out : 0.0);
      for (std::size_t i = 0; i < room.size(); ++i) mix_[c][i] += gain * room[i];
      ride_fader(mix_[c], arrangement_.song_gain);
    }
    return std::move(mix_);
  }

 private:
  // Inaudible noise (-180 dB): filters that ring out into silence would otherwise compute with denormals, tens of times
  // slower.
  static void add_floor(std::vector<float>& samples, Random random) {
    for (float& x : samples) x += 1e-9F * (static_cast<float>(random.next() >> 40) * 0x1p-23F - 1.0F);
  }

  static void scale(std::vector<float>& samples, double factor) {
    for (float& x : samples) x *= static_cast<float>(factor);
  }

  const Arrangement& arrangement_;
  Channels mix_;
  std::vector<float> reverb_;
};

double loudest_rms(std::span<const std::vector<float>> channels, double sample_rate) {
  double loudest = 0;
  for (const auto& samples : channels) loudest = std::max(loudest, active_rms(samples, sample_rate));
  return loudest;
}

void scale_to_rms(Channels& channels, double rms) {
  const double now = loudest_rms(channels, kRate);
  if (now <= 0) return;
  for (auto& samples : channels) {
    for (float& x : samples) x *= static_cast<float>(rms / now);
  }
}

void add_noise(Channels& channels, double level_db, Random random) {
  const double amplitude = std::pow(10.0, level_db / 20.0) * std::sqrt(3.0);
  for (auto& samples : channels) {
    for (float& x : samples) x += static_cast<float>(random.uniform(-amplitude, amplitude));
  }
}

void compress(Channels& channels, const CompressorOptions& options) {
  const std::vector<std::span<float>> spans(channels.begin(), channels.end());
  apply_compressor(spans, kRate, options);
}

// Both channels wobble, are compressed and limited together.
std::vector<float> mastered(Channels mix, const Mastering& master) {
  for (auto& samples : mix) {
    if (master.roughness > 0) {
      apply_roughness(samples, kRate, master.roughness, master.roughness_hz, Random(master.reverb.seed).fork(7));
    }
    for (const FilterDesign& design : master.equaliser) apply_filter(samples, design, kRate);
  }
  scale_to_rms(mix, 0.12);
  if (master.compressor) compress(mix, *master.compressor);
  if (master.soft_clip_drive > 0) {
    scale_to_rms(mix, 0.25);
    for (auto& samples : mix) apply_soft_clip(samples, master.soft_clip_drive);
  }
  apply_limiter(mix, kRate, master.crest_db, master.peak);
  if (master.mp3_quality > 0)
    mix = codec_round_trip(std::move(mix), BandSynth::kSampleRate, LossyCodec::mp3, master.mp3_quality);
  if (master.ogg_quality > 0)
    mix = codec_round_trip(std::move(mix), BandSynth::kSampleRate, LossyCodec::vorbis, master.ogg_quality);
  if (master.noise_db > -150) add_noise(mix, master.noise_db, Random(master.reverb.seed));
  for (auto& samples : mix) {
    for (float& x : samples) x = std::clamp(x, -1.0F, 1.0F);
  }
  return folded(std::move(mix));
}

// Multiplies by `gain`; returns by how much each block of the loudest channel must then be lowered not to exceed
// `peak`.
std::vector<float> amplified(std::span<std::vector<float>> channels, float gain, double peak, std::size_t block) {
  const std::size_t length = channels.front().size(), blocks = (length + block - 1) / block;
  std::vector<float> wanted(blocks + 1, 1.0F);
  for (std::size_t b = 0; b < blocks; ++b) {
    float largest = 0;
    for (auto& samples : channels) {
      for (std::size_t i = b * block; i < std::min(length, (b + 1) * block); ++i) {
        largest = std::max(largest, std::abs(samples[i] *= gain));
      }
    }
    wanted[b] = largest > static_cast<float>(peak) ? static_cast<float>(peak) / largest : 1.0F;
  }
  return wanted;
}

}  // namespace

void apply_limiter(std::span<std::vector<float>> channels, double sample_rate, double crest_db, double peak) {
  const double rms = loudest_rms(channels, sample_rate);
  if (rms <= 1e-8) return;  // nothing but what keeps denormals away
  float loudest = 0;
  for (const auto& samples : channels) {
    for (const float x : samples) loudest = std::max(loudest, std::abs(x));
  }
  const double gain_to_crest = peak / (rms * std::pow(10.0, crest_db / 20.0));
  const auto gain = static_cast<float>(std::max(gain_to_crest, peak / static_cast<double>(loudest)));
  constexpr std::size_t kBlock = 64;
  const std::vector<float> wanted = amplified(channels, gain, peak, kBlock);
  // At a block's border the gain fits both neighbours; it recovers over about 60 ms.
  const float recovery = 1.0F - static_cast<float>(std::exp(-static_cast<double>(kBlock) / (0.060 * sample_rate)));
  float now = 1.0F;
  for (std::size_t b = 0; b + 1 < wanted.size(); ++b) {
    const float next = std::min({wanted[b], wanted[b + 1], now + recovery * (1.0F - now)});
    const float from = std::min(now, wanted[b]);
    for (auto& samples : channels) {
      for (std::size_t i = 0; i < kBlock && b * kBlock + i < samples.size(); ++i) {
        const float fraction = static_cast<float>(i) / kBlock;
        samples[b * kBlock + i] *= from + (next - from) * fraction;
      }
    }
    now = next;
  }
}

std::vector<float> mix_down(const Arrangement& arrangement, BandSynth& synth) {
  const auto samples = static_cast<std::size_t>(arrangement.duration * kRate);
  Desk desk(arrangement, samples);
  Random random(arrangement.mastering.reverb.seed ^ 0x5EEDULL);
  std::vector<InstrumentTrack> parts;
  for (const BandTrack& track : arrangement.band) parts.push_back(track.part);
  auto sounds = synth.render(parts, samples);
  for (std::size_t t = 0; t < sounds.size(); ++t)
    desk.add(sounds[t], arrangement.band[t].strip, arrangement.band[t].role, random.fork(t));
  for (const VocalTrack& track : arrangement.voices) {
    auto sound = sing(track.notes, samples, kRate, track.singer, Random(track.seed));
    desk.add(sound, track.strip, track.role, Random(track.seed).fork(3));
  }
  for (const DrumMachineTrack& track : arrangement.machines) {
    auto sound = play_drum_machine(track.hits, samples, kRate, track.machine);
    desk.add(sound, track.strip, Role::drums, Random(track.machine.seed).fork(3));
  }
  return mastered(desk.finish(), arrangement.mastering);
}

}  // namespace pop2piano
