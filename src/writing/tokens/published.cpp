// SPDX-License-Identifier: MIT
#include "writing/tokens/published.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <string>

namespace pop2piano {
namespace {

constexpr int kPitches = 128;
constexpr int kSilent = std::numeric_limits<int>::min();  // no note of this pitch sounds

/// Reads one segment's events and keeps what sounds.
class SegmentReader {
 public:
  SegmentReader(int start_step, std::optional<int> cutoff_step) : step_(start_step), cutoff_(cutoff_step) {
    onsets_.fill(kSilent);
  }

  void read(int token) {
    if (token >= kPublishedFirstShift) {
      // Wide arithmetic: ids are untrusted.
      const long long moved = static_cast<long long>(step_) + (token - kPublishedFirstShift);
      step_ = static_cast<int>(std::min<long long>(moved, cutoff_.value_or(std::numeric_limits<int>::max() - 1)));
    } else if (token >= kPublishedOffMode) {
      on_ = token == kPublishedOnMode;
    } else if (token >= kPublishedFirstNote) {
      note(token - kPublishedFirstNote);
    }
  }

  std::vector<StepNote> finish() {
    for (int pitch = 0; pitch < kPitches; ++pitch) {
      const int onset = onsets_[static_cast<std::size_t>(pitch)];
      if (onset == kSilent) continue;
      const int end = cutoff_ ? std::max(*cutoff_, onset + 1) : onset + 1;
      notes_.push_back({.onset = onset, .offset = std::max(step_, end), .pitch = pitch});
    }
    std::stable_sort(notes_.begin(), notes_.end(),
                     [](const StepNote& a, const StepNote& b) { return order(a) < order(b); });
    return std::move(notes_);
  }

 private:
  static long long order(const StepNote& note) { return 128LL * note.onset + note.offset; }

  void note(int pitch) {
    int& onset = onsets_[static_cast<std::size_t>(pitch)];
    if (onset == kSilent) {
      if (on_) onset = step_;
      return;
    }
    if (onset >= step_) return;  // time has not passed since it began
    notes_.push_back({.onset = onset, .offset = step_, .pitch = pitch});
    onset = on_ ? step_ : kSilent;
  }

  int step_;
  std::optional<int> cutoff_;
  bool on_ = false;
  std::array<int, kPitches> onsets_{};
  std::vector<StepNote> notes_;
};

}  // namespace

std::vector<StepNote> published_tokens_to_notes(std::span<const int> tokens, int start_step,
                                                std::optional<int> cutoff_step) {
  // Older checkpoints repeat the composer's token first.
  if (!tokens.empty() && tokens.front() >= kPublishedVocabulary) tokens = tokens.subspan(1);
  SegmentReader reader(start_step, cutoff_step);
  for (const int token : tokens) {
    if (token == kPublishedEnd) break;
    reader.read(token);
  }
  return reader.finish();
}

std::vector<StepNote> published_segments_to_notes(std::span<const std::vector<int>> segments, int first_step) {
  std::vector<StepNote> notes;
  int start = first_step;
  for (const auto& tokens : segments) {
    const auto part = published_tokens_to_notes(tokens, start, start + kPublishedCutoffSteps);
    notes.insert(notes.end(), part.begin(), part.end());
    start += kPublishedSegmentSteps;
  }
  return notes;
}

std::vector<int> published_notes_to_tokens(std::span<const StepNote> notes, int first_step) {
  std::map<int, std::vector<std::pair<int, bool>>> events;  // step -> pitch, on; in input order
  for (const StepNote& note : notes) {
    if (note.onset < first_step || note.offset < note.onset || note.pitch < 0 || note.pitch >= kPitches) {
      throw Error(ErrorCode::invalid_argument, "published tokens: note " + std::to_string(note.pitch) + " at steps " +
                                                   std::to_string(note.onset) + ".." + std::to_string(note.offset) +
                                                   ", expected steps from " + std::to_string(first_step) + " on");
    }
    events[note.onset].emplace_back(note.pitch, note.velocity > 0);
    events[note.offset].emplace_back(note.pitch, false);
  }
  std::vector<int> tokens;
  int current = first_step;
  bool on = false;
  for (const auto& [step, pitches] : events) {
    tokens.push_back(kPublishedFirstShift + step - current);
    current = step;
    for (const auto& [pitch, begins] : pitches) {
      if (begins != on) tokens.push_back(begins ? kPublishedOnMode : kPublishedOffMode);
      on = begins;
      tokens.push_back(kPublishedFirstNote + pitch);
    }
  }
  tokens.push_back(kPublishedEnd);
  return tokens;
}

std::vector<Note> published_to_score(std::span<const StepNote> notes, int first_step) {
  constexpr int kSteps = kStepsPerBeat / kPublishedStepsPerBeat;
  std::vector<Note> score;
  score.reserve(notes.size());
  for (const StepNote& note : notes) {
    score.push_back({.onset = (note.onset - first_step) * kSteps,
                     .duration = std::max(note.offset - note.onset, 1) * kSteps,
                     .pitch = static_cast<std::int16_t>(note.pitch),
                     .velocity = static_cast<std::int16_t>(note.velocity)});
  }
  return score;
}

}  // namespace pop2piano
