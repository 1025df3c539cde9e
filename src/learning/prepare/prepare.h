// SPDX-License-Identifier: MIT
// A list of songs and piano covers -> training records, stage by stage, each pair in a folder of its own whose state
// says what is done. A run that was killed goes on; a changed option or file makes only that anew which depends on it;
// several processes, also of several machines, may share the folder. What comes out does not depend on any of this.
//   DIR/pairs/NAME/state.json, alignment.json, parts.json, *.mid    DIR/media/HASH/    DIR/records/NAME.p2pd
#pragma once

#include <pop2piano/progress.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "learning/prepare/pair_state.h"
#include "learning/prepare/prepare_options.h"

namespace pop2piano {

/// What is said while it runs.
struct PrepareNews {
  std::function<void(const std::string& name, Stage stage, const StageState& state)> ended;  ///< for a pair, today
  std::function<void(const std::string&)> remark;  ///< what the user should know
};

struct PrepareReport {
  std::size_t pairs = 0;           ///< of the list that are in this part
  std::size_t done = 0;            ///< have gone through all stages that were wanted
  std::size_t dropped = 0;         ///< are not for training
  std::size_t failed = 0;          ///< did not work this time
  std::size_t busy = 0;            ///< that another process works at
  std::size_t lines_left_out = 0;  ///< of the list
};

/// Reports the stage "pairs". Throws Error: those of read_listed_pairs(), not_found (no downloader where one is
/// needed), invalid_argument (a part that there is not), write_failed, cancelled.
PrepareReport prepare_pairs(const std::filesystem::path& list, const std::filesystem::path& folder,
                            const PrepareOptions& options, const PrepareNews& news, const Monitor& monitor);

}  // namespace pop2piano
