// SPDX-License-Identifier: MIT
// All measures of one cover: what needs notes, what needs the song, what needs both sounds.
#include <pop2piano/audio.h>
#include <pop2piano/error.h>
#include <pop2piano/evaluate.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>

#include "core/thread_pool.h"
#include "dsp/onset_strength.h"
#include "evaluate/alignment.h"
#include "evaluate/analysis_sound.h"
#include "evaluate/annotation_files.h"
#include "evaluate/chord_recognition.h"
#include "evaluate/cover_distance.h"
#include "evaluate/cover_melody.h"
#include "evaluate/hpcp.h"
#include "evaluate/playability.h"
#include "evaluate/rhythm_metrics.h"
#include "melody/melodia.h"
#include "melody/pyin.h"
#include "rhythm/beats_file.h"

namespace pop2piano {
namespace {

constexpr int kRate = kAnalysisSampleRate;
constexpr double kProfileRate = 50.0;        // frames per second of the aligned profiles
constexpr std::size_t kQmaxHop = 1024;       // 46 ms, as AMT-APC takes them at 44.1 kHz
constexpr std::size_t kQmaxFrame = 2048;     // 93 ms
constexpr double kStretch = 4.0;             // seconds of a "bar" when there are no beats
constexpr double kLongestSong = 2 * 3600.0;  // seconds that are listened to

// A sound as the measures see it.
struct Listened {
  double seconds = 0.0;
  Matrix<float> profiles;       // [frames, 12] at kProfileRate
  Matrix<float> qmax_profiles;  // [frames, 12] at kRate / kQmaxHop
  std::vector<float> onsets;    // [frames] at onset_rate
  double onset_rate = 1.0;
  std::vector<LabelledChord> chords;
};

// The cover, by notes and by sound.
struct CoverData {
  bool has_notes = false;
  std::vector<PlayedNote> notes;
  std::vector<Hand> hands;
  std::vector<float> samples;
};

bool is_midi(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".mid" || extension == ".midi" || extension == ".kar";
}

std::vector<float> read_samples(const std::filesystem::path& file, const Monitor& monitor, int rate = kRate) {
  RecordingOptions options;
  options.sample_rate = rate;
  options.end = kLongestSong;
  return Recording::open(file, options, monitor).read_all().samples;
}

CoverData read_cover(const CoverQuery& query, const Monitor& monitor, CoverEvaluation& result) {
  CoverData cover;
  if (!is_midi(query.cover)) {
    cover.samples = read_samples(query.cover, monitor);
    return cover;
  }
  NoteFile file = read_note_file(query.cover);
  for (const std::string& warning : file.warnings) result.remarks.push_back(query.cover.string() + ": " + warning);
  cover.has_notes = true;
  cover.notes = std::move(file.notes);
  cover.hands = std::move(file.hands);
  if (query.song) cover.samples = analysis_sound(cover.notes, kRate);
  return cover;
}

std::vector<float> onset_curve(std::span<const float> samples, double& rate) {
  OnsetStrength strength;
  strength.push(samples);
  strength.finish();
  rate = strength.frame_rate();
  std::vector<float> curve(strength.strength().rows());
  for (std::size_t k = 0; k < curve.size(); ++k) {
    for (const float value : strength.strength().row(k)) curve[k] += value;
  }
  return curve;
}

Listened listen(std::span<const float> samples, ThreadPool& pool) {
  Listened heard;
  heard.seconds = static_cast<double>(samples.size()) / kRate;
  const double tuning = estimate_tuning(samples, kRate);
  HpcpOptions options{.sample_rate = kRate, .tuning = tuning};
  heard.profiles = compute_hpcp(samples, options, pool);
  options.frame_samples = kQmaxFrame;
  options.hop_samples = kQmaxHop;
  heard.qmax_profiles = compute_hpcp(samples, options, pool);
  heard.onsets = onset_curve(samples, heard.onset_rate);
  heard.chords = recognise_chords(heard.profiles, {.frame_rate = kProfileRate});
  return heard;
}

Melody reference_melody(const CoverQuery& query, std::span<const float> song, ThreadPool& pool,
                        const Monitor& monitor) {
  if (query.melody) return read_melody_file(*query.melody);
  Melody melody;
  if (query.vocals) {
    PyinOptions options;  // those of the published script
    options.sample_rate = 44100;
    options.hop_samples = 1024;
    melody.contour = track_voice(read_samples(*query.vocals, monitor, options.sample_rate), pool, options).contour;
  } else {
    melody.contour = extract_melody(song, pool);
  }
  melody.notes = notes_of(melody.contour);
  return melody;
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

// Returns the path from cover to song.
WarpPath measure_sounds(const Listened& song, const Listened& cover, ThreadPool& pool, CoverEvaluation& result) {
  set(result, "qmax", qmax_distance(song.qmax_profiles, cover.qmax_profiles, pool));
  const bool nothing = cover.chords.empty();
  set(result, "chord_majmin",
      nothing ? Measure::undefined("the cover makes no sound") : compare_chords(song.chords, cover.chords).majmin);
  WarpPath path = align(alignment_features(cover.profiles), alignment_features(song.profiles));
  set(result, "wpd", warp_path_deviation(path, kProfileRate));
  const Lock lock = measure_lock(song.onsets, cover.onsets, song.onset_rate);
  set(result, "onset_correlation", lock.correlation);
  set(result, "offset_ms", lock.offset_ms);
  return path;
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

// The part of a contour in [start, end), as it is. A silent frame in front keeps the first one from being held.
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

void measure_bars(const CoverQuery& query, const Melody& melody, const CoverData& cover, const Listened& song,
                  const Listened& cover_sound, CoverEvaluation& result) {
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
    bar.chords = compare_chords(part_of(song.chords, start, end), part_of(cover_sound.chords, start, end)).majmin;
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

void draw_sounds(const Listened& song, const Listened& cover, const WarpPath& path, CoverPicture& picture) {
  picture.song_chroma = thinned(song.profiles, picture.chroma_rate);
  picture.cover_chroma = thinned(cover.profiles, picture.chroma_rate);
  for (std::size_t i = 0; i < path.size(); i += 50) {
    picture.path.emplace_back(static_cast<double>(path[i].first) / kProfileRate,
                              static_cast<double>(path[i].second) / kProfileRate);
  }
}

void mark_undefined(CoverEvaluation& result, std::initializer_list<std::string_view> names, std::string_view reason) {
  for (const std::string_view name : names) set(result, name, Measure::undefined(reason));
}

void measure_against_song(const CoverQuery& query, const CoverData& cover, ThreadPool& pool, const Monitor& monitor,
                          CoverEvaluation& result, CoverPicture* picture) {
  const std::vector<float> samples = read_samples(*query.song, monitor);
  monitor.report("evaluate", 0.2);
  monitor.check();
  const Melody melody = reference_melody(query, samples, pool, monitor);
  monitor.report("evaluate", 0.4);
  monitor.check();
  const Listened song = listen(samples, pool), sound = listen(cover.samples, pool);
  monitor.report("evaluate", 0.7);
  monitor.check();
  result.song_seconds = song.seconds;
  if (cover.has_notes) measure_melody(melody, cover, result);
  const WarpPath path = measure_sounds(song, sound, pool, result);
  measure_bars(query, melody, cover, song, sound, result);
  if (picture == nullptr) return;
  draw_notes(melody.notes, picture->melody_notes);
  draw_sounds(song, sound, path, *picture);
}

}  // namespace

CoverEvaluation evaluate_cover(const CoverQuery& query, const EvaluateOptions& options, const Monitor& monitor,
                               CoverPicture* picture) {
  ThreadPool pool(options.threads);
  CoverEvaluation result;
  result.query = query;
  result.measures.resize(cover_measures().size());
  monitor.report("evaluate", 0.0);
  const CoverData cover = read_cover(query, monitor, result);
  for (Measure& measure : result.measures) measure = Measure::undefined("the cover is a sound file, without notes");
  if (cover.has_notes) measure_notes(cover, result);
  double end = static_cast<double>(cover.samples.size()) / kRate;
  for (const PlayedNote& note : cover.notes) end = std::max(end, note.offset);
  result.cover_seconds = end;
  if (query.song) {
    measure_against_song(query, cover, pool, monitor, result, picture);
  } else {
    if (query.melody && cover.has_notes) measure_melody(read_melody_file(*query.melody), cover, result);
    mark_undefined(result, {"qmax", "chord_majmin", "wpd", "onset_correlation", "offset_ms"}, "no song is given");
    if (!query.melody) mark_undefined(result, {"mca", "raw_pitch", "notes_covered"}, "no song and no melody is given");
  }
  if (picture != nullptr) draw_notes(cover.notes, picture->cover_notes);
  monitor.report("evaluate", 1.0);
  return result;
}

}  // namespace pop2piano
