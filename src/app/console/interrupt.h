// SPDX-License-Identifier: MIT
// Ctrl-C and SIGTERM become a request to stop, so that unfinished files are removed by unwinding.
#pragma once

#include <pop2piano/progress.h>

namespace pop2piano::cli {

/// The process-wide token; the handlers are installed by the first call. A second Ctrl-C ends the process at once.
CancelToken& interrupt_token();

}  // namespace pop2piano::cli
