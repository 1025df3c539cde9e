// SPDX-License-Identifier: MIT
// pop2piano fetch-model: a published checkpoint, from the web into the user's cache. Nothing else in the program
// fetches anything.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "app/cli/checksum.h"
#include "app/cli/command.h"
#include "app/cli/download.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_folder.h"
#include "numbers/model/load.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostPaperBytes = std::int64_t{16} << 20;  // configurations, README

struct KnownModel {
  const char* name;
  const char* url;
};
constexpr std::array<KnownModel, 1> kKnownModels{
    {{"sweetcocoa/pop2piano", "https://huggingface.co/sweetcocoa/pop2piano/resolve/main"}}};

struct FetchArguments {
  std::string source, name, folder, sha256;
  bool force = false;
};

/// What is fetched, from where to where.
struct Source {
  std::string url;   ///< of the folder, no slash at the end
  std::string name;  ///< folder in the cache
  std::string file;  ///< of a model in one file; empty: a folder as Hugging Face has it
};

std::string known_names() {
  std::string names;
  for (const KnownModel& model : kKnownModels) names += (names.empty() ? "" : ", ") + std::string(model.name);
  return names;
}

Source find_source(const std::string& text) {
  for (const KnownModel& model : kKnownModels) {
    if (text == model.name) return {.url = model.url, .name = model.name, .file = {}};
  }
  if (!text.starts_with("https://") && !text.starts_with("http://")) {
    throw Error(ErrorCode::invalid_argument,
                "'" + text + "' is no model that is known (" + known_names() + ") and no https:// address of a folder");
  }
  std::string url = text;
  while (url.ends_with('/')) url.pop_back();
  const auto slash = url.rfind('/');
  const std::string last = url.substr(slash + 1);
  if (!last.ends_with(".ckpt")) return {.url = url, .name = last, .file = {}};
  return {.url = url.substr(0, slash), .name = last.substr(0, last.size() - 5), .file = last};
}

/// Only letters and the like: the name becomes a path below the cache.
void check_name(const std::string& name) {
  const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-=/") ==
                     std::string::npos;
  const fs::path path(name);
  const bool climbs = std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (name.empty() || name == "." || !plain || climbs || path.is_absolute()) {
    throw Error(ErrorCode::invalid_argument, "'" + name + "' cannot be a model's name; choose one with --name");
  }
}

/// Fetches files of one model, one after the other.
class Fetching {
 public:
  Fetching(const FetchArguments& arguments, Source source, Console& console)
      : arguments_(arguments), source_(std::move(source)), console_(console) {
    const std::string& name = arguments.name.empty() ? source_.name : arguments.name;
    check_name(name);
    folder_ = arguments.folder.empty() ? model_cache() / name : fs::path(arguments.folder);
    if (!arguments.sha256.empty() && normalised_sha256(arguments.sha256).empty()) {
      throw Error(ErrorCode::invalid_argument, "--sha256 " + arguments.sha256 + ": expected 64 hexadecimal digits");
    }
  }

  void run() {
    fs::create_directories(folder_);
    if (!source_.file.empty()) {
      need(source_.file, arguments_.sha256);
    } else {
      if (!fetch("config.json", kMostPaperBytes)) {
        throw Error(ErrorCode::not_found, source_.url +
                                              "/config.json: not there, expected the address of a folder that "
                                              "holds a model");
      }
      for (const char* paper : {"generation_config.json", "preprocessor_config.json", "README.md"}) {
        static_cast<void>(fetch(paper, kMostPaperBytes));
      }
      fetch_weights();
    }
    check();
  }

 private:
  void fetch_weights() {
    for (const std::string weights : {"model.safetensors", "pytorch_model.bin"}) {
      if (fetch(weights, 0, arguments_.sha256)) return;
      const std::string index = weights + ".index.json";
      if (!fetch(index, kMostPaperBytes)) continue;
      for (const std::string& part : shard_files(folder_ / index)) need(part, {});
      return;
    }
    throw Error(ErrorCode::not_found, source_.url + ": no model.safetensors and no pytorch_model.bin");
  }

