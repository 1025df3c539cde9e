// SPDX-License-Identifier: MIT
#include "listening/pulse/beat_decoder.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "base/core/matrix.h"

namespace pop2piano {
namespace {

constexpr float kImpossible = -1e30f;
constexpr std::size_t kFewLanes = 8, kManyLanes = 16;  // places of all metres, padded to whole vectors

// One beat of one metre: a row of states, one for each tempo.
struct Place {
  int metre;
  int number;
  std::size_t next;  // place of the following beat; for the last of a bar the first of the same metre
  float cost = 0;    // of beginning a bar here
};

struct Tempo {
  double interval;                // frames
  std::size_t shortest, longest;  // frames, of a beat at this tempo
};

struct Layout {
  std::vector<Place> places;
  std::vector<Tempo> tempi;
  float step_cost = 0;                    // of going from a tempo to its neighbour
  std::vector<float> prior;               // [longest + 1] by duration in frames
  std::size_t shortest = 0, longest = 0;  // frames, over all tempi
};

void check(const BeatDecoderOptions& options) {
  int places = 0;
  bool usable = !options.metres.empty() && options.min_tempo > 0 && options.max_tempo > options.min_tempo &&
                options.tempo_step > 1e-3 && options.preferred_tempo > 0 && options.tempo_spread > 0 &&
                options.segment_frames > 0;
  for (const int metre : options.metres) {
    usable = usable && metre >= 1 && metre <= kMostBeatsOfBar;
    places += metre;
  }
  if (!usable || places > static_cast<int>(kManyLanes)) {
    throw Error(ErrorCode::invalid_argument,
                "beats: expected 0 < min tempo < max tempo and metres of 1 to " + std::to_string(kMostBeatsOfBar) +
                    " beats, together at most 16, found " + std::to_string(options.min_tempo) + ".." +
                    std::to_string(options.max_tempo) + " and " + std::to_string(places) +
                    " beats in all metres; correct the options");
  }
}

double bar_cost(const BeatDecoderOptions& options, int metre) {
  const auto place = std::find(options.metres.begin(), options.metres.end(), metre) - options.metres.begin();
  const auto i = static_cast<std::size_t>(place);
  return i < options.metre_costs.size() ? options.metre_costs[i] : 0.0;
}

Layout make_layout(const BeatDecoderOptions& options, double frame_rate) {
  check(options);
  Layout layout;
  for (const int metre : options.metres) {
    const std::size_t first = layout.places.size();
    for (int number = 1; number <= metre; ++number) {
      const std::size_t next = number == metre ? first : layout.places.size() + 1;
      const double cost = number == 1 ? bar_cost(options, metre) : 0.0;
      layout.places.push_back({.metre = metre, .number = number, .next = next, .cost = static_cast<float>(cost)});
    }
  }
  const double fastest = 60 * frame_rate / options.max_tempo, slowest = 60 * frame_rate / options.min_tempo;
  const double ratio = 1 + options.tempo_step, reach = std::sqrt(ratio);
  for (double interval = fastest; interval <= slowest * reach && layout.tempi.size() < 500; interval *= ratio) {
    layout.tempi.push_back({.interval = interval,
                            .shortest = std::max<std::size_t>(2, static_cast<std::size_t>(interval / reach)),
                            .longest = static_cast<std::size_t>(std::ceil(interval * reach))});
  }
  layout.step_cost = static_cast<float>(options.tempo_stiffness * std::log(ratio));
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

// What a beat from `start` lasting `duration` frames hears on the way, straight or swung.
float inner_score(const BeatEvidence& evidence, std::size_t start, std::size_t duration) {
  const float straight = at(evidence.half, start + duration / 2) + at(evidence.quarter, start + duration / 4) +
                         at(evidence.quarter, start + (3 * duration) / 4);
  const float swung = at(evidence.third, start + duration / 3) + at(evidence.two_thirds, start + (2 * duration) / 3);
  return std::max(straight, swung);
}

float start_score(const BeatEvidence& evidence, const Place& place, std::size_t frame) {
  return at(evidence.beat, frame) - place.cost + place_in_bar(evidence, frame, place.metre, place.number);
}

// Where a state's best path came from, in one word so that comparing and choosing run on vectors.
using Origin = std::uint32_t;
constexpr Origin kNowhere = 0xFFFFFFFF;  // the path begins here
constexpr Origin origin_of(std::size_t tempo, std::size_t place, std::size_t extra_frames) {
  return static_cast<Origin>(tempo << 16 | place << 8 | extra_frames);
}
constexpr std::size_t tempo_of(Origin origin) { return origin >> 16; }
constexpr std::size_t place_of(Origin origin) { return origin >> 8 & 0xFF; }
constexpr std::size_t extra_of(Origin origin) { return origin & 0xFF; }  // beyond the tempo's shortest beat

// The better of two paths, lane by lane.
template <std::size_t kLanes>
void take_better(const float* score, const Origin* origin, float cost, float* best, Origin* best_origin) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    const float candidate = score[i] - cost;
    const bool better = candidate > best[i];
    best[i] = better ? candidate : best[i];
    best_origin[i] = better ? origin[i] : best_origin[i];
  }
}

// The Viterbi recursion over frames. State (tempo, place) at frame t: a beat of that kind begins at t.
template <std::size_t kLanes>
class Recursion {
 public:
  Recursion(const BeatEvidence& evidence, const Layout& layout, double metre_change)
      : evidence_(evidence),
        layout_(layout),
        metre_change_(static_cast<float>(metre_change)),
        ring_(layout.longest + 1, layout.tempi.size() * kLanes, kImpossible),
        inner_(layout.longest + 1),
        ended_(layout.tempi.size(), kLanes),
        ended_from_(layout.tempi.size(), kLanes),
        reached_(layout.tempi.size(), kLanes) {}

