// SPDX-License-Identifier: MIT
// On real recordings, where they are: the folder that POP2PIANO_SHARED names, or ../shared beside the checkout.
#include <pop2piano/audio.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "judging/evaluate/annotation_files.h"
#include "listening/melody/melodia.h"

namespace pop2piano {
namespace {

std::filesystem::path audio_folder() {
  const char* shared = std::getenv("POP2PIANO_SHARED");
  return std::filesystem::path(shared != nullptr ? shared : POP2PIANO_SOURCE_DIR "/../shared") / "audio";
}

#define SKIP_WITHOUT(file)                                                                                    \
  if (!std::filesystem::exists(file)) {                                                                       \
    GTEST_SKIP() << "no recording at " << (file) << "; set POP2PIANO_SHARED to the folder that holds audio/"; \
  }

// Raw chroma that Essentia's MELODIA reaches on the same songs: 0.45, 0.43, 0.52, 0.71, mean 0.5275.
TEST(MelodiaOnRecordings, BeatsTheReferenceImplementationOnTheMean) {
  const std::array<std::pair<const char*, const char*>, 4> songs = {{{"us_jonathan_coulton_code_monkey", ".ogg"},
                                                                     {"us_jonathan_coulton_mr_fancy_pants", ".mp3"},
                                                                     {"us_joshua_morin_on_the_run", ".ogg"},
                                                                     {"us_steven_dunston_northern_star", ".ogg"}}};
  ThreadPool pool;
  double voiced_only = 0.0;
  for (const auto& [name, extension] : songs) {
    const auto file = audio_folder() / (std::string(name) + extension);
    SKIP_WITHOUT(file);
    PitchContour contour = extract_melody(Recording::open(file).read_all().samples, pool);
    for (double& frequency : contour.frequencies) frequency = std::max(0.0, frequency);  // no guesses where unvoiced
    const Melody truth = read_melody_file(audio_folder() / "annotations" / (std::string(name) + ".melody.tsv"));
    voiced_only += compare_melodies(truth.contour, contour).raw_chroma.value() / 4.0;
  }
  RecordProperty("raw_chroma", std::to_string(voiced_only));
  EXPECT_GT(voiced_only, 0.60);
}

}  // namespace
}  // namespace pop2piano
