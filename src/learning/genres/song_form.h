// SPDX-License-Identifier: MIT
// The bars and beats of a song of a genre: sections with their grooves and who plays in them, upbeats, bars of other
// lengths, breaks, stops, drums alone, and the tempo from beat to beat. What is drawn here is the truth to learn from.
#pragma once

#include <pop2piano/score.h>

#include <vector>

#include "base/core/random.h"
#include "learning/genres/genre.h"

namespace pop2piano {

enum class BarKind {
  groove,
  fill,         ///< the drummer leads to the next section
  stop,         ///< all strike one and rest
  drums_alone,  ///< a solo
  no_drums,     ///< a break
  pickup,       ///< beats before the first bar: the tune begins
  count_in,     ///< sticks
  ending        ///< one last chord
};

struct SongBar {
  double start = 0;  ///< beats
  int beats = 4;
  BarKind kind = BarKind::groove;
  std::size_t section = 0;
  int of_section = 0;  ///< from 0
};

struct FormSection {
  const Groove* groove = nullptr;
  double tempo_factor = 1;
  bool drums = true, bass = true, chords = true, comping = true, tune = true;
};

struct SongForm {
  double tempo = 120;  ///< beats a minute at the start
  double place = 0.5;  ///< see Groove::place
  std::vector<SongBar> bars;
  std::vector<FormSection> sections;
  BeatGrid grid;  ///< seconds; a beat of it is a beat of `bars`
};

struct FormOptions {
  GrooveUse use = GrooveUse::learn;
  double shortest = 38, longest = 56;  ///< seconds, about
};

/// Grooves of one song are `options.use`'s and have as many beats to the bar. Throws Error: invalid_argument where the
/// genre has no groove of that use.
[[nodiscard]] SongForm draw_form(const Genre& genre, const FormOptions& options, Random& random);

/// The form that a song of a corpus has, with grooves of the genre: those with as many beats to the bar where there are
/// any, near the song's tempo. Bars are the song's; eight make a section. Another tempo, time as the genre takes it.
[[nodiscard]] SongForm form_of(const BeatGrid& written, const Genre& genre, const FormOptions& options, Random& random);

}  // namespace pop2piano
