// SPDX-License-Identifier: MIT
#include "sound/audio/recording_blocks.h"

#include <cstdint>
#include <vector>

namespace pop2piano {

void read_blocks(const Recording& recording, const ReadingProgress& progress, const Monitor& monitor,
                 const std::function<void(std::span<const float>)>& use) {
  constexpr std::size_t kBlockSamples = 65536;
  const auto stream = recording.stream();
  std::vector<float> block(kBlockSamples);
  std::int64_t heard = 0;
  while (const std::size_t count = stream->read(block)) {
    monitor.check();
    use(std::span<const float>(block).first(count));
    heard += static_cast<std::int64_t>(count);
    if (progress.stage.empty()) continue;
    monitor.report(progress.stage,
                   progress.share * static_cast<double>(heard) / static_cast<double>(recording.sample_count()));
  }
}

float levelling_gain(const Recording& recording) { return recording.peak() > 0.0F ? 1.0F / recording.peak() : 1.0F; }

void read_levelled_blocks(const Recording& recording, const ReadingProgress& progress, const Monitor& monitor,
                          const std::function<void(std::span<const float>)>& use) {
  const float gain = levelling_gain(recording);
  std::vector<float> levelled;
  read_blocks(recording, progress, monitor, [&](std::span<const float> samples) {
    levelled.assign(samples.begin(), samples.end());
    for (float& sample : levelled) sample *= gain;
    use(levelled);
  });
}

}  // namespace pop2piano
