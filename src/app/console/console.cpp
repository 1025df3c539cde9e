// SPDX-License-Identifier: MIT
#include "app/console/console.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace pop2piano::cli {
namespace {

constexpr int kBarWidth = 30;
constexpr std::chrono::milliseconds kRedrawInterval{80};
constexpr double kEstimateAfterSeconds = 1.0;  // an estimate from less than this jumps about

bool stderr_is_terminal() {
  static const bool terminal = ::isatty(STDERR_FILENO) == 1;
  return terminal;
}

int first_error = 0;  // of standard output, as errno has it

/// `written`: what the last call that could fail says.
void note_failure(bool written) {
  if ((!written || std::ferror(stdout) != 0) && first_error == 0) first_error = errno != 0 ? errno : EIO;
}

void write_line(std::FILE* file, const std::string& line) {
  errno = 0;
  std::fwrite(line.data(), 1, line.size(), file);
  std::fputc('\n', file);
  const bool flushed = std::fflush(file) == 0;
  if (file == stdout) note_failure(flushed);
}

/// Without control characters but those of `kept`: names of files and texts in them may hold any, a terminal obeys
/// them.
std::string printable(std::string text, std::string_view kept) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 || byte == 0x7f) && kept.find(c) == std::string_view::npos) c = '?';
  }
  return text;
}

}  // namespace

int output_error() {
  errno = 0;
  note_failure(std::fflush(stdout) == 0);
  return first_error;
}

void Console::add_options(CLI::App& command) {
  command.add_flag("-q,--quiet", quiet_, "Print nothing but errors (and data that was asked for)")->group("Messages");
  command.add_flag("--json", json_, "Print events and results to stdout, one JSON object a line")->group("Messages");
  command.add_flag("-v,--verbose", verbose_, "Print what each stage found and how long it took")->group("Messages");
}

void Console::say(const std::string& line) {
  if (quiet_ || json_) return;
  finish_progress();
  write_line(stdout, printable(line, "\n\t"));
}

void Console::print(const std::string& line) {
  if (json_) return;
  finish_progress();
  write_line(stdout, printable(line, "\n\t"));
}

void Console::warn(const std::string& message) {
  event("warning", {{"message", message}});
  if (quiet_ || json_) return;
  finish_progress();
  write_line(stderr, printable("pop2piano: warning: " + message, "\t"));
}

void Console::error(const std::string& message) {
  event("error", {{"message", message}});
  finish_progress();
  write_line(stderr, printable("pop2piano: " + message, "\t"));
}

void Console::event(const std::string& event, nlohmann::json fields) {
  if (!json_) return;
  nlohmann::ordered_json object = {{"event", event}};
  object.update(fields);
  write_line(stdout, object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Monitor Console::monitor(const CancelToken* cancel) {
  Monitor monitor{.cancel = cancel};
  if (json_ || (!quiet_ && stderr_is_terminal())) {
    monitor.progress = [this](std::string_view stage, double fraction) { show_progress(stage, fraction); };
  }
  return monitor;
}

void Console::show_progress(std::string_view stage, double fraction) {
  const auto now = std::chrono::steady_clock::now();
  const bool new_stage = stage != stage_ || fraction < shown_;
  if (new_stage) {
    finish_progress();
    stage_ = stage;
    stage_start_ = now;
  } else if (fraction < 1.0 && now - last_drawn_ < kRedrawInterval) {
    return;
  } else if (shown_ >= 1.0) {
    return;
  }
  last_drawn_ = now;
  shown_ = fraction;
  if (json_) {
    event("progress", {{"stage", stage_}, {"fraction", fraction}});
  } else {
    draw_bar(fraction);
  }
}

void Console::draw_bar(double fraction) {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - stage_start_;
  std::string note;
  if (fraction >= 1.0) {
    note = fmt::format("{:.1f} s", elapsed.count());
  } else if (elapsed.count() > kEstimateAfterSeconds && fraction > 0.02) {
    note = fmt::format("{:.0f} s left", elapsed.count() * (1.0 - fraction) / fraction);
  }
  const int filled = static_cast<int>(fraction * kBarWidth);
  const std::string line =
      fmt::format("\r{:<12} [{}{}] {:3.0f} % {:<12}", stage_, std::string(static_cast<std::size_t>(filled), '='),
                  std::string(static_cast<std::size_t>(kBarWidth - filled), ' '), fraction * 100, note);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  bar_open_ = true;
}

void Console::finish_progress() {
  if (bar_open_) {
    std::fputc('\n', stderr);
    std::fflush(stderr);
  }
  bar_open_ = false;
  stage_.clear();
  shown_ = 0;
}

}  // namespace pop2piano::cli
