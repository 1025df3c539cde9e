// SPDX-License-Identifier: MIT
#include "sound/render/instrument.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include "sound/render/loudness.h"

namespace pop2piano {
namespace {

constexpr int kPolyphony = 512;           // MuseScore_General takes 4 voices for a note
constexpr double kReferenceLufs = -23.0;  // of the calibration chord; a typical cover then reads about -20 LUFS
constexpr std::size_t kBlockFrames = 64;  // computed at once
constexpr double kLoudest = 10.0;         // FluidSynth's limit of synth.gain

void check_options(const RenderOptions& options) {
  if (options.sample_rate < 8000 || options.sample_rate > 96000) {
    throw Error(ErrorCode::invalid_argument,
                "render: expected 8000 to 96000 samples per second, found " + std::to_string(options.sample_rate));
  }
  if (options.program < 0 || options.program > 127) {
    throw Error(ErrorCode::invalid_argument,
                "render: expected an instrument from 0 to 127, found " + std::to_string(options.program));
  }
  if (!(std::abs(options.gain_db) <= 40.0)) {
    throw Error(ErrorCode::invalid_argument,
                "render: expected a gain of -40 to 40 dB, found " + std::to_string(options.gain_db));
  }
  if (options.threads < 0 || options.threads > 1024) {
    throw Error(ErrorCode::invalid_argument,
                "render: expected 0 to 1024 threads, found " + std::to_string(options.threads));
  }
}

/// Mean power of both ears in the first second of a C major chord, LUFS, at the synthesiser's gain 1.
double chord_loudness(SoundFontShelf& shelf, const RenderOptions& options) {
  Synth synth(shelf);
  synth.choose(0, Synth::Channel::melodic, {.program = options.program});
  synth.set_gain(1.0);
  const std::size_t frames = (static_cast<std::size_t>(options.sample_rate) / kBlockFrames + 1) * kBlockFrames;
  std::vector<float> stereo(2 * frames), ear(frames);
  for (const std::uint8_t pitch : std::initializer_list<std::uint8_t>{48, 55, 60, 64})
    synth.play({.status = 0x90, .data1 = pitch, .data2 = 80});
  synth.render(stereo);
  double power = 0.0;
  for (std::size_t side = 0; side < 2; ++side) {
    for (std::size_t i = 0; i < frames; ++i) ear[i] = stereo[2 * i + side];
    LoudnessMeter meter(options.sample_rate);
    meter.push(ear);
    power += 0.5 * std::pow(10.0, meter.integrated() / 10.0);
  }
  return 10.0 * std::log10(power);
}

}  // namespace

std::unique_ptr<SoundFontShelf> LoadedInstrument::State::new_shelf() const {
  return std::make_unique<SoundFontShelf>(
      std::span(&soundfont, 1),
      SynthSettings{.sample_rate = static_cast<double>(options.sample_rate), .polyphony = kPolyphony, .reverb = true});
}

LoadedInstrument LoadedInstrument::load(const RenderOptions& options) {
  check_options(options);
  auto state = std::make_shared<State>();
  state->options = options;
  state->soundfont = find_soundfont(options.soundfont);
  state->kept = state->new_shelf();
  const Preset preset{.program = options.program};
  if (!state->kept->has(preset)) {
    throw Error(ErrorCode::malformed, state->soundfont.string() + ": the sound font has no instrument " +
                                          std::to_string(options.program) +
                                          " in bank 0; choose a General MIDI sound font");
  }
  state->kept->pin(preset);
  const double loudness = chord_loudness(*state->kept, options);
  const double gain_db = (std::isfinite(loudness) ? kReferenceLufs - loudness : 0.0) + options.gain_db;
  state->gain = std::min(std::pow(10.0, gain_db / 20.0), kLoudest);
  return LoadedInstrument(std::move(state));
}

}  // namespace pop2piano
