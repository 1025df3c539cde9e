// SPDX-License-Identifier: MIT
// What a writer on symbols writes for songs of records beside what the pianist wrote: MIDI files of both, and how their
// textures compare.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "judging/metrics/texture_metrics.h"

namespace pop2piano::training::app {

struct WriterMeasureOptions {
  std::string split = "validation";
  int most_songs = 0;         ///< 0: all of the split
  double wrong_chords = 0.0;  ///< share of the chords that the writer is told wrongly
  std::uint64_t seed = 1;     ///< of the wrong chords
  std::string style = "auto";
  double bass_weight = 1.5;   ///< as of WriterOptions
  bool humans_plan = false;   ///< wish for each section the density and fullness of the pianist's
  std::filesystem::path out;  ///< folder for SONG/{human.mid, ours.mid, beats.txt}; empty: nothing is written
};

struct WriterMeasures {
  std::size_t songs = 0;
  double seconds = 0;  ///< of writing, all songs side by side
  TextureMeans human, ours;
};

/// Throws Error: as Model::load(), RecordSet::open(), write_songs(); nothing_found (no song of the split),
/// write_failed.
WriterMeasures measure_writer(const std::filesystem::path& model, const std::vector<std::filesystem::path>& records,
                              const WriterMeasureOptions& options, ThreadPool& pool, const Monitor& monitor);

}  // namespace pop2piano::training::app
