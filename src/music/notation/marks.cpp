// SPDX-License-Identifier: MIT
#include "music/notation/marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <set>
#include <string_view>

#include "music/arrange/dynamics.h"
#include "music/arrange/pedal.h"
#include "music/score/bars.h"
#include "music/structure/song_sections.h"

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;

int bar_start_step(const WrittenBar& bar) { return bar.bar.first_beat * kBeat; }
int bar_end_step(const WrittenBar& bar) { return (bar.bar.first_beat + bar.bar.beats) * kBeat; }

// ---- clefs and octave lines --------------------------------------------------------------------------------------

/// Places on the staff, counted in scale steps: C4 is 28.
int staff_place(const SpelledPitch& name) {
  static constexpr std::string_view kSteps = "CDEFGAB";
  return 7 * name.octave + static_cast<int>(kSteps.find(name.step));
}

struct StaffRange {
  int bottom_line, top_line;
};
StaffRange range_of(Clef clef) { return clef == Clef::treble ? StaffRange{30, 38} : StaffRange{18, 26}; }

int ledger_lines(int place, Clef clef) {
  const StaffRange range = range_of(clef);
  return std::max({0, (range.bottom_line - place) / 2, (place - range.top_line) / 2});
}

constexpr double kClefChange = 9.0;  // ledger lines that a change of clef must save

double clef_cost(const WrittenBar& bar, int staff, Clef clef) {
  double lines = staff == (clef == Clef::treble ? 1 : 2) ? 0.0 : 0.5;  // each staff has its usual clef
  for (const WrittenVoice& voice : bar.voices) {
    if (voice.staff != staff) continue;
    for (const WrittenChord& chord : voice.chords) {
      for (const WrittenNote& note : chord.notes) {
        const int count = ledger_lines(staff_place(note.name), clef);
        lines += count > 1 ? count - 1 : 0;
      }
    }
  }
  return lines;
}

/// The cheapest sequence of clefs, one a bar.
void choose_clefs(Notation& notation, int staff) {
  const std::array<Clef, 2> clefs = {Clef::treble, Clef::bass};
  const std::size_t usual = staff == 1 ? 0 : 1;
  std::array<double, 2> cost = {0.0, 0.0};
  cost[1 - usual] = kClefChange;
  std::vector<std::array<std::size_t, 2>> came_from(notation.bars.size());
  for (std::size_t i = 0; i < notation.bars.size(); ++i) {
    std::array<double, 2> next{};
    for (std::size_t to = 0; to < 2; ++to) {
      const bool stay = cost[to] <= cost[1 - to] + kClefChange;
      came_from[i][to] = stay ? to : 1 - to;
      next[to] = cost[came_from[i][to]] + (stay ? 0.0 : kClefChange) + clef_cost(notation.bars[i], staff, clefs[to]);
    }
    cost = next;
  }
  std::size_t state = cost[usual] <= cost[1 - usual] ? usual : 1 - usual;
  for (std::size_t i = notation.bars.size(); i-- > 0;) {
    notation.bars[i].clefs[staff - 1] = clefs[state];
    state = came_from[i][state];
  }
}

/// A chord of a staff, with the ledger lines above and below that it needs.
struct StaffChord {
  std::size_t bar = 0;
  int onset = 0, end = 0;
  int above = 0, below = 0;
};

std::vector<StaffChord> staff_chords(const Notation& notation, int staff) {
  std::vector<StaffChord> placed;
  for (std::size_t i = 0; i < notation.bars.size(); ++i) {
    const Clef clef = notation.bars[i].clefs[staff - 1];
    const StaffRange range = range_of(clef);
    for (const WrittenVoice& voice : notation.bars[i].voices) {
      if (voice.staff != staff) continue;
      for (const WrittenChord& chord : voice.chords) {
        if (chord.is_rest()) continue;
        StaffChord place{i, chord.onset, chord.onset + chord.steps, -99, -99};
        for (const WrittenNote& note : chord.notes) {
          const int at = staff_place(note.name);
          place.above = std::max(place.above, (at - range.top_line) / 2);
          place.below = std::max(place.below, (range.bottom_line - at) / 2);
        }
        placed.push_back(place);
      }
    }
  }
  std::stable_sort(placed.begin(), placed.end(), [](const StaffChord& a, const StaffChord& b) {
    return a.bar != b.bar ? a.bar < b.bar : a.onset < b.onset;
  });
  return placed;
}

