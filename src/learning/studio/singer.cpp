// SPDX-License-Identifier: MIT
#include "learning/studio/singer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "learning/studio/effects.h"
#include "learning/studio/vocal_tract.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBlock = 64;  // samples per control value: 2.9 ms at 22.05 kHz
constexpr std::size_t kMaxHarmonics = 96;
constexpr std::size_t kHissKinds = 3;  // s, sh, and broad (f, h, breath)

enum class Consonant { none, sonorant, glide, hiss, stop };

struct Control {
  float pitch = 0;       ///< MIDI, before smoothing
  float inflection = 0;  ///< semitones, added after smoothing
  float voice = 0;       ///< target amplitude of the harmonics
  float breath = 0;      ///< aspiration, relative to full voice
  Sound sound = Sound::a;
  std::array<float, kHissKinds> hiss{};
  bool restart = false;  ///< the pitch starts here instead of gliding
};

// Writes what each control block should do; Synthesis then smooths and sounds it.
class Performance {
 public:
  Performance(std::span<const SungNote> notes, std::size_t blocks, double block_rate, const SingerOptions& options,
              Random random)
      : options_(options), random_(random), rate_(block_rate), controls_(blocks) {
    place(notes);
    for (std::size_t i = 0; i < notes_.size(); ++i) perform(i);
    wander();
  }
  [[nodiscard]] const std::vector<Control>& controls() const { return controls_; }

 private:
  // Human timing; no note reaches into the next.
  void place(std::span<const SungNote> notes) {
    for (const SungNote& note : notes) {
      SungNote placed = note;
      const double shift = options_.late_s + options_.timing_s * random_.normal();
      placed.start = std::max(0.0, note.start + shift);
      placed.end = std::max(placed.start + 0.05, note.end + shift);
      if (!notes_.empty()) {
        placed.start = std::max(placed.start, notes_.back().start + 0.04);
        notes_.back().end = std::min(notes_.back().end, placed.start);
      }
      notes_.push_back(placed);
    }
  }

  [[nodiscard]] std::size_t block_of(double time) const {
    return std::min(controls_.size(), static_cast<std::size_t>(std::max(0.0, time * rate_)));
  }

  template <typename Action>
  void over(double start, double end, Action&& action) {
    const std::size_t first = block_of(start), last = block_of(end);
    for (std::size_t b = first; b < last; ++b) {
      action(controls_[b], (static_cast<double>(b) + 0.5) / rate_ - start);
    }
  }

  void perform(std::size_t index) {
    const SungNote& note = notes_[index];
    const double gap = index == 0 ? 10.0 : note.start - notes_[index - 1].end;
    const bool tied = note.tied && gap < 0.08;
    if (!tied) vowel_ = draw_vowel();
    sing_vowel(note, tied);
    if (gap > 0.12) controls_[std::min(block_of(note.start), controls_.size() - 1)].restart = true;
    if (!tied) begin_syllable(note, gap);
    if (gap > 0.45 && random_.chance(0.6)) take_breath(note.start - random_.uniform(0.03, 0.1), std::min(gap, 0.35));
    const bool phrase_ends = index + 1 == notes_.size() || notes_[index + 1].start - note.end > 0.25;
    if (phrase_ends) end_phrase(note);
  }

  Sound draw_vowel() { return static_cast<Sound>(random_.index(kVowelCount)); }

  void sing_vowel(const SungNote& note, bool tied) {
    const double length = note.end - note.start;
    const double error = options_.detune * random_.normal();
    const bool scoops = !tied && random_.chance(options_.scoop_chance);
    const double scoop = scoops ? options_.scoop_depth * random_.uniform(0.25, 1.0) : 0.0;
    const double scoop_s = random_.uniform(0.03, 0.10);
    const double phase = random_.uniform(0.0, 2 * std::numbers::pi);
    const double depth = options_.vibrato_depth * random_.uniform(0.6, 1.3);
    const bool diphthong = random_.chance(0.25) && length > 0.2;
    const Sound second = diphthong ? draw_vowel() : vowel_;
    const double loud = 0.55 + 0.45 * note.strength;
    over(note.start, note.end, [&](Control& c, double t) {
      c.pitch = static_cast<float>(note.pitch + error + note.glide * (t / length - 0.5));
      const double grown = std::clamp((t - options_.vibrato_delay_s) / 0.25, 0.0, 1.0);
      const double wave = std::sin(phase + 2 * std::numbers::pi * options_.vibrato_hz * t);
      c.inflection = static_cast<float>(depth * grown * wave - scoop * std::exp(-t / scoop_s));
      c.voice = static_cast<float>(loud * (1.0 + 0.08 * grown * wave) * (1.0 - 0.25 * t / (t + 1.5)));
      c.breath = static_cast<float>(options_.breathiness * loud);
      c.sound = t > 0.6 * length ? second : vowel_;
    });
  }

