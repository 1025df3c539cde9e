// SPDX-License-Identifier: MIT
#include "learning/train_t5/melody_measures.h"

#include <algorithm>
#include <array>

#include "listening/melody/melody_on_beat.h"

namespace pop2piano::training {
namespace {

using Chroma = std::array<float, 12>;

Chroma chroma_of(std::span<const float> semitones) {
  Chroma chroma{};
  for (std::size_t s = 0; s < semitones.size(); ++s) chroma[(s + kLowestMelodyPitch) % 12] += semitones[s];
  return chroma;
}

std::vector<Note> folded_melody(const std::vector<Note>& notes) {
  std::vector<Note> melody;
  for (Note note : notes) {
    if (note.voice != Voice::melody) continue;
    note.pitch = static_cast<std::int16_t>(note.pitch % 12);
    melody.push_back(note);
  }
  return melody;
}

}  // namespace

void add_sounding(MelodyMeasures& measures, const std::vector<Note>& target, Span2D<const float> sounds,
                  std::size_t first) {
  std::vector<int> pitch_classes(sounds.rows(), -1);
  for (const Note& note : folded_melody(target)) {
    const int end = std::min(note.offset(), static_cast<int>(sounds.rows()));
    for (int k = std::max(note.onset, 0); k < end; ++k) pitch_classes[static_cast<std::size_t>(k)] = note.pitch;
  }
  for (std::size_t k = 0; k < sounds.rows(); ++k) {
    if (pitch_classes[k] < 0) continue;
    const Chroma chroma = chroma_of(sounds.row(k).subspan(first, kMelodyPitches));
    const auto most = std::ranges::max_element(chroma);
    ++measures.steps;
    if (*most > 0.0F && most - chroma.begin() == pitch_classes[k]) ++measures.right;
  }
}

void add_beginnings(MelodyMeasures& measures, const std::vector<Note>& target, Span2D<const float> chances) {
  constexpr float kLikely = 0.3F;
  std::vector<Chroma> chromas(chances.rows() + 2);  // one step of silence at either end
  for (std::size_t k = 0; k < chances.rows(); ++k) {
    chromas[k + 1] = chroma_of(chances.row(k).first(kMelodyPitches));
  }
  std::vector<Note> found;
  for (std::size_t k = 1; k + 1 < chromas.size(); ++k) {
    for (std::size_t c = 0; c < 12; ++c) {
      const float chance = chromas[k][c];
      if (chance < kLikely || chance < chromas[k - 1][c] || chance <= chromas[k + 1][c]) continue;
      Note note;
      note.onset = static_cast<int>(k) - 1;
      note.duration = 1;
      note.pitch = static_cast<std::int16_t>(c);
      found.push_back(note);
    }
  }
  const NoteCounts counts = match_notes(folded_melody(target), found, 1);
  measures.begins.matched += counts.matched;
  measures.begins.expected += counts.expected;
  measures.begins.found += counts.found;
}

}  // namespace pop2piano::training
