// SPDX-License-Identifier: MIT
#include "app/serve/page_files.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <vector>

#include <brotli/encode.h>
#include <zlib.h>

#include "app/serve/embedded_page.h"
#include "app/tasks/take_options.h"

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLeastCompressed = 1000;

std::string brotli_of(std::string_view text, int quality) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
  std::string result(size, '\0');
  const auto* in = reinterpret_cast<const std::uint8_t*>(text.data());
  if (BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, text.size(), in, &size,
                            reinterpret_cast<std::uint8_t*>(result.data())) == BROTLI_FALSE) {
    return "";
  }
  result.resize(size);
  return size < text.size() ? result : "";
}

bool is_compressible(const std::string& type) {
  return type.starts_with("text/") || type.starts_with("application/json") || type.starts_with("application/wasm") ||
         type.starts_with("application/manifest") || type.starts_with("image/svg");
}

// Names with a hash of their content never change: app-4F2A91BC.js.
bool is_lasting(std::string_view name) {
  const std::size_t dot = name.find_last_of('.'), dash = name.find_last_of("-.", dot == name.npos ? dot : dot - 1);
  if (dot == name.npos || dash == name.npos || dot - dash != 9) return false;
  return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dash) + 1,
                     name.begin() + static_cast<std::ptrdiff_t>(dot),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

std::string gzipped(std::string_view text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16, kMemory = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    return "";
  std::string result(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  result.resize(whole ? stream.total_out : 0);
  deflateEnd(&stream);
  return result.size() < text.size() ? result : "";
}

bool PageFiles::built_in() { return !embedded_page().empty(); }

PageFiles::PageFiles(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  if (!folder_.empty() && !fs::is_directory(folder_, error)) {
    throw Error(ErrorCode::not_found,
                folder_.string() + ": expected a folder with the page's files, found none (--web)");
  }
  for (const EmbeddedFile& file : embedded_page()) {
    files_["/" + std::string(file.name)] = {.bytes = file.bytes,
                                            .tag = "\"" + short_hash(std::string(file.bytes)) + "\""};
  }
  compressor_ = std::jthread([this] { compress(); });
}

PageFiles::~PageFiles() = default;

// In a thread of its own, small files first: until a file is done it is sent as it is.
void PageFiles::compress() {
  std::vector<std::pair<const std::string, File>*> order;
  for (auto& entry : files_) {
    if (entry.second.bytes.size() >= kLeastCompressed && is_compressible(content_type_of(entry.first)))
      order.push_back(&entry);
  }
  std::sort(order.begin(), order.end(),
            [](const auto* a, const auto* b) { return a->second.bytes.size() < b->second.bytes.size(); });
  for (auto* entry : order) {
    const std::string_view bytes = entry->second.bytes;
    std::string gzip = gzipped(bytes), brotli = brotli_of(bytes, bytes.size() > 1000000 ? 6 : 10);
    const std::scoped_lock lock(mutex_);
    entry->second.gzip = std::move(gzip);
    entry->second.brotli = std::move(brotli);
  }
}

Answer PageFiles::answer(const RequestHead& head) {
  const std::string name = head.path == "/" ? "/index.html" : head.path;
  std::error_code error;
  if (!folder_.empty() && fs::is_regular_file(folder_ / name.substr(1), error)) {
    const fs::path real = fs::canonical(folder_ / name.substr(1), error), root = fs::canonical(folder_, error);
    if (std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end()) {
      return file_answer(head, real, content_type_of(name));
    }
  }
  const auto found = files_.find(name);
  if (found == files_.end()) {
    if (name == "/index.html")
      throw Refusal(404, "not_found", "this build holds no page; give its folder with --web, or use /api/v1");
    throw Refusal(404, "not_found", "there is nothing of that name");
  }
  const File& file = found->second;
  Answer answer{.headers = {{"Content-Type", content_type_of(name)},
                            {"ETag", file.tag},
                            {"Vary", "Accept-Encoding"},
                            {"Cache-Control", is_lasting(name) ? "public, max-age=31536000, immutable" : "no-cache"}}};
  if (has_tag(head.header("if-none-match"), file.tag)) {
    answer.status = 304;
    return answer;
  }
  const std::string accepted = head.header("accept-encoding");
  const std::scoped_lock lock(mutex_);
  if (!file.brotli.empty() && accepts(accepted, "br")) {
    answer.headers.emplace_back("Content-Encoding", "br");
    answer.body = file.brotli;
  } else if (!file.gzip.empty() && accepts(accepted, "gzip")) {
    answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.body = file.gzip;
  } else {
    answer.body = std::string(file.bytes);
  }
  return answer;
}

}  // namespace pop2piano::serve
