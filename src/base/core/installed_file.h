// SPDX-License-Identifier: MIT
// Where the files lie that come with the program: models and the small networks beside them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

/// Folders of models, the first that holds a file wins: POP2PIANO_MODELS, the user's, the one beside the program, the
/// source tree.
[[nodiscard]] std::vector<std::filesystem::path> installed_folders();

/// The file that the environment variable `override_name` names ("none": none at all), else the first `file` in
/// installed_folders(). Empty when there is none.
[[nodiscard]] std::filesystem::path installed_file(const std::filesystem::path& file, const char* override_name);

}  // namespace pop2piano
