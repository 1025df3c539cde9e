// SPDX-License-Identifier: MIT
// Which bar of the bank stands at which place of a song: the cheapest path, where a bar costs what its chords, its
// melody, its tempo and its texture differ from what is wanted, and leaving the song that it is of costs, too.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "writing/figures/figure_bank.h"
#include "writing/writer/writer_song.h"

namespace pop2piano {

/// Costs. How they were chosen: docs/lab/figures.md.
struct FigureWeights {
  float chord = 1.0F;     ///< a beat whose chord has another root, 0.5 for another bass, 0.25 for each pitch class
  float melody = 0.3F;    ///< a sixteenth at which only one of the melodies has an onset
  float height = 0.1F;    ///< a semitone between the melodies' mean pitches, beyond two
  float tempo = 1.0F;     ///< an octave between the tempi, growing with the square
  float triplet = 2.0F;   ///< a beat in triplets where the melody has none
  float density = 0.3F;   ///< a class of SectionTexture::density
  float fullness = 0.3F;  ///< a class of SectionTexture::fullness
  float sketch = 3.0F;    ///< gained by the notes of the sketch, all of them: their F measure times this
  float within = 8.0F;    ///< another place of the same song
  float jump = 16.0F;     ///< another song
  float repeat = 2.0F;    ///< the same bar once more, in any key
  float reuse = 16.0F;    ///< gained by a bar in a key that stands at an earlier place of the song, too
  float figure = 6.0F;    ///< gained by a bar that stands there in another key
};

/// The beats [first, end) of a song, at most kFigureBeats, that a bar is chosen for.
struct FigurePlace {
  int first = 0, end = 0;
};

/// What is asked of the bank for one song.
struct FigureRequest {
  const WriterSong& song;        ///< of a metre that has_figures() accepts
  std::span<const Note> sketch;  ///< an accompaniment to be like, ordered by onset; may be empty
  double beat_seconds = 0.6;
  /// Another seed, other bars where the song is written again (WriterSong::again), unlike those that stood there; 0:
  /// the cheapest.
  std::uint64_t seed = 0;

  [[nodiscard]] bool varies(const FigurePlace& place) const {
    return seed != 0 && song.is_written(place.first * kStepsPerBeat);
  }
};

/// A bar moved by `shift` semitones.
struct ChosenFigure {
  std::size_t bar = 0;
  int shift = 0;
  friend bool operator==(const ChosenFigure&, const ChosenFigure&) = default;
};

/// Whether bars of four beats fit: metres of two and four whose beats are not in three parts.
[[nodiscard]] bool has_figures(const WriterSong& song);

/// Bar for bar from beat 0 on; bars of two beats in pairs, what is longer than four in parts.
[[nodiscard]] std::vector<FigurePlace> figure_places(const WriterSong& song);

/// One for each place. Places whose beats return (WriterSong::returns) get what stood there before. The result does not
/// depend on the number of threads. Throws Error(cancelled).
[[nodiscard]] std::vector<ChosenFigure> choose_figures(const FigureBank& bank, const FigureRequest& request,
                                                       std::span<const FigurePlace> places,
                                                       const FigureWeights& weights, ThreadPool& pool,
                                                       const Monitor& monitor = {});

}  // namespace pop2piano
