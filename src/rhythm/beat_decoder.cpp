// SPDX-License-Identifier: MIT
#include "rhythm/beat_decoder.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "core/matrix.h"

namespace pop2piano {
namespace {

constexpr float kImpossible = -1e30f;

// One beat of one metre: a row of states, one for each tempo.
struct Place {
  int metre;
  int number;
  std::size_t next;  // place of the following beat; for the last of a bar the first of the same metre
};

struct Tempo {
  double interval;                // frames
  std::size_t shortest, longest;  // frames, of a beat at this tempo
};

struct Layout {
  std::vector<Place> places;
  std::vector<Tempo> tempi;
  std::vector<float> step_cost;           // [tempi] cost of going from tempo i - 1 to i or back; [0] unused
  std::vector<float> prior;               // [longest + 1] by duration in frames
  std::size_t shortest = 0, longest = 0;  // frames, over all tempi
  [[nodiscard]] std::size_t states() const { return places.size() * tempi.size(); }
};

void check(const BeatDecoderOptions& options) {
  int places = 0;
  bool usable = !options.metres.empty() && options.min_tempo > 0 && options.max_tempo > options.min_tempo &&
                options.tempo_step > 1e-3 && options.preferred_tempo > 0 && options.tempo_spread > 0 &&
                options.segment_frames > 0;
  for (const int metre : options.metres) {
    usable = usable && metre >= 1 && metre <= 8;
    places += metre;
  }
  if (!usable || places > 16) {
    throw Error(ErrorCode::invalid_argument,
                "beats: expected 0 < min tempo < max tempo and metres of 1 to 8 beats, found " +
                    std::to_string(options.min_tempo) + ".." + std::to_string(options.max_tempo) + " and " +
                    std::to_string(places) + " beats in all metres; correct the options");
  }
}

Layout make_layout(const BeatDecoderOptions& options, double frame_rate) {
  check(options);
  Layout layout;
  for (const int metre : options.metres) {
    const std::size_t first = layout.places.size();
    for (int number = 1; number <= metre; ++number) {
      const std::size_t next = number == metre ? first : layout.places.size() + 1;
      layout.places.push_back({.metre = metre, .number = number, .next = next});
    }
  }
  const double fastest = 60 * frame_rate / options.max_tempo, slowest = 60 * frame_rate / options.min_tempo;
  const double ratio = 1 + options.tempo_step, reach = std::sqrt(ratio);
  for (double interval = fastest; interval <= slowest * reach && layout.tempi.size() < 500; interval *= ratio) {
    layout.tempi.push_back({.interval = interval,
                            .shortest = std::max<std::size_t>(2, static_cast<std::size_t>(interval / reach)),
                            .longest = static_cast<std::size_t>(std::ceil(interval * reach))});
  }
  layout.step_cost.assign(layout.tempi.size(), static_cast<float>(options.tempo_stiffness * std::log(ratio)));
  layout.shortest = layout.tempi.front().shortest;
  layout.longest = layout.tempi.back().longest;
  layout.prior.resize(layout.longest + 1, 0.0f);
  for (std::size_t d = layout.shortest; d <= layout.longest; ++d) {
    const double seconds = static_cast<double>(d) / frame_rate;
    const double octaves = std::log2(60 / seconds / options.preferred_tempo) / options.tempo_spread;
    layout.prior[d] = static_cast<float>(-0.5 * octaves * octaves * options.tempo_weight * seconds);
  }
  return layout;
}

float at(const std::vector<float>& column, std::size_t frame) { return frame < column.size() ? column[frame] : 0.0f; }

// What a beat from `start` lasting `duration` frames hears on the way.
float inner_score(const BeatEvidence& evidence, std::size_t start, std::size_t duration) {
  return at(evidence.half, start + duration / 2) + at(evidence.quarter, start + duration / 4) +
         at(evidence.quarter, start + (3 * duration) / 4);
}

float start_score(const BeatEvidence& evidence, const Place& place, std::size_t frame) {
  float score = at(evidence.beat, frame);
  if (place.number == 1) score += at(evidence.downbeat, frame);
  if (place.metre == 4 && place.number == 3) score += at(evidence.middle, frame);
  if (place.metre == 4 && place.number % 2 == 0) score += at(evidence.backbeat, frame);
  return score;
}

// Where a state's best path came from, in four bytes.
struct Origin {
  std::uint16_t tempo;
  std::uint8_t place;  // kNowhere: the path begins here
  std::uint8_t extra;  // duration = shortest of that tempo + extra
};
constexpr std::uint8_t kNowhere = 255;

// The Viterbi recursion over frames. State (place, tempo) at frame t: a beat of that kind begins at t.
class Recursion {
 public:
  Recursion(const BeatEvidence& evidence, const Layout& layout, double metre_change)
      : evidence_(evidence),
        layout_(layout),
        metre_change_(static_cast<float>(metre_change)),
        ring_(layout.longest + 1, layout.states(), kImpossible),
        ended_(layout.places.size(), layout.tempi.size()),
        extra_(layout.places.size(), layout.tempi.size()),
        inner_(layout.longest + 1),
        reached_(layout.tempi.size()),
        from_(layout.tempi.size()) {}

