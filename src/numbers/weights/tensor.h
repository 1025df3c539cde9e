// SPDX-License-Identifier: MIT
// Named arrays as weight files hold them, borrowed from mapped memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/mapped_file.h"

namespace pop2piano {

enum class DataType : std::uint8_t { f32, f16, bf16, f64, i8, u8, i16, i32, i64, boolean };

[[nodiscard]] std::size_t byte_size(DataType type);
[[nodiscard]] std::string_view to_string(DataType type);  ///< "F32", as in safetensors
[[nodiscard]] std::optional<DataType> data_type_from(std::string_view name);

using Shape = std::vector<std::int64_t>;
[[nodiscard]] std::string to_string(const Shape& shape);  ///< "[512, 48]"
/// Number of elements; nothing when it does not fit or a dimension is negative.
[[nodiscard]] std::optional<std::size_t> element_count(const Shape& shape);

/// `bytes` is row-major and little endian; it need not be aligned.
struct Tensor {
  DataType type = DataType::f32;
  Shape shape;
  std::span<const std::byte> bytes;
};

/// The tensors of one model, and the files that keep them alive.
struct TensorSet {
  std::string file;       ///< for messages
  std::string container;  ///< "safetensors", "pytorch zip", "lightning"
  std::map<std::string, Tensor, std::less<>> tensors;
  std::vector<std::shared_ptr<const MappedFile>> files;

  [[nodiscard]] const Tensor* find(std::string_view name) const;
};

/// All values as floats. Throws Error(malformed) naming file, tensor and index when one is not finite, and
/// Error(unsupported) for types that are no real numbers.
[[nodiscard]] std::vector<float> to_floats(const Tensor& tensor, std::string_view name, const std::string& file);

}  // namespace pop2piano
