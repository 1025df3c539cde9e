// SPDX-License-Identifier: MIT
#include "learning/prepare/pair_folders.h"

#include <pop2piano/error.h>

#include <algorithm>

#include "base/core/paths.h"

namespace pop2piano {

std::vector<std::string> pair_folders(const std::filesystem::path& folder) {
  if (!is_folder(folder / "pairs")) {
    throw Error(ErrorCode::not_found, folder.string() +
                                          ": expected a folder of `pop2piano prepare`, found no folder "
                                          "\"pairs\" in it");
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "pairs")) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace pop2piano
