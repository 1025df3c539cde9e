// SPDX-License-Identifier: MIT
#include "learning/studio/effects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace pop2piano {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr int kHalfBandRadius = 31;

// Windowed sinc at a quarter of the higher rate; sums to 1.
const std::array<float, 2 * kHalfBandRadius + 1>& half_band() {
  static const auto taps = [] {
    std::array<float, 2 * kHalfBandRadius + 1> h{};
    double sum = 0;
    for (std::size_t k = 0; k < h.size(); ++k) {
      const int n = static_cast<int>(k) - kHalfBandRadius;
      const double x = 0.49 * n * std::numbers::pi;
      const double window = 0.54 + 0.46 * std::cos(std::numbers::pi * n / (kHalfBandRadius + 1));
      const double value = window * (n == 0 ? 1.0 : std::sin(x) / x);
      h[k] = static_cast<float>(value);
      sum += value;
    }
    for (float& tap : h) tap = static_cast<float>(tap / sum);
    return h;
  }();
  return taps;
}

std::vector<float> padded(std::span<const float> samples, std::size_t margin) {
  std::vector<float> result(samples.size() + 2 * margin, 0.0F);
  std::copy(samples.begin(), samples.end(), result.begin() + static_cast<std::ptrdiff_t>(margin));
  return result;
}

// One-pole smoothing coefficient for a time constant.
float one_pole(double seconds, double sample_rate) {
  return static_cast<float>(std::exp(-1.0 / std::max(1e-4, seconds * sample_rate)));
}

}  // namespace

