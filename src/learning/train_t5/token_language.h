// SPDX-License-Identifier: MIT
// What a network writes: `voices` or the published on/off tokens, behind one face for batches, validation and export.
#pragma once

#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <memory>
#include <span>
#include <vector>

#include "learning/train/train_config.h"

namespace pop2piano::training {

inline constexpr int kPadToken = 0, kEndToken = 1;  ///< of both kinds

/// Immutable; may be shared between threads.
class TokenLanguage {
 public:
  virtual ~TokenLanguage() = default;
  /// Steps of a segment, kStepsPerBeat to a beat.
  [[nodiscard]] virtual int segment_steps() const = 0;
  /// Ids with the end token of the notes that belong to the segment that begins at `first_step`; `notes` may hold
  /// others. Notes up to one beat before and behind the segment must be there: rounding may move them into it.
  [[nodiscard]] virtual std::vector<int> encode(std::span<const Note> notes, int first_step) const = 0;
  /// The notes of a segment's tokens, the segment beginning at `first_step`.
  [[nodiscard]] virtual std::vector<Note> decode(std::span<const int> tokens, int first_step) const = 0;
  /// Factor on a target token's cross-entropy.
  [[nodiscard]] virtual float loss_weight(int token, const LossWeights& weights) const = 0;
  /// What may follow while a segment is written; null: any token. The language must outlive it.
  [[nodiscard]] virtual std::unique_ptr<TokenConstraint> constraint() const = 0;
};

/// As the model's token settings say. Throws Error(unsupported) for settings that do not fit each other.
std::unique_ptr<const TokenLanguage> language_of(const ModelConfig& model);

}  // namespace pop2piano::training
