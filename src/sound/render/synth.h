// SPDX-License-Identifier: MIT
// A MIDI synthesiser that gives its sound block by block. Built with FluidSynth (fluid_synth.cpp) or without
// (no_synth.cpp).
#pragma once

#include <pop2piano/render.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace pop2piano {

/// Not thread-safe. The same events at the same frames give the same samples.
class Synth {
 public:
  /// Loads the sound font and brings it to a common loudness: a C major chord at velocity 80 has the same power with
  /// all of them. Throws Error: malformed (sound font), unsupported (built without FluidSynth).
  Synth(const std::filesystem::path& soundfont, const RenderOptions& options);
  ~Synth();
  Synth(const Synth&) = delete;
  Synth& operator=(const Synth&) = delete;

  /// Takes effect at once (FluidSynth: within 64 frames). Its time is not looked at.
  void play(const TimedEvent& event);
  /// Fills `interleaved` [frames, 2] with what follows.
  void render(std::span<float> interleaved);
  [[nodiscard]] bool sounding() const;

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

/// "FluidSynth 2.3.1", or "none" when built without it.
[[nodiscard]] std::string synth_name();

}  // namespace pop2piano
