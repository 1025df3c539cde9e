// SPDX-License-Identifier: MIT
// pop2piano fetch-model: a published checkpoint, from the web into the user's cache. Nothing else in the program
// fetches anything.
#include <pop2piano/model.h>

#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/console/interrupt.h"
#include "app/fetch/fetch_model.h"

namespace pop2piano::cli {
namespace {

struct FetchArguments {
  ModelRequest request;
  std::string folder;
  bool force = false;
};

void say_fetched(const std::string& file, const std::filesystem::path& target, const Downloaded& done,
                 Console& console) {
  console.finish_progress();
  console.event("file", {{"file", target.string()},
                         {"bytes", done.bytes},
                         {"resumed_at", done.resumed_at},
                         {"sha256", done.sha256},
                         {"checked", done.checked}});
  console.say(fmt::format("{:26} {:10.2f} MB  SHA-256 {}{}{}", file, static_cast<double>(done.bytes) / 1e6, done.sha256,
                          done.checked ? ", as it should be" : "",
                          done.resumed_at > 0 ? fmt::format(", went on at {} bytes", done.resumed_at) : ""));
}

void fetch(const FetchArguments& a, Console& console) {
  ModelRequest request = a.request;
  request.folder = a.folder;
  request.existing = a.force ? ModelRequest::Existing::replace : ModelRequest::Existing::keep;
  const FetchNews news{.fetched = [&](const std::string& file, const std::filesystem::path& target,
                                      const Downloaded& done) { say_fetched(file, target, done, console); },
                       .present = [&](const std::string& file) { console.say(fmt::format("{:26} is there", file)); }};
  const FetchedModel fetched = fetch_model(request, news, console.monitor(&interrupt_token()));
  const auto model = Model::load(fetched.folder);
  const ModelDescription& d = model->description();
  const std::string folder = fetched.folder.string();
  console.event("model", {{"path", folder}, {"parameters", d.parameters}, {"styles", model->config().styles}});
  console.say(fmt::format("{}: {:.1f} million parameters, {} styles, licence {}", folder,
                          static_cast<double>(d.parameters) / 1e6, model->config().styles.size(),
                          d.licence.empty() ? "not stated" : d.licence));
  console.say(fmt::format("Use it: pop2piano cover SONG --model {}", a.folder.empty() ? fetched.name : folder));
}

}  // namespace

void add_fetch_model_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<FetchArguments>();
  CLI::App* command = program.add_subcommand("fetch-model", "Download a published model");
  command
      ->add_option("NAME|URL", arguments->request.source, "A known name, or the address of a folder or of a .ckpt file")
      ->required()
      ->type_name("");
  command->add_option("--name", arguments->request.name, "What to call it here (default: as there)")->type_name("NAME");
  command->add_option("-o,--output", arguments->folder, "Another folder than ~/.cache/pop2piano/models/NAME")
      ->type_name("DIR");
  command->add_option("--sha256", arguments->request.sha256, "Checksum that the weights must have")->type_name("HEX");
  command->add_flag("--force", arguments->force, "Fetch again what is there");
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano fetch-model " +
      known_model_names() +
      "\n"
      "  pop2piano fetch-model https://example.org/models/mine --sha256 9f86d081...\n"
      "A download that broke off goes on where it was. Whether you may use a model is between you and its authors.\n"
      "Nothing is ever fetched without this command.");
  command->callback([arguments, &console] { fetch(*arguments, console); });
}

}  // namespace pop2piano::cli
