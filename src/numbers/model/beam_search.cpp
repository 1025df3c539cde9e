// SPDX-License-Identifier: MIT
#include "numbers/model/beam_search.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/core/thread_pool.h"
#include "numbers/model/decoder.h"
#include "numbers/model/segment_encoder.h"
#include "numbers/model/sequence.h"

namespace pop2piano {
namespace {

/// One open sequence.
struct Beam {
  std::vector<int> tokens;
  double score = 0.0;  // log-probability of what was chosen
  std::unique_ptr<TokenConstraint> constraint;
  std::size_t slot = 0;
};

struct Candidate {
  double score = 0.0;
  std::size_t beam = 0;
  int token = 0;
};

struct Finished {
  SegmentTokens result;
  double rank = 0.0;
};

/// What all segments share.
struct Setting {
  const kernels::KernelTable& table;
  const DecoderPlan& plan;
  const SequenceLimits& limits;
  std::size_t beams;
  double length_penalty;

  [[nodiscard]] double rank(double score, std::size_t length) const {
    return score / std::pow(static_cast<double>(std::max<std::size_t>(length, 1)), length_penalty);
  }
};

/// The search of one segment. `self` holds one sequence's cache for each beam.
class SegmentSearch {
 public:
  SegmentSearch(const Setting& setting, std::size_t segment, const GenerateRequest& request, std::byte* self,
                std::byte* cross)
      : setting_(setting), segment_(segment), self_(self), cross_(cross) {
    prefix_ = forced_prefix(request, segment, setting.limits);
    Beam first;
    if (request.constraint) first.constraint = request.constraint(segment);
    open_.push_back(std::move(first));
    done_ = setting.limits.max_tokens == 0;
  }

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] std::size_t segment() const { return segment_; }
  [[nodiscard]] std::size_t open() const { return open_.size(); }
  [[nodiscard]] std::size_t position() const { return open_.empty() ? 0 : open_.front().tokens.size(); }

  void add_rows(std::vector<DecoderRow>& rows) const {
    for (const Beam& beam : open_) {
      rows.push_back({.token = beam.tokens.empty() ? setting_.limits.start_token : beam.tokens.back(),
                      .position = beam.tokens.size(),
                      .self = self_ + beam.slot * setting_.plan.self_bytes(),
                      .cross = cross_});
    }
  }

  /// Takes the logits of its rows, the first of which is `row`.
  void advance(Decoder& decoder, std::size_t row, std::vector<std::uint8_t>& mask) {
    const std::size_t position = open_.front().tokens.size();
    if (position < prefix_.size()) {
      extend(open_.front(), prefix_[position], 0.0);
    } else {
      choose(candidates(decoder, row, mask));
    }
    const bool at_end = !open_.empty() && open_.front().tokens.size() >= setting_.limits.max_tokens;
    if (at_end) {
      for (Beam& beam : open_) finish(beam, false);
    }
    done_ = at_end || open_.empty() || decided();
  }

  [[nodiscard]] SegmentTokens result() const {
    if (finished_.empty()) return {};
    const auto best = std::max_element(finished_.begin(), finished_.end(),
                                       [](const Finished& a, const Finished& b) { return a.rank < b.rank; });
    return best->result;
  }

 private:
  /// The best continuations of all open beams, twice as many as beams: half of them may be ends.
  std::vector<Candidate> candidates(Decoder& decoder, std::size_t row, std::vector<std::uint8_t>& mask) const {
    std::vector<Candidate> found;
    std::vector<float> scratch;
    const std::size_t most = 2 * setting_.beams;
    const auto better = [](const Candidate& a, const Candidate& b) {
      if (a.score != b.score) return a.score > b.score;
      return a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
    };
    for (std::size_t b = 0; b < open_.size(); ++b) {
      const auto logits = decoder.logits(row + b);
      const auto allowed = allowed_tokens(setting_.limits, open_[b].constraint.get(), open_[b].tokens.size(), mask);
      const double total = setting_.table.log_sum_exp(logits.data(), logits.size());
      const auto weighed = weighed_logits(logits, open_[b].constraint.get(), scratch);
      for (std::size_t i = 0; i < logits.size(); ++i) {
        if (!allowed.empty() && allowed[i] == 0) continue;
        const Candidate next{open_[b].score + weighed[i] - total, b, static_cast<int>(i)};
        if (found.size() == most && !better(next, found.back())) continue;
        found.insert(std::upper_bound(found.begin(), found.end(), next, better), next);
        if (found.size() > most) found.pop_back();
      }
    }
    if (found.empty()) {
      throw Error(ErrorCode::invalid_argument, "the constraint allows no token in segment " + std::to_string(segment_));
    }
    return found;
  }

  void choose(const std::vector<Candidate>& found) {
    std::vector<Candidate> kept;
    for (std::size_t i = 0; i < found.size() && kept.size() < setting_.beams; ++i) {
      const Candidate& c = found[i];
      if (c.token != setting_.limits.eos_token) {
        kept.push_back(c);
      } else if (i < setting_.beams) {  // an end counts only among the first
        Beam ended{.tokens = open_[c.beam].tokens, .score = c.score, .constraint = nullptr, .slot = 0};
        finish(ended, true);
      }
    }
    replace(kept);
  }

