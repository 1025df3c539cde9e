// SPDX-License-Identifier: MIT
// Programs that turn MusicXML into pages: MuseScore, LilyPond, Verovio (the command, or the npm package through Node).
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

enum class PageFormat { pdf, svg, png };

/// By a file's ending; throws Error(invalid_argument).
[[nodiscard]] PageFormat page_format_of(const std::filesystem::path& file);

struct EngraveRequest {
  std::filesystem::path score;   ///< MusicXML
  std::filesystem::path folder;  ///< for the pages and everything else that is written; empty at the start
  PageFormat format = PageFormat::pdf;
  std::string engraver;  ///< "musescore", "lilypond", "verovio"; empty: the first that is installed and can do it
  const CancelToken* cancel = nullptr;
};

struct EngravedPages {
  std::string engraver;                      ///< program that was used
  std::vector<std::filesystem::path> files;  ///< one a page, in order; PDF: one file
};

/// Whether PDF can be written with what is installed.
[[nodiscard]] bool can_engrave_pdf();
/// Before the work that pages are made of. Throws Error(not_found): what to install.
void require_pdf_engraver();

/// Throws Error: not_found (none installed: what to install), unsupported (the one that was named cannot write the
/// format), invalid_argument (no such engraver), unreadable (it failed: its last words), cancelled.
[[nodiscard]] EngravedPages engrave(const EngraveRequest& request);

}  // namespace pop2piano
