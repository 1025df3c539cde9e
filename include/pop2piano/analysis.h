// SPDX-License-Identifier: MIT
// The first step of a cover: all that must be taken from the sound. recording -> analyse() -> Analysis, a value that
// can be kept in a file, so that other styles and levels need the recording no more.
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {

/// What the beats are taken from and how they are read.
struct BeatOptions {
  /// Beats of the user's own, in seconds from the start of the file, wherever the recording begins in it; those outside
  /// are left out. Absent: the tracker finds them.
  std::optional<BeatGrid> given{};
  /// 0.5, 2/3, 1, 1.5 or 2 times the tempo that was found (or given); 2/3 and 1.5 within a hundredth.
  double tempo_times = 1.0;
  std::optional<int> downbeat{};       ///< 1-based: this beat of those found is the first of a bar; absent: found
  std::optional<int> beats_per_bar{};  ///< 2..12; absent: found
};

/// What can be asked of found beats.
enum class RhythmQuestion : std::uint8_t {
  tempo,     ///< which of several tempi people tap
  metre,     ///< how many beats a bar has
  downbeat,  ///< which beat is the first of a bar
};

/// An answer and its chance. The answers to `tempo` have chances that sum to 1, so have those to `metre`, and those to
/// `downbeat` of one metre.
struct RhythmAnswer {
  RhythmQuestion question = RhythmQuestion::downbeat;
  double tempo_times = 1.0;  ///< `tempo`: as in BeatOptions; else that of the beats
  int beats_per_bar = 4;     ///< `metre`, `downbeat`: beats in a bar
  int downbeat = 1;          ///< `metre`, `downbeat`: 1-based beat of the grid; for `metre` the likeliest with it
  double chance = 0.0;       ///< 0..1
  friend bool operator==(const RhythmAnswer&, const RhythmAnswer&) = default;
};

/// What the recording's rhythm is: beats and how sure they are.
struct Rhythm {
  BeatGrid grid;                ///< as found or given, not extended; through silence of 4 s and more it goes on evenly
  bool given = false;           ///< by the user, not found
  bool by_network = false;      ///< heard by the beat network, else by the signal's onsets and harmony
  bool constant_tempo = false;  ///< a machine kept the time
  double tempo_times = 1;       ///< of the options that it was found with
  double confidence = 0;        ///< 0..1
  double swing_ratio = 1;       ///< long to short half of the beat: 1 straight, about 2 swung
  bool swung_sixteenths = false;     ///< the ratio is of the halves of half beats
  std::optional<Key> key;            ///< as the recording sounds; absent for given beats and where no pitch stands out
  std::vector<std::string> remarks;  ///< what was assumed, in sentences for the user
  /// [beats] 0..1: this beat is the first of a bar, whatever its number says; 0 in silence; empty: given beats.
  std::vector<float> downbeat_chances;
  /// By question, then falling chance; those to `downbeat` for each metre there is an answer for. Empty: given beats.
  /// A question that the options decided has no answers but for the tempo.
  std::vector<RhythmAnswer> answers;

  /// Those to one question that fit the metre of `grid`, all but the downbeats of other metres: first the one that is
  /// taken, then by falling chance.
  [[nodiscard]] std::vector<RhythmAnswer> answers_to(RhythmQuestion question) const;
  /// Whether the beats are counted so already.
  [[nodiscard]] bool counts_so(const RhythmAnswer& answer) const;
};

/// What makes the answer the one that is taken, for the command line: "--tempo-times 0.5", "--metre 3", "--downbeat 2".
[[nodiscard]] std::string option_of(const RhythmAnswer& answer);
/// The same for find_beats() and analyse(): those options with the answer taken.
[[nodiscard]] BeatOptions with_answer(BeatOptions options, const RhythmAnswer& answer);

/// Throws Error: nothing_found (silence, too short, no beats), invalid_argument, cancelled.
[[nodiscard]] Rhythm find_beats(const Recording& recording, const BeatOptions& options = {}, int threads = 0,
                                const Monitor& monitor = {});

/// Whether the melody is heard beside what the model itself reads: WriteOptions::melody_weight needs it.
enum class MelodyEvidence : std::uint8_t {
  none,   ///< faster; models then write without it
  heard,  ///< by the melody network where it is installed, else by MELODIA
};

/// What is to be taken from the sound.
struct AnalysisOptions {
  BeatOptions beats{};
  FeatureSettings features{};  ///< what the models read that shall write from it: ModelConfig::features
  MelodyEvidence melody = MelodyEvidence::heard;  ///< of features `beat_synchronous` only
};

/// The sound that an analysis was made from.
struct SoundSource {
  std::string name;                       ///< the file, "standard input" or "the recording"
  std::string title, artist, codec;       ///< as the file says; empty: it says nothing
  double start = 0.0;                     ///< seconds of the file that were left out before
  std::optional<double> end{};            ///< seconds of the file at which it was left; absent: its end
  int sample_rate = kAnalysisSampleRate;  ///< Hz
  std::int64_t samples = 0;
  std::uint32_t checksum = 0;  ///< CRC-32C of the samples as 32-bit floats, little endian
  [[nodiscard]] double duration() const { return static_cast<double>(samples) / sample_rate; }  ///< seconds
};

/// A stretch of the recording, seconds.
struct TimeSpan {
  double start = 0.0, end = 0.0;
};

/// How the recording is tuned, by its spectral peaks. What is within 6 cents of A = 440 Hz, or has a confidence below
/// 0.1, is heard as it is; else all pitches are heard as if the recording were tuned to 440 Hz.
struct Tuning {
  double cents = 0.0;       ///< -50..50 by which its pitches lie above those of A = 440 Hz
  double confidence = 0.0;  ///< 0..1; songs 0.13 to 0.5
  double drift = 0.0;       ///< cents by which its end lies above its start, as tapes do; 0 for less than 90 s
  double corrected = 0.0;   ///< cents that were taken off all pitches; 0: none
};

/// The beats of what is heard, which has neither the silent ends nor the long silent gaps of the recording.
struct HeardBeats {
  BeatGrid grid;                           ///< seconds of what is heard; extended to cover it
  std::vector<std::int32_t> places;        ///< [beats] index of each in the recording's grid, increasing
  std::size_t first_found = 0, found = 0;  ///< which of them were not added by the extension
};

/// Values [rows, columns], row after row.
struct FeatureRows {
  std::size_t columns = 0;
  std::vector<float> values;  // [rows * columns]
  [[nodiscard]] std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
  [[nodiscard]] std::span<const float> row(std::size_t r) const {
    return std::span(values).subspan(r * columns, columns);
  }
};

/// What was taken from a recording, at one level: as if its largest sample were 1. `steps` are those of the beats that
/// are heard, features.frames_per_beat to a beat, the last beat's own included. Four minutes of song take 14 MB with
/// the features of our models. Features `mel` are those of published networks, which hear the samples as they are: all
/// of them, at their own level and in their own tuning.
struct Analysis {
  SoundSource source;
  AnalysisOptions options;
  Rhythm rhythm;
  Tuning tuning;
  double peak_db = 0.0;            ///< largest sample of the recording, dB relative to full scale
  std::vector<TimeSpan> sounding;  ///< what is heard of it: no silent ends, no silence of more than 4 s; mel: all of it
  std::vector<TimeSpan> faint;     ///< where a note that began would begin in silence, ascending
  BeatGrid grid;                   ///< the rhythm's, extended to cover what sounds
  HeardBeats heard;                ///< those of them that sound
  std::vector<float> loudness_db;  ///< [beats of grid] RMS, dB relative to the largest sample, not below -120
  std::vector<BeatHarmony> harmony;  ///< [beats of heard.grid] as the harmony network hears it; empty: not installed

  /// beat_synchronous: [steps, n_mels] normalised. mel: [frames of all segments, n_mels], silence at a segment's end
  /// left out.
  FeatureRows bands;
  FeatureRows melody;                        ///< [steps, 128] salience and MELODIA's melody of each semitone, or none
  FeatureRows melody_chances;                ///< [steps, 128] the melody network's chances, or none
  std::vector<std::int64_t> segment_frames;  ///< mel only: [segments + 1] first row of each segment in `bands`
  std::int64_t padded_frames = 0;            ///< mel only: frames of every segment, with the silence at its end
  float silence = 0.0F;                      ///< mel only: what stands in a frame without sound

  StageSeconds stage_seconds;  ///< how long it took; not kept in files
};

/// Beats, loudness, features and the melody's evidence. Reads the recording three times and needs about 1 % of its
/// duration on two cores; memory beside the result does not grow with it. The result does not depend on `threads` (0:
/// as many as the process may use). Stages reported: "beats", "listen". Throws Error as find_beats() does, and
/// unsupported for features that this program cannot make.
[[nodiscard]] Analysis analyse(const Recording& recording, const AnalysisOptions& options = {}, int threads = 0,
                               const Monitor& monitor = {});

/// Writes the file whole or not at all. Throws Error: write_failed.
void save_analysis(const Analysis& analysis, const std::filesystem::path& file);
/// Gives back what was saved, bit for bit, in about 10 ms for four minutes of song. Throws Error naming the file:
/// not_found, unreadable, malformed (no kept analysis, cut off, damaged, contradicting itself), unsupported (of another
/// version of the format).
[[nodiscard]] Analysis load_analysis(const std::filesystem::path& file);
/// Whether the file begins as kept analyses do; false for files that cannot be read.
[[nodiscard]] bool is_kept_analysis(const std::filesystem::path& file);

/// Counts the bars of an analysis anew, without its sound: in bars of `beats_per_bar` (absent: as they are) from beat
/// `downbeat` of rhythm.grid on (1-based; absent: the likeliest of that metre). Beats and features stay; another tempo
/// needs the sound. analysis.options.beats says so afterwards. Throws
/// Error(invalid_argument) for values that there are not.
void count_bars(Analysis& analysis, std::optional<int> beats_per_bar, std::optional<int> downbeat);

/// Throws Error(invalid_argument) unless the analysis was made from this very sound. Reads the recording once.
void require_same_sound(const Analysis& analysis, const Recording& recording);

}  // namespace pop2piano
