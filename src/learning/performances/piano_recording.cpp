// SPDX-License-Identifier: MIT
#include "learning/performances/piano_recording.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "learning/studio/effects.h"
#include "learning/studio/sound_coding.h"
#include "learning/studio/tape_speed.h"
#include "sound/dsp/frequency_ratio.h"

namespace pop2piano {
namespace {

constexpr double kRate = 22050.0;
constexpr std::array kPianoPrograms{0, 1, 3};

std::vector<TimedEvent> events_of(const PianoPerformance& performance, int semitones, double speed) {
  std::vector<TimedEvent> events;
  const auto byte = [](int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 127)); };
  for (const PerformedPedal& span : performance.pedal) {
    events.push_back({.seconds = span.down * speed, .status = 0xB0, .data1 = 64, .data2 = 127});
    events.push_back({.seconds = span.up * speed, .status = 0xB0, .data1 = 64, .data2 = 0});
  }
  for (const PerformedNote& note : performance.notes) {
    const auto pitch = byte(note.pitch + semitones);
    events.push_back({.seconds = note.onset * speed, .status = 0x90, .data1 = pitch, .data2 = byte(note.velocity)});
    events.push_back({.seconds = note.release * speed, .status = 0x80, .data1 = pitch, .data2 = 64});
  }
  std::ranges::stable_sort(events, {}, &TimedEvent::seconds);
  return events;
}

void enter_room(std::vector<float>& sound, Random& random, std::string& recipe) {
  if (random.chance(0.25)) return;
  const ReverbOptions room{.seconds = random.uniform(0.3, 2.8),
                           .damping_hz = random.uniform(2000, 8000),
                           .predelay_s = random.uniform(0.0, 0.03),
                           .seed = random.next()};
  const auto wet = static_cast<float>(random.uniform(0.05, 0.6));
  const std::vector<float> tail = reverberation(sound, kRate, room);
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] += wet * tail[i];
  recipe += fmt::format(", room {:.1f} s {:.2f}", room.seconds, wet);
}

void pass_filters(std::vector<float>& sound, Random& random) {
  for (int i = 0; i < 2; ++i) {
    apply_filter(sound,
                 {.kind = FilterKind::peak,
                  .frequency = std::exp(random.uniform(std::log(80.0), std::log(8000.0))),
                  .q = random.uniform(0.4, 1.5),
                  .gain_db = 4.0 * random.normal()},
                 kRate);
  }
  if (random.chance(0.3))
    apply_filter(sound, {.kind = FilterKind::high_pass, .frequency = random.uniform(30, 160)}, kRate);
  if (random.chance(0.3))
    apply_filter(sound, {.kind = FilterKind::low_pass, .frequency = random.uniform(3500, 9000)}, kRate);
  if (random.chance(0.25)) {
    const double level = 20.0 * std::log10(active_rms(sound, kRate) + 1e-9);
    apply_compressor(sound, kRate, {.threshold_db = level - 3.0, .ratio = random.uniform(1.5, 4.0)});
  }
}

// White noise through one pole, so much below the sound.
void add_noise(std::vector<float>& sound, Random& random, std::string& recipe) {
  if (random.chance(0.35)) return;
  const double below = random.uniform(25, 70);
  const auto pole = static_cast<float>(random.uniform(0.0, 0.97));
  const double scale = active_rms(sound, kRate) * std::pow(10.0, -below / 20.0) * std::sqrt((1 + pole) / (1 - pole));
  float state = 0;
  for (float& x : sound) {
    state = pole * state + (1 - pole) * static_cast<float>(scale * 1.732 * random.uniform(-1.0, 1.0));
    x += state;
  }
  recipe += fmt::format(", noise -{:.0f} dB", below);
}

void pass_recorder(std::vector<float>& sound, Random& random, std::string& recipe) {
  pass_filters(sound, random);
  add_noise(sound, random, recipe);
  const double rms = active_rms(sound, kRate), wanted = random.uniform(0.03, 0.15);
  if (rms > 0) {
    for (float& x : sound) x *= static_cast<float>(wanted / rms);
  }
  if (random.chance(0.15)) apply_soft_clip(sound, random.uniform(0.5, 2.0));
  if (random.chance(0.3)) {
    const LossyCodec codec = random.chance(0.5) ? LossyCodec::mp3 : LossyCodec::vorbis;
    sound = codec_round_trip({std::move(sound)}, static_cast<int>(kRate), codec, random.uniform(0.1, 0.8)).front();
    recipe += ", coded";
  }
  for (float& x : sound) x = std::clamp(x, -1.0F, 1.0F);
}

}  // namespace

Pianos::Pianos(std::span<const std::filesystem::path> fonts) : shelf_(fonts, {.sample_rate = 2 * kRate, .gain = 0.5}) {
  for (int font = 0; font < shelf_.font_count(); ++font) {
    for (const int program : kPianoPrograms) {
      const Preset preset{.font = font, .bank = 0, .program = program};
      if (!shelf_.has(preset)) continue;
      presets_.push_back(preset);
      names_.push_back(fmt::format("{} program {}", fonts[static_cast<std::size_t>(font)].stem().string(), program));
    }
  }
  if (presets_.empty()) throw Error(ErrorCode::nothing_found, "no sound font with a piano; name one with --soundfont");
}

std::vector<float> Pianos::sound_of(const PianoPerformance& performance, const Preset& preset, int semitones,
                                    double speed, double seconds) {
  Synth synth(shelf_);
  synth.choose(0, Synth::Channel::melodic, preset);
  const auto frames = static_cast<std::size_t>((seconds * speed + 0.1) * 2 * kRate);
  std::vector<float> ears(2 * frames, 0.0F);
  std::size_t at = 0;
  const auto play_until = [&](std::size_t until) {
    if (until <= at) return;
    synth.render(std::span(ears).subspan(2 * at, 2 * (until - at)));
    at = until;
  };
  for (const TimedEvent& event : events_of(performance, semitones, speed)) {
    play_until(std::min(frames, static_cast<std::size_t>(std::lround(event.seconds * 2 * kRate))));
    synth.play(event);
  }
  play_until(frames);
  std::vector<float> mono(frames);
  for (std::size_t i = 0; i < frames; ++i) mono[i] = 0.5F * (ears[2 * i] + ears[2 * i + 1]);
  return decimated_by_two(mono);
}

std::vector<float> Pianos::record(const PianoPerformance& performance, double seconds, Random random,
                                  std::string& recipe) {
  const std::size_t chosen = random.index(presets_.size());
  // Strings a little longer or shorter than the piano has them, brought back to pitch: another instrument.
  const int semitones = random.chance(0.6) ? static_cast<int>(random.index(7)) - 3 : 0;
  const double cents = random.chance(0.5) ? random.uniform(-50, 50) : 4.0 * random.normal();
  const double speed = frequency_ratio(cents - 100.0 * semitones);
  recipe = fmt::format("{}, {:+d} semitones, {:+.0f} cents", names_[chosen], semitones, cents);
  std::vector<float> sound = at_tape_speed(sound_of(performance, presets_[chosen], semitones, speed, seconds), speed);
  sound.resize(static_cast<std::size_t>(seconds * kRate), 0.0F);
  enter_room(sound, random, recipe);
  pass_recorder(sound, random, recipe);
  return sound;
}

}  // namespace pop2piano
