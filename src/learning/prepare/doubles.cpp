// SPDX-License-Identifier: MIT
#include "learning/prepare/doubles.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/core/output_file.h"
#include "learning/dataset/record_writer.h"
#include "learning/prepare/fingerprint.h"
#include "learning/prepare/folder_lock.h"
#include "learning/prepare/pair_folders.h"
#include "learning/prepare/pair_state.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDouble = "double";

bool is_done(const PairState& state, Stage stage) {
  const auto found = state.stages.find(stage);
  return found != state.stages.end() && found->second.standing == Standing::done;
}

// One that is damaged counts as none.
std::vector<std::uint64_t> fingerprint_in(const PairState& state) {
  std::vector<std::uint64_t> hashes;
  const auto& facts = state.stages.at(Stage::transcribe).facts;
  const auto found = facts.find("fingerprint");
  if (found == facts.end() || !found->is_array()) return {};
  for (const auto& hex : *found) {
    const std::string digits = hex.is_string() ? hex.get<std::string>() : "";
    std::uint64_t hash = 0;
    const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
    if (error != std::errc{} || at != digits.data() + digits.size()) return {};
    hashes.push_back(hash);
  }
  return hashes;
}

// Of those that stay, by each of their hashes.
class Kept {
 public:
  // The one that has the same performance; empty: none. A performance that none has is added.
  std::string same_or_add(const std::string& name, std::span<const std::uint64_t> hashes) {
    std::map<std::size_t, std::size_t> common;
    for (const std::uint64_t hash : hashes) {
      const auto [first, last] = by_hash_.equal_range(hash);
      for (auto at = first; at != last; ++at) ++common[at->second];
    }
    const std::size_t wanted = std::min(kSamePerformance, std::max<std::size_t>(1, hashes.size()));
    for (const auto& [index, count] : common) {
      if (count >= wanted) return names_[index];
    }
    for (const std::uint64_t hash : hashes) by_hash_.emplace(hash, names_.size());
    names_.push_back(name);
    return "";
  }

 private:
  std::vector<std::string> names_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_hash_;
};

// Says of the pair's records that they are not wanted. False: another process has the pair, or it changed.
bool mark(const fs::path& folder, const std::string& name, const std::string& other) {
  const fs::path own = folder / "pairs" / name;
  const auto lock = FolderLock::try_take(own);
  if (!lock) return false;
  PairState state = load_state(own).state;
  const auto records = state.stages.find(Stage::records);
  if (records == state.stages.end() || !is_done(state, Stage::filter)) return false;
  std::error_code none;
  fs::remove(folder / "records" / (name + std::string(kShardExtension)), none);
  records->second.standing = Standing::dropped;
  records->second.kind = kDouble;
  records->second.reason = "the same performance as " + other;
  save_state(state, own);
  return true;
}

// False: as in mark().
bool unmark(const fs::path& folder, const std::string& name) {
  const fs::path own = folder / "pairs" / name;
  const auto lock = FolderLock::try_take(own);
  if (!lock) return false;
  PairState state = load_state(own).state;
  state.stages.erase(Stage::records);
  save_state(state, own);
  return true;
}

}  // namespace

Doubles drop_doubles(const fs::path& folder) {
  Doubles result;
  Kept kept;
  for (const std::string& name : pair_folders(folder)) {
    const PairState state = load_state(folder / "pairs" / name).state;
    if (!is_done(state, Stage::filter) || !is_done(state, Stage::transcribe)) continue;
    const std::string other = kept.same_or_add(name, fingerprint_in(state));
    const auto records = state.stages.find(Stage::records);
    const bool marked = records != state.stages.end() && records->second.kind == kDouble;
    if (!other.empty() && !marked && mark(folder, name, other)) result.dropped.push_back(name);
    if (other.empty() && marked && unmark(folder, name)) result.wanted_again.push_back(name);
  }
  return result;
}

}  // namespace pop2piano
