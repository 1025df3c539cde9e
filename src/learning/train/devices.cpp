// SPDX-License-Identifier: MIT
#include "learning/train/devices.h"

#include <pop2piano/error.h>

#include <cstdlib>

#include <dlfcn.h>

namespace pop2piano::training {

at::Device device_named(const std::string& name) {
  const bool cuda = at::hasCUDA();
  if (name == "cuda" && !cuda) {
    throw Error(ErrorCode::unsupported, "device is cuda, but this libtorch sees no GPU; use \"cpu\" or \"auto\"");
  }
  if (name == "cpu" || !cuda) return at::kCPU;
  const char* local = std::getenv("LOCAL_RANK");
  return {at::kCUDA, static_cast<c10::DeviceIndex>(local == nullptr ? 0 : std::atoi(local))};
}

void use_threads(int count) {
  at::set_num_threads(count);
  if (void* set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads")) reinterpret_cast<void (*)(int)>(set)(count);
}

}  // namespace pop2piano::training
