// SPDX-License-Identifier: MIT
#include "music/notation/grace_notes.h"

#include <algorithm>
#include <utility>

namespace pop2piano {

GraceNotes::GraceNotes(const Score& score, std::span<const Note> notes, std::span<const SpelledPitch> names) {
  if (score.graces.empty()) return;
  std::map<std::pair<int, int>, int> sources;  // (onset, pitch)
  for (std::size_t i = 0; i < notes.size(); ++i) {
    sources.emplace(std::pair(notes[i].onset, notes[i].pitch), static_cast<int>(i));
  }
  for (std::size_t i = 0; i < score.graces.size(); ++i) {
    const GraceNote& grace = score.graces[i];
    const auto main = sources.find({grace.onset, grace.main});
    if (main == sources.end()) continue;  // see drop_lost_graces()
    WrittenGrace written{.power = grace.power, .slashed = grace.slashed, .in_chord = grace.in_chord};
    written.note.pitch = grace.pitch;
    written.note.name = names[i];
    waiting_[main->second].push_back(std::move(written));
  }
}

void GraceNotes::put(WrittenBar& bar) {
  if (waiting_.empty()) return;
  for (WrittenVoice& voice : bar.voices) {
    for (WrittenChord& chord : voice.chords) {
      for (const WrittenNote& note : chord.notes) {
        const auto found = note.tied_from ? waiting_.end() : waiting_.find(note.source);
        if (found == waiting_.end()) continue;
        std::move(found->second.begin(), found->second.end(), std::back_inserter(chord.graces));
        waiting_.erase(found);
      }
      if (!chord.graces.empty()) chord.graces.front().in_chord = false;
    }
  }
}

std::vector<Note> notes_of(std::span<const GraceNote> graces) {
  std::vector<Note> notes;
  for (const GraceNote& grace : graces) notes.push_back({.onset = grace.onset, .pitch = grace.pitch});
  return notes;
}

}  // namespace pop2piano
