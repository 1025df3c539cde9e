// SPDX-License-Identifier: MIT
#include "writing/figures/figure_bars.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "numbers/weights/safetensors.h"

namespace pop2piano {
namespace {

static_assert(std::endian::native == std::endian::little, "the file's bytes are those of memory");

// The arrays of the file, a row for each chord, song, bar, beat of a bar, note.
struct Arrays {
  std::vector<std::int32_t> chords;  // [chords, 3] root or -1, pitch classes, bass or -1
  std::vector<float> seconds;        // [songs]
  std::vector<std::int16_t> bars;    // [bars, 4] song, follows, notes, the melody's pitch
  std::vector<std::int16_t> beats;   // [bars, kFigureBeats, 2] chord, sixteenths of the melody
  std::vector<std::uint8_t> notes;   // [notes, 3] onset, duration, pitch
};

template <typename T>
Tensor tensor_of(const std::vector<T>& values, DataType type, const Shape& shape) {
  return {.type = type, .shape = shape, .bytes = std::as_bytes(std::span(values))};
}

Arrays arrays_of(const FigureBars& figures) {
  Arrays a;
  for (const BeatChord& chord : figures.chords)
    a.chords.insert(a.chords.end(), {chord.root, chord.pitch_classes, chord.bass});
  a.seconds = figures.beat_seconds;
  for (const FigureBar& bar : figures.bars) {
    for (const auto value : {static_cast<std::uint32_t>(bar.song), bar.follows ? 1U : 0U, bar.end_note - bar.first_note,
                             static_cast<std::uint32_t>(bar.melody_pitch)}) {
      a.bars.push_back(static_cast<std::int16_t>(value));
    }
    for (std::size_t beat = 0; beat < kFigureBeats; ++beat) {
      a.beats.push_back(static_cast<std::int16_t>(bar.chords[beat]));
      a.beats.push_back(bar.melody[beat]);
    }
  }
  for (const FigureNote& note : figures.notes) a.notes.insert(a.notes.end(), {note.onset, note.duration, note.pitch});
  return a;
}

/// Reads arrays and refuses what is not as it must be, naming file, array and row.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : set_(read_safetensors(file)) {}

  template <typename T>
  [[nodiscard]] std::vector<T> read(std::string_view name, DataType type, const Shape& row) const {
    const Tensor* tensor = set_.find(name);
    if (tensor == nullptr) reject(std::string(name) + ": not there; this is no file of figures of this version");
    if (tensor->type != type || tensor->shape.size() != row.size() + 1 ||
        !std::equal(row.begin(), row.end(), tensor->shape.begin() + 1)) {
      reject(std::string(name) + ": found " + std::string(to_string(tensor->type)) + " " + to_string(tensor->shape) +
             ", expected " + std::string(to_string(type)) + " with rows " + to_string(row));
    }
    std::vector<T> values(tensor->bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), tensor->bytes.data(), values.size() * sizeof(T));
    return values;
  }
  void require(bool right, std::string_view name, std::size_t row) const {
    if (!right) reject(std::string(name) + ": row " + std::to_string(row) + " holds values that cannot be");
  }
  [[noreturn]] void reject(const std::string& what) const {
    throw Error(ErrorCode::malformed, set_.file + ": " + what);
  }

 private:
  TensorSet set_;
};

bool within(std::int32_t value, std::int32_t least, std::int32_t most) { return value >= least && value <= most; }

std::vector<BeatChord> read_chords(const Reader& reader) {
  const auto values = reader.read<std::int32_t>("chords", DataType::i32, {3});
  std::vector<BeatChord> chords;
  for (std::size_t i = 0; i + 2 < values.size(); i += 3) {
    reader.require(within(values[i], -1, 11) && within(values[i + 1], 0, 0xFFF) && within(values[i + 2], -1, 11),
                   "chords", i / 3);
    chords.push_back({.kind = values[i] < 0 ? BeatChord::Kind::none : BeatChord::Kind::chord,
                      .root = values[i],
                      .bass = values[i + 2],
                      .pitch_classes = static_cast<std::uint16_t>(values[i + 1])});
  }
  return chords;
}

