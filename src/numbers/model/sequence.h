// SPDX-License-Identifier: MIT
// One segment's tokens while they are being written.
#pragma once

#include <pop2piano/model.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/core/random.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/model/network.h"
#include "numbers/model/sampling.h"

namespace pop2piano {

/// Limits that hold for all sequences of a call.
struct SequenceLimits {
  std::size_t min_tokens = 0;
  std::size_t max_tokens = 0;  ///< the start token not counted
  int start_token = 0, eos_token = 1;
  std::size_t vocab = 0;
};

[[nodiscard]] SequenceLimits sequence_limits(const Network& network, const GenerateOptions& options);
/// The forced first tokens of a segment. Throws Error(invalid_argument) when they are none of the vocabulary.
[[nodiscard]] std::vector<int> forced_prefix(const GenerateRequest& request, std::size_t segment,
                                             const SequenceLimits& limits);
/// Which tokens may follow at `position`: empty for all, else [vocab] in `mask`. Keeps the end away before the minimum,
/// unless it is all that the constraint leaves.
[[nodiscard]] std::span<const std::uint8_t> allowed_tokens(const SequenceLimits& limits,
                                                           const TokenConstraint* constraint, std::size_t position,
                                                           std::vector<std::uint8_t>& mask);

/// The logits as the constraint weighs them: themselves, or a changed copy in `scratch`.
[[nodiscard]] std::span<const float> weighed_logits(std::span<const float> logits, const TokenConstraint* constraint,
                                                    std::vector<float>& scratch);

class Sequence {
 public:
  Sequence(std::size_t segment, std::size_t slot, const SequenceLimits& limits, const GenerateRequest& request,
           Random random);

  [[nodiscard]] std::size_t segment() const { return segment_; }
  [[nodiscard]] std::size_t slot() const { return slot_; }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] int last_token() const { return last_; }
  [[nodiscard]] std::size_t position() const { return tokens_.size(); }  ///< of the last token, 0 for the start
  /// Chooses the next token from the network's logits.
  void advance(const kernels::KernelTable& table, std::span<const float> logits, Sampler& sampler,
               std::vector<std::uint8_t>& mask);
  [[nodiscard]] SegmentTokens result() const;

 private:
  void accept(int token);

  std::size_t segment_, slot_;
  const SequenceLimits* limits_;
  std::vector<int> prefix_;
  std::unique_ptr<TokenConstraint> constraint_;
  Random random_;
  std::vector<int> tokens_;
  std::vector<float> weighed_;
  int last_;
  bool done_ = false, ended_ = false;
  double log_probability_ = 0.0;
  std::size_t chosen_ = 0;
};

}  // namespace pop2piano
