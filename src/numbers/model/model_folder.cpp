// SPDX-License-Identifier: MIT
#include "numbers/model/model_folder.h"

#include <pop2piano/error.h>

#include <cstdlib>

#include "base/core/installed_file.h"
#include "base/core/paths.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

}  // namespace

fs::path model_cache() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
    return fs::path(cache) / "pop2piano/models";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    throw Error(ErrorCode::not_found, "neither XDG_CACHE_HOME nor HOME is set, so there is no cache; name a folder");
  }
  return fs::path(home) / ".cache/pop2piano/models";
}

fs::path weight_cache() { return model_cache().parent_path() / "weights"; }

std::vector<fs::path> model_search_path() {
  std::vector<fs::path> folders = installed_folders();
  try {
    folders.push_back(model_cache());
  } catch (const Error&) {  // no home: nothing was fetched
  }
  return folders;
}

fs::path find_model(const std::string& name_or_path) {
  if (name_or_path.starts_with('/') || name_or_path.starts_with('.') || path_exists(name_or_path)) return name_or_path;
  std::string searched;
  for (const fs::path& folder : model_search_path()) {
    if (path_exists(folder / name_or_path)) return folder / name_or_path;
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  throw Error(ErrorCode::not_found, "model '" + name_or_path + "': no such folder, and not found in " + searched +
                                        "; give a model folder to --model");
}

}  // namespace pop2piano