Biquad::Biquad(const FilterDesign& design, double sample_rate) {
  const double w = kTwoPi * std::clamp(design.frequency / sample_rate, 1e-4, 0.48);
  const double alpha = std::sin(w) / (2.0 * design.q);
  const double c = std::cos(w);
  const double a = std::pow(10.0, design.gain_db / 40.0);
  const double shelf = 2.0 * std::sqrt(a) * alpha;
  double b0 = 1, b1 = 0, b2 = 0, a0 = 1, a1 = 0, a2 = 0;
  const auto set = [&](double nb0, double nb1, double nb2, double na0, double na1, double na2) {
    b0 = nb0, b1 = nb1, b2 = nb2, a0 = na0, a1 = na1, a2 = na2;
  };
  switch (design.kind) {
    case FilterKind::low_pass:
      set((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha);
      break;
    case FilterKind::high_pass:
      set((1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha);
      break;
    case FilterKind::band_pass:
      set(alpha, 0, -alpha, 1 + alpha, -2 * c, 1 - alpha);
      break;
    case FilterKind::all_pass:
      set(1 - alpha, -2 * c, 1 + alpha, 1 + alpha, -2 * c, 1 - alpha);
      break;
    case FilterKind::peak:
      set(1 + alpha * a, -2 * c, 1 - alpha * a, 1 + alpha / a, -2 * c, 1 - alpha / a);
      break;
    case FilterKind::low_shelf:
      set(a * ((a + 1) - (a - 1) * c + shelf), 2 * a * ((a - 1) - (a + 1) * c), a * ((a + 1) - (a - 1) * c - shelf),
          (a + 1) + (a - 1) * c + shelf, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - shelf);
      break;
    case FilterKind::high_shelf:
      set(a * ((a + 1) + (a - 1) * c + shelf), -2 * a * ((a - 1) + (a + 1) * c), a * ((a + 1) + (a - 1) * c - shelf),
          (a + 1) - (a - 1) * c + shelf, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - shelf);
      break;
  }
  b0_ = static_cast<float>(b0 / a0);
  b1_ = static_cast<float>(b1 / a0);
  b2_ = static_cast<float>(b2 / a0);
  a1_ = static_cast<float>(a1 / a0);
  a2_ = static_cast<float>(a2 / a0);
}

void Biquad::apply(std::span<float> samples) {
  for (float& x : samples) x = next(x);
  // Denormals in the state would make silence slow.
  if (std::abs(s1_) < 1e-20F) s1_ = 0;
  if (std::abs(s2_) < 1e-20F) s2_ = 0;
}

double Biquad::magnitude(double frequency, double sample_rate) const {
  const std::complex<double> z = std::polar(1.0, -kTwoPi * frequency / sample_rate);
  const auto b = static_cast<double>(b0_) + static_cast<double>(b1_) * z + static_cast<double>(b2_) * z * z;
  const auto a = 1.0 + static_cast<double>(a1_) * z + static_cast<double>(a2_) * z * z;
  return std::abs(b / a);
}

void apply_filter(std::span<float> samples, const FilterDesign& design, double sample_rate) {
  Biquad(design, sample_rate).apply(samples);
}

std::vector<float> decimated_by_two(std::span<const float> samples) {
  const auto& h = half_band();
  const std::vector<float> in = padded(samples, kHalfBandRadius);
  std::vector<float> out(samples.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    float sum = 0;
    for (std::size_t k = 0; k < h.size(); ++k) sum += h[k] * in[2 * i + k];
    out[i] = sum;
  }
  return out;
}

std::vector<float> interpolated_by_two(std::span<const float> samples) {
  const auto& h = half_band();
  constexpr std::size_t kMargin = kHalfBandRadius;
  const std::vector<float> in = padded(samples, kMargin);
  std::vector<float> out(2 * samples.size(), 0.0F);
  // out[m] = 2 sum over n of h[radius + m - 2 n] samples[n]: every second tap, from the newest sample back.
  for (std::size_t m = 0; m < out.size(); ++m) {
    const std::size_t parity = (kHalfBandRadius + m) % 2;
    const float* newest = in.data() + kMargin + (kHalfBandRadius + m - parity) / 2;
    float sum = 0;
    for (std::size_t k = parity, back = 0; k < h.size(); k += 2, ++back) sum += h[k] * *(newest - back);
    out[m] = 2.0F * sum;
  }
  return out;
}

void apply_amplifier(std::span<float> samples, double sample_rate, const AmplifierOptions& options) {
  const double rms = active_rms(samples, sample_rate);
  if (rms <= 0) return;
  apply_filter(samples, {.kind = FilterKind::high_pass, .frequency = options.tight_hz}, sample_rate);
  std::vector<float> fast = interpolated_by_two(samples);
  const float drive = from_decibels(options.drive_db) * static_cast<float>(0.1 / rms);
  const auto bias = static_cast<float>(options.asymmetry);
  const float rest = std::tanh(bias);
  for (float& x : fast) x = std::tanh(drive * x + bias) - rest;
  const double fast_rate = 2.0 * sample_rate;
  for (const double q : {0.54, 1.31}) {  // fourth-order Butterworth
    apply_filter(fast, {.kind = FilterKind::low_pass, .frequency = options.cabinet_hz, .q = q}, fast_rate);
  }
  const std::vector<float> slow = decimated_by_two(fast);
  std::copy(slow.begin(), slow.end(), samples.begin());
  apply_filter(samples, {.kind = FilterKind::high_pass, .frequency = 75}, sample_rate);
  apply_filter(samples, {.kind = FilterKind::peak, .frequency = 120, .q = 1.2, .gain_db = 3}, sample_rate);
  apply_filter(samples,
               {.kind = FilterKind::peak, .frequency = options.presence_hz, .q = 0.9, .gain_db = options.presence_db},
               sample_rate);
}

void apply_compressor(std::span<float> samples, double sample_rate, const CompressorOptions& options) {
  apply_compressor(std::span<const std::span<float>>(&samples, 1), sample_rate, options);
}

void apply_compressor(std::span<const std::span<float>> channels, double sample_rate,
                      const CompressorOptions& options) {
  constexpr std::size_t kBlock = 32;  // gain is computed once a block and interpolated
  const double block_rate = sample_rate / kBlock;
  const float smooth = one_pole(0.010, block_rate);
  const float attack = one_pole(options.attack_s, block_rate), release = one_pole(options.release_s, block_rate);
  float power = 0, gain_db = 0, last_gain = from_decibels(options.makeup_db);
  const std::size_t length = channels.front().size();
  for (std::size_t at = 0; at < length; at += kBlock) {
    const std::size_t count = std::min(kBlock, length - at);
    float sum = 0;
    for (const auto& samples : channels) {
      for (std::size_t i = 0; i < count; ++i) sum += samples[at + i] * samples[at + i];
    }
    power = smooth * power + (1 - smooth) * sum / static_cast<float>(count * channels.size());
    const float level_db = 10.0F * std::log10(power + 1e-12F);
    const float over = std::max(0.0F, level_db - static_cast<float>(options.threshold_db));
    const float wanted = -over * static_cast<float>(1.0 - 1.0 / options.ratio);
    const float pole = wanted < gain_db ? attack : release;
    gain_db = pole * gain_db + (1 - pole) * wanted;
    const float gain = from_decibels(gain_db + options.makeup_db);
    const float slope = (gain - last_gain) / static_cast<float>(count);
    for (const auto& samples : channels) {
      for (std::size_t i = 0; i < count; ++i) samples[at + i] *= last_gain + slope * static_cast<float>(i + 1);
    }
    last_gain = gain;
  }
}

void apply_ducking(std::span<float> samples, std::span<const double> hit_times, double sample_rate, double depth_db,
                   double release_s) {
  const float floor = from_decibels(-depth_db);
  for (std::size_t h = 0; h < hit_times.size(); ++h) {
    const double first = std::max(0.0, hit_times[h] * sample_rate);
    const double next = h + 1 < hit_times.size() ? hit_times[h + 1] * sample_rate : first + release_s * sample_rate;
    const double last = std::min({static_cast<double>(samples.size()), next, first + release_s * sample_rate});
    for (double i = std::ceil(first); i < last; ++i) {
      const auto x = static_cast<float>((i - first) / (release_s * sample_rate));
      const float rise = x * x * (3 - 2 * x);
      samples[static_cast<std::size_t>(i)] *= floor + (1 - floor) * rise;
    }
  }
}

std::vector<float> reverberation(std::span<const float> samples, double sample_rate, const ReverbOptions& options) {
  Random random(options.seed);
  std::vector<float> sum(samples.size(), 0.0F);
  const float damping = one_pole(1.0 / (kTwoPi * options.damping_hz), sample_rate);
  const auto predelay = static_cast<std::size_t>(options.predelay_s * sample_rate);
  constexpr int kCombs = 8;
  for (int c = 0; c < kCombs; ++c) {
    const double delay_s = 0.022 + 0.0031 * c + random.uniform(-0.0012, 0.0012);
    const auto size = std::max<std::size_t>(8, static_cast<std::size_t>(delay_s * sample_rate));
    const auto feedback = static_cast<float>(std::pow(10.0, -3.0 * delay_s / options.seconds));
    std::vector<float> line(size, 0.0F);
    float low = 0;
    std::size_t at = 0;
    for (std::size_t i = predelay; i < samples.size(); ++i) {
      const float out = line[at];
      sum[i] += (c % 2 == 0 ? 1.0F : -1.0F) * out;
      low = damping * low + (1 - damping) * out;
      line[at] = samples[i - predelay] + feedback * low + 1e-18F;
      if (++at == size) at = 0;
    }
  }
  for (const double delay_s : {0.0126, 0.0100, 0.0077, 0.0051}) {
    const auto size = static_cast<std::size_t>(delay_s * random.uniform(0.93, 1.07) * sample_rate);
    std::vector<float> line(size, 0.0F);
    std::size_t at = 0;
    for (float& x : sum) {
      const float delayed = line[at];
      line[at] = x + 0.5F * delayed + 1e-18F;
      x = delayed - 0.5F * line[at];
      if (++at == size) at = 0;
    }
  }
  for (float& x : sum) x *= 0.25F;
  return sum;
}

void apply_echo(std::span<float> samples, double sample_rate, const EchoOptions& options) {
  const auto size = std::max<std::size_t>(1, static_cast<std::size_t>(options.delay_s * sample_rate));
  std::vector<float> line(size, 0.0F);
  const float damping = one_pole(1.0 / (kTwoPi * options.damping_hz), sample_rate);
  const auto feedback = static_cast<float>(options.feedback);
  const float level = from_decibels(options.level_db);
  float low = 0;
  std::size_t at = 0;
  for (float& x : samples) {
    const float delayed = line[at];
    low = damping * low + (1 - damping) * delayed;
    line[at] = x + feedback * low + 1e-18F;
    x += level * low;
    if (++at == size) at = 0;
  }
}

void apply_chorus(std::span<float> samples, double sample_rate, double depth_s, double rate_hz, double mix,
                  Random random) {
  const std::vector<float> dry(samples.begin(), samples.end());
  for (int copy = 0; copy < 2; ++copy) {
    const double base = (0.012 + 0.007 * copy) * sample_rate;
    const double phase = random.uniform(0.0, kTwoPi);
    const double rate = rate_hz * random.uniform(0.8, 1.25);
    constexpr std::size_t kBlock = 32;
    for (std::size_t at = 0; at < samples.size(); at += kBlock) {
      const double angle = kTwoPi * rate * static_cast<double>(at) / sample_rate + phase;
      const double slope = depth_s * kTwoPi * rate * std::cos(angle);  // delay change per second * second per sample
      const double delay = base + depth_s * sample_rate * (1.0 + std::sin(angle));
      const std::size_t last = std::min(at + kBlock, samples.size());
      for (std::size_t i = at; i < last; ++i) {
        const double place = static_cast<double>(i) - delay - slope * static_cast<double>(i - at);
        if (place < 0) continue;
        const auto index = static_cast<std::size_t>(place);
        const auto fraction = static_cast<float>(place - static_cast<double>(index));
        samples[i] += static_cast<float>(mix) *
                      (dry[index] * (1 - fraction) + dry[std::min(index + 1, dry.size() - 1)] * fraction);
      }
    }
  }
}

void apply_roughness(std::span<float> samples, double sample_rate, double depth, double bandwidth_hz, Random random) {
  // White noise through two poles; its sd after them is measured by the poles' gain for white noise.
  const double pole = std::exp(-kTwoPi * bandwidth_hz / sample_rate);
  const double white = std::sqrt(1.0 / 3.0);  // sd of uniform noise in [-1, 1)
  const double through = std::pow(1 - pole, 2) * std::sqrt((1 + pole * pole) / std::pow(1 - pole * pole, 3));
  const auto gain = static_cast<float>(depth / (white * through));
  const auto p = static_cast<float>(pole);
  float first = 0, second = 0;
  for (float& x : samples) {
    const float noise = static_cast<float>(random.next() >> 40) * 0x1p-23F - 1.0F;
    first = p * first + (1 - p) * noise;
    second = p * second + (1 - p) * first;
    x *= 1.0F + gain * second;
  }
}

void apply_soft_clip(std::span<float> samples, double drive) {
  const auto d = static_cast<float>(drive);
  const float scale = 1.0F / std::tanh(d);
  for (float& x : samples) x = scale * std::tanh(d * x);
}

double active_rms(std::span<const float> samples, double sample_rate) {
  const auto frame = static_cast<std::size_t>(0.05 * sample_rate);
  std::vector<double> powers;
  for (std::size_t at = 0; at + frame <= samples.size(); at += frame) {
    double sum = 0;
    for (std::size_t i = at; i < at + frame; ++i) sum += static_cast<double>(samples[i]) * samples[i];
    powers.push_back(sum / static_cast<double>(frame));
  }
  if (powers.empty()) return 0;
  const double threshold = 1e-3 * *std::max_element(powers.begin(), powers.end());
  double sum = 0, count = 0;
  for (const double power : powers) {
    if (power < threshold || power <= 0) continue;
    sum += power;
    ++count;
  }
  return count > 0 ? std::sqrt(sum / count) : 0;
}

}  // namespace pop2piano
