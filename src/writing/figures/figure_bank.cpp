// SPDX-License-Identifier: MIT
#include "writing/figures/figure_bank.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace pop2piano {
namespace {

constexpr std::size_t kKeys = 128;
constexpr float kSlowBeat = 0.75F;  // seconds; songs of slower beats are also counted in halves, as a tracker may do
constexpr int kHalfSteps = kFigureSteps / 2;

// One half of a bar, its steps twice as long.
FigureBar half_of(const FigureBar& bar, std::size_t half, int song) {
  FigureBar result{.song = song, .follows = half == 1 || bar.follows, .melody_pitch = bar.melody_pitch};
  unsigned struck = 0;
  for (std::size_t beat = 0; beat < kFigureBeats; ++beat) {
    const std::size_t from = half * kFigureBeats / 2 + beat / 2;
    result.chords[beat] = bar.chords[from];
    const unsigned sixteenths = (bar.melody[from] >> (beat % 2 * 2)) & 3U;
    result.melody[beat] = static_cast<std::uint8_t>((sixteenths & 1U) | (sixteenths & 2U) << 1U);
    struck |= sixteenths;
  }
  if (struck == 0) result.melody_pitch = 0;
  return result;
}

void add_halves(FigureBars& all) {
  const std::size_t songs = all.beat_seconds.size(), bars = all.bars.size();
  std::vector<int> halved(songs, -1);
  for (std::size_t song = 0; song < songs; ++song) {
    if (all.beat_seconds[song] <= kSlowBeat) continue;
    halved[song] = static_cast<int>(all.beat_seconds.size());
    all.beat_seconds.push_back(all.beat_seconds[song] / 2);
  }
  bool kept = false;  // the bar before
  for (std::size_t i = 0; i < bars; ++i) {
    const FigureBar whole = all.bars[i];
    const int song = halved[static_cast<std::size_t>(whole.song)];
    if (song < 0) continue;
    for (std::size_t half = 0; half < 2; ++half) {
      FigureBar bar = half_of(whole, half, song);
      bar.follows = bar.follows && kept;
      bar.first_note = static_cast<std::uint32_t>(all.notes.size());
      for (std::uint32_t n = whole.first_note; n < whole.end_note; ++n) {
        const FigureNote note = all.notes[n];
        const int onset = note.onset - static_cast<int>(half) * kHalfSteps;
        if (onset < 0 || onset >= kHalfSteps) continue;
        all.notes.push_back({static_cast<std::uint8_t>(2 * onset),
                             static_cast<std::uint8_t>(std::min(255, 2 * note.duration)), note.pitch});
      }
      bar.end_note = static_cast<std::uint32_t>(all.notes.size());
      kept = bar.end_note - bar.first_note >= FigureBars::kLeastNotes;
      if (kept)
        all.bars.push_back(bar);
      else
        all.notes.resize(bar.first_note);
    }
  }
}

SectionTexture texture_of_figure(std::span<const FigureNote> figure) {
  std::vector<Note> notes;
  notes.reserve(figure.size());
  for (const FigureNote& note : figure)
    notes.push_back({.onset = note.onset, .duration = note.duration, .pitch = note.pitch});
  return texture_of(notes, 0, kFigureBeats);
}

std::uint8_t triplets_of(std::span<const FigureNote> figure) {
  unsigned beats = 0;
  for (const FigureNote& note : figure) {
    if (is_third_of_beat(note.onset)) beats |= 1U << static_cast<unsigned>(note.onset / kStepsPerBeat);
  }
  return static_cast<std::uint8_t>(beats);
}

std::size_t key_of(int step, int pitch) {
  return static_cast<std::size_t>(step) * kKeys + static_cast<std::size_t>(pitch);
}

}  // namespace

FigureBank::FigureBank(FigureBars bars, const std::string& name) : all_(std::move(bars)) {
  if (all_.bars.empty()) throw Error(ErrorCode::nothing_found, name + ": no bars to choose figures from");
  add_halves(all_);
  first_of_.assign(kFigureSteps * kKeys + 1, 0);
  for (std::size_t i = 0; i < size(); ++i) {
    textures_.push_back(texture_of_figure(notes_of(i)));
    triplets_.push_back(triplets_of(notes_of(i)));
    for (const FigureNote& note : notes_of(i)) ++first_of_[key_of(note.onset, note.pitch) + 1];
  }
  for (std::size_t key = 1; key < first_of_.size(); ++key) first_of_[key] += first_of_[key - 1];
  striking_.resize(all_.notes.size());
  std::vector<std::uint32_t> next(first_of_.begin(), first_of_.end() - 1);
  for (std::size_t i = 0; i < size(); ++i) {
    for (const FigureNote& note : notes_of(i))
      striking_[next[key_of(note.onset, note.pitch)]++] = static_cast<std::uint32_t>(i);
  }
}

std::shared_ptr<const FigureBank> FigureBank::load(const std::filesystem::path& file) {
  return std::make_shared<const FigureBank>(load_figures(file), file.string());
}

std::span<const std::uint32_t> FigureBank::striking(int step, int pitch) const {
  if (step < 0 || step >= kFigureSteps || pitch < 0 || pitch >= static_cast<int>(kKeys)) return {};
  const std::size_t key = key_of(step, pitch);
  return std::span(striking_).subspan(first_of_[key], first_of_[key + 1] - first_of_[key]);
}

}  // namespace pop2piano
