// SPDX-License-Identifier: MIT
#include "app/trainer/beats_features.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/core/random.h"
#include "learning/dataset/record_reader.h"
#include "learning/dataset/record_writer.h"
#include "learning/records/synthesize.h"
#include "learning/studio/sound_coding.h"
#include "learning/train_beats/beats_songs.h"
#include "listening/rhythm/beat_input.h"

namespace pop2piano::training::app {
namespace {

constexpr double kSlowestBeat = 50, kFastestBeat = 220;  // a minute

// Played `speed` times as fast, higher by as much: sinc under a Hann window, cut off below both Nyquist frequencies.
std::vector<float> at_speed(const std::vector<float>& samples, double speed) {
  constexpr std::ptrdiff_t kReach = 12;
  const double cutoff = std::min(1.0, 1.0 / speed) * 0.95;
  std::vector<float> out(static_cast<std::size_t>(static_cast<double>(samples.size()) / speed));
  const auto last = static_cast<std::ptrdiff_t>(samples.size()) - 1;
  constexpr std::size_t kPhases = 256;
  std::vector<float> table(kPhases * 2 * kReach);
  for (std::size_t p = 0; p < kPhases; ++p) {
    for (int k = 0; k < 2 * kReach; ++k) {
      const double x = k - kReach + 1 - static_cast<double>(p) / kPhases, pix = std::numbers::pi * cutoff * x;
      const double sinc = std::abs(pix) < 1e-9 ? 1.0 : std::sin(pix) / pix;
      table[p * 2 * kReach + static_cast<std::size_t>(k)] =
          static_cast<float>(cutoff * sinc * (0.5 + 0.5 * std::cos(std::numbers::pi * x / (kReach + 1))));
    }
  }
  for (std::size_t n = 0; n < out.size(); ++n) {
    const double at = static_cast<double>(n) * speed;
    const auto base = static_cast<std::ptrdiff_t>(at);
    const auto phase = static_cast<std::size_t>((at - static_cast<double>(base)) * kPhases);
    const float* weights = table.data() + phase * 2 * kReach;
    float sum = 0;
    if (base < kReach || base + kReach >= last) continue;
    for (std::ptrdiff_t k = 0; k < 2 * kReach; ++k)
      sum += weights[k] * samples[static_cast<std::size_t>(base - kReach + 1 + k)];
    out[n] = sum;
  }
  return out;
}

double draw_speed(const SongDescription& song, const BeatFeatureOptions& options) {
  if (!options.resampled || song.beat_times.size() < 2) return 1;
  Random random(variant_seed(song.song, song.variant, options.seed + 77));
  const double tempo =
      60 * static_cast<double>(song.beat_times.size() - 1) / (song.beat_times.back() - song.beat_times.front());
  const double low = std::max(options.slowest, kSlowestBeat / tempo),
               high = std::min(options.fastest, kFastestBeat / tempo);
  const double wanted = options.usual_tempo * std::exp2(options.spread * random.normal());
  return high > low ? std::clamp(wanted / tempo, low, high) : 1.0;
}

OwnedTensor tensor_of(std::string_view name, const Matrix<std::uint8_t>& values) {
  const auto bytes = std::as_bytes(values.flat());
  return {.name = std::string(name),
          .type = ElementType::u8,
          .shape = {values.rows(), values.columns()},
          .bytes = {bytes.begin(), bytes.end()}};
}

SongRecord hear(const SongView& view, const BeatFeatureOptions& options) {
  const TensorView* sound = view.record.find(kAudioTensor);
  if (sound == nullptr) {
    throw Error(ErrorCode::malformed,
                view.description.song + ": no tensor " + std::string(kAudioTensor) + "; make the records with --audio");
  }
  SongRecord record;
  record.description = view.description;
  record.description.notes.clear();
  record.description.loudness.clear();
  const double speed = draw_speed(view.description, options);
  std::vector<float> samples = decode_flac(sound->bytes);
  if (speed != 1) samples = at_speed(samples, speed);
  for (double& time : record.description.beat_times) time /= speed;
  record.description.extra["x.speed"] = fmt::format("{:.4f}", speed);
  BeatListener listener;
  listener.push(samples);
  listener.finish();
  const BeatInput input = listener.take();
  record.tensors = {tensor_of(kBeatBandsTensor, input.bands), tensor_of(kBeatHarmonyTensor, input.harmony)};
  return record;
}

}  // namespace

std::size_t write_beat_features(const std::filesystem::path& records, const std::filesystem::path& out,
                                const BeatFeatureOptions& options, ThreadPool& pool, const Monitor& monitor) {
  if (!std::filesystem::is_directory(records)) throw Error(ErrorCode::not_found, records.string() + ": no such folder");
  std::filesystem::create_directories(out);
  std::vector<std::filesystem::path> shards;
  for (const auto& entry : std::filesystem::directory_iterator(records)) {
    const bool wanted = entry.path().extension() == kShardExtension;
    if (wanted && !std::filesystem::exists(out / entry.path().filename())) shards.push_back(entry.path());
  }
  std::sort(shards.begin(), shards.end());
  std::atomic<std::size_t> made{0}, done{0};
  pool.run(shards.size(), [&](std::size_t i) {
    const RecordReader reader(shards[i]);
    RecordWriter writer(out / shards[i].filename());
    for (std::size_t s = 0; s < reader.size(); ++s) {
      monitor.check();
      writer.add(hear(reader.song(s), options));
      ++made;
    }
    writer.finish();
    monitor.report("features", static_cast<double>(++done) / static_cast<double>(shards.size()));
  });
  return made;
}

}  // namespace pop2piano::training::app
