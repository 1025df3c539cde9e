// SPDX-License-Identifier: MIT
#include "music/scorefiles/midi_swing.h"

#include <cmath>
#include <cstdio>

#include <fmt/format.h>

#include "music/score/swing.h"

namespace pop2piano {

std::string swing_text(const Swing& swing, double beat_ticks) {
  return fmt::format("Swing {:.4f} of {:.0f} ticks", swing.ratio, beat_ticks * swing.pair / kStepsPerBeat);
}

std::optional<Swing> told_swing(const MidiFile& file, double beat_ticks) {
  constexpr double kMostRatio = 4.0, kNear = 0.1;  // of the pair's steps
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_meta(midi_meta::kText) || !event.payload.starts_with("Swing ")) continue;
      double ratio = 0.0, ticks = 0.0;
      if (std::sscanf(event.payload.c_str(), "Swing %lf of %lf ticks", &ratio, &ticks) != 2) continue;
      for (const int steps : {kStepsPerBeat, kStepsPerBeat / 2}) {
        const bool fits = std::abs(ticks / beat_ticks * kStepsPerBeat - steps) <= kNear * steps;
        if (fits && ratio > 1.0 && ratio <= kMostRatio) return Swing{.ratio = ratio, .pair = steps};
      }
    }
  }
  return std::nullopt;
}

Swing take_swing(const MidiFile& file, double beat_ticks, bool by_ear, std::span<double> onsets,
                 std::span<double> ends) {
  const auto told = told_swing(file, beat_ticks);
  const Swing swing = told ? *told : by_ear ? swing_of_onsets(onsets) : Swing{};
  if (!swing.swings()) return swing;
  for (const std::span<double> places : {onsets, ends}) {
    for (double& place : places) place = written_place(place, swing);
  }
  return swing;
}

}  // namespace pop2piano
