// SPDX-License-Identifier: MIT
#include "listening/rhythm/beat_tracker.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "listening/harmony/sounding_key.h"
#include "listening/pulse/beat_decoder.h"
#include "listening/pulse/tempo_level.h"
#include "listening/rhythm/grid_repair.h"
#include "listening/rhythm/rhythm_hearing.h"
#include "listening/rhythm/swing.h"

namespace pop2piano {
namespace {

constexpr double kShortest = 2.0;            // seconds of sound without which there is no beat to find
constexpr double kSilence = 1e-8;            // mean square: -80 dB
constexpr std::size_t kConfidenceReach = 8;  // beats to either side
constexpr double kGuess = 0.3;               // confidence below which beats are a guess
constexpr float kLineBonus = 2.0F;           // log-likelihood ratio of a place on a machine's line
constexpr double kOnsetLatency = 0.0;        // seconds by which the peak of the onset curve lies behind the onset

void check(const BeatTrackerOptions& options) {
  const bool known_factor = is_tempo_factor(options.tempo_times);
  const bool usable_metre =
      !options.beats_per_bar || (*options.beats_per_bar >= 2 && *options.beats_per_bar <= kMostBeatsOfBar);
  const bool usable_tempo =
      options.min_tempo >= 20 && options.max_tempo <= 400 && options.min_tempo < options.max_tempo;
  if (!known_factor || !usable_metre || !usable_tempo) {
    throw Error(ErrorCode::invalid_argument,
                "beats: expected tempo_times 0.5, 2/3, 1, 1.5 or 2, 2 to 12 beats in a bar and 20 <= min_tempo < "
                "max_tempo <= 400, "
                "found " +
                    std::to_string(options.tempo_times) + ", " + std::to_string(options.beats_per_bar.value_or(4)) +
                    " and " + std::to_string(options.min_tempo) + ".." + std::to_string(options.max_tempo) +
                    "; correct the option");
  }
}

// First and last frame that are heard; equal when there is none.
std::pair<std::size_t, std::size_t> sounding_part(const std::vector<float>& power) {
  const auto heard = [](float p) { return p > kSilence; };
  const auto first = std::find_if(power.begin(), power.end(), heard);
  const auto last = std::find_if(power.rbegin(), power.rend(), heard).base();
  if (first >= last) return {0, 0};
  return {static_cast<std::size_t>(first - power.begin()), static_cast<std::size_t>(last - power.begin())};
}

std::unique_ptr<RhythmHearing> make_hearing(const BeatTrackerOptions& options) {
  if (options.activation == BeatActivation::signal) return hear_by_signal(options.tuning_cents);
  const auto file = options.network.empty() ? installed_beat_network() : options.network;
  if (!file.empty()) return hear_by_network(BeatNetwork::load(file), options.tuning_cents);
  if (options.activation == BeatActivation::automatic) return hear_by_signal(options.tuning_cents);
  throw Error(ErrorCode::not_found,
              "beats: no network is installed (rhythm/beats.safetensors in the folder of models); name one with "
              "POP2PIANO_BEATS or track by the signal");
}

class HearingBeatTracker : public BeatTracker {
 public:
  explicit HearingBeatTracker(const BeatTrackerOptions& options)
      : options_((check(options), options)), hearing_(make_hearing(options)) {}

  void push(std::span<const float> mono_22050) override {
    hearing_->push(mono_22050);
    swing_.push(mono_22050);
  }

