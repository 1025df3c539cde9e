// SPDX-License-Identifier: MIT
// The synthesiser of a build without FluidSynth.
#include "sound/render/fluid_synth.h"

namespace pop2piano {

struct SoundFontShelf::State {};

SoundFontShelf::SoundFontShelf(std::span<const std::filesystem::path> /*fonts*/, const SynthSettings& /*settings*/) {
  throw Error(ErrorCode::unsupported,
              "this build has no FluidSynth, so there is no sound; configure with -DPOP2PIANO_WITH_FLUIDSYNTH=ON");
}
SoundFontShelf::~SoundFontShelf() = default;
int SoundFontShelf::font_count() const { return 0; }
bool SoundFontShelf::has(const Preset& /*preset*/) const { return false; }
bool SoundFontShelf::pin(const Preset& /*preset*/) { return false; }

struct Synth::State {};

// Never called: there is no shelf to borrow from.
Synth::Synth(SoundFontShelf& /*shelf*/) {}
Synth::~Synth() = default;
bool Synth::choose(int /*channel*/, Channel /*kind*/, const Preset& /*preset*/) { return false; }
void Synth::set_bend_range(int /*channel*/, int /*semitones*/) {}
void Synth::set_gain(double /*gain*/) {}
void Synth::play(const TimedEvent& /*event*/) {}
void Synth::cut_off() {}
void Synth::render(std::span<float> /*interleaved*/) {}
void Synth::add_outputs(std::span<float*> /*ears*/, std::size_t /*frames*/) {}
int Synth::voices() const { return 0; }
unsigned Synth::youngest_voice() const { return 0; }
bool Synth::sounds_from(unsigned /*youngest*/) const { return false; }

std::string synth_name() { return "none"; }

}  // namespace pop2piano
