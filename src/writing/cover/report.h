// SPDX-License-Identifier: MIT
// A cover as JSON: what was found, what was written, and enough of the options to make it again bit for bit
// (docs/reference/json.md describes the fields).
#pragma once

#include <pop2piano/cover.h>

#include <nlohmann/json.hpp>

namespace pop2piano {

/// Beats, tempo, metre, key, notes with voice and hand, confidence. Times in seconds, rounded to 0.1 ms.
nlohmann::ordered_json report_of(const Cover& cover);
/// Every option that has an influence on the notes.
nlohmann::ordered_json report_of(const CoverOptions& options);
/// Path, sizes, number format and arithmetic of the model.
nlohmann::ordered_json report_of(const Model& model);

}  // namespace pop2piano
