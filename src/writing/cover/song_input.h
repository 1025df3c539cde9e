// SPDX-License-Identifier: MIT
// What lies between an analysis and the network: how the features of each segment are read, what may be written, and
// how the written tokens become notes. One implementation per kind of model.
#pragma once

#include <pop2piano/cover.h>
#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <memory>
#include <span>
#include <vector>

namespace pop2piano {

/// Borrows the analysis that make_song_input() was given; it must outlive it.
class SongInput {
 public:
  virtual ~SongInput() = default;
  /// For generate(); the style is left to the caller. The object must outlive the request.
  [[nodiscard]] virtual GenerateRequest request() const = 0;
  /// Notes of all segments [segments], onsets in steps from beat 0 of the grid, as written: not yet cleaned, not
  /// sorted.
  [[nodiscard]] virtual std::vector<Note> notes(std::span<const SegmentTokens> segments) const = 0;
  /// [segments] beat of the grid from which on the segment's own notes begin, increasing.
  [[nodiscard]] virtual std::vector<double> first_beats() const = 0;
  /// As Written says.
  [[nodiscard]] virtual bool melody_by_network() const { return false; }
};

/// Throws Error(invalid_argument) where the analysis lacks what the model or the options need.
[[nodiscard]] std::unique_ptr<SongInput> make_song_input(const ModelConfig& config, const Analysis& analysis,
                                                         const WriteOptions& options);

}  // namespace pop2piano
