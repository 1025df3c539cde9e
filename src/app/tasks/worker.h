// SPDX-License-Identifier: MIT
// The other side of the server: one task in a process of its own, confined, told on standard input and telling on
// standard output, one JSON object a line.
#pragma once

#include <string_view>

namespace pop2piano::serve {

/// The only argument of the program when it is a worker.
inline constexpr std::string_view kWorkerWord = "serve-worker";

/// Tasks: "cover" (what is not kept yet: hear, write; then arrange, and sound), "sound", "encode", "pdf", "zip",
/// "instrument". Members as the server's crew sends them. Lines: {"stage","fraction"}, {"song":{...}}, and at the end
/// {"done":{...}} or {"error"}. Returns the exit code.
int work();

}  // namespace pop2piano::serve