  // Advances to frame t; writes origins [states].
  void step(std::size_t t, std::span<Origin> origins) {
    std::fill(reached_.flat().begin(), reached_.flat().end(), kImpossible);
    std::fill(origins.begin(), origins.end(), kNowhere);
    if (t >= layout_.shortest) {
      end_beats(t);
      follow(origins);
      spread(origins);
    }
    begin_beats(t, origins);
  }
  [[nodiscard]] std::span<const float> scores(std::size_t t) const { return ring_.row(t % ring_.rows()); }
  [[nodiscard]] const Matrix<float>& memory() const { return ring_; }
  void restore(const Matrix<float>& memory) { ring_ = memory; }

 private:
  // ended_(tempo, place): best score of a beat that ends at t, over its possible durations.
  void end_beats(std::size_t t) {
    for (std::size_t d = layout_.shortest; d <= std::min(t, layout_.longest); ++d) {
      inner_[d] = inner_score(evidence_, t - d, d) + layout_.prior[d];
    }
    std::fill(ended_.flat().begin(), ended_.flat().end(), kImpossible);
    for (std::size_t k = 0; k < layout_.tempi.size(); ++k) {
      const Tempo& tempo = layout_.tempi[k];
      for (std::size_t d = tempo.shortest; d <= std::min(t, tempo.longest); ++d) {
        std::array<Origin, kLanes> origin;
        for (std::size_t p = 0; p < kLanes; ++p) origin[p] = origin_of(k, p, d - tempo.shortest);
        const float* before = ring_.row((t - d) % ring_.rows()).data() + k * kLanes;
        take_better<kLanes>(before, origin.data(), -inner_[d], ended_.row(k).data(), ended_from_.row(k).data());
      }
    }
  }

  // A beat is followed by the next of its bar; the last one by the first of any metre.
  void follow(std::span<Origin> origins) {
    for (std::size_t q = 0; q < layout_.places.size(); ++q) {
      for (std::size_t p = 0; p < layout_.places.size(); ++p) {
        const std::size_t next = layout_.places[q].next;
        const bool bar_line = layout_.places[p].number == 1 && layout_.places[next].number == 1;
        if (next != p && !bar_line) continue;
        arrive(q, p, next == p ? 0.0f : metre_change_, origins);
      }
    }
  }
  void arrive(std::size_t q, std::size_t p, float cost, std::span<Origin> origins) {
    for (std::size_t k = 0; k < layout_.tempi.size(); ++k) {
      const float score = ended_(k, q) - cost;
      if (score <= reached_(k, p)) continue;
      reached_(k, p) = score;
      origins[k * kLanes + p] = ended_from_(k, q);
    }
  }

  // max over k' of reached(k') - stiffness |log(tempo k / tempo k')|: two passes are exact, the cost is a sum of steps.
  void spread(std::span<Origin> origins) {
    const std::size_t tempi = layout_.tempi.size();
    for (std::size_t k = 1; k < tempi; ++k) relax(k, k - 1, origins);
    for (std::size_t k = tempi - 1; k-- > 0;) relax(k, k + 1, origins);
  }
  void relax(std::size_t to, std::size_t from, std::span<Origin> origins) {
    take_better<kLanes>(reached_.row(from).data(), origins.data() + from * kLanes, layout_.step_cost,
                        reached_.row(to).data(), origins.data() + to * kLanes);
  }

