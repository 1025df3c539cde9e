// SPDX-License-Identifier: MIT
// Waltzes, 3/4 pop and other songs in three or six.
#include <array>

#include "learning/genres/genre.h"
#include "learning/studio/general_midi.h"

namespace pop2piano {

using namespace general_midi;

namespace {

constexpr auto kWaltzGrooves =
    std::to_array<Groove>({{.name = "Viennese waltz",
                            .words = "bass on one, chords on two and three, two a little early",
                            .beats = 3,
                            .tempo = {138, 192},
                            .rows = {{Line::bass, "1-.. .... ....|5-.. .... ...."},
                                     {Line::chords, ".... x... x..."},
                                     {Line::kick, "o... .... ...."}}},
                           {.name = "pop in three",
                            .words = "kick on one, snare on three, eighths on the hat",
                            .beats = 3,
                            .tempo = {84, 156},
                            .rows = {{Line::kick, "X... ..x. ...."},
                                     {Line::snare, ".... .... X..."},
                                     {Line::hat, "x.o. x.o. x.o."},
                                     {Line::chords, "x--- x-o- x-o-"},
                                     {Line::bass, "1--- ---- 5---"}}},
                           {.name = "pop in three with backbeat on two",
                            .words = "kick on one, snare on two, kick again on three-and",
                            .beats = 3,
                            .tempo = {88, 150},
                            .rows = {{Line::kick, "X... .... ..x."},
                                     {Line::snare, ".... X... ...."},
                                     {Line::hat, "x.o. x.o. x.o."},
                                     {Line::arpeggio, "1.3. 4.5. 4.3."},
                                     {Line::bass, "1--- ---- --5-"}}},
                           {.name = "rock in six",
                            .words = "two beats of three eighths: kick one, snare two, eighths ring",
                            .beats = 2,
                            .cells = 6,
                            .tempo = {44, 80},
                            .rows = {{Line::kick, "X..... ....x."},
                                     {Line::snare, "...... X....."},
                                     {Line::hat, "x.o.o. x.o.o."},
                                     {Line::arpeggio, "1.2.3. 4.3.2."},
                                     {Line::bass, "1----- --1-5-"}}},
                           {.name = "French waltz",
                            .words = "no drums: accordion waltz, bass and two chords, the melody runs",
                            .beats = 3,
                            .tempo = {150, 208},
                            .rows = {{Line::bass, "1-.. .... ....|5-.. .... ...."}, {Line::chords, ".... x... o..."}}},
                           {.name = "slow waltz with brushes",
                            .words = "brushes on two and three, pizzicato bass on one",
                            .beats = 3,
                            .tempo = {78, 116},
                            .rows = {{Line::snare, "g... o... o..."},
                                     {Line::ride, "x... x... x.o."},
                                     {Line::chords, "..x. x... x..."},
                                     {Line::bass, "1--- ---- ----|1--- ---- 5---"}}},
                           {.name = "mazurka",
                            .words = "three with the weight on the second beat, dotted first",
                            .beats = 3,
                            .tempo = {112, 160},
                            .rows = {{Line::bass, "1... .... ...."}, {Line::chords, "o..o X--- o..."}}}});

}  // namespace

Genre waltz() {
  return {.name = "waltz",
          .grooves = kWaltzGrooves,
          .progressions = {"1 1 57 57 57 57 1 1", "1 6m 2m 57", "1 4 1 57", "6m 4 1 5", "1 3m 4 5", "1m 4m 57 1m",
                           "1 5 6m 4"},
          .bass = {acoustic_bass, fingered_bass, contrabass},
          .chords = {acoustic_grand_piano, accordion, steel_guitar, string_ensemble_1, nylon_guitar},
          .comping = {string_ensemble_1, french_horn},
          .leads = {violin, accordion, clarinet, flute, acoustic_grand_piano},
          .kits = {standard_kit, brush_kit, jazz_kit},
          .machine = 0.05,
          .voice = 0.5,
          .rubato = {0.002, 0.02},
          .no_drums = 0.3,
          .slows_down = 0.2};
}

}  // namespace pop2piano
