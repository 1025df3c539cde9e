// SPDX-License-Identifier: MIT
// The training loop: batches, loss, steps, validation, checkpoints, log.
#pragma once

#include <pop2piano/error.h>
#include <pop2piano/progress.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "learning/train/batch_loader.h"
#include "learning/train/communicator.h"
#include "learning/train/train_config.h"
#include "learning/train/training_log.h"
#include "learning/train_t5/batches.h"
#include "learning/train_t5/checkpoint.h"
#include "learning/train_t5/network.h"
#include "learning/train_t5/optimiser.h"

namespace pop2piano::training {

/// What the loop tells while it runs; all may be empty. Called from the thread of run(), by the first process only.
struct TrainerEvents {
  std::function<void(const std::string& line)> note;  ///< something worth knowing
  std::function<void(const LogLine& line, double seconds_left)> logged;
  std::function<void(const ValidationLine& line, bool best)> validated;
};

enum class StartFrom : std::uint8_t { scratch, newest_checkpoint };

/// One run in one folder:
///   train_config.json, log.csv, validation.csv, curve.svg, curve.html,
///   checkpoints/step-NNNNNNNNN.safetensors, best/ and last/ (models for the engine).
class Trainer {
 public:
  /// Throws Error: what TrainingSongs, read_weights and read_train_config throw; already_exists when the folder holds
  /// checkpoints and `start` is scratch; not_found when it holds none and `start` is newest_checkpoint.
  Trainer(TrainConfig config, StartFrom start, TrainerEvents events = {},
          const SegmentMaker& segments_of = record_segments);
  ~Trainer();

  /// Up to config.steps. Throws Error(cancelled) after a checkpoint was written when `cancel` asks to stop, and
  /// Error(malformed) naming the step and its songs when loss or gradient are not finite: nothing is overwritten then.
  void run(const CancelToken& cancel);

  [[nodiscard]] const RunState& state() const { return state_; }
  [[nodiscard]] const Parameters& parameters() const { return parameters_; }
  [[nodiscard]] const Optimiser& optimiser() const { return optimiser_; }
  [[nodiscard]] const TrainingLog& log() const { return *log_; }

  /// Share of the next tokens of training segments that the present weights hit (segments unaugmented).
  [[nodiscard]] double training_accuracy(std::int64_t segments);

 private:
  struct StepResult {
    double loss = 0.0, norm = 0.0;
  };
  StepResult step();
  [[noreturn]] void stop_at(const StepResult& result, const std::vector<std::string>& songs) const;
  void begin(StartFrom start);
  [[nodiscard]] Error nothing_to_resume() const;
  void log_window(double loss_sum, double norm_sum, std::int64_t steps, double seconds);
  void validate();
  ValidationLine measure();
  void save();
  [[nodiscard]] bool first() const { return communicator_->rank() == 0; }
  void note(const std::string& line) const;

  TrainConfig config_;
  TrainerEvents events_;
  ModelConfig model_;
  at::Device device_;
  std::unique_ptr<Communicator> communicator_;
  std::filesystem::path output_;
  Parameters parameters_;
  Optimiser optimiser_;
  Network network_;
  std::unique_ptr<SegmentBatches> batches_;
  std::unique_ptr<SegmentBatches> validation_;  // absent: no validation songs
  CheckpointFolder checkpoints_;
  std::unique_ptr<TrainingLog> log_;
  std::unique_ptr<BatchLoader<Batch>> loader_;
  RunState state_;
};

/// Loss summed over tokens times their weights; what backward() starts from.
at::Tensor weighted_loss(const at::Tensor& logits, const Batch& batch, double label_smoothing);

}  // namespace pop2piano::training