/// Octave lines over runs of chords that need more than five ledger lines somewhere and never less than two.
void add_octave_lines(Notation& notation, int staff, MarkKind kind) {
  constexpr int kTooMany = 5, kStays = 2;
  const auto lines = [&](const StaffChord& c) { return kind == MarkKind::octave_up ? c.above : c.below; };
  const std::vector<StaffChord> placed = staff_chords(notation, staff);
  for (std::size_t first = 0; first < placed.size();) {
    std::size_t last = first;
    bool needed = false;
    while (last < placed.size() && lines(placed[last]) >= kStays) needed = lines(placed[last++]) > kTooMany || needed;
    if (needed) {
      const StaffChord& from = placed[first];
      const StaffChord* to = &from;
      for (std::size_t i = first; i < last; ++i) {
        if (placed[i].bar > to->bar || placed[i].end > to->end) to = &placed[i];
      }
      notation.bars[from.bar].marks.push_back({.kind = kind, .onset = from.onset, .staff = staff});
      notation.bars[to->bar].marks.push_back({.kind = MarkKind::octave_end, .onset = to->end, .staff = staff});
    }
    first = std::max(last, first + 1);
  }
}

// ---- chords, pedal ------------------------------------------------------------------------------------------------

WrittenBar* bar_at(Notation& notation, int step) {
  const auto after = std::upper_bound(notation.bars.begin(), notation.bars.end(), step,
                                      [](int value, const WrittenBar& bar) { return value < bar_start_step(bar); });
  if (after == notation.bars.begin() || step >= bar_end_step(*std::prev(after))) return nullptr;
  return &*std::prev(after);
}

void add_chord_symbols(const Score& score, std::span<const ChordSpan> chords, Notation& notation) {
  const std::set<int> accompanied = accompanied_beats(score.notes);
  for (const ChordSpan& chord : chords) {
    const auto sounding = accompanied.lower_bound(chord.first_beat);
    const bool heard = sounding != accompanied.end() && *sounding < chord.first_beat + chord.beats;
    if (chord.quality == ChordQuality::none || !heard) continue;  // a lone melody has no harmony to name
    const int step = chord.first_beat * kBeat;
    WrittenBar* bar = bar_at(notation, step);
    if (bar == nullptr) continue;
    bar->marks.push_back({.kind = MarkKind::chord_symbol, .onset = bar->place_of(step), .chord = chord});
  }
}

/// Whether a note or rest of the left hand's staff begins at a step.
bool begins_on_left_staff(const WrittenBar& bar, int step) {
  return std::any_of(bar.voices.begin(), bar.voices.end(), [&](const WrittenVoice& voice) {
    return voice.staff == 2 && std::any_of(voice.chords.begin(), voice.chords.end(), [&](const WrittenChord& chord) {
             return chord.onset == bar.place_of(step);
           });
  });
}

/// Pedal lines that change only where the left hand's staff has something to stand above: a player follows the bass,
/// and programs draw lines that begin within its notes at wrong places.
std::vector<PedalSpan> written_pedal(std::span<const PedalSpan> spans, Notation& notation) {
  std::vector<PedalSpan> written;
  for (const PedalSpan& span : spans) {
    const WrittenBar* bar = bar_at(notation, span.start);
    const bool goes_on = !written.empty() && written.back().end == span.start;
    if (goes_on && bar != nullptr && !begins_on_left_staff(*bar, span.start)) {
      written.back().end = span.end;
    } else {
      written.push_back(span);
    }
  }
  return written;
}

void add_pedal(std::span<const PedalSpan> spans, Notation& notation) {
  for (const PedalSpan& span : written_pedal(spans, notation)) {
    WrittenBar* first = bar_at(notation, span.start);
    WrittenBar* last = bar_at(notation, span.end - 1);
    if (first == nullptr || last == nullptr) continue;
    first->marks.push_back({.kind = MarkKind::pedal_down, .onset = first->place_of(span.start), .staff = 2});
    last->marks.push_back({.kind = MarkKind::pedal_up, .onset = last->place_of(span.end), .staff = 2});
  }
}

// ---- sections -----------------------------------------------------------------------------------------------------

WrittenBar* first_full_bar(Notation& notation) {
  const bool pickup = notation.bars.front().bar.pickup && notation.bars.size() > 1;
  return &notation.bars[pickup ? 1 : 0];
}

