// SPDX-License-Identifier: MIT
#include "numbers/nets/network_parts.h"

#include <pop2piano/error.h>

#include <cstddef>
#include <span>
#include <utility>

#include "numbers/kernels/packed_matrix.h"
#include "numbers/weights/safetensors.h"

namespace pop2piano {

std::int64_t NetworkPart::values() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

NetworkPart network_part(std::string name, std::initializer_list<std::size_t> shape) {
  return {.name = std::move(name), .shape = {shape.begin(), shape.end()}};
}

NetworkValues read_network_parts(const std::filesystem::path& file, const std::vector<NetworkPart>& parts,
                                 const std::string& network) {
  const TensorSet set = read_safetensors(file);
  NetworkValues values;
  for (const NetworkPart& part : parts) {
    const Tensor* tensor = set.find(part.name);
    if (tensor == nullptr || tensor->shape != part.shape) {
      throw Error(ErrorCode::malformed, file.string() + ": expected tensor " + part.name + " " + to_string(part.shape) +
                                            ", found " + (tensor == nullptr ? "none" : to_string(tensor->shape)) +
                                            "; this is no " + network + " of this version");
    }
    values[part.name] = to_floats(*tensor, part.name, file.string());
  }
  return values;
}

void write_network_parts(const std::filesystem::path& file, const std::vector<NetworkPart>& parts,
                         const NetworkValues& values, const std::map<std::string, std::string>& notes) {
  std::map<std::string, std::vector<std::uint16_t>> kept;
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const NetworkPart& part : parts) {
    auto& bits = kept[part.name];
    for (const float value : values.at(part.name)) bits.push_back(kernels::to_bf16(value));
    tensors[part.name] = {DataType::bf16, part.shape, std::as_bytes(std::span(bits))};
  }
  write_safetensors(file, tensors, notes);
}

}  // namespace pop2piano
