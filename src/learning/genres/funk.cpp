// SPDX-License-Identifier: MIT
// Funk: syncopated bass, ghost strokes, the one.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr auto kFunkGrooves =
    std::to_array<Groove>({{.name = "the one",
                            .words = "everybody on one; the snare leaves four late, ghosts between, scratching guitar",
                            .tempo = {92, 118},
                            .rows = {{Line::kick, "X.x. .... ..x. .x.."},
                                     {Line::snare, ".... X..g .g.g X..g"},
                                     {Line::hat, "xxxx xxxx xxxx xxxx"},
                                     {Line::chords, "..xx .x.x ..xx .x.x"},
                                     {Line::bass, "1... .81. ..1. .57."}}},
                           {.name = "displaced snare",
                            .words = "the second snare comes an eighth late, ghosts fill, the kick answers",
                            .tempo = {94, 116},
                            .rows = {{Line::kick, "X.X. .... ..XX ...."},
                                     {Line::snare, ".... X..g .g.. ..Xg|.g.. X..g .g.. X..g"},
                                     {Line::hat, "x.x. x.x. x.x. x.x."},
                                     {Line::chords, "...x ...x ...x ...x"},
                                     {Line::bass, "1.1. ..8. ..11 .5.."}}},
                           {.name = "linear sixteenths",
                            .words = "hat, kick and snare share the sixteenths, no two together but on the backbeats",
                            .tempo = {84, 110},
                            .rows = {{Line::kick, "X..x ..x. ..x. .x.."},
                                     {Line::snare, ".... X..g .... X.g."},
                                     {Line::hat, ".xx. .x.. xx.x ..x."},
                                     {Line::comping, "x... ..x. .... ...."},
                                     {Line::bass, "1..1 ..3. 5... .71."}}},
                           {.name = "slap",
                            .words = "thumb on one, popped octaves between the beats, snare on two and four",
                            .tempo = {96, 122},
                            .rows = {{Line::kick, "X... ...x ..x. ...."},
                                     {Line::snare, ".... X... .... X..."},
                                     {Line::hat, "x.x. x.x. x.x. x.xx"},
                                     {Line::chords, ".... ..x. .x.. ...."},
                                     {Line::bass, "1..8 .1.8 ..1. 8.57"}}},
                           {.name = "New Orleans second line",
                            .words = "snare march with a tripping clave, kick on the and of two and four",
                            .tempo = {84, 108},
                            .rows = {{Line::kick, "X..x ..x. x..x ..x."},
                                     {Line::snare, "Xggx ggXg gXgg xgXg"},
                                     {Line::cowbell, "x..x ..x. ..x. x..."},
                                     {Line::bass, "1..1 ..5. 1..5 ..3."},
                                     {Line::comping, "x..x ..x. ..x. x..."}},
                            .swung = Swung::sixteenths,
                            .place = {0.54, 0.64}},
                           {.name = "slow jam",
                            .words = "slow, kick one and the sixteenth before three, snare two and four, hats swing",
                            .tempo = {66, 88},
                            .rows = {{Line::kick, "X... ...x x... ...."},
                                     {Line::snare, ".... X... .... X..."},
                                     {Line::hat, "xoxo xoxo xoxo xoxo"},
                                     {Line::chords, "..x- ---- ..x- --x-"},
                                     {Line::bass, "1--- ...5 1... .57."}},
                            .swung = Swung::sixteenths,
                            .place = {0.55, 0.66}}});

}  // namespace

Genre funk() {
  return {.name = "funk",
          .grooves = kFunkGrooves,
          .progressions = {"17 17 17 17", "1m7 1m7 47 47", "1m7 47 1m7 47", "17 17 47 17", "2m7 57 2m7 57"},
          .bass = {slap_bass_1, slap_bass_2, fingered_bass, synth_bass_1},
          .chords = {clean_guitar, clavinet, muted_guitar, electric_piano_1},
          .comping = {brass_section, synth_brass_1, drawbar_organ, trumpet},
          .leads = {tenor_sax, alto_sax, trumpet, lead_square},
          .kits = {standard_kit, room_kit, power_kit},
          .voice = 0.6,
          .spoken = 0.15,
          .no_drums = 0,
          .solo = 0.2};
}

}  // namespace pop2piano
