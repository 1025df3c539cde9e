// SPDX-License-Identifier: MIT
#include "numbers/model/convert.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <set>
#include <system_error>
#include <utility>

#include "base/core/output_file.h"
#include "base/core/paths.h"
#include "base/core/random.h"
#include "numbers/model/config.h"
#include "numbers/model/decoder.h"
#include "numbers/model/encoder.h"
#include "numbers/model/load.h"
#include "numbers/model/network.h"
#include "numbers/weights/safetensors.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCheckedTokens = 24;
constexpr std::size_t kCheckedMelFrames = 44;

/// Largest difference of logits, relative to the largest, that rounding can explain; beyond it something went wrong.
double accepted_difference(StoredType type) {
  switch (type) {
    case StoredType::f32:
      return 1e-5;
    case StoredType::bf16:
      return 5e-2;
    case StoredType::int8:
      return 3e-1;
  }
  return 0.0;
}

/// Tensors in their new form and the memory they lie in.
class Rounded {
 public:
  explicit Rounded(StoredType type) : type_(type) {}

  void add(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    if (type_ == StoredType::f32) {
      keep(name, DataType::f32, shape, values);
    } else if (type_ == StoredType::int8 && is_product(name, shape)) {
      add_int8(name, shape, values);
    } else {
      std::vector<std::uint16_t> halves(values.size());
      std::transform(values.begin(), values.end(), halves.begin(), kernels::to_bf16);
      keep(name, DataType::bf16, shape, halves);
    }
  }
  [[nodiscard]] const std::map<std::string, Tensor, std::less<>>& tensors() const { return tensors_; }

 private:
  static bool is_product(const std::string& name, const Shape& shape) {
    const bool table = name == "shared.weight" || name.find("embedding") != std::string::npos ||
                       name.find("bias") != std::string::npos || name.find("position") != std::string::npos;
    return shape.size() == 2 && !table;
  }
  void add_int8(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    const auto columns = static_cast<std::size_t>(shape[1]);
    std::vector<std::int8_t> rounded(values.size());
    std::vector<float> scales(static_cast<std::size_t>(shape[0]));
    for (std::size_t r = 0; r < scales.size(); ++r) {
      float top = 0.0F;
      for (std::size_t c = 0; c < columns; ++c) top = std::max(top, std::abs(values[r * columns + c]));
      scales[r] = top / 127.0F;
      const float inverse = top > 0.0F ? 127.0F / top : 0.0F;
      for (std::size_t c = 0; c < columns; ++c) {
        rounded[r * columns + c] = static_cast<std::int8_t>(std::lrint(values[r * columns + c] * inverse));
      }
    }
    keep(name, DataType::i8, shape, rounded);
    keep(name + ".scale", DataType::f32, {shape[0]}, scales);
  }
  template <typename T>
  void keep(const std::string& name, DataType type, const Shape& shape, const std::vector<T>& values) {
    const auto bytes = std::as_bytes(std::span(values));
    auto& memory = memory_.emplace_back(bytes.begin(), bytes.end());
    tensors_[name] = {.type = type, .shape = shape, .bytes = memory};
  }

  StoredType type_;
  std::deque<std::vector<std::byte>> memory_;
  std::map<std::string, Tensor, std::less<>> tensors_;
};

/// Logits [tokens, vocab] for features and tokens that only depend on the configuration.
std::vector<float> made_up_logits(const Network& network) {
  const ModelConfig& config = network.config;
  const auto frames = config.frame_count() > 0 ? static_cast<std::size_t>(config.frame_count()) : kCheckedMelFrames;
  Random random(1);
  std::vector<float> features(frames * network.inputs());
  for (float& value : features) value = static_cast<float>(random.normal());
  const EncoderPlan encoder_plan(network, frames);
  const DecoderPlan plan(network, encoder_plan, kCheckedTokens);
  Encoder encoder(network, encoder_plan);
  Decoder decoder(network, plan);
  const kernels::AlignedBytes self(plan.self_bytes());
  const kernels::AlignedBytes cross(plan.cross_bytes());
  encoder.encode(features, 1, 0);
  encoder.project_cross(0, cross.data());
  std::vector<float> logits;
  int token = config.start_token;
  for (std::size_t t = 0; t < kCheckedTokens; ++t) {
    const DecoderRow row{.token = token, .position = t, .self = self.data(), .cross = cross.data()};
    decoder.step(std::span(&row, 1));
    logits.insert(logits.end(), decoder.logits(0).begin(), decoder.logits(0).end());
    token = static_cast<int>(random.index(network.vocab()));
  }
  return logits;
}

