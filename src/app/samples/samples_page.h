// SPDX-License-Identifier: MIT
// A page of covers side by side, song by style, with players: one HTML file beside the covers, which opens without a
// server. It makes no covers and copies no sound.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace pop2piano {

struct SamplesPage {
  std::string html;
  std::size_t songs = 0, covers = 0;
};

/// Of the covers in `folder`: every report (.json) with a sound file of the same name beside it, in the small formats
/// before the large. Songs and styles in alphabetical order. `warn` is told of reports without sound and of files that
/// are no reports of covers. Throws Error: not_found (no such folder), nothing_found (no cover in it).
[[nodiscard]] SamplesPage samples_page(const std::filesystem::path& folder,
                                       const std::function<void(const std::string&)>& warn);

}  // namespace pop2piano