std::vector<FigureNote> read_notes(const Reader& reader) {
  const auto values = reader.read<std::uint8_t>("notes", DataType::u8, {3});
  std::vector<FigureNote> notes;
  notes.reserve(values.size() / 3);
  for (std::size_t i = 0; i + 2 < values.size(); i += 3) {
    reader.require(values[i] < kFigureSteps && values[i + 1] > 0 && values[i + 2] < 128, "notes", i / 3);
    notes.push_back({values[i], values[i + 1], values[i + 2]});
  }
  return notes;
}

void read_bars(const Reader& reader, FigureBars& figures) {
  const auto bars = reader.read<std::int16_t>("bars", DataType::i16, {4});
  const auto beats = reader.read<std::int16_t>("beats", DataType::i16, {kFigureBeats, 2});
  if (beats.size() != bars.size() / 4 * kFigureBeats * 2) reader.reject("beats: not as many rows as bars");
  const auto songs = static_cast<std::int32_t>(figures.beat_seconds.size());
  const auto chords = static_cast<std::int32_t>(figures.chords.size());
  std::size_t note = 0;
  for (std::size_t i = 0; i < bars.size() / 4; ++i) {
    const std::int16_t* row = bars.data() + 4 * i;
    reader.require(within(row[0], 0, songs - 1) && within(row[1], 0, i == 0 ? 0 : 1) &&
                       within(row[2], 0, static_cast<std::int32_t>(figures.notes.size() - note)) &&
                       within(row[3], 0, 127),
                   "bars", i);
    FigureBar bar{.song = row[0], .follows = row[1] == 1, .melody_pitch = static_cast<std::uint8_t>(row[3])};
    reader.require(!bar.follows || figures.bars.back().song == bar.song, "bars", i);
    for (std::size_t beat = 0; beat < kFigureBeats; ++beat) {
      const std::int16_t* b = beats.data() + 2 * (kFigureBeats * i + beat);
      reader.require(within(b[0], 0, chords - 1) && within(b[1], 0, 15), "beats", i);
      bar.chords[beat] = static_cast<std::uint16_t>(b[0]);
      bar.melody[beat] = static_cast<std::uint8_t>(b[1]);
    }
    bar.first_note = static_cast<std::uint32_t>(note);
    note += static_cast<std::size_t>(row[2]);
    bar.end_note = static_cast<std::uint32_t>(note);
    figures.bars.push_back(bar);
  }
  if (note != figures.notes.size()) reader.reject("notes: more rows than the bars count");
}

std::uint16_t index_of_chord(std::vector<BeatChord>& chords, const BeatChord& chord) {
  const auto found = std::ranges::find(chords, chord);
  if (found != chords.end()) return static_cast<std::uint16_t>(found - chords.begin());
  chords.push_back(chord);
  return static_cast<std::uint16_t>(chords.size() - 1);
}

std::vector<FigureNote> notes_of_bar(std::span<const Note> text, int start) {
  const auto from = std::ranges::lower_bound(text, start, {}, &Note::onset);
  std::vector<FigureNote> notes;
  for (auto note = from; note != text.end() && note->onset < start + kFigureSteps; ++note) {
    notes.push_back({static_cast<std::uint8_t>(note->onset - start),
                     static_cast<std::uint8_t>(std::clamp(note->duration, 1, 255)),
                     static_cast<std::uint8_t>(std::clamp<int>(note->pitch, 0, 127))});
  }
  std::ranges::sort(notes, [](const FigureNote& a, const FigureNote& b) {
    return a.onset != b.onset ? a.onset < b.onset : a.pitch > b.pitch;
  });
  return notes;
}

