// SPDX-License-Identifier: MIT
// The melody that a melody tracker hears, as evidence while a segment is being written: shallow fusion of the network's
// probabilities of onsets, melody pitches and their durations with what sounds at that place.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "writing/tokens/voices.h"

namespace pop2piano {

inline constexpr int kLowestGuidePitch = 33;  ///< MIDI, of the first channel: A1, 55 Hz

inline constexpr double kPianoMelodyPitch = 71.6;  ///< MIDI: mean over 909 arrangements (POP909) of the melody's median

struct MelodyGuideOptions {
  double weight = 2.5;    ///< of the evidence's logarithm; 0: the network alone
  double floor = 0.1;     ///< chance given to any pitch class whatever is heard
  double octave = 0.15;   ///< how much a pitch heard in another octave counts
  int window = 4;         ///< steps from the onset on in which the melody is heard
  int transpose = 0;      ///< semitones from what is heard to what is written: octaves, see octave_to_piano()
  double price = 0.7;     ///< what every melody pitch loses: trained with twice the weight, they come too often (log 2)
  double silence = 0.4;   ///< times the weight: what a melody pitch loses where no melody is heard
  double duration = 1.2;  ///< times the weight: what a duration loses for each factor of two off the melody's stay
  double onset = 0.8;     ///< times the weight: what an onset gains where the melody comes to a pitch
  double skipped = 0.3;   ///< share of that which each later onset loses

  // Where chances of beginnings are known only:
  double begins = 0.7;   ///< their part in what is heard at an onset; the rest is what sounds
  double entry = 1.2;    ///< times the weight: what a melody pitch gains for log(chance that any note begins / 0.3)
  double second = 10.0;  ///< what a melody pitch loses at an onset that has one already
};

/// Semitones, a multiple of 12, that bring the median of a song's melody nearest to kPianoMelodyPitch; 0 without a
/// melody. `channels` and `first_channel`: as of MelodyGuide, the whole song.
[[nodiscard]] int octave_to_piano(Span2D<const float> channels, std::size_t first_channel);

/// What a segment's notes say already where a pitch is chosen.
struct WrittenMelody {
  std::bitset<128> sounding;  ///< pitches of the melody that sound
  bool at_onset = false;      ///< the onset has a note of the melody
};

/// Borrows channels [steps of the song, any]: those from `first_channel` on hold the melody, semitones from MIDI
/// kLowestGuidePitch on, shares of time in [0, 1] (melody/melody_on_beat.h).
class MelodyGuide {
 public:
  MelodyGuide(Span2D<const float> channels, std::size_t first_channel, const MelodyGuideOptions& options = {});
  /// What a network heard (melody/melody_network.h): chances [steps of the song, 2 * semitones], that a note of the
  /// melody begins, then that it sounds.
  MelodyGuide(Span2D<const float> chances, const MelodyGuideOptions& options);

  /// Adds to the melody pitches among `logits` [vocabulary] what the melody says at `step` of the song: weight *
  /// log(share of the pitch / what chance would give) - price. That a pitch is heard is no reason to strike it again
  /// while it sounds. Where the melody is silent all lose the same, behind the song none.
  void add_to(std::span<float> logits, const VoicesVocabulary& vocabulary, long step,
              const WrittenMelody& written = {}) const;

  /// Moves probability between the onsets from step `next` of the segment on, which begins at `first_step` of the song:
  /// each gains where the melody comes to a pitch and loses for every such place that it would skip. What they have
  /// together against other tokens stays as it is.
  void add_to_onsets(std::span<float> logits, const VoicesVocabulary& vocabulary, long first_step, int next) const;

  /// Takes from the durations of a melody note that begins at `step`, for each factor of two (three at most) that they
  /// are off the steps for which the melody stays on the pitch. Nothing where it does not sound.
  void add_to_durations(std::span<float> logits, const VoicesVocabulary& vocabulary, long step, int pitch) const;

  /// Steps from `step` on for which the melody stays on the pitch class, eight beats at most; 0: it does not sound
  /// there.
  [[nodiscard]] int steps_on(int pitch, long step) const;

 private:
  struct Heard {
    std::array<double, 128> pitches{};
    double total = 0.0;
  };
  [[nodiscard]] Heard heard_at(long step) const;

  Span2D<const float> channels_;
  std::size_t first_channel_;
  MelodyGuideOptions options_;
  std::vector<float> onset_gains_;  // [steps of the song]
  std::vector<float> entries_;      // [steps] what melody pitches gain for a likely beginning; empty: not known
};

/// The evidence of a song's melody: `melody` [steps, salience and melody of each semitone] as MELODIA hears it, moved
/// to the piano's octave; `chances` as a network hears it, or empty. `weight` is WriteOptions::melody_weight; absent if
/// 0.
[[nodiscard]] std::optional<MelodyGuide> melody_guide(Span2D<const float> melody, Span2D<const float> chances,
                                                      double weight);

}  // namespace pop2piano
