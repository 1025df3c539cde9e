// SPDX-License-Identifier: MIT
#include "learning/records/record_features.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

#include "base/core/half.h"
#include "learning/dataset/record_reader.h"
#include "learning/dataset/record_writer.h"
#include "learning/studio/sound_coding.h"
#include "listening/harmony/harmony_frames.h"
#include "listening/melody/melody_on_beat.h"
#include "sound/dsp/beat_synchronous.h"

namespace pop2piano {
namespace {

constexpr float kFeaturePeak = 0.7F;  // of log-mel and harmony
static_assert(kMelodyTensorChannels == kMelodyChannels);
constexpr std::array kKept{kAudioTensor, kChordTensor, kLeadTensor, kBassTensor, kLowestTensor};

float peak_of(std::span<const float> sound) {
  float peak = 1e-9F;
  for (const float x : sound) peak = std::max(peak, std::abs(x));
  return peak;
}

SongRecord heard_again(const SongView& view, ThreadPool& pool) {
  SongRecord record;
  record.description = view.description;
  const std::vector<float> sound = decode_flac(view.record.find(kAudioTensor)->bytes);
  BeatGrid grid;
  grid.times = view.description.beat_times;
  record.features = log_mel_features(sound, grid, pool);
  record.tensors.push_back(melody_features(sound, grid, pool));
  record.tensors.push_back(harmony_features(sound, grid, pool));
  for (const TensorView& tensor : view.record.tensors) {
    if (std::ranges::find(kKept, tensor.name) == kKept.end()) continue;
    record.tensors.push_back({tensor.name, tensor.type, tensor.shape, {tensor.bytes.begin(), tensor.bytes.end()}});
  }
  return record;
}

class FeaturesRun {
 public:
  FeaturesRun(std::filesystem::path out, ThreadPool& pool, const Monitor& monitor)
      : out_(std::move(out)), pool_(pool), monitor_(monitor) {}

  FeaturesReport run(std::span<const std::filesystem::path> shards) {
    pool_.run(shards.size(), [&](std::size_t i) {
      make_shard(shards[i]);
      const std::size_t done = ++done_;
      if (std::this_thread::get_id() == caller_) {
        monitor_.report("features", static_cast<double>(done) / static_cast<double>(shards.size()));
      }
    });
    std::sort(report_.omitted.begin(), report_.omitted.end());
    return std::move(report_);
  }

 private:
  void make_shard(const std::filesystem::path& shard) {
    const std::filesystem::path target = out_ / shard.filename();
    if (std::filesystem::exists(target)) {
      const std::lock_guard lock(mutex_);
      ++report_.present;
      return;
    }
    const RecordReader reader(shard);
    RecordWriter writer(target);
    for (std::size_t i = 0; i < reader.size(); ++i) {
      monitor_.check();
      const SongView view = reader.song(i);
      if (view.record.find(kAudioTensor) == nullptr) {
        const std::lock_guard lock(mutex_);
        report_.omitted.push_back(shard.string() + ", " + view.description.song +
                                  ": no sound in the record; make it with `synthesize --audio`");
        continue;
      }
      writer.add(heard_again(view, pool_));
      const std::lock_guard lock(mutex_);
      ++report_.made;
    }
    if (writer.count() > 0) writer.finish();
  }

  std::filesystem::path out_;
  ThreadPool& pool_;
  const Monitor& monitor_;
  std::thread::id caller_ = std::this_thread::get_id();
  std::atomic<std::size_t> done_{0};
  std::mutex mutex_;  // of the report
  FeaturesReport report_;
};

}  // namespace

std::vector<float> levelled(std::span<const float> sound) {
  std::vector<float> result(sound.begin(), sound.end());
  const float gain = 1.0F / peak_of(sound);
  for (float& sample : result) sample *= gain;
  return result;
}

Matrix<std::uint16_t> log_mel_features(std::span<const float> sound, const BeatGrid& grid, ThreadPool& pool) {
  BeatSynchronousExtractor extractor({.gain = kFeaturePeak / peak_of(sound)}, step_times_of(grid.times, kStepsPerBeat),
                                     pool);
  extractor.push(sound);
  const Matrix<float> frames = extractor.finish();
  Matrix<std::uint16_t> halves(frames.rows(), frames.columns());
  std::transform(frames.flat().begin(), frames.flat().end(), halves.flat().begin(), float_to_half);
  return halves;
}

OwnedTensor melody_features(std::span<const float> sound, const BeatGrid& grid, ThreadPool& pool) {
  return melody_features(melody_frames(levelled(sound), pool), grid);
}

OwnedTensor melody_features(const MelodyFrames& heard, const BeatGrid& grid) {
  const Matrix<float> frames = heard.on(step_times_of(grid.times, kStepsPerBeat));
  OwnedTensor tensor{.name = std::string(kMelodyTensor),
                     .type = ElementType::u8,
                     .shape = {frames.rows(), frames.columns()},
                     .bytes = std::vector<std::byte>(frames.flat().size())};
  std::transform(frames.flat().begin(), frames.flat().end(), tensor.bytes.begin(),
                 [](float x) { return static_cast<std::byte>(std::lround(255.0F * std::clamp(x, 0.0F, 1.0F))); });
  return tensor;
}

OwnedTensor harmony_features(std::span<const float> sound, const BeatGrid& grid, ThreadPool& pool) {
  HarmonyFrameExtractor extractor(grid.times, kFeaturePeak / peak_of(sound), pool);
  extractor.push(sound);
  const Matrix<std::uint8_t> levels = extractor.finish();
  const auto bytes = std::as_bytes(levels.flat());
  return {.name = std::string(kHarmonyTensor),
          .type = ElementType::u8,
          .shape = {levels.rows(), levels.columns()},
          .bytes = {bytes.begin(), bytes.end()}};
}

FeaturesReport refresh_features(std::span<const std::filesystem::path> shards, const std::filesystem::path& out,
                                ThreadPool& pool, const Monitor& monitor) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw Error(ErrorCode::write_failed, out.string() + ": cannot create the folder: " + error.message());
  return FeaturesRun(out, pool, monitor).run(shards);
}

}  // namespace pop2piano
