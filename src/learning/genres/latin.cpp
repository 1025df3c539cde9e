// SPDX-License-Identifier: MIT
// Latin: clave, cascara, tumbao, bolero, cumbia, samba, tango.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 9> kLatinGrooves = {
    {{.name = "son montuno",
      .words = "son clave three-two over two bars, congas play tumbao, the bass anticipates one",
      .tempo = {84, 112},
      .rows = {{Line::claves, "x..x ..x. ..x. x...|.... x... x... ...."},
               {Line::high_conga, "oo.x oo.. oo.x oo.."},
               {Line::low_conga, ".... ..xx .... ..xx"},
               {Line::bell, "x.o. x.o. x.o. x.o."},
               {Line::chords, "x.xx .xx. x.x. x.x.|.xx. xx.x .x.x .x.x"},
               {Line::bass, "...1 ..-- ..5. ..1-|--.. ..3. ..5. ..1-"}}},
     {.name = "salsa",
      .words = "rumba clave, cascara on the timbales' shell, bass on two-and and four",
      .cells = 4,
      .tempo = {88, 118},
      .rows = {{Line::claves, ".... x... x... ....|x..x ...x ..x. x..."},
               {Line::timbale, "x.x. xx.x .xx. x.x.|x.xx .x.x x.x. x.xx"},
               {Line::low_conga, ".... ..xx .... ..xx"},
               {Line::chords, "x.x. .x.x .x.x .x.x"},
               {Line::bass, ".... ..1- ..5- 8-..|.... ..1- ..5- 5-.."}}},
     {.name = "bolero",
      .words = "slow, maracas in eighths, congas answer on four, bass on one, three and four",
      .tempo = {72, 104},
      .rows = {{Line::shaker, "x.oo x.oo x.oo x.oo"},
               {Line::high_conga, "o.x. o... o.x. ...."},
               {Line::low_conga, ".... .... .... x.x."},
               {Line::chords, "x.x. x.x. x.x. x.x."},
               {Line::bass, "1--- ---- 5--- 3---"}}},
     {.name = "cumbia",
      .words = "the guiro scrapes long, short, short; kick on one and three, bass on one, three and four",
      .tempo = {80, 108},
      .rows = {{Line::guiro, "X.oo X.oo X.oo X.oo"},
               {Line::kick, "x... .... x... ...."},
               {Line::low_conga, "..x. ..xx ..x. ..xx"},
               {Line::chords, "..x. ..x. ..x. ..x."},
               {Line::bass, "1--- .... 3--- 5---"}}},
     {.name = "samba",
      .words = "two to the bar: the surdo on two, shakers in sixteenths, tamborim in its telegraph",
      .beats = 2,
      .tempo = {82, 116},
      .rows = {{Line::low_tom, "o... X...|o... X..."},
               {Line::shaker, "xoox xoox|xoox xoox"},
               {Line::side_stick, "x.x. .x.x|.x.x x.x."},
               {Line::chords, "x..x ..x.|.x.x ..x."},
               {Line::bass, "1--5 5--1"}}},
     {.name = "reggaeton",
      .words = "dembow: kick on every beat, snare on the three-three-two",
      .tempo = {84, 104},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::snare, "...X ..X. ...X ..X."},
               {Line::hat, "x.x. x.x. x.x. x.x."},
               {Line::comping, "x--- ---- x--- ----"},
               {Line::bass, "1--1 ..1. 1--1 ..1."}}},
     {.name = "tango",
      .words = "no drums: marcato in four, the bass leans on one and three, a push before one",
      .tempo = {104, 136},
      .rows = {{Line::bass, "1... 1... 5... 1..."},
               {Line::chords, "X... x... X... x..."},
               {Line::comping, "...x X-.. .... ..xx"}}},
     {.name = "habanera",
      .words = "no drums: dotted eighth, sixteenth, two eighths in the bass",
      .beats = 2,
      .tempo = {56, 84},
      .rows = {{Line::bass, "1--5 8-5-"}, {Line::chords, "..x. x.x."}}},
     {.name = "bachata",
      .words = "guitar in eighths, bongos leant on four, bass on one, two-and, three, four",
      .tempo = {116, 144},
      .rows = {{Line::high_bongo, "x.o. x.o. x.o. X.o."},
               {Line::low_tom, ".... .... .... X..."},
               {Line::guiro, "x.oo x.oo x.oo x.oo"},
               {Line::arpeggio, "1.3. 4.3. 5.3. 4.3."},
               {Line::bass, "1--- --1- 3--- 5---"}}}}};

}  // namespace

Genre latin() {
  return {.name = "latin",
          .grooves = kLatinGrooves,
          .progressions = {"1m 4m 57 1m", "1 4 57 4", "1m 1m 57 57", "1m b7 b6 57", "1 57 57 1", "2m7 57 1 1"},
          .bass = {acoustic_bass, fingered_bass, acoustic_bass},
          .chords = {acoustic_grand_piano, nylon_guitar, nylon_guitar, accordion},
          .comping = {brass_section, string_ensemble_1, tango_accordion, trumpet},
          .leads = {trumpet, flute, nylon_guitar, violin, tango_accordion},
          .kits = {standard_kit, room_kit, standard_kit},
          .machine = 0,
          .voice = 0.6,
          .rubato = {0.001, 0.01},
          .solo = 0.15};
}

}  // namespace pop2piano
