// SPDX-License-Identifier: MIT
#include "app/serve/bodies.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/statvfs.h>

#include "base/core/utf8.h"

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostIgnored = 65536, kLongestName = 300;
constexpr std::uint64_t kFreeBytes = 200U << 20U;  // that stay on the disk
constexpr std::size_t kIdDigits = 32;

std::string type_of(const RequestHead& head) {
  std::string type = head.header("content-type");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return type;
}

Refusal too_large(std::uint64_t most) {
  return {413, "too_large", fmt::format("the body is longer than {} bytes, the limit of this server", most)};
}

// Without folders, control characters and what is no UTF-8.
std::string shown_name(std::string name) {
  name = name.substr(name.find_last_of("/\\") + 1);
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
  if (valid_utf8_bytes(name) != name.size()) name = utf8_of_latin1(name);
  if (name.size() > kLongestName) name.resize(kLongestName);
  name.resize(valid_utf8_bytes(name));  // not within a character
  return name.empty() ? "song" : name;
}

}  // namespace

void NoBody::take(std::span<const char> bytes) {
  size_ += bytes.size();
  if (size_ > kMostIgnored) throw too_large(kMostIgnored);
}

JsonBody::JsonBody(const RequestHead& head, std::size_t most) : most_(most) {
  if (head.length.value_or(0) > most) throw too_large(most);
  if (const std::string type = type_of(head); type != "application/json") {
    throw Refusal(415, "media_type",
                  "Content-Type: expected application/json, found " + (type.empty() ? "none" : type.substr(0, 60)));
  }
}

void JsonBody::take(std::span<const char> bytes) {
  if (text_.size() + bytes.size() > most_) throw too_large(most_);
  text_.append(bytes.data(), bytes.size());
}

nlohmann::json JsonBody::value() const {
  int depth = 0, deepest = 0;  // the parser's own depth is not limited
  for (const char c : text_) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  if (deepest > 1000) throw Refusal(400, "invalid", "the body: expected JSON nested at most 1000 deep");
  nlohmann::json value = nlohmann::json::parse(text_, nullptr, false);
  if (!value.is_object()) throw Refusal(400, "invalid", "the body: expected a JSON object");
  return value;
}

struct UploadBody::Digest {
  Digest() : context(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(context); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  EVP_MD_CTX* context;
};

UploadBody::UploadBody(const RequestHead& head, const fs::path& folder, std::uint64_t most)
    : digest_(std::make_unique<Digest>()), most_(most) {
  static std::atomic<std::uint64_t> count{0};
  if (!head.length && !head.chunked) throw Refusal(411, "no_length", "an upload must say its length or come in chunks");
  constexpr std::uint64_t kFrame = 4096;  // of multipart around the file
  if (head.length.value_or(0) > most + kFrame) throw too_large(most);
  const std::string type = type_of(head);
  if (type == "multipart/form-data") {
    parts_.emplace(head.header("content-type"), [this](std::span<const char> bytes) { store(bytes); });
  } else if (!type.empty() && type != "application/octet-stream" && type != "application/ogg" &&
             !type.starts_with("audio/") && !type.starts_with("video/")) {
    throw Refusal(415, "media_type",
                  "Content-Type: expected application/octet-stream, audio/*, video/* or multipart/form-data, found " +
                      type.substr(0, 60));
  }
  name_ = shown_name(percent_decoded(head.header("x-file-name")).value_or(""));
  struct statvfs disk {};
  const std::uint64_t wanted = head.length.value_or(0) + kFreeBytes;
  if (::statvfs(folder.c_str(), &disk) == 0 && disk.f_bavail * disk.f_frsize < wanted) {
    throw Refusal(507, "no_room", "there is no room on the disk for this upload; delete songs");
  }
  file_ = folder / std::to_string(++count);
  out_ = std::fopen(file_.c_str(), "wbe");
  if (out_ == nullptr) throw Refusal(507, "no_room", "the upload cannot be stored");
}

UploadBody::~UploadBody() {
  if (out_ != nullptr) std::fclose(out_);
  std::error_code ignored;
  if (!file_.empty()) fs::remove(file_, ignored);
}

void UploadBody::take(std::span<const char> bytes) {
  if (parts_) {
    parts_->take(bytes);
  } else {
    store(bytes);
  }
}

void UploadBody::store(std::span<const char> bytes) {
  size_ += bytes.size();
  if (size_ > most_) throw too_large(most_);
  EVP_DigestUpdate(digest_->context, bytes.data(), bytes.size());
  if (std::fwrite(bytes.data(), 1, bytes.size(), out_) != bytes.size()) {
    throw Refusal(507, "no_room", "the disk did not take the upload");
  }
}

std::string UploadBody::finish() {
  if (parts_ && !parts_->found())
    throw Refusal(400, "invalid", "multipart/form-data: expected a part with a filename, found none");
  if (parts_ && !parts_->ended())
    throw Refusal(400, "invalid", "multipart/form-data: expected a closing boundary, found the end");
  if (parts_) name_ = shown_name(parts_->file_name());
  if (size_ == 0) throw Refusal(400, "invalid", name_ + ": expected a file with sound, found no bytes");
  const bool whole = std::fclose(std::exchange(out_, nullptr)) == 0;
  if (!whole) throw Refusal(507, "no_room", "the disk did not take the upload");
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(digest_->context, digest, &length);
  std::string digits;
  for (unsigned int i = 0; i < length && digits.size() < kIdDigits; ++i) digits += fmt::format("{:02x}", digest[i]);
  return digits;
}

void UploadBody::keep(const fs::path& target) {
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  fs::rename(file_, target, error);
  if (error) throw Refusal(507, "no_room", "the upload cannot be kept: " + error.message());
  file_.clear();
}

}  // namespace pop2piano::serve
