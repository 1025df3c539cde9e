// SPDX-License-Identifier: MIT
// Stands in for band_synth.cpp in builds without FluidSynth.
#include <pop2piano/error.h>

#include "learning/studio/band_synth.h"

namespace pop2piano {

struct BandSynth::State {};

BandSynth::BandSynth(std::span<const std::filesystem::path>) {
  throw Error(ErrorCode::unsupported, "this build has no FluidSynth; configure with -DPOP2PIANO_WITH_FLUIDSYNTH=ON");
}
BandSynth::~BandSynth() = default;
BandSynth::BandSynth(BandSynth&&) noexcept = default;
BandSynth& BandSynth::operator=(BandSynth&&) noexcept = default;
std::size_t BandSynth::font_count() const { return 0; }
std::vector<std::vector<float>> BandSynth::render(std::span<const InstrumentTrack>, std::size_t) { return {}; }

}  // namespace pop2piano
