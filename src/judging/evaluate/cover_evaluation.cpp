// SPDX-License-Identifier: MIT
// All measures of one cover: what needs notes, what needs the song, what needs both sounds.
#include "judging/evaluate/cover_evaluation.h"

#include <pop2piano/audio.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/cover_distance.h"
#include "judging/metrics/cover_melody.h"
#include "judging/metrics/playability.h"
#include "judging/metrics/rhythm_metrics.h"
#include "listening/align/alignment.h"
#include "listening/align/analysis_sound.h"
#include "listening/harmony/hpcp.h"
#include "listening/rhythm/beats_file.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

constexpr double kStretch = 4.0;  // seconds of a "bar" when there are no beats

// The cover, by notes and by sound.
struct CoverData {
  bool has_notes = false;
  std::vector<PlayedNote> notes;
  std::vector<Hand> hands;
  double end = 0.0;  // seconds
  SoundFeatureExtractor sound;
};

// A sound file is heard later, beside the song.
CoverData read_cover(const CoverQuery& query, CoverEvaluation& result) {
  CoverData cover;
  if (!is_midi_file(query.cover)) return cover;
  NoteFile file = read_note_file(query.cover);
  result.remarks = std::move(file.warnings);
  cover.has_notes = true;
  cover.notes = std::move(file.notes);
  cover.hands = std::move(file.hands);
  for (const PlayedNote& note : cover.notes) cover.end = std::max(cover.end, note.offset);
  if (cover.end > kLongestAnalysisSound) {
    result.remarks.push_back(query.cover.string() + ": longer than an hour, of which only the first is heard");
  }
  return cover;
}

void hear_cover(const CoverQuery& query, const Monitor& monitor, CoverData& cover) {
  cover.sound.begin(cover.has_notes ? analysis_sound(cover.notes, kAnalysisSampleRate)
                                    : read_samples(query.cover, monitor, kAnalysisSampleRate));
  if (!cover.has_notes) cover.sound.find_tuning();
  cover.sound.find_onsets();
  cover.end = std::max(cover.end, cover.sound.features().seconds);
}

void set(CoverEvaluation& result, std::string_view name, const Measure& value) {
  result.measures[cover_measure_index(name)] = value;
}

void measure_notes(const CoverData& cover, CoverEvaluation& result) {
  const DensityScores density = measure_density(cover.notes);
  set(result, "rgc", rhythmic_grid_coherence(cover.notes));
  set(result, "ipe", interval_pattern_entropy(cover.notes));
  set(result, "notes_per_second", density.notes_per_second);
  set(result, "notes_per_onset", density.notes_per_onset);
  set(result, "lowest_pitch", density.lowest_pitch);
  set(result, "highest_pitch", density.highest_pitch);
  set(result, "median_pitch", density.median_pitch);
  set(result, "rhythm_complexity", density.rhythm_complexity);
  const PlayabilityScores play = measure_playability(cover.notes, cover.hands);
  set(result, "unplayable_share", play.unplayable_share);
  set(result, "widest_span", play.widest_span);
  set(result, "mean_span", play.mean_span);
  set(result, "most_notes_in_hand", play.most_notes_in_hand);
  set(result, "leaps_per_second", play.leaps_per_second);
  set(result, "crossings_share", play.crossings_share);
  set(result, "repetitions_per_second", play.repetitions_per_second);
}

void measure_melody(const Melody& melody, const CoverData& cover, CoverEvaluation& result) {
  const CoverMelodyScores scores = compare_cover_melody(melody.contour, melody.notes, cover.notes);
  set(result, "mca", scores.mca);
  set(result, "raw_pitch", scores.raw_pitch);
  set(result, "notes_covered", scores.notes_covered);
}

void mark_undefined(CoverEvaluation& result, std::span<const std::string_view> names, std::string_view reason) {
  for (const std::string_view name : names) set(result, name, Measure::undefined(reason));
}

constexpr std::array<std::string_view, 3> kMeasuresOfTheMelody = {"mca", "raw_pitch", "notes_covered"};
constexpr std::array<std::string_view, 5> kMeasuresOfSounds = {"qmax", "chord_majmin", "wpd", "onset_correlation",
                                                               "offset_ms"};

