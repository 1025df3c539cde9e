// SPDX-License-Identifier: MIT
// Folk without drums: picked guitars, jigs, reels, a pulse of strings.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 8> kFolkGrooves = {
    {{.name = "Travis picking",
      .words = "the thumb alternates in quarters, the fingers syncopate above it",
      .tempo = {78, 132},
      .rows = {{Line::bass, "1--- 5--- 1--- 5---"}, {Line::arpeggio, "4... ..5. .3.. ..4."}}},
     {.name = "strummed eighths",
      .words = "down, down-up, up-down-up",
      .tempo = {76, 140},
      .rows = {{Line::chords, "X... x.o. ..o. x.o."}}},
     {.name = "strummed sixteenths",
      .words = "sixteenths with accents on two and four",
      .tempo = {68, 108},
      .rows = {{Line::chords, "x.xo X.ox .oxo X.xo"}, {Line::bass, "1--- ---- 1--- ----"}}},
     {.name = "jig",
      .words = "6/8 danced: two beats of three eighths, the tune never rests",
      .beats = 2,
      .cells = 3,
      .tempo = {96, 128},
      .rows = {{Line::chords, "X.o x.o"}, {Line::bass, "1-- 5--"}, {Line::arpeggio, "543 456"}}},
     {.name = "reel",
      .words = "two beats of four sixteenths, a drum of the frame on both",
      .beats = 2,
      .tempo = {92, 120},
      .rows = {{Line::chords, "X.o. x.oo"}, {Line::bass, "1-.. 5-.."}, {Line::arpeggio, "5345 6453"}}},
     {.name = "picked in six",
      .words = "6/8 ballad, the chord rolls up and down in eighths",
      .beats = 2,
      .cells = 3,
      .tempo = {44, 72},
      .rows = {{Line::arpeggio, "134 543"}, {Line::bass, "1-- ---"}}},
     {.name = "picked in three",
      .words = "3/4, bass on one, the fingers pick eighths",
      .beats = 3,
      .tempo = {80, 140},
      .rows = {{Line::arpeggio, "1.3. 4.3. 5.3."}, {Line::bass, "1--- ---- ----"}}},
     {.name = "fiddle in seven",
      .words = "seven: two, two, three",
      .beats = 7,
      .cells = 2,
      .tempo = {172, 212},
      .rows = {{Line::chords, "X. o. x. o. x. o. o."}, {Line::bass, "1- .. 5- .. 1- .. .."}}}}};

}  // namespace

Genre folk() {
  return {.name = "folk",
          .grooves = kFolkGrooves,
          .progressions = {"1 5 6m 4", "1 4 1 5", "1 b7 4 1", "1m b7 1m b7", "1 1 4 5", "6m 4 1 5", "1 3m 4 1",
                           "1m 1m b7 1m"},
          .bass = {acoustic_bass, steel_guitar, nylon_guitar, cello},
          .chords = {steel_guitar, nylon_guitar, steel_guitar, accordion, banjo},
          .comping = {string_ensemble_1, accordion},
          .leads = {fiddle, flute, recorder, harmonica, violin, whistle},
          .kits = {brush_kit},
          .machine = 0,
          .voice = 0.75,
          .drift = 0.5,
          .rubato = {0.004, 0.025},
          .no_drums = 1,
          .slows_down = 0.3};
}

}  // namespace pop2piano
