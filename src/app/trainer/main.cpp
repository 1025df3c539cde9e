// SPDX-License-Identifier: MIT
// pop2piano-train: runs, resumes, tests, exports and averages trainings. Results to stdout, progress to stderr.
// Exit codes: 0 done, 1 failed, 2 usage, 130 stopped by Ctrl-C after a checkpoint.
#include <pop2piano/error.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/manual/former_spellings.h"
#include "app/manual/manual.h"
#include "app/trainer/commands.h"

namespace pop2piano::training::app {
namespace {

constexpr int kFailed = 1, kUsage = 2, kInterrupted = 130;

constexpr cli::FormerSpelling kFormerSpellings[] = {
    {.command = "", .former = "tune", .now = "melody"},
    {.command = "", .former = "average-tune", .now = "average-melody"},
    {.command = "", .former = "--sound-font", .now = "--soundfont"},
    {.command = "", .former = "--out", .now = "--output"},
    {.command = "", .former = "--jobs", .now = "--threads"},
};

CancelToken token;

void on_signal(int signal) {
  token.cancel();  // a lock-free atomic store
  std::signal(signal, SIG_DFL);
}

int exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return kUsage;
    case ErrorCode::cancelled:
      return kInterrupted;
    default:
      return kFailed;
  }
}

int run(int argc, char** argv) {
  CLI::App program("Trains networks that turn pop songs into piano covers.", "pop2piano-train");
  program.require_subcommand(1);
  add_commands(program, token);
  cli::add_manual_command(program, [](const std::string& text) { std::fputs(text.c_str(), stdout); });
  const auto notice = [](const std::string& message) {
    std::fprintf(stderr, "pop2piano-train: %s\n", message.c_str());
  };
  try {
    cli::set_todays_variable("POP2PIANO_TUNE", "POP2PIANO_MELODY", notice);
    auto typed =
        cli::in_todays_spelling(std::span(argv, static_cast<std::size_t>(argc)).subspan(1), kFormerSpellings, notice);
    std::reverse(typed.begin(), typed.end());  // as the parser wants them
    program.parse(std::move(typed));
    return 0;
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : kUsage;
  } catch (const Error& error) {
    std::fprintf(stderr, "pop2piano-train: %s\n", error.what());
    return exit_code_of(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pop2piano-train: %s\n", error.what());
    return kFailed;
  }
}

}  // namespace
}  // namespace pop2piano::training::app

int main(int argc, char** argv) {
  std::signal(SIGINT, pop2piano::training::app::on_signal);
  std::signal(SIGTERM, pop2piano::training::app::on_signal);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing, as a full disk is
  return pop2piano::training::app::run(argc, argv);
}
