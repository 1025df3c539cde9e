// SPDX-License-Identifier: MIT
#include "numbers/weights/pickle.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>

#include "base/core/byte_reader.h"

namespace pop2piano {

using Kind = PickleValue::Kind;

namespace {

constexpr std::size_t kLargestPickle = std::size_t{64} << 20;  // bytes; state dictionaries have kilobytes
constexpr std::size_t kMostValues = 1'000'000;                 // 80 MB; a state dictionary of 500 tensors has 20,000

/// Operations of the format, as Python's pickletools calls them.
enum Op : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyDict = '}',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kBinFloat = 'G',
  kProto = 0x80,
  kNewObj = 0x81,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8A,
  kShortBinUnicode = 0x8C,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
};

/// Globals that tensors need, and packages whose objects training frameworks store beside them: those stay unread.
constexpr std::array<std::string_view, 13> kKnownGlobals{"collections OrderedDict",
                                                         "torch FloatStorage",
                                                         "torch HalfStorage",
                                                         "torch BFloat16Storage",
                                                         "torch DoubleStorage",
                                                         "torch LongStorage",
                                                         "torch IntStorage",
                                                         "torch ShortStorage",
                                                         "torch CharStorage",
                                                         "torch ByteStorage",
                                                         "torch BoolStorage",
                                                         "torch._utils _rebuild_tensor_v2",
                                                         "torch._utils _rebuild_parameter"};
constexpr std::array<std::string_view, 5> kKnownPackages{"pytorch_lightning.", "lightning.", "lightning_fabric.",
                                                         "omegaconf.", "typing "};

bool is_known(std::string_view global) {
  if (std::find(kKnownGlobals.begin(), kKnownGlobals.end(), global) != kKnownGlobals.end()) return true;
  return std::any_of(kKnownPackages.begin(), kKnownPackages.end(),
                     [&](std::string_view package) { return global.starts_with(package); });
}

std::string name_of(std::uint8_t op) {
  static const std::map<std::uint8_t, const char*> names{{'0', "POP"},
                                                         {'1', "POP_MARK"},
                                                         {'2', "DUP"},
                                                         {'F', "FLOAT"},
                                                         {'I', "INT"},
                                                         {'L', "LONG"},
                                                         {'P', "PERSID"},
                                                         {'S', "STRING"},
                                                         {'T', "BINSTRING"},
                                                         {'U', "SHORT_BINSTRING"},
                                                         {'V', "UNICODE"},
                                                         {'B', "BINBYTES"},
                                                         {'C', "SHORT_BINBYTES"},
                                                         {'d', "DICT"},
                                                         {'g', "GET"},
                                                         {'i', "INST"},
                                                         {'l', "LIST"},
                                                         {'o', "OBJ"},
                                                         {'p', "PUT"},
                                                         {0x82, "EXT1"},
                                                         {0x83, "EXT2"},
                                                         {0x84, "EXT4"},
                                                         {0x8B, "LONG4"},
                                                         {0x8D, "BINUNICODE8"},
                                                         {0x8E, "BINBYTES8"},
                                                         {0x8F, "EMPTY_SET"},
                                                         {0x90, "ADDITEMS"},
                                                         {0x91, "FROZENSET"},
                                                         {0x92, "NEWOBJ_EX"},
                                                         {0x96, "BYTEARRAY8"}};
  char hex[8];
  std::snprintf(hex, sizeof hex, "0x%02X", op);
  const auto place = names.find(op);
  return place == names.end() ? std::string(hex) : std::string(place->second) + " (" + hex + ")";
}

}  // namespace

const PickleValue* PickleValue::find(std::string_view key) const {
  if (kind != Kind::dictionary) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i]->kind == Kind::text && items[i]->text == key) return items[i + 1];
  }
  return nullptr;
}

/// The stack machine.
class PickleReader {
 public:
  PickleReader(Pickle& pickle, std::span<const std::byte> bytes, const std::string& file)
      : pickle_(pickle), reader_(bytes, file + " (pickle)") {}

