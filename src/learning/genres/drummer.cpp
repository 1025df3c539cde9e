// SPDX-License-Identifier: MIT
#include "learning/genres/drummer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "learning/band/players.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {
namespace {

// General MIDI percussion, in the order of Line.
constexpr std::array kPitches = {36, 38, 37, 39, 42, 46, 44, 51, 53, 49, 50,
                                 43, 70, 54, 56, 75, 63, 64, 60, 65, 73, 81};
static_assert(kPitches.size() == static_cast<std::size_t>(Line::triangle) + 1);

std::optional<DrumSound> machine_sound(Line line) {
  switch (line) {
    case Line::kick:
      return DrumSound::kick;
    case Line::snare:
    case Line::side_stick:
      return DrumSound::snare;
    case Line::clap:
      return DrumSound::clap;
    case Line::hat:
    case Line::pedal_hat:
    case Line::ride:
    case Line::bell:
      return DrumSound::closed_hat;
    case Line::open_hat:
      return DrumSound::open_hat;
    case Line::crash:
      return DrumSound::crash;
    case Line::high_tom:
    case Line::low_tom:
      return DrumSound::tom;
    case Line::shaker:
    case Line::tambourine:
      return DrumSound::shaker;
    default:
      return std::nullopt;
  }
}

class GenreDrummer {
 public:
  GenreDrummer(const SongForm& form, Random& random) : form_(form), random_(random), timing_(draw_timing(random)) {}

  struct Stroke {
    double time = 0;
    Line line = Line::kick;
    double strength = 1;
  };

  std::vector<Stroke> play() {
    for (const SongBar& bar : form_.bars) play_bar(bar);
    return std::move(strokes_);
  }

 private:
  void strike(const SongBar& bar, double at, Line line, double strength) {
    const double varied = std::clamp(strength * (1.0 + 0.07 * random_.normal()), 0.05, 1.0);
    strokes_.push_back({timing_.of(time_in(form_, bar, at), random_), line, varied});
  }

  void play_bar(const SongBar& bar) {
    if (bar.kind == BarKind::count_in) {
      for (int beat = 0; beat < bar.beats; ++beat) strike(bar, beat, Line::side_stick, 0.9);
      return;
    }
    const FormSection& section = form_.sections[bar.section];
    if (!section.drums || bar.kind == BarKind::no_drums || bar.kind == BarKind::pickup) return;
    if (bar.kind == BarKind::drums_alone && bar.of_section % 2 == 1) return solo(bar);
    const double fill = bar.kind == BarKind::fill ? std::min(bar.beats, 1 + static_cast<int>(random_.index(2))) : 0;
    if (bar.of_section == 0 && bar.section > 1 && random_.chance(0.6)) strike(bar, 0, Line::crash, 0.9);
    for (const GrooveRow& row : section.groove->rows) {
      if (!is_drum(row.line)) continue;
      for (const GrooveStroke& stroke : strokes_in(form_, bar, row)) {
        if (stroke.at < bar.beats - fill - 0.01) strike(bar, stroke.at, row.line, stroke.strength);
      }
    }
    roll(bar, bar.beats - fill);
  }

  // Down the drums from `from` (beats) to the bar's end.
  void roll(const SongBar& bar, double from) {
    constexpr std::array kDown = {Line::snare, Line::high_tom, Line::low_tom, Line::low_tom};
    const double step = 1.0 / form_.sections[bar.section].groove->cells, length = bar.beats - from;
    const bool toms = random_.chance(0.6);
    for (double at = from; at < bar.beats - 0.01; at += std::max(step, 0.25)) {
      const auto way = static_cast<std::size_t>(4 * (at - from) / std::max(length, 0.1));
      if (random_.chance(0.8))
        strike(bar, at, toms ? kDown[std::min<std::size_t>(way, 3)] : Line::snare, random_.uniform(0.55, 1));
    }
  }

  // What drummers do with a bar to themselves: accents in threes or a run of toms over the foot's quarters.
  void solo(const SongBar& bar) {
    for (int beat = 0; beat < bar.beats; ++beat) strike(bar, beat, Line::kick, 0.8);
    if (random_.chance(0.5)) return roll(bar, 0);
    for (double at = 0; at < bar.beats - 0.01; at += 0.75) strike(bar, at, Line::snare, 0.9);
  }

  const SongForm& form_;
  Random& random_;
  HumanTiming timing_;
  std::vector<Stroke> strokes_;
};

}  // namespace

std::vector<GrooveStroke> strokes_in(const SongForm& form, const SongBar& bar, const GrooveRow& row) {
  const Groove& groove = *form.sections[bar.section].groove;
  std::vector<GrooveStroke> strokes;
  for (int first = 0, turn = 0; first < bar.beats; first += groove.beats, ++turn) {
    for (GrooveStroke stroke : strokes_of(groove, row, bar.of_section + turn)) {
      stroke.at += first;
      const bool kept = bar.kind == BarKind::stop || bar.kind == BarKind::ending ? stroke.at < 0.01 : true;
      if (kept && stroke.at < bar.beats - 0.01) strokes.push_back(stroke);
    }
  }
  return strokes;
}

double time_in(const SongForm& form, const SongBar& bar, double at) {
  const Groove& groove = *form.sections[bar.section].groove;
  const double beat = std::floor(at + 1e-9);
  const double within = std::clamp(at - beat, 0.0, 1.0);
  return form.grid.time_at(bar.start + beat + swung_place(groove.swung, form.place, within));
}

void add_drummer(const Genre& genre, const SongForm& form, std::size_t font_count, Random& random, Arrangement& out) {
  const auto strokes = GenreDrummer(form, random).play();
  const bool electronic = random.chance(genre.machine);
  BandTrack kit;
  kit.role = Role::drums;
  kit.part.instrument = {.font = static_cast<int>(random.index(font_count)),
                         .program = genre.kits[random.index(genre.kits.size())],
                         .percussion = true};
  DrumMachineTrack machine;
  machine.machine = draw_drum_machine(random);
  for (const auto& stroke : strokes) {
    if (stroke.line == Line::kick) out.kick_times.push_back(stroke.time);
    const auto sound = electronic ? machine_sound(stroke.line) : std::nullopt;
    if (sound) {
      machine.hits.push_back({stroke.time, *sound, stroke.strength});
    } else {
      kit.part.notes.push_back({stroke.time, stroke.time + 0.15,
                                static_cast<double>(kPitches[static_cast<std::size_t>(stroke.line)]),
                                static_cast<int>(30 + 95 * stroke.strength)});
    }
  }
  std::sort(out.kick_times.begin(), out.kick_times.end());
  kit.strip.reverb_send_db = machine.strip.reverb_send_db = random.chance(0.7) ? random.uniform(-26, -12) : -60;
  kit.strip.compressed = random.chance(0.5);
  if (!kit.part.notes.empty()) out.band.push_back(std::move(kit));
  if (machine.hits.empty()) return;
  std::stable_sort(machine.hits.begin(), machine.hits.end(),
                   [](const DrumHit& a, const DrumHit& b) { return a.time < b.time; });
  out.machines.push_back(std::move(machine));
}

}  // namespace pop2piano
