// SPDX-License-Identifier: MIT
#include "json_schema.h"

#include <algorithm>

namespace pop2piano::testing {
namespace {

using Json = nlohmann::json;

const Json& resolved(const Json& schema, const Json& document) {
  if (!schema.contains("$ref")) return schema;
  return document.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "array" ? value.is_array() : value.is_object();
}

std::string misfit_of_one(const Json& value, const Json& schema, const std::string& where) {
  if (schema.contains("type")) {
    const Json types = schema["type"].is_array() ? schema["type"] : Json::array({schema["type"]});
    const bool fits = std::any_of(types.begin(), types.end(), [&](const Json& type) { return has_type(value, type); });
    if (!fits) return where + ": expected " + types.dump() + ", found " + value.dump().substr(0, 80);
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    return where + ": not one of " + schema["enum"].dump() + ": " + value.dump();
  }
  if (!value.is_number()) return "";
  const bool low = schema.contains("minimum") && value < schema["minimum"];
  const bool high = schema.contains("maximum") && value > schema["maximum"];
  return low || high ? where + ": out of range: " + value.dump() : "";
}

}  // namespace

std::string misfit(const Json& value, const Json& written, const Json& document, const std::string& where) {
  const Json& schema = resolved(written, document);
  if (schema.contains("oneOf")) {
    std::string all;
    for (const Json& one : schema["oneOf"]) {
      const std::string found = misfit(value, one, document, where);
      if (found.empty()) return "";
      all += found + "; ";
    }
    return all;
  }
  if (std::string found = misfit_of_one(value, schema, where); !found.empty()) return found;
  if (value.is_array() && schema.contains("items")) {
    for (const Json& item : value) {
      if (std::string found = misfit(item, schema["items"], document, where + "[]"); !found.empty()) return found;
    }
  }
  if (!value.is_object() || !schema.contains("properties")) return "";
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name)) return where + ": " + name.get<std::string>() + " is missing";
  }
  for (const auto& [name, member] : value.items()) {
    if (!schema["properties"].contains(name)) return where + ": " + name + " is not described";
    std::string found = misfit(member, schema["properties"][name], document, where + "." + name);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace pop2piano::testing
