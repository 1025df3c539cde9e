// SPDX-License-Identifier: MIT
// The weights of a network in training: one flat float master that the optimiser walks through, bf16 copies of the
// matrices that the network computes with, and named views of both.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "learning/train/torch.h"
#include "learning/train_t5/network_shape.h"

namespace pop2piano::training {

/// Named tensors, any device and type.
using NamedTensors = std::map<std::string, at::Tensor>;

class Parameters {
 public:
  /// `type` of the matrices in the network: kBFloat16 or kFloat. Values are undefined until initialise() or load().
  Parameters(const NetworkShape& shape, at::Device device, at::ScalarType type);

  /// Random start, the same on every machine.
  void initialise(std::uint64_t seed);
  /// Copies all parts from `weights`; throws Error(malformed) naming `what` when one is missing or has another shape.
  /// A vocabulary, style or position table may have fewer or more rows if `resize_tables` (the common rows are taken).
  enum class Tables : std::uint8_t { exact, resize };
  void load(const NamedTensors& weights, const std::string& what, Tables tables);
  /// Views of `flat` (master(), or an array of the same layout) by the names of the weights file.
  [[nodiscard]] NamedTensors named(const at::Tensor& flat) const;

  /// The differentiable tensor of the block whose first part is `name`.
  [[nodiscard]] const at::Tensor& leaf(const std::string& name) const;
  [[nodiscard]] const at::Tensor& master() const { return master_; }  ///< [size] float
  [[nodiscard]] std::int64_t size() const { return master_.numel(); }
  /// Without the gaps between blocks.
  [[nodiscard]] std::int64_t parameter_count() const;
  [[nodiscard]] at::ScalarType type() const { return type_; }
  [[nodiscard]] at::Device device() const { return master_.device(); }

  /// Copies the master's matrices into the bf16 copies; call after every change of the master.
  void refresh();
  /// flat [size] += gradients of all leaves, which are then cleared.
  void collect_gradients(const at::Tensor& flat);

 private:
  std::vector<ParameterBlock> layout_;
  at::ScalarType type_;
  at::Tensor master_;   // [size] float
  at::Tensor working_;  // [size] in type_; the master itself where that is float
  std::vector<at::Tensor> leaves_;
  std::map<std::string, std::size_t> by_name_;
};

}  // namespace pop2piano::training
