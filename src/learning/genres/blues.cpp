// SPDX-License-Identifier: MIT
// Blues and shuffles in twelve bars, most with three strokes to the beat.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 8> kBluesGrooves = {
    {{.name = "shuffle",
      .words = "long and short on the hat, kick on one and three, snare on two and four",
      .cells = 3,
      .tempo = {86, 140},
      .rows = {{Line::kick, "X.. ..x X.. ..."},
               {Line::snare, "... X.. ... X.."},
               {Line::hat, "x.o x.o x.o x.o"},
               {Line::chords, "x-. x.o x-. x.o"},
               {Line::bass, "1-1 3-3 5-5 6-6|7-7 6-6 5-5 3-3"}}},
     {.name = "double shuffle",
      .words = "hat and snare both shuffle, the snare loud on two and four",
      .cells = 3,
      .tempo = {108, 158},
      .rows = {{Line::kick, "X.. x.. X.. x.."},
               {Line::snare, "o.g X.g o.g X.g"},
               {Line::hat, "x.o x.o x.o x.o"},
               {Line::chords, "x.x x.x x.x x.x"},
               {Line::bass, "1-. 3-. 5-. 6-.|8-. 6-. 5-. 3-."}}},
     {.name = "slow blues in 12/8",
      .words = "all three strokes of every slow beat on the hat, snare on two and four",
      .cells = 3,
      .tempo = {46, 76},
      .rows = {{Line::kick, "X.. ..x x.. ..."},
               {Line::snare, "... X.. ... X.."},
               {Line::hat, "xoo xoo xoo xoo"},
               {Line::chords, "x-- ooo x-- ooo"},
               {Line::comping, "x-- --- x-- ---"},
               {Line::bass, "1-- 1-3 5-- 5-3"}}},
     {.name = "stop time",
      .words = "the band hits one and leaves the bar to the singer",
      .cells = 3,
      .tempo = {92, 132},
      .rows = {{Line::kick, "X.. ... ... ..x"},
               {Line::snare, "X.. ... ... ..x"},
               {Line::chords, "X.. ... ... ..x"},
               {Line::pedal_hat, "... x.. ... x.."},
               {Line::bass, "1.. ... ... ..1"}}},
     {.name = "boogie in eighths",
      .words = "straight eighths on the ride, the boogie figure of root, fifth and sixth in the guitar",
      .tempo = {110, 168},
      .rows = {{Line::kick, "X... x... X... x..."},
               {Line::snare, ".... X... .... X..."},
               {Line::ride, "x.o. x.o. x.o. x.o."},
               {Line::chords, "x.x. x.x. x.x. x.x."},
               {Line::bass, "1.1. 3.3. 5.5. 6.5."}}},
     {.name = "two-beat country blues",
      .words = "no drums: the thumb walks between root and fifth, chords after it",
      .cells = 3,
      .tempo = {80, 126},
      .rows = {{Line::bass, "1-- 5-- 1-- 5--"},
               {Line::chords, "... x.o ... x.o"},
               {Line::arpeggio, "..4 5.6 ..5 4.5"}}},
     {.name = "Texas shuffle",
      .words = "the kick on all four, the snare on two and four with the last triplet, the ride leads",
      .cells = 3,
      .tempo = {112, 150},
      .rows = {{Line::kick, "X.. x.. X.. x.."},
               {Line::snare, "... X.o ... X.o"},
               {Line::ride, "x.x x.x x.x x.x"},
               {Line::chords, "..x ..x ..x ..x"},
               {Line::bass, "1.1 1.1 5.5 6.5"}},
      .use = GrooveUse::test},
     {.name = "slow blues with sixths",
      .words = "12/8, kick on one and the last third of two, snare on two and four, piano in triplets",
      .cells = 3,
      .tempo = {48, 72},
      .rows = {{Line::kick, "X.. ..x x.. ..x"},
               {Line::side_stick, "... X.. ... X.."},
               {Line::ride, "xoo xoo xoo xoo"},
               {Line::chords, "xoo xoo xoo xoo"},
               {Line::bass, "1-. 3-. 5-. 3-."}},
      .use = GrooveUse::test}}};

}  // namespace

Genre blues() {
  return {.name = "blues",
          .grooves = kBluesGrooves,
          .progressions = {"17 17 17 17 47 47 17 17 57 47 17 57", "17 47 17 17 47 47 17 17 57 47 17 57",
                           "1m7 1m7 1m7 1m7 4m7 4m7 1m7 1m7 b67 57 1m7 57", "17 57 47 47 17 57 17 57"},
          .bass = {acoustic_bass, fingered_bass, picked_bass},
          .chords = {clean_guitar, jazz_guitar, overdriven_guitar, acoustic_grand_piano},
          .comping = {drawbar_organ, rock_organ, acoustic_grand_piano, honky_tonk_piano},
          .leads = {harmonica, overdriven_guitar, clean_guitar, tenor_sax, harmonica},
          .kits = {standard_kit, room_kit, jazz_kit},
          .machine = 0,
          .voice = 0.6,
          .drift = 0.45,
          .rubato = {0.002, 0.014},
          .distortion = 0.4,
          .slows_down = 0.15};
}

}  // namespace pop2piano
