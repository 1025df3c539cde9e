// SPDX-License-Identifier: MIT
// The one place where FluidSynth is used: sound fonts that are loaded once, and synthesisers that play them.
// Built with it (fluid_synth.cpp) or without (no_fluid_synth.cpp).
#pragma once

#include <pop2piano/render.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace pop2piano {

struct SynthSettings {
  double sample_rate = 44100.0;
  int outputs = 1;  ///< pairs of ears; MIDI channel c is heard on output c % outputs
  int polyphony = 256;
  double gain = 0.2;
  bool reverb = false;  ///< as the instruments and controller 91 ask for it
};

/// A preset of a sound font.
struct Preset {
  int font = 0;  ///< index into the fonts of the shelf
  int bank = 0;  ///< 128: drum kits
  int program = 0;
};

/// Sound fonts that synthesisers borrow. Presets that are pinned keep their samples decoded; all shelves of a process
/// share decoded samples, so a second shelf with the same fonts costs 20 ms. One thread at a time.
class SoundFontShelf {
 public:
  /// Throws Error: malformed naming a file that is no sound font, unsupported (built without FluidSynth).
  SoundFontShelf(std::span<const std::filesystem::path> fonts, const SynthSettings& settings);
  ~SoundFontShelf();
  SoundFontShelf(const SoundFontShelf&) = delete;
  SoundFontShelf& operator=(const SoundFontShelf&) = delete;

  [[nodiscard]] int font_count() const;
  [[nodiscard]] bool has(const Preset& preset) const;
  /// Decodes its samples now and keeps them as long as the shelf is there. False if the font lacks it.
  bool pin(const Preset& preset);

 private:
  friend class Synth;
  struct State;
  std::unique_ptr<State> state_;
};

/// A synthesiser that has not played yet: one that has sounds slightly different, since its voices keep the panning of
/// the notes before. The same calls give the same samples. Borrows the shelf, which must outlive it; not thread-safe.
class Synth {
 public:
  explicit Synth(SoundFontShelf& shelf);
  ~Synth();
  Synth(const Synth&) = delete;
  Synth& operator=(const Synth&) = delete;

  enum class Channel : std::uint8_t { melodic, percussion };
  /// False, and nothing is chosen, if the font lacks the preset. Pins it.
  bool choose(int channel, Channel kind, const Preset& preset);
  void set_bend_range(int channel, int semitones);
  void set_gain(double gain);

  /// A channel message; takes effect within 64 frames. Its time is not looked at. A program that is chosen is pinned.
  void play(const TimedEvent& event);
  /// Ends all voices without their release.
  void cut_off();

  /// Fills `interleaved` [frames, 2] with what follows, all channels mixed.
  void render(std::span<float> interleaved);
  /// Adds what follows to left and right of each output in turn: `ears` holds 2 * outputs pointers to `frames` samples.
  void add_outputs(std::span<float*> ears, std::size_t frames);

  /// How many voices sound.
  [[nodiscard]] int voices() const;
  /// What tells the voices that sound now from later ones: the number of the youngest.
  [[nodiscard]] unsigned youngest_voice() const;
  /// Whether a voice with this number or a lower one sounds.
  [[nodiscard]] bool sounds_from(unsigned youngest) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "FluidSynth 2.3.1", or "none" when built without it.
[[nodiscard]] std::string synth_name();

}  // namespace pop2piano
