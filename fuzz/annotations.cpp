// SPDX-License-Identifier: MIT
// Any bytes as annotations of others and as the report beside a cover: JSON and tables of melodies, beats, chords.
#include <pop2piano/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "fuzz/cost.h"
#include "fuzz/scratch_file.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/evaluate/texture_evaluation.h"
#include "judging/metrics/melody_metrics.h"

namespace {

template <typename Read>
void attempt(Read&& read) {
  try {
    read();
  } catch (const pop2piano::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pop2piano::fuzz::ScratchFile json(".json"), table(".tsv");
  if (size == 0) return 0;
  const pop2piano::fuzz::Cost cost(size);
  if (data[0] == '{' || data[0] == '[') {
    const std::filesystem::path& file = json.write(data, size);
    attempt([&] { (void)pop2piano::read_melody_file(file); });
    attempt([&] {
      const pop2piano::PlayedNote notes[] = {{0.0, 0.5, 60.0, 80}, {0.5, 1.0, 40.0, 80}};
      pop2piano::CoverEvaluation result;
      result.measures.resize(pop2piano::cover_measures().size());
      const auto cover = std::filesystem::path(file).replace_extension(".mid");
      (void)pop2piano::evaluate_texture({.cover = cover}, notes, result);
    });
    return 0;
  }
  const std::filesystem::path& file = table.write(data, size);
  attempt([&] { (void)pop2piano::read_melody_file(file); });
  attempt([&] { (void)pop2piano::read_beat_list(file); });
  attempt([&] { (void)pop2piano::read_chord_file(file); });
  return 0;
}
