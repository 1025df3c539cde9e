// SPDX-License-Identifier: MIT
#include "learning/train_beats/beats_songs.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

namespace pop2piano::training {
namespace {

constexpr float kFaint = 110;         // half decibels below the loudest level: nothing to learn there
constexpr double kTargetReach = 1.5;  // frames to either side over which a beat's target falls to 0
constexpr float kSilent = -1.0f;      // a normalised band without sound

Span2D<const std::uint8_t> matrix_of(const RecordView& record, std::string_view name, std::size_t columns) {
  const TensorView* tensor = record.find(name);
  if (tensor == nullptr || tensor->shape.size() != 2 || tensor->shape[1] != columns) {
    throw Error(ErrorCode::malformed, "tensor " + std::string(name) + " is missing or has another width; make the " +
                                          "features again (delete the features folder)");
  }
  return {tensor->as<std::uint8_t>(ElementType::u8).data(), static_cast<std::size_t>(tensor->shape[0]), columns};
}

// How a segment is heard. Levels in half decibels.
struct Filtering {
  double speed = 1;
  std::array<float, kBeatBands> shift{};  // added to each band
  std::array<float, kBeatBands> floor{};  // noise
  int band_shift = 0;
  std::size_t chroma_shift = 0;
  float contrast = 1;
  double change_at = 1;  // share of the segment after which the level differs
  float change = 0;
  float noise_spread = 0;
};

void draw_masks(Random& random, Filtering& f) {
  const auto mute = [&](std::size_t first, std::size_t count) {
    for (std::size_t b = first; b < std::min(kBeatBands, first + count); ++b) f.shift[b] = -250;
  };
  for (std::size_t i = random.index(3); i > 0; --i) mute(random.index(kBeatBands), 1 + random.index(8));
  if (random.chance(0.12)) mute(0, 2 + random.index(16));
  if (random.chance(0.12)) {
    const std::size_t count = 4 + random.index(26);
    mute(kBeatBands - count, count);
  }
}

Filtering draw_filtering(Random& random) {
  Filtering f;
  if (random.chance(0.7)) f.speed = std::exp(random.uniform(std::log(0.8), std::log(1.25)));
  if (random.chance(0.5)) f.band_shift = static_cast<int>(random.index(7)) - 3;
  f.chroma_shift = random.index(12);
  f.contrast = static_cast<float>(random.uniform(0.8, 1.25));
  for (int wave = 1; wave <= 3; ++wave) {
    const double depth = 5 * random.normal(), phase = random.uniform(0, 2 * std::numbers::pi);
    for (std::size_t b = 0; b < kBeatBands; ++b) {
      const double place = static_cast<double>(b) / kBeatBands;
      f.shift[b] += static_cast<float>(depth * std::cos(wave * std::numbers::pi * place + phase));
    }
  }
  const double overall = 3 * random.normal();
  for (float& s : f.shift) s += static_cast<float>(overall);
  f.floor.fill(-1000);
  if (random.chance(0.45)) {
    const double level = random.uniform(-120, -25), tilt = random.uniform(-30, 30);
    for (std::size_t b = 0; b < kBeatBands; ++b)
      f.floor[b] = static_cast<float>(level + tilt * (static_cast<double>(b) / kBeatBands - 0.5));
    f.noise_spread = static_cast<float>(random.uniform(2, 9));
  }
  if (random.chance(0.25)) {
    f.change_at = random.uniform();
    f.change = static_cast<float>(random.uniform(-36, 0));
  }
  draw_masks(random, f);
  return f;
}

Filtering plain() {
  Filtering f;
  f.floor.fill(-1000);
  return f;
}

float mixed(float a, float b, float share) { return a + share * (b - a); }

// Value between rows of `values`, or -1 outside.
template <typename Column>
float between(const Span2D<const std::uint8_t>& values, double at, Column column) {
  if (at < 0 || at > static_cast<double>(values.rows()) - 1) return -1;
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.rows() - 1);
  const auto share = static_cast<float>(at - static_cast<double>(below));
  return mixed(values(below, column), values(above, column), share);
}

// normalised_band() by table: 8 steps to the half decibel are finer than the ear of the network.
class NormalTable {
 public:
  NormalTable() {
    for (std::size_t i = 0; i < table_.size(); ++i) table_[i] = normalised_band(static_cast<float>(i) / 4 - 256);
  }
  [[nodiscard]] float operator()(float above) const {
    return table_[static_cast<std::size_t>(std::clamp((above + 256) * 4, 0.0f, static_cast<float>(table_.size() - 1)))];
  }

