// SPDX-License-Identifier: MIT
// One song set, one network, many settings of the decoder: what each setting is worth.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "listening/pulse/beat_decoder.h"
#include "listening/pulse/beat_evidence.h"
#include "listening/pulse/tempo_level.h"

namespace pop2piano::bench {

struct AblationSetting {
  std::string name;
  ProbabilityReading reading;
  BeatDecoderOptions decoder;
  std::optional<LevelWeights> levels;  ///< absent: the decoder alone chooses the octave
};

/// The network runs once for each song; every setting decodes it. Prints a row for each setting.
void ablate(const std::vector<std::filesystem::path>& folders, const std::vector<AblationSetting>& settings,
            std::size_t most);

/// The tracker's own settings and, one at a time, others.
[[nodiscard]] std::vector<AblationSetting> usual_ablations();

}  // namespace pop2piano::bench
