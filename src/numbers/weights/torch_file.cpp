// SPDX-License-Identifier: MIT
#include "numbers/weights/torch_file.h"

#include <pop2piano/error.h>

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "base/core/archive.h"
#include "numbers/weights/pickle.h"

namespace pop2piano {
namespace {

using Kind = PickleValue::Kind;

constexpr std::array<std::pair<std::string_view, DataType>, 10> kStorages{{{"torch FloatStorage", DataType::f32},
                                                                           {"torch HalfStorage", DataType::f16},
                                                                           {"torch BFloat16Storage", DataType::bf16},
                                                                           {"torch DoubleStorage", DataType::f64},
                                                                           {"torch LongStorage", DataType::i64},
                                                                           {"torch IntStorage", DataType::i32},
                                                                           {"torch ShortStorage", DataType::i16},
                                                                           {"torch CharStorage", DataType::i8},
                                                                           {"torch ByteStorage", DataType::u8},
                                                                           {"torch BoolStorage", DataType::boolean}}};

/// Turns the pickle's descriptions of tensors into views of the archive.
class StateReader {
 public:
  StateReader(const Archive& archive, std::string folder) : archive_(archive), folder_(std::move(folder)) {}

  [[nodiscard]] bool is_tensor(const PickleValue& value) const {
    return value.kind == Kind::call && value.items[0]->text.starts_with("torch._utils ");
  }

  Tensor tensor(const std::string& name, const PickleValue& value) {
    name_ = name;
    const PickleValue* call = &value;
    if (call->items[0]->text == "torch._utils _rebuild_parameter") {
      call = argument(*call, 0, Kind::call);
      if (!is_tensor(*call)) fail("a parameter without a tensor");
    }
    if (call->items[0]->text != "torch._utils _rebuild_tensor_v2") fail("a parameter within a parameter");
    Tensor tensor;
    const auto storage = this->storage(*argument(*call, 0, Kind::persistent), tensor.type);
    const std::int64_t offset = argument(*call, 1, Kind::integer)->integer;
    tensor.shape = integers(*argument(*call, 2, Kind::sequence));
    check_contiguous(tensor.shape, integers(*argument(*call, 3, Kind::sequence)));
    const auto count = element_count(tensor.shape);
    const std::size_t size = byte_size(tensor.type);
    const std::size_t available = storage.size() / size;
    if (!count || offset < 0 || static_cast<std::uint64_t>(offset) > available ||
        *count > available - static_cast<std::size_t>(offset)) {
      fail("shape " + to_string(tensor.shape) + " at offset " + std::to_string(offset) + ", expected to fit into the " +
           std::to_string(available) + " elements of its storage");
    }
    tensor.bytes = storage.subspan(static_cast<std::size_t>(offset) * size, *count * size);
    return tensor;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::malformed, archive_.file() + ": tensor " + name_ + ": " + what);
  }
  const PickleValue* argument(const PickleValue& call, std::size_t index, Kind kind) const {
    const auto& arguments = call.items[1]->items;
    if (index >= arguments.size() || arguments[index]->kind != kind) {
      fail("argument " + std::to_string(index) + " of its description is of another kind than expected");
    }
    return arguments[index];
  }
  Shape integers(const PickleValue& sequence) const {
    if (sequence.items.size() > 16) fail("more than 16 dimensions");
    Shape values;
    for (const PickleValue* item : sequence.items) {
      if (item->kind != Kind::integer) fail("a dimension that is no integer");
      values.push_back(item->integer);
    }
    return values;
  }
  void check_contiguous(const Shape& shape, const Shape& strides) const {
    if (strides.size() != shape.size()) fail("shape " + to_string(shape) + " with strides " + to_string(strides));
    const auto count = element_count(shape);
    if (!count) fail("shape " + to_string(shape) + ", expected one that fits");
    if (*count == 0) return;
    std::int64_t expected = 1;
    for (std::size_t i = shape.size(); i > 0; --i) {
      if (shape[i - 1] > 1 && strides[i - 1] != expected) {
        throw Error(ErrorCode::unsupported, archive_.file() + ": tensor " + name_ + " of shape " + to_string(shape) +
                                                " has strides " + to_string(strides) +
                                                ", expected a contiguous tensor");
      }
      expected *= shape[i - 1];
    }
  }
  /// ('storage', type, key, device, elements)
  std::span<const std::byte> storage(const PickleValue& persistent, DataType& type) {
    const auto& parts = persistent.items[0]->items;
    if (persistent.items[0]->kind != Kind::sequence || parts.size() < 3 || parts[0]->text != "storage" ||
        parts[1]->kind != Kind::global || parts[2]->kind != Kind::text) {
      fail("its storage is not described as PyTorch does");
    }
    bool known = false;
    for (const auto& [name, stored] : kStorages) {
      if (parts[1]->text != name) continue;
      type = stored;
      known = true;
    }
    if (!known) fail("the storage type " + parts[1]->text + " is not known");
    const std::string entry = folder_ + "data/" + parts[2]->text;
    // Checksums once: several tensors may share a storage.
    if (!checked_.insert(entry).second) return archive_.find(entry)->packed;
    return archive_.stored(entry);
  }

  const Archive& archive_;
  std::string folder_, name_;
  std::set<std::string> checked_;
};

std::string find_folder(const Archive& archive) {
  for (const auto& [name, entry] : archive.entries()) {
    if (name.ends_with("data.pkl")) return name.substr(0, name.size() - std::string_view("data.pkl").size());
  }
  throw Error(ErrorCode::malformed, archive.file() + ": no data.pkl in it, expected a file that torch.save wrote");
}

void check_byte_order(const Archive& archive, const std::string& folder) {
  if (archive.find(folder + "byteorder") == nullptr) return;
  const auto bytes = archive.stored(folder + "byteorder");
  const std::string_view order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order != "little") {
    throw Error(ErrorCode::unsupported,
                archive.file() + ": byte order is \"" + std::string(order.substr(0, 20)) + "\", expected little");
  }
}

}  // namespace

TensorSet parse_torch_file(std::span<const std::byte> bytes, const std::string& file) {
  if (!is_archive(bytes)) {
    throw Error(ErrorCode::malformed, file + ": no zip archive, expected a file saved by PyTorch 1.6 or later");
  }
  const Archive archive(bytes, file);
  const std::string folder = find_folder(archive);
  check_byte_order(archive, folder);
  const Pickle pickle(archive.stored(folder + "data.pkl"), file);
  const PickleValue* state = &pickle.root();
  const PickleValue* inner = state->find("state_dict");
  const bool lightning = inner != nullptr;
  if (lightning) state = inner;
  if (state->kind != Kind::dictionary) {
    throw Error(ErrorCode::malformed, file + ": holds no state dictionary, expected tensors by name");
  }
  TensorSet set;
  set.file = file;
  set.container = lightning ? "lightning" : "pytorch zip";
  StateReader reader(archive, folder);
  constexpr std::string_view kPrefix = "transformer.";
  for (std::size_t i = 0; i + 1 < state->items.size(); i += 2) {
    if (state->items[i]->kind != Kind::text || !reader.is_tensor(*state->items[i + 1])) continue;
    std::string name = state->items[i]->text;
    if (lightning && name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
    set.tensors.insert_or_assign(name, reader.tensor(name, *state->items[i + 1]));
  }
  return set;
}

TensorSet read_torch_file(const std::filesystem::path& file) {
  auto mapped = std::make_shared<const MappedFile>(file);
  TensorSet set = parse_torch_file(mapped->bytes(), file.string());
  set.files.push_back(std::move(mapped));
  return set;
}

}  // namespace pop2piano
