// SPDX-License-Identifier: MIT
#include "listening/align/sound_features.h"

#include <pop2piano/audio.h>

#include <utility>

#include "listening/align/class_rises.h"
#include "listening/harmony/chord_recognition.h"
#include "listening/harmony/hpcp.h"
#include "sound/dsp/onset_strength.h"

namespace pop2piano {
namespace {

constexpr std::size_t kQmaxHop = 1024;    // 46 ms, as AMT-APC takes them at 44.1 kHz
constexpr std::size_t kQmaxFrame = 2048;  // 93 ms

}  // namespace

void SoundFeatureExtractor::begin(std::vector<float> samples) {
  samples_ = std::move(samples);
  tuning_ = 0.0;
  features_ = {};
  features_.seconds = static_cast<double>(samples_.size()) / kAnalysisSampleRate;
}

void SoundFeatureExtractor::find_onsets() {
  OnsetStrength strength;
  strength.push(samples_);
  strength.finish();
  features_.onset_rate = strength.frame_rate();
  features_.onsets.assign(strength.strength().rows(), 0.0F);
  for (std::size_t k = 0; k < features_.onsets.size(); ++k) {
    for (const float value : strength.strength().row(k)) features_.onsets[k] += value;
  }
}

void SoundFeatureExtractor::find_tuning() { tuning_ = estimate_tuning(samples_, kAnalysisSampleRate); }

void SoundFeatureExtractor::find_profiles(ThreadPool& pool) {
  HpcpOptions options{.sample_rate = kAnalysisSampleRate, .tuning = tuning_};
  features_.profiles = compute_hpcp(samples_, options, pool);
  options.frame_samples = kQmaxFrame;
  options.hop_samples = kQmaxHop;
  features_.qmax_profiles = compute_hpcp(samples_, options, pool);
}

void SoundFeatureExtractor::find_rises(ThreadPool& pool) { features_.rises = class_rises(samples_, tuning_, pool); }

void SoundFeatureExtractor::find_chords() {
  features_.chords = recognise_chords(features_.profiles, {.frame_rate = kProfileRate});
}

}  // namespace pop2piano
