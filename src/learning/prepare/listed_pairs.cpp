// SPDX-License-Identifier: MIT
#include "learning/prepare/listed_pairs.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fstream>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/core/paths.h"
#include "base/core/utf8.h"
#include "learning/prepare/content_hash.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kColumns = {"song", "cover", "title", "arranger", "licence", "beats", "key"};
constexpr std::size_t kIdLength = 11;       // of a video
constexpr std::size_t kLongestFolder = 80;  // bytes
constexpr std::size_t kLongestField = 4096;

std::vector<std::string> fields_of(const std::string& line, char between) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = line.find(between, begin);
    std::string field = line.substr(begin, end == line.npos ? end : end - begin);
    while (!field.empty() && field.back() == ' ') field.pop_back();
    field.erase(0, std::min(field.find_first_not_of(' '), field.size()));
    fields.push_back(std::move(field));
    if (end == line.npos) return fields;
    begin = end + 1;
  }
}

bool is_video_id(const std::string& text) {
  return text.size() == kIdLength &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

// "best cover (live).mid" -> "best_cover__live_".
std::string folder_name(const ListedPair& pair) {
  std::string stem = is_address(pair.cover) ? pair.cover.substr(pair.cover.find_last_of("/=") + 1)
                                            : fs::path(pair.cover).stem().string();
  for (char& c : stem) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 128 && std::isalnum(byte) == 0 && c != '-') c = '_';
  }
  if (stem.empty() || stem.front() == '-') stem.insert(0, "_");
  return fitting_name(stem, "-" + hex_of(pair.hash), kLongestFolder);
}

// What stands in which column; a line's fields -> a pair.
class ListReader {
 public:
  explicit ListReader(const fs::path& list) : list_(list) {}

  void read(const std::string& line, std::size_t number) {
    if (line.size() > kColumns.size() * kLongestField || valid_utf8_bytes(line) < line.size() ||
        line.find('\0') != line.npos) {
      leave_out(number, "is no text in UTF-8, or far too long");
      return;
    }
    if (std::exchange(first_, false) && is_head(line)) return;
    const std::vector<std::string> fields = fields_of(line, ids_ ? ',' : '\t');
    if (fields.size() > columns_.size() || fields.size() < 2) {
      leave_out(number, fmt::format("expected {} fields with {} between them, found {}", columns_.size(),
                                    ids_ ? "commas" : "tabs", fields.size()));
      return;
    }
    ListedPair pair;
    for (std::size_t k = 0; k < fields.size(); ++k) {
      if (const std::string why = take(pair, columns_[k], fields[k]); !why.empty()) {
        leave_out(number, why);
        return;
      }
    }
    if (pair.song.empty() || pair.cover.empty()) {
      leave_out(number, pair.song.empty() ? "has no song" : "has no cover");
      return;
    }
    add(std::move(pair), number);
  }

  [[nodiscard]] PairList take_list() { return std::move(result_); }

 private:
  void leave_out(std::size_t number, const std::string& why) {
    result_.left_out.push_back(fmt::format("{}, line {}: {}", list_.string(), number, why));
  }

  bool is_head(const std::string& line) {
    const std::vector<std::string> ids = fields_of(line, ',');
    ids_ = ids.size() == 2 && std::ranges::find(ids, "piano_ids") != ids.end() &&
           std::ranges::find(ids, "pop_ids") != ids.end();
    if (ids_) {
      columns_ = {ids[0] == "piano_ids" ? "cover" : "song", ids[1] == "pop_ids" ? "song" : "cover"};
      return true;
    }
    const std::vector<std::string> names = fields_of(line, '\t');
    const auto is_column = [](const std::string& name) { return std::ranges::find(kColumns, name) != kColumns.end(); };
    const auto known = std::ranges::count_if(names, is_column);
    if (known < 2) return false;
    const auto stranger = std::ranges::find_if_not(names, is_column);
    if (stranger != names.end()) {
      throw Error(ErrorCode::malformed, fmt::format("{}: no column is called \"{}\"; there are song, cover, title, "
                                                    "arranger, licence, beats and key",
                                                    list_.string(), *stranger));
    }
    if (std::ranges::count(names, "song") != 1 || std::ranges::count(names, "cover") != 1) {
      throw Error(ErrorCode::malformed, list_.string() + ": its first line must name one column song and one cover");
    }
    columns_ = names;
    return true;
  }

  // Says what is wrong; empty: nothing.
  std::string take(ListedPair& pair, const std::string& column, const std::string& field) const {
    if (column == "song" || column == "cover") {
      std::string& place = column == "song" ? pair.song : pair.cover;
      if (ids_ && !field.empty() && !is_video_id(field))
        return fmt::format("\"{}\" is no id of {} characters", field, kIdLength);
      place = ids_ && !field.empty() ? "https://www.youtube.com/watch?v=" + field : field;
    }
    if (column == "title") pair.title = field;
    if (column == "arranger") pair.arranger = field;
    if (column == "licence") pair.licence = field;
    if (column == "beats" && !field.empty()) pair.beats = (list_.parent_path() / field).string();
    if (column != "key" || field.empty()) return "";
    int key = 0;
    const char* end = field.data() + field.size();
    const auto [at, error] = std::from_chars(field.data() + (field.front() == '+' ? 1 : 0), end, key);
    if (error != std::errc{} || at != end || key < -12 || key > 12) {
      return fmt::format("key: expected semitones from -12 to 12, found \"{}\"", field);
    }
    pair.key = key;
    return "";
  }

  void add(ListedPair pair, std::size_t number) {
    const std::string both = pair.song + '\t' + pair.cover;
    pair.hash = hash_of(both);
    if (!seen_.insert(both).second) {
      leave_out(number, "is a pair that stands above");
      return;
    }
    pair.name = folder_name(pair);
    for (std::string* place : {&pair.song, &pair.cover}) {
      if (!is_address(*place)) *place = (list_.parent_path() / *place).string();
    }
    result_.pairs.push_back(std::move(pair));
  }

  fs::path list_;
  std::vector<std::string> columns_ = {"song", "cover"};
  bool ids_ = false, first_ = true;
  std::unordered_set<std::string> seen_;
  PairList result_;
};

}  // namespace

bool is_address(const std::string& place) { return place.find("://") != std::string::npos; }

PairList read_listed_pairs(const fs::path& list) {
  if (is_folder(list)) throw Error(ErrorCode::unreadable, list.string() + ": is a folder, expected a list of pairs");
  std::ifstream file(list, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, list.string() + ": no such file, or it cannot be read");
  ListReader reader(list);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    reader.read(line, number);
  }
  PairList result = reader.take_list();
  if (result.pairs.empty()) {
    const std::string why = result.left_out.empty() ? list.string() + ": no pair in it" : result.left_out.front();
    throw Error(ErrorCode::nothing_found, why);
  }
  return result;
}

}  // namespace pop2piano