  void begin_syllable(const SungNote& note, double gap) {
    constexpr std::array<double, 5> kShares = {0.20, 0.27, 0.13, 0.20, 0.20};  // in the order of Consonant
    double draw = random_.uniform();
    std::size_t kind = 0;
    while (kind + 1 < kShares.size() && draw >= kShares[kind]) draw -= kShares[kind++];
    // Consonants lie before the beat, where the note before has its end.
    const double length = random_.uniform(0.045, 0.11);
    const double start = note.start - std::min(length, std::max(gap, 0.0) + 0.06);
    switch (static_cast<Consonant>(kind)) {
      case Consonant::none:
        break;
      case Consonant::sonorant:
        hum(start, note, 0.45);
        break;
      case Consonant::glide:
        slide(note);
        break;
      case Consonant::hiss:
        hiss(start, note.start, random_.index(kHissKinds), random_.uniform(0.25, 0.7));
        break;
      case Consonant::stop:
        stop(start, note.start);
        break;
    }
  }

  void hum(double start, const SungNote& note, double level) {
    over(start, note.start, [&](Control& c, double) {
      if (c.pitch == 0) c.pitch = static_cast<float>(note.pitch);
      c.voice = static_cast<float>(level * note.strength);
      c.sound = Sound::nasal;
    });
  }

  void slide(const SungNote& note) {
    const Sound from = random_.chance(0.5) ? Sound::i : Sound::u;
    over(note.start - 0.03, note.start + 0.035, [&](Control& c, double) {
      c.sound = from;
      if (c.pitch == 0) c.pitch = static_cast<float>(note.pitch);
      c.voice = std::max(c.voice, 0.4F);
    });
  }

  void hiss(double start, double end, std::size_t kind, double level) {
    const double peak = level * options_.consonants * (kind == 2 ? 0.5 : 1.0);
    over(start, end, [&](Control& c, double t) {
      const double x = t / (end - start);
      c.voice = 0;
      c.hiss[kind] = static_cast<float>(peak * std::min({1.0, 4 * x, 4 * (1 - x)}));
    });
  }

  void stop(double start, double end) {
    over(start, end, [&](Control& c, double) {
      c.voice = 0;
      c.breath = 0;
    });
    const double burst = std::max(start, end - random_.uniform(0.012, 0.035));
    const std::size_t kind = random_.index(kHissKinds);
    const double peak = random_.uniform(0.4, 1.0) * options_.consonants;
    over(burst, end, [&](Control& c, double t) { c.hiss[kind] = static_cast<float>(peak * std::exp(-t / 0.008)); });
  }

  void take_breath(double end, double length) {
    const double level = random_.uniform(0.03, 0.14) * options_.consonants;
    over(std::max(0.0, end - length), end, [&](Control& c, double t) {
      if (c.voice == 0) c.hiss[2] = static_cast<float>(level * std::sin(std::numbers::pi * t / length));
    });
  }

  void end_phrase(const SungNote& note) {
    const double length = note.end - note.start;
    if (random_.chance(options_.fall_chance)) {
      const double fall = random_.uniform(1.0, 5.0), time = std::min(0.18, 0.5 * length);
      over(note.end - time, note.end,
           [&](Control& c, double t) { c.inflection -= static_cast<float>(fall * t * t / (time * time)); });
    }
    if (random_.chance(0.3)) {
      const double coda = random_.uniform(0.05, 0.12);
      if (random_.chance(0.5)) {
        over(note.end - std::min(coda, 0.3 * length), note.end, [](Control& c, double) {
          c.sound = Sound::nasal;
          c.voice *= 0.5F;
        });
      } else {
        hiss(note.end, note.end + coda, random_.index(kHissKinds), random_.uniform(0.1, 0.4));
      }
    }
  }

