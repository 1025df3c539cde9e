// SPDX-License-Identifier: MIT
// The stages that a pair goes through, each from the files of those before it to files of its own in the pair's folder.
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "base/core/thread_pool.h"
#include "learning/prepare/listed_pairs.h"
#include "learning/prepare/pair_state.h"
#include "learning/prepare/prepare_options.h"

namespace pop2piano {

/// What every stage works with.
struct PairWork {
  const ListedPair& pair;
  const PrepareOptions& options;
  std::filesystem::path folder;   ///< the pair's
  std::filesystem::path media;    ///< of downloads
  std::filesystem::path records;  ///< folder of the records
  const PairState& state;         ///< the stages before are done
  ThreadPool& pool;
  Monitor monitor;  ///< without progress
};

/// What a stage leaves behind.
struct StageResult {
  nlohmann::json facts = nlohmann::json::object();
  std::vector<std::string> files{};  ///< names in the pair's folder
  std::string result{};              ///< stands for what came out where that is not the files
};

/// All that a stage's result depends on beside the stages before it: options, the list's columns, its version.
[[nodiscard]] std::string options_text(Stage stage, const PairWork& work);

/// Throws Stopped, or Error: write_failed, cancelled; other errors mean that the pair is not usable.
[[nodiscard]] StageResult run_stage(Stage stage, const PairWork& work);

/// The file that a pair's records are in.
[[nodiscard]] std::filesystem::path record_file(const PairWork& work);

}  // namespace pop2piano
