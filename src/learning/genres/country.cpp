// SPDX-License-Identifier: MIT
// Country: two-step, train beat, waltz, ballad.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 9> kCountryGrooves = {
    {{.name = "two-step",
      .words = "boom-chick: bass and kick on one and three, root then fifth, snare and guitar on two and four",
      .tempo = {92, 176},
      .rows = {{Line::kick, "X... .... X... ...."},
               {Line::side_stick, ".... X... .... X..."},
               {Line::hat, "o.o. x.o. o.o. x.o."},
               {Line::chords, ".... x... .... x.o."},
               {Line::bass, "1--- .... 5--- ...."}}},
     {.name = "train beat",
      .words = "sixteenths on the snare like a train, leant on two and four, the kick on every beat",
      .tempo = {84, 140},
      .rows = {{Line::kick, "X... x... X... x..."},
               {Line::snare, "gggg XggX gggg Xggx"},
               {Line::chords, "..x. ..x. ..x. ..x."},
               {Line::bass, "1-.. 5-.. 1-.. 5-.."}}},
     {.name = "train in eighths",
      .words = "brushes: eighths with the off-beats leant on, the bass alternates",
      .tempo = {88, 132},
      .rows = {{Line::kick, "x... .... x... ...."},
               {Line::snare, "g.X. g.X. g.X. g.X."},
               {Line::chords, "..x. ..xo ..x. ..xo"},
               {Line::bass, "1--- 5--- 1--- 5---"}}},
     {.name = "country waltz",
      .words = "bass on one, guitar on two and three",
      .beats = 3,
      .tempo = {84, 150},
      .rows = {{Line::kick, "X... .... ...."},
               {Line::side_stick, ".... x... x..."},
               {Line::hat, "o... o... o..."},
               {Line::chords, ".... x... x..."},
               {Line::bass, "1--- .... ....|5--- .... ...."}}},
     {.name = "country ballad",
      .words = "rim on three only, guitar picks eighths",
      .tempo = {62, 96},
      .rows = {{Line::kick, "X... .... ..x. ...."},
               {Line::side_stick, ".... X... .... X..."},
               {Line::hat, "x.o. x.o. x.o. x.o."},
               {Line::arpeggio, "1.3. 4.3. 5.3. 4.3."},
               {Line::comping, "x--- ---- ---- ----"},
               {Line::bass, "1--- --1- 5--- ----"}}},
     {.name = "country shuffle",
      .words = "long and short on the hat, bass in quarters walking, rim on two and four",
      .cells = 3,
      .tempo = {96, 152},
      .rows = {{Line::kick, "X.. ... X.. ..."},
               {Line::side_stick, "... X.. ... X.."},
               {Line::hat, "x.o x.o x.o x.o"},
               {Line::chords, "... x.o ... x.o"},
               {Line::bass, "1-- 3-- 5-- 6--"}}},
     {.name = "bluegrass",
      .words = "no drums: bass on one and three, mandolin chops two and four, banjo rolls sixteenths",
      .tempo = {104, 156},
      .rows = {{Line::bass, "1--- .... 5--- ...."},
               {Line::chords, ".... X... .... X..."},
               {Line::arpeggio, "1354 1354 1354 1354"}}},
     {.name = "honky-tonk",
      .words = "kick on one and three, snare on two and four, piano on the off-beats, bass root and fifth",
      .tempo = {100, 160},
      .rows = {{Line::kick, "X... .... X... .x.."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "x.x. x.x. x.x. x.x."},
               {Line::chords, "..o. x.o. ..o. x.o."},
               {Line::bass, "1-.. .... 5-.. ..a."}},
      .use = GrooveUse::test},
     {.name = "train with kick on one and three",
      .words = "the snare rolls sixteenths, accents on every off-beat eighth, kick on one and three",
      .tempo = {92, 132},
      .rows = {{Line::kick, "X... .... X... ...."},
               {Line::snare, "ggXg ggXg ggXg ggXx"},
               {Line::chords, "x... x.xo x... x.xo"},
               {Line::bass, "1--- ..5- 1--- ..5-"}},
      .use = GrooveUse::test}}};

}  // namespace

Genre country() {
  return {
      .name = "country",
      .grooves = kCountryGrooves,
      .progressions = {"1 4 1 5", "1 1 4 4 1 5 1 1", "1 5 4 1", "1 6m 4 5", "1 1 5 5 5 5 1 1", "4 1 5 1", "6m 4 1 5"},
      .bass = {acoustic_bass, picked_bass, fingered_bass},
      .chords = {steel_guitar, steel_guitar, clean_guitar, honky_tonk_piano},
      .comping = {fiddle, accordion, string_ensemble_1, drawbar_organ},
      .leads = {fiddle, harmonica, steel_guitar, clean_guitar, violin},
      .kits = {standard_kit, room_kit, brush_kit},
      .machine = 0,
      .voice = 0.75,
      .rubato = {0, 0.009},
      .distortion = 0.1,
      .no_drums = 0.12};
}

}  // namespace pop2piano
