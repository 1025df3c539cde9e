// SPDX-License-Identifier: MIT
// A few thousand random and mutated files into the readers of untrusted bytes: each gives a result or an Error.
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/core/mapped_file.h"
#include "base/core/random.h"
#include "numbers/model/config.h"
#include "numbers/model/random_model.h"
#include "numbers/weights/pickle.h"
#include "numbers/weights/safetensors.h"
#include "numbers/weights/torch_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using Bytes = std::vector<std::byte>;
using Reader = std::function<void(std::span<const std::byte>)>;

Bytes mutated(Random& random, Bytes bytes, std::size_t window) {
  const std::size_t changes = 1 + random.index(8);
  for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t place = random.index(std::min(window, bytes.size()));
    switch (random.index(4)) {
      case 0:
        bytes[place] = static_cast<std::byte>(random.next() & 0xFF);
        break;
      case 1:
        bytes[place] ^= static_cast<std::byte>(1U << random.index(8));
        break;
      case 2:
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(place));
        break;
      default:
        bytes.resize(place);
    }
  }
  return bytes;
}

const std::filesystem::path kCorpus = std::filesystem::path(POP2PIANO_SOURCE_DIR) / "fuzz/corpus";

Bytes corpus_file(const std::string& name) {
  const MappedFile mapped(kCorpus / name);
  return {mapped.bytes().begin(), mapped.bytes().end()};
}

void feed(const Bytes& good, std::size_t window, int rounds, const Reader& reader) {
  Random random(42);
  for (int i = 0; i < rounds; ++i) {
    Bytes bytes = mutated(random, good, window);
    if (i % 10 == 0) {
      bytes.resize(random.index(300));
      for (std::byte& b : bytes) b = static_cast<std::byte>(random.next() & 0xFF);
    }
    try {
      reader(bytes);
    } catch (const Error&) {
    }
  }
}

TEST(FuzzSmoke, Safetensors) {
  ModelConfig config = testing::small_config();
  config.vocab_size = 234;
  const testing::ScratchFolder folder;
  testing::write_model(folder.path(), config, testing::random_tensors(config, 1, DataType::bf16));
  const MappedFile mapped(folder / "model.safetensors");
  const Bytes good(mapped.bytes().begin(), mapped.bytes().end());
  feed(good, 4000, 2000, [](std::span<const std::byte> bytes) {
    for (const auto& [name, tensor] : parse_safetensors(bytes, "fuzz").tensors) {
      if (tensor.type != DataType::i64) (void)to_floats(tensor, name, "fuzz");
    }
  });
}

TEST(FuzzSmoke, Configuration) {
  const std::string text = write_config(testing::small_config());
  const auto view = std::as_bytes(std::span(text.data(), text.size()));
  feed(Bytes(view.begin(), view.end()), text.size(), 5000, [](std::span<const std::byte> bytes) {
    const std::string mutated_text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    (void)parse_config({.folder = "fuzz", .config = mutated_text});
  });
  feed(Bytes(view.begin(), view.end()), text.size(), 2000, [](std::span<const std::byte> bytes) {
    const std::string mutated_text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const char* published =
        R"({"vocab_size": 240, "d_model": 48, "d_kv": 16, "d_ff": 96, "num_layers": 2, "num_heads": 3})";
    (void)parse_config(
        {.folder = "fuzz", .config = published, .generation = mutated_text, .preprocessor = mutated_text});
  });
}

TEST(FuzzSmoke, TorchFiles) {
  const MappedFile mapped(std::filesystem::path(POP2PIANO_TEST_DATA) / "golden/tiny/hf_bin/pytorch_model.bin");
  const Bytes whole(mapped.bytes().begin(), mapped.bytes().end());
  // Mutations of a whole file end at a checksum; those of a small one reach further.
  feed(whole, whole.size(), 50, [](std::span<const std::byte> bytes) { (void)parse_torch_file(bytes, "fuzz"); });
  const Bytes small = corpus_file("torch/one_tensor.bin");
  feed(small, small.size(), 3000, [](std::span<const std::byte> bytes) { (void)parse_torch_file(bytes, "fuzz"); });
}

TEST(FuzzSmoke, Pickles) {
  for (const char* name : {"pickle/plain.pkl", "pickle/state_dict.pkl"}) {
    const Bytes good = corpus_file(name);
    feed(good, good.size(), 2000, [](std::span<const std::byte> bytes) { (void)Pickle(bytes, "fuzz").root(); });
  }
}

/// What the fuzzer found worth keeping.
TEST(FuzzSmoke, Corpus) {
  const std::map<std::string, Reader> readers{
      {"config",
       [](std::span<const std::byte> bytes) {
         const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
         (void)parse_config({.folder = "fuzz", .config = text});
       }},
      {"pickle", [](std::span<const std::byte> bytes) { (void)Pickle(bytes, "fuzz").root(); }},
      {"safetensors", [](std::span<const std::byte> bytes) { (void)parse_safetensors(bytes, "fuzz"); }},
      {"torch", [](std::span<const std::byte> bytes) { (void)parse_torch_file(bytes, "fuzz"); }}};
  for (const auto& [name, reader] : readers) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / name)) {
      const Bytes bytes = corpus_file(name + "/" + entry.path().filename().string());
      ++files;
      try {
        reader(bytes);
      } catch (const Error&) {
      }
    }
    EXPECT_GT(files, 5U) << name;
  }
}

}  // namespace
}  // namespace pop2piano