bool is_silent(const Matrix<float>& profiles) {
  return std::all_of(profiles.flat().begin(), profiles.flat().end(), [](float value) { return value == 0.0F; });
}

void measure_sounds(const SoundFeatures& song, const SoundFeatures& cover, const WarpPath& path, ThreadPool& pool,
                    CoverEvaluation& result) {
  if (is_silent(song.profiles)) return mark_undefined(result, kMeasuresOfSounds, "the song is silent");
  if (is_silent(cover.profiles)) return mark_undefined(result, kMeasuresOfSounds, "the cover is silent");
  set(result, "qmax", qmax_distance(song.qmax_profiles, cover.qmax_profiles, pool));
  set(result, "chord_majmin", compare_chords(song.chords, cover.chords).majmin);
  set(result, "wpd", warp_path_deviation(path, kProfileRate));
  const Lock lock = measure_lock(song.onsets, cover.onsets, song.onset_rate);
  set(result, "onset_correlation", lock.correlation);
  set(result, "offset_ms", lock.offset_ms);
}

std::vector<std::pair<double, double>> stretches_of(const CoverQuery& query, double seconds) {
  std::vector<double> borders;
  if (query.beats) {
    const BeatGrid grid = read_beats_file(*query.beats);
    for (std::size_t i = 0; i < grid.size(); ++i) {
      if (grid.numbers[i] == 1) borders.push_back(grid.times[i]);
    }
  }
  if (borders.size() < 2) {
    borders.clear();
    for (double at = 0.0; at < seconds; at += kStretch) borders.push_back(at);
    borders.push_back(seconds);
  }
  std::vector<std::pair<double, double>> stretches;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    if (borders[i] >= 0.0 && borders[i + 1] > borders[i]) stretches.emplace_back(borders[i], borders[i + 1]);
  }
  return stretches;
}

// The part of a contour in [start, end).
PitchContour part_of(const PitchContour& contour, double start, double end) {
  PitchContour part;
  for (std::size_t k = 0; k < contour.times.size(); ++k) {
    if (contour.times[k] < start || contour.times[k] >= end) continue;
    part.times.push_back(contour.times[k] - start);
    part.frequencies.push_back(contour.frequencies[k]);
  }
  return part;
}

std::vector<LabelledChord> part_of(std::span<const LabelledChord> chords, double start, double end) {
  std::vector<LabelledChord> part;
  for (const LabelledChord& chord : chords) {
    const LabelledChord cut{std::max(chord.start, start), std::min(chord.end, end), chord.label};
    if (cut.start < cut.end) part.push_back(cut);
  }
  return part;
}

void measure_bars(const CoverQuery& query, const Melody& melody, const CoverData& cover, const SoundFeatures& song,
                  CoverEvaluation& result) {
  for (const auto& [start, end] : stretches_of(query, song.seconds)) {
    BarAgreement bar{start, end, {}, {}};
    const PitchContour expected = part_of(melody.contour, start, end);
    std::vector<PlayedNote> notes;
    for (PlayedNote note : cover.notes) {
      if (note.offset <= start || note.onset >= end) continue;
      note.onset = std::max(0.0, note.onset - start);
      note.offset -= start;
      notes.push_back(note);
    }
    bar.melody = expected.times.empty() ? Measure::undefined("the melody has no frames here")
                                        : compare_cover_melody(expected, {}, notes).mca;
    bar.chords =
        compare_chords(part_of(song.chords, start, end), part_of(cover.sound.features().chords, start, end)).majmin;
    result.bars.push_back(bar);
  }
}

std::vector<float> thinned(const Matrix<float>& profiles, double rate) {
  const auto step = static_cast<std::size_t>(kProfileRate / rate);
  std::vector<float> result;
  for (std::size_t k = 0; k + step <= profiles.rows(); k += step) {
    for (std::size_t c = 0; c < kPitchClasses; ++c) {
      float sum = 0.0F;
      for (std::size_t i = 0; i < step; ++i) sum += profiles(k + i, c);
      result.push_back(sum / static_cast<float>(step));
    }
  }
  return result;
}

void draw_notes(std::span<const PlayedNote> notes, std::vector<CoverPicture::PictureNote>& out) {
  for (const PlayedNote& note : notes) out.push_back({note.onset, note.offset, note.pitch});
}