  BeatAnalysis finish(ThreadPool& pool, const Monitor& monitor) override {
    BeatEvidence evidence = hearing_->finish(pool);
    const auto [first, last] = sounding_part(hearing_->power());
    require_sound(first, last);
    frames_per_evidence_ = hearing_->frame_rate() / evidence.frame_rate;
    DecodedBeats decoded = decode(evidence, monitor);
    if (options_.tempo_times != 1) decoded = decode_at_multiple(decoded, evidence, monitor);
    if (const auto line = line_left(refined_times(decoded))) {
      DecodedBeats along = decode_along(*line, evidence, monitor);
      auto times = refined_times(along);
      if (snap_to_line(times)) decoded = std::move(along);  // else the music did leave it
    }
    keep_sounding(decoded, first, last);
    if (decoded.beats.size() < 4) nothing_found("fewer than four beats");
    auto tempi = weigh_tempi(evidence, frames_of(decoded), decoder_options(), hearing_->tempo_weights());
    if (options_.tempo_times == 1) none_above_found(tempi);
    count_anew(decoded, evidence);
    BeatAnalysis analysis = analyse(decoded, evidence);
    analysis.tempi = std::move(tempi);
    weaken(analysis);
    return analysis;
  }

 private:
  [[noreturn]] static void nothing_found(const std::string& found) {
    throw Error(ErrorCode::nothing_found, "no beats found: expected a few seconds of music, found " + found +
                                              "; check the recording or give beat "
                                              "times with --beats");
  }
  void require_sound(std::size_t first, std::size_t last) const {
    const double seconds = static_cast<double>(last - first) / hearing_->frame_rate();
    if (last == first) nothing_found("silence");
    if (seconds < kShortest) nothing_found(std::to_string(seconds) + " seconds of sound");
  }

  [[nodiscard]] BeatDecoderOptions decoder_options() const {
    BeatDecoderOptions decoder = hearing_->decoder_options();
    decoder.min_tempo = options_.min_tempo;
    decoder.max_tempo = options_.max_tempo;
    if (options_.beats_per_bar) {
      decoder.metres = {*options_.beats_per_bar};
      decoder.metre_costs = {};
    }
    return decoder;
  }

  [[nodiscard]] DecodedBeats decode(const BeatEvidence& evidence, const Monitor& monitor) const {
    const auto weights = hearing_->level_weights();
    return weights ? decode_tapped_beats(evidence, decoder_options(), *weights, monitor)
                   : decode_beats(evidence, decoder_options(), monitor);
  }

  // The tempo that was found times the factor, give or take a fifth, tracked anew.
  [[nodiscard]] DecodedBeats decode_at_multiple(const DecodedBeats& found, const BeatEvidence& evidence,
                                                const Monitor& monitor) const {
    if (found.beats.size() < 3) return found;
    const double tempo = median_tempo(found, evidence.frame_rate) * options_.tempo_times;
    return decode_near(tempo, 1.2, evidence, decoder_options(), monitor);
  }

  // A machine keeps its beat through a passage that is hard to hear: places on the line that most beats lie on gain a
  // little, everywhere in the recording, and what is heard clearly still decides.
  [[nodiscard]] DecodedBeats decode_along(const StraightLine& line, BeatEvidence evidence,
                                          const Monitor& monitor) const {
    const double step = line.interval * evidence.frame_rate;
    double place = std::fmod(line.first * evidence.frame_rate, step);
    if (place < 0) place += step;
    for (; place < static_cast<double>(evidence.frames()); place += step) {
      const auto frame = static_cast<std::size_t>(place);
      evidence.beat[frame] += kLineBonus;
      if (frame + 1 < evidence.frames()) evidence.beat[frame + 1] += kLineBonus;
    }
    return decode_near(60 / line.interval, 1.2, evidence, decoder_options(), monitor);
  }

  void keep_sounding(DecodedBeats& decoded, std::size_t first, std::size_t last) const {
    constexpr double kEarly = 5;  // frames: the analysis window hears an onset before it is there
    std::erase_if(decoded.beats, [&](const DecodedBeat& beat) {
      const double frame = static_cast<double>(beat.frame) * frames_per_evidence_;
      return frame + kEarly < static_cast<double>(first) || frame >= static_cast<double>(last);
    });
  }

