// SPDX-License-Identifier: MIT
// The table of the keys of configuration files: one line for each, whatever is trained. (docs/glossary.md lists them,
// too; a test compares.)
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "learning/train/train_config.h"

namespace pop2piano::training {
namespace {

using Trainings = std::vector<Training>;

const Trainings kAll{Training::t5, Training::melody, Training::harmony, Training::beats, Training::piano};
const Trainings kT5{Training::t5};
const Trainings kBeats{Training::beats};
const Trainings kFeatures{Training::t5, Training::melody};                            // of the T5
const Trainings kSegmentsOfSongs{Training::t5, Training::melody, Training::harmony};  // drawn from records with a split
const Trainings kSplit{Training::t5, Training::melody, Training::harmony, Training::piano};
const Trainings kFrames{Training::beats, Training::piano};  // of 20 ms

ConfigLimits any() { return {}; }
ConfigLimits at_least(double least) { return {.least = least}; }
ConfigLimits positive() { return {.least_is = ConfigLimits::Least::excluded}; }
ConfigLimits from_to(double least, double most) { return {.least = least, .most = most}; }
ConfigLimits below(double most) { return {.most = most, .most_is = ConfigLimits::Most::excluded}; }
ConfigLimits one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }

std::vector<ConfigKey> run_keys(TrainConfig& c) {
  return {
      {"output", &c.output, any(), kAll, "folder of the run: checkpoints, log, curve, what is learnt"},
      {"start_from", &c.start_from, any(), kAll, "model folder or weights file to go on from; empty: random weights"},
      {"architecture", &c.architecture, any(), kT5, "config.json of the network; empty: that of start_from"},
      {"seed", &c.seed, any(), kAll, "of weights, sampling, augmentation and dropout"},
      {"device", &c.device, one_of({"auto", "cpu", "cuda"}), kAll, "what computes; auto: a GPU where there is one"},
      {"precision", &c.precision, one_of({"bf16", "f32"}), {Training::t5, Training::piano}, "type of matrix products"},
      {"threads", &c.threads, any(), kAll, "of the computation; 0: all"},
      {"steps", &c.steps, at_least(1), kAll, "optimiser steps"},
      {"batch", &c.batch, from_to(1, 65536), kAll, "segments per pass and process"},
      {"accumulate", &c.accumulate, from_to(1, 65536), kT5, "passes per step"},
      {"dropout",
       &c.dropout,
       below(1),
       {Training::t5, Training::beats},
       "of layer outputs (published: 0.1); of the channels of each block of the beat network"},
      {"log_every", &c.log_every, at_least(1), kT5, "steps per line of the log"},
  };
}

std::vector<ConfigKey> data_keys(TrainConfig& c) {
  return {
      {"data.records", &c.records, any(), kAll,
       "record files or folders; {\"path\", \"weight\"} to draw one more often"},
      {"data.validation", &c.validation_records, any(), kBeats, "likewise, to measure the loss on"},
      {"data.segment_frames", &c.segment_frames, from_to(128, 65536), kFrames,
       "length of a segment in frames of 20 ms"},
      {"data.loader_threads", &c.loader_threads, any(), kAll,
       "threads that prepare batches; 0: within the computation"},
      {"data.bucket_batches", &c.bucket_batches, at_least(1), kT5,
       "batches whose segments are sorted by length together"},
      {"data.max_tokens", &c.max_tokens, at_least(2), kT5, "longest target; longer ones are cut"},
      {"data.most_songs", &c.most_songs, any(), kFeatures, "only so many songs of the training split; 0: all"},
      {"data.style_dropout", &c.style_dropout, from_to(0, 1), kT5, "how often a style is replaced by auto"},
      {"data.split_modulus", &c.split_modulus, any(), kSplit,
       "song number modulo this decides the split; 0: only the record's own split"},
      {"data.validation_remainder", &c.validation_remainder, any(), kSplit, "remainder of validation songs"},
      {"data.test_remainder", &c.test_remainder, any(), kSplit, "remainder of test songs, never touched"},
  };
}

std::vector<ConfigKey> augmentation_keys(AugmentationOptions& a) {
  const Trainings& read_by = kSegmentsOfSongs;
  return {
      {"augmentation.lowest_contrast", &a.lowest_contrast, any(), kSplit, "least factor on normalised features"},
      {"augmentation.highest_contrast", &a.highest_contrast, any(), kSplit, "largest factor"},
      {"augmentation.level", &a.level, any(), kSplit, "largest constant added"},
      {"augmentation.equaliser", &a.equaliser, any(), kSplit, "deviation of four cosines over the bands"},
      {"augmentation.most_masks", &a.most_masks, any(), read_by, "largest number of masked runs of bands"},
      {"augmentation.narrowest_mask", &a.narrowest_mask, any(), kFeatures, "bands"},
      {"augmentation.widest_mask", &a.widest_mask, any(), kFeatures, "bands"},
      {"augmentation.noise_chance", &a.noise_chance, any(), kFeatures, "how often noise is added"},
      {"augmentation.noise_level", &a.noise_level, any(), kFeatures,
       "its highest steady power: logarithm, against the mean"},
      {"augmentation.jitter_chance", &a.jitter_chance, any(), read_by, "how often frame times are moved"},
      {"augmentation.jitter", &a.jitter, any(), read_by, "frames: largest shift, and largest drift over a segment"},
      {"augmentation.pitch_shift_chance", &a.pitch_shift_chance, any(), kFeatures,
       "how often input and target are transposed"},
      {"augmentation.most_pitch_shift", &a.most_pitch_shift, any(), kFeatures, "semitones"},
      {"augmentation.melody_loss_chance", &a.melody_loss_chance, any(), kFeatures,
       "how often the channels of the melody are silent"},
  };
}

std::vector<ConfigKey> optimiser_keys(TrainConfig& c) {
  return {
      {"optimiser.peak_rate", &c.rate.peak, positive(), kAll, "highest learning rate"},
      {"optimiser.final_rate", &c.rate.floor, any(), kT5, "learning rate at the end of the cosine"},
      {"optimiser.warmup_steps", &c.rate.warmup_steps, any(), kAll, "steps of linear rise"},
      {"optimiser.beta1", &c.optimiser.beta1, below(1), kT5, "AdamW: decay of the mean"},
      {"optimiser.beta2", &c.optimiser.beta2, below(1), kT5, "AdamW: decay of the squares"},
      {"optimiser.epsilon", &c.optimiser.epsilon, any(), kT5, "AdamW: added to the root"},
      {"optimiser.weight_decay", &c.optimiser.weight_decay, any(), kAll, "AdamW: decoupled decay"},
      {"optimiser.clip_norm", &c.optimiser.clip_norm, any(), kT5, "largest gradient norm; 0: none"},
      {"optimiser.average_decay", &c.optimiser.average_decay, below(1), kAll, "of the moving average of weights (EMA)"},
  };
}

std::vector<ConfigKey> loss_keys(LossWeights& l) {
  return {
      {"loss.position", &l.position, any(), kT5, "weight of position tokens"},
      {"loss.melody_pitch", &l.melody_pitch, any(), kT5, "weight of melody pitches"},
      {"loss.accompaniment_pitch", &l.accompaniment_pitch, any(), kT5, "weight of accompaniment pitches"},
      {"loss.duration", &l.duration, any(), kT5, "weight of durations"},
      {"loss.end", &l.end, any(), kT5, "weight of the end token"},
      {"loss.label_smoothing", &l.label_smoothing, below(1), kT5, "part of the target spread over all tokens"},
      {"loss.downbeat", &l.downbeat, any(), kBeats, "weight of the downbeats' loss against the beats'"},
  };
}

std::vector<ConfigKey> course_keys(TrainConfig& c) {
  return {
      {"validation.every", &c.validate_every, at_least(1), kT5, "steps"},
      {"validation.segments", &c.validation_segments, any(), kSplit, "segments whose loss is measured; 0: none"},
      {"validation.decoded", &c.decoded_segments, any(), kT5, "segments decoded freely for note F1; 0: none"},
      {"validation.batches", &c.validation_batches, at_least(1), kBeats,
       "batches whose loss is measured at each checkpoint"},
      {"checkpoint.every", &c.checkpoint_every, at_least(1), kAll, "steps"},
      {"checkpoint.keep", &c.keep_checkpoints, at_least(1), kAll, "newest checkpoints kept"},
  };
}

// Spellings of former versions, of the beat network's configurations but for the first.
struct FormerName {
  const char* former;
  const char* now;
};
constexpr FormerName kFormerNames[] = {
    {.former = "initial", .now = "start_from"},
    {.former = "augmentation.tune_loss_chance", .now = "augmentation.melody_loss_chance"},
    {.former = "records", .now = "data.records"},
    {.former = "validation", .now = "data.validation"},
    {.former = "segment_frames", .now = "data.segment_frames"},
    {.former = "peak_rate", .now = "optimiser.peak_rate"},
    {.former = "warmup_steps", .now = "optimiser.warmup_steps"},
    {.former = "weight_decay", .now = "optimiser.weight_decay"},
    {.former = "average_decay", .now = "optimiser.average_decay"},
    {.former = "downbeat_weight", .now = "loss.downbeat"},
    {.former = "validation_batches", .now = "validation.batches"},
    {.former = "checkpoint_every", .now = "checkpoint.every"},
};

struct ExpectedType {
  const ConfigLimits& limits;