  // The path may also begin here, within the first beat's length.
  void begin_beats(std::size_t t, std::span<Origin> origins) {
    const float fresh = t <= layout_.longest ? 0.0f : kImpossible;
    std::array<float, kLanes> here{};
    for (std::size_t p = 0; p < layout_.places.size(); ++p) here[p] = start_score(evidence_, layout_.places[p], t);
    float* row = ring_.row(t % ring_.rows()).data();
    for (std::size_t k = 0; k < layout_.tempi.size(); ++k) {
      for (std::size_t p = 0; p < kLanes; ++p) {
        const std::size_t state = k * kLanes + p;
        const bool begins = fresh >= reached_(k, p);
        row[state] = (begins ? fresh : reached_(k, p)) + here[p];
        origins[state] = begins ? kNowhere : origins[state];
      }
    }
  }

  const BeatEvidence& evidence_;
  const Layout& layout_;
  float metre_change_;
  Matrix<float> ring_;         // [longest + 1, states], by frame modulo rows
  std::vector<float> inner_;   // [longest + 1] by duration
  Matrix<float> ended_;        // [tempi, kLanes]
  Matrix<Origin> ended_from_;  // [tempi, kLanes]
  Matrix<float> reached_;      // [tempi, kLanes]
};

float steps_between(std::size_t a, std::size_t b) { return static_cast<float>(a > b ? a - b : b - a); }

// Frames are worked through in segments; at each one's start the recursion's memory is kept, so that the way back needs
// the origins of one segment at a time.
template <std::size_t kLanes>
class Decoder {
 public:
  Decoder(const BeatEvidence& evidence, const BeatDecoderOptions& options, const Monitor& monitor)
      : evidence_(evidence),
        monitor_(monitor),
        layout_(make_layout(options, evidence.frame_rate)),
        recursion_(evidence, layout_, options.metre_change),
        heard_(evidence.frames()),
        frames_(evidence.frames() + layout_.longest),
        segment_(std::min(options.segment_frames, frames_)),
        origins_(segment_, layout_.tempi.size() * kLanes) {}

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
      if (s % kLanes >= layout_.places.size()) continue;
      if (scores[s] > best_.score) best_ = {.score = scores[s], .frame = t, .state = s};
    }
  }

  DecodedBeats backward(std::size_t loaded) {
    DecodedBeats result{.beats = {}, .score = best_.score};
    std::size_t t = best_.frame, state = best_.state;
    float onward = 0;
    while (true) {
      if (t < loaded * segment_) {
        loaded = t / segment_;
        recursion_.restore(memories_[loaded]);
        const Best kept = best_;
        forward(loaded);
        best_ = kept;
      }
      const Place& place = layout_.places[state % kLanes];
      if (t < heard_) {
        const float gain = start_score(evidence_, place, t) + onward;
        result.beats.push_back({.frame = t, .number = place.number, .metre = place.metre, .gain = gain});
      }
      const Origin origin = origins_(t - loaded * segment_, state);
      if (origin == kNowhere) break;
      const std::size_t duration = layout_.tempi[tempo_of(origin)].shortest + extra_of(origin);
      onward = inner_score(evidence_, t - duration, duration) + layout_.prior[duration] -
               layout_.step_cost * steps_between(tempo_of(origin), state / kLanes);
      t -= duration;
      state = tempo_of(origin) * kLanes + place_of(origin);
    }
    std::reverse(result.beats.begin(), result.beats.end());
    return result;
  }

  struct Best {
    float score = -std::numeric_limits<float>::infinity();
    std::size_t frame = 0, state = 0;
  };
  const BeatEvidence& evidence_;
  const Monitor& monitor_;
  Layout layout_;
  Recursion<kLanes> recursion_;
  std::size_t heard_, frames_, segment_;
  Matrix<Origin> origins_;               // [segment frames, states]
  std::vector<Matrix<float>> memories_;  // [segments] recursion's memory at the start of each
  Best best_;
};

}  // namespace

DecodedBeats decode_beats(const BeatEvidence& evidence, const BeatDecoderOptions& options, const Monitor& monitor) {
  if (evidence.frames() == 0) return {};
  std::size_t places = 0;
  for (const int metre : options.metres) places += static_cast<std::size_t>(std::clamp(metre, 0, 99));
  if (places <= kFewLanes) return Decoder<kFewLanes>(evidence, options, monitor).run();
  return Decoder<kManyLanes>(evidence, options, monitor).run();
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
    const double cost = beats[i].number == 1 ? bar_cost(options, beats[i].metre) : 0.0;
    const Place place{.metre = beats[i].metre, .number = beats[i].number, .next = 0, .cost = static_cast<float>(cost)};
    heard += start_score(evidence, place, beats[i].frame);
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
        next[to] = std::max(next[to], best[from] - steps * layout.step_cost);
      }
    }
    best = std::move(next);
  }
  return heard + *std::max_element(best.begin(), best.end());
}

}  // namespace pop2piano
