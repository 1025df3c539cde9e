// SPDX-License-Identifier: MIT
#include "app/console/interrupt.h"

#include <csignal>

namespace pop2piano::cli {
namespace {

CancelToken token;

void on_signal(int signal) {
  token.cancel();  // a lock-free atomic store
  std::signal(signal, SIG_DFL);
}

}  // namespace

CancelToken& interrupt_token() {
  static const bool installed = [] {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is then an error of write(), like a full disk
    return true;
  }();
  static_cast<void>(installed);
  return token;
}

}  // namespace pop2piano::cli