  // Bars in a second pass; from then on the evidence holds what the harmony says, too.
  void count_anew(DecodedBeats& decoded, BeatEvidence& evidence) const {
    const auto search = hearing_->bar_search();
    if (!search) return;
    const auto frames = frames_of(decoded);
    weigh_downbeats(bar_inputs(hearing_->harmony(), evidence, frames), *search, frames, evidence);
    count_bars(evidence, decoder_options(), search->short_bar, decoded);
  }

  static std::vector<std::size_t> frames_of(const DecodedBeats& decoded) {
    std::vector<std::size_t> frames;
    for (const DecodedBeat& beat : decoded.beats) frames.push_back(beat.frame);
    return frames;
  }

  [[nodiscard]] BeatAnalysis analyse(const DecodedBeats& decoded, const BeatEvidence& evidence) const {
    BeatAnalysis analysis;
    analysis.grid = grid_of(decoded);
    analysis.constant_tempo = snap_to_line(analysis.grid.times);
    set_confidence(decoded, evidence.frame_rate, analysis);
    set_chances(decoded, evidence, analysis);
    analysis.by_network = hearing_->is_network();
    set_curves(evidence, analysis.curves);
    set_loudness(analysis);
    set_swing(analysis);
    analysis.key = find_sounding_key(hearing_->pitch_classes());
    add_remarks(analysis);
    analysis.grid.validate();
    return analysis;
  }

  [[nodiscard]] std::vector<double> refined_times(const DecodedBeats& decoded) const {
    std::vector<std::size_t> frames;
    for (const DecodedBeat& beat : decoded.beats) {
      frames.push_back(static_cast<std::size_t>(std::lround(static_cast<double>(beat.frame) * frames_per_evidence_)));
    }
    std::vector<double> times;
    for (const double frame : refine_to_peaks(frames, hearing_->onset_curve())) {
      times.push_back(std::max(0.0, frame / hearing_->frame_rate() - kOnsetLatency));
    }
    for (std::size_t i = 1; i < times.size(); ++i) times[i] = std::max(times[i], times[i - 1] + 1e-3);
    return times;
  }

  [[nodiscard]] BeatGrid grid_of(const DecodedBeats& decoded) const {
    BeatGrid grid;
    grid.times = refined_times(decoded);
    repair_outliers(grid.times);
    grid.beats_per_bar = prevailing_metre(decoded);
    for (const DecodedBeat& beat : decoded.beats) grid.numbers.push_back(shifted(beat));
    return grid;
  }
  [[nodiscard]] int shifted(const DecodedBeat& beat) const {
    const int number = (beat.number - 1 - options_.downbeat_shift) % beat.metre;
    return (number < 0 ? number + beat.metre : number) + 1;
  }
  static int prevailing_metre(const DecodedBeats& decoded) {
    std::vector<int> counts(kMostBeatsOfBar + 1, 0);
    for (const DecodedBeat& beat : decoded.beats) ++counts[static_cast<std::size_t>(beat.metre)];
    return static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  }

  // By the path's gain per second, over the whole and around each beat.
  void set_confidence(const DecodedBeats& decoded, double frame_rate, BeatAnalysis& analysis) const {
    const std::size_t count = decoded.beats.size();
    std::vector<double> sums(count + 1, 0.0);
    for (std::size_t i = 0; i < count; ++i) sums[i + 1] = sums[i] + decoded.beats[i].gain;
    const auto certainty = [&](std::size_t first, std::size_t last) {
      const auto frames = static_cast<double>(decoded.beats[last].frame - decoded.beats[first].frame);
      return 1 / (1 + std::exp(hearing_->undecided_gain() - (sums[last] - sums[first]) * frame_rate / frames));
    };
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t first = i > kConfidenceReach ? i - kConfidenceReach : 0;
      analysis.grid.confidence.push_back(
          static_cast<float>(certainty(first, std::min(count - 1, i + kConfidenceReach))));
    }
    analysis.confidence = certainty(0, count - 1);
  }

