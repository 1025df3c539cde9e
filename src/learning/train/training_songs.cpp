// SPDX-License-Identifier: MIT
#include "learning/train/training_songs.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/core/half.h"
#include "learning/studio/sound_coding.h"
#include "sound/dsp/beat_synchronous.h"

namespace pop2piano::training {
namespace {

// The number at the end of "pop909/001"; -1: none.
long song_number(const std::string& name) {
  const auto last = name.find_last_not_of("0123456789");
  const auto first = last == std::string::npos ? 0 : last + 1;
  long number = -1;
  if (first < name.size()) std::from_chars(name.data() + first, name.data() + name.size(), number);
  return number;
}

int style_of(const SongDescription& song, const std::vector<std::string>& styles) {
  const auto found = std::find(styles.begin(), styles.end(), song.style);
  if (found != styles.end()) return static_cast<int>(found - styles.begin());
  return song.style_index > 0 && song.style_index < static_cast<int>(styles.size()) ? song.style_index : 0;
}

std::vector<Note> notes_of(const SongDescription& song) {
  std::vector<Note> notes;
  notes.reserve(song.notes.size());
  for (const auto& from : song.notes) {
    Note note;
    note.onset = from.onset;
    note.duration = from.duration;
    note.pitch = static_cast<std::int16_t>(from.pitch);
    note.velocity = static_cast<std::int16_t>(from.velocity);
    note.voice = from.voice == 0 ? Voice::melody : Voice::accompaniment;
    notes.push_back(note);
  }
  return notes;
}

std::string split_name(Split split) {
  return split == Split::train ? "training" : split == Split::validation ? "validation" : "test";
}

}  // namespace

Split split_of(const SongDescription& song, const TrainConfig& config) {
  if (song.split == "train") return Split::train;
  if (song.split == "validation") return Split::validation;
  if (song.split == "test") return Split::test;
  const long number = song_number(song.song);
  if (config.split_modulus <= 0 || number < 0) return Split::train;
  const long remainder = number % config.split_modulus;
  if (remainder == config.validation_remainder) return Split::validation;
  return remainder == config.test_remainder ? Split::test : Split::train;
}

TrainingSongs::TrainingSongs(const TrainConfig& config, const ModelConfig& model, Split split)
    : features_(model.features), styles_(model.styles) {
  if (config.records.empty()) throw Error(ErrorCode::invalid_argument, "data.records: no record file or folder named");
  for (const auto& source : config.records) add_source(source, config, split);
  if (songs_.empty() && split != Split::validation) {
    throw Error(ErrorCode::nothing_found, config.records.front().path + ": no " + split_name(split) + " song with " +
                                              (features_.kind == FeatureKind::mel ? "sound" : "features") +
                                              " in the records named by data.records");
  }
}

void TrainingSongs::add_source(const RecordSource& source, const TrainConfig& config, Split split) {
  const std::filesystem::path path = source.path;
  sets_.push_back(RecordSet::open({&path, 1}));
  const auto& set = sets_.back();
  problems_.insert(problems_.end(), set.problems().begin(), set.problems().end());
  for (std::size_t record = 0; record < set.size(); ++record) add_song(record, config, split, source.weight);
}

void TrainingSongs::add_song(std::size_t record, const TrainConfig& config, Split split, double weight) {
  const auto view = sets_.back().song(record);
  const auto& description = view.description;
  if (split_of(description, config) != split) return;
  if (config.most_songs > 0 && songs_.size() >= static_cast<std::size_t>(config.most_songs)) return;
  Entry entry;
  entry.song.name = description.song + "#" + std::to_string(description.variant);
  const bool mel = features_.kind == FeatureKind::mel;
  entry.song.beats = mel ? check_sound(view, entry.song.name) : check_features(view, entry.song.name);
  if (entry.song.beats == 0 || weight <= 0.0) return;
  entry.song.style = style_of(description, styles_);
  entry.song.notes = notes_of(description);
  entry.song.beat_times = description.beat_times;
  if (!description.beat_times.empty()) {
    entry.song.seconds = description.beat_times.back() - description.beat_times.front();
  }
  entry.set = sets_.size() - 1;
  entry.record = record;
  const double before = cumulative_.empty() ? 0.0 : cumulative_.back();
  cumulative_.push_back(before + weight * entry.song.beats);
  songs_.push_back(std::move(entry));
}

int TrainingSongs::check_features(const SongView& view, const std::string& name) {
  if (view.features.rows() == 0) {
    problems_.push_back(name + ": no features, left out");
    return 0;
  }
  if (view.features.columns() != static_cast<std::size_t>(features_.n_mels)) {
    throw Error(ErrorCode::malformed, name + ": features of " + std::to_string(view.features.columns()) +
                                          " bands, the network reads " + std::to_string(features_.n_mels) +
                                          "; make the records anew for this architecture");
  }
  check_melody(view, name);
  return static_cast<int>(view.features.rows()) / features_.frames_per_beat;
}

int TrainingSongs::check_sound(const SongView& view, const std::string& name) {
  const TensorView* sound = view.record.find(kAudioTensor);
  const auto& beats = view.description.beat_times;
  if (sound == nullptr || beats.size() < 2) {
    problems_.push_back(name + (sound == nullptr ? ": no sound (`synthesize --audio` keeps it), left out"
                                                 : ": fewer than two beats, left out"));
    return 0;
  }
  int rate = 0;
  try {
    rate = FlacReader(sound->bytes).sample_rate();
  } catch (const Error& error) {
    problems_.push_back(name + ": " + error.what() + ", left out");
    return 0;
  }
  if (rate != features_.sample_rate) {
    throw Error(ErrorCode::malformed, name + ": sound of " + std::to_string(rate) + " Hz, the network hears " +
                                          std::to_string(features_.sample_rate) + " Hz; make the records anew");
  }
  return static_cast<int>(beats.size());
}

void TrainingSongs::check_melody(const SongView& view, const std::string& name) const {
  if (features_.melody_channels == 0) return;
  const TensorView* melody = view.record.find(kMelodyTensor);
  const auto channels = static_cast<std::uint64_t>(features_.melody_channels);
  if (melody == nullptr || melody->type != ElementType::u8 || melody->shape.size() != 2 ||
      melody->shape[0] != view.features.rows() || melody->shape[1] != channels) {
    throw Error(ErrorCode::malformed,
                name +
                    ": no features of the melody in the record, which the network reads; make them with `pop2piano "
                    "dataset features`");
  }
}

std::size_t TrainingSongs::choose(double uniform) const {
  const double wanted = uniform * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), wanted);
  return std::min(static_cast<std::size_t>(found - cumulative_.begin()), songs_.size() - 1);
}

