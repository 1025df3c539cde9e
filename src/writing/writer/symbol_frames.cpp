// SPDX-License-Identifier: MIT
#include "writing/writer/symbol_frames.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <string>

namespace pop2piano {
namespace {

using C = SymbolChannels;

constexpr int kFramesPerBeat = 2;
constexpr int kFrameSteps = kStepsPerBeat / kFramesPerBeat;
// Steps of a half beat: 0 its beginning, 3 (of either half) a 16th, 4 of the first and 2 of the second a triplet.
constexpr int kSecondPlace = 2;

/// Frames of consecutive beats within the rows.
class Passage {
 public:
  Passage(int first_beat, int beats, std::span<float> rows)
      : first_frame_(first_beat * kFramesPerBeat), frames_(beats * kFramesPerBeat), rows_(rows) {}

  void add_song(const WriterSong& song) {
    for (int f = 0; f < frames_; ++f) add_beat(song, first_frame_ + f);
  }

  /// Into the channels from `first` on. Onsets at or behind `end_step` are not shown.
  void add_notes(std::span<const Note> notes, int first, int triplet, int end_step) {
    for (const Note& note : notes) {
      const int key = note.pitch - C::kLowestPitch;
      if (note.onset >= end_step || key < 0 || key >= C::kPitches) continue;
      const int frame = floor_divide(note.onset, kFrameSteps);
      const int within = note.onset - frame * kFrameSteps;
      const bool second = within >= kSecondPlace;
      set(frame, first + (second ? C::kPitches : 0) + key);
      if (second && within % 2 == 0) set(frame, triplet);
      const int last = floor_divide(note.offset() - 1, kFrameSteps);
      const int from = std::max(frame + 1, first_frame_), until = std::min(last, first_frame_ + frames_ - 1);
      for (int f = from; f <= until; ++f) set(f, first + 2 * C::kPitches + key);
    }
  }

  void mark_written(int from_frame, int end_frame) {
    for (int f = std::max(from_frame, first_frame_); f < std::min(end_frame, first_frame_ + frames_); ++f) {
      set(f, C::written);
    }
  }

 private:
  void set(int frame, int channel) {
    const int f = frame - first_frame_;
    if (f < 0 || f >= frames_) return;
    rows_[static_cast<std::size_t>(f) * C::count + static_cast<std::size_t>(channel)] = 1.0F;
  }

  void add_beat(const WriterSong& song, int frame) {
    const int beat = floor_divide(frame, kFramesPerBeat);
    if (beat < 0 || beat >= song.beats()) return set(frame, C::outside);
    const auto b = static_cast<std::size_t>(beat);
    set(frame, C::beat + std::clamp(song.beat_numbers[b] - 1, 0, C::kBarBeats - 1));
    if (frame != beat * kFramesPerBeat) set(frame, C::off_beat);
    const int metre = song.beats_per_bar;
    set(frame, C::metre + (metre >= 2 && metre <= 4 ? metre - 2 : 3));
    add_chord(song.chords[b], frame);
    if (song.textures.empty()) return;
    const SectionTexture& texture = song.textures[b];
    if (texture.density >= 0) set(frame, C::density + texture.density);
    if (texture.fullness >= 0) set(frame, C::fullness + texture.fullness);
  }

  void add_chord(const BeatChord& chord, int frame) {
    if (chord.bass >= 0) set(frame, C::bass + chord.bass);
    if (chord.kind == BeatChord::Kind::unknown) return;
    set(frame, C::chord_known);
    if (chord.kind == BeatChord::Kind::none) return set(frame, C::no_chord);
    if (chord.root >= 0) set(frame, C::root + chord.root);
    for (int pc = 0; pc < 12; ++pc) {
      if ((chord.pitch_classes >> pc & 1) != 0) set(frame, C::tones + pc);
    }
  }

  int first_frame_, frames_;  // frame 0 begins with beat 0 of the song
  std::span<float> rows_;     // [frames, C::count]
};

}  // namespace

void check_symbol_layout(const FeatureSettings& settings, const std::string& where) {
  const auto require = [&](const char* what, int found, int expected) {
    if (found == expected) return;
    throw Error(ErrorCode::unsupported, where + ": \"features." + what + "\" is " + std::to_string(found) +
                                            ", expected " + std::to_string(expected) +
                                            "; the model may need another version of the program");
  };
  if (settings.kind != FeatureKind::symbols) {
    throw Error(ErrorCode::unsupported, where + ": the model listens to sound, expected features of kind \"symbols\"");
  }
  require("channels", settings.symbols, C::count);
  require("frames_per_beat", settings.frames_per_beat, kFramesPerBeat);
}

void fill_symbol_frames(const WriterSong& song, std::span<const Note> text, const SymbolPlace& place,
                        const FeatureSettings& settings, std::span<float> rows) {
  std::fill(rows.begin(), rows.end(), 0.0F);
  const int now = place.first_beat * kStepsPerBeat;
  const auto part = [&](int first_beat, int beats, int from_beat) {
    const auto at = static_cast<std::size_t>(from_beat) * kFramesPerBeat * C::count;
    return Passage(first_beat, beats, rows.subspan(at, static_cast<std::size_t>(beats) * kFramesPerBeat * C::count));
  };
  if (place.recalls) {
    Passage recalled = part(place.recalled_beat, settings.recalled_beats, 0);
    recalled.add_song(song);
    recalled.add_notes(song.melody, C::melody, C::melody_triplet, now);
    recalled.add_notes(text, C::text, C::text_triplet, now);
    recalled.mark_written(place.recalled_beat * kFramesPerBeat, place.first_beat * kFramesPerBeat);
  }
  const int context = settings.past_beats + settings.segment_beats + settings.future_beats;
  Passage around = part(place.first_beat - settings.past_beats, context, settings.recalled_beats);
  around.add_song(song);
  around.add_notes(song.melody, C::melody, C::melody_triplet, song.beats() * kStepsPerBeat);
  around.add_notes(text, C::text, C::text_triplet, now);
  around.mark_written(std::max(0, place.written_from) * kFramesPerBeat, place.first_beat * kFramesPerBeat);
}

}  // namespace pop2piano
