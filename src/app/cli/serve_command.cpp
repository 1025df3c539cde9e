// SPDX-License-Identifier: MIT
// pop2piano serve: the page in a browser.
#include <array>
#include <cstdlib>
#include <memory>

#include <spawn.h>

#include "app/cli/command.h"
#include "app/serve/server.h"
#include "base/core/child_process.h"

extern char** environ;

namespace pop2piano::cli {
namespace {

struct ServeArguments {
  serve::ServeOptions options{.version = POP2PIANO_VERSION};
  std::vector<std::string> tls;
  std::uint64_t upload_megabytes = 500;
  bool open = false;
};

// Where there is a desktop; elsewhere the address that was printed must do.
void open_browser(const std::string& address) {
  const bool desktop = std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr;
  const auto program = desktop ? find_program({"xdg-open"}) : std::nullopt;
  if (!program) return;
  std::string name = program->string(), argument = address;
  std::array<char*, 3> words{name.data(), argument.data(), nullptr};
  pid_t child = -1;
  ::posix_spawn(&child, name.c_str(), nullptr, nullptr, words.data(), environ);
}

void run_server(ServeArguments a, Console& console) {
  if (!a.tls.empty()) {
    a.options.certificate = a.tls[0];
    a.options.private_key = a.tls[1];
  }
  a.options.upload_bytes = a.upload_megabytes << 20U;
  const auto ready = [&](const std::string& address) {
    console.say("The page: " + address + "\nCtrl-C ends it.");
    console.event("ready", {{"address", address}});
    std::fflush(stdout);
    if (a.open) open_browser(address);
  };
  const auto log = [&](const std::string& line) {
    if (console.verbose()) std::fprintf(stderr, "%s\n", line.c_str());
  };
  serve::serve(a.options, ready, log);
}

void add_access_options(CLI::App& command, ServeArguments& a) {
  command
      .add_option("--host", a.options.host,
                  "Address to listen at; others than this machine's own need --token or --tls")
      ->capture_default_str()
      ->type_name("ADDRESS")
      ->group("Access");
  command.add_option("--port", a.options.port, "0: any that is free")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535))
      ->type_name("N")
      ->group("Access");
  command.add_option("--token", a.options.token, "What a browser must know; part of the address that is printed")
      ->type_name("TEXT")
      ->group("Access");
  command.add_option("--tls", a.tls, "https with this certificate and its key, PEM files")
      ->expected(2)
      ->type_name("CERT KEY")
      ->group("Access");
  command.add_flag("--open", a.open, "Open the browser where there is a desktop")->group("Access");
}

void add_keeping_options(CLI::App& command, ServeArguments& a) {
  command.add_option("--data", a.options.data, "Folder of the songs (default: ~/.local/share/pop2piano/serve)")
      ->type_name("DIR")
      ->group("Library");
  command.add_option("--keep-days", a.options.keep_days, "Delete songs that were not used for so long; 0: never")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->type_name("DAYS")
      ->group("Library");
  command
      .add_option("--keep-gigabytes", a.options.keep_gigabytes,
                  "Delete the songs used least recently beyond; 0: no limit")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->type_name("GB")
      ->group("Library");
  command.add_option("--upload-megabytes", a.upload_megabytes, "Largest song that is taken")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000))
      ->type_name("MB")
      ->group("Library");
  command.add_option("--queue", a.options.queue, "Jobs that may wait, a quarter of them of one browser")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000))
      ->type_name("N")
      ->group("Machine");
  command.add_option("--workers", a.options.workers, "Songs at a time; 0: one for every four processors")
      ->capture_default_str()
      ->check(CLI::Range(0, 256))
      ->type_name("N")
      ->group("Machine");
  command.add_option("--web", a.options.web, "Folder whose files replace those of the page")
      ->type_name("DIR")
      ->group("Machine");
  command.add_flag("--log-titles", a.options.log_titles, "Names of songs in the log that --verbose prints")
      ->group("Machine");
}

}  // namespace

void add_serve_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = program.add_subcommand("serve", "The page: covers in a browser, on this machine");
  add_access_options(*command, *arguments);
  add_keeping_options(*command, *arguments);
  console.add_options(*command);
  command->footer("Example:\n  pop2piano serve --open");
  command->callback([arguments, &console] { run_server(*arguments, console); });
}

}  // namespace pop2piano::cli
