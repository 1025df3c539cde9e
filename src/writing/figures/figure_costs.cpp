// SPDX-License-Identifier: MIT
#include "writing/figures/figure_costs.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/core/random.h"

namespace pop2piano {
namespace {

constexpr float kNoChord = 1.5F;       // a chord against none
constexpr float kMostOfAChord = 2.5F;  // what the worst costs
constexpr float kClass = 0.25F, kRoot = 1.0F, kBass = 0.5F;
constexpr float kFreeHeight = 2.0F;   // semitones between two melodies that cost nothing
constexpr float kNoHeight = 6.0F;     // as far as that counts a bar in which the melody rests
constexpr float kVariation = 10.0F;   // the most that a seed adds
constexpr float kStoodThere = 12.0F;  // what is to be written again costs, times its F measure

std::tuple<int, int, int> key_of(const BeatChord& chord) { return {chord.root, chord.pitch_classes, chord.bass}; }

float chord_cost(const BeatChord& heard, const BeatChord& played, int shift) {
  if (heard.root < 0 || played.root < 0) return heard.root < 0 && played.root < 0 ? 0.0F : kNoChord;
  const unsigned differ = moved_classes(played.pitch_classes, shift) ^ heard.pitch_classes;
  float cost = kClass * static_cast<float>(std::popcount(differ));
  if ((played.root + shift + 12) % 12 != heard.root) cost += kRoot;
  if ((played.bass < 0 ? -1 : (played.bass + shift + 12) % 12) != heard.bass) cost += kBass;
  return std::min(cost, kMostOfAChord);
}

float difference(int wished, int found) {
  return wished < 0 || found < 0 ? 0.0F : static_cast<float>(std::abs(wished - found));
}

}  // namespace

FigureCosts::FigureCosts(const FigureBank& bank, const FigureRequest& request, const FigureWeights& weights)
    : bank_(bank), request_(request), weights_(weights) {
  const WriterSong& song = request.song;
  for (const BeatChord& chord : song.chords) {
    ChordTable& table = tables_[key_of(chord)];
    if (!table.empty()) continue;
    for (const BeatChord& played : bank.chords()) {
      Keys& keys = table.emplace_back();
      for (std::size_t k = 0; k < kFigureKeys; ++k)
        keys[k] = weights.chord * chord_cost(chord, played, static_cast<int>(k) + kLowestShift);
    }
  }
  for (std::size_t i = 0; i < bank.songs(); ++i) {
    const auto octaves = static_cast<float>(std::log2(bank.beat_seconds(static_cast<int>(i)) / request.beat_seconds));
    tempo_.push_back(weights.tempo * octaves * octaves);
  }
  const auto beats = static_cast<std::size_t>(song.beats());
  melody_.assign(beats, 0);
  in_triplets_.assign(beats, false);
  melody_sum_.assign(beats, 0);
  melody_count_.assign(beats, 0);
  for (const Note& note : song.melody) {
    if (note.voice != Voice::melody || note.onset < 0 || note.onset >= song.beats() * kStepsPerBeat) continue;
    const auto beat = static_cast<std::size_t>(note.onset / kStepsPerBeat);
    melody_[beat] |= melody_sixteenth(note.onset % kStepsPerBeat);
    if (is_third_of_beat(note.onset)) in_triplets_[beat] = true;
    melody_sum_[beat] += note.pitch;
    ++melody_count_[beat];
  }
}

const FigureCosts::ChordTable& FigureCosts::table(int beat) const {
  return tables_.at(key_of(request_.song.chords[static_cast<std::size_t>(beat)]));
}

void FigureCosts::add_plain(const FigurePlace& place, std::vector<float>& costs) const {
  const auto length = static_cast<std::size_t>(place.end - place.first), first = static_cast<std::size_t>(place.first);
  std::array<const ChordTable*, kFigureBeats> tables{};
  int sum = 0, count = 0;
  unsigned straight = 0;  // beats
  for (std::size_t b = 0; b < length; ++b) {
    if (!in_triplets_[first + b]) straight |= 1U << static_cast<unsigned>(b);
    tables[b] = &table(place.first + static_cast<int>(b));
    sum += melody_sum_[first + b];
    count += melody_count_[first + b];
  }
  const float height = count > 0 ? static_cast<float>(sum) / static_cast<float>(count) : 0.0F;
  const SectionTexture wish = request_.song.textures.empty() ? SectionTexture{} : request_.song.textures[first];
  for (std::size_t i = 0; i < bank_.size(); ++i) {
    const FigureBar& bar = bank_.bar(i);
    const SectionTexture& texture = bank_.texture(i);
    float same = tempo_[static_cast<std::size_t>(bar.song)] +
                 weights_.density * difference(wish.density, texture.density) +
                 weights_.fullness * difference(wish.fullness, texture.fullness) +
                 weights_.triplet * static_cast<float>(std::popcount(bank_.triplets(i) & straight));
    Keys keys{};
    for (std::size_t b = 0; b < length; ++b) {
      const unsigned differ = bar.melody[b] ^ static_cast<unsigned>(melody_[first + b]);
      same += weights_.melody * static_cast<float>(std::popcount(differ));
      const Keys& row = (*tables[b])[bar.chords[b]];
      for (std::size_t k = 0; k < kFigureKeys; ++k) keys[k] += row[k];
    }
    float* cost = costs.data() + i * kFigureKeys;
    const float apart = static_cast<float>(bar.melody_pitch) + static_cast<float>(kLowestShift) - height;
    for (std::size_t k = 0; k < kFigureKeys; ++k) {
      const float semitones = bar.melody_pitch == 0 ? kNoHeight : std::fabs(apart + static_cast<float>(k));
      cost[k] = same + keys[k] + (count > 0 ? weights_.height * std::max(0.0F, semitones - kFreeHeight) : 0.0F);
    }
  }
}

void FigureCosts::add_likeness(const FigurePlace& place, std::span<const Note> text, float weight,
                               std::vector<float>& costs) const {
  const int start = place.first * kStepsPerBeat, end = place.end * kStepsPerBeat;
  const auto from = std::ranges::lower_bound(text, start, {}, &Note::onset);
  const auto to = std::ranges::lower_bound(text, end, {}, &Note::onset);
  const auto notes = static_cast<float>(to - from);
  if (from == to || weight == 0.0F) return;
  std::vector<std::uint8_t> common(costs.size(), 0);
  for (auto note = from; note != to; ++note) {
    for (std::size_t k = 0; k < kFigureKeys; ++k) {
      const int pitch = note->pitch - (static_cast<int>(k) + kLowestShift);
      for (const std::uint32_t bar : bank_.striking(note->onset - start, pitch)) ++common[bar * kFigureKeys + k];
    }
  }
  for (std::size_t i = 0; i < bank_.size(); ++i) {
    const float of_each = 2.0F * weight / (notes + static_cast<float>(bank_.notes_of(i).size()));
    float* cost = costs.data() + i * kFigureKeys;
    for (std::size_t k = 0; k < kFigureKeys; ++k) cost[k] += of_each * static_cast<float>(common[i * kFigureKeys + k]);
  }
}

void FigureCosts::add_variation(const FigurePlace& place, std::vector<float>& costs) const {
  add_likeness(place, request_.song.kept, kStoodThere, costs);
  Random random = Random(request_.seed).fork(static_cast<std::uint64_t>(place.first));
  for (float& cost : costs) cost += kVariation * static_cast<float>(random.uniform());
}

void FigureCosts::at(const FigurePlace& place, std::vector<float>& costs) const {
  costs.resize(bank_.size() * kFigureKeys);
  add_plain(place, costs);
  add_likeness(place, request_.sketch, -weights_.sketch, costs);
  if (request_.varies(place)) add_variation(place, costs);
}

}  // namespace pop2piano
