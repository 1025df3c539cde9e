// SPDX-License-Identifier: MIT
// Sound in, beats and bars out. Front end -> evidence -> bar-pointer model -> grid.
#pragma once

#include <pop2piano/progress.h>
#include <pop2piano/score.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/pulse/bar_chances.h"
#include "listening/pulse/tempo_level.h"

namespace pop2piano {

/// Who says what each frame speaks for: the signal itself or the network; `automatic`: the network where one is
/// installed.
enum class BeatActivation { automatic, signal, network };

struct BeatTrackerOptions {
  double tempo_times = 1;            ///< 0.5, 2/3, 1, 1.5 or 2: the tempo found is multiplied by it
  std::optional<int> beats_per_bar;  ///< 2..12: the metre is known; absent: whichever fits
  int downbeat_shift = 0;            ///< beats by which the first beat of the bar is moved later (negative: earlier)
  double min_tempo = 55;             ///< beats a minute, before tempo_times
  double max_tempo = 215;            ///< beats a minute, before tempo_times
  BeatActivation activation = BeatActivation::automatic;
  std::filesystem::path network{};  ///< weights; empty: installed_beat_network()
  double tuning_cents = 0.0;        ///< by which the sound lies above A = 440 Hz
};

/// For plots: what was heard, in frames of frame_rate.
struct BeatCurves {
  double frame_rate = 100;
  std::vector<float> onset;           // [frames] onset strength
  std::vector<float> beat, downbeat;  // [frames] evidence, larger is likelier; the downbeat's includes the beat's
};

struct BeatAnalysis {
  BeatGrid grid;                            ///< beats of the part that sounds; see BeatGrid::extended for the rest
  double confidence = 0;                    ///< 0..1 of the whole; below 0.3 the beats are a guess
  bool constant_tempo = false;              ///< played by a machine: the grid is a straight line
  std::vector<float> loudness_db_per_beat;  ///< [beats] mean power until the next beat, dB of full scale, >= -120
  std::optional<Key> key;                   ///< that holds longest; absent where hardly a pitch sounds
  double swing_ratio = 1;                   ///< long to short half of the beat: 1 straight, about 2 triplet swing
  bool swung_sixteenths = false;            ///< the ratio is of the halves of half beats
  bool by_network = false;                  ///< else by the signal alone
  BarChances bars;                 ///< of the grid's beats; with the metre of the options alone where they name one
  std::vector<TempoChance> tempi;  ///< the grid's own first
  BeatCurves curves;
  std::vector<std::string> remarks;  ///< what a user should know, one sentence each
};

/// Streaming: push() the whole song in blocks of any size, then finish() once. Memory at its
/// highest, in finish(): 70 MB for a song, 110 MB for an hour. Deterministic: neither blocks nor threads matter. Not
/// thread-safe.
class BeatTracker {
 public:
  virtual ~BeatTracker() = default;
  virtual void push(std::span<const float> mono_22050) = 0;
  /// Throws Error: nothing_found (silence, less than a few beats of sound), cancelled.
  virtual BeatAnalysis finish(ThreadPool& pool, const Monitor& monitor) = 0;
};

/// Throws Error: invalid_argument for options out of range; not_found when the network is asked for and there is none;
/// those of BeatNetwork::load().
std::unique_ptr<BeatTracker> make_beat_tracker(const BeatTrackerOptions& options = {});

}  // namespace pop2piano
