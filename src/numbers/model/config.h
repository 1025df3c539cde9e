// SPDX-License-Identifier: MIT
// config.json of a model folder, both kinds: ours ("format": "pop2piano.cpp/1") and that of the published checkpoints,
// which needs generation_config.json and preprocessor_config.json beside it.
#pragma once

#include <pop2piano/model.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace pop2piano {

/// The texts of a folder's JSON files; those that are absent are empty.
struct ConfigTexts {
  std::string folder;  ///< for messages
  std::string config;
  std::string generation;
  std::string preprocessor;
};

/// Throws Error: malformed (JSON, a size out of range), unsupported (an unknown kind); names file, key, found,
/// expected.
[[nodiscard]] ModelConfig parse_config(const ConfigTexts& texts);
/// Reads the files. Throws Error(not_found) without a config.json.
[[nodiscard]] ModelConfig read_config(const std::filesystem::path& folder);
/// What `config` says, as text of our format; parse_config() reads it back to the same.
[[nodiscard]] std::string write_config(const ModelConfig& config);
/// The same as the three files of a published checkpoint; parse_config() reads them back to the same. Throws
/// Error(unsupported) for what those files cannot say: features other than mel, tokens other than published.
[[nodiscard]] ConfigTexts write_published_config(const ModelConfig& config);
/// Checks sizes and their products. `where` begins the message.
void check_config(const ModelConfig& config, const std::string& where);

}  // namespace pop2piano
