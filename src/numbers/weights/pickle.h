// SPDX-License-Identifier: MIT
// Python's pickle format as data: the few operations that saved tensors need build a tree of values. Nothing is
// executed; a call is a node that says what would have been called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pop2piano {

struct PickleValue {
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    number,
    text,
    sequence,    ///< list or tuple: items
    dictionary,  ///< items are key, value, key, value
    global,      ///< a name of a module: text is "module name"
    call,        ///< items are the callee (a global) and its arguments (a sequence)
    persistent,  ///< items[0] says which object outside the pickle
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;  ///< also of booleans
  double number = 0.0;
  std::string text;
  std::vector<PickleValue*> items;

  /// The value of a text key in a dictionary, or null.
  [[nodiscard]] const PickleValue* find(std::string_view key) const;
};

/// Owns all values of a pickle; references may form cycles.
class Pickle {
 public:
  /// Throws Error: malformed, unsupported (an operation or a global that is not on the list, by name).
  Pickle(std::span<const std::byte> bytes, const std::string& file);
  [[nodiscard]] const PickleValue& root() const { return *root_; }

 private:
  friend class PickleReader;
  std::deque<PickleValue> values_;
  PickleValue* root_ = nullptr;
};

}  // namespace pop2piano
