// SPDX-License-Identifier: MIT
#include "learning/train_t5/parameters.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <sstream>

#include "base/core/random.h"

namespace pop2piano::training {
namespace {

std::string text_of(at::IntArrayRef shape) {
  std::ostringstream out;
  out << '[';
  for (std::size_t i = 0; i < shape.size(); ++i) out << (i > 0 ? ", " : "") << shape[i];
  out << ']';
  return out.str();
}

std::int64_t count_of(const ParameterPart& part) {
  std::int64_t count = 1;
  for (const auto size : part.shape) count *= size;
  return count;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Tables whose rows may be fewer or more when another model's weights are taken over.
bool is_table(const ParameterPart& part) {
  static const std::vector<std::string> kTables{"shared.weight", "lm_head.weight", "frame_position.weight",
                                                "style_embedding.weight", "mel_conditioner.embedding.weight"};
  return std::any_of(kTables.begin(), kTables.end(), [&](const auto& name) { return part.name == name; });
}

void copy_part(const ParameterPart& part, const at::Tensor& from, const at::Tensor& to, Parameters::Tables tables,
               const std::string& what) {
  if (from.sizes() == to.sizes()) {
    to.copy_(from);
  } else if (tables == Parameters::Tables::resize && is_table(part) && from.dim() == 2 && from.size(1) == to.size(1)) {
    const auto rows = std::min(from.size(0), to.size(0));
    to.narrow(0, 0, rows).copy_(from.narrow(0, 0, rows));
  } else if (tables == Parameters::Tables::resize && part.name == "input_projection.weight" && from.dim() == 2 &&
             from.size(0) == to.size(0) && from.size(1) < to.size(1)) {
    // Inputs that the other network did not have count nothing at first.
    to.zero_();
    to.narrow(1, 0, from.size(1)).copy_(from);
  } else {
    throw Error(ErrorCode::malformed, what + ": tensor " + part.name + " is " + text_of(from.sizes()) +
                                          ", the network needs " + text_of(to.sizes()) +
                                          "; give the config.json that belongs to these weights");
  }
}

}  // namespace

Parameters::Parameters(const NetworkShape& shape, at::Device device, at::ScalarType type)
    : layout_(layout_of(shape)), type_(type) {
  const auto options = at::TensorOptions().device(device).dtype(at::kFloat);
  master_ = at::zeros({flat_size(layout_)}, options);
  working_ = type == at::kFloat ? master_ : at::zeros({flat_size(layout_)}, options.dtype(type));
  for (std::size_t i = 0; i < layout_.size(); ++i) {
    const auto& block = layout_[i];
    const auto& flat = block.matrix ? working_ : master_;
    leaves_.push_back(flat.narrow(0, block.offset, block.count).view(block.shape).detach().requires_grad_());
    by_name_[block.name()] = i;
  }
}

void Parameters::initialise(std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  const auto views = named(master_);
  std::uint64_t stream = 0;
  for (const auto& block : layout_) {
    for (const auto& part : block.parts) {
      Random random = Random(seed).fork(++stream);
      auto values = at::empty(part.shape, at::kFloat);
      float* data = values.data_ptr<float>();
      const float constant = ends_with(part.name, ".bias") ? 0.0F : 1.0F;
      for (std::int64_t i = 0; i < values.numel(); ++i) {
        data[i] = part.deviation > 0.0 ? static_cast<float>(part.deviation * random.normal()) : constant;
      }
      views.at(part.name).copy_(values);
    }
  }
  refresh();
}

void Parameters::load(const NamedTensors& weights, const std::string& what, Tables tables) {
  const at::NoGradGuard no_grad;
  const auto views = named(master_);
  for (const auto& block : layout_) {
    for (const auto& part : block.parts) {
      const auto found = weights.find(part.name);
      if (found == weights.end()) {
        throw Error(ErrorCode::malformed, what + ": tensor " + part.name + " is missing; is this a pop2piano model?");
      }
      copy_part(part, found->second, views.at(part.name), tables, what);
    }
  }
  refresh();
}

NamedTensors Parameters::named(const at::Tensor& flat) const {
  NamedTensors views;
  for (const auto& block : layout_) {
    std::int64_t offset = block.offset;
    for (const auto& part : block.parts) {
      views[part.name] = flat.narrow(0, offset, count_of(part)).view(part.shape);
      offset += count_of(part);
    }
  }
  return views;
}

const at::Tensor& Parameters::leaf(const std::string& name) const { return leaves_[by_name_.at(name)]; }

std::int64_t Parameters::parameter_count() const {
  std::int64_t sum = 0;
  for (const auto& block : layout_) sum += block.count;
  return sum;
}

void Parameters::refresh() {
  const at::NoGradGuard no_grad;
  if (type_ != at::kFloat) working_.copy_(master_);
}

void Parameters::collect_gradients(const at::Tensor& flat) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < layout_.size(); ++i) {
    auto& grad = leaves_[i].mutable_grad();
    if (!grad.defined()) continue;
    flat.narrow(0, layout_[i].offset, layout_[i].count).view(layout_[i].shape).add_(grad);
    grad = at::Tensor();
  }
}

}  // namespace pop2piano::training
