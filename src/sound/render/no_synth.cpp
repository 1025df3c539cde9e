// SPDX-License-Identifier: MIT
// The synthesiser of a build without FluidSynth.
#include "sound/render/synth.h"

namespace pop2piano {

struct Synth::Engine {};

Synth::Synth(const std::filesystem::path& soundfont, const RenderOptions& /*options*/) {
  throw Error(
      ErrorCode::unsupported,
      soundfont.string() +
          ": this build has no FluidSynth, so there is no sound; configure with -DPOP2PIANO_WITH_FLUIDSYNTH=ON");
}
Synth::~Synth() = default;
void Synth::play(const TimedEvent& /*event*/) {}
void Synth::render(std::span<float> /*interleaved*/) {}
bool Synth::sounding() const { return false; }

std::string synth_name() { return "none"; }

}  // namespace pop2piano
