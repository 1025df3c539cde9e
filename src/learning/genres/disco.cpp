// SPDX-License-Identifier: MIT
// Disco and house: the kick on every beat.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 8> kDiscoGrooves = {
    {{.name = "disco",
      .words = "kick on every beat, snare on two and four, the hat opens between the beats, bass in octaves",
      .tempo = {108, 134},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::snare, ".... X... .... X..."},
               {Line::open_hat, "..X. ..X. ..X. ..X."},
               {Line::hat, "x... x... x... x..."},
               {Line::chords, "..x. .xx. ..x. .x.."},
               {Line::comping, "x--- ---- ---- ----"},
               {Line::bass, "1.8. 1.8. 1.8. 1.8."}}},
     {.name = "disco in sixteenths",
      .words = "kick on every beat, sixteenths on the hat, the bass jumps in octaves with sixteenths before the beat",
      .tempo = {104, 128},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "xox. xox. xox. xox."},
               {Line::open_hat, "...x ...x ...x ...x"},
               {Line::chords, "x.xx .xx. x.xx .xx."},
               {Line::bass, "1.81 .18. 1.81 .18."}}},
     {.name = "house",
      .words = "kick on every beat, claps on two and four, open hats between, piano stabs in threes",
      .tempo = {118, 130},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::clap, ".... X... .... X..."},
               {Line::open_hat, "..x. ..x. ..x. ..x."},
               {Line::shaker, "oxoo oxoo oxoo oxoo"},
               {Line::chords, "x..x ..x. ..x. x..."},
               {Line::bass, "..1. ..1. ..1. .11."}},
      .swung = Swung::sixteenths,
      .place = {0.5, 0.58}},
     {.name = "deep house",
      .words = "kick on every beat, rims off the grid, chords late and long, bass between the beats",
      .tempo = {114, 126},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::side_stick, "...x ..x. ...x .x.."},
               {Line::hat, "..x. ..x. ..x. ..xo"},
               {Line::comping, "..x- ---- ...x ----"},
               {Line::bass, "..1. .1.. ..1. ...5"}},
      .swung = Swung::sixteenths,
      .place = {0.52, 0.6}},
     {.name = "techno",
      .words = "kick on every beat, a synthesiser in sixteenths, hats between the beats, no snare",
      .tempo = {122, 140},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::hat, "..x. ..x. ..x. ..x."},
               {Line::arpeggio, "1213 1214 1213 1512"},
               {Line::bass, ".111 .111 .111 .111"}}},
     {.name = "Eurodance",
      .words = "kick on every beat, snare on two and four, bass on the off-beats, held strings",
      .tempo = {124, 148},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "..x. ..x. ..x. ..x."},
               {Line::comping, "x--- ---- ---- ----"},
               {Line::arpeggio, "3.3. 43.3 ..3. 5.4."},
               {Line::bass, "..1. ..1. ..1. ..1."}}},
     {.name = "disco with congas",
      .words = "kick on every beat, congas in sixteenths, strings run, the bass syncopates before three",
      .tempo = {106, 130},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "xoxo xoxo xoxo xoxo"},
               {Line::high_conga, "..x. .xx. ..x. .x.."},
               {Line::low_conga, "...x .... ...x ..xx"},
               {Line::chords, ".x.x ..x. .x.x ..x."},
               {Line::comping, "x--- ---- --x- ----"},
               {Line::bass, "1--. 8.1. .15. 8.7."}},
      .use = GrooveUse::test},
     {.name = "piano house",
      .words = "kick on every beat, claps, the piano syncopates over two bars, the bass follows it",
      .tempo = {118, 128},
      .rows = {{Line::kick, "X... X... X... X..."},
               {Line::clap, ".... X... .... X..."},
               {Line::open_hat, "..X. ..X. ..X. ..X."},
               {Line::chords, "x.x. .x.x ..x. x.x.|.x.x ..x. x.x. ...."},
               {Line::bass, "1..1 ..1. ..1. 1..."}},
      .use = GrooveUse::test}}};

}  // namespace

Genre disco() {
  return {.name = "disco",
          .grooves = kDiscoGrooves,
          .progressions = {"1m7 4m7 1m7 57", "6m 2m 5 1", "1m b7 b6 57", "4M7 5 6m 6m", "1m7 1m7 4m7 4m7",
                           "2m7 57 1M7 1M7"},
          .bass = {fingered_bass, slap_bass_1, synth_bass_1, synth_bass_2},
          .chords = {clean_guitar, electric_piano_1, acoustic_grand_piano, clavinet, muted_guitar},
          .comping = {string_ensemble_1, synth_strings_1, brass_section, pad_warm},
          .leads = {lead_sawtooth, string_ensemble_1, trumpet, flute, lead_square},
          .kits = {standard_kit, electronic_kit, tr808_kit, room_kit},
          .machine = 0.5,
          .voice = 0.6,
          .drift = 0.05,
          .rubato = {0, 0.002},
          .no_drums = 0,
          .odd_bars = 0.03};
}

}  // namespace pop2piano