void compare(const std::vector<float>& before, const std::vector<float>& after, std::size_t vocab,
             ConvertReport& report) {
  double largest = 0.0;
  double worst = 0.0;
  std::size_t same = 0;
  for (std::size_t first = 0; first < before.size(); first += vocab) {
    for (std::size_t i = first; i < first + vocab; ++i) {
      largest = std::max(largest, std::abs(double{before[i]}));
      const double difference = std::abs(double{before[i]} - after[i]);
      worst = difference <= worst ? worst : difference;  // not a number counts
    }
    const auto likeliest = [&](const std::vector<float>& v) {
      const auto begin = v.begin() + static_cast<std::ptrdiff_t>(first);
      return std::max_element(begin, begin + static_cast<std::ptrdiff_t>(vocab)) - begin;
    };
    same += likeliest(before) == likeliest(after) ? 1 : 0;
  }
  report.logit_difference = largest > 0.0 ? worst / largest : worst;
  report.agreement = static_cast<double>(same) / static_cast<double>(before.size() / vocab);
}

void copy_papers(const fs::path& from, const fs::path& to) {
  const fs::path folder = is_folder(from) ? from : from.parent_path();
  std::error_code same_file;
  for (const char* name : {"README.md", "LICENSE"}) {
    if (!is_plain_file(folder / name) || fs::equivalent(folder, to, same_file)) continue;
    fs::copy_file(folder / name, to / name, fs::copy_options::overwrite_existing);
  }
}

}  // namespace

ConvertReport convert_model(const fs::path& from, const fs::path& to, const ConvertOptions& options,
                            const Monitor& monitor) {
  const fs::path weights = to / "model.safetensors";
  if (options.existing == ConvertOptions::Existing::keep && (path_exists(weights) || path_exists(to / "config.json"))) {
    throw Error(ErrorCode::already_exists,
                to.string() + ": holds a model already; choose another folder or replace it");
  }
  const LoadedFiles files = load_files(from);
  ModelDescription description;
  const Network before = build_network(files.config, files.tensors, Arithmetic::f32, description);
  ConvertReport report;
  report.parameters = description.parameters;
  report.dropped = description.ignored_tensors;
  for (const auto& file : files.tensors.files) report.bytes_before += static_cast<std::int64_t>(file->bytes().size());

  const std::set<std::string> dropped(report.dropped.begin(), report.dropped.end());
  Rounded rounded(options.type);
  std::size_t done = 0;
  for (const auto& [name, tensor] : files.tensors.tensors) {
    monitor.check();
    monitor.report("convert", static_cast<double>(done++) / static_cast<double>(files.tensors.tensors.size()));
    if (dropped.contains(name) || name.ends_with(".scale")) continue;
    rounded.add(name, tensor.shape, weight_values(files.tensors, name));
  }
  fs::create_directories(to);
  const fs::path unverified = to / "model.safetensors.unverified";  // takes the name when it was compared
  write_safetensors(unverified, rounded.tensors(), {{"format", "pt"}});
  report.bytes_after = static_cast<std::int64_t>(fs::file_size(unverified));
  try {
    ModelDescription again;
    const TensorSet written = read_safetensors(unverified);
    const Network after = build_network(files.config, written, Arithmetic::f32, again);
    compare(made_up_logits(before), made_up_logits(after), before.vocab(), report);
    if (!(report.logit_difference <= accepted_difference(options.type))) {
      throw Error(ErrorCode::malformed, weights.string() + ": logits differ from those of the input by " +
                                            std::to_string(report.logit_difference) +
                                            " of the largest, expected at most " +
                                            std::to_string(accepted_difference(options.type)));
    }
  } catch (...) {
    fs::remove(unverified);
    throw;
  }
  fs::rename(unverified, weights);
  write_file(to / "config.json", write_config(files.config));
  copy_papers(from, to);
  monitor.report("convert", 1.0);
  return report;
}

}  // namespace pop2piano
