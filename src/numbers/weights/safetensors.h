// SPDX-License-Identifier: MIT
// The safetensors container: a length, a JSON header with types, shapes and offsets, then the data. Read from mapped
// memory without copies; nothing of the header is believed before it was checked against the file's size.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "numbers/weights/tensor.h"

namespace pop2piano {

/// Throws Error: not_found, unreadable, malformed (naming the tensor, what was expected and what was found).
[[nodiscard]] TensorSet read_safetensors(const std::filesystem::path& file);
/// The same from memory that outlives the result; `file` is for messages only.
[[nodiscard]] TensorSet parse_safetensors(std::span<const std::byte> bytes, const std::string& file);
/// Adds the tensors of one more file; a name that both hold is an error.
void merge_tensors(TensorSet& into, TensorSet from);

/// Written in the order of the names, each aligned to 64 bytes.
void write_safetensors(const std::filesystem::path& file, const std::map<std::string, Tensor, std::less<>>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace pop2piano
