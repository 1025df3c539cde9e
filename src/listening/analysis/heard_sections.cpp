// SPDX-License-Identifier: MIT
#include "listening/analysis/heard_sections.h"

#include <algorithm>
#include <cmath>

#include "listening/melody/melody_on_beat.h"
#include "music/structure/song_sections.h"

namespace pop2piano {
namespace {

constexpr double kLowest = 65.0, kHighest = 2000.0;  // Hz, of the bands that tell pitch classes
constexpr std::size_t kTimbres = 8;                  // parts of the spectrum

double mel_of(double hertz) { return 2595.0 * std::log10(1.0 + hertz / 700.0); }
double hertz_of(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

// [bands] pitch class, -1 for those too low or too high to tell one.
std::vector<int> pitch_classes(const FeatureSettings& features) {
  const double low = mel_of(features.f_min), high = mel_of(features.f_max);
  std::vector<int> classes;
  for (int k = 0; k < features.n_mels; ++k) {
    const double hertz = hertz_of(low + (high - low) * (k + 1) / (features.n_mels + 1));
    const auto pitch = static_cast<int>(std::lround(69.0 + 12.0 * std::log2(hertz / 440.0)));
    classes.push_back(hertz < kLowest || hertz >= kHighest ? -1 : pitch % 12);
  }
  return classes;
}

void describe(std::span<const float> bands, const std::vector<int>& classes, std::size_t beat, BeatDescriptions& out) {
  for (std::size_t k = 0; k < bands.size(); ++k) {
    if (classes[k] >= 0) out.harmony(beat, static_cast<std::size_t>(classes[k])) += std::max(0.0F, bands[k]);
    out.timbre(beat, k * kTimbres / bands.size()) += bands[k];
  }
}

}  // namespace

std::vector<SongSection> heard_sections(const Analysis& analysis) {
  const FeatureSettings& features = analysis.options.features;
  if (features.kind != FeatureKind::beat_synchronous || analysis.heard.grid.size() == 0) return {};
  const std::size_t beats = analysis.heard.grid.size(), steps = static_cast<std::size_t>(features.frames_per_beat);
  const FeatureRows& melody = analysis.melody_chances.rows() > 0 ? analysis.melody_chances : analysis.melody;
  const std::size_t first = analysis.melody_chances.rows() > 0 ? 0 : kMelodyPitches;  // the pitches that sound
  BeatDescriptions described{Matrix<float>(beats, 12), Matrix<float>(melody.rows() > 0 ? beats : 0, 12),
                             Matrix<float>(beats, kTimbres)};
  const std::vector<int> classes = pitch_classes(features);
  for (std::size_t step = 0; step < std::min(beats * steps, analysis.bands.rows()); ++step) {
    describe(analysis.bands.row(step), classes, step / steps, described);
    if (step >= melody.rows()) continue;
    const auto row = melody.row(step).subspan(first);
    for (std::size_t p = 0; p < std::min(row.size(), kMelodyPitches); ++p)
      described.melody(step / steps, (p + kLowestMelodyPitch) % 12) += row[p];
  }
  std::vector<SongSection> sections = song_sections(described, analysis.heard.grid);
  for (SongSection& section : sections)
    section.first_beat = analysis.heard.places[static_cast<std::size_t>(section.first_beat)];
  return sections;
}

}  // namespace pop2piano
