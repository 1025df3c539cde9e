// SPDX-License-Identifier: MIT
#include "sound/audio/media_file.h"

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pop2piano {
namespace {

constexpr std::int64_t kMaxSpoolBytes = std::int64_t{8} << 30;  // an hour of 192 kHz 8-channel 24-bit sound is 15 GiB
constexpr int kPollMilliseconds = 100;                          // how soon a cancel is seen while a pipe is silent

[[noreturn]] void fail(ErrorCode code, const std::string& name, const std::string& problem) {
  throw Error(code, name + ": " + problem);
}

/// Closes the descriptor unless released.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ > STDIN_FILENO) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

int create_spool(const std::string& name) {
  std::error_code no_folder;
  const auto folder = std::filesystem::temp_directory_path(no_folder);
  std::string pattern = (no_folder ? std::filesystem::path("/tmp") : folder) / "pop2piano-XXXXXX";
  const int descriptor = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (descriptor < 0) {
    fail(ErrorCode::write_failed, name,
         "cannot make a temporary file in " + folder.string() + ": " + std::strerror(errno));
  }
  ::unlink(pattern.c_str());
  return descriptor;
}

/// Waits until there is something to read; a cancelled monitor throws.
void wait_readable(int source, const Monitor& monitor) {
  pollfd waiting{source, POLLIN, 0};
  while (::poll(&waiting, 1, kPollMilliseconds) == 0) monitor.check();
  monitor.check();
}

void write_all(int target, std::span<const std::byte> bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(target, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      fail(ErrorCode::write_failed, name, std::string("cannot spool to the temporary folder: ") + std::strerror(errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

int open_source(const std::string& name) {
  struct stat found {};
  if (::stat(name.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) fail(ErrorCode::not_found, name, "no such file");
    fail(ErrorCode::unreadable, name, std::string("cannot be opened: ") + std::strerror(errno));
  }
  if (S_ISDIR(found.st_mode)) fail(ErrorCode::unreadable, name, "is a folder; give a sound or video file");
  // Without O_NONBLOCK nothing could end the wait for somebody who writes to a named pipe.
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail(ErrorCode::unreadable, name, std::string("cannot be opened: ") + std::strerror(errno));
  return descriptor;
}

void check_standard_input() {
  struct stat found {};
  if (::fstat(STDIN_FILENO, &found) != 0) {
    fail(ErrorCode::unreadable, "standard input", "is closed; pipe a song into the program or give a file");
  }
  if (::isatty(STDIN_FILENO) != 0) {
    fail(ErrorCode::unreadable, "standard input", "is a terminal; pipe a song into the program or give a file");
  }
}

}  // namespace

std::shared_ptr<const MediaFile> MediaFile::open(const std::filesystem::path& file, const Monitor& monitor) {
  const bool standard_input = file == "-";
  const std::string name = standard_input ? "standard input" : file.string();
  if (standard_input) check_standard_input();
  Descriptor source(standard_input ? STDIN_FILENO : open_source(name));
  struct stat found {};
  ::fstat(source.get(), &found);
  std::shared_ptr<MediaFile> media;
  if (!standard_input && S_ISREG(found.st_mode)) {
    media.reset(new MediaFile(name, source.release()));
  } else {
    media.reset(new MediaFile(name, create_spool(name)));
    media->spool(source.get(), monitor);
  }
  media->measure();
  return media;
}

MediaFile::~MediaFile() { ::close(descriptor_); }

void MediaFile::spool(int source, const Monitor& monitor) {
  std::vector<std::byte> block(std::size_t{1} << 18);
  std::int64_t total = 0;
  while (true) {
    wait_readable(source, monitor);
    const ssize_t got = ::read(source, block.data(), block.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) fail(ErrorCode::unreadable, name_, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) return;
    total += got;
    if (total > kMaxSpoolBytes) fail(ErrorCode::unsupported, name_, "gives more than 8 GiB; save it to a file first");
    write_all(descriptor_, std::span(block).first(static_cast<std::size_t>(got)), name_);
  }
}

void MediaFile::measure() {
  struct stat found {};
  if (::fstat(descriptor_, &found) != 0) {
    fail(ErrorCode::unreadable, name_, std::string("cannot be read: ") + std::strerror(errno));
  }
  size_ = found.st_size;
  if (size_ == 0) fail(ErrorCode::malformed, name_, "is empty (0 bytes); expected sound or video");
}

std::size_t MediaFile::read_at(std::int64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        ::pread(descriptor_, out.data() + done, out.size() - done, offset + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorCode::unreadable, name_, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace pop2piano