void draw_sounds(const SoundFeatures& song, const SoundFeatures& cover, const WarpPath& path, CoverPicture& picture) {
  picture.song_chroma = thinned(song.profiles, picture.chroma_rate);
  picture.cover_chroma = thinned(cover.profiles, picture.chroma_rate);
  for (std::size_t i = 0; i < path.size(); i += 50) {
    picture.path.emplace_back(static_cast<double>(path[i].first) / kProfileRate,
                              static_cast<double>(path[i].second) / kProfileRate);
  }
}

// Steps of one thread run beside each other, the others use all threads.
WarpPath listen(const CoverQuery& query, ReferenceSong& song, CoverData& cover, ThreadPool& pool,
                const Monitor& monitor) {
  run_together(pool, {[&] { song.read(query, monitor); }, [&] { hear_cover(query, monitor, cover); }});
  monitor.report("evaluate", 0.2);
  monitor.check();
  song.find_onsets_and_tuning(pool);
  song.find_profiles(query, pool, monitor);
  monitor.report("evaluate", 0.5);
  monitor.check();
  cover.sound.find_profiles(pool);
  cover.sound.forget_samples();
  monitor.report("evaluate", 0.7);
  monitor.check();
  WarpPath path;
  run_together(pool, {[&] {
                        const Matrix<float> features = alignment_features(cover.sound.features().profiles);
                        path = align(features, alignment_features(song.features().profiles));
                      },
                      [&] {
                        song.find_melody();
                        song.find_chords();
                        cover.sound.find_chords();
                      }});
  song.finish();
  return path;
}

void measure_against_song(const CoverQuery& query, ReferenceSong& song, CoverData& cover, ThreadPool& pool,
                          const Monitor& monitor, CoverEvaluation& result, CoverPicture* picture) {
  const WarpPath path = listen(query, song, cover, pool, monitor);
  const SoundFeatures &heard = song.features(), &sound = cover.sound.features();
  result.song_seconds = heard.seconds;
  if (cover.has_notes) measure_melody(song.melody(), cover, result);
  if (cover.has_notes && cover.notes.empty()) {
    mark_undefined(result, kMeasuresOfSounds, "the cover has no notes");
  } else {
    measure_sounds(heard, sound, path, pool, result);
  }
  measure_bars(query, song.melody(), cover, heard, result);
  if (picture == nullptr) return;
  draw_notes(song.melody().notes, picture->melody_notes);
  draw_sounds(heard, sound, path, *picture);
}

}  // namespace

CoverEvaluation evaluate_cover(const CoverQuery& query, ReferenceSong& song, ThreadPool& pool, const Monitor& monitor,
                               CoverPicture* picture) {
  CoverEvaluation result;
  result.query = query;
  result.measures.resize(cover_measures().size());
  monitor.report("evaluate", 0.0);
  CoverData cover = read_cover(query, result);
  for (Measure& measure : result.measures) measure = Measure::undefined("the cover is a sound file, without notes");
  if (cover.has_notes) measure_notes(cover, result);
  if (query.song) {
    measure_against_song(query, song, cover, pool, monitor, result, picture);
  } else {
    if (!cover.has_notes) cover.sound.begin(read_samples(query.cover, monitor, kAnalysisSampleRate));
    cover.end = std::max(cover.end, cover.sound.features().seconds);
    if (query.melody && cover.has_notes) measure_melody(read_melody_file(*query.melody), cover, result);
    mark_undefined(result, kMeasuresOfSounds, "no song is given");
    if (!query.melody) mark_undefined(result, kMeasuresOfTheMelody, "no song and no melody is given");
  }
  result.cover_seconds = cover.end;
  if (picture != nullptr) draw_notes(cover.notes, picture->cover_notes);
  monitor.report("evaluate", 1.0);
  return result;
}

CoverEvaluation evaluate_cover(const CoverQuery& query, const EvaluateOptions& options, const Monitor& monitor,
                               CoverPicture* picture) {
  ThreadPool pool(options.threads);
  ReferenceSong song;
  return evaluate_cover(query, song, pool, monitor, picture);
}

}  // namespace pop2piano
