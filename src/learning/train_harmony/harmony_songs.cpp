// SPDX-License-Identifier: MIT
#include "learning/train_harmony/harmony_songs.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace pop2piano::training {
namespace {

constexpr std::size_t kSegmentFrames = kHarmonySegmentBeats * kHarmonyFramesPerBeat;
constexpr std::size_t kStepsPerFrame = 12 / kHarmonyFramesPerBeat;
constexpr std::size_t kHeldSteps = 12;  // a rest of less than a beat belongs to the note before it

[[noreturn]] void lacks(const SongView& view, std::string_view tensor) {
  throw Error(ErrorCode::malformed, view.description.song + ": no tensor " + std::string(tensor) +
                                        "; make the records anew with `pop2piano synthesize`");
}

template <typename T>
std::span<const T> values_of(const SongView& view, std::string_view name, ElementType type) {
  const TensorView* tensor = view.record.find(name);
  if (tensor == nullptr) lacks(view, name);
  return tensor->as<T>(type);
}

// The rests of the bass filled with the note before, if they are short.
std::vector<float> held(std::span<const float> bass) {
  std::vector<float> out(bass.begin(), bass.end());
  std::size_t last = 0;  // step after the last that sounds
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (bass[k] <= 0.0F) continue;
    if (last > 0 && k > last && k - last < kHeldSteps)
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(last), out.begin() + static_cast<std::ptrdiff_t>(k),
                out[last - 1]);
    last = k + 1;
  }
  return out;
}

int bass_class(float bass, float lowest) {
  const int top = kLowestHarmonyPitch + static_cast<int>(kBassPitches);
  int pitch = static_cast<int>(bass > 0.0F ? bass : lowest);
  if (pitch <= 0) return static_cast<int>(kNoBass);
  if (bass <= 0.0F && pitch >= top) return static_cast<int>(kNoBass);  // nothing low sounds
  while (pitch >= top) pitch -= 12;
  while (pitch < kLowestHarmonyPitch) pitch += 12;
  return pitch - kLowestHarmonyPitch;
}

int chord_class(std::span<const std::int32_t> chord) {
  const int root = chord[0];
  if (root < 0 || root > 11) return static_cast<int>(kNoChord);
  const auto set = static_cast<std::uint32_t>(chord[1]) & 0xFFFU;
  const auto above_root = static_cast<std::uint16_t>((set >> root | set << (12 - root)) & 0xFFFU);
  return static_cast<int>(nearest_kind(above_root)) * 12 + root;
}

// How a segment is heard; levels as logarithms of power.
struct Listening {
  std::array<float, kHarmonyBands> shift{};  // added to each band
  double detuning = 0;                       // bands
  float contrast = 1, noise = -100, noise_tilt = 0;
  double late = 0, drift = 0;  // frames
};

Listening draw_listening(const AugmentationOptions& options, Random& random) {
  Listening l;
  l.contrast = static_cast<float>(random.uniform(options.lowest_contrast, options.highest_contrast));
  for (int wave = 1; wave <= 4; ++wave) {
    const double depth = 5.0 * options.equaliser * random.normal() * 2.0,
                 phase = random.uniform(0, 2 * std::numbers::pi);
    for (std::size_t b = 0; b < kHarmonyBands; ++b) {
      l.shift[b] += static_cast<float>(
          depth * std::cos(wave * std::numbers::pi * static_cast<double>(b) / kHarmonyBands + phase));
    }
  }
  const double level = 5.0 * random.uniform(-options.level, options.level);
  for (float& shift : l.shift) shift += static_cast<float>(level);
  l.detuning = kBandsPerSemitone * std::clamp(0.1 * random.normal(), -0.3, 0.3);
  if (random.chance(0.5)) {
    l.noise = static_cast<float>(random.uniform(-6.0, 1.0));
    l.noise_tilt = static_cast<float>(random.uniform(-2.0, 2.0));
  }
  for (std::size_t masks = random.index(static_cast<std::size_t>(options.most_masks) + 1); masks > 0; --masks) {
    const std::size_t first = random.index(kHarmonyBands), count = 3 + random.index(21);
    for (std::size_t b = first; b < std::min(kHarmonyBands, first + count); ++b) l.shift[b] -= 6.0F;
  }
  if (random.chance(0.15)) {  // small loudspeakers
    const std::size_t last = 12 + random.index(36);
    for (std::size_t b = 0; b < last; ++b) l.shift[b] -= 8.0F;
  }
  if (random.chance(options.jitter_chance)) {
    l.late = random.uniform(-0.5, 0.5) * options.jitter;
    l.drift = random.uniform(-0.5, 0.5) * options.jitter;
  }
  return l;
}

float between(std::span<const float> values, double at) {
  const double place = std::clamp(at, 0.0, static_cast<double>(values.size() - 1));
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + static_cast<float>(place - static_cast<double>(below)) * (values[above] - values[below]);
}

