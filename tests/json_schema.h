// SPDX-License-Identifier: MIT
// As much of JSON Schema as the files of docs/reference use. Objects with described members may have no others.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace pop2piano::testing {

/// What does not fit, with its place below `where`; empty: all fits. `$ref` names a place in `document`: #/a/b.
std::string misfit(const nlohmann::json& value, const nlohmann::json& schema, const nlohmann::json& document,
                   const std::string& where);

}  // namespace pop2piano::testing
