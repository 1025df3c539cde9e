// SPDX-License-Identifier: MIT
#include "music/score/harmony.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>

#include "music/score/bars.h"
#include "music/score/spelling.h"

namespace pop2piano {
namespace {

constexpr int kFlattestName = -8, kSharpestName = 12;  // Fb and B# on the line of fifths; beyond, accidentals double
constexpr int kDoubleAccidental = 12;                  // what one costs, in fifths: B# minor in E major becomes C minor

constexpr std::size_t kQualities = 10;  // without none
constexpr std::size_t kStates = 12 * kQualities;

struct Template {
  ChordQuality quality;
  std::array<int, 4> intervals;
  std::size_t size;
  double cost;  // of choosing it over a plain triad
  const char* symbol;
};
constexpr std::array<Template, kQualities> kTemplates = {{
    {ChordQuality::major, {0, 4, 7}, 3, 0.0, ""},
    {ChordQuality::minor, {0, 3, 7}, 3, 0.0, "m"},
    {ChordQuality::diminished, {0, 3, 6}, 3, 0.20, "dim"},
    {ChordQuality::augmented, {0, 4, 8}, 3, 0.25, "aug"},
    {ChordQuality::suspended_fourth, {0, 5, 7}, 3, 0.12, "sus4"},
    {ChordQuality::suspended_second, {0, 2, 7}, 3, 0.16, "sus2"},
    {ChordQuality::dominant_seventh, {0, 4, 7, 10}, 4, 0.12, "7"},
    {ChordQuality::major_seventh, {0, 4, 7, 11}, 4, 0.14, "maj7"},
    {ChordQuality::minor_seventh, {0, 3, 7, 10}, 4, 0.12, "m7"},
    {ChordQuality::half_diminished, {0, 3, 6, 10}, 4, 0.22, "m7b5"},
}};

constexpr double kMelodyWeight = 0.5, kOutside = 0.9;        // a tone outside the chord counts so much against it
constexpr double kMissingRoot = 0.12, kMissingThird = 0.10;  // when it does not sound at all
constexpr double kBassIsRoot = 0.30, kBassIsOutside = 0.25;
constexpr std::array<double, 3> kChange = {0.25, 0.40, 0.75};  // on a downbeat, in the middle of the bar, elsewhere

/// What sounds in one beat.
struct BeatContent {
  std::array<double, 12> weights{};  // share of the time of each pitch class, sums to 1 (or all 0)
  int bass = -1;                     // pitch class of the lowest note
  bool silent = true;
};

void add_note(std::vector<BeatContent>& beats, std::vector<int>& lowest, int first_beat, const Note& note) {
  const int last = beat_of_step(note.offset() - 1);
  for (int beat = beat_of_step(note.onset); beat <= last; ++beat) {
    const auto index = static_cast<std::size_t>(beat - first_beat);
    const int from = std::max(note.onset, beat * kStepsPerBeat);
    const int to = std::min(note.offset(), (beat + 1) * kStepsPerBeat);
    const double weight = (to - from) * (note.voice == Voice::melody ? kMelodyWeight : 1.0);
    beats[index].weights[static_cast<std::size_t>(note.pitch % 12)] += weight;
    beats[index].silent = false;
    const bool brief = to - from < kStepsPerBeat / 3 && note.duration >= kStepsPerBeat / 3;  // a tail from before
    if (!brief && note.pitch < lowest[index]) {
      lowest[index] = note.pitch;
      beats[index].bass = note.pitch % 12;
    }
  }
}

std::vector<BeatContent> beat_contents(std::span<const Note> notes, int first_beat, int count) {
  std::vector<BeatContent> beats(static_cast<std::size_t>(count));
  std::vector<int> lowest(beats.size(), std::numeric_limits<int>::max());
  for (const Note& note : notes) add_note(beats, lowest, first_beat, note);
  for (BeatContent& beat : beats) {
    double total = 0.0;
    for (const double weight : beat.weights) total += weight;
    for (double& weight : beat.weights) weight = total > 0.0 ? weight / total : 0.0;
  }
  return beats;
}

double fit(const BeatContent& beat, int root, const Template& type) {
  if (beat.silent) return 0.0;
  double inside = 0.0;
  bool bass_inside = false;
  for (std::size_t i = 0; i < type.size; ++i) {
    const int tone = (root + type.intervals[i]) % 12;
    inside += beat.weights[static_cast<std::size_t>(tone)];
    bass_inside = bass_inside || tone == beat.bass;
  }
  double score = inside - kOutside * (1.0 - inside) - type.cost;
  if (beat.weights[static_cast<std::size_t>(root)] <= 0.0) score -= kMissingRoot;
  if (beat.weights[static_cast<std::size_t>((root + type.intervals[1]) % 12)] <= 0.0) score -= kMissingThird;
  if (beat.bass == root) score += kBassIsRoot;
  if (beat.bass >= 0 && !bass_inside) score -= kBassIsOutside;
  return score;
}

double change_cost(const BeatGrid& grid, int beat) {
  const int number = beat_number(grid, beat);
  if (number == 1) return kChange[0];
  return grid.beats_per_bar % 2 == 0 && number == grid.beats_per_bar / 2 + 1 ? kChange[1] : kChange[2];
}

using StateScores = std::array<double, kStates>;

StateScores fits_of(const BeatContent& beat) {
  StateScores fits;
  for (std::size_t state = 0; state < kStates; ++state) {
    fits[state] = fit(beat, static_cast<int>(state / kQualities), kTemplates[state % kQualities]);
  }
  return fits;
}

/// The best path through the states (root * kQualities + quality). A file of a few bytes can hold a note, or a silence,
/// of ten thousand beats: a beat that is like the one before costs little time, and no memory but its row's number.
class StatePath {
 public:
  /// The next beat, where coming from another state costs `change`.
  void add(const BeatContent& beat, double change) {
    const double from_best = score_[best_] - change;
    if (beat.silent && from_best <= *std::min_element(score_.begin(), score_.end())) return put(kStay);
    if (!known_ || known_->silent != beat.silent || known_->bass != beat.bass || known_->weights != beat.weights) {
      fits_ = fits_of(beat);
      known_ = beat;
    }
    Row row;
    std::size_t best = 0;
    for (std::size_t state = 0; state < kStates; ++state) {
      const bool stay = row_of_.empty() || score_[state] >= from_best;
      row[state] = static_cast<std::uint8_t>(stay ? state : best_);
      score_[state] = (stay ? score_[state] : from_best) + fits_[state];
      if (score_[state] > score_[best]) best = state;
    }
    best_ = best;
    put(row);
  }

