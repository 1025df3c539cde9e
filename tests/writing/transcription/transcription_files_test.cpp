// SPDX-License-Identifier: MIT
// From a recording to files: what is not a piano alone is refused, or said; nothing is written of what is refused.
#include "writing/transcription/transcription_files.h"

#include <pop2piano/error.h>

#include <filesystem>
#include <utility>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "listening/piano/piano_frames.h"
#include "listening/piano/solo_piano.h"
#include "music/scorefiles/midi_file.h"
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

// The example song is played by a band.
TEST(TranscriptionFiles, WhatIsTranscribedAnywaySaysSo) {
  const ScratchFolder folder;
  const auto network = PianoNetwork::load(shipped_network());
  const Recording song = Recording::open(std::filesystem::path(POP2PIANO_SOURCE_DIR) / "examples/song/example_song.ogg",
                                         {.sample_rate = kPianoSampleRate});
  TranscriptionOptions options{.files = {.midi = folder / "song.mid", .json = folder / "song.json"}, .threads = 1};
  EXPECT_THROW((void)transcribe_files(song, *network, options), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "song.mid"));
  options.other = OtherThanPiano::transcribed;
  const TranscriptionReport report = transcribe_files(song, *network, options);
  ASSERT_FALSE(report.heard.notes.empty());
  EXPECT_LT(report.heard.solo_piano, kSoloPianoLeast);
  ASSERT_EQ(report.remarks.size(), 1U);
  EXPECT_NE(report.remarks.front().find("piano alone"), std::string::npos);
  EXPECT_EQ(timed_notes(read_midi_file(folder / "song.mid")).size(), report.heard.notes.size());
  EXPECT_TRUE(std::filesystem::exists(folder / "song.json"));
}

}  // namespace
}  // namespace pop2piano
