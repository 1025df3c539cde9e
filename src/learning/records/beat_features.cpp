// SPDX-License-Identifier: MIT
#include "learning/records/beat_features.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/core/random.h"
#include "learning/dataset/record_reader.h"
#include "learning/dataset/record_writer.h"
#include "learning/genres/genre.h"
#include "learning/records/record_features.h"
#include "learning/records/synthesize.h"
#include "learning/studio/sound_coding.h"
#include "learning/studio/tape_speed.h"
#include "listening/rhythm/beat_input.h"

namespace pop2piano {
namespace {

constexpr double kSlowestBeat = 50, kFastestBeat = 220;  // a minute

double draw_speed(const SongDescription& song, const BeatFeatureOptions& options) {
  if (!options.resampled || song.beat_times.size() < 2) return 1;
  Random random(variant_seed(song.song, song.variant, options.seed + 77));
  // A genre's grooves belong to its tempi.
  if (song.extra.count(kGenreKey) > 0) return std::exp(random.uniform(std::log(0.93), std::log(1.07)));
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
  if (speed != 1) samples = at_tape_speed(samples, speed);
  for (double& time : record.description.beat_times) time /= speed;
  record.description.extra["x.speed"] = fmt::format("{:.4f}", speed);
  BeatListener listener;
  listener.push(levelled(samples));
  listener.finish();
  const BeatInput input = listener.take();
  record.tensors = {tensor_of(kBeatBandsTensor, input.bands), tensor_of(kBeatHarmonyTensor, input.harmony)};
  return record;
}

}  // namespace

BeatFeatures beat_features_beside(const std::filesystem::path& records, const BeatFeatureOptions& options,
                                  ThreadPool& pool, const Monitor& monitor) {
  std::filesystem::path folder = records.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  folder += ".beat-features";
  const std::size_t made = write_beat_features(records, folder, options, pool, monitor);
  return {.folder = std::move(folder), .made = made};
}

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

}  // namespace pop2piano
