// SPDX-License-Identifier: MIT
// Melody chroma accuracy of many covers of one song whose melody is known: cover_chroma MELODY COVER.mid ... What
// `pop2piano evaluate cover --melody` prints as mca, without hearing the song.
#include <cstdio>
#include <exception>

#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/cover_melody.h"

namespace pop2piano {
namespace {

int run(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: cover_chroma MELODY COVER.mid ...\n");
    return 2;
  }
  const Melody melody = read_melody_file(argv[1]);
  for (int i = 2; i < argc; ++i) {
    const CoverMelodyScores scores = compare_cover_melody(melody.contour, melody.notes, read_note_file(argv[i]).notes);
    if (scores.mca.defined()) {
      std::printf("%.4f  %s\n", scores.mca.value(), argv[i]);
    } else {
      std::printf("undefined  %s\n", argv[i]);
    }
  }
  return 0;
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  try {
    return pop2piano::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
