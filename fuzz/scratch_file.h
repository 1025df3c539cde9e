// SPDX-License-Identifier: MIT
// A file for readers that want a name, removed with the process that made it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace pop2piano::fuzz {

class ScratchFile {
 public:
  /// In memory where /dev/shm is there.
  explicit ScratchFile(const std::string& extension)
      : path_((std::filesystem::exists("/dev/shm") ? std::filesystem::path("/dev/shm")
                                                   : std::filesystem::temp_directory_path()) /
              ("pop2piano_fuzz_" + std::to_string(::getpid()) + extension)) {}
  ~ScratchFile() {
    std::error_code none;
    std::filesystem::remove(path_, none);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  const std::filesystem::path& write(const std::uint8_t* data, std::size_t size) const {
    std::ofstream out(path_, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    if (!out.flush()) std::abort();
    return path_;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace pop2piano::fuzz
