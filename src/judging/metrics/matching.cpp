// SPDX-License-Identifier: MIT
#include "judging/metrics/matching.h"

#include <limits>

namespace pop2piano {
namespace {

constexpr std::size_t kFree = std::numeric_limits<std::size_t>::max();

// Phases of breadth-first layering and depth-first augmentation along shortest alternating paths.
class HopcroftKarp {
 public:
  HopcroftKarp(std::span<const std::vector<std::size_t>> edges, std::size_t right_count)
      : edges_(edges), left_(edges.size(), kFree), right_(right_count, kFree), layer_(edges.size()) {}

  void solve() {
    while (layer()) {
      next_edge_.assign(edges_.size(), 0);
      for (std::size_t l = 0; l < edges_.size(); ++l) {
        if (left_[l] == kFree) augment(l);
      }
    }
  }
  [[nodiscard]] std::size_t partner(std::size_t l) const { return left_[l]; }

 private:
  // Distances from the free left vertices; true if a free right vertex can be reached.
  bool layer() {
    std::vector<std::size_t> queue;
    for (std::size_t l = 0; l < edges_.size(); ++l) {
      layer_[l] = left_[l] == kFree ? 0 : kFree;
      if (left_[l] == kFree) queue.push_back(l);
    }
    bool found = false;
    for (std::size_t head = 0; head < queue.size(); ++head) {
      const std::size_t l = queue[head];
      for (const std::size_t r : edges_[l]) {
        if (right_[r] == kFree) {
          found = true;
        } else if (layer_[right_[r]] == kFree) {
          layer_[right_[r]] = layer_[l] + 1;
          queue.push_back(right_[r]);
        }
      }
    }
    return found;
  }

  // Depth-first from a free left vertex, with its own stack: chains of repeated notes can be thousands of steps long.
  void augment(std::size_t root) {
    std::vector<std::size_t> path{root};
    while (!path.empty()) {
      const std::size_t l = path.back();
      if (next_edge_[l] == edges_[l].size()) {
        layer_[l] = kFree;
        path.pop_back();
        if (!path.empty()) ++next_edge_[path.back()];
        continue;
      }
      const std::size_t owner = right_[edges_[l][next_edge_[l]]];
      if (owner == kFree) {
        flip(path);
        return;
      }
      if (layer_[owner] == layer_[l] + 1) {
        path.push_back(owner);
      } else {
        ++next_edge_[l];
      }
    }
  }

  void flip(std::span<const std::size_t> path) {
    for (const std::size_t l : path) {
      const std::size_t r = edges_[l][next_edge_[l]];
      left_[l] = r;
      right_[r] = l;
    }
  }

  std::span<const std::vector<std::size_t>> edges_;
  std::vector<std::size_t> left_, right_, layer_, next_edge_;
};

}  // namespace

std::size_t count_matched_events(std::span<const double> reference, std::span<const double> estimate, double window) {
  std::size_t matched = 0, r = 0;
  for (const double e : estimate) {
    while (r < reference.size() && reference[r] < e - window) ++r;
    if (r < reference.size() && reference[r] <= e + window) {
      ++matched;
      ++r;
    }
  }
  return matched;
}

std::vector<std::optional<std::size_t>> maximum_matching(std::span<const std::vector<std::size_t>> edges,
                                                         std::size_t right_count) {
  HopcroftKarp search(edges, right_count);
  search.solve();
  std::vector<std::optional<std::size_t>> partners(edges.size());
  for (std::size_t l = 0; l < edges.size(); ++l) {
    if (search.partner(l) != kFree) partners[l] = search.partner(l);
  }
  return partners;
}

double f_measure(double precision, double recall) {
  return precision + recall > 0.0 ? 2.0 * precision * recall / (precision + recall) : 0.0;
}

}  // namespace pop2piano
