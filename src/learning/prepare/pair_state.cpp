// SPDX-License-Identifier: MIT
#include "learning/prepare/pair_state.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/core/output_file.h"
#include "base/core/paths.h"

namespace pop2piano {
namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "pop2piano.prepare/1";
constexpr std::array<std::string_view, 3> kStandings = {"done", "dropped", "failed"};
constexpr double kWorthWaiting = 0.5;  // seconds of work; waiting for the disk takes some 5 ms a file

// What is made again as fast as it is written need not be waited for: a list of 100,000 files that are not there.
Lasting lasting_of(const PairState& state) {
  double seconds = 0.0;
  for (const auto& [stage, made] : state.stages) seconds += made.seconds;
  return seconds < kWorthWaiting ? Lasting::soon : Lasting::now;
}

json json_of(const StageState& state) {
  json value = {{"state", kStandings[static_cast<std::size_t>(state.standing)]},
                {"inputs", state.inputs},
                {"seconds", state.seconds},
                {"program", state.program}};
  if (!state.result.empty()) value["result"] = state.result;
  if (!state.kind.empty()) value["kind"] = state.kind;
  if (!state.reason.empty()) value["reason"] = state.reason;
  if (!state.facts.empty()) value["facts"] = state.facts;
  if (!state.files.empty()) value["files"] = state.files;
  return value;
}

StageState stage_of(const json& value) {
  StageState state;
  const auto standing = std::ranges::find(kStandings, value.at("state").get<std::string>());
  if (standing == kStandings.end()) throw std::out_of_range("a state that there is not");
  state.standing = static_cast<Standing>(standing - kStandings.begin());
  state.inputs = value.at("inputs").get<std::string>();
  state.seconds = value.at("seconds").get<double>();
  state.program = value.at("program").get<std::string>();
  state.result = value.value("result", "");
  state.kind = value.value("kind", "");
  state.reason = value.value("reason", "");
  state.facts = value.value("facts", json::object());
  if (!state.facts.is_object()) throw std::out_of_range("facts that are no object");
  state.files = value.value("files", std::map<std::string, std::string>{});
  return state;
}

PairState state_of(const json& value) {
  if (value.at("format") != kFormat) throw std::out_of_range("another format");
  PairState state;
  state.song = value.at("song").get<std::string>();
  state.cover = value.at("cover").get<std::string>();
  state.title = value.value("title", "");
  state.arranger = value.value("arranger", "");
  for (std::size_t k = 0; k < kStageNames.size(); ++k) {
    const auto found = value.at("stages").find(std::string(kStageNames[k]));
    if (found != value.at("stages").end()) state.stages[static_cast<Stage>(k)] = stage_of(*found);
  }
  return state;
}

}  // namespace

LoadedState load_state(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "state.json";
  if (!path_exists(file)) return {};
  if (is_folder(file)) return {.state = {}, .problem = file.string() + ": is a folder where a file belongs"};
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  try {
    return {.state = state_of(json::parse(text.str())), .problem = ""};
  } catch (const std::exception& error) {  // of the parser, of a key that is missing or of another type
    return {.state = {}, .problem = file.string() + ": is damaged (" + error.what() + "); the pair is prepared anew"};
  }
}

void save_state(const PairState& state, const std::filesystem::path& folder) {
  json value = {{"format", kFormat}, {"song", state.song}, {"cover", state.cover}};
  if (!state.title.empty()) value["title"] = state.title;
  if (!state.arranger.empty()) value["arranger"] = state.arranger;
  json& stages = value["stages"] = json::object();
  for (const auto& [stage, done] : state.stages) stages[std::string(name_of(stage))] = json_of(done);
  write_file(folder / "state.json", value.dump(1, ' ', false, json::error_handler_t::replace) + "\n",
             lasting_of(state));
}

bool same_outcome(const StageState& a, const StageState& b) {
  return a.standing == b.standing && a.inputs == b.inputs && a.result == b.result && a.program == b.program &&
         a.kind == b.kind && a.reason == b.reason && a.facts == b.facts && a.files == b.files;
}

const StageState* last_of(const PairState& state, Stage* stage) {
  if (state.stages.empty()) return nullptr;
  const auto& [which, last] = *state.stages.rbegin();
  if (stage != nullptr) *stage = which;
  return &last;
}

}  // namespace pop2piano
