// SPDX-License-Identifier: MIT
// Kinds of music to learn the beat from: their grooves, harmony and instruments.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "learning/genres/groove.h"

namespace pop2piano {

struct Genre {
  std::string_view name;
  std::span<const Groove> grooves;
  /// A word for each bar: degree of the scale (b lowers it), then nothing, m, 7, m7, M7 or o; two chords of a bar are
  /// parted by /.
  std::vector<std::string_view> progressions;
  std::vector<int> bass, chords, comping, leads, kits;  ///< programs of General MIDI
  double machine = 0.1;                                 ///< chance (0..1) that the drums are electronic
  double voice = 0.6;                                   ///< chance that the tune is sung
  double spoken = 0;                                    ///< chance that it is spoken, in songs with a voice
  double drift = 0.3;                                   ///< chance that the tempo wanders
  Range rubato = {0, 0.006};                            ///< standard deviation of a beat's length, as a share
  double distortion = 0;                                ///< chance that guitars go through an amplifier
  double no_drums = 0.05;                               ///< chance that nobody drums
  double odd_bars = 0.1;                                ///< chance that some bars have a beat or two more or less
  double solo = 0.1;                                    ///< chance of a section of drums alone
  double slows_down = 0.08;                             ///< chance that the end slows down
};

/// All genres, in a fixed order.
[[nodiscard]] std::span<const Genre> all_genres();
/// Throws Error: invalid_argument naming those there are.
[[nodiscard]] const Genre& genre_named(std::string_view name);
/// "reggae, blues, ...".
[[nodiscard]] std::string genre_names();
/// Names as an option takes them: those given, or for "all" alone every one.
[[nodiscard]] std::vector<std::string> chosen_genres(const std::vector<std::string>& names);
/// The genres that the test set has.
[[nodiscard]] std::vector<std::string_view> tested_genres();

/// Key of SongDescription::extra of their songs.
inline constexpr const char* kGenreKey = "x.genre";

[[nodiscard]] Genre reggae();
[[nodiscard]] Genre blues();
[[nodiscard]] Genre jazz();
[[nodiscard]] Genre country();
[[nodiscard]] Genre metal();
[[nodiscard]] Genre hip_hop();
[[nodiscard]] Genre disco();
[[nodiscard]] Genre funk();
[[nodiscard]] Genre latin();
[[nodiscard]] Genre gospel();
[[nodiscard]] Genre waltz();
[[nodiscard]] Genre folk();
[[nodiscard]] Genre classical();
[[nodiscard]] Genre a_cappella();
[[nodiscard]] Genre rock();
[[nodiscard]] Genre pop();

}  // namespace pop2piano
