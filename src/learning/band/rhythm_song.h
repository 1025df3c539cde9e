// SPDX-License-Identifier: MIT
// Songs drawn from nothing for what corpora of pop lack: odd metres, swing, slow and fast tempi, rubato, drums alone,
// no drums, single voices. Harmony and melody are plain; the rhythm is the point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/random.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

/// How the quarters of a beat are played.
enum class Feel { straight, swung_eighths, swung_sixteenths, triplets };
/// Who is left of the band.
enum class Players { all, no_drums, drums_and_bass, drums_alone, accompaniment, one_instrument, voice_alone };
/// "all, no drums, ...": the names that players_named() knows.
[[nodiscard]] std::string players_names();
[[nodiscard]] std::optional<Players> players_named(std::string_view name);

struct RhythmSongPlan {
  double tempo = 120;     ///< beats a minute at the start
  int beats_per_bar = 4;  ///< 2..7; 2 with triplets is 6/8
  Feel feel = Feel::straight;
  double swing = 0.64;  ///< place of the second half of what is swung, 0.5 straight
  Players players = Players::all;
  double duration = 75;   ///< seconds, about
  double drift = 0;       ///< share by which the tempo wanders slowly up and down
  double rubato = 0;      ///< standard deviation of a beat's length, as a share, smoothed over neighbours
  double ritardando = 0;  ///< share of the tempo that is lost over the last eight bars
  double jump = 1;        ///< factor on the tempo from the middle on
  int pickup = 0;         ///< beats before the first bar line
};

/// The players are drawn too where none are given.
[[nodiscard]] RhythmSongPlan draw_rhythm_song_plan(Random& random, std::optional<Players> players = std::nullopt);
[[nodiscard]] std::string describe(const RhythmSongPlan& plan);
/// Key, chords, melody and accompaniment on the plan's beats.
[[nodiscard]] SymbolicSong make_rhythm_song(const RhythmSongPlan& plan, const std::string& name, Random& random);
/// The song arranged, felt and thinned out as the plan says.
[[nodiscard]] Arrangement arrange_rhythm_song(const RhythmSongPlan& plan, const SymbolicSong& song,
                                              std::size_t font_count, std::uint64_t seed);

}  // namespace pop2piano
