// SPDX-License-Identifier: MIT
// A rough counter of the lines of each function, by braces.
#pragma once

#include <string>
#include <vector>

#include "arch/source_tree.h"

namespace pop2piano::arch {

struct FunctionExtent {
  std::string head;       // what stands before the opening brace, blanks joined
  std::size_t line = 0;   // of the opening brace, from 1
  std::size_t lines = 0;  // from the opening brace to the closing one, both counted
};

/// Functions at namespace or class level; lambdas and local classes count with the function around them.
[[nodiscard]] std::vector<FunctionExtent> functions_of(const SourceFile& source);

}  // namespace pop2piano::arch
