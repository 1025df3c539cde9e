// SPDX-License-Identifier: MIT
#include "learning/prepare/fingerprint.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "learning/prepare/content_hash.h"

namespace pop2piano {
namespace {

constexpr double kTogether = 0.04;  // seconds; notes that begin so near to each other are one chord
constexpr std::size_t kChords = 4;  // of a shingle

}  // namespace

std::vector<std::uint64_t> fingerprint_of(std::span<const PlayedNote> notes) {
  std::vector<std::string> chords;
  double begin = 0.0;
  for (const PlayedNote& note : notes) {
    if (chords.empty() || note.onset > begin + kTogether) chords.emplace_back(), begin = note.onset;
    chords.back().push_back(static_cast<char>(std::lround(note.pitch)));
  }
  for (std::string& chord : chords) std::ranges::sort(chord);
  std::set<std::uint64_t> smallest;
  for (std::size_t k = 0; k + kChords <= chords.size(); ++k) {
    std::string shingle;
    for (std::size_t c = 0; c < kChords; ++c) shingle += chords[k + c] + '\n';
    smallest.insert(hash_of(shingle));
    if (smallest.size() > kFingerprintSize) smallest.erase(std::prev(smallest.end()));
  }
  return {smallest.begin(), smallest.end()};
}

std::size_t hashes_in_common(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  std::vector<std::uint64_t> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return both.size();
}

}  // namespace pop2piano
