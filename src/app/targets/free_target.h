// SPDX-License-Identifier: MIT
// Nothing is overwritten without --force: the one place that says so.
#pragma once

#include <pop2piano/error.h>

#include <filesystem>

#include "base/core/paths.h"

namespace pop2piano {

/// Before the work, so that no minutes are lost. Throws Error(already_exists) when the file is there and was not to be
/// overwritten.
inline void check_free(const std::filesystem::path& target, bool force) {
  if (force || !path_exists(target)) return;
  throw Error(ErrorCode::already_exists, target.string() + ": exists; use --force to overwrite it");
}

}  // namespace pop2piano
