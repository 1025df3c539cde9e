// SPDX-License-Identifier: MIT
#include "numbers/kernels/weight_arena.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "numbers/kernels/kernel_table.h"

namespace pop2piano::kernels {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kPage = std::size_t{64} << 10;  // no machine has larger ones
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kChunkSize = std::size_t{16} << 20;  // taken at once

[[noreturn]] void fail(const std::filesystem::path& file, const char* action) {
  throw Error(ErrorCode::unreadable,
              file.string() + ": cannot be " + action + ": " + std::strerror(errno) + "; do without shared weights");
}

}  // namespace

WeightArena::Chunk::Chunk(std::size_t wanted) : size(round_up(wanted, kHugePage)) {
  const std::size_t all = size + kHugePage;
  void* const place = ::mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(place);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) % kHugePage;
  data = begin + before;
  if (before > 0) ::munmap(begin, before);
  if (before < kHugePage) ::munmap(data + size, kHugePage - before);
#if defined(MADV_HUGEPAGE)
  ::madvise(data, size, MADV_HUGEPAGE);
#endif
}

WeightArena::Chunk::~Chunk() {
  if (data != nullptr) ::munmap(data, size);
}

WeightArena::Chunk::Chunk(Chunk&& other) noexcept
    : data(std::exchange(other.data, nullptr)), size(other.size), used(other.used) {}

WeightArena::Chunk& WeightArena::Chunk::operator=(Chunk&& other) noexcept {
  std::swap(data, other.data);
  std::swap(size, other.size);
  std::swap(used, other.used);
  return *this;
}

std::byte* WeightArena::allocate(std::size_t size) {
  size = round_up(size, kAlignment);
  if (chunks_.empty() || chunks_.back().size - chunks_.back().used < size) {
    chunks_.emplace_back(std::max(size, kChunkSize));
  }
  Chunk& chunk = chunks_.back();
  std::byte* const place = chunk.data + chunk.used;
  chunk.used += size;
  return place;
}

/// The file holds the chunks one after the other, each from a multiple of kPage on.
bool WeightArena::is_in(const std::filesystem::path& file) const {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;
  const MappedFile mapped(file);
  auto rest = mapped.bytes();
  for (const Chunk& chunk : chunks_) {
    const std::size_t length = round_up(chunk.used, kPage);
    if (rest.size() < length || std::memcmp(rest.data(), chunk.data, chunk.used) != 0) return false;
    rest = rest.subspan(length);
  }
  return rest.empty();
}

void WeightArena::write(const std::filesystem::path& file) const {
  static constexpr std::byte kZeros[kPage] = {};
  OutputFile out(file);
  for (const Chunk& chunk : chunks_) {
    out.write(std::span<const std::byte>(chunk.data, chunk.used));
    out.write(std::span(kZeros, round_up(chunk.used, kPage) - chunk.used));
  }
  out.commit();
}

void WeightArena::share(const std::filesystem::path& file) {
  if (!is_in(file)) write(file);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(file, "opened");
  std::size_t offset = 0;
  bool good = true;
  for (const Chunk& chunk : chunks_) {
    const std::size_t length = round_up(chunk.used, kPage);
    good = good && ::mmap(chunk.data, length, PROT_READ, MAP_SHARED | MAP_FIXED, descriptor,
                          static_cast<off_t>(offset)) != MAP_FAILED;
    offset += length;
  }
  struct stat status {};
  good = good && ::fstat(descriptor, &status) == 0 && static_cast<std::size_t>(status.st_size) == offset;
  ::close(descriptor);
  if (!good) fail(file, "mapped");
}

}  // namespace pop2piano::kernels