  // Slow random drift and fast jitter of the pitch.
  void wander() {
    double slow = 0, fast = 0;
    const double slow_pole = std::exp(-1.0 / (0.35 * rate_)), fast_pole = std::exp(-1.0 / (0.012 * rate_));
    const double slow_gain = std::sqrt(1 - slow_pole * slow_pole), fast_gain = std::sqrt(1 - fast_pole * fast_pole);
    for (Control& c : controls_) {
      slow = slow_pole * slow + slow_gain * random_.normal();
      fast = fast_pole * fast + fast_gain * random_.normal();
      c.inflection += static_cast<float>(options_.drift * slow + 0.03 * fast);
      c.voice *= static_cast<float>(1.0 + 0.04 * slow + 0.02 * fast);
    }
  }

  const SingerOptions& options_;
  Random random_;
  double rate_;  // blocks per second
  Sound vowel_ = Sound::a;
  std::vector<SungNote> notes_;
  std::vector<Control> controls_;
};

// Turns controls into sound: harmonics by the recurrence sin(h x) = 2 cos(x) sin((h-1) x) - sin((h-2) x), a block at a
// time, amplitudes interpolated within the block.
class Harmonics {
 public:
  Harmonics(double sample_rate, const SingerOptions& options)
      : sample_rate_(sample_rate),
        responses_(tract_responses(sample_rate, {.formant_scale = options.formant_scale,
                                                 .first_formant_scale = options.first_formant_scale,
                                                 .ring_db = options.ring_db,
                                                 .vowels = options.vowels})),
        envelope_(responses_[0]) {
    for (std::size_t h = 0; h < kMaxHarmonics; ++h) {
      source_[h] = static_cast<float>(std::pow(static_cast<double>(h + 1), -options.tilt));
    }
  }

  void add(const Control& control, double frequency, double amplitude, std::span<float> out) {
    const TractResponse& target = responses_[static_cast<std::size_t>(control.sound)];
    for (std::size_t k = 0; k < envelope_.size(); ++k) envelope_[k] += kMorph * (target[k] - envelope_[k]);
    const std::size_t count = set_amplitudes(frequency, amplitude);
    if (count == 0) {
      phase_ += 2 * std::numbers::pi * frequency / sample_rate_ * static_cast<double>(out.size());
      last_frequency_ = frequency;
      return;
    }
    begin_block(frequency, out.size());
    for (std::size_t h = 0; h < count; ++h) add_harmonic(h, out);
    before_ = now_;
    last_count_ = count_now_;
    last_frequency_ = frequency;
  }

 private:
  static constexpr float kMorph = 0.12F;  // per block: about 23 ms from sound to sound

  // Returns how many harmonics sound at the block's start or end.
  std::size_t set_amplitudes(double frequency, double amplitude) {
    const double highest = std::min(10500.0, 0.48 * sample_rate_);
    count_now_ = amplitude > 1e-5 ? std::min(kMaxHarmonics, static_cast<std::size_t>(highest / frequency)) : 0;
    now_.fill(0);
    for (std::size_t h = 0; h < count_now_; ++h) {
      const double place = static_cast<double>(h + 1) * frequency / kTractStep;
      const auto k = std::min(static_cast<std::size_t>(place), envelope_.size() - 2);
      const auto f = static_cast<float>(place - static_cast<double>(k));
      now_[h] = static_cast<float>(amplitude) * source_[h] * (envelope_[k] * (1 - f) + envelope_[k + 1] * f);
    }
    return std::max(count_now_, last_count_);
  }

  void begin_block(double frequency, std::size_t count) {
    const double step = 2 * std::numbers::pi / sample_rate_;
    const double from = last_frequency_ > 0 ? last_frequency_ : frequency;
    for (std::size_t i = 0; i < count; ++i) {
      phase_ += step * (from + (frequency - from) * static_cast<double>(i + 1) / static_cast<double>(count));
      twice_cos_[i] = static_cast<float>(2 * std::cos(phase_));
      current_[i] = static_cast<float>(std::sin(phase_));
      previous_[i] = 0;
    }
    phase_ = std::fmod(phase_, 2 * std::numbers::pi);
  }

