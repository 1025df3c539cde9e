// SPDX-License-Identifier: MIT
#include "learning/train_harmony/harmony_measures.h"

#include <algorithm>
#include <array>

#include "listening/harmony/harmony_path.h"

namespace pop2piano::training {
namespace {

constexpr std::uint16_t kUpToFifth = 0xFF, kMajor = 0b1001'0001, kMinor = 0b1000'1001;

template <typename Values>
int place_of_largest(const Values& values) {
  return static_cast<int>(std::ranges::max_element(values) - std::ranges::begin(values));
}

int heard_majmin(std::span<const float> chords) {
  std::array<float, kMajminClasses> chances{};
  for (std::size_t c = 0; c < kNoChord; ++c) {
    const int of = majmin_of(static_cast<int>(c % 12), kChordKinds[c / 12].notes);
    if (of >= 0) chances[static_cast<std::size_t>(of)] += chords[c];
  }
  chances[kMajminNone] = chords[kNoChord];
  return place_of_largest(chances);
}

int heard_bass(std::span<const float> bass) {
  std::array<float, 12> classes{};
  for (std::size_t p = 0; p < kBassPitches; ++p) classes[p % 12] += bass[p];
  const auto best = static_cast<std::size_t>(place_of_largest(classes));
  std::size_t pitch = best;
  for (std::size_t p = best; p < kBassPitches; p += 12) pitch = bass[p] > bass[pitch] ? p : pitch;
  return static_cast<int>(pitch) + kLowestHarmonyPitch;
}

}  // namespace

int majmin_of(int root, std::uint16_t notes_above_root) {
  if (root < 0) return kMajminNone;
  const auto triad = static_cast<std::uint16_t>(notes_above_root & kUpToFifth);
  return triad == kMajor ? root : triad == kMinor ? 12 + root : -1;
}

HarmonyByBeat harmony_by_beat(const HeardHarmony& heard, std::size_t beats) {
  HarmonyByBeat result;
  const auto summed = [](const Matrix<float>& chances, std::size_t first, std::size_t count) {
    std::vector<float> sum(chances.columns(), 0.0F);
    for (std::size_t k = first; k < std::min(first + count, chances.rows()); ++k) {
      const auto row = chances.row(k);
      for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += row[c];
    }
    return sum;
  };
  for (std::size_t b = 0; b < beats; ++b) {
    const std::size_t first = b * kHarmonyFramesPerBeat;
    result.chords.push_back(heard_majmin(summed(heard.chords, first, kHarmonyFramesPerBeat)));
    auto roots = summed(heard.chord_bass, first, kHarmonyFramesPerBeat);
    roots.pop_back();  // none
    result.chord_bass.push_back(place_of_largest(roots));
    result.bass.push_back(heard_bass(summed(heard.bass, first, kHarmonyFramesPerBeat / 2)));
  }
  return result;
}

HarmonyByBeat harmony_on_path(const HeardHarmony& heard, const Matrix<float>& fits, std::span<const int> beat_numbers) {
  HarmonyByBeat result;
  for (const BeatHarmony& beat : harmony_on_beats(heard, fits, beat_numbers)) {
    const auto root = static_cast<unsigned>(std::max<int>(0, beat.root));
    const auto above =
        static_cast<std::uint16_t>((beat.pitch_classes >> root | beat.pitch_classes << (12 - root)) & 0xFFF);
    result.chords.push_back(majmin_of(beat.root, above));
    result.chord_bass.push_back(beat.bass);
    result.bass.push_back(beat.bass_pitch);
  }
  return result;
}

void add_harmony(HarmonyMeasures& m, const KnownHarmony& known, const HarmonyByBeat& heard) {
  for (std::size_t b = 0; b < known.chords.size(); ++b) {
    if (known.chords[b] >= 0) {
      ++m.beats;
      m.chords += known.chords[b] == heard.chords[b] ? 1 : 0;
    }
    if (known.bass[b] > 0) {
      ++m.bass_beats;
      m.bass_right += known.bass[b] % 12 == heard.bass[b] % 12 ? 1 : 0;
      m.bass_octaves += known.bass[b] == heard.bass[b] ? 1 : 0;
    }
    if (known.chord_bass[b] >= 0) {
      ++m.chord_beats;
      m.chord_bass += known.chord_bass[b] == heard.chord_bass[b] ? 1 : 0;
      m.lowest_is_bass += known.chord_bass[b] == heard.bass[b] % 12 ? 1 : 0;
    }
  }
}

}  // namespace pop2piano::training
