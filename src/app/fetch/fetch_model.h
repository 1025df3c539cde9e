// SPDX-License-Identifier: MIT
// A published model from the web: into the user's cache, checked. Nothing else in the program fetches anything.
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <functional>
#include <string>

#include "app/fetch/download.h"

namespace pop2piano {

struct ModelRequest {
  std::string source;              ///< a known name, or the address of a folder or of a .ckpt file
  std::string name{};              ///< in the cache; empty: as at the source
  std::filesystem::path folder{};  ///< empty: model_cache() / name
  std::string sha256{};            ///< that the weights must have; empty: as the server says, if it does
  enum class Existing { keep, replace } existing = Existing::keep;
};

struct FetchNews {
  std::function<void(const std::string& file, const std::filesystem::path&, const Downloaded&)> fetched;
  std::function<void(const std::string& file)> present;  ///< an earlier call fetched it
};

struct FetchedModel {
  std::filesystem::path folder;
  std::string name;
};

/// Separated by commas.
[[nodiscard]] std::string known_model_names();

/// Throws Error: invalid_argument (source, name, checksum), not_found (no model there), and those of download(). What
/// came before an error stays for the next call.
FetchedModel fetch_model(const ModelRequest& request, const FetchNews& news, const Monitor& monitor);

}  // namespace pop2piano
