// SPDX-License-Identifier: MIT
#include "base/core/output_file.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include <unistd.h>

#include "base/core/paths.h"

namespace pop2piano {
namespace {

constexpr std::string_view kTemporary = ".part";

// This machine's, without dots.
std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0) return "unknown";
  std::string text(name);
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return text.empty() ? "unknown" : text.substr(0, 64);
}

// ".host.4711.9f3c21d07a45be18.part", another one at each call: several machines may write into one folder.
std::string temporary_ending() {
  static std::atomic<std::uint64_t> calls{0};
  std::random_device device;
  const std::uint64_t drawn = (std::uint64_t{device()} << 32U | device()) + ++calls;
  char digits[17] = {};
  std::snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(drawn));
  return "." + host_name() + "." + std::to_string(::getpid()) + "." + digits + std::string(kTemporary);
}

// "song.p2pd.host.4711.9f3c21d07a45be18.part" -> 4711, if the target's extension is the one given and it was written on
// this machine.
std::optional<::pid_t> writer_of(const std::filesystem::path& file, std::string_view extension) {
  if (file.extension() != kTemporary) return std::nullopt;
  const std::filesystem::path process_part = file.stem().stem(), host_part = process_part.stem();
  if (host_part.extension() != "." + host_name() || host_part.stem().extension() != extension) return std::nullopt;
  const std::string number = process_part.extension().string();  // with its dot
  ::pid_t process = 0;
  const auto [end, error] = std::from_chars(number.data() + 1, number.data() + number.size(), process);
  if (error != std::errc{} || end != number.data() + number.size() || process <= 0) return std::nullopt;
  return process;
}

bool runs(::pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

}  // namespace

OutputFile::OutputFile(std::filesystem::path target) : target_(std::move(target)) {
  temporary_ = target_.parent_path() / fitting_name(target_.filename().string(), temporary_ending());
  file_ = std::fopen(temporary_.c_str(), "wbe");
  if (file_ == nullptr) fail("create");
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail("write");
}

void OutputFile::write_at(std::size_t offset, std::span<const std::byte> bytes) {
  if (std::fseek(file_, static_cast<long>(offset), SEEK_SET) != 0) fail("seek in");
  write(bytes);
  if (std::fseek(file_, 0, SEEK_END) != 0) fail("seek in");
}

void OutputFile::commit(Lasting lasting) {
  if (std::fflush(file_) != 0) fail("write");
  if (lasting == Lasting::now && ::fsync(::fileno(file_)) != 0) fail("write");
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail("rename to");
  std::fclose(std::exchange(file_, nullptr));
}

void OutputFile::fail(const char* action) const {
  throw Error(ErrorCode::write_failed, target_.string() + ": cannot " + action + " the file: " + std::strerror(errno));
}

std::size_t remove_abandoned_files(const std::filesystem::path& folder, std::string_view extension) {
  std::size_t removed = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto writer = writer_of(entry.path(), extension);
    if (writer && !runs(*writer) && std::filesystem::remove(entry.path(), error)) ++removed;
  }
  return removed;
}

void write_file(const std::filesystem::path& target, std::span<const std::byte> bytes) {
  OutputFile file(target);
  file.write(bytes);
  file.commit();
}

void write_file(const std::filesystem::path& target, std::string_view text, Lasting lasting) {
  OutputFile file(target);
  file.write(text);
  file.commit(lasting);
}

}  // namespace pop2piano
