// SPDX-License-Identifier: MIT
#include <pop2piano/model.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/core/closest_name.h"
#include "numbers/model/load.h"
#include "numbers/model/network.h"

namespace pop2piano {
namespace {

/// A name for a model's weights in a number format: the format and a hash (FNV-1a) of the model's path.
std::string shared_name(const std::filesystem::path& model, const Network& network) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : std::filesystem::canonical(model).string()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  const char* type = network.weights == kernels::ElementType::f32    ? "f32"
                     : network.weights == kernels::ElementType::bf16 ? "bf16"
                                                                     : "int8";
  return std::to_string(hash) + "-" + type + ".weights";
}

void share_weights(const std::filesystem::path& model, const std::filesystem::path& folder, Network& network) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw Error(ErrorCode::write_failed, folder.string() + ": cannot be made for shared weights: " + error.message() +
                                             "; name another folder or do without");
  }
  network.arena.share(folder / shared_name(model, network));
}

}  // namespace

Model::Model(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Model::~Model() = default;

std::shared_ptr<const Model> Model::load(const std::filesystem::path& path, const LoadOptions& options) {
  const LoadedFiles files = load_files(path);
  auto parts = std::make_unique<Parts>();
  parts->network = build_network(files.config, files.tensors, options.arithmetic, parts->description);
  if (!options.shared_folder.empty()) share_weights(path, options.shared_folder, parts->network);
  parts->description.path = path;
  parts->description.licence = files.licence;
  for (const auto& file : files.tensors.files) {
    parts->description.file_bytes += static_cast<std::int64_t>(file->bytes().size());
  }
  return std::shared_ptr<const Model>(new Model(std::move(parts)));
}

const ModelConfig& Model::config() const { return parts_->network.config; }

const ModelDescription& Model::description() const { return parts_->description; }

int Model::style_index(std::string_view name) const {
  const auto& styles = config().styles;
  const auto place = std::find(styles.begin(), styles.end(), name);
  if (place != styles.end()) return static_cast<int>(place - styles.begin());
  std::string known;
  for (const std::string& style : styles) known += (known.empty() ? "" : ", ") + style;
  const std::string nearest = closest_name(name, styles);
  throw Error(ErrorCode::invalid_argument,
              "style \"" + std::string(name) + "\" is not known" +
                  (nearest.empty() ? std::string() : "; did you mean \"" + nearest + "\"?") + " (" + known + ")");
}

}  // namespace pop2piano