// The smoothing is that of normalise_song(): a song whose every frame is its mean has the smoothed mean subtracted.
std::vector<float> TrainingSongs::band_mean_of(Span2D<const std::uint16_t> features) const {
  const std::size_t bands = features.columns();
  std::vector<double> sums(bands, 0.0);
  for (std::size_t r = 0; r < features.rows(); ++r) {
    const auto row = features.row(r);
    for (std::size_t b = 0; b < bands; ++b) sums[b] += static_cast<double>(half_to_float(row[b]));
  }
  std::vector<float> mean(bands);
  Matrix<float> frame(1, bands);
  for (std::size_t b = 0; b < bands; ++b) {
    mean[b] = static_cast<float>(sums[b] / static_cast<double>(features.rows()));
    frame(0, b) = mean[b];
  }
  normalise_song(frame, {.smoothing_bands = static_cast<float>(features_.smoothing_bands),
                         .scale = 1.0F,
                         .floor = std::numeric_limits<float>::lowest()});
  for (std::size_t b = 0; b < bands; ++b) mean[b] -= frame(0, b);
  return mean;
}

std::span<const float> TrainingSongs::band_mean(const Entry& entry, Span2D<const std::uint16_t> features) const {
  {
    const std::lock_guard lock(mutex_);
    if (!entry.band_mean.empty()) return entry.band_mean;
  }
  auto mean = band_mean_of(features);  // outside the lock: milliseconds
  // One number that is not finite makes its band's mean so: nothing else needs to be looked at.
  if (!std::ranges::all_of(mean, [](float x) { return std::isfinite(x); })) {
    const auto file = sets_[entry.set].file(entry.record).string();
    throw Error(ErrorCode::malformed, entry.song.name + ": features in " + file +
                                          " that are no finite numbers; look with `pop2piano dataset verify " + file +
                                          "` for damage and make the record again");
  }
  const std::lock_guard lock(mutex_);
  if (entry.band_mean.empty()) entry.band_mean = std::move(mean);
  return entry.band_mean;
}

