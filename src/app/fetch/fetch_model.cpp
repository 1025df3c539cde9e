// SPDX-License-Identifier: MIT
#include "app/fetch/fetch_model.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "app/fetch/checksum.h"
#include "base/core/paths.h"
#include "numbers/model/load.h"
#include "numbers/model/model_folder.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostPaperBytes = std::int64_t{16} << 20;  // configurations, README

struct KnownModel {
  const char* name;
  const char* url;
};
constexpr std::array<KnownModel, 1> kKnownModels{
    {{"sweetcocoa/pop2piano", "https://huggingface.co/sweetcocoa/pop2piano/resolve/main"}}};

/// What is fetched, from where to where.
struct Source {
  std::string url;   ///< of the folder, no slash at the end
  std::string name;  ///< folder in the cache
  std::string file;  ///< of a model in one file; empty: a folder as Hugging Face has it
};

Source find_source(const std::string& text) {
  for (const KnownModel& model : kKnownModels) {
    if (text == model.name) return {.url = model.url, .name = model.name, .file = {}};
  }
  if (!text.starts_with("https://") && !text.starts_with("http://")) {
    throw Error(ErrorCode::invalid_argument, "'" + text + "' is no model that is known (" + known_model_names() +
                                                 ") and no https:// address of a folder");
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
  Fetching(const ModelRequest& request, const FetchNews& news, const Monitor& monitor)
      : request_(request), source_(find_source(request.source)), news_(news), monitor_(monitor) {
    model_.name = request.name.empty() ? source_.name : request.name;
    check_name(model_.name);
    model_.folder = request.folder.empty() ? model_cache() / model_.name : request.folder;
    if (!request.sha256.empty() && normalised_sha256(request.sha256).empty()) {
      throw Error(ErrorCode::invalid_argument, "--sha256 " + request.sha256 + ": expected 64 hexadecimal digits");
    }
  }

  FetchedModel run() {
    fs::create_directories(model_.folder);
    if (!source_.file.empty()) {
      need(source_.file, request_.sha256);
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
    return model_;
  }

 private:
  void fetch_weights() {
    for (const std::string weights : {"model.safetensors", "pytorch_model.bin"}) {
      if (fetch(weights, 0, request_.sha256)) return;
      const std::string index = weights + ".index.json";
      if (!fetch(index, kMostPaperBytes)) continue;
      for (const std::string& part : shard_files(model_.folder / index)) need(part, {});
      return;
    }
    throw Error(ErrorCode::not_found, source_.url + ": no model.safetensors and no pytorch_model.bin");
  }

  void need(const std::string& file, const std::string& sha256) {
    if (!fetch(file, 0, sha256)) throw Error(ErrorCode::not_found, source_.url + "/" + file + ": not there");
  }

  /// False when the server does not have it.
  bool fetch(const std::string& file, std::int64_t max_bytes, const std::string& sha256 = {}) {
    const fs::path target = model_.folder / file;
    if (path_exists(target) && request_.existing == ModelRequest::Existing::keep) return have(target, sha256);
    try {
      const Downloaded done = download(
          {.url = source_.url + "/" + file, .target = target, .sha256 = sha256, .max_bytes = max_bytes, .stage = file},
          monitor_);
      news_.fetched(file, target, done);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found) return false;
      throw;
    }
    return true;
  }

  /// A file that is there whole: an earlier call fetched it.
  bool have(const fs::path& target, const std::string& sha256) {
    const std::string found = sha256.empty() ? std::string() : sha256_of(target);
    if (found != normalised_sha256(sha256)) {
      throw Error(ErrorCode::malformed,
                  target.string() + ": SHA-256 " + found + ", expected " + sha256 + "; --force fetches it again");
    }
    news_.present(target.filename().string());
    return true;
  }

  const ModelRequest& request_;
  Source source_;
  const FetchNews& news_;
  const Monitor& monitor_;
  FetchedModel model_;
};

}  // namespace

std::string known_model_names() {
  std::string names;
  for (const KnownModel& model : kKnownModels) names += (names.empty() ? "" : ", ") + std::string(model.name);
  return names;
}

FetchedModel fetch_model(const ModelRequest& request, const FetchNews& news, const Monitor& monitor) {
  return Fetching(request, news, monitor).run();
}

}  // namespace pop2piano
