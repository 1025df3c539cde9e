// SPDX-License-Identifier: MIT
// Which members of the values that are kept in files stand there, in order (base/core/value_bytes.h).
#pragma once

#include <pop2piano/analysis.h>

#include "base/core/value_bytes.h"

namespace pop2piano {

template <typename Archive>
void fields(Archive& archive, Described<Archive, BeatGrid>& v) {
  archive(v.times, v.numbers, v.confidence, v.beats_per_bar);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, Key>& v) {
  archive(v.fifths, v.minor);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, RhythmAnswer>& v) {
  archive(v.question, v.tempo_times, v.beats_per_bar, v.downbeat, v.chance);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, Rhythm>& v) {
  archive(v.grid, v.given, v.by_network, v.constant_tempo, v.tempo_times, v.confidence, v.swing_ratio,
          v.swung_sixteenths, v.key, v.remarks, v.downbeat_chances, v.answers);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, BeatOptions>& v) {
  archive(v.given, v.tempo_times, v.downbeat, v.beats_per_bar);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, FeatureSettings>& v) {
  archive(v.kind, v.sample_rate, v.n_fft, v.n_mels, v.f_min, v.f_max, v.log_floor, v.segment_beats, v.peak,
          v.frames_per_beat, v.context_beats, v.smoothing_bands, v.scale, v.normalised_floor, v.melody_channels, v.hop,
          v.steps_per_beat);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, AnalysisOptions>& v) {
  archive(v.beats, v.features, v.melody);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, SoundSource>& v) {
  archive(v.name, v.title, v.artist, v.codec, v.start, v.end, v.sample_rate, v.samples, v.checksum);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, TimeSpan>& v) {
  archive(v.start, v.end);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, Tuning>& v) {
  archive(v.cents, v.confidence, v.drift, v.corrected);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, FeatureRows>& v) {
  archive(v.columns, v.values);
}

template <typename Archive>
void fields(Archive& archive, Described<Archive, BeatHarmony>& v) {
  archive(v.quality, v.root, v.bass, v.bass_pitch, v.pitch_classes, v.confidence);
}

/// The grid and what is heard of it follow from the rhythm and what sounds, and do not stand in the file.
template <typename Archive>
void fields(Archive& archive, Described<Archive, Analysis>& v) {
  archive(v.source, v.options, v.rhythm, v.tuning, v.peak_db, v.sounding, v.faint, v.loudness_db, v.harmony, v.bands,
          v.melody, v.melody_chances, v.segment_frames, v.padded_frames, v.silence);
}

}  // namespace pop2piano
