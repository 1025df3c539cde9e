// SPDX-License-Identifier: MIT
// Any text as config.json (of both kinds), generation_config.json and preprocessor_config.json.
#include "numbers/model/config.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/cost.h"

namespace {

constexpr const char* kPublished =
    R"({"vocab_size": 240, "d_model": 48, "d_kv": 16, "d_ff": 96, "num_layers": 2, "num_heads": 3})";

void parse(const pop2piano::ConfigTexts& texts) {
  try {
    (void)pop2piano::write_config(pop2piano::parse_config(texts));
  } catch (const pop2piano::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  const std::string text(reinterpret_cast<const char*>(data), size);
  parse({.folder = "fuzz", .config = text, .generation = {}, .preprocessor = {}});
  parse({.folder = "fuzz", .config = kPublished, .generation = text, .preprocessor = {}});
  parse({.folder = "fuzz", .config = kPublished, .generation = {}, .preprocessor = text});
  return 0;
}
