// SPDX-License-Identifier: MIT
#include "learning/train_piano/piano_songs.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "learning/performances/piano_songs.h"
#include "listening/piano/piano_network.h"

namespace pop2piano::training {
namespace {

constexpr double kTriangle = 0.05;  // seconds to either side

// How a segment is heard, in the units of kept levels.
struct Listening {
  std::array<float, kPianoBands> shift{};  // added to each band
  float contrast = 1.0F, noise = -1e4F;
};

Listening draw_listening(const AugmentationOptions& options, Random& random) {
  constexpr double kUnit = 5.0 * kPianoLevelsPerUnit;  // as the other networks' features are scaled
  Listening l;
  l.contrast = static_cast<float>(random.uniform(options.lowest_contrast, options.highest_contrast));
  l.shift.fill(static_cast<float>(kUnit * random.uniform(-options.level, options.level)));
  for (int wave = 1; wave <= 4; ++wave) {
    const double depth = kUnit * options.equaliser * random.normal(), phase = random.uniform(0, 2 * std::numbers::pi);
    for (std::size_t b = 0; b < kPianoBands; ++b) {
      const double place = static_cast<double>(b) / static_cast<double>(kPianoBands);
      l.shift[b] += static_cast<float>(depth * std::cos(wave * std::numbers::pi * place + phase));
    }
  }
  // Another piano's partials: louder and softer from one few semitones to the next.
  constexpr std::size_t kApart = 7;  // bands
  double last = kUnit * options.equaliser * random.normal(), next = last;
  for (std::size_t b = 0; b < kPianoBands; ++b) {
    if (b % kApart == 0) {
      last = next;
      next = kUnit * options.equaliser * random.normal();
    }
    const double share = static_cast<double>(b % kApart) / static_cast<double>(kApart);
    l.shift[b] += static_cast<float>(last + share * (next - last));
  }
  if (random.chance(0.3)) l.noise = static_cast<float>(random.uniform(20.0, 90.0));
  return l;
}

void listen(std::span<float> levels, const Listening& l) {
  constexpr float kMiddle = 120.0F;
  for (std::size_t i = 0; i < levels.size(); ++i)
    levels[i] = std::max(l.noise, kMiddle + l.contrast * (levels[i] - kMiddle) + l.shift[i % kPianoBands]);
}

// Frames whose centre lies in [from, to), from frame `first` on, at most `frames`.
std::pair<std::size_t, std::size_t> frames_between(double from, double to, std::size_t first, std::size_t frames) {
  const auto place = [&](double time) {
    const double at = std::ceil(time / kPianoFrameSeconds - 1e-9) - static_cast<double>(first);
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(frames)));
  };
  return {place(from), place(to)};
}

}  // namespace

Span2D<const std::uint8_t> piano_levels(const SongView& view) {
  const TensorView* tensor = view.record.find(kPianoLevelsTensor);
  if (tensor == nullptr || tensor->shape.size() != 2 || tensor->shape[1] != kPianoLevels) {
    throw Error(ErrorCode::malformed, view.description.song + ": no tensor " + std::string(kPianoLevelsTensor) +
                                          "; make the records with `pop2piano-train piano-songs`");
  }
  return {tensor->as<std::uint8_t>(ElementType::u8).data(), static_cast<std::size_t>(tensor->shape[0]), kPianoLevels};
}

void set_piano_targets(const PianoPerformance& performance, std::size_t first, std::size_t frames,
                       std::span<float> targets, std::span<float> pedal) {
  const auto time_of = [&](std::size_t k) { return static_cast<double>(first + k) * kPianoFrameSeconds; };
  std::fill(targets.begin(), targets.end(), 0.0F);
  std::fill(pedal.begin(), pedal.end(), 0.0F);
  for (const PerformedNote& note : performance.notes) {
    const auto key = static_cast<std::size_t>(note.pitch - kLowestPianoKey);
    const auto at = [&](std::size_t k, PianoHead head) -> float& {
      return targets[(k * kPianoKeys + key) * kPianoHeads + static_cast<std::size_t>(head)];
    };
    const auto mark = [&](double time, PianoHead head) {
      const auto [begin, end] = frames_between(time - kTriangle, time + kTriangle, first, frames);
      for (std::size_t k = begin; k < end; ++k) {
        const auto value = static_cast<float>(1.0 - std::abs(time_of(k) - time) / kTriangle);
        if (value <= at(k, head)) continue;
        at(k, head) = value;
        if (head == PianoHead::onset) at(k, PianoHead::velocity) = static_cast<float>(note.velocity) / 127.0F;
      }
    };
    mark(note.onset, PianoHead::onset);
    mark(note.end, PianoHead::offset);
    const auto [begin, end] = frames_between(note.onset, note.end, first, frames);
    for (std::size_t k = begin; k < end; ++k) at(k, PianoHead::sounds) = 1.0F;
  }
  for (const PerformedPedal& span : performance.pedal) {
    const auto [begin, end] = frames_between(span.down, span.up, first, frames);
    for (std::size_t k = begin; k < end; ++k) pedal[k] = 1.0F;
  }
}

PianoSongs::PianoSongs(const TrainConfig& config, Split split)
    : augmentation_(config.augmentation), frames_(static_cast<std::size_t>(config.segment_frames)) {
  if (config.records.empty()) throw Error(ErrorCode::invalid_argument, "data.records: no record file or folder named");
  double sum = 0;
  for (const RecordSource& source : config.records) {
    const std::filesystem::path path = source.path;
    sets_.push_back(RecordSet::open({&path, 1}));
    for (std::size_t i = 0; i < sets_.back().size(); ++i) {
      const SongView view = sets_.back().song(i);
      if (split_of(view.description, config) != split || source.weight <= 0.0) continue;
      Song song{.levels = piano_levels(view), .performance = performance_of(view)};
      song.last_weight = sum += source.weight * static_cast<double>(song.levels.rows());
      songs_.push_back(std::move(song));
    }
  }
  if (songs_.empty() && split == Split::train) {
    throw Error(ErrorCode::nothing_found, config.records.front().path + ": no training song in data.records");
  }
}

PianoSegment PianoSongs::draw(Hearing hearing, Random random) const {
  const double wanted = random.uniform() * songs_.back().last_weight;
  const auto found = std::ranges::upper_bound(songs_, wanted, {}, &Song::last_weight);
  const Song& song = found == songs_.end() ? songs_.back() : *found;
  const std::size_t spare = song.levels.rows() > frames_ ? song.levels.rows() - frames_ : 0;
  const std::size_t first = random.index(spare + 1);
  constexpr std::size_t kInputs = kPianoKeys * kPianoInputs;
  PianoSegment segment{.inputs = std::vector<float>(frames_ * kInputs),
                       .targets = std::vector<float>(frames_ * kPianoKeys * kPianoHeads),
                       .pedal = std::vector<float>(frames_)};
  const Listening listening = draw_listening(augmentation_, random);
  std::vector<float> levels(kPianoLevels);
  for (std::size_t k = 0; k < frames_; ++k) {
    std::ranges::fill(levels, 0.0F);  // behind the end
    if (first + k < song.levels.rows()) std::ranges::copy(song.levels.row(first + k), levels.begin());
    if (hearing == Hearing::varied) listen(levels, listening);
    read_piano_inputs(levels, std::span(segment.inputs).subspan(k * kInputs, kInputs));
  }
  set_piano_targets(song.performance, first, frames_, segment.targets, segment.pedal);
  return segment;
}

}  // namespace pop2piano::training