  // Advances to frame t; writes origins [states].
  void step(std::size_t t, std::span<Origin> origins) {
    if (t >= layout_.shortest) end_beats(t);
    for (std::size_t p = 0; p < layout_.places.size(); ++p) begin_beat(t, p, origins);
  }
  [[nodiscard]] std::span<const float> scores(std::size_t t) const { return ring_.row(t % ring_.rows()); }
  [[nodiscard]] const Matrix<float>& memory() const { return ring_; }
  void restore(const Matrix<float>& memory) { ring_ = memory; }

 private:
  // ended_(place, tempo): best score of a beat that ends at t, over its possible durations.
  void end_beats(std::size_t t) {
    const std::size_t tempi = layout_.tempi.size();
    for (std::size_t d = layout_.shortest; d <= std::min(t, layout_.longest); ++d) {
      inner_[d] = inner_score(evidence_, t - d, d) + layout_.prior[d];
    }
    std::fill(ended_.flat().begin(), ended_.flat().end(), kImpossible);
    for (std::size_t k = 0; k < tempi; ++k) {
      const Tempo& tempo = layout_.tempi[k];
      for (std::size_t d = tempo.shortest; d <= std::min(t, tempo.longest); ++d) {
        const auto before = ring_.row((t - d) % ring_.rows());
        for (std::size_t p = 0; p < layout_.places.size(); ++p) {
          const float score = before[p * tempi + k] + inner_[d];
          if (score > ended_(p, k)) {
            ended_(p, k) = score;
            extra_(p, k) = static_cast<std::uint8_t>(d - tempo.shortest);
          }
        }
      }
    }
  }

  void begin_beat(std::size_t t, std::size_t p, std::span<Origin> origins) {
    const std::size_t tempi = layout_.tempi.size();
    const auto row = ring_.row(t % ring_.rows());
    const float here = start_score(evidence_, layout_.places[p], t);
    const float fresh = t <= layout_.longest ? 0.0f : kImpossible;  // the path may begin within the first beat's length
    if (t < layout_.shortest) {
      for (std::size_t k = 0; k < tempi; ++k) {
        row[p * tempi + k] = fresh + here;
        origins[p * tempi + k] = {.tempo = 0, .place = kNowhere, .extra = 0};
      }
      return;
    }
    std::fill(reached_.begin(), reached_.end(), kImpossible);
    for (std::size_t q = 0; q < layout_.places.size(); ++q) {
      const bool bar_line = layout_.places[p].number == 1 && layout_.places[layout_.places[q].next].number == 1;
      if (layout_.places[q].next == p)
        arrive(q, 0.0f);
      else if (bar_line)
        arrive(q, metre_change_);
    }
    spread();
    for (std::size_t k = 0; k < tempi; ++k) {
      const bool begins = fresh >= reached_[k];
      row[p * tempi + k] = (begins ? fresh : reached_[k]) + here;
      origins[p * tempi + k] = begins ? Origin{.tempo = 0, .place = kNowhere, .extra = 0} : from_[k];
    }
  }

  void arrive(std::size_t q, float cost) {
    for (std::size_t k = 0; k < reached_.size(); ++k) {
      const float score = ended_(q, k) - cost;
      if (score > reached_[k]) {
        reached_[k] = score;
        from_[k] = {
            .tempo = static_cast<std::uint16_t>(k), .place = static_cast<std::uint8_t>(q), .extra = extra_(q, k)};
      }
    }
  }

  // max over k' of reached(k') - stiffness |log(tempo k / tempo k')|: exact in two passes because the cost is a sum of
  // steps.
  void spread() {
    const std::size_t tempi = reached_.size();
    for (std::size_t k = 1; k < tempi; ++k) relax(k, k - 1, layout_.step_cost[k]);
    for (std::size_t k = tempi - 1; k-- > 0;) relax(k, k + 1, layout_.step_cost[k + 1]);
  }
  void relax(std::size_t to, std::size_t from, float cost) {
    if (reached_[from] - cost > reached_[to]) {
      reached_[to] = reached_[from] - cost;
      from_[to] = from_[from];
    }
  }