  void add_harmonic(std::size_t h, std::span<float> out) {
    const float from = before_[h], slope = (now_[h] - from) / static_cast<float>(kBlock);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += (from + slope * static_cast<float>(i)) * current_[i];
      const float next = twice_cos_[i] * current_[i] - previous_[i];
      previous_[i] = current_[i];
      current_[i] = next;
    }
  }

  double sample_rate_;
  std::array<TractResponse, kSoundCount> responses_;
  TractResponse envelope_;
  std::array<float, kMaxHarmonics> source_{}, now_{}, before_{};
  std::array<float, kBlock> twice_cos_{}, current_{}, previous_{};
  std::size_t count_now_ = 0, last_count_ = 0;
  double phase_ = 0, last_frequency_ = 0;
};

// Noise of each kind through its own filter. White noise from the generator's bits, in [-1, 1).
void add_noise(const std::vector<Control>& controls, double sample_rate, std::vector<float>& out, Random random) {
  const std::array<FilterDesign, kHissKinds> designs = {{
      {.kind = FilterKind::band_pass, .frequency = random.uniform(5500, 8500), .q = 0.9},
      {.kind = FilterKind::band_pass, .frequency = random.uniform(2600, 4200), .q = 1.0},
      {.kind = FilterKind::band_pass, .frequency = random.uniform(1500, 3000), .q = 0.4},
  }};
  constexpr float kLevel = 0.35F;
  for (std::size_t kind = 0; kind < kHissKinds; ++kind) {
    Biquad filter(designs[kind], sample_rate);
    float amplitude = 0;
    for (std::size_t b = 0; b < controls.size(); ++b) {
      const float target = controls[b].hiss[kind] + (kind == 2 ? controls[b].breath : 0.0F);
      if (target == 0 && amplitude < 1e-5F) continue;
      const std::size_t last = std::min(out.size(), (b + 1) * kBlock);
      for (std::size_t i = b * kBlock; i < last; ++i) {
        amplitude += 0.01F * (target - amplitude);
        const auto bits = static_cast<std::int32_t>(static_cast<std::uint32_t>(random.next() >> 32));
        out[i] += kLevel * amplitude * filter.next(static_cast<float>(bits) * 0x1p-31F);
      }
    }
  }
}

std::vector<float> sound_of(const std::vector<Control>& controls, std::size_t samples, double sample_rate,
                            const SingerOptions& options) {
  std::vector<float> out(samples, 0.0F);
  Harmonics harmonics(sample_rate, options);
  const double block_rate = sample_rate / kBlock;
  const double glide = std::exp(-1.0 / (std::max(0.002, options.glide_s) * block_rate));
  const double attack = std::exp(-1.0 / (options.attack_s * block_rate)),
               release = std::exp(-1.0 / (0.045 * block_rate));
  double first = 0, second = 0, amplitude = 0;
  for (std::size_t b = 0; b < controls.size(); ++b) {
    const Control& c = controls[b];
    if (c.pitch > 0) {
      const bool jump = c.restart || second == 0;
      first = jump ? c.pitch : glide * first + (1 - glide) * c.pitch;
      second = jump ? c.pitch : glide * second + (1 - glide) * first;
    }
    const double pole = c.voice > amplitude ? attack : release;
    amplitude = pole * amplitude + (1 - pole) * c.voice;
    const double pitch = std::clamp(second == 0 ? 60.0 : second + c.inflection, 28.0, 96.0);
    const double frequency = 440.0 * std::exp2((pitch - 69.0) / 12.0);
    const std::size_t at = b * kBlock;
    harmonics.add(c, frequency, amplitude, std::span(out).subspan(at, std::min(kBlock, samples - at)));
  }
  return out;
}

SingerOptions draw_usual(VoiceRange range, Random& random) {
  SingerOptions o;
  o.formant_scale = range == VoiceRange::male ? random.uniform(0.90, 1.06) : random.uniform(1.06, 1.25);
  o.tilt = random.uniform(0.7, 1.6);
  o.vibrato_hz = random.uniform(4.8, 6.8);
  o.vibrato_depth = random.chance(0.25) ? 0.05 : random.uniform(0.1, 0.6);
  o.vibrato_delay_s = random.uniform(0.15, 0.45);
  o.scoop_chance = random.uniform(0.1, 0.6);
  o.scoop_depth = random.uniform(0.5, 2.5);
  o.fall_chance = random.uniform(0.0, 0.3);
  o.glide_s = random.chance(0.12) ? 0.003 : random.uniform(0.015, 0.06);
  o.drift = random.uniform(0.03, 0.18);
  o.detune = random.uniform(0.02, 0.15);
  o.timing_s = random.uniform(0.004, 0.025);
  o.late_s = random.chance(0.3) ? random.uniform(-0.01, 0.05) : 0.0;
  o.breathiness = std::exp(random.uniform(std::log(0.01), std::log(0.25)));
  o.consonants = random.uniform(0.3, 1.3);
  o.ring_db = random.uniform(0.0, 10.0);
  o.attack_s = random.uniform(0.008, 0.045);
  return o;
}

