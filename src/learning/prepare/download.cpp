// SPDX-License-Identifier: MIT
#include "learning/prepare/download.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/core/child_process.h"
#include "base/core/output_file.h"
#include "base/core/paths.h"
#include "learning/prepare/content_hash.h"
#include "learning/prepare/folder_lock.h"
#include "learning/prepare/stopped.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::chrono::seconds kLongestDownload{900};
constexpr int kCannotBeStarted = 126;  // and 127: exit codes of what could not be run

// What downloaders print of videos that will not come back.
constexpr std::array<std::string_view, 9> kGone = {
    "video unavailable", "not available", "private video", "has been removed", "been terminated",
    "does not exist",    "404",           "no longer",     "members-only"};
// ... and where what came is a page without media.
constexpr std::array<std::string_view, 1> kPageOnly = {"unsupported url"};
constexpr const char* kWebPage = "web page";
constexpr int kMostPages = 5;  // runs in which an address gave a page; then it is none of a login that is missing

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool says_one_of(const std::string& output, std::span<const std::string_view> phrases) {
  const std::string text = lower_case(output);
  return std::ranges::any_of(phrases, [&](std::string_view phrase) { return text.find(phrase) != text.npos; });
}

// The last line with "ERROR" in it, else the last one.
std::string complaint_of(const std::string& output) {
  std::string last, error;
  std::size_t begin = 0;
  while (begin < output.size()) {
    const std::size_t end = std::min(output.find('\n', begin), output.size());
    const std::string line = output.substr(begin, end - begin);
    if (!line.empty()) last = line;
    if (line.find("ERROR") != line.npos) error = line;
    begin = end + 1;
  }
  const std::string& said = error.empty() ? last : error;
  return said.empty() ? "it said nothing" : said.substr(0, 300);
}

// HTML: what a network gives in place of everything until somebody logs in, or what stands at the address.
bool is_web_page(const fs::path& file) {
  std::string head(1024, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  const std::size_t begin = head.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  constexpr std::array<std::string_view, 4> kTags = {"<!doctype html", "<html", "<head", "<script"};
  return begin != head.npos && head[begin] == '<' && says_one_of(head, kTags);
}

std::optional<fs::path> sound_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("sound.") && !name.ends_with(".part") && !name.ends_with(".ytdl"))
      found.push_back(entry.path());
  }
  if (found.empty()) return std::nullopt;
  return *std::ranges::min_element(found);
}

// What is known of an address; a damaged note counts as none.
json read_note(const fs::path& file) {
  std::ifstream in(file);
  const json note = json::parse(in, nullptr, false);
  if (!note.is_object()) return json::object();
  const auto fits = [&](const char* key, bool (json::*is_of_kind)() const noexcept) {
    return !note.contains(key) || (note[key].*is_of_kind)();
  };
  const bool texts = std::ranges::all_of(std::array{"address", "file", "kind", "reason", "limits"},
                                         [&](const char* key) { return fits(key, &json::is_string); });
  const bool numbers = fits("bytes", &json::is_number_unsigned) && fits("pages", &json::is_number_unsigned);
  return texts && numbers && fits("for_good", &json::is_boolean) ? note : json::object();
}

// Throws Stopped where what was downloaded cannot be kept.
void check_place(const fs::path& own, const std::string& address) {
  const fs::path wrong = path_exists(own) && !is_folder(own) ? own : own / "download.json";
  if (wrong != own && !is_folder(wrong)) return;
  throw Stopped(Standing::failed, kInTheWay,
                fmt::format("{}: {} is in the way of what is downloaded; move it away", address, wrong.string()));
}

}  // namespace

struct Downloads::Attempt {
  fs::path file;          // empty: none
  bool for_good = false;  // there is no use in trying again
  std::string kind, reason;
};

