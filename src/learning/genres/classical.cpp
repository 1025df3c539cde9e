// SPDX-License-Identifier: MIT
// Classical music without drums: accompaniments of Lieder, dances, quartets, with expressive timing.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 14> kClassicalGrooves = {
    {{.name = "Alberti bass",
      .words = "low, high, middle, high in eighths",
      .tempo = {84, 144},
      .rows = {{Line::arpeggio, "1.3. 2.3. 1.3. 2.3."}}},
     {.name = "Alberti bass in sixteenths",
      .words = "low, high, middle, high in sixteenths",
      .tempo = {60, 104},
      .rows = {{Line::arpeggio, "1323 1323 1323 1323"}}},
     {.name = "repeated chords",
      .words = "soft chords in eighths over long basses",
      .tempo = {56, 112},
      .rows = {{Line::chords, "o.o. o.o. o.o. o.o."}, {Line::bass, "1--- ---- 5--- ----"}}},
     {.name = "triplet accompaniment",
      .words = "broken chords in triplets over basses on one and three",
      .cells = 3,
      .tempo = {50, 92},
      .rows = {{Line::arpeggio, "134 234 134 234"}, {Line::bass, "1-- --- 1-- ---"}}},
     {.name = "minuet",
      .words = "three in moderate time, bass on each beat",
      .beats = 3,
      .tempo = {96, 144},
      .rows = {{Line::bass, "1--- 3--- 5---"}, {Line::chords, "x--- x... x..."}}},
     {.name = "waltz for piano",
      .words = "deep bass on one, chords on two and three, the time bends",
      .beats = 3,
      .tempo = {112, 188},
      .rows = {{Line::bass, "1--- ---- ----"}, {Line::chords, ".... o... o..."}}},
     {.name = "barcarolle",
      .words = "6/8, rocking: bass on one, chords after it",
      .beats = 2,
      .cells = 3,
      .tempo = {44, 76},
      .rows = {{Line::bass, "1-- 5--"}, {Line::chords, ".oo .oo"}}},
     {.name = "chorale",
      .words = "a chord on every beat, the last of the phrase held",
      .tempo = {58, 96},
      .rows = {{Line::chords, "x--- x--- x--- x---|x--- x--- x--- ----"},
               {Line::bass, "1--- 3--- 5--- 1---|1--- 5--- 1--- ----"}}},
     {.name = "march",
      .words = "bass on one and three, chords between",
      .tempo = {100, 132},
      .rows = {{Line::bass, "1-.. .... 5-.. ...."},
               {Line::chords, "..x. ..x. ..x. ..x."},
               {Line::comping, "x... ...x x... ...."}}},
     {.name = "quartet in eighths",
      .words = "second violin and viola in eighths, the cello in quarters",
      .tempo = {96, 152},
      .rows = {{Line::chords, "x.o. o.o. x.o. o.o."}, {Line::bass, "1-.. 1-.. 3-.. 5-.."}}},
     {.name = "allegro in two",
      .words = "2/4, bass and chord in turn",
      .beats = 2,
      .tempo = {84, 132},
      .rows = {{Line::bass, "1.5. 1.5."}, {Line::chords, ".x.x .x.x"}}},
     {.name = "nocturne",
      .words = "wide broken chords in eighths over a bar, the tune lingers",
      .tempo = {50, 84},
      .rows = {{Line::arpeggio, "1.3. 5.6. 5.4. 3.4."}},
      .use = GrooveUse::test},
     {.name = "Laendler",
      .words = "three in moderate time: bass, then two soft chords, every other bar held",
      .beats = 3,
      .tempo = {92, 140},
      .rows = {{Line::bass, "1-.. .... ....|5--- ---- ...."}, {Line::chords, ".... x.o. x...|.... x--- ----"}},
      .use = GrooveUse::test},
     {.name = "symphony in eighths",
      .words = "strings tremble in sixteenths, basses on one and three, the brass answers on four",
      .tempo = {104, 152},
      .rows = {{Line::arpeggio, "3333 4444 3333 4444"},
               {Line::bass, "1--- .... 5--- ...."},
               {Line::comping, ".... .... .... x..."}},
      .use = GrooveUse::test}}};

}  // namespace

Genre classical() {
  return {.name = "classical",
          .grooves = kClassicalGrooves,
          .progressions = {"1 57 1 1", "1 4 57 1", "1 6m 2m 57", "1m 4m 57 1m", "1 1/57 1 57/1", "1m b6 4m 57",
                           "1 57 6m 2m/57", "4 1/57 1 57"},
          .bass = {cello, contrabass, acoustic_grand_piano},
          .chords = {acoustic_grand_piano, string_ensemble_1, acoustic_grand_piano, harpsichord, orchestral_harp},
          .comping = {french_horn, brass_section, clarinet, trumpet},
          .leads = {violin, flute, oboe, clarinet, cello, acoustic_grand_piano, string_ensemble_1},
          .kits = {standard_kit},
          .machine = 0,
          .voice = 0.35,
          .drift = 0.6,
          .rubato = {0.008, 0.045},
          .no_drums = 1,
          .odd_bars = 0.05,
          .solo = 0,
          .slows_down = 0.5};
}

}  // namespace pop2piano
