// SPDX-License-Identifier: MIT
// A cover as JSON: what was found, what was written, and enough of the options to make it again bit for bit
// (docs/reference/json.md describes the fields).
#pragma once

#include <pop2piano/cover.h>

#include <string>

#include <nlohmann/json.hpp>

namespace pop2piano {

/// Beats, tempo, metre, key, notes with voice and hand, confidence. Times in seconds, rounded to 0.1 ms. `written`:
/// what the network wrote, if it did; else null.
nlohmann::ordered_json report_of(const PianoScore& piano, const Rhythm& rhythm, double duration,
                                 const Written* written = nullptr);
nlohmann::ordered_json report_of(const Cover& cover);
/// The answers about tempo, metre and first beats: `question`, `chance`, `option`, `taken`, and what the answer is.
nlohmann::ordered_json answers_json(const Rhythm& rhythm);
/// Every option that has an influence on the notes.
nlohmann::ordered_json report_of(const CoverOptions& options);
/// The value that is written even and played long and short: "eighth", "16th"; null: none.
nlohmann::ordered_json swung_notes(const Swing& swing);
/// Path, sizes, number format and arithmetic of the model.
nlohmann::ordered_json report_of(const Model& model);

/// What a report says before the cover itself.
struct ReportSource {
  std::string file;         ///< of the song, as the user calls it
  std::string analysis{};   ///< the file that the analysis was kept in; empty: heard now
  std::string program;      ///< name and version
  bool midi_locked = true;  ///< MIDI in the recording's own time
};
nlohmann::ordered_json report_head(const ReportSource& source, const Analysis& analysis, const Model& model,
                                   const CoverOptions& options);

}  // namespace pop2piano
