// SPDX-License-Identifier: MIT
// The measures of texture as rows of a table on standard output.
#pragma once

#include <string>

#include "judging/metrics/texture_metrics.h"

namespace pop2piano::training::app {

void print_texture_header();
void print_texture_row(const std::string& name, const TextureMeans& means);

}  // namespace pop2piano::training::app
