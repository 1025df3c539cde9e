// SPDX-License-Identifier: MIT
#include "judging/evaluate/listened_sound.h"

#include <pop2piano/audio.h>

#include "judging/metrics/cover_melody.h"
#include "listening/align/chord_recognition.h"
#include "listening/align/hpcp.h"
#include "listening/melody/melodia.h"
#include "listening/melody/pyin.h"
#include "sound/dsp/onset_strength.h"

namespace pop2piano {
namespace {

constexpr std::size_t kQmaxHop = 1024;       // 46 ms, as AMT-APC takes them at 44.1 kHz
constexpr std::size_t kQmaxFrame = 2048;     // 93 ms
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

void SoundListener::hear(std::vector<float> samples) {
  samples_ = std::move(samples);
  tuning_ = 0.0;
  heard_ = {};
  heard_.seconds = static_cast<double>(samples_.size()) / kAnalysisSampleRate;
}

void SoundListener::find_onsets() {
  OnsetStrength strength;
  strength.push(samples_);
  strength.finish();
  heard_.onset_rate = strength.frame_rate();
  heard_.onsets.assign(strength.strength().rows(), 0.0F);
  for (std::size_t k = 0; k < heard_.onsets.size(); ++k) {
    for (const float value : strength.strength().row(k)) heard_.onsets[k] += value;
  }
}

void SoundListener::find_tuning() { tuning_ = estimate_tuning(samples_, kAnalysisSampleRate); }

void SoundListener::find_profiles(ThreadPool& pool) {
  HpcpOptions options{.sample_rate = kAnalysisSampleRate, .tuning = tuning_};
  heard_.profiles = compute_hpcp(samples_, options, pool);
  options.frame_samples = kQmaxFrame;
  options.hop_samples = kQmaxHop;
  heard_.qmax_profiles = compute_hpcp(samples_, options, pool);
}

void SoundListener::find_chords() { heard_.chords = recognise_chords(heard_.profiles, {.frame_rate = kProfileRate}); }

void SongListener::read(const CoverQuery& query, const Monitor& monitor) {
  if (done_) return;
  tune_is_given_ = query.melody.has_value() || query.vocals.has_value();
  melody_ = query.melody ? read_melody_file(*query.melody) : Melody{};
  listener_.hear(read_samples(*query.song, monitor, kAnalysisSampleRate));
}

void SongListener::find_onsets_and_tuning(ThreadPool& pool) {
  if (done_) return;
  run_together(pool, {[&] { listener_.find_onsets(); }, [&] { listener_.find_tuning(); }});
}

void SongListener::find_profiles(const CoverQuery& query, ThreadPool& pool, const Monitor& monitor) {
  if (done_) return;
  listener_.find_profiles(pool);
  if (query.vocals && !query.melody) {
    melody_.contour = voice_in(*query.vocals, pool, monitor);
    melody_.notes = notes_of(melody_.contour);
  }
  if (!tune_is_given_) {
    const MelodiaOptions options;
    SaliencePeakExtractor extractor(options.salience, options.peaks_per_frame, pool);
    extractor.push(listener_.samples());
    peaks_ = extractor.finish();
  }
  listener_.forget_samples();
}

void SongListener::find_chords() {
  if (!done_) listener_.find_chords();
}

void SongListener::find_tune() {
  if (done_ || tune_is_given_) return;
  melody_.contour = extract_melody(std::move(peaks_));
  melody_.notes = notes_of(melody_.contour);
}

void SongListener::finish() {
  peaks_ = {};
  done_ = true;
}

}  // namespace pop2piano
