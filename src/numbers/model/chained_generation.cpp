// SPDX-License-Identifier: MIT
#include "numbers/model/chained_generation.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "base/core/random.h"

namespace pop2piano {
namespace {

void check(const GenerateRequest& request) {
  const auto& chains = request.continuation.chains;
  const bool increasing = std::adjacent_find(chains.begin(), chains.end(), std::greater_equal<>()) == chains.end();
  if (chains.front() != 0 || !increasing || chains.back() >= request.features.segments) {
    throw Error(ErrorCode::invalid_argument, "chains must begin at increasing segments from 0 on, below " +
                                                 std::to_string(request.features.segments));
  }
  if (!request.continuation.prefix || request.prefix) {
    throw Error(ErrorCode::invalid_argument, "chained segments need the continuation's prefix and no other");
  }
}

/// One segment of each chain that has one left, as a request of their own.
class Round {
 public:
  Round(const GenerateRequest& whole, const std::vector<SegmentTokens>& written, std::vector<std::size_t> segments)
      : whole_(whole), written_(written), segments_(std::move(segments)) {}

  [[nodiscard]] GenerateRequest request() const {
    GenerateRequest part;
    part.style = whole_.style;
    part.features.segments = segments_.size();
    part.features.frames = whole_.features.frames;
    part.features.read = [this](std::size_t row, std::span<float> rows) { whole_.features.read(segments_[row], rows); };
    if (whole_.constraint) part.constraint = [this](std::size_t row) { return whole_.constraint(segments_[row]); };
    part.prefix = [this](std::size_t row) { return prefix(segments_[row]); };
    return part;
  }
  [[nodiscard]] const std::vector<std::size_t>& segments() const { return segments_; }

 private:
  [[nodiscard]] std::vector<int> prefix(std::size_t segment) const {
    const auto& chains = whole_.continuation.chains;
    if (std::binary_search(chains.begin(), chains.end(), segment)) return {};
    return whole_.continuation.prefix(segment, written_[segment - 1].tokens);
  }

  const GenerateRequest& whole_;
  const std::vector<SegmentTokens>& written_;
  std::vector<std::size_t> segments_;
};

// The n-th segment of every chain that is so long.
std::vector<std::size_t> nth_segments(const GenerateRequest& request, std::size_t n) {
  const auto& chains = request.continuation.chains;
  std::vector<std::size_t> segments;
  for (std::size_t c = 0; c < chains.size(); ++c) {
    const std::size_t end = c + 1 < chains.size() ? chains[c + 1] : request.features.segments;
    if (chains[c] + n < end) segments.push_back(chains[c] + n);
  }
  return segments;
}

}  // namespace

std::vector<SegmentTokens> generate_chains(const Model& model, const GenerateRequest& request,
                                           const GenerateOptions& options, ThreadPool& pool, const Monitor& monitor) {
  check(request);
  std::vector<SegmentTokens> written(request.features.segments);
  const auto total = static_cast<double>(written.size());
  double done = 0;
  for (std::size_t n = 0;; ++n) {
    const Round round(request, written, nth_segments(request, n));
    const auto count = static_cast<double>(round.segments().size());
    if (round.segments().empty()) break;
    GenerateOptions round_options = options;
    round_options.seed = Random(options.seed).fork(n).next();
    const Monitor part{.progress = [&](std::string_view stage,
                                       double share) { monitor.report(stage, (done + share * count) / total); },
                       .cancel = monitor.cancel};
    auto tokens = generate(model, round.request(), round_options, pool, part);
    for (std::size_t row = 0; row < tokens.size(); ++row) written[round.segments()[row]] = std::move(tokens[row]);
    done += count;
  }
  return written;
}

}  // namespace pop2piano