  /// [beats] the state of each.
  [[nodiscard]] std::vector<std::size_t> states() const {
    std::vector<std::size_t> states(row_of_.size());
    std::size_t state = best_;
    for (std::size_t t = row_of_.size(); t-- > 0;) {
      states[t] = state;
      state = rows_[row_of_[t]][state];
    }
    return states;
  }

 private:
  using Row = std::array<std::uint8_t, kStates>;  // where each state came from
  static constexpr Row kStay = [] {
    Row row{};
    for (std::size_t state = 0; state < kStates; ++state) row[state] = static_cast<std::uint8_t>(state);
    return row;
  }();

  void put(const Row& row) {
    if (rows_.empty() || rows_.back() != row) rows_.push_back(row);
    row_of_.push_back(static_cast<std::uint32_t>(rows_.size() - 1));
  }

  StateScores score_{}, fits_{};
  std::size_t best_ = 0;              // the state with the greatest score
  std::optional<BeatContent> known_;  // what fits_ is of
  std::vector<Row> rows_;
  std::vector<std::uint32_t> row_of_;  // [beats] index into rows_
};

/// [beats] the state of each beat.
std::vector<std::size_t> best_states(const std::vector<BeatContent>& beats, const BeatGrid& grid, int first_beat) {
  StatePath path;
  for (std::size_t t = 0; t < beats.size(); ++t) {
    path.add(beats[t], change_cost(grid, first_beat + static_cast<int>(t)));
  }
  return path.states();
}

int longest_bass(std::span<const BeatContent> beats) {
  std::array<int, 12> count{};
  for (const BeatContent& beat : beats) {
    if (beat.bass >= 0) ++count[static_cast<std::size_t>(beat.bass)];
  }
  if (beats.front().bass >= 0) ++count[static_cast<std::size_t>(beats.front().bass)];  // the first one decides ties
  return static_cast<int>(std::max_element(count.begin(), count.end()) - count.begin());
}

const Template* template_of(ChordQuality quality) {
  const auto found =
      std::find_if(kTemplates.begin(), kTemplates.end(), [&](const Template& type) { return type.quality == quality; });
  return found == kTemplates.end() ? nullptr : &*found;
}

std::string text_of(const SpelledPitch& name) {
  return std::string(1, name.step) + (name.alter < 0 ? std::string(static_cast<std::size_t>(-name.alter), 'b')
                                                     : std::string(static_cast<std::size_t>(name.alter), '#'));
}

}  // namespace

std::vector<ChordSpan> find_chords(std::span<const Note> notes, const BeatGrid& grid) {
  if (notes.empty()) return {};
  int first = notes.front().onset, last = notes.front().offset();
  for (const Note& note : notes) {
    first = std::min(first, note.onset);
    last = std::max(last, note.offset());
  }
  const int first_beat = beat_of_step(first);
  const int count = beat_of_step(last - 1) - first_beat + 1;
  const std::vector<BeatContent> beats = beat_contents(notes, first_beat, count);
  const std::vector<std::size_t> states = best_states(beats, grid, first_beat);
  std::vector<ChordSpan> chords;
  for (std::size_t from = 0; from < beats.size();) {
    std::size_t to = from;
    while (to < beats.size() && states[to] == states[from] && beats[to].silent == beats[from].silent) ++to;
    ChordSpan chord{.first_beat = first_beat + static_cast<int>(from), .beats = static_cast<int>(to - from)};
    if (!beats[from].silent) {
      chord.root = static_cast<int>(states[from] / kQualities);
      chord.quality = kTemplates[states[from] % kQualities].quality;
      chord.bass = longest_bass(std::span(beats).subspan(from, to - from));
    }
    chords.push_back(chord);
    from = to;
  }
  return chords;
}

std::vector<ChordSpan> heard_chords(std::span<const BeatHarmony> beats, int first_beat, int end_beat) {
  std::vector<ChordSpan> chords;
  for (int b = std::max(0, first_beat); b < std::min(end_beat, static_cast<int>(beats.size())); ++b) {
    const BeatHarmony& heard = beats[static_cast<std::size_t>(b)];
    ChordSpan chord{.first_beat = b};
    if (heard.root >= 0) {
      chord.root = heard.root;
      chord.quality = heard.quality;
      chord.bass = heard.bass;
    }
    ChordSpan* last = chords.empty() ? nullptr : &chords.back();
    if (last != nullptr && last->root == chord.root && last->quality == chord.quality && last->bass == chord.bass) {
      ++last->beats;
    } else {
      chords.push_back(chord);
    }
  }
  return chords;
}

std::vector<ChordSpan> chords_of(const Score& score) {
  return score.chords.empty() ? find_chords(score.notes, score.grid) : score.chords;
}

std::span<const int> chord_intervals(ChordQuality quality) {
  const Template* type = template_of(quality);
  return type == nullptr ? std::span<const int>() : std::span(type->intervals.data(), type->size);
}

std::set<int> accompanied_beats(std::span<const Note> notes) {
  std::set<int> beats;
  for (const Note& note : notes) {
    if (note.voice != Voice::accompaniment) continue;
    for (int beat = beat_of_step(note.onset); beat <= beat_of_step(note.offset() - 1); ++beat) beats.insert(beat);
  }
  return beats;
}

std::optional<int> chord_tone_name(const ChordSpan& chord, int pitch) {
  static constexpr std::array<int, 12> kFifths = {0, -5, 2, -3, 4, -1, -6, 1, 8, 3, -2, 5};  // by semitones above
  const int interval = ((pitch - chord.root) % 12 + 12) % 12;
  const auto intervals = chord_intervals(chord.quality);
  if (std::find(intervals.begin(), intervals.end(), interval) == intervals.end()) return std::nullopt;
  return kFifths[static_cast<std::size_t>(interval)];
}

int chord_root_name(const ChordSpan& chord, const Key& key) {
  const int near = ((chord.root * 7 - key.fifths) % 12 + 12) % 12 + key.fifths;  // 0..11 above the key's own
  int best = near, least = std::numeric_limits<int>::max();
  for (const int root : {near, near - 12}) {
    int distance = 0;
    for (const int interval : chord_intervals(chord.quality)) {
      const int name = root + *chord_tone_name(chord, chord.root + interval);
      const bool doubled = name < kFlattestName || name > kSharpestName;
      distance += std::abs(name - (key.fifths + 2)) + (doubled ? kDoubleAccidental : 0);
    }
    if (distance < least) {
      least = distance;
      best = root;
    }
  }
  return best;
}

std::string chord_symbol(const ChordSpan& chord, const Key& key) {
  const Template* type = template_of(chord.quality);
  if (type == nullptr) return "N.C.";
  const std::string root = text_of(spell_at(60 + chord.root, chord_root_name(chord, key)));
  const std::string bass = chord.bass == chord.root ? "" : "/" + text_of(spell_in_chord(60 + chord.bass, chord, key));
  return root + type->symbol + bass;
}

const ChordSpan* chord_at(std::span<const ChordSpan> chords, int beat) {
  const auto after = std::upper_bound(chords.begin(), chords.end(), beat,
                                      [](int value, const ChordSpan& chord) { return value < chord.first_beat; });
  if (after == chords.begin()) return nullptr;
  const ChordSpan& chord = *std::prev(after);
  return beat < chord.first_beat + chord.beats ? &chord : nullptr;
}

}  // namespace pop2piano
