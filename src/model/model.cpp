// SPDX-License-Identifier: MIT
#include <pop2piano/model.h>

#include <algorithm>
#include <utility>

#include "core/closest_name.h"
#include "model/load.h"
#include "model/network.h"

namespace pop2piano {

Model::Model(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Model::~Model() = default;

std::shared_ptr<const Model> Model::load(const std::filesystem::path& path, const LoadOptions& options) {
  const LoadedFiles files = load_files(path);
  auto parts = std::make_unique<Parts>();
  parts->network = build_network(files.config, files.tensors, options.arithmetic, parts->description);
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
