// SPDX-License-Identifier: MIT
// The first step: beats, then everything that is measured on them in one pass over the sound.
#include <pop2piano/analysis.h>

#include <bit>
#include <string>

#include "base/core/crc32c.h"
#include "base/core/stage_clock.h"
#include "base/core/thread_pool.h"
#include "listening/analysis/beat_frames.h"
#include "listening/analysis/beats.h"
#include "listening/analysis/harmony_listener.h"
#include "listening/analysis/published_frames.h"
#include "sound/audio/recording_blocks.h"

namespace pop2piano {
namespace {

static_assert(std::endian::native == std::endian::little, "checksums are of samples as they lie in memory");

SoundSource source_of(const Recording& recording) {
  const Recording::Description& said = recording.description();
  return {.name = recording.name(),
          .title = said.title,
          .artist = said.artist,
          .codec = said.codec,
          .start = recording.start(),
          .end = recording.end(),
          .sample_rate = recording.sample_rate(),
          .samples = recording.sample_count()};
}

void check_rate(const Recording& recording, const FeatureSettings& features) {
  if (recording.sample_rate() == features.sample_rate) return;
  throw Error(ErrorCode::invalid_argument, recording.name() + ": opened at " + std::to_string(recording.sample_rate()) +
                                               " Hz, the model reads sound at " + std::to_string(features.sample_rate) +
                                               " Hz");
}

// Everything but the beats.
void listen(const Recording& recording, Analysis& analysis, ThreadPool& pool, const Monitor& monitor) {
  BeatLoudness loudness(analysis.grid, recording.sample_rate());
  const auto frames = make_frame_listener(analysis, recording.peak(), pool);
  HarmonyListener harmony(analysis.grid, recording.sample_rate(), recording.peak(), pool);
  read_blocks(recording, {.stage = "listen", .share = 0.9}, monitor, [&](std::span<const float> samples) {
    loudness.push(samples);
    frames->push(samples);
    harmony.push(samples);
    analysis.source.checksum = crc32c(std::as_bytes(samples), analysis.source.checksum);
  });
  frames->finish(analysis);
  analysis.harmony = harmony.finish();
  analysis.loudness_db = loudness.loudness();
  monitor.report("listen", 1.0);
}

std::uint32_t checksum_of(const Recording& recording) {
  std::uint32_t checksum = 0;
  read_blocks(recording, {}, {},
              [&](std::span<const float> samples) { checksum = crc32c(std::as_bytes(samples), checksum); });
  return checksum;
}

}  // namespace

std::unique_ptr<FrameListener> make_frame_listener(const Analysis& analysis, float peak, ThreadPool& pool) {
  if (analysis.options.features.kind == FeatureKind::mel) {
    return std::make_unique<PublishedFrames>(analysis.options.features, analysis.rhythm.grid, pool);
  }
  return std::make_unique<BeatFrames>(analysis.options, analysis.grid, peak, pool);
}

Analysis analyse(const Recording& recording, const AnalysisOptions& options, int threads, const Monitor& monitor) {
  if (options.features.kind == FeatureKind::symbols) {
    throw Error(ErrorCode::unsupported, recording.name() +
                                            ": the model reads symbols (chords and a melody), not sound; give one "
                                            "that listens, such as models/default");
  }
  check_rate(recording, options.features);
  ThreadPool pool(threads);
  StageClock clock;
  Analysis analysis{.source = source_of(recording), .options = options, .rhythm = {}, .grid = {}, .stage_seconds = {}};
  analysis.rhythm = find_beats(recording, options.beats, pool, monitor);
  analysis.grid = analysis.rhythm.grid.extended(0.0, recording.duration());
  clock.lap("beats");
  listen(recording, analysis, pool, monitor);
  clock.lap("listen");
  analysis.stage_seconds = clock.seconds();
  return analysis;
}

void require_same_sound(const Analysis& analysis, const Recording& recording) {
  const SoundSource& source = analysis.source;
  const bool same = recording.sample_rate() == source.sample_rate && recording.sample_count() == source.samples &&
                    checksum_of(recording) == source.checksum;
  if (same) return;
  throw Error(ErrorCode::invalid_argument, recording.name() + ": is not the sound that was analysed, which was " +
                                               std::to_string(source.duration()) + " s of " + source.name +
                                               "; analyse this recording");
}

}  // namespace pop2piano
