// SPDX-License-Identifier: MIT
// The one exception of the library. Front ends turn it into text and an exit code; the library never prints or exits.
#pragma once

#include <stdexcept>
#include <string>

namespace pop2piano {

enum class ErrorCode {
  invalid_argument,  ///< an option or value that cannot be used (front ends: usage, exit code 2)
  not_found,         ///< a file, folder, style or tensor that is not there
  unreadable,        ///< present, but cannot be opened or read
  malformed,         ///< the bytes are not what they claim to be
  unsupported,       ///< understood, but not something this program does
  nothing_found,     ///< valid input without what is looked for: no sound, no beats, no notes
  already_exists,    ///< would overwrite
  write_failed,      ///< disk full, no permission
  cancelled,         ///< the caller asked to stop
};

/// A message names the file, what was expected, what was found, and the next step, in one line.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace pop2piano