 private:
  std::array<float, 4 * 400> table_{};
};

void fill_bands(const Span2D<const std::uint8_t>& bands, const BandLevels& levels, const Filtering& f, double start,
                Random& random, std::vector<float>& out) {
  static const NormalTable normal;
  const std::size_t frames = out.size() / kBeatBands;
  std::uint32_t noise = static_cast<std::uint32_t>(random.next());
  for (std::size_t t = 0; t < frames; ++t) {
    const double at = start + static_cast<double>(t) * f.speed;
    float* row = out.data() + t * kBeatBands;
    if (at < 0 || at > static_cast<double>(bands.rows()) - 1) {
      std::fill(row, row + kBeatBands, kSilent);
      continue;
    }
    const auto below = static_cast<std::size_t>(at);
    const auto low = bands.row(below), high = bands.row(std::min(below + 1, bands.rows() - 1));
    const auto share = static_cast<float>(at - static_cast<double>(below));
    const float change = static_cast<double>(t) > f.change_at * static_cast<double>(frames) ? f.change : 0.0f;
    for (std::size_t b = 0; b < kBeatBands; ++b) {
      const auto from =
          static_cast<std::size_t>(std::clamp(static_cast<int>(b) + f.band_shift, 0, static_cast<int>(kBeatBands) - 1));
      const float value = mixed(low[from], high[from], share);
      float above = f.contrast * (value - levels[from]) + f.shift[b] + change;
      noise = noise * 1664525u + 1013904223u;
      const float jitter = (static_cast<float>(noise >> 16) / 32768.0f - 1.0f) * f.noise_spread;
      above = std::max(above, f.floor[b] + jitter);
      row[b] = normal(above);
    }
  }
}

void fill_harmony(const Span2D<const std::uint8_t>& harmony, const Filtering& f, double start, std::size_t frames,
                  std::vector<float>& out) {
  for (std::size_t c = 0; c < kHarmonyInputs; ++c) {
    std::size_t from = c;
    if (c >= kHarmonyChanges) {
      const std::size_t place = c - kHarmonyChanges;
      from = kHarmonyChanges + place / 12 * 12 + (place + f.chroma_shift) % 12;
    }
    for (std::size_t t = 0; t < frames; ++t) {
      const double at = (start + 2 * static_cast<double>(t) * f.speed) / kFramesPerHarmony;
      out[c * frames + t] = std::max(0.0f, between(harmony, at, from)) / 255.0f;
    }
  }
}

// 1 where anything sounds within half a second.
void fill_weight(const Span2D<const std::uint8_t>& bands, const BandLevels& levels, double speed, double start,
                 std::vector<float>& weight) {
  const float loudest = *std::max_element(levels.begin(), levels.end());
  const std::size_t frames = weight.size();
  std::vector<int> sums(frames + 1, 0);
  for (std::size_t t = 0; t < frames; ++t) {
    const double at = start + 2 * static_cast<double>(t) * speed;
    bool sounds = false;
    if (at >= 0 && at < static_cast<double>(bands.rows())) {
      const auto row = bands.row(static_cast<std::size_t>(at));
      sounds = static_cast<float>(*std::max_element(row.begin(), row.end())) > loudest - kFaint;
    }
    sums[t + 1] = sums[t] + (sounds ? 1 : 0);
  }
  constexpr std::size_t kReach = 25;
  for (std::size_t t = 0; t < frames; ++t) {
    const std::size_t first = t > kReach ? t - kReach : 0, last = std::min(frames, t + kReach);
    weight[t] = sums[last] > sums[first] ? 1.0f : 0.0f;
  }
}

void add_target(double frame, std::vector<float>& target) {
  const auto first = static_cast<std::ptrdiff_t>(std::ceil(frame - kTargetReach));
  for (auto t = first; static_cast<double>(t) < frame + kTargetReach; ++t) {
    if (t < 0 || t >= static_cast<std::ptrdiff_t>(target.size())) continue;
    const auto value = static_cast<float>(1 - std::abs(static_cast<double>(t) - frame) / kTargetReach);
    float& place = target[static_cast<std::size_t>(t)];
    // Within half a frame of a beat the answer is yes.
    place = std::max(place, std::min(1.0f, value * 1.5f));
  }
}

}  // namespace

