// SPDX-License-Identifier: MIT
// Score -> events -> music in stretches -> limiter -> WAV.
#include <pop2piano/render.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sound/audio/wav_writer.h"
#include "sound/render/limiter.h"
#include "sound/render/performance.h"

namespace pop2piano {
namespace {

constexpr int kUndecidedVelocity = 80;

}  // namespace

void write_music(const Music& music, const std::filesystem::path& wav, const LoadedInstrument& instrument,
                 const Monitor& monitor) {
  WavWriter writer(wav, {.sample_rate = music.sample_rate});
  Limiter limiter({.sample_rate = music.sample_rate});
  std::vector<float> limited;  // [frames, 2]
  const auto sink = [&](std::span<const float> sound) {
    limited.clear();
    limiter.push(sound, limited);
    writer.write(limited);
  };
  perform(music, instrument, sink, {}, monitor);
  limited.clear();
  limiter.finish(limited);
  writer.write(limited);
  writer.commit();
}

std::vector<TimedEvent> events_of(const Score& score) {
  std::vector<TimedEvent> events;
  for (const Note& note : score.notes) {
    const double on = score.time_at(note.onset);
    const double off = score.time_at(note.offset());
    if (off <= 0.0) continue;
    const int velocity = note.velocity == 0 ? kUndecidedVelocity : std::clamp<int>(note.velocity, 1, 127);
    const auto pitch = static_cast<std::uint8_t>(std::clamp<int>(note.pitch, 0, 127));
    events.push_back({std::max(on, 0.0), 0x90, pitch, static_cast<std::uint8_t>(velocity)});
    events.push_back({off, 0x80, pitch, 0});
  }
  return in_order(events);
}

void render_wav(const Score& score, const std::filesystem::path& wav, const RenderOptions& options,
                const Monitor& monitor) {
  score.grid.validate();
  render_wav(score, wav, LoadedInstrument::load(options), monitor);
}

void render_wav(const Score& score, const std::filesystem::path& wav, const LoadedInstrument& instrument,
                const Monitor& monitor) {
  score.grid.validate();
  const int sample_rate = instrument.state().options.sample_rate;
  write_music(music_of(events_of(score), score.grid.times.back(), sample_rate), wav, instrument, monitor);
}

void render_wav(std::span<const TimedEvent> events, const std::filesystem::path& wav, const RenderOptions& options,
                const Monitor& monitor) {
  static_cast<void>(in_order(events));  // what cannot be played is said before the font is loaded
  render_wav(events, wav, LoadedInstrument::load(options), monitor);
}

void render_wav(std::span<const TimedEvent> events, const std::filesystem::path& wav,
                const LoadedInstrument& instrument, const Monitor& monitor) {
  write_music(music_of(events, 0.0, instrument.state().options.sample_rate), wav, instrument, monitor);
}

}  // namespace pop2piano
