// SPDX-License-Identifier: MIT
// Reggae, counted so that the guitar's chop falls between the beats.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 7> kReggaeGrooves = {
    {{.name = "one drop",
      .words = "nothing on one: kick and rim together on two and four, the guitar chops every off-beat",
      .tempo = {62, 92},
      .rows = {{Line::kick, ".... X... .... X..."},
               {Line::side_stick, ".... X... .... X..."},
               {Line::hat, "x.o. x.o. x.o. x.o."},
               {Line::chords, "..X. ..X. ..X. ..X."},
               {Line::comping, "..ox ..ox ..ox ..ox"},
               {Line::bass, "1--- ..1. 3-5- ....|1--- ..5. 8--- 5.3."}},
      .swung = Swung::sixteenths,
      .place = {0.5, 0.62}},
     {.name = "one drop with open hats",
      .words = "the one drop, the hat opens on the last off-beat, a rim before the four",
      .tempo = {64, 88},
      .rows = {{Line::kick, ".... X... .... X..."},
               {Line::side_stick, ".... X... ...o X.o."},
               {Line::hat, "..x. ..x. ..x. ...."},
               {Line::open_hat, ".... .... .... ..x."},
               {Line::chords, "..X. ..X. ..X. ..X."},
               {Line::bass, ".... 1-1- 3-1- ....|.... 1-5- 6-5- ...."}}},
     {.name = "steppers",
      .words = "the kick walks on every beat, the snare on two and four",
      .tempo = {62, 84},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::snare, ".... x... .... x..."},
               {Line::hat, "x.xx x.xx x.xx x.xx"},
               {Line::chords, "..X. ..X. ..X. ..X."},
               {Line::comping, "..x. ..xo ..x. ..xo"},
               {Line::bass, "1-1. 1-5. ..1. 3-5."}},
      .swung = Swung::sixteenths,
      .place = {0.5, 0.64}},
     {.name = "rockers",
      .words = "the kick in eighths, the snare on two and four as in rock",
      .tempo = {64, 90},
      .rows = {{Line::kick, "X.x. x.x. X.x. x.x."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "x.o. x.o. x.o. x.ox"},
               {Line::chords, "..X. ..X. ..X. ..X."},
               {Line::bass, "1--. 1.1. ..3. 5-3."}}},
     {.name = "ska",
      .words = "fast, kick on one and three, snare on two and four, horns and guitar on every off-beat",
      .tempo = {112, 152},
      .rows = {{Line::kick, "X... .... X... ...."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "x.o. x.o. x.o. x.o."},
               {Line::chords, "..X. ..X. ..X. ..X."},
               {Line::comping, "..X. ..X. ..X. ..X."},
               {Line::bass, "1-.. 3-.. 5-.. 6-..|8-.. 6-.. 5-.. 3-.."}}},
     {.name = "one drop with bubble",
      .words = "kick and rim on two and four, the organ bubbles around the chops, bass waits for the one-and",
      .tempo = {66, 90},
      .rows = {{Line::kick, ".... X... .... X..."},
               {Line::side_stick, ".... X..o .... X..."},
               {Line::hat, "xoxo xoxo xoxo xoxo"},
               {Line::chords, "..X. ..X. ..Xo ..X."},
               {Line::comping, ".oxo .oxo .oxo .oxo"},
               {Line::bass, "..1- 1.3- 5-.. ..1-"}},
      .use = GrooveUse::test},
     {.name = "steppers with toms",
      .words = "kick on every beat, rim figures instead of a snare, the bass in long notes",
      .tempo = {64, 80},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::side_stick, "...x ..x. ...x ..x."},
               {Line::hat, "..x. ..x. ..x. ..x."},
               {Line::low_tom, ".... .... .... ..xx"},
               {Line::chords, "..X. ..X. ..X. ..X."},
               {Line::bass, "1--- --5- 1--- ...."}},
      .use = GrooveUse::test}}};

}  // namespace

Genre reggae() {
  return {.name = "reggae",
          .grooves = kReggaeGrooves,
          .progressions = {"1 1 4 4", "1 5 1 5", "1m 1m 4m 4m", "1 4 1 5", "6m 6m 2m 2m", "1 2m 1 2m", "1m b7 1m b7"},
          .bass = {fingered_bass, picked_bass, acoustic_bass, fretless_bass},
          .chords = {clean_guitar, jazz_guitar, muted_guitar},
          .comping = {drawbar_organ, percussive_organ, acoustic_grand_piano, brass_section},
          .leads = {trombone, trumpet, harmonica, drawbar_organ, tenor_sax, clean_guitar},
          .kits = {standard_kit, room_kit, standard_kit},
          .voice = 0.7,
          .rubato = {0, 0.006}};
}

}  // namespace pop2piano
