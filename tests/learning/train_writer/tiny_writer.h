// SPDX-License-Identifier: MIT
// The network of tiny_model.h as a writer on symbols.
#pragma once

#include "learning/train/tiny_model.h"
#include "writing/writer/symbol_frames.h"

namespace pop2piano::testing {

inline ModelConfig tiny_writer() {
  ModelConfig model = tiny_model();
  model.features = {.kind = FeatureKind::symbols,
                    .segment_beats = 8,
                    .frames_per_beat = 2,
                    .symbols = SymbolChannels::count,
                    .recalled_beats = 8,
                    .past_beats = 16,
                    .future_beats = 4};
  return model;
}

}  // namespace pop2piano::testing