BeatTrainingSongs::BeatTrainingSongs(const std::vector<std::filesystem::path>& folders,
                                     const std::vector<double>& weights) {
  if (folders.size() != weights.size()) {
    throw Error(ErrorCode::invalid_argument, "beat training songs: " + std::to_string(folders.size()) +
                                                 " folders and as many weights expected, " +
                                                 std::to_string(weights.size()) + " weights found");
  }
  for (std::size_t i = 0; i < folders.size(); ++i) {
    sets_.push_back(std::make_unique<RecordSet>(RecordSet::open(std::span(&folders[i], 1))));
    add(*sets_.back(), weights[i]);
  }
}

void BeatTrainingSongs::add(const RecordSet& set, double weight) {
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongView view = set.song(i);
    Song song;
    song.bands = matrix_of(view.record, kBeatBandsTensor, kBeatBands);
    song.harmony = matrix_of(view.record, kBeatHarmonyTensor, kHarmonyInputs);
    song.beats = view.description.beat_times;
    song.numbers = view.description.beat_numbers;
    song.levels = loud_levels(song.bands);
    if (song.bands.rows() < 200 || song.harmony.rows() == 0) continue;
    const double before = songs_.empty() ? 0.0 : songs_.back().last_weight;
    song.last_weight = before + weight * static_cast<double>(song.bands.rows());
    songs_.push_back(std::move(song));
  }
}

BeatSegment BeatTrainingSongs::draw(std::size_t frames, Hearing hearing, Random random) const {
  const double place = random.uniform() * songs_.back().last_weight;
  const Song& song = *std::upper_bound(songs_.begin(), songs_.end() - 1, place,
                                       [](double w, const Song& s) { return w < s.last_weight; });
  const Filtering f = hearing == Hearing::varied ? draw_filtering(random) : plain();
  const double length = 2 * static_cast<double>(frames) * f.speed;
  const double room = static_cast<double>(song.bands.rows()) - length;
  const double start = room > 0 ? std::floor(random.uniform(0, room)) : -std::floor(random.uniform(0, -0.5 * room));
  BeatSegment segment;
  segment.bands.resize(2 * frames * kBeatBands);
  segment.harmony.resize(kHarmonyInputs * frames);
  segment.beat.resize(frames);
  segment.downbeat.resize(frames);
  segment.weight.resize(frames);
  fill_bands(song.bands, song.levels, f, start, random, segment.bands);
  fill_harmony(song.harmony, f, start, frames, segment.harmony);
  fill_weight(song.bands, song.levels, f.speed, start, segment.weight);
  for (std::size_t i = 0; i < song.beats.size(); ++i) {
    const double frame = (song.beats[i] * kBeatInputRate - start) / f.speed / 2;
    add_target(frame, segment.beat);
    if (song.numbers[i] == 1) add_target(frame, segment.downbeat);
  }
  return segment;
}

}  // namespace pop2piano::training