  void set_chances(const DecodedBeats& decoded, const BeatEvidence& evidence, BeatAnalysis& analysis) const {
    const auto frames = frames_of(decoded);
    BarModel bars = hearing_->bar_model();
    if (options_.beats_per_bar) {
      bars.metres = {*options_.beats_per_bar};
      bars.costs = {};
    }
    analysis.bars = weigh_bars(evidence, frames, bars);
  }

  // Where the beat itself is a guess, so are its bars and its tempo: chances go towards those of knowing nothing.
  static void weaken(BeatAnalysis& analysis) {
    const double sure = analysis.confidence;
    auto& counts = analysis.bars.counts;
    const auto metres = static_cast<double>(
        std::count_if(counts.begin(), counts.end(), [](const BarChances::Count& count) { return count.first == 0; }));
    double any = 0;  // chance of a downbeat anywhere
    for (BarChances::Count& count : counts) {
      const double of_one = 1 / (metres * count.beats_per_bar);
      if (count.first == 0) any += of_one;
      count.chance = sure * count.chance + (1 - sure) * of_one;
    }
    for (float& chance : analysis.bars.downbeat) chance = static_cast<float>(sure * chance + (1 - sure) * any);
    for (TempoChance& one : analysis.tempi) {
      one.chance = sure * one.chance + (1 - sure) / static_cast<double>(analysis.tempi.size());
    }
  }

  void set_curves(const BeatEvidence& evidence, BeatCurves& curves) const {
    curves.frame_rate = hearing_->frame_rate();
    curves.onset = hearing_->onset_curve();
    const auto frames = static_cast<double>(evidence.frames());
    for (std::size_t t = 0; t < curves.onset.size(); ++t) {
      const auto at = static_cast<std::size_t>(std::min(frames - 1, static_cast<double>(t) / frames_per_evidence_));
      curves.beat.push_back(evidence.beat[at]);
      curves.downbeat.push_back(evidence.beat[at] + evidence.downbeat[at]);
    }
  }

  void set_loudness(BeatAnalysis& analysis) const {
    const auto& power = hearing_->power();
    const BeatGrid& grid = analysis.grid;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const auto first = static_cast<std::size_t>(std::max(0.0, grid.times[i] * hearing_->frame_rate()));
      const auto last = static_cast<std::size_t>(grid.time_at(static_cast<double>(i + 1)) * hearing_->frame_rate());
      double sum = 0;
      for (std::size_t t = first; t < std::min(last, power.size()); ++t) sum += power[t];
      const double mean = sum / static_cast<double>(std::max<std::size_t>(1, last - first));
      analysis.loudness_db_per_beat.push_back(static_cast<float>(10 * std::log10(std::max(mean, 1e-12))));
    }
  }

  void set_swing(BeatAnalysis& analysis) const {
    const SwingHeard swing = swing_.heard(analysis.grid.times);
    analysis.swing_ratio = swing.ratio;
    analysis.swung_sixteenths = swing.sixteenths;
  }

  static void add_remarks(BeatAnalysis& analysis) {
    if (analysis.confidence < kGuess) {
      analysis.remarks.emplace_back(
          "the beat is a guess: little in the sound recurs evenly; give beat times with --beats if it is wrong");
    }
    const std::size_t unsure = static_cast<std::size_t>(std::count_if(
        analysis.grid.confidence.begin(), analysis.grid.confidence.end(), [](float c) { return c < kGuess; }));
    if (analysis.confidence >= kGuess && 4 * unsure > analysis.grid.size()) {
      analysis.remarks.emplace_back("the beat is not certain in " +
                                    std::to_string(100 * unsure / analysis.grid.size()) + " % of the recording");
    }
  }

  BeatTrackerOptions options_;
  std::unique_ptr<RhythmHearing> hearing_;
  SwingListener swing_;
  double frames_per_evidence_ = 1;  // frames of the hearing's curves to one of its evidence
};

}  // namespace

std::unique_ptr<BeatTracker> make_beat_tracker(const BeatTrackerOptions& options) {
  return std::make_unique<HearingBeatTracker>(options);
}

}  // namespace pop2piano