struct Interval {
  double low, high;
};

// Settings go together as they do in people: a pressed voice rings, has little breath and begins at once; a soft one
// is breathy. An ornate singer scoops, glides and has a wide vibrato; a plain one goes straight to the note. The gaps
// to the usual ranges are about 5 % of these.
SingerOptions draw_unseen(VoiceRange range, Random& random) {
  const bool pressed = random.chance(0.5), ornate = random.chance(0.5), exact = random.chance(0.5);
  const auto either = [&](bool first, Interval one, Interval other) {
    return first ? random.uniform(one.low, one.high) : random.uniform(other.low, other.high);
  };
  SingerOptions o;
  o.formant_scale = range == VoiceRange::male ? either(random.chance(0.5), {0.84, 0.885}, {1.08, 1.16})
                                              : either(random.chance(0.5), {0.96, 1.04}, {1.27, 1.36});
  o.first_formant_scale = either(random.chance(0.5), {0.88, 0.95}, {1.06, 1.16});
  o.vowels = VowelSet::foreign;
  o.tilt = either(pressed, {0.45, 0.65}, {1.66, 2.0});
  o.ring_db = either(pressed, {10.5, 15.0}, {-6.0, -0.5});
  o.breathiness = either(pressed, {0.001, 0.006}, {0.27, 0.45});
  o.attack_s = either(pressed, {0.003, 0.007}, {0.048, 0.075});
  o.consonants = either(random.chance(0.5), {0.08, 0.27}, {1.36, 1.9});
  o.vibrato_hz = either(random.chance(0.5), {3.7, 4.7}, {6.95, 8.0});
  o.vibrato_depth = either(ornate, {0.64, 1.0}, {0.0, 0.04});
  o.vibrato_delay_s = either(random.chance(0.5), {0.02, 0.13}, {0.48, 0.8});
  o.scoop_chance = either(ornate, {0.63, 0.9}, {0.0, 0.07});
  o.scoop_depth = either(ornate, {2.6, 4.0}, {0.1, 0.4});
  o.fall_chance = random.uniform(0.33, 0.65);
  o.glide_s = either(ornate, {0.063, 0.085}, {0.005, 0.012});
  o.drift = either(exact, {0.0, 0.02}, {0.19, 0.28});
  o.detune = either(exact, {0.0, 0.015}, {0.16, 0.22});
  o.timing_s = either(exact, {0.0, 0.003}, {0.027, 0.036});
  if (random.chance(0.7)) o.late_s = either(random.chance(0.4), {-0.035, -0.013}, {0.053, 0.075});
  return o;
}

}  // namespace

double comfortable_pitch(VoiceRange range) { return range == VoiceRange::male ? 56.0 : 65.5; }

SingerOptions draw_singer(VoiceRange range, SingerKind kind, Random& random) {
  Random apart = random.fork(17);
  const SingerOptions usual = draw_usual(range, random);
  return kind == SingerKind::usual ? usual : draw_unseen(range, apart);
}

std::vector<float> sing(std::span<const SungNote> notes, std::size_t samples, double sample_rate,
                        const SingerOptions& options, Random random) {
  const std::size_t blocks = (samples + kBlock - 1) / kBlock;
  if (blocks == 0 || notes.empty()) return std::vector<float>(samples, 0.0F);
  const Performance performance(notes, blocks, sample_rate / kBlock, options, random.fork(1));
  std::vector<float> out = sound_of(performance.controls(), samples, sample_rate, options);
  const double rms = active_rms(out, sample_rate);
  if (rms > 0) {
    for (float& x : out) x *= static_cast<float>(0.2 / rms);
  }
  add_noise(performance.controls(), sample_rate, out, random.fork(2));
  return out;
}

}  // namespace pop2piano