// In place on relative levels [frames, kHarmonyBands].
void listen(Matrix<float>& frames, const Listening& l, Random& random) {
  std::vector<float> row(kHarmonyBands);
  const Matrix<float> before = frames;
  const auto last = static_cast<double>(frames.rows() - 1);
  for (std::size_t k = 0; k < frames.rows(); ++k) {
    const auto at = static_cast<double>(k);
    const double moved = std::clamp(at + l.late + l.drift * (at / last - 0.5), 0.0, last);
    const auto low = static_cast<std::size_t>(moved);
    const auto from = before.row(low), next = before.row(std::min(low + 1, frames.rows() - 1));
    const auto part = static_cast<float>(moved - static_cast<double>(low));
    for (std::size_t b = 0; b < kHarmonyBands; ++b) row[b] = from[b] + part * (next[b] - from[b]);
    for (std::size_t b = 0; b < kHarmonyBands; ++b) {
      const float level =
          l.contrast * (l.detuning == 0.0 ? row[b] : between(row, static_cast<double>(b) - l.detuning)) + l.shift[b];
      const float place = static_cast<float>(b) / kHarmonyBands - 0.5F;
      const float noise =
          l.noise + l.noise_tilt * place + (l.noise > -50.0F ? static_cast<float>(0.7 * random.normal()) : 0.0F);
      const float more = std::max(level, noise), less = std::min(level, noise);
      frames(k, b) = more + std::log1p(std::exp(less - more));
    }
  }
}

}  // namespace

Span2D<const std::uint8_t> harmony_levels(const SongView& view) {
  const TensorView* tensor = view.record.find(kHarmonyTensor);
  if (tensor == nullptr || tensor->shape.size() != 2 || tensor->shape[1] != kHarmonyBands) {
    throw Error(ErrorCode::malformed, view.description.song + ": no tensor " + std::string(kHarmonyTensor) +
                                          "; make it with `pop2piano dataset features`");
  }
  return {tensor->as<std::uint8_t>(ElementType::u8).data(), static_cast<std::size_t>(tensor->shape[0]), kHarmonyBands};
}

HarmonyTarget harmony_target(const SongView& view, std::size_t frames) {
  const auto chords = values_of<std::int32_t>(view, kChordTensor, ElementType::i32);
  const auto lowest = values_of<float>(view, kLowestTensor, ElementType::f32);
  const std::vector<float> bass = held(values_of<float>(view, kBassTensor, ElementType::f32));
  HarmonyTarget target;
  for (std::size_t k = 0; k < frames; ++k) {
    const std::size_t beat = std::min(k / kHarmonyFramesPerBeat, chords.size() / 3 - 1);
    const auto chord = chords.subspan(3 * beat, 3);
    target.chord.push_back(chord_class(chord));
    target.chord_bass.push_back(chord[0] < 0 || chord[2] < 0 ? static_cast<int>(kRootBass) : chord[2]);
    const std::size_t step = std::min(k * kStepsPerFrame, lowest.size() - 1);
    target.bass.push_back(bass_class(bass[step], lowest[step]));
  }
  return target;
}

HarmonySongs::HarmonySongs(const TrainConfig& config, Split split) : augmentation_(config.augmentation) {
  if (config.records.empty()) throw Error(ErrorCode::invalid_argument, "data.records: no record file or folder named");
  double sum = 0;
  for (const RecordSource& source : config.records) {
    const std::filesystem::path path = source.path;
    sets_.push_back(RecordSet::open({&path, 1}));
    for (std::size_t i = 0; i < sets_.back().size(); ++i) {
      const SongView view = sets_.back().song(i);
      if (split_of(view.description, config) != split || source.weight <= 0.0) continue;
      Song song{.levels = harmony_levels(view), .mean = {}, .target = {}};
      song.mean = harmony_mean(song.levels);
      song.target = harmony_target(view, song.levels.rows());
      song.last_weight = sum += source.weight * static_cast<double>(song.levels.rows());
      songs_.push_back(std::move(song));
    }
  }
  if (songs_.empty() && split == Split::train) {
    throw Error(ErrorCode::nothing_found, config.records.front().path + ": no training song in data.records");
  }
}

HarmonySegment HarmonySongs::draw(Hearing hearing, Random random) const {
  const double wanted = random.uniform() * songs_.back().last_weight;
  const auto found = std::ranges::upper_bound(songs_, wanted, {}, &Song::last_weight);
  const Song& song = found == songs_.end() ? songs_.back() : *found;
  const std::size_t beats = song.levels.rows() / kHarmonyFramesPerBeat;
  const std::size_t starts =
      std::max<std::size_t>(1, beats - std::min<std::size_t>(beats, kHarmonySegmentBeats * 3 / 4));
  const std::size_t first = random.index(starts) * kHarmonyFramesPerBeat;
  const std::size_t frames = std::min(kSegmentFrames, song.levels.rows() - first);
  Matrix<float> heard(frames, kHarmonyBands);
  for (std::size_t k = 0; k < frames; ++k) relative_levels(song.levels.row(first + k), song.mean, heard.row(k));
  if (hearing == Hearing::varied) {
    const Listening listening = draw_listening(augmentation_, random);
    listen(heard, listening, random);
  }
  constexpr std::size_t kInputs = kHarmonyPitches * kHarmonyInputs;
  HarmonySegment segment{.inputs = std::vector<float>(kSegmentFrames * kInputs),
                         .target = {std::vector<int>(kSegmentFrames, -1), std::vector<int>(kSegmentFrames, -1),
                                    std::vector<int>(kSegmentFrames, -1)}};
  for (std::size_t k = 0; k < frames; ++k) {
    read_harmony_inputs(std::as_const(heard).row(k), std::span(segment.inputs).subspan(k * kInputs, kInputs));
    segment.target.chord[k] = song.target.chord[first + k];
    segment.target.chord_bass[k] = song.target.chord_bass[first + k];
    segment.target.bass[k] = song.target.bass[first + k];
  }
  return segment;
}

}  // namespace pop2piano::training
