// SPDX-License-Identifier: MIT
// Weights files of the convolution networks: a fixed list of arrays, each of a fixed shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace pop2piano {

/// One array of the file.
struct NetworkPart {
  std::string name;
  std::vector<std::int64_t> shape;
  [[nodiscard]] std::int64_t values() const;
};
[[nodiscard]] NetworkPart network_part(std::string name, std::initializer_list<std::size_t> shape);

/// The values of each part by its name.
using NetworkValues = std::map<std::string, std::vector<float>>;

/// Throws Error: not_found, unreadable, malformed (a part missing or of another shape), the message saying that this is
/// no `network` of this version.
[[nodiscard]] NetworkValues read_network_parts(const std::filesystem::path& file, const std::vector<NetworkPart>& parts,
                                               const std::string& network);

/// Writes such a file, the values as bfloat16. `values` holds all parts; `notes` go into the file's metadata. Throws
/// Error(write_failed).
void write_network_parts(const std::filesystem::path& file, const std::vector<NetworkPart>& parts,
                         const NetworkValues& values, const std::map<std::string, std::string>& notes);

}  // namespace pop2piano
