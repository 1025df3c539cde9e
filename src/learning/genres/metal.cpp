// SPDX-License-Identifier: MIT
// Metal: straight, double and half time, gallop, blast, chugs damped with the palm.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 10> kMetalGrooves = {
    {{.name = "heavy rock",
      .words = "kick with the chugs, snare on two and four, eighths on the hat",
      .tempo = {96, 148},
      .rows = {{Line::kick, "X..x .x.. X..x .x.."},
               {Line::snare, ".... X... .... X..."},
               {Line::open_hat, "x... x... x... x..."},
               {Line::power, "X-mm mmX- mmmm X-mm"},
               {Line::bass, "1-11 111- 1111 1-11"}}},
     {.name = "double time",
      .words = "thrash: kick on the beat and snare between, one and two in the time of one",
      .tempo = {88, 112},
      .rows = {{Line::kick, "X... x... X... x..."},
               {Line::snare, "..X. ..X. ..X. ..X."},
               {Line::hat, "x.x. x.x. x.x. x.x."},
               {Line::power, "mmmm mmmm X-mm X-X-"},
               {Line::bass, "1111 1111 1-11 1-1-"}}},
     {.name = "half time",
      .words = "snare on three, the crash in quarters, long chords",
      .tempo = {120, 168},
      .rows = {{Line::kick, "X... ..x. .... x.x."},
               {Line::snare, ".... .... X... ...."},
               {Line::crash, "x... x... x... x..."},
               {Line::power, "X--- --m. mmX- ----"},
               {Line::bass, "1--- --1- 111- ----"}}},
     {.name = "blast",
      .words = "kick and snare in turn in sixteenths, the cymbal on every eighth",
      .tempo = {104, 144},
      .rows = {{Line::kick, "X.x. X.x. X.x. X.x."},
               {Line::snare, ".x.x .x.x .x.x .x.x"},
               {Line::ride, "x.x. x.x. x.x. x.x."},
               {Line::power, "xxxx xxxx xxxx xxxx"},
               {Line::bass, "1111 1111 1111 1111"}}},
     {.name = "gallop",
      .words = "an eighth and two sixteenths in kick and guitar, snare on two and four",
      .tempo = {128, 184},
      .rows = {{Line::kick, "X.xx x.xx X.xx x.xx"},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "x... x... x... x..."},
               {Line::power, "X.mm m.mm X.mm m.mm"},
               {Line::bass, "1.11 1.11 1.11 1.11"}}},
     {.name = "double bass",
      .words = "both feet in sixteenths, snare on two and four, bell of the ride in quarters",
      .tempo = {96, 150},
      .rows = {{Line::kick, "Xxxx xxxx Xxxx xxxx"},
               {Line::snare, ".... X... .... X..."},
               {Line::bell, "x... x... x... x..."},
               {Line::power, "X--- ---- X--- X---"},
               {Line::bass, "1--- 1--- 1--- 1---"}}},
     {.name = "doom",
      .words = "very slow, snare on three, everything rings",
      .tempo = {54, 84},
      .rows = {{Line::kick, "X... .... ..x. ...."},
               {Line::snare, ".... X... .... X..."},
               {Line::ride, "x.x. x.x. x.x. x.x."},
               {Line::power, "X--- ---- X--- --X-"},
               {Line::bass, "1--- ---- 1--- --1-"}}},
     {.name = "three over four",
      .words = "the guitar groups threes across the bar, the cymbal and the snare on three keep four",
      .tempo = {108, 150},
      .rows = {{Line::kick, "X..x ..x. .x.. x.x."},
               {Line::snare, ".... .... X... ...."},
               {Line::crash, "x... x... x... x..."},
               {Line::power, "X.mX .mX. mX.m X.X."},
               {Line::bass, "1.11 .11. 11.1 1.1."}}},
     {.name = "thrash with pushed snare",
      .words = "kick on the beat, snare between, the last snare doubled, chugs in eighths",
      .tempo = {90, 112},
      .rows = {{Line::kick, "X... x..x X... x..x"},
               {Line::snare, "..X. ..X. ..X. ..XX"},
               {Line::ride, "x.x. x.x. x.x. x.x."},
               {Line::power, "m.m. mmX- m.m. X-X-"},
               {Line::bass, "1.1. 111- 1.1. 1-1-"}},
      .use = GrooveUse::test},
     {.name = "breakdown",
      .words = "half time, the kick follows the chugs in broken groups, the snare on three, the china in quarters",
      .tempo = {108, 152},
      .rows = {{Line::kick, "X.x. ..xx ..X. .x.."},
               {Line::snare, ".... .... X... ...."},
               {Line::crash, "X... x... x... x..."},
               {Line::power, "m.m. ..mm ..X- .m.."},
               {Line::bass, "1.1. ..11 ..1- .1.."}},
      .use = GrooveUse::test}}};

}  // namespace

Genre metal() {
  return {.name = "metal",
          .grooves = kMetalGrooves,
          .progressions = {"1m 1m b6 b7", "1m 1m 1m b2", "1m b7 b6 57", "1m b3 b7 4m", "1m 1m b6 57"},
          .bass = {picked_bass, picked_bass, fingered_bass},
          .chords = {distortion_guitar},
          .comping = {distortion_guitar, overdriven_guitar},
          .leads = {distortion_guitar, overdriven_guitar, lead_sawtooth},
          .kits = {power_kit, room_kit, standard_kit},
          .machine = 0.05,
          .voice = 0.6,
          .spoken = 0.3,
          .drift = 0.15,
          .distortion = 0.95,
          .no_drums = 0,
          .odd_bars = 0.2,
          .solo = 0.12};
}

}  // namespace pop2piano
