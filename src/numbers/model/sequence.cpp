// SPDX-License-Identifier: MIT
#include "numbers/model/sequence.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <string>
#include <utility>

namespace pop2piano {
SequenceLimits sequence_limits(const Network& network, const GenerateOptions& options) {
  const ModelConfig& c = network.config;
  const int most = options.max_tokens > 0 ? options.max_tokens : c.max_tokens - 1;
  return {.min_tokens = static_cast<std::size_t>(options.min_tokens),
          .max_tokens = static_cast<std::size_t>(most),
          .start_token = c.start_token,
          .eos_token = c.eos_token,
          .vocab = network.vocab()};
}

std::vector<int> forced_prefix(const GenerateRequest& request, std::size_t segment, const SequenceLimits& limits) {
  if (!request.prefix) return {};
  std::vector<int> prefix = request.prefix(segment);
  if (prefix.size() > limits.max_tokens) {
    throw Error(ErrorCode::invalid_argument, "a prefix of " + std::to_string(prefix.size()) +
                                                 " tokens, expected at most " + std::to_string(limits.max_tokens));
  }
  for (const int token : prefix) {
    if (token < 0 || static_cast<std::size_t>(token) >= limits.vocab || token == limits.eos_token) {
      throw Error(ErrorCode::invalid_argument,
                  "a prefix holds token " + std::to_string(token) + ", expected one of the vocabulary and not the end");
    }
  }
  return prefix;
}

std::span<const std::uint8_t> allowed_tokens(const SequenceLimits& limits, const TokenConstraint* constraint,
                                             std::size_t position, std::vector<std::uint8_t>& mask) {
  const bool too_early = position < limits.min_tokens;
  if (constraint == nullptr && !too_early) return {};
  mask.assign(limits.vocab, 1);
  if (constraint != nullptr) constraint->allowed(mask);
  if (too_early) {
    std::uint8_t& end = mask[static_cast<std::size_t>(limits.eos_token)];
    const std::uint8_t before = std::exchange(end, std::uint8_t{0});
    if (std::find(mask.begin(), mask.end(), std::uint8_t{1}) == mask.end()) end = before;
  }
  return mask;
}

std::span<const float> weighed_logits(std::span<const float> logits, const TokenConstraint* constraint,
                                      std::vector<float>& scratch) {
  if (constraint == nullptr) return logits;
  scratch.assign(logits.begin(), logits.end());
  return constraint->weigh(scratch) ? std::span<const float>(scratch) : logits;
}

Sequence::Sequence(std::size_t segment, std::size_t slot, const SequenceLimits& limits, const GenerateRequest& request,
                   Random random)
    : segment_(segment), slot_(slot), limits_(&limits), random_(random), last_(limits.start_token) {
  prefix_ = forced_prefix(request, segment, limits);
  if (request.constraint) constraint_ = request.constraint(segment);
  done_ = limits.max_tokens == 0;
}

void Sequence::advance(const kernels::KernelTable& table, std::span<const float> logits, Sampler& sampler,
                       std::vector<std::uint8_t>& mask) {
  if (tokens_.size() < prefix_.size()) return accept(prefix_[tokens_.size()]);
  const auto weighed = weighed_logits(logits, constraint_.get(), weighed_);
  const int token = sampler.choose(weighed, allowed_tokens(*limits_, constraint_.get(), tokens_.size(), mask), random_);
  if (token < 0) {
    throw Error(ErrorCode::invalid_argument, "the constraint allows no token at position " +
                                                 std::to_string(tokens_.size()) + " of segment " +
                                                 std::to_string(segment_));
  }
  log_probability_ += static_cast<double>(logits[static_cast<std::size_t>(token)]) -
                      static_cast<double>(table.log_sum_exp(logits.data(), logits.size()));
  ++chosen_;
  accept(token);
}

void Sequence::accept(int token) {
  if (constraint_ != nullptr) constraint_->accept(token);
  last_ = token;
  if (token == limits_->eos_token) {
    ended_ = done_ = true;
    return;
  }
  tokens_.push_back(token);
  done_ = tokens_.size() >= limits_->max_tokens;
}

SegmentTokens Sequence::result() const {
  SegmentTokens result;
  result.tokens = tokens_;
  result.ended = ended_;
  if (chosen_ > 0) result.mean_log_probability = log_probability_ / static_cast<double>(chosen_);
  return result;
}

}  // namespace pop2piano
