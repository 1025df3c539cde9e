// SPDX-License-Identifier: MIT
// Segments in, tokens out: encodes what there is room for, decodes all active rows together, lets rows that have ended
// leave and waiting segments enter. Rows are independent to the bit, so neither threads nor batches show in the result.
#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "base/core/thread_pool.h"
#include "numbers/model/beam_search.h"
#include "numbers/model/chained_generation.h"
#include "numbers/model/decoder.h"
#include "numbers/model/encoder.h"
#include "numbers/model/network.h"
#include "numbers/model/segment_encoder.h"
#include "numbers/model/sequence.h"

namespace pop2piano {
namespace {

constexpr std::size_t kRoundSteps = 16;  // steps between two looks at rows that could enter
constexpr double kEncodeShare = 0.3;     // of a segment's work, for the progress

class Generation {
 public:
  Generation(const Network& network, const GenerateRequest& request, const GenerateOptions& options, ThreadPool& pool,
             const Monitor& monitor)
      : network_(network),
        request_(request),
        options_(options),
        pool_(pool),
        monitor_(monitor),
        encoder_plan_(network, request.features.frames),
        encoder_(network, encoder_plan_, request, pool, monitor),
        limits_(sequence_limits(network, options)),
        decoder_plan_(network, encoder_plan_, limits_.max_tokens + 1),
        results_(request.features.segments) {
    const std::size_t slots = std::min(static_cast<std::size_t>(options.active_rows), results_.size());
    self_ = kernels::AlignedBytes(slots * decoder_plan_.self_bytes(), kernels::Pages::huge);
    cross_ = kernels::AlignedBytes(slots * decoder_plan_.cross_bytes(), kernels::Pages::huge);
    for (std::size_t slot = slots; slot > 0; --slot) free_slots_.push_back(slot - 1);
  }

  std::vector<SegmentTokens> run() {
    report();
    while (next_segment_ < results_.size() || !active_.empty()) {
      refill();
      decode_round();
      collect();
      report();
    }
    return std::move(results_);
  }

 private:
  /// Tasks of one lane of rows.
  struct Lane {
    Lane(const Network& network, const DecoderPlan& plan, const GenerateOptions& options)
        : decoder(network, plan), sampler(options) {}
    Decoder decoder;
    Sampler sampler;
    std::vector<DecoderRow> rows;
    std::vector<Sequence*> sequences;
    std::vector<std::uint8_t> mask;
  };

  /// Encodes waiting segments once there is room for a good part of a batch.
  void refill() {
    const std::size_t waiting = results_.size() - next_segment_;
    const std::size_t room = std::min(free_slots_.size(), waiting);
    const std::size_t worth_it = std::min(waiting, (free_slots_.size() + active_.size() + 3) / 4);
    if (room == 0 || (room < worth_it && !active_.empty())) return;
    for (std::size_t done = 0; done < room; done += encoder_.at_once()) {
      encode(std::min(encoder_.at_once(), room - done));
      report();
    }
  }

  void encode(std::size_t segments) {
    std::vector<Sequence> entering;
    std::vector<std::byte*> places;
    for (std::size_t i = 0; i < segments; ++i) {
      const std::size_t segment = next_segment_ + i;
      const std::size_t slot = free_slots_.back();
      free_slots_.pop_back();
      entering.emplace_back(segment, slot, limits_, request_, Random(options_.seed).fork(segment));
      places.push_back(cross_.data() + slot * decoder_plan_.cross_bytes());
    }
    encoder_.encode(next_segment_, places);
    next_segment_ += segments;
    std::move(entering.begin(), entering.end(), std::back_inserter(active_));
  }

  /// Each lane takes its share of the rows through some steps without waiting for the others.
  void decode_round() {
    const std::size_t lanes = std::min(static_cast<std::size_t>(pool_.size()), active_.size());
    while (lanes_.size() < lanes) lanes_.push_back(std::make_unique<Lane>(network_, decoder_plan_, options_));
    pool_.run(lanes, [&](std::size_t i) {
      Lane& lane = *lanes_[i];
      lane.sequences.clear();
      for (std::size_t s = active_.size() * i / lanes; s < active_.size() * (i + 1) / lanes; ++s) {
        lane.sequences.push_back(&active_[s]);
      }
      for (std::size_t step = 0; step < kRoundSteps && decode_step(lane); ++step) monitor_.check();
    });
  }