  void need(const std::string& file, const std::string& sha256) {
    if (!fetch(file, 0, sha256)) throw Error(ErrorCode::not_found, source_.url + "/" + file + ": not there");
  }

  /// False when the server does not have it.
  bool fetch(const std::string& file, std::int64_t max_bytes, const std::string& sha256 = {}) {
    const fs::path target = folder_ / file;
    if (fs::exists(target) && !arguments_.force) return have(target, sha256);
    Downloaded done;
    try {
      done = download(
          {.url = source_.url + "/" + file, .target = target, .sha256 = sha256, .max_bytes = max_bytes, .stage = file},
          console_.monitor(&interrupt_token()));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found) return false;
      throw;
    }
    console_.finish_progress();
    console_.event("file", {{"file", target.string()},
                            {"bytes", done.bytes},
                            {"resumed_at", done.resumed_at},
                            {"sha256", done.sha256},
                            {"checked", done.checked}});
    console_.say(fmt::format("{:26} {:10.2f} MB  SHA-256 {}{}{}", file, static_cast<double>(done.bytes) / 1e6,
                             done.sha256, done.checked ? ", as it should be" : "",
                             done.resumed_at > 0 ? fmt::format(", went on at {} bytes", done.resumed_at) : ""));
    return true;
  }

  /// A file that is there whole: an earlier call fetched it.
  bool have(const fs::path& target, const std::string& sha256) {
    const std::string found = sha256.empty() ? std::string() : sha256_of(target);
    if (found != normalised_sha256(sha256)) {
      throw Error(ErrorCode::malformed,
                  target.string() + ": SHA-256 " + found + ", expected " + sha256 + "; --force fetches it again");
    }
    console_.say(fmt::format("{:26} is there", target.filename().string()));
    return true;
  }

  void check() {
    const auto model = Model::load(folder_);
    const ModelDescription& d = model->description();
    console_.event("model",
                   {{"path", folder_.string()}, {"parameters", d.parameters}, {"styles", model->config().styles}});
    console_.say(fmt::format("{}: {:.1f} million parameters, {} styles, licence {}", folder_.string(),
                             static_cast<double>(d.parameters) / 1e6, model->config().styles.size(),
                             d.licence.empty() ? "not stated" : d.licence));
    const std::string& name = arguments_.name.empty() ? source_.name : arguments_.name;
    console_.say(
        fmt::format("Use it: pop2piano cover SONG --model {}", arguments_.folder.empty() ? name : folder_.string()));
  }

  const FetchArguments& arguments_;
  Source source_;
  Console& console_;
  fs::path folder_;
};

}  // namespace

void add_fetch_model_command(CLI::App& program, Console& console) {
  auto arguments = std::make_shared<FetchArguments>();
  CLI::App* command = program.add_subcommand("fetch-model", "Download a published model");
  command->add_option("NAME|URL", arguments->source, "A known name, or the address of a folder or of a .ckpt file")
      ->required()
      ->type_name("");
  command->add_option("--name", arguments->name, "What to call it here (default: as there)")->type_name("NAME");
  command->add_option("--to", arguments->folder, "Another folder than ~/.cache/pop2piano/models/NAME")
      ->type_name("DIR");
  command->add_option("--sha256", arguments->sha256, "Checksum that the weights must have")->type_name("HEX");
  command->add_flag("--force", arguments->force, "Fetch again what is there");
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano fetch-model " +
      known_names() +
      "\n"
      "  pop2piano fetch-model https://example.org/models/mine --sha256 9f86d081...\n"
      "A download that broke off goes on where it was. Whether you may use a model is between you and its authors.\n"
      "Nothing is ever fetched without this command.");
  command->callback([arguments, &console] { Fetching(*arguments, find_source(arguments->source), console).run(); });
}

}  // namespace pop2piano::cli
