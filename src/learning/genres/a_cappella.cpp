// SPDX-License-Identifier: MIT
// Voices alone: hymns, close harmony, vocal basses.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr auto kACappellaGrooves =
    std::to_array<Groove>({{.name = "hymn",
                            .words = "all voices move together, a chord on every beat",
                            .tempo = {64, 104},
                            .rows = {{Line::chords, "x--- x--- x--- x---|x--- x--- x--- ----"},
                                     {Line::bass, "1--- 1--- 5--- 5---|1--- 5--- 1--- ----"}}},
                           {.name = "doo-wop",
                            .words = "the bass voice walks, the others answer in eighths",
                            .cells = 3,
                            .tempo = {66, 116},
                            .rows = {{Line::bass, "1-1 1-5 1-1 5-3"}, {Line::chords, "... x.x ... x.x"}}},
                           {.name = "held chords",
                            .words = "a held chord to the bar under one voice",
                            .tempo = {60, 110},
                            .rows = {{Line::chords, "x--- ---- ---- ----"}}},
                           {.name = "hymn in three",
                            .words = "three: long and short",
                            .beats = 3,
                            .tempo = {80, 126},
                            .rows = {{Line::chords, "x--- ---- x---"}, {Line::bass, "1--- ---- 5---"}}},
                           {.name = "vocal bass and claps",
                            .words = "mouth bass in eighths, claps on two and four",
                            .tempo = {84, 124},
                            .rows = {{Line::bass, "1.1. ..1. 5.5. ..3."},
                                     {Line::clap, ".... X... .... X..."},
                                     {Line::chords, "..x. x... ..x. x..."}}}});

}  // namespace

Genre a_cappella() {
  return {.name = "a cappella",
          .grooves = kACappellaGrooves,
          .progressions = {"1 4 1 5", "1 6m 4 5", "1 57 1 1", "6m 4 1 5", "1 1 4 1"},
          .bass = {voice_oohs, choir_aahs},
          .chords = {choir_aahs, voice_oohs, synth_voice},
          .comping = {voice_oohs},
          .leads = {voice_oohs},
          .kits = {standard_kit},
          .machine = 0,
          .voice = 1,
          .drift = 0.6,
          .rubato = {0.005, 0.03},
          .no_drums = 0.2,
          .slows_down = 0.3};
}

}  // namespace pop2piano