Downloads::Attempt Downloads::attempt(const std::string& address, DownloadOf what, const fs::path& folder) {
  const auto program = options_.program.find('/') != std::string::npos ? std::optional(fs::absolute(options_.program))
                                                                       : find_program({options_.program});
  if (!program) {
    throw Error(ErrorCode::not_found, options_.program +
                                          ": no such program; install yt-dlp, or name one that is called "
                                          "as it is with --downloader");
  }
  std::vector<std::string> words = {program->string(), "--no-playlist", "--no-progress", "--format",
                                    "bestaudio/best",  "--output",      "sound.%(ext)s"};
  if (!options_.cookies.empty()) words.insert(words.end(), {"--cookies", fs::absolute(options_.cookies).string()});
  if (what == DownloadOf::song) {
    words.insert(words.end(), {"--match-filter", fmt::format("duration >= {:.0f} & duration <= {:.0f}",
                                                             options_.shortest, options_.longest)});
  }
  words.insert(words.end(), {"--", address});
  fs::remove_all(folder);
  fs::create_directories(folder);
  const ChildOutcome outcome =
      run_child(words, {.folder = folder, .limit = kLongestDownload, .cancel = monitor_.cancel});
  if (outcome.exit_code == kCannotBeStarted || outcome.exit_code == kCannotBeStarted + 1) {
    throw Error(ErrorCode::not_found, program->string() + ": cannot be run");
  }
  const auto sound = sound_in(folder);
  const bool page = sound && is_web_page(*sound);
  if (outcome.exit_code == 0 && sound && !page) return {.file = *sound};
  const std::string said = complaint_of(outcome.output);
  if (page || says_one_of(outcome.output, kPageOnly)) {
    const std::string came = page ? "a web page came in place of sound" : said;
    return {.kind = kWebPage, .reason = address + ": " + came + "; does the network want a login?"};
  }
  constexpr std::array<std::string_view, 1> kFiltered = {"does not pass filter"};
  if (says_one_of(outcome.output, kFiltered)) {
    return {.for_good = true, .kind = "length", .reason = address + ": " + said};
  }
  if (outcome.out_of_time) return {.kind = "download", .reason = address + ": took too long"};
  if (says_one_of(outcome.output, kGone)) return {.for_good = true, .kind = "gone", .reason = address + ": " + said};
  return {.kind = "download", .reason = address + ": could not be downloaded: " + said};
}

void Downloads::wait_for_turn(double pause) {
  const fs::path mark = folder_ / "last_download";
  std::error_code none;
  const fs::file_time_type last = fs::last_write_time(mark, none);
  const auto until =
      last + std::chrono::duration_cast<fs::file_time_type::duration>(std::chrono::duration<double>(pause));
  while (!none && fs::file_time_type::clock::now() < until) {
    monitor_.check();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  write_file(mark, "");
}

fs::path Downloads::fetch(const std::string& address, DownloadOf what) {
  const fs::path own = folder_ / hex_of(hash_of(address));
  check_place(own, address);
  fs::create_directories(own);
  const FolderLock lock = FolderLock::take(folder_, monitor_);
  remove_abandoned_files(own, ".json");
  const std::string limits =
      what == DownloadOf::song ? fmt::format("{:.0f}-{:.0f}", options_.shortest, options_.longest) : "none";
  const json known = read_note(own / "download.json");
  if (known.value("address", "") == address) {
    fs::path file = own / known.value("file", "none");
    const bool whole = known.contains("file") && path_exists(file) && fs::file_size(file) == known.value("bytes", 0ULL);
    if (whole && !is_web_page(file)) return file;
    if (known.value("for_good", false) && known.value("limits", "") == limits) {
      drop(known.value("kind", "gone"), known.value("reason", address + ": gone"));
    }
  }
  Attempt last;
  for (int retry = 0; retry <= options_.retries; ++retry) {
    wait_for_turn(options_.pause * std::exp2(retry));
    last = attempt(address, what, own / "part");
    if (!last.file.empty() || last.for_good || last.kind == kWebPage) break;  // nobody logs in meanwhile
  }
  json note = {{"address", address}, {"limits", limits}};
  if (last.kind == kWebPage) {
    const auto pages = known.value("address", "") == address ? known.value("pages", 0U) + 1 : 1U;
    note["pages"] = pages;
    last.for_good = pages >= kMostPages;
  }
  if (last.file.empty()) {
    note.update({{"for_good", last.for_good}, {"kind", last.kind}, {"reason", last.reason}});
  } else {
    const fs::path file = own / last.file.filename();
    fs::rename(last.file, file);
    last.file = file;
    note.update({{"file", file.filename().string()}, {"bytes", fs::file_size(file)}});
  }
  fs::remove_all(own / "part");
  write_file(own / "download.json", note.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
  if (!last.file.empty()) return last.file;
  throw Stopped(last.for_good ? Standing::dropped : Standing::failed, last.kind, last.reason);
}

}  // namespace pop2piano
