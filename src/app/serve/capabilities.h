// SPDX-License-Identifier: MIT
// What can be made on this machine: looked up once.
#pragma once

namespace pop2piano::serve {

struct Capabilities {
  bool sound = false, pdf = false, opus = false, mp3 = false;
};
[[nodiscard]] const Capabilities& capabilities();

}  // namespace pop2piano::serve
