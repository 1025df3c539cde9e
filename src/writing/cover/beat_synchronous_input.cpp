// SPDX-License-Identifier: MIT
#include "writing/cover/beat_synchronous_input.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "listening/melody/melody_on_beat.h"
#include "listening/melody/tune_network.h"
#include "sound/audio/recording_blocks.h"
#include "sound/dsp/beat_synchronous.h"

namespace pop2piano {
namespace {

static_assert(kLowestTunePitch == kLowestMelodyPitch, "tokens and melody mean the same channels");

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

// First steps of bars.
std::vector<int> bar_steps(const BeatGrid& grid, int steps_per_beat) {
  std::vector<int> steps;
  for (std::size_t beat = 0; beat < grid.numbers.size(); ++beat) {
    if (grid.numbers[beat] == 1) steps.push_back(static_cast<int>(beat) * steps_per_beat);
  }
  return steps;
}

}  // namespace

BeatSynchronousInput::BeatSynchronousInput(const ModelConfig& config, const Recording& recording, const BeatGrid& grid,
                                           const CoverOptions& options, ThreadPool& pool, const Monitor& monitor)
    : settings_(config.features) {
  if (settings_.melody_channels > 0 && settings_.melody_channels != static_cast<int>(kMelodyChannels)) {
    throw Error(ErrorCode::unsupported, "the model reads " + std::to_string(settings_.melody_channels) +
                                            " channels of the tune, this program makes " +
                                            std::to_string(kMelodyChannels));
  }
  const auto network = options.melody_weight > 0 ? installed_tune_network(settings_) : nullptr;
  listen(recording, step_times_of(grid.times, settings_.frames_per_beat), options, pool, monitor);
  if (network) {
    tune_ = network->run(std::as_const(bands_).view(), std::as_const(melody_).view(), pool);
  }
  const int beat = settings_.frames_per_beat;
  auto segments =
      chain_segments(static_cast<int>(bands_.rows()) - 1, bar_steps(grid, beat),
                     {.segment_steps = settings_.segment_beats * beat,
                      .overlap_steps = std::min(options.overlap_beats, settings_.segment_beats - 1) * beat});
  song_.emplace(VoicesCodec(vocabulary_of(config.tokens)), std::move(segments),
                tune_evidence(std::as_const(melody_).view(), std::as_const(tune_).view(), options.melody_weight));
}

void BeatSynchronousInput::listen(const Recording& recording, const std::vector<double>& step_times,
                                  const CoverOptions& options, ThreadPool& pool, const Monitor& monitor) {
  BeatSynchronousExtractor extractor(extractor_options(settings_, recording.peak()), step_times, pool);
  std::optional<MelodyOnBeatExtractor> melody;
  if (options.melody_weight > 0 || settings_.melody_channels > 0) melody.emplace(step_times, pool);
  read_blocks(recording, {.stage = "listen", .share = 0.9}, monitor, [&](std::span<const float> samples) {
    extractor.push(samples);
    if (melody) melody->push(samples);
  });
  bands_ = extractor.finish();
  normalise_song(bands_, {.smoothing_bands = static_cast<float>(settings_.smoothing_bands),
                          .scale = static_cast<float>(settings_.scale),
                          .floor = static_cast<float>(settings_.normalised_floor)});
  if (melody) melody_ = melody->finish();
  monitor.report("listen", 1.0);
}

GenerateRequest BeatSynchronousInput::request() {
  const int beats = settings_.segment_beats + 2 * settings_.context_beats;
  GenerateRequest request = song_->request();
  request.features.frames = static_cast<std::size_t>(beats) * static_cast<std::size_t>(settings_.frames_per_beat);
  request.features.read = [this](std::size_t segment, std::span<float> rows) { read_segment(segment, rows); };
  return request;
}

void BeatSynchronousInput::read_segment(std::size_t segment, std::span<float> rows) const {
  const auto inputs = static_cast<std::size_t>(settings_.inputs()), bands = static_cast<std::size_t>(settings_.n_mels);
  const std::ptrdiff_t steps =
      static_cast<std::ptrdiff_t>(settings_.segment_beats) * static_cast<std::ptrdiff_t>(settings_.frames_per_beat);
  const std::ptrdiff_t context =
      static_cast<std::ptrdiff_t>(settings_.context_beats) * static_cast<std::ptrdiff_t>(settings_.frames_per_beat);
  const std::ptrdiff_t first = song_->places()[segment].first - context;
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
  return song_->notes(segments);
}

std::vector<double> BeatSynchronousInput::first_beats() const {
  std::vector<double> beats;
  for (const SegmentPlace& place : song_->places()) {
    beats.push_back(static_cast<double>(place.new_from) / settings_.frames_per_beat);
  }
  return beats;
}

}  // namespace pop2piano
