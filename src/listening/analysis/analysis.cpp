// SPDX-License-Identifier: MIT
// The first step: beats, then everything that is measured on them in one pass over the sound.
#include <pop2piano/analysis.h>

#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/core/crc32c.h"
#include "base/core/stage_clock.h"
#include "base/core/thread_pool.h"
#include "listening/analysis/beat_frames.h"
#include "listening/analysis/beats.h"
#include "listening/analysis/corrected_frames.h"
#include "listening/analysis/harmony_listener.h"
#include "listening/analysis/heard_sound.h"
#include "listening/analysis/heard_time.h"
#include "listening/analysis/published_frames.h"
#include "sound/audio/recording_blocks.h"

namespace pop2piano {
namespace {

constexpr float kNothingHeardDb = -120.0F;

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

// Sentences for the user; none where the recording is tuned as usual.
std::vector<std::string> remarks_on(const Tuning& tuning, bool published) {
  constexpr double kNoticed = 15.0;  // cents of drift
  std::vector<std::string> remarks;
  if (tuning.corrected != 0.0) {
    remarks.push_back(fmt::format("it is tuned {:.0f} cents {} A = 440 Hz; {} heard as if it were tuned to 440 Hz",
                                  std::abs(tuning.corrected), tuning.corrected > 0.0 ? "above" : "below",
                                  published ? "its key and chords are" : "it is"));
  }
  if (std::abs(tuning.drift) >= kNoticed) {
    remarks.push_back(fmt::format("its pitch {} by {:.0f} cents from start to end, as that of tapes does",
                                  tuning.drift > 0.0 ? "rises" : "falls", std::abs(tuning.drift)));
  }
  return remarks;
}

bool is_published(const Analysis& analysis) { return analysis.options.features.kind == FeatureKind::mel; }

// Published networks were trained on samples as they are, neither levelled nor retuned, silent ends included.
std::unique_ptr<FrameListener> published_listener(const Analysis& analysis, ThreadPool& pool) {
  if (!is_published(analysis)) return nullptr;
  const auto found = std::span(analysis.heard.grid.times).subspan(analysis.heard.first_found, analysis.heard.found);
  return std::make_unique<PublishedFrames>(analysis.options.features, found, pool);
}

// Everything but the beats.
void listen(const HeardSound& sound, Analysis& analysis, ThreadPool& pool, const Monitor& monitor) {
  BeatLoudness loudness(analysis.heard.grid, analysis.source.sample_rate);
  const auto frames = make_frame_listener(analysis, pool);
  const auto published = published_listener(analysis, pool);
  sound.read(
      {.stage = "listen", .share = 0.9}, monitor,
      [&](std::span<const float> samples) {
        loudness.push(samples);
        frames->push(samples);
      },
      [&](std::span<const float> samples) {
        analysis.source.checksum = crc32c(std::as_bytes(samples), analysis.source.checksum);
        if (published) published->push(samples);
      });
  frames->finish(analysis);
  if (published) published->finish(analysis);
  const std::vector<float> heard = loudness.loudness();
  analysis.loudness_db.assign(analysis.grid.size(), kNothingHeardDb);
  for (std::size_t beat = 0; beat < heard.size(); ++beat) {
    analysis.loudness_db[static_cast<std::size_t>(analysis.heard.places[beat])] = heard[beat];
  }
  monitor.report("listen", 1.0);
}

std::uint32_t checksum_of(const Recording& recording) {
  std::uint32_t checksum = 0;
  read_blocks(recording, {}, {},
              [&](std::span<const float> samples) { checksum = crc32c(std::as_bytes(samples), checksum); });
  return checksum;
}

}  // namespace

std::unique_ptr<FrameListener> make_frame_listener(const Analysis& analysis, ThreadPool& pool) {
  const auto listener = [&](const BeatGrid& grid) -> std::unique_ptr<FrameListener> {
    auto harmony = std::make_unique<HarmonyListener>(grid, analysis.source.sample_rate, pool);
    if (!is_published(analysis)) {
      harmony->listen_with(std::make_unique<BeatFrames>(analysis.options, grid.times, pool));
    }
    return harmony;
  };
  if (analysis.tuning.corrected == 0.0) return listener(analysis.heard.grid);
  auto corrected = std::make_unique<CorrectedFrames>(analysis.source.sample_rate, analysis.tuning.corrected);
  BeatGrid stretched = analysis.heard.grid;
  for (double& time : stretched.times) time *= corrected->stretch();
  corrected->tell(listener(stretched));
  return corrected;
}

Analysis analyse(const Recording& recording, const AnalysisOptions& options, int threads, const Monitor& monitor) {
  if (options.features.kind == FeatureKind::symbols) {
    throw Error(ErrorCode::unsupported, recording.name() +
                                            ": the model reads symbols (chords and a melody), not sound; give one "
                                            "that listens, such as models/default");
  }
  check_rate(recording, options.features);
  check_beat_options(options.beats);
  ThreadPool pool(threads);
  StageClock clock;
  Analysis analysis;
  analysis.source = source_of(recording);
  analysis.options = options;
  HeardSound sound(recording, pool, monitor);
  analysis.tuning = sound.tuning();
  analysis.peak_db = 20.0 * std::log10(double{recording.peak()});
  analysis.faint = sound.faint();
  analysis.rhythm = find_beats(sound, options.beats, pool, monitor);
  if (is_published(analysis)) sound.hear_everything();
  analysis.sounding = sound.sounding();
  for (std::string& remark : remarks_on(sound.tuning(), is_published(analysis)))
    analysis.rhythm.remarks.push_back(std::move(remark));
  lay_out_beats(analysis);
  clock.lap("beats");
  listen(sound, analysis, pool, monitor);
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
