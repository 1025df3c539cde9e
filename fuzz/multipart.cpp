// SPDX-License-Identifier: MIT
// Any bytes as an upload of multipart/form-data: the first line is the boundary, the first byte the length of the
// pieces in which the rest comes. What comes out must not depend on them.
#include "app/http/multipart.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "app/http/http_message.h"
#include "fuzz/cost.h"

namespace {

std::string read(const std::string& type, std::string_view body, std::size_t piece) {
  std::string out;
  try {
    pop2piano::serve::MultipartReader reader(
        type, [&](std::span<const char> bytes) { out.append(bytes.data(), bytes.size()); });
    for (std::size_t at = 0; at < body.size(); at += piece) reader.take(std::string(body.substr(at, piece)));
    out += reader.ended() ? "|ended|" : "|open|";
    out += reader.file_name();
  } catch (const pop2piano::serve::Refusal& refusal) {
    return refusal.what();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pop2piano::fuzz::Cost cost(size);
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string type = "multipart/form-data; boundary=" + std::string(text.substr(0, line));
  const std::string_view body = text.substr(std::min(line + 1, text.size()));
  if (read(type, body, data[0] + std::size_t{1}) != read(type, body, body.size() + 1)) std::abort();
  return 0;
}
