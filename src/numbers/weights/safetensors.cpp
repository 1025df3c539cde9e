// SPDX-License-Identifier: MIT
#include "numbers/weights/safetensors.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/core/byte_reader.h"
#include "base/core/output_file.h"

namespace pop2piano {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLargestHeader = 100'000'000;  // bytes, as the format's own reader allows
constexpr std::size_t kAlignment = 64;                 // bytes

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::malformed, file + ": " + what + "; get the file again");
}

json parse_header(ByteReader& reader) {
  const auto length = reader.little<std::uint64_t>();
  if (length > kLargestHeader || length > reader.remaining()) {
    fail(reader.what(), "header length " + std::to_string(length) + ", expected at most " +
                            std::to_string(std::min<std::uint64_t>(kLargestHeader, reader.remaining())));
  }
  json header = json::parse(reader.take_text(static_cast<std::size_t>(length)), nullptr, false);
  if (!header.is_object()) fail(reader.what(), "the header is not a JSON object");
  return header;
}

/// A member that is an array of numbers that fit.
std::vector<std::uint64_t> numbers(const json& entry, const char* key, const std::string& where,
                                   const std::string& file) {
  const auto place = entry.find(key);
  if (place == entry.end() || !place->is_array()) fail(file, where + " has no array \"" + key + "\"");
  std::vector<std::uint64_t> values;
  for (const json& value : *place) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > (std::uint64_t{1} << 60)) {
      fail(file, where + ": \"" + std::string(key) + "\" is " + place->dump().substr(0, 80) +
                     ", expected numbers from 0 to 2^60");
    }
    values.push_back(value.get<std::uint64_t>());
  }
  return values;
}

Tensor parse_entry(const std::string& name, const json& entry, std::span<const std::byte> data,
                   const std::string& file) {
  const std::string where = "tensor " + name;
  if (!entry.is_object()) fail(file, where + " is not described by an object");
  const auto type_name = entry.find("dtype");
  if (type_name == entry.end() || !type_name->is_string()) fail(file, where + " has no \"dtype\"");
  const auto type = data_type_from(type_name->get_ref<const std::string&>());
  if (!type) fail(file, where + " has the unknown type " + type_name->dump().substr(0, 40));
  Tensor tensor;
  tensor.type = *type;
  for (const std::uint64_t size : numbers(entry, "shape", where, file)) {
    tensor.shape.push_back(static_cast<std::int64_t>(size));
  }
  const auto offsets = numbers(entry, "data_offsets", where, file);
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size()) {
    fail(file, where + ": data_offsets " + entry.at("data_offsets").dump().substr(0, 80) +
                   ", expected begin <= end <= " + std::to_string(data.size()));
  }
  const auto count = element_count(tensor.shape);
  const std::uint64_t found = offsets[1] - offsets[0];
  if (!count || *count * byte_size(*type) != found) {
    fail(file, where + " of shape " + to_string(tensor.shape) + " and type " + std::string(to_string(*type)) + " has " +
                   std::to_string(found) + " bytes, expected " +
                   (count ? std::to_string(*count * byte_size(*type)) : std::string("a shape that fits")));
  }
  tensor.bytes = data.subspan(static_cast<std::size_t>(offsets[0]), static_cast<std::size_t>(found));
  return tensor;
}

void check_overlaps(const TensorSet& set) {
  std::vector<std::pair<std::span<const std::byte>, std::string_view>> parts;
  for (const auto& [name, tensor] : set.tensors) {
    if (!tensor.bytes.empty()) parts.emplace_back(tensor.bytes, name);
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first.data() < b.first.data(); });
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i - 1].first.data() + parts[i - 1].first.size() > parts[i].first.data()) {
      fail(set.file, "tensors " + std::string(parts[i - 1].second) + " and " + std::string(parts[i].second) +
                         " overlap, expected separate data");
    }
  }
}

}  // namespace

TensorSet parse_safetensors(std::span<const std::byte> bytes, const std::string& file) {
  ByteReader reader(bytes, file);
  const json header = parse_header(reader);
  const auto data = reader.take(reader.remaining());
  TensorSet set;
  set.file = file;
  set.container = "safetensors";
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") set.tensors.emplace(name, parse_entry(name, entry, data, file));
  }
  check_overlaps(set);
  return set;
}

TensorSet read_safetensors(const std::filesystem::path& file) {
  auto mapped = std::make_shared<const MappedFile>(file);
  TensorSet set = parse_safetensors(mapped->bytes(), file.string());
  set.files.push_back(std::move(mapped));
  return set;
}

void merge_tensors(TensorSet& into, TensorSet from) {
  for (auto& [name, tensor] : from.tensors) {
    if (!into.tensors.emplace(name, std::move(tensor)).second) {
      fail(from.file, "tensor " + name + " stands in another part of the model too");
    }
  }
  into.files.insert(into.files.end(), from.files.begin(), from.files.end());
}

void write_safetensors(const std::filesystem::path& file, const std::map<std::string, Tensor, std::less<>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    header[name] = {{"dtype", to_string(tensor.type)},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 8 + kAlignment - 1) / kAlignment * kAlignment - 8, ' ');
  ByteWriter length;
  length.little(static_cast<std::uint64_t>(text.size()));
  OutputFile out(file);
  out.write(length.bytes());
  out.write(text);
  for (const auto& [name, tensor] : tensors) out.write(tensor.bytes);
  out.commit();
}

}  // namespace pop2piano
