// SPDX-License-Identifier: MIT
// Tensors out of files that torch.save wrote: a state dictionary, or a Lightning checkpoint that holds one.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "numbers/weights/tensor.h"

namespace pop2piano {

/// Lightning's prefix "transformer." is taken off the names. Throws Error as Model::load() does.
[[nodiscard]] TensorSet read_torch_file(const std::filesystem::path& file);
/// The same from memory that outlives the result.
[[nodiscard]] TensorSet parse_torch_file(std::span<const std::byte> bytes, const std::string& file);

}  // namespace pop2piano
