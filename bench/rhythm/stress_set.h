// SPDX-License-Identifier: MIT
// Songs that are hard to tap along to, a few of each kind, rendered with a sound font that training does not use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano::bench {

/// Names of the kinds, in the order of the table.
[[nodiscard]] std::vector<std::string> stress_kinds();

/// One shard a kind, KIND.p2pd; what is there stays. Another `seed`: other songs, to fit on.
void make_stress_set(const std::filesystem::path& folder, const std::filesystem::path& sound_font, int songs_per_kind,
                     std::uint64_t seed);

}  // namespace pop2piano::bench
