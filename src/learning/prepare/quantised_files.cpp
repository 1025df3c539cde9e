// SPDX-License-Identifier: MIT
#include "learning/prepare/quantised_files.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "music/score/clean_notes.h"

namespace pop2piano {
namespace {

constexpr int kEighth = kStepsPerBeat / 2;

// Beats of the song that a part before has.
class TakenBeats {
 public:
  explicit TakenBeats(const BeatGrid& grid) : owner_(grid.size(), -1) {}
  void take(const CoverPart& part, int number) {
    for (std::size_t k = 0; k + 1 < part.score.grid.size(); ++k) {
      int& owner = owner_[static_cast<std::size_t>(part.first_beat) + k];
      if (owner < 0) owner = number;
    }
  }
  [[nodiscard]] bool belongs_to(int number, int step) const {
    const int beat = step / kStepsPerBeat;
    return step >= 0 && beat < static_cast<int>(owner_.size()) && owner_[static_cast<std::size_t>(beat)] == number;
  }

 private:
  std::vector<int> owner_;  // [beats] number of the part, -1 none
};

void write(Score score, const std::filesystem::path& file) {
  clean_notes(score.notes);
  write_midi(file, score, {.pedal = PedalMode::none});
}

}  // namespace

void write_quantised(std::span<const CoverPart> parts, const BeatGrid& grid, const std::filesystem::path& folder) {
  Score score{.grid = grid};
  TakenBeats taken(grid);
  for (int number = 0; const CoverPart& part : parts) {
    taken.take(part, number);
    for (Note note : part.score.notes) {
      note.onset += part.first_beat * kStepsPerBeat;
      if (taken.belongs_to(number, note.onset)) score.notes.push_back(note);
    }
    ++number;
  }
  write(std::move(score), folder / kQuantisedFile);
}

void write_published(std::span<const PlayedNote> notes, const AlignedPair& pair, std::span<const CoverPart> parts,
                     const std::filesystem::path& folder) {
  Score score{.grid = pair.grid};
  TakenBeats taken(pair.grid);
  for (int number = 0; const CoverPart& part : parts) taken.take(part, number++);
  std::set<std::pair<int, int>> places;  // onset, pitch
  const auto eighth_at = [&](double seconds) {
    return static_cast<int>(std::lround(2.0 * pair.grid.beat_at(seconds))) * kEighth;
  };
  for (const PlayedNote& note : notes) {
    const AlignedPassage* passage = pair.alignment.passage_at(note.onset);
    if (passage == nullptr) continue;
    const auto index = static_cast<std::size_t>(passage - pair.alignment.passages.data());
    const auto part = std::ranges::find(parts, index, &CoverPart::passage);
    if (part == parts.end()) continue;
    const int onset = eighth_at(passage->time.at(note.onset)), end = eighth_at(passage->time.at(note.offset));
    const int pitch = static_cast<int>(std::lround(note.pitch)) + pair.alignment.transposition;
    if (!taken.belongs_to(static_cast<int>(part - parts.begin()), onset)) continue;
    if (!places.emplace(onset, pitch).second) continue;
    score.notes.push_back({.onset = onset,
                           .duration = std::max(kEighth, end - onset),
                           .pitch = static_cast<std::int16_t>(std::clamp(pitch, 0, 127)),
                           .velocity = static_cast<std::int16_t>(note.velocity)});
  }
  write(std::move(score), folder / kPublishedFile);
}

}  // namespace pop2piano
