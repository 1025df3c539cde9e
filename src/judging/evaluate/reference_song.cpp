// SPDX-License-Identifier: MIT
#include "judging/evaluate/reference_song.h"

#include <pop2piano/audio.h>

#include <utility>

#include "judging/metrics/cover_melody.h"
#include "listening/melody/melodia.h"
#include "listening/melody/pyin.h"

namespace pop2piano {
namespace {

constexpr double kLongestSong = 2 * 3600.0;  // seconds that are listened to

PitchContour voice_in(const std::filesystem::path& vocals, ThreadPool& pool, const Monitor& monitor) {
  PyinOptions options;  // those of the published script
  options.sample_rate = 44100;
  options.hop_samples = 1024;
  return track_voice(read_samples(vocals, monitor, options.sample_rate), pool, options).contour;
}

}  // namespace

void run_together(ThreadPool& pool, std::initializer_list<std::function<void()>> tasks) {
  pool.run(tasks.size(), [&](std::size_t i) { tasks.begin()[i](); });
}

std::vector<float> read_samples(const std::filesystem::path& file, const Monitor& monitor, int rate) {
  RecordingOptions options;
  options.sample_rate = rate;
  options.end = kLongestSong;
  return Recording::open(file, options, monitor).read_all().samples;
}

void ReferenceSong::read(const CoverQuery& query, const Monitor& monitor) {
  if (done_) return;
  melody_is_given_ = query.melody.has_value() || query.vocals.has_value();
  melody_ = query.melody ? read_melody_file(*query.melody) : Melody{};
  extractor_.begin(read_samples(*query.song, monitor, kAnalysisSampleRate));
}

void ReferenceSong::find_onsets_and_tuning(ThreadPool& pool) {
  if (done_) return;
  run_together(pool, {[&] { extractor_.find_onsets(); }, [&] { extractor_.find_tuning(); }});
}

void ReferenceSong::find_profiles(const CoverQuery& query, ThreadPool& pool, const Monitor& monitor) {
  if (done_) return;
  extractor_.find_profiles(pool);
  if (query.vocals && !query.melody) {
    melody_.contour = voice_in(*query.vocals, pool, monitor);
    melody_.notes = notes_of(melody_.contour);
  }
  if (!melody_is_given_) {
    const MelodiaOptions options;
    SaliencePeakExtractor extractor(options.salience, options.peaks_per_frame, pool);
    extractor.push(extractor_.samples());
    peaks_ = extractor.finish();
  }
  extractor_.forget_samples();
}

void ReferenceSong::find_chords() {
  if (!done_) extractor_.find_chords();
}

void ReferenceSong::find_melody() {
  if (done_ || melody_is_given_) return;
  melody_.contour = extract_melody(std::move(peaks_));
  melody_.notes = notes_of(melody_.contour);
}

void ReferenceSong::finish() {
  peaks_ = {};
  done_ = true;
}

}  // namespace pop2piano
