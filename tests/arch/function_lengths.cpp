// SPDX-License-Identifier: MIT
// Follows the braces of a source file. No parser: a block at namespace or class level is a function when a '(' stands
// before it, or when nothing or a comma does (the end of a constructor's list of initialisers).
#include "arch/function_lengths.h"

#include <algorithm>
#include <sstream>

namespace pop2piano::arch {
namespace {

enum class Block { scope, function, other };

bool starts_scope(const std::string& head) {
  std::istringstream words(head);
  for (std::string word; words >> word;) {
    if (word == "namespace" || word == "extern") return true;
    if (word == "class" || word == "struct" || word == "union" || word == "enum")
      return head.find('(') == std::string::npos || head.find("alignas(") != std::string::npos;
  }
  return false;
}

Block kind_of(const std::string& head, bool after_block) {
  if (starts_scope(head)) return Block::scope;
  if (head.find('(') != std::string::npos) return Block::function;
  return after_block && (head.empty() || head.starts_with(",")) ? Block::function : Block::other;
}

std::string squeezed(const std::string& text) {
  std::istringstream words(text);
  std::string result;
  for (std::string word; words >> word;) result += (result.empty() ? "" : " ") + word;
  return result;
}

void blank_directives(std::string& text) {
  bool directive = false;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::size_t first = text.find_first_not_of(" \t", start);
    directive = directive || (first < end && text[first] == '#');
    const bool goes_on = end > start && text[end - 1] == '\\';
    if (directive) text.replace(start, end - start, end - start, ' ');
    directive = directive && goes_on;
    start = end + 1;
  }
}

struct OpenBlock {
  Block kind;
  FunctionExtent extent;
};

class BraceReader {
 public:
  std::vector<FunctionExtent> read(const std::string& text) {
    for (const char c : text) take(c);
    return std::move(functions_);
  }

 private:
  void take(char c) {
    if (c == '\n') ++line_;
    if (c == '{') {
      open();
    } else if (c == '}') {
      close();
    } else if (c == ';') {
      head_.clear();
      after_block_ = false;
    } else {
      head_ += c;
    }
  }

  void open() {
    const bool at_scope = blocks_.empty() || blocks_.back().kind == Block::scope;
    const std::string head = squeezed(head_);
    const Block kind = at_scope ? kind_of(head, after_block_) : Block::other;
    blocks_.push_back({kind, {.head = head, .line = line_, .lines = 0}});
    head_.clear();
    after_block_ = false;
  }

  void close() {
    head_.clear();
    after_block_ = true;
    if (blocks_.empty()) return;
    OpenBlock block = std::move(blocks_.back());
    blocks_.pop_back();
    block.extent.lines = line_ - block.extent.line + 1;
    if (block.kind == Block::function) functions_.push_back(std::move(block.extent));
  }

  std::size_t line_ = 1;
  std::string head_;          // code since the last brace or semicolon
  bool after_block_ = false;  // whether a '}' stands before head_
  std::vector<OpenBlock> blocks_;
  std::vector<FunctionExtent> functions_;
};

}  // namespace

std::vector<FunctionExtent> functions_of(const SourceFile& source) {
  std::string text = without_comments_and_literals(source);
  blank_directives(text);
  return BraceReader().read(text);
}

}  // namespace pop2piano::arch
