// SPDX-License-Identifier: MIT
#include "model/load.h"

#include <string>

#include "model/config.h"
#include "model/safetensors.h"

namespace pop2piano {

LoadedFiles load_files(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorCode::not_found, path.string() + ": no such model folder");
  }
  LoadedFiles files;
  files.config = read_config(path);
  files.tensors = read_safetensors(path / "model.safetensors");
  return files;
}

}  // namespace pop2piano
