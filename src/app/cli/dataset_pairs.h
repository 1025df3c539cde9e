// SPDX-License-Identifier: MIT
// pop2piano dataset pairs: recordings and piano covers of them -> training records.
#pragma once

#include <CLI/CLI.hpp>

#include "app/console/console.h"

namespace pop2piano::cli {

void add_pairs_action(CLI::App& dataset, Console& console);

}  // namespace pop2piano::cli