  /// False when no row is left.
  bool decode_step(Lane& lane) {
    std::erase_if(lane.sequences, [](const Sequence* s) { return s->done(); });
    if (lane.sequences.empty()) return false;
    lane.rows.clear();
    for (const Sequence* s : lane.sequences) {
      lane.rows.push_back({.token = s->last_token(),
                           .position = s->position(),
                           .self = self_.data() + s->slot() * decoder_plan_.self_bytes(),
                           .cross = cross_.data() + s->slot() * decoder_plan_.cross_bytes()});
    }
    lane.decoder.step(lane.rows);
    for (std::size_t r = 0; r < lane.rows.size(); ++r) {
      lane.sequences[r]->advance(*network_.kernels, lane.decoder.logits(r), lane.sampler, lane.mask);
    }
    return true;
  }

  void collect() {
    std::erase_if(active_, [&](const Sequence& s) {
      if (!s.done()) return false;
      results_[s.segment()] = s.result();
      free_slots_.push_back(s.slot());
      ++finished_;
      return true;
    });
  }

  void report() const {
    double done = static_cast<double>(finished_);
    for (const Sequence& s : active_) {
      done += kEncodeShare +
              (1.0 - kEncodeShare) * static_cast<double>(s.position()) / static_cast<double>(limits_.max_tokens + 1);
    }
    monitor_.report("generate", results_.empty() ? 1.0 : done / static_cast<double>(results_.size()));
  }

  const Network& network_;
  const GenerateRequest& request_;
  const GenerateOptions& options_;
  ThreadPool& pool_;
  const Monitor& monitor_;
  EncoderPlan encoder_plan_;
  SegmentEncoder encoder_;
  SequenceLimits limits_;
  DecoderPlan decoder_plan_;
  kernels::AlignedBytes self_, cross_;  // [slots]
  std::vector<std::size_t> free_slots_;
  std::deque<Sequence> active_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t next_segment_ = 0, finished_ = 0;
  std::vector<SegmentTokens> results_;
};

void check_request(const ModelConfig& config, const GenerateRequest& request) {
  const auto require = [](bool good, const std::string& what) {
    if (!good) throw Error(ErrorCode::invalid_argument, what);
  };
  const int styles = static_cast<int>(config.styles.size());
  require(request.style >= 0 && request.style < styles,
          "style " + std::to_string(request.style) + ", expected 0 to " + std::to_string(styles - 1));
  const auto frames = static_cast<std::size_t>(config.frame_count());
  const SegmentFeatures& f = request.features;
  require(frames == 0 || f.frames == frames || f.segments == 0,
          "segments of " + std::to_string(f.frames) + " frames, expected " + std::to_string(frames));
  require(f.segments == 0 || (f.frames >= 1 && f.frames <= (1U << 14)),
          "segments of " + std::to_string(f.frames) + " frames, expected 1 to 16384");
  require(f.segments == 0 || f.read != nullptr, "no function that reads the features");
}

}  // namespace

std::vector<SegmentTokens> generate(const Model& model, const GenerateRequest& request, const GenerateOptions& options,
                                    ThreadPool& pool, const Monitor& monitor) {
  const Network& network = model.parts().network;
  check_options(options, network.config);
  check_request(network.config, request);
  if (request.features.segments == 0) return {};
  if (!request.continuation.chains.empty()) return generate_chains(model, request, options, pool, monitor);
  if (options.beams > 1) return search_beams(network, request, options, pool, monitor);
  return Generation(network, request, options, pool, monitor).run();
}

std::vector<SegmentTokens> generate(const Model& model, const GenerateRequest& request, const GenerateOptions& options,
                                    int threads, const Monitor& monitor) {
  ThreadPool pool(threads);
  return generate(model, request, options, pool, monitor);
}

}  // namespace pop2piano
