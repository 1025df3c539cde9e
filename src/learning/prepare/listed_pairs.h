// SPDX-License-Identifier: MIT
// Lists of songs and piano covers: the published train_dataset.csv (piano_ids,pop_ids), or lines of fields with tabs
// between them, paths or addresses, with a first line that names the columns where there are more than two.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pop2piano {

struct ListedPair {
  std::string song, cover;               ///< addresses, or paths (from the list's folder on, already joined)
  std::string title, arranger, licence;  ///< empty: not said
  std::string beats;                     ///< a file with the song's beats; empty: they are found
  std::optional<int> key;                ///< semitones by which the cover's notes must be raised; absent: found
  std::string name;                      ///< of the pair's folder: of the cover's name and a hash of both
  std::size_t hash = 0;                  ///< of both as the list has them: the same on every machine
};

struct PairList {
  std::vector<ListedPair> pairs;      ///< in the list's order, each once
  std::vector<std::string> left_out;  ///< lines that are no pair or the same pair again: which and why
};

/// Whether it has "://" in it.
[[nodiscard]] bool is_address(const std::string& place);

/// A byte order mark, CRLF, empty lines and those that begin with # do not matter. Throws Error: not_found, unreadable,
/// malformed (a column that there is not, no columns song and cover), nothing_found (no pair).
[[nodiscard]] PairList read_listed_pairs(const std::filesystem::path& list);

}  // namespace pop2piano
