// SPDX-License-Identifier: MIT
// pop2piano convert: any model that can be read, as one folder of config.json and model.safetensors.
#include <memory>

#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/console/interrupt.h"
#include "numbers/model/convert.h"
#include "numbers/model/model_folder.h"

namespace pop2piano::cli {
namespace {

struct ConvertArguments {
  std::string from, to, type = "bf16";
  bool force = false;
};

StoredType stored_type(const std::string& name) {
  if (name == "f32") return StoredType::f32;
  return name == "int8" ? StoredType::int8 : StoredType::bf16;
}

void convert(const ConvertArguments& a, Console& console) {
  const auto existing = a.force ? ConvertOptions::Existing::replace : ConvertOptions::Existing::keep;
  const ConvertReport report =
      convert_model(find_model(a.from), a.to, {.type = stored_type(a.type), .existing = existing},
                    console.monitor(&interrupt_token()));
  console.finish_progress();
  console.event("convert", {{"from", a.from},
                            {"to", a.to},
                            {"weights", a.type},
                            {"parameters", report.parameters},
                            {"bytes_before", report.bytes_before},
                            {"bytes_after", report.bytes_after},
                            {"dropped", report.dropped},
                            {"logit_difference", report.logit_difference},
                            {"agreement", report.agreement}});
  const auto megabytes = [](std::int64_t bytes) { return static_cast<double>(bytes) / 1e6; };
  console.say(fmt::format("{}: {:.1f} million parameters in {}, {:.1f} MB (before: {:.1f} MB)", a.to,
                          static_cast<double>(report.parameters) / 1e6, a.type, megabytes(report.bytes_after),
                          megabytes(report.bytes_before)));
  console.say(fmt::format("verified    logits within {:.2g} % of the largest, likeliest token the same in {:.0f} %",
                          100 * report.logit_difference, 100 * report.agreement));
  for (const std::string& name : report.dropped) console.say("dropped     " + name + " (the network does not use it)");
}

}  // namespace

void add_convert_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* command = program.add_subcommand("convert", "Write a model anew: one folder, another number format");
  command->add_option("IN", arguments->from, "A model folder, a model's name, or a checkpoint (.ckpt)")
      ->required()
      ->type_name("");
  command->add_option("OUT", arguments->to, "Folder for config.json and model.safetensors")->required()->type_name("");
  command->add_option("--dtype", arguments->type, "bf16: half of f32; int8: a quarter, and other notes (default: bf16)")
      ->check(CLI::IsMember({"f32", "bf16", "int8"}))
      ->type_name("f32|bf16|int8");
  command->add_flag("--force", arguments->force, "Replace a model that is there");
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano convert epoch=1999.ckpt published\n"
      "  pop2piano convert default small --dtype int8\n"
      "What was written is read again and run beside the input; if the outputs differ by more than rounding explains,\n"
      "nothing is left behind.");
  command->callback([arguments, &console] { convert(*arguments, console); });
}

}  // namespace pop2piano::cli
