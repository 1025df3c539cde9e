// SPDX-License-Identifier: MIT
// Where models lie: beside the installed program, in the source tree it was built from, or where the user says.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

/// Where fetched models are kept: $XDG_CACHE_HOME/pop2piano/models or ~/.cache/pop2piano/models.
std::filesystem::path model_cache();
/// Where rearranged weights are kept for --share-weights: .../pop2piano/weights beside it.
std::filesystem::path weight_cache();

/// Folders that are searched for a model's name, in order: $POP2PIANO_MODELS, ~/.local/share/pop2piano/models, beside
/// the program (../share/pop2piano/models), the source tree of the build, the cache.
std::vector<std::filesystem::path> model_search_path();

/// "default" or another model's name -> its folder; a path that exists is taken as it is. Throws Error(not_found) with
/// the places that were searched.
std::filesystem::path find_model(const std::string& name_or_path);

}  // namespace pop2piano