/// Letters where another section begins; a song of one section has none.
void add_sections(const Score& score, Notation& notation) {
  const std::vector<SongSection> sections = sections_of(score);
  const int begin = first_full_bar(notation)->bar.first_beat;
  struct Letter {
    WrittenBar* bar;
    int letter;
  };
  std::vector<Letter> letters;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const bool before = i + 1 < sections.size() && sections[i + 1].first_beat <= begin;
    if (before || (!letters.empty() && letters.back().letter == sections[i].letter)) continue;
    WrittenBar* bar = bar_at(notation, std::max(begin, sections[i].first_beat) * kBeat);
    if (bar != nullptr) letters.push_back({bar, sections[i].letter});
  }
  if (letters.size() < 2) return;
  for (const auto& [bar, letter] : letters)
    bar->marks.push_back({.kind = MarkKind::rehearsal, .text = section_name(letter)});
}

// ---- dynamics -----------------------------------------------------------------------------------------------------

constexpr int kBarsPerDynamic = 4;  // a level must last so long to be marked

const char* dynamic_name(double velocity) {
  static constexpr std::array<std::pair<double, const char*>, 5> kLevels = {
      {{46, "pp"}, {56, "p"}, {65, "mp"}, {76, "mf"}, {88, "f"}}};
  const auto found =
      std::find_if(kLevels.begin(), kLevels.end(), [&](const auto& level) { return velocity < level.first; });
  return found == kLevels.end() ? "ff" : found->second;  // a margin may lie above 127
}

/// [bars] mean velocity without what the melody is louder by; 0 where no note begins.
std::vector<double> bar_velocities(const Score& score, const Notation& notation) {
  std::vector<double> sums(notation.bars.size()), counts(notation.bars.size());
  for (const Note& note : score.notes) {
    const auto after = std::upper_bound(notation.bars.begin(), notation.bars.end(), note.onset,
                                        [](int step, const WrittenBar& bar) { return step < bar_start_step(bar); });
    if (after == notation.bars.begin() || note.velocity <= 0) continue;
    const auto index = static_cast<std::size_t>(after - notation.bars.begin()) - 1;
    sums[index] += std::max(1, note.velocity - (note.voice == Voice::melody ? DynamicsOptions{}.melody : 0));
    counts[index] += 1.0;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = counts[i] > 0.0 ? sums[i] / counts[i] : 0.0;
  return sums;
}

double mean_of(std::span<const double> values) {
  double sum = 0.0;
  int count = 0;
  for (const double value : values) {
    sum += value;
    count += value > 0.0 ? 1 : 0;
  }
  return count > 0 ? sum / count : 0.0;
}

void add_dynamics(const Score& score, Notation& notation) {
  constexpr double kMargin = 3.0;  // velocities that a new level must lie beyond the old one's border
  const std::vector<double> velocities = bar_velocities(score, notation);
  std::string current;
  for (std::size_t i = 0; i < velocities.size(); ++i) {
    if (velocities[i] <= 0.0) continue;
    const std::size_t count = std::min<std::size_t>(kBarsPerDynamic, velocities.size() - i);
    if (!current.empty() && count < kBarsPerDynamic) break;
    const double mean = mean_of(std::span(velocities).subspan(i, count));
    const std::string level = dynamic_name(mean), here = dynamic_name(velocities[i]);
    const bool settled = level != current && here != current && dynamic_name(mean - kMargin) != current &&
                         dynamic_name(mean + kMargin) != current;
    if (!current.empty() && !settled) continue;
    notation.bars[i].marks.push_back({.kind = MarkKind::dynamics, .text = level});
    current = level;
  }
}

// ---- tempo --------------------------------------------------------------------------------------------------------

/// Beats per minute of a bar, of the length `unit` (64th notes); 0 outside the grid.
double bar_tempo(const BeatGrid& grid, const Bar& bar, int unit) {
  if (bar.first_beat < 0 || bar.first_beat + bar.beats >= static_cast<int>(grid.size())) return 0.0;
  const auto first = static_cast<std::size_t>(bar.first_beat);
  const double seconds = grid.times[first + static_cast<std::size_t>(bar.beats)] - grid.times[first];
  return 60.0 * written_length(grid, bar) / unit / seconds;
}

/// Whether each of the next bars differs from `tempo` by `share` in the direction of the first; their mean tempo.
double lasting_change(std::span<const double> tempos, double tempo, double share) {
  const double sign = tempos.front() > tempo ? 1.0 : -1.0;
  for (const double value : tempos) {
    if (value <= 0.0 || sign * (value / tempo - 1.0) < share) return 0.0;
  }
  return mean_of(tempos);
}

constexpr std::size_t kLastingBars = 4;  // that a new tempo must hold
constexpr double kRitardando = 0.12;     // share of the tempo that a ritardando loses

/// Metronome marks; [bars] the tempo that each stands under.
std::vector<double> add_metronome(double tempo, std::span<const double> tempos, int unit, Notation& notation) {
  constexpr double kShare = 0.08;
  const auto mark = [&](double value) {
    const double printed = std::clamp(value, 1.0, 999.0);
    return Mark{.kind = MarkKind::tempo, .value = static_cast<int>(std::lround(printed)), .unit = unit, .tempo = value};
  };
  if (tempos.size() > kLastingBars) {
    const double opening = lasting_change(tempos.subspan(1, kLastingBars), tempo, kShare);
    if (opening > 0.0) tempo = opening;
  }
  notation.bars.front().marks.push_back(mark(tempo));
  std::vector<double> marked(tempos.size(), tempo);
  for (std::size_t i = 1; i < tempos.size(); ++i) {
    marked[i] = marked[i - 1];
    if (i + kLastingBars > tempos.size()) continue;
    const double changed = lasting_change(tempos.subspan(i, kLastingBars), marked[i], kShare);
    if (changed <= 0.0) continue;
    marked[i] = changed;
    notation.bars[i].marks.push_back(mark(changed));
  }
  return marked;
}

/// "rit." over at most kLastingBars bars, each slower than the one before; "a tempo" where the tempo is back.
void add_ritardandi(std::span<const double> tempos, std::span<const double> marked, Notation& notation) {
  constexpr double kSlower = 0.98, kBack = 0.05, kBroken = 0.5;  // below half the tempo beats were missed
  for (std::size_t first = 1; first < tempos.size();) {
    std::size_t last = first;
    while (last < tempos.size() && tempos[last] > kBroken * marked[last] && tempos[last] < tempos[last - 1] * kSlower) {
      ++last;
    }
    const bool slow = last > first && last - first <= kLastingBars &&
                      tempos[last - 1] < marked[first] * (1.0 - kRitardando) && marked[first] == marked[last - 1];
    const bool ends = last == tempos.size();
    const bool returns = !ends && std::abs(tempos[last] / marked[last] - 1.0) < kBack && marked[last] == marked[first];
    if (slow && (ends || returns)) {
      notation.bars[first].marks.push_back({.kind = MarkKind::words, .text = "rit."});
      if (returns) notation.bars[last].marks.push_back({.kind = MarkKind::words, .text = "a tempo"});
    }
    first = std::max(last, first + 1);
  }
}

void add_tempo(const Score& score, bool changes, Notation& notation) {
  const int usual = usual_beat_length(score.grid), odd = usual % 3 == 0 ? usual / 3 : usual;
  const int unit = (odd & (odd - 1)) == 0 ? usual : kQuarterLength;  // that a metronome mark can name
  std::vector<double> tempos;
  for (const WrittenBar& bar : notation.bars) tempos.push_back(bar_tempo(score.grid, bar.bar, unit));
  while (!tempos.empty() && tempos.back() <= 0.0) tempos.pop_back();  // bars that the beats do not reach
  const std::span<const double> heard = changes ? std::span<const double>(tempos) : std::span<const double>();
  const std::vector<double> marked =
      add_metronome(quarters_per_minute(score.grid) * kQuarterLength / unit, heard, unit, notation);
  if (changes) add_ritardandi(tempos, marked, notation);
}

}  // namespace