void add_melody(std::span<const Note> melody, int start, FigureBar& bar) {
  int sum = 0, count = 0;
  for (auto note = std::ranges::lower_bound(melody, start, {}, &Note::onset);
       note != melody.end() && note->onset < start + kFigureSteps; ++note) {
    const int step = note->onset - start;
    bar.melody[static_cast<std::size_t>(step / kStepsPerBeat)] |= melody_sixteenth(step % kStepsPerBeat);
    sum += note->pitch;
    ++count;
  }
  if (count > 0) bar.melody_pitch = static_cast<std::uint8_t>(std::lround(static_cast<double>(sum) / count));
}

}  // namespace

void FigureBars::add(const WriterSong& song, std::span<const Note> text, double seconds) {
  const int index = static_cast<int>(beat_seconds.size());
  beat_seconds.push_back(static_cast<float>(seconds));
  int before = -1;  // the beat at which the bar before in the list ends
  for (int beat = 0; beat + kFigureBeats <= song.beats(); ++beat) {
    const auto number = [&](int b) { return song.beat_numbers[static_cast<std::size_t>(b)]; };
    const int end = beat + kFigureBeats;
    if (number(beat) != 1 || number(end - 1) != kFigureBeats || (end < song.beats() && number(end) != 1)) continue;
    const auto played = notes_of_bar(text, beat * kStepsPerBeat);
    if (played.size() < kLeastNotes) continue;
    FigureBar bar{.song = index, .follows = before == beat, .first_note = static_cast<std::uint32_t>(notes.size())};
    for (std::size_t b = 0; b < kFigureBeats; ++b)
      bar.chords[b] = index_of_chord(chords, song.chords[static_cast<std::size_t>(beat) + b]);
    add_melody(song.melody, beat * kStepsPerBeat, bar);
    notes.insert(notes.end(), played.begin(), played.end());
    bar.end_note = static_cast<std::uint32_t>(notes.size());
    bars.push_back(bar);
    before = end;
  }
}

void save_figures(const FigureBars& figures, const std::filesystem::path& file,
                  const std::map<std::string, std::string>& notes) {
  constexpr std::size_t kMost = 32767;  // what the file's 16 bits count
  if (figures.beat_seconds.size() > kMost || figures.chords.size() > kMost) {
    throw Error(ErrorCode::unsupported, file.string() + ": " + std::to_string(figures.beat_seconds.size()) +
                                            " songs with " + std::to_string(figures.chords.size()) +
                                            " chords, expected at most " + std::to_string(kMost) + " of each");
  }
  const Arrays a = arrays_of(figures);
  const auto rows = [](const auto& values, std::int64_t size) {
    return static_cast<std::int64_t>(values.size()) / size;
  };
  std::map<std::string, Tensor, std::less<>> tensors;
  tensors["chords"] = tensor_of(a.chords, DataType::i32, {rows(a.chords, 3), 3});
  tensors["songs"] = tensor_of(a.seconds, DataType::f32, {rows(a.seconds, 1)});
  tensors["bars"] = tensor_of(a.bars, DataType::i16, {rows(a.bars, 4), 4});
  tensors["beats"] =
      tensor_of(a.beats, DataType::i16, {rows(a.beats, std::int64_t{kFigureBeats} * 2), kFigureBeats, 2});
  tensors["notes"] = tensor_of(a.notes, DataType::u8, {rows(a.notes, 3), 3});
  write_safetensors(file, tensors, notes);
}

FigureBars load_figures(const std::filesystem::path& file) {
  const Reader reader(file);
  FigureBars figures;
  figures.chords = read_chords(reader);
  figures.beat_seconds = reader.read<float>("songs", DataType::f32, {});
  for (std::size_t i = 0; i < figures.beat_seconds.size(); ++i)
    reader.require(figures.beat_seconds[i] > 0.05F && figures.beat_seconds[i] < 20.0F, "songs", i);
  figures.notes = read_notes(reader);
  read_bars(reader, figures);
  return figures;
}

}  // namespace pop2piano
