// SPDX-License-Identifier: MIT
// Covers in three steps, each with a value between: recording -> analyse() -> Analysis -> write() -> Written ->
// arrange() -> PianoScore. make_cover() is the three in a row. The second step, what the network writes, is declared
// here; the others in analysis.h and arrange.h.
#pragma once

#include <pop2piano/analysis.h>
#include <pop2piano/arrange.h>
#include <pop2piano/audio.h>
#include <pop2piano/model.h>
#include <pop2piano/plan.h>
#include <pop2piano/score.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pop2piano {

class FigureBank;

/// Who writes what stands under the melody.
enum class Accompaniment : std::uint8_t {
  audio,       ///< the model that hears the recording, together with the melody
  lead_sheet,  ///< a second model, the writer, over that melody and the chords and basses that were heard
  figures,     ///< bars that pianists wrote, chosen for these and for what the writer wrote
};
/// "audio", "lead-sheet", "figures".
[[nodiscard]] const char* to_string(Accompaniment accompaniment);
/// The one of that name. Throws Error(invalid_argument) where there is none.
[[nodiscard]] Accompaniment accompaniment_named(std::string_view name);
[[nodiscard]] std::vector<std::string> accompaniment_names();

/// Bars, counted as those of a plan, whose accompaniment is written again while the rest stays as it was.
struct AgainPassage {
  int first_bar = 0, last_bar = 0;  ///< both belong to it
  std::uint64_t seed = 1;           ///< another seed, another version
  friend bool operator==(const AgainPassage&, const AgainPassage&) = default;
};

/// What guides the network beside what it was trained on.
struct WriteOptions {
  GenerateOptions generation{};  ///< greedy by default
  /// How much the notes of the melody follow what is heard as the recording's melody, beside the model: weight of its
  /// log-probability, 0 none, 0..10. Models with `voices` tokens only.
  double melody_weight = 2.5;
  /// Beats of what it wrote before that the network goes on from, 0..4; 0: each segment alone, which is faster.
  int overlap_beats = 2;
  /// Models with `voices` tokens only; the others write no melody of their own.
  Accompaniment accompaniment = Accompaniment::figures;
  /// The model of features `symbols` that writes over the lead sheet; null: installed_writer().
  std::shared_ptr<const Model> writer{};
  /// The bars that `figures` chooses from; null: installed_figures().
  std::shared_ptr<const FigureBank> figures{};
  /// Nats by which the writer prefers the bass that was heard, 0..10.
  double bass_weight = 3.0;
  /// Textures that are asked for in place of those decided; of the accompaniments over the lead sheet.
  PlanWish plan{};
  /// One after the other, each drawn at temperature 1 and reading what stands before it; of the accompaniment
  /// `lead_sheet`.
  std::vector<AgainPassage> again{};

  /// Throws Error(invalid_argument) for values that there are not. write() calls it; long work calls it before.
  void validate() const;
};

/// What the network wrote: a value that can be kept, from which any level and key is arranged without the network.
struct Written {
  /// On the analysis' grid. Notes where the recording sounds, cleaned and in order; no hands, velocities 0. Key found.
  Score score;
  Rhythm rhythm;
  Tuning tuning;                   ///< of the recording, as in Analysis
  double peak_db = 0.0;            ///< of the recording, as in Analysis
  std::vector<float> loudness_db;  ///< [beats of the score's grid], as in Analysis
  double duration = 0;             ///< seconds of the recording
  /// What guided the melody was heard by the melody network, else by MELODIA or nothing did.
  bool melody_by_network = false;
  Accompaniment accompaniment = Accompaniment::audio;  ///< who wrote it in the end
  Plan plan;                                           ///< as it was written, all bars of the score's grid
  std::vector<std::string> remarks;                    ///< what could not be as asked for, in sentences for the user
  std::vector<double> segment_first_beats;             ///< [segments] beat of the grid at which what it wrote begins
  std::vector<float> confidence;  ///< [segments] 0..1, geometric mean of the probabilities of the chosen tokens
  std::vector<std::size_t> segment_tokens;  ///< [segments] how many tokens the network wrote
  StageSeconds stage_seconds;               ///< of the analysis, then "generate" and, by the writer, "accompany"
};

/// The model of the folder that POP2PIANO_WRITER names ("none": no model), else of the first `writer` in the folders of
/// models. Null when there is none. Throws as Model::load() does.
[[nodiscard]] std::shared_ptr<const Model> installed_writer();

/// The bars of the file that POP2PIANO_FIGURES names ("none": none), else of the first figures/figures.safetensors in
/// the folders of models. Null when there is none. Throws Error: not_found, unreadable, malformed.
[[nodiscard]] std::shared_ptr<const FigureBank> installed_figures();

/// One style of the model; the score gets the recording's title and the chords that were heard. On two cores about 1 s
/// for four minutes of song with our default model. The result does not depend on `threads` (0: as many as the process
/// may use). Stage reported: "generate", "accompany". Without a writer or a harmony that was heard the accompaniment is
/// that of `audio`, which Written::remarks says. Throws Error: invalid_argument (unknown style, options; features or
/// evidence of the melody that the analysis does not hold), nothing_found (the network wrote no note), cancelled.
[[nodiscard]] Written write(const Analysis& analysis, const Model& model, const std::string& style = "auto",
                            const WriteOptions& options = {}, int threads = 0, const Monitor& monitor = {});

/// Writes the file whole or not at all; about 50 kB for four minutes of song. Throws Error: write_failed.
void save_written(const Written& written, const std::filesystem::path& file);
/// Gives back what was saved, but for stage_seconds. Throws Error as load_analysis() does.
[[nodiscard]] Written load_written(const std::filesystem::path& file);

/// arrange() of arrange.h with the recording's loudness and repeated strikes of the melody held.
[[nodiscard]] PianoScore arrange(const Written& written, PianoOptions options = {});

/// Everything that a cover depends on beside recording, model and style: the options of the three steps.
struct CoverOptions {
  BeatOptions beats{};
  WriteOptions writing{};
  PianoOptions piano{};
  std::string title{};  ///< empty: the recording's own title
  int threads = 0;      ///< 0: as many as the process may use; the result does not depend on it
};

/// A cover and what it was made from.
struct Cover {
  Written written;
  PianoScore piano;
  StageSeconds stage_seconds;  ///< "beats", "listen", "generate", "accompany", "arrange"
};

/// What analyse() must be asked for, so that the model can write with these options.
[[nodiscard]] AnalysisOptions analysis_options(const Model& model, const CoverOptions& options = {});

/// One cover of each style; the recording is analysed once. Throws as the three steps do; options and styles are looked
/// at before the recording is.
[[nodiscard]] std::vector<Cover> make_covers(const Recording& recording, const Model& model,
                                             const std::vector<std::string>& styles, const CoverOptions& options = {},
                                             const Monitor& monitor = {});
[[nodiscard]] Cover make_cover(const Recording& recording, const Model& model, const std::string& style = "auto",
                               const CoverOptions& options = {}, const Monitor& monitor = {});
/// The same from what was kept of a recording; CoverOptions::beats is not looked at.
[[nodiscard]] std::vector<Cover> make_covers(const Analysis& analysis, const Model& model,
                                             const std::vector<std::string>& styles, const CoverOptions& options = {},
                                             const Monitor& monitor = {});

}  // namespace pop2piano
