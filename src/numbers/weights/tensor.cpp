// SPDX-License-Identifier: MIT
#include "numbers/weights/tensor.h"

#include <pop2piano/error.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/core/half.h"

namespace pop2piano {
namespace {

struct TypeEntry {
  DataType type;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<TypeEntry, 10> kTypes{{{DataType::f32, "F32", 4},
                                            {DataType::f16, "F16", 2},
                                            {DataType::bf16, "BF16", 2},
                                            {DataType::f64, "F64", 8},
                                            {DataType::i8, "I8", 1},
                                            {DataType::u8, "U8", 1},
                                            {DataType::i16, "I16", 2},
                                            {DataType::i32, "I32", 4},
                                            {DataType::i64, "I64", 8},
                                            {DataType::boolean, "BOOL", 1}}};

template <typename T>
T element(const std::byte* bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes + index * sizeof(T), sizeof(T));
  return value;
}

/// The tensor's elements by one conversion.
template <typename Convert>
std::vector<float> convert_all(std::size_t count, Convert convert) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = convert(i);
  return values;
}

std::vector<float> convert(const Tensor& tensor, std::size_t count) {
  const std::byte* data = tensor.bytes.data();
  switch (tensor.type) {
    case DataType::f32:
      return convert_all(count, [&](std::size_t i) { return element<float>(data, i); });
    case DataType::bf16:
      return convert_all(count, [&](std::size_t i) {
        return std::bit_cast<float>(static_cast<std::uint32_t>(element<std::uint16_t>(data, i)) << 16);
      });
    case DataType::f16:
      return convert_all(count, [&](std::size_t i) { return half_to_float(element<std::uint16_t>(data, i)); });
    case DataType::f64:
      return convert_all(count, [&](std::size_t i) { return static_cast<float>(element<double>(data, i)); });
    case DataType::i8:
      return convert_all(count, [&](std::size_t i) { return static_cast<float>(element<std::int8_t>(data, i)); });
    default:
      return {};
  }
}

}  // namespace

std::size_t byte_size(DataType type) { return kTypes[static_cast<std::size_t>(type)].bytes; }

std::string_view to_string(DataType type) { return kTypes[static_cast<std::size_t>(type)].name; }

std::optional<DataType> data_type_from(std::string_view name) {
  for (const TypeEntry& entry : kTypes) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

std::optional<std::size_t> element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    const auto size = static_cast<std::size_t>(dimension);
    if (size != 0 && count > std::numeric_limits<std::size_t>::max() / 16 / size) return std::nullopt;
    count *= size;
  }
  return count;
}

const Tensor* TensorSet::find(std::string_view name) const {
  const auto place = tensors.find(name);
  return place == tensors.end() ? nullptr : &place->second;
}

std::vector<float> to_floats(const Tensor& tensor, std::string_view name, const std::string& file) {
  const std::size_t count = tensor.bytes.size() / byte_size(tensor.type);
  std::vector<float> values = convert(tensor, count);
  if (values.size() != count) {
    throw Error(ErrorCode::unsupported, file + ": tensor " + std::string(name) + " has type " +
                                            std::string(to_string(tensor.type)) +
                                            ", expected F32, F16, BF16, F64 or I8");
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) {
      throw Error(ErrorCode::malformed, file + ": tensor " + std::string(name) + " holds " + std::to_string(values[i]) +
                                            " at element " + std::to_string(i) +
                                            ", expected finite weights; the file may be damaged");
    }
  }
  return values;
}

}  // namespace pop2piano
