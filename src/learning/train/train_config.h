// SPDX-License-Identifier: MIT
// Every hyper-parameter of a training run. The table in config_table.cpp names, limits and explains them for all kinds
// of training; from it configuration files are read and written, and the lists printed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "learning/train/augmentation.h"
#include "learning/train/optimiser_options.h"

namespace pop2piano::training {

/// What is trained.
enum class Training : std::uint8_t { t5, melody, harmony, beats, piano };
/// The command of pop2piano-train that does it: "run", "melody", "harmony", "beats", "piano".
[[nodiscard]] const char* command_of(Training training);

/// A file or folder of records and how often its songs are drawn against the others'.
struct RecordSource {
  std::string path;
  double weight = 1.0;
};

/// Factors on the cross-entropy of a target token, by what it says.
struct LossWeights {
  double position = 1.3;
  double melody_pitch = 2.0;
  double accompaniment_pitch = 1.0;
  double duration = 1.0;
  double end = 1.0;
  double label_smoothing = 0.0;  ///< part of the target's probability that is spread over all tokens
  double downbeat = 0.7;         ///< of the downbeats' loss against the beats'
};

struct TrainConfig {
  std::string output = "runs/first";
  std::string start_from;    // model folder, weights file or empty
  std::string architecture;  // config.json, or empty: that of `start_from`
  std::int64_t seed = 1;
  std::string device = "auto";
  std::string precision = "bf16";
  std::int64_t threads = 0;

  std::int64_t steps = 10000;
  std::int64_t batch = 32;
  std::int64_t accumulate = 1;
  double dropout = 0.0;

  std::vector<RecordSource> records;
  std::vector<RecordSource> validation_records;
  std::int64_t segment_frames = 2048;
  std::int64_t loader_threads = 1;
  std::int64_t bucket_batches = 8;
  std::int64_t max_tokens = 256;
  std::int64_t most_songs = 0;
  double style_dropout = 0.15;
  std::int64_t split_modulus = 20;
  std::int64_t validation_remainder = 13;
  std::int64_t test_remainder = 7;

  AugmentationOptions augmentation;
  OptimiserOptions optimiser;
  RateSchedule rate;
  LossWeights loss;

  std::int64_t validate_every = 500;
  std::int64_t validation_segments = 256;
  std::int64_t decoded_segments = 64;
  std::int64_t validation_batches = 12;
  std::int64_t checkpoint_every = 500;
  std::int64_t keep_checkpoints = 3;
  std::int64_t log_every = 10;
};

/// The defaults of a kind of training.
[[nodiscard]] TrainConfig default_config(Training training);

/// What a value may be. Of texts `choices`, or any if there are none; of numbers `least` to `most`.
struct ConfigLimits {
  double least = 0.0, most = std::numeric_limits<double>::infinity();
  enum class Most : std::uint8_t { included, excluded } most_is = Most::included;
  enum class Least : std::uint8_t { included, excluded } least_is = Least::included;
  std::vector<std::string> choices = {};
};

/// A line of the table.
struct ConfigKey {
  using Place = std::variant<double*, std::int64_t*, std::string*, std::vector<RecordSource>*>;
  std::string name;  ///< with its section: "data.records"
  Place place;
  ConfigLimits limits;
  std::vector<Training> read_by;
  std::string meaning;

  [[nodiscard]] bool is_read_by(Training training) const;
  /// Type and limits: "a whole number of at least 1".
  [[nodiscard]] std::string expected() const;
};
/// The table, its places those of `config`.
[[nodiscard]] std::vector<ConfigKey> config_keys(TrainConfig& config);

/// The name of what a key of a former version was called; else `name` itself.
[[nodiscard]] std::string present_name(const std::string& name);

/// May be empty: what the user should know of a configuration that is good.
using ConfigNote = std::function<void(const std::string& line)>;

/// Notes former spellings and keys that this kind of training does not read. Throws Error: not_found, malformed (no
/// JSON), invalid_argument (unknown key with the nearest known one, wrong type, value out of range). Relative paths
/// stay as written: they count from the working folder.
[[nodiscard]] TrainConfig read_train_config(const std::filesystem::path& file, Training training = Training::t5,
                                            const ConfigNote& note = {});
[[nodiscard]] TrainConfig parse_train_config(const std::string& text, const std::string& what,
                                             Training training = Training::t5, const ConfigNote& note = {});
/// The same run on a few songs without augmentation, dropout or validation: what `overfit` trains.
[[nodiscard]] TrainConfig overfit_config(const TrainConfig& config, std::int64_t songs, std::int64_t steps);
/// All keys that this kind of training reads, as JSON that read_train_config() takes.
[[nodiscard]] std::string to_json(const TrainConfig& config, Training training = Training::t5);
/// A line for each of them: name, what is expected, default, meaning.
[[nodiscard]] std::string config_help(Training training);

}  // namespace pop2piano::training
