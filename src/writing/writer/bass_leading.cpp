// SPDX-License-Identifier: MIT
#include "writing/writer/bass_leading.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>

namespace pop2piano {
namespace {

constexpr int kLowest = 28, kHighest = 54;  // E1; what counts as a bass on one
constexpr int kMiddleC = 60, kTenth = 16;
constexpr int kWide = 9;  // a sixth, in semitones

// [beats] whether a bar or another told bass begins there.
std::vector<bool> entering(const WriterSong& song) {
  std::vector<bool> enters;
  for (std::size_t b = 0; b < song.chords.size(); ++b) {
    const bool changes = b == 0 || song.chords[b].bass != song.chords[b - 1].bass;
    enters.push_back(song.chords[b].bass >= 0 && (song.beat_numbers[b] == 1 || changes));
  }
  return enters;
}

class Leading {
 public:
  Leading(const WriterSong& song, std::vector<Note>& text) : song_(song), text_(text), enters_(entering(song)) {}

  void run() {
    for (int beat = 0; beat < song_.beats(); ++beat) {
      if (!enters_[static_cast<std::size_t>(beat)]) continue;
      Note* bass = bass_of(beat);
      if (bass == nullptr) continue;
      if (before_ >= 0 && std::abs(bass->pitch - before_) > kWide) {
        for (const int moved : {bass->pitch - 12, bass->pitch + 12}) {
          const bool nearer = std::abs(moved - before_) < std::abs(bass->pitch - before_);
          if (nearer && may_be(*bass, moved, next_entering(beat))) bass->pitch = static_cast<std::int16_t>(moved);
        }
      }
      before_ = bass->pitch;
    }
  }

 private:
  // The lowest note struck on that beat, if it is the bass that was told.
  [[nodiscard]] Note* bass_of(int beat) const {
    Note* lowest = nullptr;
    const int step = beat * kStepsPerBeat;
    const auto first = std::ranges::lower_bound(text_, step, {}, &Note::onset);
    for (auto note = first; note != text_.end() && note->onset == step; ++note) {
      if (lowest == nullptr || note->pitch < lowest->pitch) lowest = &*note;
    }
    const bool right = lowest != nullptr && lowest->pitch % 12 == song_.chords[static_cast<std::size_t>(beat)].bass;
    return right && lowest->pitch < kMiddleC ? lowest : nullptr;
  }

  [[nodiscard]] int next_entering(int beat) const {
    int next = beat + 1;
    while (next < song_.beats() && !enters_[static_cast<std::size_t>(next)]) ++next;
    return next;
  }

  [[nodiscard]] bool may_be(const Note& bass, int pitch, int end_beat) const {
    if (pitch < kLowest || pitch > kHighest) return false;
    const int end = std::max(bass.offset(), end_beat * kStepsPerBeat);
    const auto stands = [&](const Note& note) {
      if (&note == &bass || note.onset >= end || note.offset() <= bass.onset) return true;
      const bool together = note.onset == bass.onset && note.pitch < kMiddleC;
      return note.pitch > pitch && (!together || note.pitch - pitch <= kTenth);
    };
    return std::ranges::all_of(text_, stands) && std::ranges::all_of(song_.melody, stands);
  }

  const WriterSong& song_;
  std::vector<Note>& text_;
  std::vector<bool> enters_;
  int before_ = -1;  // pitch of the bass before; -1: none yet
};

}  // namespace

void lead_bass(const WriterSong& song, std::vector<Note>& text) { Leading(song, text).run(); }

}  // namespace pop2piano
