// SPDX-License-Identifier: MIT
#include "ablation.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "listening/rhythm/beat_input.h"
#include "listening/rhythm/beat_network.h"
#include "listening/rhythm/rhythm_hearing.h"
#include "listening/rhythm/strikes.h"
#include "tracked_songs.h"

namespace pop2piano::bench {
namespace {

struct HeardSong {
  BeatGrid truth;
  BeatProbabilities probabilities;
  BeatEvidence strikes;  // kick and strike alone
};

BeatGrid decoded_grid(const HeardSong& song, const AblationSetting& setting) {
  BeatEvidence evidence = evidence_of(song.probabilities, setting.reading);
  evidence.kick = song.strikes.kick;
  evidence.strike = song.strikes.strike;
  const DecodedBeats decoded = setting.levels ? decode_tapped_beats(evidence, setting.decoder, *setting.levels)
                                              : decode_beats(evidence, setting.decoder);
  BeatGrid grid;
  for (const DecodedBeat& beat : decoded.beats) {
    grid.times.push_back(static_cast<double>(beat.frame) / song.probabilities.frame_rate);
    grid.numbers.push_back(beat.number);
  }
  return grid;
}

}  // namespace

std::vector<AblationSetting> usual_ablations() {
  std::vector<AblationSetting> list = {
      {"as tracked", network_reading(), network_decoder_options(), network_level_weights()}};
  const auto add = [&](const std::string& name, auto&& change) {
    AblationSetting setting = list.front();
    setting.name = name;
    change(setting);
    list.push_back(setting);
  };
  add("octave by the decoder alone", [&](auto& s) { s.levels.reset(); });
  for (const double p : {0.04, 0.08, 0.45, 0.6})
    add(fmt::format("neutral probability {}", p), [&](auto& s) { s.reading.beat_probability = p; });
  for (const double w : {0.0, 1.2, 2.5})
    add(fmt::format("tempo prior weight {}", w), [&](auto& s) { s.decoder.tempo_weight = w; });
  for (const double t : {70.0, 110.0, 125.0})
    add(fmt::format("preferred tempo {}", t), [&](auto& s) { s.decoder.preferred_tempo = t; });
  for (const double l : {50.0, 200.0})
    add(fmt::format("lambda {}", l), [&](auto& s) { s.decoder.tempo_stiffness = l; });
  add("metres 3, 4", [&](auto& s) { s.decoder.metres = {3, 4}, s.decoder.metre_costs = {}; });
  add("metres 2, 3, 4, 5, no costs", [&](auto& s) { s.decoder.metre_costs = {}; });
  return list;
}

void ablate(const std::vector<std::filesystem::path>& folders, const std::vector<AblationSetting>& settings,
            std::size_t most) {
  const auto network = BeatNetwork::load(installed_beat_network());
  ThreadPool pool(1);
  std::vector<HeardSong> songs;
  for (const auto& folder : folders) {
    for_each_song(folder, most, [&](const KnownSong& song) {
      BeatListener listener;
      listener.push(song.samples);
      listener.finish();
      const BeatInput input = listener.take();
      songs.push_back({.truth = song.truth, .probabilities = network->run(input, pool), .strikes = {}});
      songs.back().strikes = evidence_of(songs.back().probabilities, network_reading());
      add_strikes(input.bands.view(), songs.back().strikes);
    });
  }
  fmt::print("{:<32} {:>6} {:>6} {:>6} {:>8} {:>7}   {} songs\n", "setting", "F", "CMLt", "AMLt", "downbeat", "octave",
             songs.size());
  for (const AblationSetting& setting : settings) {
    BeatFigures sum;
    for (const HeardSong& song : songs) sum.add(measure(song.truth, decoded_grid(song, setting)));
    const double n = std::max(1, sum.songs);
    fmt::print("{:<32} {:>6.3f} {:>6.3f} {:>6.3f} {:>8.3f} {:>7}\n", setting.name, sum.f / n, sum.cmlt / n,
               sum.amlt / n, sum.downbeat_f / n, sum.octave_errors);
    std::fflush(stdout);
  }
}

}  // namespace pop2piano::bench
