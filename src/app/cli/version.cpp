// SPDX-License-Identifier: MIT
// What `--version` prints.
#include <fmt/format.h>

#include "app/cli/command.h"
#include "audio/decoder.h"
#include "core/cpu_features.h"
#include "kernels/kernel_table.h"

namespace pop2piano::cli {

std::string version_text() {
  return fmt::format("pop2piano " POP2PIANO_VERSION "\nbuild            " POP2PIANO_BUILD_TYPE
                     ", {} {}.{}\nprocessor        {}\ninstruction set  {}\nFFmpeg           {}",
#ifdef __clang__
                     "clang", __clang_major__, __clang_minor__,
#else
                     "GCC", __GNUC__, __GNUC_MINOR__,
#endif
                     cpu_name(), "ISA", "FF");
}

}  // namespace pop2piano::cli
