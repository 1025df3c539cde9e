// SPDX-License-Identifier: MIT
#include "learning/train_melody/melody_trainer.h"

#include <algorithm>
#include <map>
#include <vector>

namespace pop2piano::training {
namespace {

// How right each answer is at each step, kMelodyPitches + 1 a step, as logarithms: another octave is a tenth.
void mark(const std::vector<int>& pitches, float* out) {
  constexpr float kWrong = -1e4F, kOctave = -2.3F;
  const auto none = static_cast<int>(kMelodyPitches);
  for (const int pitch : pitches) {
    std::fill(out, out + none + 1, kWrong);
    if (pitch < 0) out[none] = 0.0F;
    for (int p = 0; pitch >= 0 && p < none; ++p) {
      const int semitones = p + kLowestMelodyPitch - pitch;
      if (semitones % 12 == 0) out[p] = semitones == 0 ? 0.0F : kOctave;
    }
    out += none + 1;
  }
}

}  // namespace

MelodyBatch MelodyTask::batch_of(const Songs& songs, Songs::Hearing hearing, std::int64_t size, Random& random) {
  const std::int64_t n = size, steps = kMelodySegmentBeats * static_cast<std::int64_t>(kMelodyStepsPerBeat);
  const auto pitches = static_cast<std::int64_t>(kMelodyPitches), inputs = static_cast<std::int64_t>(kMelodyInputs);
  MelodyBatch batch{.inputs = at::empty({n, steps, pitches, inputs}),
                    .begins = at::empty({n, steps, pitches + 1}),
                    .sounds = at::empty({n, steps, pitches + 1})};
  for (std::int64_t i = 0; i < n; ++i) {
    const MelodySegment segment = songs.draw(hearing, random.fork(static_cast<std::uint64_t>(i)));
    std::ranges::copy(segment.inputs, batch.inputs[i].data_ptr<float>());
    mark(segment.begins, batch.begins[i].data_ptr<float>());
    mark(segment.sounds, batch.sounds[i].data_ptr<float>());
  }
  return batch;
}

void average_melody_networks(std::span<const std::filesystem::path> files, const std::filesystem::path& output) {
  std::map<std::string, std::vector<double>> sums;
  for (const auto& file : files) {
    for (const auto& [name, values] : read_network_parts(file, melody_network_parts(), "melody network")) {
      auto& sum = sums[name];
      sum.resize(values.size());
      for (std::size_t i = 0; i < values.size(); ++i) sum[i] += static_cast<double>(values[i]);
    }
  }
  std::map<std::string, std::vector<float>> means;
  for (const auto& [name, sum] : sums) {
    for (const double value : sum) means[name].push_back(static_cast<float>(value / static_cast<double>(files.size())));
  }
  write_network_parts(output, melody_network_parts(), means,
                      {{"format", kMelodyNetworkFormat}, {"average_of", std::to_string(files.size())}});
}

}  // namespace pop2piano::training
