// SPDX-License-Identifier: MIT
#include "writing/figures/figure_choice.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "music/score/compound.h"
#include "writing/figures/figure_costs.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBars = 2048;       // of each place that are considered, the cheapest
constexpr std::size_t kFollowers = 512;   // and those that follow the cheapest paths so far
constexpr std::size_t kPlacesAtOnce = 8;  // whose costs are computed side by side
constexpr int kRounds = 8;                // of looking for a path whose bars return, at most

/// A bar in a key at a place, and the cheapest path to it.
struct State {
  std::size_t id = 0;      // bar * kFigureKeys + key
  float own = 0.0F;        // what it costs there
  float gain = 0.0F;       // less this, as it stands at an earlier place, too
  float cost = 0.0F;       // with the path
  std::size_t before = 0;  // index of the state at the place before
};
using States = std::vector<State>;  // by id

// The keys of the cheapest bars, and what follows `leaders`, by id.
States candidates(const FigureBank& bank, const std::vector<float>& costs, const States& leaders) {
  std::vector<float> cheapest(bank.size());
  for (std::size_t i = 0; i < bank.size(); ++i) {
    const float* keys = costs.data() + i * kFigureKeys;
    cheapest[i] = *std::min_element(keys, keys + kFigureKeys);
  }
  std::vector<float> order = cheapest;
  const auto last = static_cast<std::ptrdiff_t>(std::min(kBars, order.size()) - 1);
  std::nth_element(order.begin(), order.begin() + last, order.end());
  const float most = order[static_cast<std::size_t>(last)];
  States states;
  for (std::size_t i = 0; i < bank.size(); ++i) {
    if (cheapest[i] > most) continue;
    for (std::size_t k = 0; k < kFigureKeys; ++k) {
      const std::size_t id = i * kFigureKeys + k;
      if (costs[id] <= most) states.push_back({.id = id, .own = costs[id], .cost = costs[id]});
    }
  }
  for (const State& leader : leaders) {
    const std::size_t id = leader.id + kFigureKeys;
    if (id < costs.size() && bank.bar(id / kFigureKeys).follows)
      states.push_back({.id = id, .own = costs[id], .cost = costs[id]});
  }
  std::ranges::sort(states, {}, &State::id);
  const auto same = [](const State& a, const State& b) { return a.id == b.id; };
  states.erase(std::unique(states.begin(), states.end(), same), states.end());
  return states;
}

States cheapest_of(States states, std::size_t count) {
  std::ranges::sort(states,
                    [](const State& a, const State& b) { return a.cost != b.cost ? a.cost < b.cost : a.id < b.id; });
  states.resize(std::min(count, states.size()));
  return states;
}

/// Adds the cheapest way from the states before to each of `states`.
class Steps {
 public:
  Steps(const FigureBank& bank, const FigureWeights& weights)
      : bank_(bank), weights_(weights), of_song_(bank.songs() * kFigureKeys) {}

  void join(const States& before, States& states) {
    std::ranges::fill(of_song_, std::nullopt);
    std::size_t best = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i].cost < before[best].cost) best = i;
      std::optional<std::size_t>& of_song = of_song_[place_of(before[i].id)];
      if (!of_song || before[i].cost < before[*of_song].cost) of_song = i;
    }
    std::size_t at = 0, bar_at = 0;  // ids of both increase
    for (State& state : states) {
      std::size_t from = best;
      float way = before[best].cost + weights_.jump;
      if (const auto& same = of_song_[place_of(state.id)]; same && before[*same].cost + weights_.within < way) {
        from = *same;
        way = before[from].cost + weights_.within;
      }
      const std::size_t first_key = state.id - state.id % kFigureKeys;
      while (bar_at < before.size() && before[bar_at].id < first_key) ++bar_at;
      for (std::size_t i = bar_at; i < before.size() && before[i].id < first_key + kFigureKeys; ++i) {
        if (before[i].cost + weights_.repeat >= way) continue;
        from = i;
        way = before[i].cost + weights_.repeat;
      }
      if (state.id >= kFigureKeys && bank_.bar(state.id / kFigureKeys).follows) {
        while (at < before.size() && before[at].id + kFigureKeys < state.id) ++at;
        if (at < before.size() && before[at].id + kFigureKeys == state.id && before[at].cost <= way) {
          from = at;
          way = before[at].cost;
        }
      }
      state.cost = state.own - state.gain + way;
      state.before = from;
    }
  }

 private:
  [[nodiscard]] std::size_t place_of(std::size_t id) const {
    return static_cast<std::size_t>(bank_.bar(id / kFigureKeys).song) * kFigureKeys + id % kFigureKeys;
  }

  const FigureBank& bank_;
  const FigureWeights& weights_;
  std::vector<std::optional<std::size_t>> of_song_;  // [songs * keys] the cheapest state before
};

// [places] the earlier place that stands for it, itself where none does.
std::vector<std::size_t> returned(const FigureRequest& request, std::span<const FigurePlace> places) {
  const WriterSong& song = request.song;
  std::vector<std::size_t> from;
  for (std::size_t i = 0; i < places.size(); ++i) {
    from.push_back(i);
    const int beat = song.returns.empty() ? -1 : song.returns[static_cast<std::size_t>(places[i].first)];
    if (beat < 0 || request.varies(places[i])) continue;
    const auto found = std::ranges::lower_bound(places.first(i), beat, {}, &FigurePlace::first);
    const auto j = static_cast<std::size_t>(found - places.begin());
    if (j < i && found->first == beat && found->end - beat == places[i].end - places[i].first) from[i] = from[j];
  }
  return from;
}

