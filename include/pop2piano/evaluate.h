// SPDX-License-Identifier: MIT
// How good a cover is by the measures of the field, for one pair of song and cover and for whole sets.
#pragma once

#include <pop2piano/measure.h>
#include <pop2piano/progress.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pop2piano {

/// What a measure of a cover means; see cover_measures().
struct MeasureInfo {
  enum class Better { higher, lower, near_human, neither };
  std::string_view name;        ///< as in JSON and CSV: "mca"
  std::string_view title;       ///< for people: "Melody chroma accuracy"
  std::string_view unit;        ///< "", "s", "bits", "ms", ...
  Better better;                ///< direction
  std::optional<double> human;  ///< published value of human covers
  std::string_view meaning;     ///< formula and source in a sentence or two
  std::string_view range;       ///< of the values: "0 to 1"
  std::string_view undefined;   ///< when there is no value, beside "no such file" and "no song given"
};

/// All measures of a cover, in the order of CoverEvaluation::measures.
std::span<const MeasureInfo> cover_measures();
/// Whether a measure compares the cover with its song: "mca", "qmax", ...
bool compares_with_song(std::string_view name);
/// Index by name; throws Error(invalid_argument) with the nearest name.
std::size_t cover_measure_index(std::string_view name);

/// The files of one pair. Only `cover` is needed; without a song the measures that need one are undefined.
struct CoverQuery {
  std::filesystem::path cover;                  ///< MIDI, or sound (then what needs notes is undefined)
  std::optional<std::filesystem::path> song;    ///< any file with sound
  std::optional<std::filesystem::path> melody;  ///< reference melody; absent: from `vocals`, else found in the song
  std::optional<std::filesystem::path> vocals;  ///< the song's voice alone, for pYIN
  /// Of the song: they cut it into bars. Absent: those in the report that lies beside a MIDI cover, NAME.json.
  std::optional<std::filesystem::path> beats;
  std::string group;                            ///< the system that made the cover
  std::optional<std::filesystem::path> chords;  ///< of the song (start, end, Harte's label), for its bass
  bool own_beats = false;                       ///< without any other, the beats that the MIDI cover itself has
};

/// A stretch of the song (a bar, or four seconds without beats) and how the cover fits there.
struct BarAgreement {
  double start = 0.0, end = 0.0;  ///< seconds
  Measure melody;                 ///< as mca, within the bar
  Measure chords;                 ///< share of time with the same triad
};

/// The measures of one cover.
struct CoverEvaluation {
  CoverQuery query;
  std::vector<Measure> measures;  ///< [cover_measures().size()]
  std::string error;              ///< why nothing could be measured; empty: fine
  std::vector<std::string> remarks;
  std::vector<BarAgreement> bars;
  double song_seconds = 0.0, cover_seconds = 0.0;

  [[nodiscard]] const Measure& measure(std::string_view name) const { return measures[cover_measure_index(name)]; }
};

/// What a picture of the pair needs, kept only on request.
struct CoverPicture {
  /// A note of the picture.
  struct PictureNote {
    double onset, offset, pitch;
  };
  std::vector<PictureNote> cover_notes, melody_notes;
  std::vector<float> song_chroma, cover_chroma;  ///< [frames, 12] at chroma_rate, 0..1
  double chroma_rate = 5.0;                      ///< frames per second
  std::vector<double> bars;                      ///< seconds, the lines between bars; empty without beats
  std::vector<std::pair<double, double>> path;   ///< cover seconds, song seconds
};

/// How covers are measured.
struct EvaluateOptions {
  int threads = 0;  ///< 0: as many as the process may use; the results do not depend on it
};

/// Measures one cover. Throws Error for files that cannot be read or understood. `picture` may be null.
CoverEvaluation evaluate_cover(const CoverQuery& query, const EvaluateOptions& options = {},
                               const Monitor& monitor = {}, CoverPicture* picture = nullptr);

/// The measures of one system over all its covers.
struct GroupSummary {
  std::string group;
  std::vector<MeanInterval> measures;  ///< [cover_measures().size()]; count 0: undefined for all
};

/// Two systems on the songs that both covered.
struct PairedComparison {
  std::string first, second;
  std::size_t measure = 0;        ///< index
  std::size_t songs = 0;          ///< pairs with both values defined
  double mean_difference = 0.0;   ///< second - first
  std::optional<double> p_value;  ///< Wilcoxon signed rank, two-sided; absent with fewer than six differing pairs
};

/// The measures of a whole set, by system, with pairwise comparisons.
struct SetEvaluation {
  std::vector<CoverEvaluation> covers;  ///< in the order of the queries
  GroupSummary all;
  std::vector<GroupSummary> groups;  ///< by name; empty when no query has a group
  std::vector<PairedComparison> comparisons;
  std::size_t failed = 0;  ///< covers with an error
};

/// Measures all pairs, several at a time; an error in one is kept in its `error` and the rest goes on. `pictures` may
/// be null; else it becomes [queries].
SetEvaluation evaluate_set(std::span<const CoverQuery> queries, const EvaluateOptions& options = {},
                           const Monitor& monitor = {}, std::vector<CoverPicture>* pictures = nullptr);

/// The pairs of a manifest: tab-separated with a header that names the columns song, cover and, if wanted, melody,
/// vocals, beats, group. Names are relative to the manifest; an empty field is absent. Throws Error(malformed) with the
/// line.
std::vector<CoverQuery> read_cover_manifest(const std::filesystem::path& file);

}  // namespace pop2piano
