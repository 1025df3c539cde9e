// SPDX-License-Identifier: MIT
#include "writing/transcription/transcription_files.h"

#include <pop2piano/arrange.h>
#include <pop2piano/error.h>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "base/core/thread_pool.h"
#include "listening/piano/transcriber.h"
#include "writing/transcription/transcription.h"

namespace pop2piano {
namespace {

// Refuses what cannot be meant; a remark where it is transcribed all the same.
void check_piano(const std::string& name, OtherThanPiano other, TranscriptionReport& report) {
  const std::string verdict = verdict_on(report.heard);
  if (report.heard.notes.empty())
    throw Error(ErrorCode::nothing_found, name + ": no notes of a piano are heard (" + verdict + ")");
  if (report.heard.solo_piano >= kSoloPianoLeast) return;
  if (other == OtherThanPiano::refused) {
    throw Error(ErrorCode::nothing_found, name + ": does not sound like a piano alone (" + verdict +
                                              "); what is heard is written down all the same with --anyway");
  }
  report.remarks.push_back("does not sound like a piano alone (" + verdict + ")");
}

}  // namespace

std::string verdict_on(const PianoTranscription& heard) {
  return fmt::format("{:.0f} % likely a piano alone, {} notes", 100.0 * heard.solo_piano, heard.notes.size());
}

TranscriptionReport transcribe_files(const Recording& recording, const PianoNetwork& network,
                                     const TranscriptionOptions& options, const Monitor& monitor) {
  TranscriptionReport report;
  {
    ThreadPool pool(options.threads);
    report.heard = transcribe_piano(recording, network, pool, monitor);
  }
  check_piano(recording.name(), options.other, report);
  const std::string title = std::filesystem::path(recording.name()).stem().string();
  const auto& [midi, musicxml, json] = options.files;
  if (midi) write_midi_file(*midi, midi_of(report.heard, title));
  if (json) write_file(*json, json_of(report.heard));
  if (musicxml) {
    const Rhythm rhythm = find_beats(recording, options.beats, options.threads, monitor);
    report.remarks.insert(report.remarks.end(), rhythm.remarks.begin(), rhythm.remarks.end());
    const Score score = score_of(report.heard, rhythm.grid, title);
    write_musicxml(*musicxml, arrange(score, {.melody = MelodyPlace::as_written}).score);
  }
  return report;
}

}  // namespace pop2piano
