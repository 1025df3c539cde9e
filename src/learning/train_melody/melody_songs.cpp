// SPDX-License-Identifier: MIT
#include "learning/train_melody/melody_songs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "listening/melody/melody_network.h"

namespace pop2piano::training {
namespace {

constexpr int kSteps = kMelodySegmentBeats * static_cast<int>(kMelodyStepsPerBeat);
static_assert(kStepsPerBeat == static_cast<int>(kMelodyStepsPerBeat));

ModelConfig heard_model() {
  ModelConfig model;
  model.features.melody_channels = static_cast<int>(kMelodyChannels);
  return model;
}

// Of two notes the later one sounds, of two that begin together the higher.
void set_targets(const std::vector<Note>& notes, int first_step, int semitones, MelodySegment& segment) {
  std::vector<int> onset_of(segment.sounds.size(), -kSteps);  // of the note that sounds
  for (const Note& note : notes) {
    if (note.voice != Voice::melody) continue;
    const int onset = note.onset - first_step, pitch = note.pitch + semitones;
    const auto first = std::max(onset, 0), last = std::min(note.offset() - first_step, kSteps);
    for (int k = first; k < last; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (onset < onset_of[at] || (onset == onset_of[at] && pitch < segment.sounds[at])) continue;
      onset_of[at] = onset;
      segment.sounds[at] = pitch;
    }
    if (onset < 0 || onset >= kSteps) continue;
    int& begins = segment.begins[static_cast<std::size_t>(onset)];
    begins = std::max(begins, pitch);
  }
}

// The singer's octave is not the arrangement's: the one in which MELODIA hears most of the melody, as semitones.
int heard_octave(const TrainingSongs& songs, std::size_t index) {
  const auto& song = songs.song(index);
  Matrix<float> melody(static_cast<std::size_t>(song.beats) * kMelodyStepsPerBeat, kMelodyChannels);
  songs.read_melody(index, 0, melody);
  const auto heard = [&](int semitones) {
    double sum = 0.0;
    for (const Note& note : song.notes) {
      const int place = note.pitch + semitones - kLowestMelodyPitch;
      if (note.voice != Voice::melody || place < 0 || place >= static_cast<int>(kMelodyPitches)) continue;
      const int end = std::min(note.offset(), static_cast<int>(melody.rows()));
      for (int k = std::max(note.onset, 0); k < end; ++k)
        sum += melody(static_cast<std::size_t>(k), kMelodyPitches + static_cast<std::size_t>(place));
    }
    return sum;
  };
  constexpr std::array kOctaves{0, -12, 12, -24, 24};
  return *std::ranges::max_element(kOctaves, {}, heard);
}

}  // namespace

MelodySongs::MelodySongs(const TrainConfig& config, Split split)
    : augmentation_(config.augmentation), songs_(std::make_unique<const TrainingSongs>(config, heard_model(), split)) {
  for (std::size_t i = 0; i < songs_->size(); ++i) octaves_.push_back(heard_octave(*songs_, i));
}

MelodySegment MelodySongs::draw(Hearing hearing, Random random) const {
  const std::size_t index = songs_->choose(random.uniform());
  const auto& song = songs_->song(index);
  const int starts = std::max(1, song.beats - kMelodySegmentBeats / 2);
  const int first_step =
      static_cast<int>(random.index(static_cast<std::size_t>(starts))) * static_cast<int>(kMelodyStepsPerBeat);
  const FeatureSettings features = heard_model().features;
  Matrix<float> frames(kSteps, static_cast<std::size_t>(features.inputs()));
  songs_->read_frames(index, first_step, frames);
  AugmentationDraw drawn;
  if (hearing == Hearing::varied) {
    drawn = draw_augmentation(augmentation_, random);
    augment(frames, augmentation_, drawn,
            {features.f_min, features.f_max, static_cast<std::size_t>(features.n_mels), features.scale},
            static_cast<float>(features.normalised_floor));
  }
  MelodySegment segment{.inputs = std::vector<float>(kSteps * kMelodyPitches * kMelodyInputs),
                        .begins = std::vector<int>(kSteps, -1),
                        .sounds = std::vector<int>(kSteps, -1)};
  const auto bands = static_cast<std::size_t>(features.n_mels);
  for (std::size_t k = 0; k < frames.rows(); ++k) {
    const auto row = std::as_const(frames).row(k);
    read_melody_inputs(
        row.first(bands), row.subspan(bands),
        std::span(segment.inputs).subspan(k * kMelodyPitches * kMelodyInputs, kMelodyPitches * kMelodyInputs));
  }
  set_targets(song.notes, first_step, drawn.semitones + octaves_[index], segment);
  return segment;
}

}  // namespace pop2piano::training
