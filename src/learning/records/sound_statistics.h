// SPDX-License-Identifier: MIT
// What a network sees of renderings and of recordings, in numbers that can be set side by side: the distance between
// the two decides how well a model trained on renderings hears records.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pop2piano {

inline constexpr std::size_t kBandGroups = 8;  ///< of 64 mel bands each

/// Of one song at 22.05 kHz. Log-mel as the model's features (peak 0.7, natural logarithm), 21.5 frames a second,
/// frames of the first and last second and digital silence left out.
struct SoundStatistics {
  std::array<double, kBandGroups> centre_hz{};    ///< middle of each group
  std::array<double, kBandGroups> mean{};         ///< log energy
  std::array<double, kBandGroups> contrast{};     ///< sd over time of a band, around the band's song mean
  std::array<double, kBandGroups> low{}, high{};  ///< 10th and 90th percentile around the song mean
  std::array<double, kBandGroups> modulation{};   ///< rms change from frame to frame (46 ms)
  std::array<double, kBandGroups> texture{};      ///< sd across neighbouring bands within a frame: how peaky
  double crest_db = 0;                            ///< peak over RMS
  double loudness_range = 0;                      ///< dB between the 10th and 95th percentile of the level over 3 s
  double level_range = 0;                         ///< the same over 0.1 s
  double onsets_per_second = 0;
};

/// Throws Error(nothing_found) when less than four seconds are not silent.
[[nodiscard]] SoundStatistics sound_statistics(std::span<const float> samples, const std::string& what);

/// Names and values in the order of a table's rows.
[[nodiscard]] std::vector<std::pair<std::string, double>> statistics_rows(const SoundStatistics& statistics);

struct StatisticsComparison {
  struct Row {
    std::string name;
    double mean_a = 0, sd_a = 0, mean_b = 0, sd_b = 0;
    double distance = 0;  ///< (mean_b - mean_a) / the larger of sd_a and a tenth of |mean_a|
  };
  std::vector<Row> rows;
};
[[nodiscard]] StatisticsComparison compare_statistics(std::span<const SoundStatistics> a,
                                                      std::span<const SoundStatistics> b);

}  // namespace pop2piano