  PickleValue* run() {
    while (true) {
      const auto op = reader_.little<std::uint8_t>();
      if (op == kStop) return pop();
      if (!literal(op) && !container(op) && !memory(op) && !object(op)) {
        throw Error(ErrorCode::unsupported, reader_.what() + ": operation " + name_of(op) + " at byte " +
                                                std::to_string(reader_.position() - 1) +
                                                " is not one that tensors need; it was not executed");
      }
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::malformed, reader_.what() + ": " + what + " at byte " + std::to_string(reader_.position()) +
                                          "; get the file again");
  }
  /// Counts what is built, so that a small file cannot ask for much memory.
  void spend(std::size_t values) {
    spent_ += values;
    if (spent_ > kMostValues) fail("more than " + std::to_string(kMostValues) + " values");
  }
  PickleValue* push(Kind kind) {
    spend(1);
    stack_.push_back(&pickle_.values_.emplace_back());
    stack_.back()->kind = kind;
    return stack_.back();
  }
  void push_integer(std::int64_t value) { push(Kind::integer)->integer = value; }
  PickleValue* pop() {
    if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size())) fail("the stack is empty");
    PickleValue* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  PickleValue* top(Kind kind) {
    if (stack_.empty() || stack_.back()->kind != kind) fail("the stack holds another kind of value than expected");
    return stack_.back();
  }
  std::vector<PickleValue*> pop_to_mark() {
    if (marks_.empty()) fail("a mark is missing");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleValue*> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }
  void push_sequence(std::vector<PickleValue*> items) { push(Kind::sequence)->items = std::move(items); }
  void push_tuple(std::size_t count) {
    std::vector<PickleValue*> items(count);
    for (std::size_t i = count; i > 0; --i) items[i - 1] = pop();
    push_sequence(std::move(items));
  }
  void push_text(std::size_t size) { push(Kind::text)->text = reader_.take_text(size); }

  bool literal(std::uint8_t op) {
    switch (op) {
      case kProto:
        reader_.skip(1);
        return true;
      case kFrame:
        reader_.skip(8);
        return true;
      case kNone:
        push(Kind::none);
        return true;
      case kNewTrue:
      case kNewFalse:
        push(Kind::boolean)->integer = op == kNewTrue ? 1 : 0;
        return true;
      case kBinInt:
        push_integer(reader_.little<std::int32_t>());
        return true;
      case kBinInt1:
        push_integer(reader_.little<std::uint8_t>());
        return true;
      case kBinInt2:
        push_integer(reader_.little<std::uint16_t>());
        return true;
      case kLong1:
        push_integer(long_integer());
        return true;
      case kBinFloat:
        push(Kind::number)->number = reader_.big<double>();
        return true;
      case kBinUnicode:
        push_text(reader_.little<std::uint32_t>());
        return true;
      case kShortBinUnicode:
        push_text(reader_.little<std::uint8_t>());
        return true;
      default:
        return false;
    }
  }

  std::int64_t long_integer() {
    const auto size = reader_.little<std::uint8_t>();
    if (size > 8) fail("an integer of " + std::to_string(size) + " bytes");
    std::uint64_t value = 0;
    const auto bytes = reader_.take(size);
    for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    const bool negative = size > 0 && (static_cast<unsigned>(bytes[size - 1]) & 0x80U) != 0;
    if (negative && size < 8) value |= ~std::uint64_t{0} << (8 * size);
    return static_cast<std::int64_t>(value);
  }

  bool container(std::uint8_t op) {
    switch (op) {
      case kMark:
        spend(1);
        marks_.push_back(stack_.size());
        return true;
      case kEmptyDict:
        push(Kind::dictionary);
        return true;
      case kEmptyList:
      case kEmptyTuple:
        push(Kind::sequence);
        return true;
      case kTuple:
        push_sequence(pop_to_mark());
        return true;
      case kTuple1:
      case kTuple2:
      case kTuple3:
        push_tuple(static_cast<std::size_t>(op - kTuple1 + 1));
        return true;
      case kAppend: {
        PickleValue* item = pop();
        top(Kind::sequence)->items.push_back(item);
        return true;
      }
      case kAppends: {
        const auto items = pop_to_mark();
        auto& list = top(Kind::sequence)->items;
        list.insert(list.end(), items.begin(), items.end());
        return true;
      }
      case kSetItem: {
        PickleValue* value = pop();
        PickleValue* key = pop();
        set_items({key, value});
        return true;
      }
      case kSetItems:
        set_items(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  void set_items(const std::vector<PickleValue*>& items) {
    if (items.size() % 2 != 0) fail("a key without a value");
    if (stack_.empty() || (stack_.back()->kind != Kind::dictionary && stack_.back()->kind != Kind::call)) {
      fail("items for something that is no dictionary");
    }
    auto& into = stack_.back()->items;
    if (stack_.back()->kind == Kind::dictionary) into.insert(into.end(), items.begin(), items.end());
  }

  bool memory(std::uint8_t op) {
    switch (op) {
      case kBinPut:
        remember(reader_.little<std::uint8_t>());
        return true;
      case kLongBinPut:
        remember(reader_.little<std::uint32_t>());
        return true;
      case kMemoize:
        remember(static_cast<std::uint32_t>(memo_.size()));
        return true;
      case kBinGet:
        recall(reader_.little<std::uint8_t>());
        return true;
      case kLongBinGet:
        recall(reader_.little<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }
  void remember(std::uint32_t index) {
    if (stack_.empty()) fail("the stack is empty");
    memo_[index] = stack_.back();
  }
  void recall(std::uint32_t index) {
    const auto place = memo_.find(index);
    if (place == memo_.end()) fail("memory " + std::to_string(index) + " was never written");
    spend(1);
    stack_.push_back(place->second);
  }

  bool object(std::uint8_t op) {
    switch (op) {
      case kGlobal: {
        const std::string module = line();
        push_global(module, line());
        return true;
      }
      case kStackGlobal: {
        const PickleValue* name = pop();
        const PickleValue* module = pop();
        if (name->kind != Kind::text || module->kind != Kind::text) fail("a global without a name");
        push_global(module->text, name->text);
        return true;
      }
      case kBinPersId: {
        PickleValue* id = pop();
        push(Kind::persistent)->items = {id};
        return true;
      }
      case kReduce:
      case kNewObj:
        call();
        return true;
      case kBuild:
        pop();  // attributes that tensors do not need
        if (stack_.empty()) fail("the stack is empty");
        return true;
      default:
        return false;
    }
  }

  std::string line() {
    std::string text;
    while (true) {
      const char c = static_cast<char>(reader_.little<std::uint8_t>());
      if (c == '\n') return text;
      if (text.size() >= 300) fail("a name of more than 300 bytes");
      text.push_back(c);
    }
  }

  void push_global(const std::string& module, const std::string& name) {
    const std::string both = module + " " + name;
    if (!is_known(both)) {
      std::string shown = both.substr(0, 120);
      for (char& c : shown) c = c >= ' ' && c < 127 ? c : '?';
      throw Error(ErrorCode::unsupported,
                  reader_.what() + ": asks for the global \"" + shown +
                      "\", which is not on the list of those that tensors need; nothing was executed");
    }
    push(Kind::global)->text = both;
  }

  void call() {
    PickleValue* arguments = pop();
    PickleValue* callee = pop();
    if (callee->kind != Kind::global || arguments->kind != Kind::sequence) fail("a call of something that has no name");
    if (callee->text == "collections OrderedDict") {
      ordered_dictionary(*arguments);
    } else {
      push(Kind::call)->items = {callee, arguments};
    }
  }
  /// Empty, or from a list of pairs.
  void ordered_dictionary(const PickleValue& arguments) {
    PickleValue* dictionary = push(Kind::dictionary);
    if (arguments.items.empty()) return;
    spend(arguments.items.front()->items.size());
    for (const PickleValue* pair : arguments.items.front()->items) {
      if (pair->kind != Kind::sequence || pair->items.size() != 2)
        fail("a dictionary from something that is no list of pairs");
      dictionary->items.insert(dictionary->items.end(), pair->items.begin(), pair->items.end());
    }
  }

  Pickle& pickle_;
  ByteReader reader_;
  std::vector<PickleValue*> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint32_t, PickleValue*> memo_;
  std::size_t spent_ = 0;
};

Pickle::Pickle(std::span<const std::byte> bytes, const std::string& file) {
  if (bytes.size() > kLargestPickle) {
    throw Error(ErrorCode::unsupported, file + ": a pickle of " + std::to_string(bytes.size()) +
                                            " bytes, expected at most " + std::to_string(kLargestPickle));
  }
  root_ = PickleReader(*this, bytes, file).run();
}

}  // namespace pop2piano
