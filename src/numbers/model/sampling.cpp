// SPDX-License-Identifier: MIT
#include "numbers/model/sampling.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace pop2piano {
namespace {

void require(bool good, const char* name, const std::string& found, const char* expected) {
  if (good) return;
  throw Error(ErrorCode::invalid_argument, std::string(name) + " is " + found + ", expected " + expected);
}

}  // namespace

void check_options(const GenerateOptions& o, const ModelConfig& config) {
  const auto number = [](auto value) { return std::to_string(value); };
  require(std::isfinite(o.temperature) && o.temperature >= 0.0, "temperature", number(o.temperature), "0 or more");
  require(o.top_k >= 0, "top_k", number(o.top_k), "0 (all) or more");
  require(o.top_p > 0.0 && o.top_p <= 1.0, "top_p", number(o.top_p), "a share above 0, at most 1");
  require(o.beams >= 1 && o.beams <= 64, "beams", number(o.beams), "1 to 64");
  require(o.beams == 1 || o.temperature == 0.0, "temperature", number(o.temperature), "0 with beam search");
  require(std::isfinite(o.length_penalty), "length_penalty", number(o.length_penalty), "a finite number");
  require(o.min_tokens >= 0, "min_tokens", number(o.min_tokens), "0 or more");
  require(o.max_tokens >= 0 && o.max_tokens < 4096, "max_tokens", number(o.max_tokens), "0 (the model's) to 4095");
  const int most = o.max_tokens == 0 ? config.max_tokens - 1 : o.max_tokens;
  require(o.min_tokens <= most, "min_tokens", number(o.min_tokens), "at most max_tokens");
  require(o.active_rows >= 1 && o.active_rows <= 4096, "active_rows", number(o.active_rows), "1 to 4096");
}

int Sampler::choose(std::span<const float> logits, std::span<const std::uint8_t> allowed, Random& random) {
  if (options_.temperature == 0.0) {
    int best = -1;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (!allowed.empty() && allowed[i] == 0) continue;
      if (best < 0 || logits[i] > logits[static_cast<std::size_t>(best)]) best = static_cast<int>(i);
    }
    return best;
  }
  candidates_.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (allowed.empty() || allowed[i] != 0) candidates_.push_back(static_cast<int>(i));
  }
  return draw(logits, random);
}

int Sampler::draw(std::span<const float> logits, Random& random) {
  std::sort(candidates_.begin(), candidates_.end(), [&](int a, int b) {
    const float x = logits[static_cast<std::size_t>(a)];
    const float y = logits[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  });
  if (options_.top_k > 0 && candidates_.size() > static_cast<std::size_t>(options_.top_k)) {
    candidates_.resize(static_cast<std::size_t>(options_.top_k));
  }
  weights_.clear();
  double total = 0.0;
  const double top = logits[static_cast<std::size_t>(candidates_.front())];
  for (const int id : candidates_) {
    weights_.push_back(std::exp((logits[static_cast<std::size_t>(id)] - top) / options_.temperature));
    total += weights_.back();
  }
  // The likeliest that together hold the share top_p, at least one.
  double kept = 0.0;
  std::size_t count = 0;
  while (count < weights_.size() && (count == 0 || kept < options_.top_p * total)) kept += weights_[count++];
  double place = random.uniform() * kept;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (place < weights_[i]) return candidates_[i];
    place -= weights_[i];
  }
  return candidates_[count - 1];
}

}  // namespace pop2piano
