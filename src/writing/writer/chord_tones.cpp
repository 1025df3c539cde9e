// SPDX-License-Identifier: MIT
#include "writing/writer/chord_tones.h"

#include <algorithm>
#include <cstddef>

namespace pop2piano {
namespace {

constexpr int kLongAgo = -1'000'000;
constexpr int kRemembered = kStepsPerBeat;

// A thin texture need not be complete: what counts of a missing tone, by class of fullness.
constexpr std::array<float, SectionTexture::kFullnesses> kShareOfFullness{0.4F, 0.7F, 1.0F};

int beat_of(int step) { return floor_divide(step, kStepsPerBeat); }

}  // namespace

ChordTones::ChordTones(const WriterSong& song, std::span<const Note> text, int first_step, int steps,
                       const ToneWeights& weights)
    : weights_(weights), first_within_beat_(first_step - beat_of(first_step) * kStepsPerBeat) {
  struck_at_.fill(kLongAgo);
  sounds_until_.fill(kLongAgo);
  for (int beat = beat_of(first_step); beat * kStepsPerBeat < first_step + steps; ++beat) {
    const bool told = beat >= 0 && beat < song.beats();
    tones_.push_back(told ? song.chords[static_cast<std::size_t>(beat)].pitch_classes : 0);
    const int fullness = told && !song.textures.empty() ? song.textures[static_cast<std::size_t>(beat)].fullness : -1;
    missing_.push_back(fullness < 0 ? weights.missing
                                    : weights.missing * kShareOfFullness[static_cast<std::size_t>(fullness)]);
  }
  for (const Note& note : text) {
    if (note.onset < first_step) strike(note.onset - first_step, note.pitch, note.duration);
  }
}

void ChordTones::strike(int step, int pitch, int duration) {
  const auto pitch_class = static_cast<std::size_t>(pitch % 12);
  struck_at_[pitch_class] = std::max(struck_at_[pitch_class], step);
  sounds_until_[pitch_class] = std::max(sounds_until_[pitch_class], step + duration);
}

unsigned ChordTones::missing_at(int step, unsigned tones) const {
  for (std::size_t c = 0; c < 12; ++c) {
    if (sounds_until_[c] > step || struck_at_[c] > step - kRemembered) tones &= ~(1U << c);
  }
  return tones;
}

bool ChordTones::weigh(int step, const VoicesVocabulary& vocabulary, std::span<float> logits) const {
  const auto beat = static_cast<std::size_t>((step + first_within_beat_) / kStepsPerBeat);
  const unsigned tones = beat < tones_.size() ? tones_[beat] : 0U;
  if (tones == 0U || (weights_.missing == 0.0F && weights_.foreign == 0.0F)) return false;
  const unsigned missing = missing_at(step, tones);
  for (int pitch = vocabulary.lowest_pitch; pitch <= vocabulary.highest_pitch; ++pitch) {
    float& logit = logits[static_cast<std::size_t>(vocabulary.first_accompaniment + pitch - vocabulary.lowest_pitch)];
    const unsigned bit = 1U << (pitch % 12);
    if ((tones & bit) == 0U) logit -= weights_.foreign;
    if ((missing & bit) != 0U && pitch >= kLowestMissing && pitch <= kHighestMissing) logit += missing_[beat];
  }
  return true;
}

}  // namespace pop2piano
