// SPDX-License-Identifier: MIT
// The table of rooms in docs/architecture.md: the one place that says who may use whom.
#pragma once

#include <map>
#include <set>
#include <string>

namespace pop2piano::arch {

struct Room {
  std::string floor;
  std::set<std::string> uses;  // without core, which everything may use
};

/// Reads, from the fenced block that begins with the floor `base`, lines `floor room description uses a, b` and their
/// continuations `  room ...` on the same floor. "uses anything above" stands for all rooms in the lines before, "but
/// a" for all without a and a_*. Throws std::runtime_error when there is no table, when a room stands there twice, or
/// when a row names a room that is not in a line before: so the table cannot hold a cycle.
[[nodiscard]] std::map<std::string, Room> parse_architecture(const std::string& markdown);

/// The room that a file belongs to: src/<floor>/<room>/..., include/pop2piano/<room>.h (error.h, measure.h and
/// progress.h: core). Empty for other paths.
[[nodiscard]] std::string room_of(const std::string& path);

/// Whether a file of one room may include a header of another.
[[nodiscard]] bool may_use(const std::map<std::string, Room>& table, const std::string& path, const std::string& used);

}  // namespace pop2piano::arch
