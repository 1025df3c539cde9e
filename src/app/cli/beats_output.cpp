// SPDX-License-Identifier: MIT
#include "app/cli/beats_output.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sound/audio/wav_writer.h"

namespace pop2piano::cli {
namespace {

constexpr int kClickRate = 44100;
constexpr double kTickSeconds = 0.04;

std::string as_text(const BeatGrid& grid) {
  std::string text;
  for (std::size_t i = 0; i < grid.size(); ++i) text += fmt::format("{:.4f}\t{}\n", grid.times[i], grid.numbers[i]);
  return text;
}

std::string as_labels(const BeatGrid& grid) {
  std::string text;
  int bar = grid.numbers.empty() || grid.numbers.front() == 1 ? 0 : 1;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (grid.numbers[i] == 1) ++bar;
    text += fmt::format("{0:.6f}\t{0:.6f}\t{1}.{2}\n", grid.times[i], bar, grid.numbers[i]);
  }
  return text;
}

std::string as_jams(const Rhythm& rhythm, const std::string& title, double duration) {
  using Json = nlohmann::json;
  const BeatGrid& grid = rhythm.grid;
  Json data = Json::array();
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const Json confidence = i < grid.confidence.size() ? Json(grid.confidence[i]) : Json(nullptr);
    data.push_back(
        {{"time", grid.times[i]}, {"duration", 0.0}, {"value", grid.numbers[i]}, {"confidence", confidence}});
  }
  const Json source = {{"annotation_tools", "pop2piano beats"}, {"data_source", rhythm.given ? "user" : "program"}};
  const Json beat = {{"namespace", "beat"},           {"time", 0.0},  {"duration", duration},
                     {"annotation_metadata", source}, {"data", data}, {"sandbox", Json::object()}};
  const Json tempo_value = {
      {"time", 0.0}, {"duration", duration}, {"value", grid.tempo()}, {"confidence", rhythm.confidence}};
  const Json tempo = {{"namespace", "tempo"},          {"time", 0.0},           {"duration", duration},
                      {"annotation_metadata", source}, {"data", {tempo_value}}, {"sandbox", Json::object()}};
  const Json file = {{"title", title},
                     {"artist", ""},
                     {"release", ""},
                     {"duration", duration},
                     {"identifiers", Json::object()},
                     {"jams_version", "0.3.4"}};
  return Json{{"annotations", {beat, tempo}}, {"file_metadata", file}, {"sandbox", Json::object()}}.dump(1) + "\n";
}

std::vector<float> tick(bool first_of_bar) {
  const double pitch = first_of_bar ? 1760 : 1175, level = first_of_bar ? 0.6 : 0.4;
  std::vector<float> samples(static_cast<std::size_t>(kTickSeconds * kClickRate));
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const double t = static_cast<double>(n) / kClickRate;
    samples[n] = static_cast<float>(level * std::exp(-t / 0.008) * std::sin(2 * std::numbers::pi * pitch * t));
  }
  return samples;
}

}  // namespace

BeatFormat beat_format_named(const std::string& name) {
  if (name == "text" || name == "txt") return BeatFormat::text;
  if (name == "jams") return BeatFormat::jams;
  if (name == "audacity") return BeatFormat::audacity;
  throw Error(ErrorCode::invalid_argument, "--format: expected txt, jams or audacity, found \"" + name + "\"");
}

std::string beats_as(BeatFormat format, const Rhythm& rhythm, const std::string& title, double duration) {
  if (format == BeatFormat::jams) return as_jams(rhythm, title, duration);
  return format == BeatFormat::audacity ? as_labels(rhythm.grid) : as_text(rhythm.grid);
}

void write_click(const Recording& recording, const BeatGrid& grid, const std::filesystem::path& wav,
                 const Monitor& monitor) {
  const std::vector<float> accent = tick(true), plain = tick(false);
  const float gain = 0.5F / std::max(recording.peak(), 0.1F);
  WavWriter writer(wav, {.sample_rate = kClickRate, .channels = 1});
  const auto stream = recording.stream_at(kClickRate);
  std::vector<float> block(1 << 16);
  std::int64_t start = 0;
  std::size_t first = 0;  // beat whose tick may still sound
  while (const std::size_t count = stream->read(block)) {
    monitor.check();
    for (float& sample : std::span(block).first(count)) sample *= gain;
    const std::int64_t end = start + static_cast<std::int64_t>(count);
    for (std::size_t i = first; i < grid.size(); ++i) {
      const auto at = static_cast<std::int64_t>(std::llround(grid.times[i] * kClickRate));
      if (at >= end) break;
      const std::vector<float>& sound = grid.numbers[i] == 1 ? accent : plain;
      const auto length = static_cast<std::int64_t>(sound.size());
      if (at + length <= start) {
        first = i + 1;
        continue;
      }
      for (std::int64_t n = std::max<std::int64_t>(at, start); n < std::min<std::int64_t>(end, at + length); ++n)
        block[static_cast<std::size_t>(n - start)] += sound[static_cast<std::size_t>(n - at)];
    }
    writer.write(std::span(block).first(count));
    start = end;
  }
  writer.commit();
}

}  // namespace pop2piano::cli
