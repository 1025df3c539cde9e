// SPDX-License-Identifier: MIT
// The command line program: parses, runs one command, turns errors into one line and an exit code.
#include <pop2piano/error.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/cli/command.h"
#include "app/cli/evaluate_command.h"
#include "app/manual/former_spellings.h"
#include "app/manual/manual.h"
#include "app/preparing/prepare_command.h"
#include "app/tasks/worker.h"
#include "base/core/closest_name.h"
#include "base/core/paths.h"

namespace pop2piano::cli {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsage = 2, kInterrupted = 130;

constexpr FormerSpelling kFormerSpellings[] = {
    {.command = "", .former = "--tune-on-top", .now = "--melody-on-top"},
    {.command = "", .former = "--no-tune-on-top", .now = "--no-melody-on-top"},
    {.command = "", .former = "--sound-font", .now = "--soundfont"},
    {.command = "", .former = "--out", .now = "--output"},
    {.command = "", .former = "--jobs", .now = "--threads"},
    {.command = "fetch-model", .former = "--to", .now = "--output"},
};

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

const CLI::App& chosen_command(const CLI::App& program) {
  const auto chosen = program.get_subcommands();
  return chosen.empty() ? program : *chosen.front();
}

// " (did you mean --style?)" for the first option typed that the command does not know.
std::string suggestion(const CLI::App& program, int argc, char** argv) {
  const CLI::App& command = chosen_command(program);
  std::vector<std::string> known = long_options(command);
  if (&command == &program) {
    for (const CLI::App* sub : program.get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(sub->get_name());
  }
  for (int i = 1; i < argc; ++i) {
    const std::string typed = std::string(argv[i]).substr(0, std::string_view(argv[i]).find('='));
    const bool option = typed.starts_with("--");
    if (!option && (i > 1 || &command != &program)) continue;
    if (std::find(known.begin(), known.end(), typed) != known.end()) continue;
    const std::string closest = closest_name(typed, known);
    if (!closest.empty()) return " (did you mean " + closest + "?)";
  }
  return "";
}

int report_usage(const CLI::App& program, const CLI::ParseError& error, int argc, char** argv) {
  const CLI::App& command = chosen_command(program);
  const std::string name = &command == &program ? "" : " " + command.get_name();
  std::string message = error.what();
  if (const std::size_t newline = message.find('\n'); newline != std::string::npos) message.resize(newline);
  std::fprintf(stderr, "pop2piano%s: %s%s\nTry 'pop2piano%s --help'.\n", name.c_str(), message.c_str(),
               suggestion(program, argc, argv).c_str(), name.c_str());
  return kUsage;
}

void build_program(CLI::App& program, Console& console) {
  program.set_help_flag("-h,--help", "Print this and exit");
  program.set_version_flag(
      "--version", [] { return version_text(); }, "Print version, instruction set and libraries");
  program.require_subcommand(1);
  program.get_formatter()->column_width(34);
  add_cover_command(program, console);
  add_analyse_command(program, console);
  add_beats_command(program, console);
  add_info_command(program, console);
  add_arrange_command(program, console);
  add_engrave_command(program, console);
  add_render_command(program, console);
  add_transcribe_command(program, console);
  add_samples_command(program, console);
  add_evaluate_command(program, console);
  add_synthesize_command(program, console);
  add_dataset_command(program, console);
  add_prepare_command(program, console);
  add_convert_command(program, console);
#if defined(POP2PIANO_WITH_FETCH)
  add_fetch_model_command(program, console);
#endif
#if defined(POP2PIANO_WITH_SERVE)
  add_serve_command(program, console);
#endif
  add_help_command(program, console);
  add_manual_command(program, [&console](const std::string& text) { console.print(text); });
  program.footer("Example:\n  pop2piano cover song.mp3\nMore: pop2piano COMMAND --help, pop2piano help TOPIC");
}

int run(int argc, char** argv) {
  Console console;
  CLI::App program("Piano covers of pop songs: audio in; MIDI, sheet music and sound out", "pop2piano");
  build_program(program, console);
  std::vector<std::string> notices;  // printed when it is known how
  const auto notice = [&notices](const std::string& message) { notices.push_back(message); };
  program.parse_complete_callback([&] {
    for (const std::string& message : notices) console.warn(message);
  });
  try {
    set_todays_variable("POP2PIANO_TUNE", "POP2PIANO_MELODY", notice);
    std::vector<std::string> typed =
        in_todays_spelling(std::span(argv, static_cast<std::size_t>(argc)).subspan(1), kFormerSpellings, notice);
    std::reverse(typed.begin(), typed.end());  // as the parser wants them
    program.parse(std::move(typed));
  } catch (const CLI::CallForHelp&) {
    const CLI::App& command = chosen_command(program);
    std::fputs(command.help(&command == &program ? "" : program.get_name()).c_str(), stdout);
  } catch (const CLI::CallForVersion& version) {
    std::printf("%s\n", version.what());
  } catch (const CLI::ParseError& error) {
    return report_usage(program, error, argc, argv);
  } catch (const Error& error) {
    console.error(error.what());
    return exit_code_of(error.code());
  } catch (const std::bad_alloc&) {
    console.error("out of memory");
    return kFailed;
  } catch (const std::filesystem::filesystem_error& error) {
    console.error(plain_reason(error));
    return kFailed;
  } catch (const std::system_error& error) {
    console.error(std::string("the system refuses: ") + error.what());
    return kFailed;
  } catch (const std::exception& error) {
    console.error(std::string("unexpected: ") + error.what());
    return kFailed;
  }
  return kDone;
}

/// What could not be printed, on a full disk for one, is a failure; a reader who has seen enough is none.
int after_printing(int code) {
  const int reason = output_error();
  if (reason == 0 || reason == EPIPE) return code;
  std::fprintf(stderr, "pop2piano: standard output: cannot be written: %s\n", std::strerror(reason));
  return code == kDone ? kFailed : code;
}

}  // namespace
}  // namespace pop2piano::cli

int main(int argc, char** argv) {
#if defined(POP2PIANO_WITH_SERVE)
  if (argc == 2 && argv[1] == pop2piano::serve::kWorkerWord) return pop2piano::serve::work();
#endif
  using namespace pop2piano::cli;
  return after_printing(run(argc, argv));
}
