// SPDX-License-Identifier: MIT
#include "train/processor_threads.h"

#include <dlfcn.h>

#include "train/torch.h"

namespace pop2piano::training {

void use_threads(int count) {
  at::set_num_threads(count);
  if (void* set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads")) reinterpret_cast<void (*)(int)>(set)(count);
}

}  // namespace pop2piano::training
