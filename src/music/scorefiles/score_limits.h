// SPDX-License-Identifier: MIT
// What a score that is read may ask for. A byte that is wrong in a small file can ask for weeks of music; every reader
// says what does, and stops.
#pragma once

#include <pop2piano/error.h>

#include <cstddef>
#include <string>

namespace pop2piano {

inline constexpr double kMostQuarters = 50'000;         ///< 7 hours at 120 a minute; the longest opera has 30,000
inline constexpr double kMostScoreSeconds = 12 * 3600;  ///< at the file's own tempo
inline constexpr std::size_t kMostScoreNotes = 1'000'000;

/// Throws Error(unsupported) when a reader has more notes than that.
inline void check_note_count(std::size_t notes, const std::string& what) {
  if (notes <= kMostScoreNotes) return;
  throw Error(ErrorCode::unsupported,
              what + ": expected at most " + std::to_string(kMostScoreNotes) + " notes, found more; split the file");
}

/// A title or name from a file, cut where it would fill pages; UTF-8 stays UTF-8.
[[nodiscard]] inline std::string shown_text(std::string text, std::size_t most_bytes = 1000) {
  if (text.size() <= most_bytes) return text;
  text.resize(most_bytes);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
  return text + "\xE2\x80\xA6";
}

}  // namespace pop2piano
