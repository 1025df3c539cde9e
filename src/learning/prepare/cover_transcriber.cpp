// SPDX-License-Identifier: MIT
#include "learning/prepare/cover_transcriber.h"

#include <pop2piano/audio.h>

#include <algorithm>
#include <string>

#include "learning/prepare/stopped.h"
#include "listening/piano/transcriber.h"
#include "music/scorefiles/midi_file.h"
#include "writing/transcription/transcription.h"
#include "writing/transcription/transcription_files.h"

namespace pop2piano {

bool is_score_file(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return is_midi_file(file) || ending == ".musicxml" || ending == ".xml" || ending == ".mxl";
}

void transcribe_cover(const std::filesystem::path& sound, const std::filesystem::path& target, ThreadPool& pool) {
  const Recording recording = Recording::open(sound, {.sample_rate = kPianoSampleRate});
  const PianoTranscription heard = transcribe_piano(recording, *installed_piano_network(), pool);
  const std::string verdict = sound.string() + ": " + verdict_on(heard);
  if (heard.notes.empty()) drop("no notes", verdict);
  if (heard.solo_piano < kSoloPianoLeast) drop("not a piano alone", verdict);
  write_midi_file(target, midi_of(heard, sound.stem().string(), WrittenPedal::none));
}

}  // namespace pop2piano
