// SPDX-License-Identifier: MIT
// Hip-hop and trap: broken beats, swung samples, half-time hats, the 808.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr std::array<Groove, 8> kHipHopGrooves = {
    {{.name = "boom bap",
      .words = "kick on one and around three, snare on two and four, lazy sixteenths",
      .tempo = {82, 104},
      .rows = {{Line::kick, "X..x .... ..X. ...."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "x.x. x.x. x.x. x.x."},
               {Line::chords, "x--- ---- ..x- ----"},
               {Line::bass, "1--1 .... ..1- 5-.."}},
      .swung = Swung::sixteenths,
      .place = {0.53, 0.66}},
     {.name = "boom bap with ghosts",
      .words = "the kick doubles before three, ghost strokes around the snare",
      .tempo = {84, 100},
      .rows = {{Line::kick, "X.x. .... .xX. ...x"},
               {Line::snare, ".... X..g .g.. X..."},
               {Line::hat, "x.xo x.x. x.xo x.x."},
               {Line::chords, "..x. .x.. ..x. ...."},
               {Line::bass, "1-1. .... .11- ...."}},
      .swung = Swung::sixteenths,
      .place = {0.53, 0.66}},
     {.name = "trap",
      .words = "tapped at the slow beat: snare on two and four, hats in sixteenths and thirty-seconds, 808 in long "
               "notes",
      .cells = 8,
      .tempo = {62, 82},
      .rows = {{Line::kick, "X....... ....x... ..x..... ........"},
               {Line::clap, "........ X....... ........ X......."},
               {Line::hat, "x.x.x.x. x.x.x.x. x.x.xxxx x.x.x.x.|x.x.x.x. xxxxx.x. x.x.x.x. xxxxxxxx"},
               {Line::arpeggio, "3---4--- 5---4--- 3---4--- 6-------"},
               {Line::bass, "1------- ....1--- ..1----- --------"}}},
     {.name = "drill",
      .words = "snares late in the bar: the second on the last eighth, the 808 slides, hats in threes",
      .cells = 4,
      .tempo = {68, 74},
      .rows = {{Line::kick, "X... ..x. .... x..."},
               {Line::clap, ".... X... .... ..X.|.... X... .... X..."},
               {Line::hat, "x..x ..x. x..x ..x."},
               {Line::chords, "x--- ---- x--- ----"},
               {Line::bass, "1--- --5- ---- 8---"}}},
     {.name = "old school machine",
      .words = "drum machine: kick on one, the and of two and three, claps on two and four, cowbell",
      .tempo = {96, 118},
      .rows = {{Line::kick, "X... ..x. X... ...."},
               {Line::clap, ".... X... .... X..."},
               {Line::hat, "xxxx xxxx xxxx xxxx"},
               {Line::cowbell, "..x. ..x. .x.. x..."},
               {Line::bass, "1... ..1. 1... 7.8."}}},
     {.name = "trip-hop",
      .words = "slow break, kick one and the last sixteenth of two, brushes of noise",
      .tempo = {70, 92},
      .rows = {{Line::kick, "X... ...x .xx. ...."},
               {Line::snare, ".... X..g .... X..g"},
               {Line::ride, "x.x. x.x. x.x. x.x."},
               {Line::comping, "x--- ---- ---- ----"},
               {Line::bass, "1--- ...1 .15- ...."}},
      .swung = Swung::sixteenths,
      .place = {0.5, 0.6}},
     {.name = "sampled soul loop",
      .words = "kick on one and the sixteenth after two-and, snare on two and four, chords of a swung sample",
      .tempo = {80, 98},
      .rows = {{Line::kick, "X... ...x ..x. x..."},
               {Line::snare, ".... X... .... X..."},
               {Line::hat, "x.x. xox. x.x. x.xo"},
               {Line::chords, "x.x- ..x. x.x- ...."},
               {Line::comping, "x--- ---- x--- ----"},
               {Line::bass, "1--. ...1 ..3- 5-.."}},
      .swung = Swung::sixteenths,
      .place = {0.55, 0.65},
      .use = GrooveUse::test},
     {.name = "trap with triplet hats",
      .words = "slow beat, snare on two and four, hats in sixteenth triplets, 808 with the kick",
      .cells = 6,
      .tempo = {64, 80},
      .rows = {{Line::kick, "X..... ...x.. ..x... ......"},
               {Line::snare, "...... X..... ...... X....."},
               {Line::hat, "x.x.x. x.x.x. xxxxxx x.x.x."},
               {Line::arpeggio, "3-----4-----6-----5-----"},
               {Line::bass, "1----- ...1-- ..1--- ------"}},
      .use = GrooveUse::test}}};

}  // namespace

Genre hip_hop() {
  return {.name = "hip-hop",
          .grooves = kHipHopGrooves,
          .progressions = {"1m 1m b6 b7", "1m 4m 1m 4m", "1m7 4m7", "2m7 57 1M7 1M7", "1m 1m 1m b6", "6m 4 6m 5",
                           "1m b7 b6 b6"},
          .bass = {synth_bass_1, synth_bass_2, fingered_bass, acoustic_bass},
          .chords = {electric_piano_1, acoustic_grand_piano, clean_guitar, vibraphone},
          .comping = {string_ensemble_1, pad_warm, synth_strings_1, choir_aahs},
          .leads = {flute, lead_square, lead_sawtooth, trumpet, music_box},
          .kits = {tr808_kit, electronic_kit, room_kit, standard_kit},
          .machine = 0.6,
          .voice = 0.85,
          .spoken = 0.75,
          .drift = 0.02,
          .rubato = {0, 0.001}};
}

}  // namespace pop2piano
