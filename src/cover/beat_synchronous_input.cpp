// SPDX-License-Identifier: MIT
#include "cover/beat_synchronous_input.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "dsp/beat_synchronous.h"
#include "melody/melody_frames.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBlockSamples = 65536;  // 3 s
static_assert(kLowestTunePitch == kLowestMelodyPitch, "tokens and melody mean the same channels");

class VoicesConstraint final : public TokenConstraint {
 public:
  VoicesConstraint(const VoicesVocabulary& vocabulary, const TuneEvidence* tune, long first_step)
      : vocabulary_(&vocabulary), grammar_(vocabulary), tune_(tune), first_step_(first_step) {}
  void allowed(std::span<std::uint8_t> allowed) const override { grammar_.allowed(allowed); }
  void accept(int token) override { grammar_.accept(token); }
  bool weigh(std::span<float> logits) const override {
    const int position = grammar_.pitch_position();
    if (tune_ == nullptr || position < 0) return false;
    tune_->add_to(logits, *vocabulary_, first_step_ + position);
    return true;
  }
  [[nodiscard]] std::unique_ptr<TokenConstraint> clone() const override {
    return std::make_unique<VoicesConstraint>(*this);
  }

 private:
  const VoicesVocabulary* vocabulary_;
  VoicesGrammar grammar_;
  const TuneEvidence* tune_;
  long first_step_;
};

VoicesVocabulary vocabulary_of(const TokenSettings& tokens) {
  return {.first_position = tokens.first_position,
          .first_melody = tokens.first_melody,
          .first_accompaniment = tokens.first_accompaniment,
          .first_duration = tokens.first_duration,
          .lowest_pitch = tokens.lowest_pitch,
          .highest_pitch = tokens.highest_pitch,
          .durations = tokens.durations,
          .steps_per_beat = tokens.steps_per_beat};
}

BeatSynchronousOptions extractor_options(const FeatureSettings& s, float peak) {
  const MelOptions mel{.sample_rate = s.sample_rate,
                       .n_fft = static_cast<std::size_t>(s.n_fft),
                       .bands = static_cast<std::size_t>(s.n_mels),
                       .f_min = s.f_min,
                       .f_max = s.f_max};
  return {.mel = mel,
          .log_floor = static_cast<float>(s.log_floor),
          .gain = peak > 0 ? static_cast<float>(s.peak) / peak : 1.0F};
}

}  // namespace

BeatSynchronousInput::BeatSynchronousInput(const ModelConfig& config, const Recording& recording, const BeatGrid& grid,
                                           double melody_weight, ThreadPool& pool, const Monitor& monitor)
    : settings_(config.features), codec_(vocabulary_of(config.tokens)) {
  if (settings_.melody_channels > 0 && settings_.melody_channels != static_cast<int>(kMelodyChannels)) {
    throw Error(ErrorCode::unsupported, "the model reads " + std::to_string(settings_.melody_channels) +
                                            " channels of the tune, this program makes " +
                                            std::to_string(kMelodyChannels));
  }
  const bool follows_melody = melody_weight > 0;
  const std::vector<double> step_times = step_times_of(grid.times, settings_.frames_per_beat);
  BeatSynchronousExtractor extractor(extractor_options(settings_, recording.peak()), step_times, pool);
  std::optional<MelodyFrameExtractor> melody;
  if (follows_melody || settings_.melody_channels > 0) melody.emplace(step_times, pool);
  const auto stream = recording.stream();
  std::vector<float> block(kBlockSamples);
  std::int64_t heard = 0;
  while (const std::size_t count = stream->read(block)) {
    monitor.check();
    extractor.push(std::span(block).first(count));
    if (melody) melody->push(std::span(block).first(count));
    heard += static_cast<std::int64_t>(count);
    monitor.report("listen", 0.9 * static_cast<double>(heard) / static_cast<double>(recording.sample_count()));
  }
  bands_ = extractor.finish();
  normalise_song(bands_, {.smoothing_bands = static_cast<float>(settings_.smoothing_bands),
                          .scale = static_cast<float>(settings_.scale),
                          .floor = static_cast<float>(settings_.normalised_floor)});
  if (melody) melody_ = melody->finish();
  if (follows_melody) {
    tune_.emplace(std::as_const(melody_).view(), kMelodyPitches,
                  TuneEvidenceOptions{.weight = melody_weight,
                                      .transpose = octave_to_piano(std::as_const(melody_).view(), kMelodyPitches)});
  }
  monitor.report("listen", 1.0);
}

GenerateRequest BeatSynchronousInput::request() {
  const auto steps =
      static_cast<std::size_t>(settings_.segment_beats) * static_cast<std::size_t>(settings_.frames_per_beat);
  const auto context =
      static_cast<std::size_t>(settings_.context_beats) * static_cast<std::size_t>(settings_.frames_per_beat);
  GenerateRequest request;
  request.features.segments = (bands_.rows() - 1 + steps - 1) / steps;
  request.features.frames = steps + 2 * context;
  request.features.read = [this](std::size_t segment, std::span<float> rows) { read_segment(segment, rows); };
  request.constraint = [this, steps](std::size_t segment) {
    return std::make_unique<VoicesConstraint>(codec_.vocabulary(), tune_ ? &*tune_ : nullptr,
                                              static_cast<long>(segment * steps));
  };
  return request;
}

void BeatSynchronousInput::read_segment(std::size_t segment, std::span<float> rows) const {
  const auto inputs = static_cast<std::size_t>(settings_.inputs()), bands = static_cast<std::size_t>(settings_.n_mels);
  const auto steps =
      static_cast<std::ptrdiff_t>(settings_.segment_beats) * static_cast<std::ptrdiff_t>(settings_.frames_per_beat);
  const auto context =
      static_cast<std::ptrdiff_t>(settings_.context_beats) * static_cast<std::ptrdiff_t>(settings_.frames_per_beat);
  const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(segment) * steps - context;
  for (std::ptrdiff_t i = 0; i < steps + 2 * context; ++i) {
    const auto out = rows.subspan(static_cast<std::size_t>(i) * inputs, inputs);
    if (first + i < 0 || first + i >= static_cast<std::ptrdiff_t>(bands_.rows())) {
      std::ranges::fill(out.first(bands), static_cast<float>(settings_.normalised_floor));
      std::ranges::fill(out.subspan(bands), 0.0F);
      continue;
    }
    const auto row = static_cast<std::size_t>(first + i);
    std::ranges::copy(bands_.row(row), out.begin());
    if (inputs > bands) std::ranges::copy(melody_.row(row), out.subspan(bands).begin());
  }
}

std::vector<Note> BeatSynchronousInput::notes(std::span<const SegmentTokens> segments) const {
  const int steps = settings_.segment_beats * settings_.frames_per_beat;
  std::vector<Note> notes;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const auto part = codec_.decode(segments[s].tokens, static_cast<int>(s) * steps);
    notes.insert(notes.end(), part.begin(), part.end());
  }
  return notes;
}

}  // namespace pop2piano
