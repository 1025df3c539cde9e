// SPDX-License-Identifier: MIT
#include "sound/render/kept_sound.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkstemp is POSIX
#include <unistd.h>

namespace pop2piano {

KeptSound::KeptSound(std::filesystem::path folder, std::size_t most_in_memory)
    : folder_(folder.empty() ? "." : std::move(folder)), most_in_memory_(most_in_memory) {}

void KeptSound::open() {
  std::string name = (folder_ / ".pop2piano-sound-XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  if (descriptor >= 0) ::unlink(name.c_str());
  file_.reset(descriptor < 0 ? nullptr : ::fdopen(descriptor, "w+b"));
  if (!file_) {
    const std::string reason = std::strerror(errno);
    if (descriptor >= 0) ::close(descriptor);
    throw Error(ErrorCode::write_failed, folder_.string() + ": no temporary file can be made there (" + reason + ")");
  }
}

void KeptSound::push(std::span<const float> samples) {
  const std::size_t kept = std::min(samples.size(), most_in_memory_ - memory_.size());
  memory_.insert(memory_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(kept));
  const auto rest = samples.subspan(kept);
  if (!rest.empty()) {
    if (!file_) open();
    if (std::fwrite(rest.data(), sizeof(float), rest.size(), file_.get()) != rest.size()) {
      throw Error(ErrorCode::write_failed,
                  folder_.string() + ": the sound for the mix cannot be kept there (" + std::strerror(errno) + ")");
    }
  }
  size_ += samples.size();
}

std::size_t KeptSound::read(std::span<float> out) {
  const std::size_t wanted = std::min(out.size(), size_ - taken_);
  const std::size_t from_memory = std::min(wanted, memory_.size() - std::min(taken_, memory_.size()));
  std::copy_n(memory_.begin() + static_cast<std::ptrdiff_t>(std::min(taken_, memory_.size())), from_memory,
              out.begin());
  if (from_memory < wanted) {
    if (taken_ <= memory_.size()) std::rewind(file_.get());
    const auto rest = out.subspan(from_memory, wanted - from_memory);
    if (std::fread(rest.data(), sizeof(float), rest.size(), file_.get()) != rest.size()) {
      throw Error(ErrorCode::unreadable, folder_.string() + ": the sound for the mix cannot be read back");
    }
  }
  taken_ += wanted;
  return wanted;
}

}  // namespace pop2piano