  const BeatEvidence& evidence_;
  const Layout& layout_;
  float metre_change_;
  Matrix<float> ring_;          // [longest + 1, states], by frame modulo rows
  Matrix<float> ended_;         // [places, tempi]
  Matrix<std::uint8_t> extra_;  // [places, tempi]
  std::vector<float> inner_;    // [longest + 1] by duration
  std::vector<float> reached_;  // [tempi]
  std::vector<Origin> from_;    // [tempi]
};

// Frames are worked through in segments; at each one's start the recursion's memory is kept, so that the way back needs
// the origins of one segment at a time.
class Decoder {
 public:
  Decoder(const BeatEvidence& evidence, const BeatDecoderOptions& options, const Monitor& monitor)
      : monitor_(monitor),
        layout_(make_layout(options, evidence.frame_rate)),
        recursion_(evidence, layout_, options.metre_change),
        heard_(evidence.frames()),
        frames_(evidence.frames() + layout_.longest),
        segment_(std::min(options.segment_frames, frames_)),
        origins_(segment_, layout_.states()) {}

  DecodedBeats run() {
    const std::size_t segments = (frames_ + segment_ - 1) / segment_;
    for (std::size_t s = 0; s < segments; ++s) {
      if (segments > 1) memories_.push_back(recursion_.memory());
      forward(s);
      monitor_.report("beats", static_cast<double>(s + 1) / static_cast<double>(segments));
    }
    return backward(segments - 1);
  }

 private:
  void forward(std::size_t segment) {
    const std::size_t first = segment * segment_, last = std::min(frames_, first + segment_);
    for (std::size_t t = first; t < last; ++t) {
      if (t % 1024 == 0) monitor_.check();
      recursion_.step(t, origins_.row(t - first));
      if (t >= heard_) consider(t);
    }
  }
  // The path's last beat begins at or behind the end of the sound, at most one beat later.
  void consider(std::size_t t) {
    const auto scores = recursion_.scores(t);
    for (std::size_t s = 0; s < scores.size(); ++s) {
      if (scores[s] > best_.score) best_ = {.score = scores[s], .frame = t, .state = s};
    }
  }

  DecodedBeats backward(std::size_t loaded) {
    DecodedBeats result{.beats = {}, .score = best_.score};
    std::size_t t = best_.frame, state = best_.state;
    while (true) {
      if (t < loaded * segment_) {
        loaded = t / segment_;
        recursion_.restore(memories_[loaded]);
        const Best kept = best_;
        forward(loaded);
        best_ = kept;
      }
      const Place& place = layout_.places[state / layout_.tempi.size()];
      if (t < heard_) result.beats.push_back({.frame = t, .number = place.number, .metre = place.metre});
      const Origin origin = origins_(t - loaded * segment_, state);
      if (origin.place == kNowhere) break;
      t -= layout_.tempi[origin.tempo].shortest + origin.extra;
      state = origin.place * layout_.tempi.size() + origin.tempo;
    }
    std::reverse(result.beats.begin(), result.beats.end());
    return result;
  }

  struct Best {
    float score = -std::numeric_limits<float>::infinity();
    std::size_t frame = 0, state = 0;
  };
  const Monitor& monitor_;
  Layout layout_;
  Recursion recursion_;
  std::size_t heard_, frames_, segment_;
  Matrix<Origin> origins_;               // [segment frames, states]
  std::vector<Matrix<float>> memories_;  // [segments] recursion's memory at the start of each
  Best best_;
};

}  // namespace

DecodedBeats decode_beats(const BeatEvidence& evidence, const BeatDecoderOptions& options, const Monitor& monitor) {
  if (evidence.frames() == 0) return {};
  return Decoder(evidence, options, monitor).run();
}

double score_of_path(const BeatEvidence& evidence, const BeatDecoderOptions& options,
                     const std::vector<DecodedBeat>& beats) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  const Layout layout = make_layout(options, evidence.frame_rate);
  const std::size_t tempi = layout.tempi.size();
  if (beats.empty() || beats.front().frame > layout.longest) return kNever;
  std::vector<double> best(tempi, 0.0);  // by the tempo of the beat that begins
  double heard = 0;
  for (std::size_t i = 0; i < beats.size(); ++i) {
    heard += start_score(evidence, {.metre = beats[i].metre, .number = beats[i].number, .next = 0}, beats[i].frame);
    if (i + 1 == beats.size()) break;
    const std::size_t duration = beats[i + 1].frame - beats[i].frame;
    if (duration > layout.longest) return kNever;
    heard += inner_score(evidence, beats[i].frame, duration) + layout.prior[duration];
    if (beats[i].metre != beats[i + 1].metre) heard -= options.metre_change;
    std::vector<double> next(tempi, kNever);
    for (std::size_t from = 0; from < tempi; ++from) {
      if (duration < layout.tempi[from].shortest || duration > layout.tempi[from].longest) continue;
      for (std::size_t to = 0; to < tempi; ++to) {
        const double steps = std::abs(static_cast<double>(to) - static_cast<double>(from));
        next[to] = std::max(next[to], best[from] - steps * layout.step_cost[0]);
      }
    }
    best = std::move(next);
  }
  return heard + *std::max_element(best.begin(), best.end());
}

}  // namespace pop2piano
