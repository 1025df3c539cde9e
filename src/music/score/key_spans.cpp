// SPDX-License-Identifier: MIT
#include "music/score/key_spans.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "music/score/bars.h"
#include "music/score/key.h"

namespace pop2piano {
namespace {

constexpr std::size_t kSignatures = 12;
constexpr double kChange = 11.0;             // nats, of a new signature
constexpr double kBarWeight = 8.0;           // notes that a full bar counts for
constexpr int kLongest = 2 * kStepsPerBeat;  // steps; a longer note counts as much as this
constexpr int kLeastBars = 8;                // that a signature must last

/// Probability of each pitch class above the tonic of the major key of a signature: the major profile and that of its
/// relative minor (Albrecht and Shanahan 2013) in equal parts.
constexpr std::array<double, 12> kSignatureProfile = {0.1805, 0.0125, 0.1070, 0.0090, 0.1755, 0.0780,
                                                      0.0190, 0.1375, 0.0305, 0.1500, 0.0070, 0.0925};

struct BarContent {
  Bar bar;
  PitchClassWeights weights{};  // sums to kBarWeight, less where little sounds
};

std::vector<BarContent> bar_contents(std::span<const Note> notes, const BeatGrid& grid) {
  int first = notes.front().onset, last = notes.front().onset;
  for (const Note& note : notes) {
    first = std::min(first, note.onset);
    last = std::max(last, note.onset);
  }
  std::vector<BarContent> bars;
  for (const Bar& bar : bars_between(grid, bar_start(grid, beat_of_step(first)), beat_of_step(last) + 1)) {
    bars.push_back({bar, {}});
  }
  for (const Note& note : notes) {
    const int beat = beat_of_step(note.onset);
    const auto after = std::upper_bound(bars.begin(), bars.end(), beat, [](int value, const BarContent& content) {
      return value < content.bar.first_beat;
    });
    if (after == bars.begin()) continue;
    std::prev(after)->weights[static_cast<std::size_t>(note.pitch % 12)] +=
        static_cast<double>(std::min(note.duration, kLongest)) / kStepsPerBeat;
  }
  for (BarContent& content : bars) {
    double total = 0.0;
    for (const double weight : content.weights) total += weight;
    const double scale = total > kBarWeight / 2 ? kBarWeight / total : 2.0;
    for (double& weight : content.weights) weight *= scale;
  }
  return bars;
}

/// `tonic`: pitch class of the major key of the signature.
double log_likelihood(const BarContent& content, int tonic) {
  double sum = 0.0;
  for (int i = 0; i < 12; ++i) {
    const double weight = content.weights[static_cast<std::size_t>((i + tonic) % 12)];
    if (weight > 0.0) sum += weight * std::log(kSignatureProfile[static_cast<std::size_t>(i)]);
  }
  return sum;
}

/// [bars] pitch class of the major tonic.
std::vector<int> best_signatures(const std::vector<BarContent>& bars) {
  std::array<double, kSignatures> score{};
  std::vector<std::array<std::uint8_t, kSignatures>> came_from(bars.size());
  for (std::size_t t = 0; t < bars.size(); ++t) {
    const auto best = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
    std::array<double, kSignatures> next{};
    for (std::size_t s = 0; s < kSignatures; ++s) {
      const bool stay = t == 0 || score[s] >= score[best] - kChange;
      came_from[t][s] = static_cast<std::uint8_t>(stay ? s : best);
      next[s] = (stay ? score[s] : score[best] - kChange) + log_likelihood(bars[t], static_cast<int>(s));
    }
    score = next;
  }
  std::vector<int> path(bars.size());
  auto state = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
  for (std::size_t t = bars.size(); t-- > 0;) {
    path[t] = static_cast<int>(state);
    state = came_from[t][state];
  }
  return path;
}

/// A passage shorter than kLeastBars keeps the signature before it (the first one takes the one after).
void drop_brief_changes(std::vector<int>& path) {
  for (std::size_t from = 0; from < path.size();) {
    std::size_t to = from;
    while (to < path.size() && path[to] == path[from]) ++to;
    const bool brief = to - from < kLeastBars && (from > 0 || to < path.size());
    if (brief) {
      const int instead = from > 0 ? path[from - 1] : path[to];
      std::fill(path.begin() + static_cast<std::ptrdiff_t>(from), path.begin() + static_cast<std::ptrdiff_t>(to),
                instead);
    }
    from = to;
  }
}

/// A key's mode by which of its two tonics fits better: find_key() with all other signatures left out.
Key key_with_signature(std::span<const Note> notes, const Key& major) {
  const PitchClassWeights weights = pitch_class_weights(notes);
  const auto stable = [&](int tonic, int third) {  // the tonic triad
    return weights[static_cast<std::size_t>(tonic % 12)] + weights[static_cast<std::size_t>((tonic + third) % 12)] +
           weights[static_cast<std::size_t>((tonic + 7) % 12)];
  };
  const int tonic = (major.fifths * 7 % 12 + 12) % 12;
  return {.fifths = major.fifths, .minor = stable(tonic + 9, 3) > stable(tonic, 4)};
}

Key key_of_span(std::span<const Note> notes, int first_beat, int end_beat, int major_tonic) {
  std::vector<Note> inside;
  std::copy_if(notes.begin(), notes.end(), std::back_inserter(inside), [&](const Note& note) {
    const int beat = beat_of_step(note.onset);
    return beat >= first_beat && beat < end_beat;
  });
  const Key major = key_with_tonic(major_tonic, false);
  const Key found = find_key(inside);
  return found.fifths == major.fifths ? found : key_with_signature(inside, major);
}

}  // namespace

std::vector<KeySpan> find_key_spans(std::span<const Note> notes, const BeatGrid& grid) {
  if (notes.empty()) return {};
  const std::vector<BarContent> bars = bar_contents(notes, grid);
  std::vector<int> path = best_signatures(bars);
  drop_brief_changes(path);
  std::vector<KeySpan> spans;
  for (std::size_t from = 0; from < path.size();) {
    std::size_t to = from;
    while (to < path.size() && path[to] == path[from]) ++to;
    const int first_beat = bars[from].bar.first_beat;
    const int end_beat = bars[to - 1].bar.first_beat + bars[to - 1].bar.beats;
    spans.push_back({first_beat, key_of_span(notes, first_beat, end_beat, path[from])});
    from = to;
  }
  return spans;
}

void find_keys(Score& score) {
  if (!score.keys.empty() || score.notes.empty()) return;
  const std::vector<KeySpan> found = find_key_spans(score.notes, score.grid);
  if (found.size() < 2) {
    if (!score.key) score.key = found.front().key;
    return;
  }
  int last = score.notes.front().onset;
  for (const Note& note : score.notes) last = std::max(last, note.onset);
  score.keys = found;
  score.key = longest_key(score.keys, beat_of_step(last) + 1);
}

void settle_keys(Score& score) {
  if (score.keys.empty()) {
    const auto found = find_key_spans(score.notes, score.grid);
    score.key = found.size() == 1 ? found.front().key : find_key(score.notes);
    return;
  }
  for (KeySpan& span : score.keys) span.first_beat = bar_start(score.grid, span.first_beat);
  int last = score.keys.back().first_beat;
  for (const Note& note : score.notes) last = std::max(last, beat_of_step(note.onset));
  score.key = longest_key(score.keys, last + 1);
  if (score.keys.size() == 1) score.keys.clear();
}

Key key_at(const Score& score, int beat) {
  if (score.keys.empty()) return score.key ? *score.key : find_key(score.notes);
  const auto after = std::upper_bound(score.keys.begin(), score.keys.end(), beat,
                                      [](int value, const KeySpan& span) { return value < span.first_beat; });
  return after == score.keys.begin() ? score.keys.front().key : std::prev(after)->key;
}

Key longest_key(std::span<const KeySpan> spans, int end_beat) {
  std::map<std::pair<int, bool>, int> beats;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const int end = i + 1 < spans.size() ? spans[i + 1].first_beat : end_beat;
    beats[{spans[i].key.fifths, spans[i].key.minor}] += std::max(0, end - spans[i].first_beat);
  }
  const auto most =
      std::max_element(beats.begin(), beats.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return {.fifths = most->first.first, .minor = most->first.second};
}

}  // namespace pop2piano
