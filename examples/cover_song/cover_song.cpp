// SPDX-License-Identifier: MIT
// A piano cover in thirty lines, with the installed library. Usage: cover_song SONG OUT.mid
#include <pop2piano/audio.h>
#include <pop2piano/cover.h>
#include <pop2piano/error.h>
#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: cover_song SONG OUT.mid\n";
    return 2;
  }
  try {
    const auto song = pop2piano::Recording::open(argv[1]);
    const auto model = pop2piano::Model::load(MODEL_FOLDER);
    const auto cover = pop2piano::make_cover(song, *model, "auto", {.title = "A cover"});
    pop2piano::write_midi(argv[2], cover.piano.score);
    std::cout << cover.piano.score.notes.size() << " notes at " << cover.piano.score.grid.tempo()
              << " beats per minute\n";
  } catch (const pop2piano::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
