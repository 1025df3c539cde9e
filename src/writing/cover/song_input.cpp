// SPDX-License-Identifier: MIT
#include "writing/cover/song_input.h"

#include <pop2piano/error.h>

#include <string>

#include "writing/cover/beat_synchronous_input.h"
#include "writing/cover/published_input.h"

namespace pop2piano {
namespace {

bool same_spectrum(const FeatureSettings& a, const FeatureSettings& b) {
  return a.kind == b.kind && a.sample_rate == b.sample_rate && a.n_fft == b.n_fft && a.n_mels == b.n_mels &&
         a.f_min == b.f_min && a.f_max == b.f_max;
}

// How the segments lie matters for `mel` only: frames on the beat are cut into segments while they are read.
bool same_frames(const FeatureSettings& a, const FeatureSettings& b) {
  if (!same_spectrum(a, b)) return false;
  if (a.kind == FeatureKind::mel) {
    return a.hop == b.hop && a.segment_beats == b.segment_beats && a.steps_per_beat == b.steps_per_beat;
  }
  return a.log_floor == b.log_floor && a.peak == b.peak && a.frames_per_beat == b.frames_per_beat &&
         a.smoothing_bands == b.smoothing_bands && a.scale == b.scale && a.normalised_floor == b.normalised_floor;
}

std::string name_of(const FeatureSettings& f) {
  const std::string kind = f.kind == FeatureKind::mel
                               ? "mel, hop " + std::to_string(f.hop)
                               : "beat_synchronous, " + std::to_string(f.frames_per_beat) + " frames to the beat";
  return kind + ", " + std::to_string(f.n_mels) + " bands";
}

void check_analysis(const ModelConfig& config, const Analysis& analysis, const WriteOptions& options) {
  const FeatureSettings& needed = config.features;
  const std::string& song = analysis.source.name;
  if (needed.kind == FeatureKind::symbols) {
    throw Error(ErrorCode::unsupported,
                song + ": the model reads symbols, not an analysis; give one that listens, such as models/default");
  }
  if (!same_frames(needed, analysis.options.features)) {
    throw Error(ErrorCode::invalid_argument, song + ": was analysed for another kind of model: features " +
                                                 name_of(needed) + " are needed, the analysis holds " +
                                                 name_of(analysis.options.features) +
                                                 "; analyse the recording for this model");
  }
  if (needed.kind == FeatureKind::mel) return;
  const auto channels = static_cast<std::size_t>(needed.melody_channels);
  const bool weighs = options.melody_weight > 0;
  if ((channels > 0 && analysis.melody.columns != channels) || (weighs && analysis.melody.columns == 0) ||
      (weighs && analysis.options.melody == MelodyEvidence::none)) {
    throw Error(ErrorCode::invalid_argument,
                song + ": was analysed without the melody's evidence" +
                    (channels > 0 ? ", which the model reads" : "; write with a melody weight of 0") +
                    ", or analyse the recording with it");
  }
}

}  // namespace

std::unique_ptr<SongInput> make_song_input(const ModelConfig& config, const Analysis& analysis,
                                           const WriteOptions& options) {
  check_analysis(config, analysis, options);
  if (config.features.kind == FeatureKind::mel) return std::make_unique<PublishedInput>(config, analysis);
  return std::make_unique<BeatSynchronousInput>(config, analysis, options);
}

}  // namespace pop2piano