std::vector<std::size_t> trace_back(const std::vector<States>& all) {
  std::vector<std::size_t> ids(all.size());
  std::size_t at = 0;
  for (std::size_t i = 1; i < all.back().size(); ++i)
    if (all.back()[i].cost < all.back()[at].cost) at = i;
  for (std::size_t place = all.size(); place-- > 0;) {
    ids[place] = all[place][at].id;
    at = all[place][at].before;
  }
  return ids;
}

/// The states of each place, joined as the cheapest paths.
std::vector<States> considered(const FigureBank& bank, const FigureCosts& costs, std::span<const FigurePlace> places,
                               Steps& steps, ThreadPool& pool, const Monitor& monitor) {
  std::vector<States> all(places.size());
  std::vector<std::vector<float>> batch(std::min(kPlacesAtOnce, places.size()));
  States leaders;
  for (std::size_t start = 0; start < places.size(); start += batch.size()) {
    monitor.check();
    const std::size_t count = std::min(batch.size(), places.size() - start);
    pool.run(count, [&](std::size_t i) { costs.at(places[start + i], batch[i]); });
    for (std::size_t i = start; i < start + count; ++i) {
      all[i] = candidates(bank, batch[i - start], leaders);
      if (i > 0) steps.join(all[i - 1], all[i]);
      leaders = cheapest_of(all[i], kFollowers);
    }
  }
  return all;
}

/// The bars that stand on a path before a place, and in which keys.
class Standing {
 public:
  explicit Standing(std::size_t bars) : keys_(bars * kFigureKeys), bars_(bars) {}

  void add(std::size_t id) {
    keys_[id] = true;
    bars_[id / kFigureKeys] = true;
  }
  [[nodiscard]] float gain(std::size_t id, const FigureWeights& weights) const {
    if (keys_[id]) return weights.reuse;
    return bars_[id / kFigureKeys] ? weights.figure : 0.0F;
  }

 private:
  std::vector<bool> keys_, bars_;
};

/// The cheapest path where a bar that stands at an earlier place of it gains: the states are joined again, with what
/// stands on the path so far, until it stays. What is written again looks only at what is written again.
std::vector<std::size_t> returning_path(const FigureBank& bank, std::vector<States>& all,
                                        const std::vector<bool>& varies, const FigureWeights& weights, Steps& steps) {
  std::vector<std::size_t> path = trace_back(all);
  if (weights.reuse <= 0.0F && weights.figure <= 0.0F) return path;
  for (int round = 0; round < kRounds; ++round) {
    std::array standing{Standing(bank.size()), Standing(bank.size())};
    for (std::size_t place = 0; place < all.size(); ++place) {
      Standing& before = standing[varies[place] ? 1 : 0];
      for (State& state : all[place]) {
        state.gain = before.gain(state.id, weights);
        state.cost = state.own - state.gain;
      }
      if (place > 0) steps.join(all[place - 1], all[place]);
      before.add(path[place]);
    }
    std::vector<std::size_t> next = trace_back(all);
    if (next == path) break;
    path = std::move(next);
  }
  return path;
}

}  // namespace

bool has_figures(const WriterSong& song) {
  return (song.beats_per_bar == 2 || song.beats_per_bar == 4) && !has_dotted_beats(song.melody);
}

std::vector<FigurePlace> figure_places(const WriterSong& song) {
  std::vector<FigurePlace> places;
  int first = 0, bars = 0;
  for (int beat = 1; beat <= song.beats(); ++beat) {
    const bool ends = beat == song.beats() || song.beat_numbers[static_cast<std::size_t>(beat)] == 1;
    if (ends) ++bars;
    const bool paired = song.beats_per_bar == 2 && bars == 1 && beat - first == 2 && beat < song.beats();
    if ((ends && !paired) || beat - first == kFigureBeats) {
      places.push_back({first, beat});
      first = beat;
      bars = 0;
    }
  }
  return places;
}

std::vector<ChosenFigure> choose_figures(const FigureBank& bank, const FigureRequest& request,
                                         std::span<const FigurePlace> places, const FigureWeights& weights,
                                         ThreadPool& pool, const Monitor& monitor) {
  const FigureCosts costs(bank, request, weights);
  const std::vector<std::size_t> from = returned(request, places);
  std::vector<std::size_t> asked, index(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    index[i] = asked.size();
    if (from[i] == i) asked.push_back(i);
  }
  if (asked.empty()) return {};
  std::vector<FigurePlace> distinct;
  std::vector<bool> varies;
  distinct.reserve(asked.size());
  for (const std::size_t place : asked) {
    distinct.push_back(places[place]);
    varies.push_back(request.varies(places[place]));
  }
  Steps steps(bank, weights);
  std::vector<States> all = considered(bank, costs, distinct, steps, pool, monitor);
  const std::vector<std::size_t> ids = returning_path(bank, all, varies, weights, steps);
  std::vector<ChosenFigure> chosen;
  for (const std::size_t place : from) {
    const std::size_t id = ids[index[place]];
    chosen.push_back({.bar = id / kFigureKeys, .shift = static_cast<int>(id % kFigureKeys) + kLowestShift});
  }
  return chosen;
}

}  // namespace pop2piano
