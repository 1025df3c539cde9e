// SPDX-License-Identifier: MIT
// Sound of a score or of MIDI events, played by FluidSynth with a sound font, and its mix with the song.
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/progress.h>
#include <pop2piano/score.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace pop2piano {

/// A MIDI channel message at its time. Other messages (status below 0x80 or from 0xF0 on) are passed over.
struct TimedEvent {
  double seconds = 0.0;
  std::uint8_t status = 0x90;  ///< kind in the upper four bits, channel in the lower four
  std::uint8_t data1 = 0;      ///< 0..127: pitch, controller, program
  std::uint8_t data2 = 0;      ///< 0..127: velocity, value
  friend bool operator==(const TimedEvent&, const TimedEvent&) = default;
};

/// How the piano sounds.
struct RenderOptions {
  std::filesystem::path soundfont{};  ///< .sf2 or .sf3; empty: as find_soundfont() says
  int sample_rate = 44100;            ///< 8000..96000 per second
  int program = 0;                    ///< General MIDI instrument of all channels at the start; 0: grand piano
  double gain_db = 0.0;               ///< -40..40, added to the level that makes all sound fonts about equally loud
  int threads = 0;                    ///< 0: one for each processor, at most 8. The sound is the same with any number
};

/// How song and piano are put together.
struct MixOptions {
  double balance = 0.0;          ///< -1: the song alone, 0: equally loud, 1: the piano alone
  double loudness_lufs = -20.0;  ///< that each ear is brought to before `balance`, -40..-10
  int sample_rate = 44100;       ///< 8000..192000 per second
};

/// `wanted` if given, else what the environment variable POP2PIANO_SOUNDFONT names, else the first of
/// soundfont_places() that exists. Throws Error: not_found (naming the Debian package to install), malformed (no sound
/// font).
[[nodiscard]] std::filesystem::path find_soundfont(const std::filesystem::path& wanted = {});
/// Where sound fonts are looked for, best piano first.
[[nodiscard]] std::vector<std::filesystem::path> soundfont_places();

/// Every sound font that is installed, each once, by name: what a band chooses among.
[[nodiscard]] std::vector<std::filesystem::path> installed_soundfonts();

/// An instrument of a sound font, ready to play. Loading decodes its samples, which takes most of a second of one
/// processor for MuseScore_General: load once for many songs, and while something else is done (std::async). Immutable
/// and cheap to copy; several threads may play it.
class LoadedInstrument {
 public:
  /// Throws Error: not_found or malformed (sound font), invalid_argument, unsupported (built without FluidSynth).
  static LoadedInstrument load(const RenderOptions& options = {});

  struct State;
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  explicit LoadedInstrument(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// The notes as note-on and note-off events on channel 0, in order. Time 0 is the recording's; what lies before is left
/// out or begins there. Notes whose velocity is not decided get 80.
[[nodiscard]] std::vector<TimedEvent> events_of(const Score& score);

/// All of these write a stereo WAV of 16 bits: whole or, after an error or a cancel, not at all. Peaks stay below -1
/// dBFS. The file ends when the sound has died away after the last beat or event. Bounded memory. Events need no order.
/// Throws Error: not_found or malformed (sound font), invalid_argument, write_failed, cancelled, unsupported (built
/// without FluidSynth, more than 24 hours). Stages reported: "render", "mix".
void render_wav(const Score& score, const std::filesystem::path& wav, const RenderOptions& options = {},
                const Monitor& monitor = {});
void render_wav(const Score& score, const std::filesystem::path& wav, const LoadedInstrument& instrument,
                const Monitor& monitor = {});
void render_wav(std::span<const TimedEvent> events, const std::filesystem::path& wav, const RenderOptions& options = {},
                const Monitor& monitor = {});
void render_wav(std::span<const TimedEvent> events, const std::filesystem::path& wav,
                const LoadedInstrument& instrument, const Monitor& monitor = {});

/// The song in the left ear and the piano in the right, both from time zero of the recordings, equally loud by
/// ITU-R BS.1770 (gated). Needs no FluidSynth: `piano` is what render_wav() wrote, opened as a recording.
void mix_wav(const Recording& song, const Recording& piano, const std::filesystem::path& wav,
             const MixOptions& options = {}, const Monitor& monitor = {});

/// Where the sound of a cover goes; an empty path is not written.
struct SoundFiles {
  std::filesystem::path piano{};  ///< the piano alone
  std::filesystem::path mix{};    ///< the song and the piano
};

/// Both files at once: the music is played in stretches on several threads, mixed and written as it comes, while the
/// song is decoded. Up to 6 minutes of each ear stay in memory, more lies in a nameless file beside `mix`.
void render_cover(const Score& score, const Recording& song, const SoundFiles& files, const RenderOptions& options = {},
                  const MixOptions& mix = {}, const Monitor& monitor = {});
void render_cover(const Score& score, const Recording& song, const SoundFiles& files,
                  const LoadedInstrument& instrument, const MixOptions& mix = {}, const Monitor& monitor = {});

}  // namespace pop2piano
