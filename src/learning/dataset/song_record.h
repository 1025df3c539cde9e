// SPDX-License-Identifier: MIT
// What a training record says about a song: the beats, what a piano plays on them, and what the network hears.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/core/matrix.h"
#include "learning/dataset/record_bytes.h"

namespace pop2piano {

/// Steps count from the song's beat 0, kStepsPerBeat (12) to a beat.
struct RecordNote {
  std::int32_t onset = 0;      ///< steps
  std::int32_t duration = 1;   ///< steps, at least 1
  std::int32_t pitch = 60;     ///< MIDI, 0..127
  std::int32_t velocity = 80;  ///< 1..127
  std::int32_t voice = 0;      ///< 0 melody, 1 accompaniment (as enum Voice)
  friend bool operator==(const RecordNote&, const RecordNote&) = default;
};

/// All of a record but its features. Sizes: a few ten kilobytes.
struct SongDescription {
  std::string song;     ///< "pop909/001"
  int variant = 0;      ///< which rendering of the song
  std::string split;    ///< "train", "validation", "test" or empty
  std::string style;    ///< name of the arrangement's style; empty: unknown
  int style_index = 0;  ///< its row in the model's style embedding, 0 = auto
  std::string source;   ///< what was rendered or recorded, for the model card
  std::string licence;  ///< SPDX name or a sentence
  std::string recipe;   ///< how the example was made: program, version, seed, options
  int beats_per_bar = 4;
  int transposition = 0;           ///< semitones against the source
  std::vector<double> beat_times;  // [beats] seconds in the audio, increasing
  std::vector<int> beat_numbers;   // [beats] 1 = downbeat
  std::vector<RecordNote> notes;   // [notes] the target
  std::vector<float> loudness;     // [beats] dB RMS of the audio within the beat (0 dB = full scale); may be empty
  std::map<std::string, std::string, std::less<>> extra;  ///< further text attributes, "x.name" by custom
};

/// A named tensor of its own, with its bytes.
struct OwnedTensor {
  std::string name;
  ElementType type = ElementType::u8;
  std::vector<std::uint64_t> shape;
  std::vector<std::byte> bytes;
};

/// Names of tensors that are optional and mean the same in every record.
inline constexpr std::string_view kAudioTensor = "audio.flac";  ///< u8 [bytes]: a FLAC file of the song, mono
inline constexpr std::string_view kChordTensor = "chords";      ///< i32 [beats, 3]: root pitch class or -1, 12-bit set
                                                                ///< of pitch classes, bass pitch class or -1
inline constexpr std::string_view kMelodyTensor = "melody";     ///< u8 [frames, 128]: the melody heard in the sound
                                                                ///< (melody/melody_on_beat.h), 255 = 1
inline constexpr std::size_t kMelodyTensorChannels = 128;
inline constexpr std::string_view kHarmonyTensor = "harmony";  ///< u8 [frames, 216]: levels of thirds of a semitone
                                                               ///< (harmony/harmony_frames.h), four frames to a beat
inline constexpr std::string_view kLeadTensor = "tune";  ///< f32 [frames]: MIDI pitch that the lead sounds, 0 none
inline constexpr std::string_view kBassTensor = "bass";  ///< f32 [frames]: MIDI pitch that the bass instrument sounds,
                                                         ///< 0 none
inline constexpr std::string_view kLowestTensor = "lowest";  ///< f32 [frames]: the lowest MIDI pitch that any player
                                                             ///< under the melody sounds, 0 none
/// What the beat network hears (listening/rhythm/beat_input.h), in records made for it:
inline constexpr std::string_view kBeatBandsTensor = "beats.bands";      ///< u8 [frames, kBeatBands]
inline constexpr std::string_view kBeatHarmonyTensor = "beats.harmony";  ///< u8 [frames / 4, kHarmonyInputs]

/// For writing. features: f16 bits (dataset/half.h) of log-mel before song normalisation; row k is step k of the song
/// (time of beat k / 12); beats * 12 rows at most one beat more or less are usual, any number is allowed.
struct SongRecord {
  SongDescription description;
  Matrix<std::uint16_t> features;  // [frames, bands]
  std::vector<OwnedTensor> tensors;
};

/// For reading. Borrows from the reader's mapping, which must outlive it.
struct SongView {
  SongDescription description;
  Span2D<const std::uint16_t> features;  // [frames, bands] f16 bits; 0 x 0 when the record has none
  RecordView record;                     ///< everything, by name
};

[[nodiscard]] std::vector<std::byte> encode_song(const SongRecord& record);

/// Checks the meaning too: beats increase, lengths agree, notes lie in range. Throws Error(malformed), `what` in front.
[[nodiscard]] SongView decode_song(std::span<const std::byte> bytes, const std::string& what);

}  // namespace pop2piano