void TrainingSongs::read_frames(std::size_t index, long first, Matrix<float>& out) const {
  if (out.columns() != static_cast<std::size_t>(features_.inputs())) {
    throw Error(ErrorCode::invalid_argument, "frames of " + std::to_string(out.columns()) + " inputs, " +
                                                 std::to_string(features_.inputs()) + " expected");
  }
  const auto& entry = songs_[index];
  const auto view = sets_[entry.set].song(entry.record);
  const TensorView* melody = features_.melody_channels > 0 ? view.record.find(kMelodyTensor) : nullptr;
  const auto channels = static_cast<std::size_t>(features_.melody_channels);
  const auto bands = static_cast<std::size_t>(features_.n_mels);
  const auto mean = band_mean(entry, view.features);
  const auto floor = static_cast<float>(features_.normalised_floor);
  const auto scale = static_cast<float>(1.0 / features_.scale);
  const auto song_rows = static_cast<long>(view.features.rows());
  for (std::size_t r = 0; r < out.rows(); ++r) {
    const auto to = out.row(r);
    const long frame = first + static_cast<long>(r);
    if (frame < 0 || frame >= song_rows) {
      std::ranges::fill(to.first(bands), floor);
      std::ranges::fill(to.subspan(bands), 0.0F);
      continue;
    }
    const auto from = view.features.row(static_cast<std::size_t>(frame));
    for (std::size_t b = 0; b < bands; ++b) to[b] = std::max((half_to_float(from[b]) - mean[b]) * scale, floor);
    if (melody == nullptr) continue;
    const auto row = melody->bytes.subspan(static_cast<std::size_t>(frame) * channels, channels);
    std::transform(row.begin(), row.end(), to.begin() + static_cast<std::ptrdiff_t>(bands),
                   [](std::byte x) { return static_cast<float>(x) / 255.0F; });
  }
}

Matrix<float> TrainingSongs::read_mel(std::size_t index, const SegmentMel& mel, int first_beat,
                                      std::int64_t padded) const {
  const auto& entry = songs_[index];
  const auto view = sets_[entry.set].song(entry.record);
  try {
    return mel.read(view.record.find(kAudioTensor)->bytes, entry.song.beat_times, first_beat, padded);
  } catch (const Error& error) {
    throw Error(error.code(), entry.song.name + ": " + error.what());
  }
}

void TrainingSongs::read_melody(std::size_t index, long first, Matrix<float>& out) const {
  const auto& entry = songs_[index];
  const auto view = sets_[entry.set].song(entry.record);
  const TensorView* melody = view.record.find(kMelodyTensor);
  std::ranges::fill(out.flat(), 0.0F);
  if (melody == nullptr || melody->shape.size() != 2 || melody->shape[1] != out.columns()) return;
  for (std::size_t r = 0; r < out.rows(); ++r) {
    const long frame = first + static_cast<long>(r);
    if (frame < 0 || frame >= static_cast<long>(melody->shape[0])) continue;
    const auto row = melody->bytes.subspan(static_cast<std::size_t>(frame) * out.columns(), out.columns());
    std::transform(row.begin(), row.end(), out.row(r).begin(),
                   [](std::byte x) { return static_cast<float>(x) / 255.0F; });
  }
}

}  // namespace pop2piano::training
