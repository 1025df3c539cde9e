// SPDX-License-Identifier: MIT
#include "writing/cover/beat_synchronous_input.h"

#include <algorithm>
#include <utility>

#include "listening/analysis/feature_rows.h"
#include "listening/melody/melody_on_beat.h"

namespace pop2piano {
namespace {

static_assert(kLowestGuidePitch == kLowestMelodyPitch, "tokens and melody mean the same channels");

// First steps of bars.
std::vector<int> bar_steps(const BeatGrid& grid, int steps_per_beat) {
  std::vector<int> steps;
  for (std::size_t beat = 0; beat < grid.numbers.size(); ++beat) {
    if (grid.numbers[beat] == 1) steps.push_back(static_cast<int>(beat) * steps_per_beat);
  }
  return steps;
}

VoicesSong song_of(const ModelConfig& config, const Analysis& analysis, const WriteOptions& options) {
  const FeatureSettings& settings = config.features;
  const int beat = settings.frames_per_beat;
  auto segments = chain_segments(static_cast<int>(analysis.bands.rows()) - 1, bar_steps(analysis.grid, beat),
                                 {.segment_steps = settings.segment_beats * beat,
                                  .overlap_steps = std::min(options.overlap_beats, settings.segment_beats - 1) * beat});
  return {VoicesCodec(vocabulary_of(config.tokens)), std::move(segments),
          melody_guide(view_of(analysis.melody), view_of(analysis.melody_chances), options.melody_weight)};
}

}  // namespace

BeatSynchronousInput::BeatSynchronousInput(const ModelConfig& config, const Analysis& analysis,
                                           const WriteOptions& options)
    : settings_(config.features),
      analysis_(analysis),
      melody_by_network_(options.melody_weight > 0 && analysis.melody_chances.rows() > 0),
      song_(song_of(config, analysis, options)) {}

GenerateRequest BeatSynchronousInput::request() const {
  const int beats = settings_.segment_beats + 2 * settings_.context_beats;
  GenerateRequest request = song_.request();
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
  const std::ptrdiff_t first = song_.places()[segment].first - context;
  for (std::ptrdiff_t i = 0; i < steps + 2 * context; ++i) {
    const auto out = rows.subspan(static_cast<std::size_t>(i) * inputs, inputs);
    if (first + i < 0 || first + i >= static_cast<std::ptrdiff_t>(analysis_.bands.rows())) {
      std::ranges::fill(out.first(bands), static_cast<float>(settings_.normalised_floor));
      std::ranges::fill(out.subspan(bands), 0.0F);
      continue;
    }
    const auto row = static_cast<std::size_t>(first + i);
    std::ranges::copy(analysis_.bands.row(row), out.begin());
    if (inputs > bands) std::ranges::copy(analysis_.melody.row(row), out.subspan(bands).begin());
  }
}

std::vector<Note> BeatSynchronousInput::notes(std::span<const SegmentTokens> segments) const {
  return song_.notes(segments);
}

std::vector<double> BeatSynchronousInput::first_beats() const {
  std::vector<double> beats;
  for (const SegmentPlace& place : song_.places()) {
    beats.push_back(static_cast<double>(place.new_from) / settings_.frames_per_beat);
  }
  return beats;
}

}  // namespace pop2piano
