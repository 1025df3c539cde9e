// SPDX-License-Identifier: MIT
// The test clip (15 s) analysed once for all tests of a program, and the models that write from it.
#pragma once

#include <pop2piano/cover.h>

#include "wav_fixture.h"

namespace pop2piano::testing {

inline Recording clip() { return Recording::from({.samples = mono_wav(POP2PIANO_TEST_DATA "/seed/clip.wav")}); }

inline const Model& our_model() {
  static const auto model = Model::load(POP2PIANO_SOURCE_DIR "/models/default");
  return *model;
}

/// Random weights, features `mel` of 48 bands.
inline const Model& published_model() {
  static const auto model = Model::load(POP2PIANO_TEST_DATA "/golden/tiny/hf_safetensors");
  return *model;
}

inline const Analysis& clip_analysis() {
  static const Analysis analysis = analyse(clip(), analysis_options(our_model()));
  return analysis;
}

inline const Written& clip_written() {
  static const Written written = write(clip_analysis(), our_model());
  return written;
}

}  // namespace pop2piano::testing
