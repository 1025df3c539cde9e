// SPDX-License-Identifier: MIT
#include "learning/train_t5/export_model.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/core/random.h"
#include "learning/train_t5/checkpoint.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/network.h"
#include "learning/train_t5/validation.h"

namespace pop2piano::training {
namespace {

constexpr std::int64_t kMelFrames = 44;                 // two seconds
constexpr double kMelMean = -3.0, kMelDeviation = 4.0;  // of log-mel

// Slow waves over frames and bands with noise: nothing that music looks like, but no two alike.
Matrix<float> made_up_features(const FeatureSettings& settings, std::int64_t frames, std::uint64_t seed) {
  Random random(seed);
  Matrix<float> out(static_cast<std::size_t>(frames), static_cast<std::size_t>(settings.inputs()));
  const double time = random.uniform(0.1, 0.6), band = random.uniform(0.02, 0.2);
  for (std::size_t r = 0; r < out.rows(); ++r) {
    for (std::size_t c = 0; c < out.columns(); ++c) {
      const double wave = std::sin(time * static_cast<double>(r)) * std::cos(band * static_cast<double>(c));
      const double value = 0.6 * wave + 0.3 * random.normal();
      out(r, c) = static_cast<float>(settings.kind == FeatureKind::mel ? kMelMean + kMelDeviation * value
                                                                       : std::max(settings.normalised_floor, value));
    }
  }
  return out;
}

at::Tensor rounded(const at::Tensor& value) { return value.detach().to(at::kCPU).to(at::kBFloat16).to(at::kFloat); }

}  // namespace

NamedModel read_any_model(const std::filesystem::path& path) {
  if (is_checkpoint(path)) {
    auto checkpoint = read_checkpoint_model(path);
    return {std::move(checkpoint.config), std::move(checkpoint.weights)};
  }
  return {read_architecture(path), read_weights(path)};
}

NamedModel average_models(std::span<const std::filesystem::path> paths) {
  if (paths.empty()) throw Error(ErrorCode::invalid_argument, "average: no model was named");
  auto mean = read_any_model(paths.front());
  for (const auto& path : paths.subspan(1)) {
    const auto more = read_any_model(path).weights;
    for (auto& [name, value] : mean.weights) {
      const auto found = more.find(name);
      if (found == more.end() || found->second.sizes() != value.sizes()) {
        throw Error(ErrorCode::malformed, path.string() + ": tensor " + name +
                                              " is missing or has another shape than in " + paths.front().string() +
                                              "; only models of one architecture can be averaged");
      }
      value.add_(found->second);
    }
  }
  for (auto& [name, value] : mean.weights) value.div_(static_cast<double>(paths.size()));
  return mean;
}

void check_written(const std::filesystem::path& folder, const NamedTensors& weights) {
  const auto written = read_weights(folder);
  for (const auto& [name, value] : weights) {
    const auto found = written.find(name);
    if (found == written.end() || !at::equal(found->second, rounded(value))) {
      throw Error(ErrorCode::malformed, folder.string() + ": tensor " + name +
                                            " is not what was to be written, rounded to bf16; the model was written, "
                                            "but do not ship it");
    }
  }
}

ExportReport compare_with_engine(const std::filesystem::path& folder, const NamedModel& model, std::int64_t segments) {
  const auto& config = model.config;
  const auto shape = network_shape_of(config);
  NamedTensors weights;
  for (const auto& [name, value] : model.weights) weights[name] = rounded(value);
  Parameters parameters(shape, at::kCPU, at::kFloat);
  parameters.load(weights, "the model in memory", Parameters::Tables::exact);
  Network network(shape, parameters);
  const auto language = language_of(config);
  const auto frames = config.features.kind == FeatureKind::mel ? kMelFrames : shape.positions;
  std::vector<Matrix<float>> features;
  std::vector<int> styles;
  for (std::int64_t i = 0; i < segments; ++i) {
    features.push_back(made_up_features(config.features, frames, static_cast<std::uint64_t>(i)));
    styles.push_back(static_cast<int>(i % shape.styles));
  }
  const auto theirs = engine_tokens(folder, *language, features, styles, Arithmetic::f32, 0);
  ExportReport report;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto ours = network_tokens(network, *language, features[i], styles[i], config.max_tokens, at::kCPU);
    ++report.segments;
    report.equal += ours == theirs[i] ? 1 : 0;
    report.tokens += static_cast<std::int64_t>(ours.size());
  }
  return report;
}

}  // namespace pop2piano::training
