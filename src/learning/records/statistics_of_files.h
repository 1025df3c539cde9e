// SPDX-License-Identifier: MIT
// The statistics of sounds that lie in files: recordings, or records that keep their sound.
#pragma once

#include <pop2piano/progress.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "learning/records/sound_statistics.h"

namespace pop2piano {

/// Of at most `most` sounds of `path`: a recording, records, or a folder of them. `left_out` is told why a sound gives
/// none. Reports the path as the stage. Throws Error: not_found, nothing_found (no sound in it), malformed (records),
/// cancelled.
[[nodiscard]] std::vector<SoundStatistics> statistics_of_files(const std::filesystem::path& path, std::size_t most,
                                                               const std::function<void(const std::string&)>& left_out,
                                                               const Monitor& monitor);

}  // namespace pop2piano
