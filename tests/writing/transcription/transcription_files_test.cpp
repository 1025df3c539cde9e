// SPDX-License-Identifier: MIT
// From a recording to files: what is not a piano alone is refused, or said; nothing is written of what is refused.
#include "writing/transcription/transcription_files.h"

#include <pop2piano/error.h>

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "listening/piano/piano_frames.h"
#include "listening/piano/solo_piano.h"
#include "music/scorefiles/midi_file.h"
#include "network_weights.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

Recording noise(double seconds) {
  Waveform wave{.sample_rate = kPianoSampleRate};
  Random random(3);
  wave.samples.resize(static_cast<std::size_t>(seconds * kPianoSampleRate));
  for (float& x : wave.samples) x = static_cast<float>(0.1 * random.normal());
  return Recording::from(std::move(wave));
}

std::filesystem::path shipped_network() {
  return std::filesystem::path(POP2PIANO_SOURCE_DIR) / "models/piano/piano.safetensors";
}

TEST(TranscriptionFiles, NoiseIsNoPiano) {
  const ScratchFolder folder;
  const auto network = PianoNetwork::load(shipped_network());
  const TranscriptionOptions options{.files = {.midi = folder / "noise.mid"}, .threads = 1};
  try {
    (void)transcribe_files(noise(5.0), *network, options);
    FAIL() << "noise was written down";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::nothing_found) << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "noise.mid"));
}

// A network of random weights hears notes everywhere, and no piano.
TEST(TranscriptionFiles, WhatIsTranscribedAnywaySaysSo) {
  const ScratchFolder folder;
  testing::write_weights(piano_network_parts(), testing::random_weights(piano_network_parts(), 3),
                         folder / "piano.safetensors");
  const auto network = PianoNetwork::load(folder / "piano.safetensors");
  const TranscriptionOptions options{.files = {.midi = folder / "noise.mid", .json = folder / "noise.json"},
                                     .other = OtherThanPiano::transcribed,
                                     .threads = 1};
  const TranscriptionReport report = transcribe_files(noise(20.0), *network, options);
  ASSERT_FALSE(report.heard.notes.empty());
  EXPECT_LT(report.heard.solo_piano, kSoloPianoLeast);
  ASSERT_EQ(report.remarks.size(), 1U);
  EXPECT_NE(report.remarks.front().find("piano alone"), std::string::npos);
  EXPECT_EQ(timed_notes(read_midi_file(folder / "noise.mid")).size(), report.heard.notes.size());
  EXPECT_TRUE(std::filesystem::exists(folder / "noise.json"));
}

}  // namespace
}  // namespace pop2piano
