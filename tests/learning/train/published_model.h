// SPDX-License-Identifier: MIT
// A small network of the published kind and songs that can be heard: sines on the notes of made_up_song().
#pragma once

#include <cmath>
#include <filesystem>
#include <numbers>
#include <vector>

#include "learning/studio/sound_coding.h"
#include "learning/train/made_up_records.h"
#include "learning/train/train_config.h"
#include "numbers/model/config.h"

namespace pop2piano::testing {

inline constexpr int kSoundRate = 22050;

inline ModelConfig published_model() {
  return read_config(std::filesystem::path(POP2PIANO_TEST_DATA) / "golden" / "tiny" / "hf_safetensors");
}

/// Without features; the first beat lies 0.1 s after the start, beats are 0.4 s or longer.
inline SongRecord sounding_song(int number, int beats) {
  SongRecord song = made_up_song(number, {.beats = beats, .bands = 16});
  song.features = {};
  song.tensors.clear();
  const double interval = 0.4 + 0.01 * number;
  for (int beat = 0; beat < beats; ++beat)
    song.description.beat_times[static_cast<std::size_t>(beat)] = 0.1 + interval * beat;
  std::vector<float> sound(static_cast<std::size_t>((0.2 + interval * beats) * kSoundRate));
  for (const RecordNote& note : song.description.notes) {
    const double hertz = 440.0 * std::pow(2.0, (note.pitch - 69) / 12.0);
    const auto at = [&](int step) { return static_cast<std::size_t>((0.1 + interval * step / 12.0) * kSoundRate); };
    for (std::size_t i = at(note.onset); i < std::min(at(note.onset + note.duration), sound.size()); ++i) {
      sound[i] +=
          static_cast<float>(0.1 * std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(i) / kSoundRate));
    }
  }
  auto bytes = encode_flac(sound, kSoundRate);
  const std::uint64_t size = bytes.size();
  song.tensors.push_back(
      {.name = std::string(kAudioTensor), .type = ElementType::u8, .shape = {size}, .bytes = std::move(bytes)});
  return song;
}

/// Writes records into `folder`: songs 0..13, one of them for validation and one for tests; the run's output is
/// folder/run, its network is initialised from the published folder.
inline training::TrainConfig published_run(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  RecordWriter writer(folder / "songs.p2pd");
  for (int number = 0; number < 14; ++number) writer.add(sounding_song(number, 16));
  writer.finish();
  training::TrainConfig config;
  config.output = (folder / "run").string();
  config.architecture = POP2PIANO_TEST_DATA "/golden/tiny/hf_safetensors";
  config.records = {{(folder / "songs.p2pd").string(), 1.0}};
  config.device = "cpu";
  config.threads = 1;
  config.steps = 60;
  config.batch = 8;
  config.bucket_batches = 4;
  config.rate = {.peak = 5e-3, .floor = 0.0, .warmup_steps = 10, .total_steps = 60};
  config.validate_every = 30;
  config.validation_segments = 8;
  config.decoded_segments = 4;
  config.checkpoint_every = 20;
  return config;
}

}  // namespace pop2piano::testing
