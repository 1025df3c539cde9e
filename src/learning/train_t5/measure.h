// SPDX-License-Identifier: MIT
// What a model writes for whole songs of records, set beside their target: note F1, the order of the styles, and
// whether the borders of segments can be heard.
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "learning/train/train_config.h"
#include "learning/train/training_songs.h"
#include "learning/train_t5/melody_measures.h"
#include "learning/train_t5/validation.h"

namespace pop2piano::training {

/// Of the notes of one style in one song.
struct StyleDensity {
  double notes_per_second = 0.0, notes_per_onset = 0.0;
};

/// Means over every second beat inside segments, and over those from which on another segment was written.
struct BorderMeasures {
  double register_jump = 0.0;  ///< semitones between the mean pitch of the beat before and the beat after
  double density_jump = 0.0;   ///< notes, likewise
  double struck_again = 0.0;   ///< share of notes on the beat whose pitch sounded until then
  double held_over = 0.0;      ///< notes that sound across the beat
};

struct ModelMeasures {
  std::size_t songs = 0, segments = 0;
  NoteScore notes;                 ///< in each song's own style, greedy
  MelodyMeasures melody, melodia;  ///< the melody as the network hears it (if there is one), as MELODIA does
  std::map<std::string, StyleDensity> styles;  ///< means over songs
  std::size_t songs_in_order = 0;              ///< of densities sparse < flowing < dense in both textures, and of
                                               ///< more notes an onset in chords than broken in all densities
  BorderMeasures borders, inside;              ///< in the song's own style
};

struct MeasureOptions {
  Split split = Split::test;
  bool styles = false;         ///< each song in every style too: six times the work
  int threads = 0;             ///< 0: all
  double melody_weight = 0.0;  ///< as in WriteOptions
  int overlap_beats = 0;       ///< likewise
};

/// All songs of the split, whole. Throws as TrainingSongs and Model::load do; cancelled.
ModelMeasures measure_model(const std::filesystem::path& model, const std::vector<std::string>& records,
                            const MeasureOptions& options, const Monitor& monitor = {});

}  // namespace pop2piano::training
