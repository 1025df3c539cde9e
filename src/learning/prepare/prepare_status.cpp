// SPDX-License-Identifier: MIT
#include "learning/prepare/prepare_status.h"

#include "learning/prepare/pair_folders.h"

namespace pop2piano {

PrepareStatus prepare_status(const std::filesystem::path& folder) {
  PrepareStatus status;
  for (const std::string& name : pair_folders(folder)) {
    ++status.pairs;
    const LoadedState loaded = load_state(folder / "pairs" / name);
    if (!loaded.problem.empty()) status.damaged.push_back(loaded.problem);
    const StageState* last = last_of(loaded.state);
    if (last == nullptr) ++status.waiting;
    for (const auto& [stage, state] : loaded.state.stages) {
      const auto k = static_cast<std::size_t>(stage);
      status.seconds[k] += state.seconds;
      status.done[k] += state.standing == Standing::done ? 1U : 0U;
    }
    if (last != nullptr && last->standing == Standing::dropped) ++status.dropped[last->kind];
    if (last != nullptr && last->standing == Standing::failed) ++status.failed[last->kind];
  }
  status.records = status.done[static_cast<std::size_t>(Stage::records)];
  return status;
}

}  // namespace pop2piano
