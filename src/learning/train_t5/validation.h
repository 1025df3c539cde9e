// SPDX-License-Identifier: MIT
// How good the weights are on songs never trained on: loss and accuracy of the next token, and the notes that the
// engine writes freely against the target's.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "learning/train/training_log.h"
#include "learning/train_t5/network.h"
#include "learning/train_t5/segment_batches.h"

namespace pop2piano::training {

struct TokenScore {
  double loss = 0.0;      ///< mean unweighted cross-entropy, nats
  double accuracy = 0.0;  ///< of the likeliest token
  std::int64_t tokens = 0;
};
/// Teacher-forced, over all plans, `batch` at a time.
TokenScore score_tokens(Network& network, const SegmentBatches& maker, std::span<const SegmentPlan> plans,
                        std::int64_t batch, at::Device device);

/// Sums for precision and recall.
struct NoteCounts {
  std::int64_t matched = 0, expected = 0, found = 0;
  [[nodiscard]] double f1() const;
  [[nodiscard]] double precision() const;  ///< 0 without found notes
  [[nodiscard]] double recall() const;     ///< 0 without expected ones
};
/// Notes of equal pitch whose onsets differ by at most `tolerance` steps are paired, each once, nearest first: what is
/// struck on its step must not be taken for the neighbour's. compare_notes() of the covers' measures seeks the most
/// pairs instead (mir_eval) and so counts more in repeated notes; and where there are no notes, a sum over songs needs
/// a 0.
NoteCounts match_notes(std::span<const Note> expected, std::span<const Note> found, int tolerance);

struct NoteScore {
  NoteCounts melody, all;
  NoteCounts melody_folded;  ///< octaves count as one
};
/// Of one segment: onsets within one step, pitch exact.
void add_matches(NoteScore& score, const std::vector<Note>& expected, const std::vector<Note>& found);
/// Greedy tokens of the engine with the model in `folder` for all plans; notes against the plans' targets.
NoteScore score_notes(const std::filesystem::path& folder, const SegmentBatches& maker,
                      std::span<const SegmentPlan> plans, int threads);

/// Greedy tokens of segments [frames, inputs] by the engine, each alone, by the grammar; frames may differ.
std::vector<std::vector<int>> engine_tokens(const std::filesystem::path& folder, const TokenLanguage& language,
                                            const std::vector<Matrix<float>>& segments, std::span<const int> styles,
                                            Arithmetic arithmetic, int threads);
/// The same by the training network, token by token without a cache: slow, for comparison.
std::vector<int> network_tokens(Network& network, const TokenLanguage& language, const Matrix<float>& segment,
                                int style, int max_tokens, at::Device device);

}  // namespace pop2piano::training