void add_marks(const Score& score, const MusicXmlOptions& options, Notation& notation) {
  const std::vector<ChordSpan> chords = chords_of(score);
  for (const int staff : {1, 2}) choose_clefs(notation, staff);
  add_tempo(score, options.tempo_changes, notation);
  if (notation.swing.swings()) {
    const int pair = notation.swing.pair * usual_beat_length(score.grid) / kStepsPerBeat;
    const char* text = pair < kQuarterLength ? "Swing 16ths" : "Swing";
    notation.bars.front().marks.push_back(
        {.kind = MarkKind::swing, .text = text, .unit = pair, .swing = notation.swing});
  }
  if (options.sections) add_sections(score, notation);
  if (options.dynamics) add_dynamics(score, notation);
  if (options.chord_symbols) add_chord_symbols(score, chords, notation);
  if (options.pedal) add_pedal(pedal_spans(chords, score.grid), notation);
  for (const int staff : {1, 2}) {
    add_octave_lines(notation, staff, MarkKind::octave_up);
    add_octave_lines(notation, staff, MarkKind::octave_down);
  }
  for (WrittenBar& bar : notation.bars) {
    std::stable_sort(bar.marks.begin(), bar.marks.end(), [](const Mark& a, const Mark& b) {
      return a.staff != b.staff ? a.staff < b.staff : a.onset < b.onset;
    });
  }
}

}  // namespace pop2piano
