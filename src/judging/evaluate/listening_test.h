// SPDX-License-Identifier: MIT
// A blind listening test: the page that asks, and what the answers say.
#pragma once

#include <pop2piano/evaluate.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pop2piano {

/// One sound of the test. Listeners see neither system nor name.
struct ListeningClip {
  std::string id;          ///< what files and answers call it; says nothing about the system
  std::string song;        ///< clips of one song are compared with each other
  std::string system;      ///< who made it
  std::string sound;       ///< of the clip, relative to the page
  std::string song_sound;  ///< of the song; empty: there is none
};

/// A random order and random ids that depend on the seed only; `sound` becomes "clips/ID.wav".
std::vector<ListeningClip> shuffled_clips(std::vector<ListeningClip> clips, std::uint64_t seed);

/// A static page: each clip is rated 1 to 5, then all pairs of one song are compared. Answers stay in the browser until
/// they are exported as CSV: listener,kind,first,second,answer (kind "mos": first = id, answer 1..5; kind "pair":
/// answer first, second or equal). Systems are not in it; see listening_key().
std::string listening_page(std::span<const ListeningClip> clips, const std::string& title, std::uint64_t seed);
/// Tab-separated id, song, system: to be kept from the listeners.
std::string listening_key(std::span<const ListeningClip> clips);
/// Reads it back. Throws Error(malformed).
std::vector<ListeningClip> read_listening_key(const std::filesystem::path& file);

struct Preference {
  std::string first, second;  ///< systems
  std::size_t for_first = 0, for_second = 0, equal = 0;
  /// Share of decided answers for the first; undefined when none is decided.
  [[nodiscard]] Measure share() const;
};

struct ListeningResult {
  std::size_t listeners = 0, answers = 0;
  std::map<std::string, MeanInterval> opinion;  ///< mean opinion score of each system, 1 to 5
  std::vector<Preference> preferences;          ///< by names
};

/// Throws Error(malformed) with file and line for answers that do not fit the key; nothing_found without answers.
ListeningResult analyse_listening(std::span<const std::filesystem::path> answers, std::span<const ListeningClip> key);

}  // namespace pop2piano
