// SPDX-License-Identifier: MIT
// The files of web/dist as they were when the program was built (cmake/EmbedPage.cmake).
#pragma once

#include <span>
#include <string_view>

namespace pop2piano::serve {

struct EmbeddedFile {
  std::string_view name;  ///< below web/dist, with '/'
  std::string_view bytes;
};
/// Empty: there was no page.
[[nodiscard]] std::span<const EmbeddedFile> embedded_page();

}  // namespace pop2piano::serve
