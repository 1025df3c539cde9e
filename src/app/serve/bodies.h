// SPDX-License-Identifier: MIT
// Where the bodies of requests go: JSON into memory, songs to the disk, the rest nowhere.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "app/http/http_server.h"
#include "app/http/multipart.h"

namespace pop2piano::serve {

/// For requests without a body that matters; refuses more than 64 kB.
class NoBody : public BodySink {
 public:
  void take(std::span<const char> bytes) override;

 private:
  std::size_t size_ = 0;
};

class JsonBody : public BodySink {
 public:
  /// Throws Refusal(413) for a length above `most`, 415 for another type.
  JsonBody(const RequestHead& head, std::size_t most);
  void take(std::span<const char> bytes) override;
  /// Throws Refusal(400): no JSON object.
  [[nodiscard]] nlohmann::json value() const;

 private:
  std::size_t most_;
  std::string text_;
};

/// A file that is hashed while it is written; gone unless keep() was called.
class UploadBody : public BodySink {
 public:
  /// Throws Refusal: 411, 413, 415, 507.
  UploadBody(const RequestHead& head, const std::filesystem::path& folder, std::uint64_t most);
  ~UploadBody() override;
  UploadBody(const UploadBody&) = delete;
  UploadBody& operator=(const UploadBody&) = delete;
  void take(std::span<const char> bytes) override;
  /// The end of the body: identifier of the bytes. Throws Refusal: 400, 507.
  [[nodiscard]] std::string finish();
  void keep(const std::filesystem::path& target);
  [[nodiscard]] const std::string& name() const { return name_; }  ///< for people only, UTF-8
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  void store(std::span<const char> bytes);
  struct Digest;
  std::filesystem::path file_;
  std::FILE* out_ = nullptr;
  std::unique_ptr<Digest> digest_;
  std::optional<MultipartReader> parts_;
  std::uint64_t size_ = 0, most_;
  std::string name_;
};

}  // namespace pop2piano::serve
