// SPDX-License-Identifier: MIT
#include "listening/analysis/beat_frames.h"

#include <pop2piano/error.h>

#include <string>
#include <utility>
#include <vector>

#include "listening/analysis/feature_rows.h"

namespace pop2piano {
namespace {

BeatSynchronousOptions extractor_options(const FeatureSettings& s, float peak) {
  const MelOptions mel{.sample_rate = s.sample_rate,
                       .n_fft = static_cast<std::size_t>(s.n_fft),
                       .bands = static_cast<std::size_t>(s.n_mels),
                       .f_min = s.f_min,
                       .f_max = s.f_max};
  return {.mel = mel,
          .log_floor = static_cast<float>(s.log_floor),
          .gain = peak > 0 ? static_cast<float>(s.peak) / peak : 1.0F};
}

}  // namespace

BeatFrames::BeatFrames(const AnalysisOptions& options, const BeatGrid& grid, float peak, ThreadPool& pool)
    : settings_(options.features),
      pool_(pool),
      network_(options.melody == MelodyEvidence::heard ? installed_melody_network(options.features) : nullptr),
      bands_(extractor_options(settings_, peak), step_times_of(grid.times, settings_.frames_per_beat), pool) {
  if (settings_.melody_channels > 0 && settings_.melody_channels != static_cast<int>(kMelodyChannels)) {
    throw Error(ErrorCode::unsupported, "the model reads " + std::to_string(settings_.melody_channels) +
                                            " channels of the melody, this program makes " +
                                            std::to_string(kMelodyChannels));
  }
  if (options.melody == MelodyEvidence::heard || settings_.melody_channels > 0) {
    melody_.emplace(step_times_of(grid.times, settings_.frames_per_beat), pool);
  }
}

void BeatFrames::push(std::span<const float> samples) {
  bands_.push(samples);
  if (melody_) melody_->push(samples);
}

void BeatFrames::finish(Analysis& analysis) {
  Matrix<float> bands = bands_.finish();
  normalise_song(bands, {.smoothing_bands = static_cast<float>(settings_.smoothing_bands),
                         .scale = static_cast<float>(settings_.scale),
                         .floor = static_cast<float>(settings_.normalised_floor)});
  Matrix<float> melody;
  if (melody_) melody = melody_->finish();
  if (network_) {
    analysis.melody_chances =
        feature_rows(network_->run(std::as_const(bands).view(), std::as_const(melody).view(), pool_));
  }
  analysis.bands = feature_rows(std::move(bands));
  analysis.melody = feature_rows(std::move(melody));
}

}  // namespace pop2piano