  [[nodiscard]] std::string number(const std::string& what) const {
    const bool above = limits.least_is == ConfigLimits::Least::excluded;
    if (limits.most < std::numeric_limits<double>::infinity()) {
      const bool under = limits.most_is == ConfigLimits::Most::excluded;
      return fmt::format("{} from {} to {}{}", what, limits.least, under ? "below " : "", limits.most);
    }
    return fmt::format("{} {} {}", what, above ? "above" : "of at least", limits.least);
  }
  std::string operator()(const double*) const { return number("a number"); }
  std::string operator()(const std::int64_t*) const { return number("a whole number"); }
  std::string operator()(const std::string*) const {
    return limits.choices.empty() ? "a text" : fmt::format("{}", fmt::join(limits.choices, " or "));
  }
  std::string operator()(const std::vector<RecordSource>*) const { return "a list of paths"; }
};

}  // namespace

const char* command_of(Training training) {
  switch (training) {
    case Training::t5:
      return "run";
    case Training::melody:
      return "melody";
    case Training::harmony:
      return "harmony";
    case Training::beats:
      return "beats";
    case Training::piano:
      return "piano";
  }
  return "";
}

TrainConfig default_config(Training training) {
  TrainConfig config;
  if (training != Training::beats && training != Training::piano) return config;
  config.output = std::string("runs/") + command_of(training);
  config.device = "cpu";
  config.threads = 1;
  config.steps = config.rate.total_steps = 6000;
  config.batch = 8;
  config.dropout = 0.1;
  config.loader_threads = 0;
  config.rate.peak = 2e-3;
  config.rate.warmup_steps = 200;
  config.checkpoint_every = 250;
  if (training == Training::piano) {
    config.segment_frames = 256;
    config.precision = "f32";
  }
  return config;
}

std::string present_name(const std::string& name) {
  const auto* found = std::ranges::find(kFormerNames, name, &FormerName::former);
  return found == std::end(kFormerNames) ? name : found->now;
}

bool ConfigKey::is_read_by(Training training) const { return std::ranges::find(read_by, training) != read_by.end(); }

std::string ConfigKey::expected() const { return std::visit(ExpectedType{limits}, place); }

std::vector<ConfigKey> config_keys(TrainConfig& config) {
  std::vector<ConfigKey> all = run_keys(config);
  for (auto part : {data_keys(config), augmentation_keys(config.augmentation), optimiser_keys(config),
                    loss_keys(config.loss), course_keys(config)}) {
    std::ranges::move(part, std::back_inserter(all));
  }
  return all;
}

}  // namespace pop2piano::training
