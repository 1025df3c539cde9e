// SPDX-License-Identifier: MIT
// What `--version` prints.
#include <fmt/format.h>

#include "app/cli/command.h"
#include "base/core/cpu_features.h"
#include "numbers/kernels/kernel_table.h"
#include "sound/audio/decoder.h"
#include "sound/render/fluid_synth.h"

namespace pop2piano::cli {
namespace {

#ifdef __clang__
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

}  // namespace

std::string version_text() {
  return fmt::format(
      "pop2piano {}\n"
      "build            {}, {}\n"
      "processor        {}\n"
      "instruction set  {}\n"
      "media            FFmpeg {}\n"
      "synthesiser      {}",
      POP2PIANO_VERSION, POP2PIANO_BUILD_TYPE, kCompiler, cpu_name(), kernels::kernel_table().name,
      media_library_version(), synth_name());
}

}  // namespace pop2piano::cli
