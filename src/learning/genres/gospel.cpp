// SPDX-License-Identifier: MIT
// Gospel and soul: slow compound time, shouts in double time, ballads.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr auto kGospelGrooves =
    std::to_array<Groove>({{.name = "gospel 6/8",
                            .words = "two slow beats of three eighths: kick on one, snare on the second, organ swells",
                            .beats = 2,
                            .cells = 3,
                            .tempo = {46, 76},
                            .rows = {{Line::kick, "X.. ..x|X.o ..."},
                                     {Line::snare, "... X.."},
                                     {Line::hat, "xoo xoo"},
                                     {Line::chords, "xoo xoo"},
                                     {Line::comping, "x-- ---"},
                                     {Line::bass, "1-- --5|1-- 5-a"}}},
                           {.name = "12/8 soul ballad",
                            .words = "four slow beats in triplets: piano in triplets, snare on two and four",
                            .cells = 3,
                            .tempo = {54, 84},
                            .rows = {{Line::kick, "X.. ..o X.. ..."},
                                     {Line::snare, "... X.. ... X.."},
                                     {Line::hat, "xoo xoo xoo xoo"},
                                     {Line::chords, "xoo xoo xoo xoo"},
                                     {Line::bass, "1-- --1 5-- --3"}}},
                           {.name = "shout",
                            .words = "fast: snare or claps on every off-beat, the bass runs in quarters, organ stabs",
                            .tempo = {96, 136},
                            .rows = {{Line::kick, "X... X... X... X..."},
                                     {Line::clap, "..X. ..X. ..X. ..X."},
                                     {Line::tambourine, "xoXo xoXo xoXo xoXo"},
                                     {Line::chords, "..x. ..x. ..x. ..x."},
                                     {Line::bass, "1.1. 3.3. 5.5. 6.a."}}},
                           {.name = "gospel in three",
                            .words = "three slow beats of three: bass on one, claps on two and three",
                            .beats = 3,
                            .cells = 3,
                            .tempo = {72, 112},
                            .rows = {{Line::kick, "X.. ... ..x"},
                                     {Line::clap, "... x.. x.."},
                                     {Line::tambourine, "x.x x.x x.x"},
                                     {Line::chords, "x-- x-o x-o"},
                                     {Line::bass, "1-- --5 3--"}}},
                           {.name = "hand claps and choir",
                            .words = "no kit: claps on two and four, feet on one and three, the choir holds",
                            .tempo = {78, 120},
                            .rows = {{Line::clap, ".... X... .... X..."},
                                     {Line::kick, "x... .... x... ...."},
                                     {Line::tambourine, "..o. x.o. ..o. x.o."},
                                     {Line::comping, "x--- ---- x--- ----"},
                                     {Line::bass, "1--- ..1. 5--- ..a."}}}});

}  // namespace

Genre gospel() {
  return {.name = "gospel",
          .grooves = kGospelGrooves,
          .progressions = {"1 4 1 57", "17 47 1 67 2m7 57 1 57", "1 37 6m 4", "1/17 47 1 57", "6m 2m7 57 1"},
          .bass = {fingered_bass, acoustic_bass, fretless_bass},
          .chords = {acoustic_grand_piano, drawbar_organ, electric_piano_1},
          .comping = {drawbar_organ, rock_organ, choir_aahs},
          .leads = {drawbar_organ, tenor_sax, acoustic_grand_piano},
          .kits = {standard_kit, room_kit},
          .machine = 0,
          .voice = 0.9,
          .drift = 0.4,
          .rubato = {0.002, 0.015},
          .slows_down = 0.2};
}

}  // namespace pop2piano
