// SPDX-License-Identifier: MIT
// What is known of a pair that is prepared: a JSON file in its folder, written whole or not at all.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pop2piano {

/// In the order in which a pair goes through them.
enum class Stage { download, transcribe, align, quantise, filter, records };
inline constexpr std::array<std::string_view, 6> kStageNames = {"download", "transcribe", "align",
                                                                "quantise", "filter",     "records"};
[[nodiscard]] constexpr std::string_view name_of(Stage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }

enum class Standing {
  done,
  dropped,  ///< the pair is not for training: for good, unless an option or a file changes
  failed,   ///< it did not work this time; the next run tries again
};

struct StageState {
  Standing standing = Standing::failed;
  std::string inputs;  ///< hash of what it was made from: files, options, version of the stage
  std::string result;  ///< hash of what came out
  double seconds = 0.0;
  std::string program;                              ///< version of the program that ran it
  std::string kind, reason;                         ///< dropped, failed: in a word or two, in a sentence
  nlohmann::json facts = nlohmann::json::object();  ///< figures of the stage
  std::map<std::string, std::string> files;         ///< in the pair's folder -> their hashes
};

/// Apart from the time that it took.
[[nodiscard]] bool same_outcome(const StageState& a, const StageState& b);

struct PairState {
  std::string song, cover, title, arranger;  ///< as listed
  std::map<Stage, StageState> stages;        ///< those that ran
};

/// What could be read, and what was wrong with the file; empty: nothing, or there was none.
struct LoadedState {
  PairState state;
  std::string problem;
};

/// Of a pair's folder. A file that is damaged counts as none.
[[nodiscard]] LoadedState load_state(const std::filesystem::path& folder);
/// A power cut leaves the state before or this one; where all stages together took less than half a second, it may
/// leave none, and the pair is made anew. Throws Error(write_failed).
void save_state(const PairState& state, const std::filesystem::path& folder);

/// The last stage that ran; null: none.
[[nodiscard]] const StageState* last_of(const PairState& state, Stage* stage = nullptr);

}  // namespace pop2piano
