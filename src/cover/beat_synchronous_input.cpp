// SPDX-License-Identifier: MIT
#include "cover/beat_synchronous_input.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dsp/beat_synchronous.h"
#include "melody/melody_frames.h"

namespace pop2piano {
namespace {

constexpr std::size_t kBlockSamples = 65536;  // 3 s

class VoicesConstraint final : public TokenConstraint {
 public:
  explicit VoicesConstraint(const VoicesVocabulary& vocabulary) : grammar_(vocabulary) {}
  void allowed(std::span<std::uint8_t> allowed) const override { grammar_.allowed(allowed); }
  void accept(int token) override { grammar_.accept(token); }
  [[nodiscard]] std::unique_ptr<TokenConstraint> clone() const override {
    return std::make_unique<VoicesConstraint>(*this);
  }

 private:
  VoicesGrammar grammar_;
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

// Bands first, then the tune's channels.
Matrix<float> side_by_side(const Matrix<float>& left, const Matrix<float>& right) {
  Matrix<float> both(left.rows(), left.columns() + right.columns());
  for (std::size_t r = 0; r < left.rows(); ++r) {
    const auto to = both.row(r);
    std::copy(left.row(r).begin(), left.row(r).end(), to.begin());
    std::copy(right.row(r).begin(), right.row(r).end(), to.begin() + static_cast<std::ptrdiff_t>(left.columns()));
  }
  return both;
}

Matrix<float> extract(const FeatureSettings& settings, const Recording& recording, const BeatGrid& grid,
                      ThreadPool& pool, const Monitor& monitor) {
  const std::vector<double> step_times = step_times_of(grid.times, settings.frames_per_beat);
  BeatSynchronousExtractor extractor(extractor_options(settings, recording.peak()), step_times, pool);
  std::optional<MelodyFrameExtractor> melody;
  if (settings.melody_channels > 0) melody.emplace(step_times, pool);
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
  Matrix<float> frames = extractor.finish();
  normalise_song(frames, {.smoothing_bands = static_cast<float>(settings.smoothing_bands),
                          .scale = static_cast<float>(settings.scale),
                          .floor = static_cast<float>(settings.normalised_floor)});
  if (melody) frames = side_by_side(frames, melody->finish());
  monitor.report("listen", 1.0);
  return frames;
}

}  // namespace

BeatSynchronousInput::BeatSynchronousInput(const ModelConfig& config, const Recording& recording, const BeatGrid& grid,
                                           ThreadPool& pool, const Monitor& monitor)
    : settings_(config.features),
      codec_(vocabulary_of(config.tokens)),
      frames_(extract(settings_, recording, grid, pool, monitor)) {}

GenerateRequest BeatSynchronousInput::request() {
  const auto steps = static_cast<std::size_t>(settings_.segment_beats * settings_.frames_per_beat);
  const auto context = static_cast<std::size_t>(settings_.context_beats * settings_.frames_per_beat);
  GenerateRequest request;
  request.features.segments = (frames_.rows() - 1 + steps - 1) / steps;
  request.features.frames = steps + 2 * context;
  request.features.read = [this](std::size_t segment, std::span<float> rows) { read_segment(segment, rows); };
  request.constraint = [this](std::size_t) { return std::make_unique<VoicesConstraint>(codec_.vocabulary()); };
  return request;
}

void BeatSynchronousInput::read_segment(std::size_t segment, std::span<float> rows) const {
  const auto inputs = frames_.columns();
  const auto steps = static_cast<std::ptrdiff_t>(settings_.segment_beats * settings_.frames_per_beat);
  const auto context = static_cast<std::ptrdiff_t>(settings_.context_beats * settings_.frames_per_beat);
  const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(segment) * steps - context;
  for (std::ptrdiff_t i = 0; i < steps + 2 * context; ++i) {
    const auto out = rows.subspan(static_cast<std::size_t>(i) * inputs, inputs);
    if (first + i < 0 || first + i >= static_cast<std::ptrdiff_t>(frames_.rows())) {
      const auto bands = static_cast<std::ptrdiff_t>(settings_.n_mels);
      std::fill(out.begin(), out.begin() + bands, static_cast<float>(settings_.normalised_floor));
      std::fill(out.begin() + bands, out.end(), 0.0F);
    } else {
      const auto row = frames_.row(static_cast<std::size_t>(first + i));
      std::copy(row.begin(), row.end(), out.begin());
    }
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
