// SPDX-License-Identifier: MIT
// On real recordings, where they are: the folder that POP2PIANO_SHARED names, or ../shared beside the checkout.
#include <pop2piano/audio.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "evaluate/annotation_files.h"
#include "melody/melodia.h"
#include "melody/pyin.h"

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

// aubio's yinfft on the same voice; where both hear a pitch, they should hear the same.
TEST(PyinOnRecordings, AgreesWithAubio) {
  const auto file = audio_folder() / "vocadito_10.wav";
  SKIP_WITHOUT(file);
  if (std::system("command -v aubiopitch > /dev/null") != 0) GTEST_SKIP() << "aubiopitch is not installed";
  ThreadPool pool;
  const auto samples = Recording::open(file, {.sample_rate = 44100}).read_all().samples;
  const PitchContour ours = track_voice(samples, pool, {.sample_rate = 44100, .hop_samples = 1024}).contour;
  const std::string command =
      "aubiopitch -r 44100 -p yinfft -H 1024 -B 4096 -u Hz -i '" + file.string() + "' 2>/dev/null";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  double time = 0.0, frequency = 0.0, both = 0.0, same = 0.0;
  while (std::fscanf(pipe.get(), "%lf %lf", &time, &frequency) == 2) {
    // aubio stamps a frame of 4096 samples with its end.
    const auto frame = static_cast<std::size_t>(std::max(0L, std::lround((time * 44100.0 - 1024.0) / 1024.0)));
    if (frame >= ours.times.size() || frequency < 70.0 || frequency > 1000.0 || ours.frequencies[frame] <= 0.0)
      continue;
    both += 1.0;
    const double cents = 1200.0 * std::log2(ours.frequencies[frame] / frequency);
    same += std::abs(cents - 1200.0 * std::round(cents / 1200.0)) < 50.0;
  }
  RecordProperty("agreement", std::to_string(same / both));
  ASSERT_GT(both, 100.0);
  EXPECT_GT(same / both, 0.85);
}

}  // namespace
}  // namespace pop2piano