  /// The first child of a beam takes over its cache, further ones get a copy.
  void replace(const std::vector<Candidate>& kept) {
    std::vector<bool> taken(setting_.beams, false);
    for (const Candidate& c : kept) taken[open_[c.beam].slot] = true;
    std::vector<bool> inherited(open_.size(), false);
    std::vector<Beam> next;
    const std::size_t block = setting_.plan.self_shape.block;
    const std::size_t used =
        (open_.front().tokens.size() + 1 + block - 1) / block * setting_.plan.self_shape.block_stride;
    for (const Candidate& c : kept) {
      const Beam& parent = open_[c.beam];
      Beam child{.tokens = parent.tokens, .score = parent.score, .constraint = nullptr, .slot = parent.slot};
      if (parent.constraint != nullptr) child.constraint = parent.constraint->clone();
      if (inherited[c.beam]) {
        child.slot = static_cast<std::size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
        taken[child.slot] = true;
        std::memcpy(self_ + child.slot * setting_.plan.self_bytes(), self_ + parent.slot * setting_.plan.self_bytes(),
                    used);
      }
      inherited[c.beam] = true;
      extend(child, c.token, c.score - parent.score);
      next.push_back(std::move(child));
    }
    open_ = std::move(next);
  }

  static void extend(Beam& beam, int token, double log_probability) {
    if (beam.constraint != nullptr) beam.constraint->accept(token);
    beam.tokens.push_back(token);
    beam.score += log_probability;
  }

  void finish(Beam& beam, bool ended) {
    const std::size_t length = beam.tokens.size() + (ended ? 1 : 0);
    const std::size_t chosen = length - std::min(length, prefix_.size());
    Finished f;
    f.rank = setting_.rank(beam.score, length);
    f.result.tokens = beam.tokens;
    f.result.ended = ended;
    if (chosen > 0) f.result.mean_log_probability = beam.score / static_cast<double>(chosen);
    finished_.push_back(std::move(f));
  }

  /// Enough have finished, and no open one is ahead of the worst of the best.
  [[nodiscard]] bool decided() const {
    if (finished_.size() < setting_.beams) return false;
    std::vector<double> ranks;
    for (const Finished& f : finished_) ranks.push_back(f.rank);
    std::sort(ranks.begin(), ranks.end(), std::greater<>());
    double best_open = -1e300;
    for (const Beam& beam : open_) best_open = std::max(best_open, setting_.rank(beam.score, beam.tokens.size()));
    return ranks[setting_.beams - 1] >= best_open;
  }

  const Setting& setting_;
  std::size_t segment_;
  std::byte* self_;
  std::byte* cross_;
  std::vector<int> prefix_;
  std::vector<Beam> open_;
  std::vector<Finished> finished_;
  bool done_ = false;
};

/// Decodes its searches to their ends, all rows together.
void run_lane(const Network& network, const Setting& setting, std::vector<SegmentSearch*> searches,
              const Monitor& monitor) {
  Decoder decoder(network, setting.plan);
  std::vector<DecoderRow> rows;
  std::vector<std::uint8_t> mask;
  while (true) {
    monitor.check();
    std::erase_if(searches, [](const SegmentSearch* s) { return s->done(); });
    if (searches.empty()) return;
    rows.clear();
    std::vector<std::pair<SegmentSearch*, std::size_t>> first_rows;
    for (SegmentSearch* s : searches) {
      first_rows.emplace_back(s, rows.size());
      s->add_rows(rows);
    }
    decoder.step(rows);
    for (const auto& [search, row] : first_rows) search->advance(decoder, row, mask);
  }
}

}  // namespace

std::vector<SegmentTokens> search_beams(const Network& network, const GenerateRequest& request,
                                        const GenerateOptions& options, ThreadPool& pool, const Monitor& monitor) {
  const EncoderPlan encoder_plan(network, request.features.frames);
  const SequenceLimits limits = sequence_limits(network, options);
  const DecoderPlan plan(network, encoder_plan, limits.max_tokens + 1);
  const auto beams = static_cast<std::size_t>(options.beams);
  const Setting setting{*network.kernels, plan, limits, beams, options.length_penalty};
  SegmentEncoder encoder(network, encoder_plan, request, pool, monitor);
  const std::size_t segments = request.features.segments;
  const std::size_t together =
      std::min(segments, std::max<std::size_t>(1, static_cast<std::size_t>(options.active_rows) / beams));
  const kernels::AlignedBytes self(together * beams * plan.self_bytes(), kernels::Pages::huge);
  const kernels::AlignedBytes cross(together * plan.cross_bytes(), kernels::Pages::huge);

  std::vector<SegmentTokens> results;
  while (results.size() < segments) {
    monitor.report("generate", static_cast<double>(results.size()) / static_cast<double>(segments));
    const std::size_t count = std::min(together, segments - results.size());
    std::vector<std::byte*> places;
    std::vector<SegmentSearch> searches;
    for (std::size_t i = 0; i < count; ++i) {
      places.push_back(cross.data() + i * plan.cross_bytes());
      searches.emplace_back(setting, results.size() + i, request, self.data() + i * beams * plan.self_bytes(),
                            places.back());
    }
    encoder.encode(results.size(), places);
    const std::size_t lanes = std::min(static_cast<std::size_t>(pool.size()), count);
    pool.run(lanes, [&](std::size_t lane) {
      std::vector<SegmentSearch*> mine;
      for (std::size_t i = count * lane / lanes; i < count * (lane + 1) / lanes; ++i) mine.push_back(&searches[i]);
      run_lane(network, setting, std::move(mine), monitor);
    });
    for (const SegmentSearch& search : searches) results.push_back(search.result());
  }
  monitor.report("generate", 1.0);
  return results;
}

}  // namespace pop2piano
