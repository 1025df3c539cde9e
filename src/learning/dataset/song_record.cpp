// SPDX-License-Identifier: MIT
#include "learning/dataset/song_record.h"

#include <pop2piano/error.h>

#include <charconv>
#include <cmath>
#include <string_view>

namespace pop2piano {
namespace {

constexpr std::int32_t kNoteColumns = 5;
static_assert(sizeof(RecordNote) == kNoteColumns * sizeof(std::int32_t), "notes are stored as they lie in memory");

template <typename T>
TensorView tensor_of(std::string name, ElementType type, std::vector<std::uint64_t> shape, std::span<const T> values) {
  TensorView view;
  view.name = std::move(name);
  view.type = type;
  view.shape = std::move(shape);
  view.bytes = std::as_bytes(values);
  return view;
}

int attribute_number(const RecordView& record, std::string_view key, int fallback, const std::string& what) {
  const std::string_view text = record.attribute(key);
  if (text.empty()) return fallback;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(ErrorCode::malformed,
                what + ": attribute " + std::string(key) + ": a number expected, \"" + std::string(text) + "\" found");
  }
  return value;
}

void put_attributes(RecordView& record, const SongDescription& song) {
  record.attributes = {song.extra.begin(), song.extra.end()};
  auto& a = record.attributes;
  a["song"] = song.song;
  a["variant"] = std::to_string(song.variant);
  a["split"] = song.split;
  a["style"] = song.style;
  a["style_index"] = std::to_string(song.style_index);
  a["source"] = song.source;
  a["licence"] = song.licence;
  a["recipe"] = song.recipe;
  a["beats_per_bar"] = std::to_string(song.beats_per_bar);
  a["transposition"] = std::to_string(song.transposition);
}

SongDescription read_attributes(const RecordView& record, const std::string& what) {
  SongDescription song;
  const auto text = [&](std::string_view key) { return std::string(record.attribute(key)); };
  song.song = text("song");
  song.variant = attribute_number(record, "variant", 0, what);
  song.split = text("split");
  song.style = text("style");
  song.style_index = attribute_number(record, "style_index", 0, what);
  song.source = text("source");
  song.licence = text("licence");
  song.recipe = text("recipe");
  song.beats_per_bar = attribute_number(record, "beats_per_bar", 4, what);
  song.transposition = attribute_number(record, "transposition", 0, what);
  for (const auto& [key, value] : record.attributes) {
    if (key.starts_with("x.")) song.extra.emplace(key, value);
  }
  return song;
}

[[noreturn]] void malformed(const std::string& what, const std::string& found) {
  throw Error(ErrorCode::malformed, what + ": " + found + "; make the record again");
}

void check_beats(const SongDescription& song, const std::string& what) {
  if (song.beat_numbers.size() != song.beat_times.size())
    malformed(what, "beat times and beat numbers differ in count");
  if (!song.loudness.empty() && song.loudness.size() != song.beat_times.size()) {
    malformed(what, "loudness and beats differ in count");
  }
  for (std::size_t i = 0; i < song.beat_times.size(); ++i) {
    const bool increases = i == 0 || song.beat_times[i] > song.beat_times[i - 1];
    if (!std::isfinite(song.beat_times[i]) || !increases)
      malformed(what, "beat " + std::to_string(i) + " goes back in time");
  }
}

void check_notes(const SongDescription& song, const std::string& what) {
  constexpr std::int32_t kLastStep = 1 << 24;
  for (std::size_t i = 0; i < song.notes.size(); ++i) {
    const RecordNote& n = song.notes[i];
    const bool sound = n.onset > -kLastStep && n.onset < kLastStep && n.duration >= 1 && n.duration < kLastStep &&
                       n.pitch >= 0 && n.pitch <= 127 && n.velocity >= 1 && n.velocity <= 127 &&
                       (n.voice == 0 || n.voice == 1);
    if (!sound) malformed(what, "note " + std::to_string(i) + " is out of range");
  }
}

// The tensors that are copied out are small: their checksums are always computed.
const TensorView* find_intact(const RecordView& record, std::string_view name, const std::string& what) {
  const TensorView* tensor = record.find(name);
  if (tensor != nullptr && !tensor->intact())
    malformed(what, "tensor \"" + std::string(name) + "\" is damaged (checksum)");
  return tensor;
}

template <typename T, typename Out>
void copy_tensor(const RecordView& record, std::string_view name, ElementType type, std::vector<Out>& out,
                 const std::string& what) {
  const TensorView* tensor = find_intact(record, name, what);
  if (tensor == nullptr) return;
  const auto values = tensor->as<T>(type);
  out.assign(values.begin(), values.end());
}

void read_notes(const RecordView& record, std::vector<RecordNote>& notes, const std::string& what) {
  const TensorView* tensor = find_intact(record, "notes", what);
  if (tensor == nullptr) return;
  if (tensor->shape.size() != 2 || tensor->shape[1] != kNoteColumns) malformed(what, "notes are not [notes, 5]");
  const auto values = tensor->as<std::int32_t>(ElementType::i32);
  notes.resize(values.size() / kNoteColumns);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const auto row = values.subspan(i * kNoteColumns, kNoteColumns);
    notes[i] = {row[0], row[1], row[2], row[3], row[4]};
  }
}

}  // namespace

std::vector<std::byte> encode_song(const SongRecord& record) {
  const SongDescription& song = record.description;
  check_beats(song, song.song);
  check_notes(song, song.song);
  RecordView view;
  put_attributes(view, song);
  const std::vector<std::int32_t> numbers(song.beat_numbers.begin(), song.beat_numbers.end());
  const auto count = [](const auto& values) { return static_cast<std::uint64_t>(values.size()); };
  view.tensors.push_back(tensor_of<double>("beat_times", ElementType::f64, {count(song.beat_times)}, song.beat_times));
  view.tensors.push_back(tensor_of<std::int32_t>("beat_numbers", ElementType::i32, {count(numbers)}, numbers));
  TensorView notes = tensor_of<RecordNote>("notes", ElementType::i32, {count(song.notes), kNoteColumns}, song.notes);
  view.tensors.push_back(std::move(notes));
  if (!song.loudness.empty()) {
    view.tensors.push_back(tensor_of<float>("loudness", ElementType::f32, {count(song.loudness)}, song.loudness));
  }
  if (!record.features.empty()) {
    view.tensors.push_back(tensor_of<std::uint16_t>(
        "features", ElementType::f16, {record.features.rows(), record.features.columns()}, record.features.flat()));
  }
  for (const OwnedTensor& tensor : record.tensors) {
    view.tensors.push_back(tensor_of<std::byte>(tensor.name, tensor.type, tensor.shape, tensor.bytes));
  }
  return encode_record(view);
}

SongView decode_song(std::span<const std::byte> bytes, const std::string& what) {
  SongView view;
  view.record = decode_record(bytes, what);
  view.description = read_attributes(view.record, what);
  SongDescription& song = view.description;
  copy_tensor<double>(view.record, "beat_times", ElementType::f64, song.beat_times, what);
  copy_tensor<std::int32_t>(view.record, "beat_numbers", ElementType::i32, song.beat_numbers, what);
  copy_tensor<float>(view.record, "loudness", ElementType::f32, song.loudness, what);
  read_notes(view.record, song.notes, what);
  check_beats(song, what);
  check_notes(song, what);
  if (const TensorView* features = view.record.find("features")) {
    if (features->shape.size() != 2) malformed(what, "features are not [frames, bands]");
    view.features = {features->as<std::uint16_t>(ElementType::f16).data(), features->shape[0], features->shape[1]};
  }
  return view;
}

}  // namespace pop2piano
