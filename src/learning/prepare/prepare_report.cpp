// SPDX-License-Identifier: MIT
#include "learning/prepare/prepare_report.h"

#include <pop2piano/error.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "base/core/paths.h"
#include "judging/evaluate/web_page.h"
#include "learning/prepare/page_files.h"
#include "learning/prepare/pair_files.h"
#include "learning/prepare/pair_folders.h"
#include "learning/prepare/pair_state.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kDamagedFiles = "damaged files";

std::string text_of(const json& value) { return value.dump(-1, ' ', true, json::error_handler_t::replace); }

double rounded(double value) { return std::round(value * 1000.0) / 1000.0; }

// Of a file that the page plays, as an address from the report on; empty: it cannot be played.
std::string address_of(const json& side) {
  if (!side.contains("seconds")) return "";
  const fs::path file = side.value("file", "");
  return (file.is_absolute() ? file : fs::path("media") / file).lexically_normal().string();
}

json notes_on_song(const AlignedPair& pair, const fs::path& own) {
  json notes = json::array();
  for (const CoverPart& part : read_parts(pair.grid, own)) {
    for (const Note& note : part.score.notes) {
      notes.push_back({rounded(part.score.time_at(note.onset)), rounded(part.score.time_at(note.offset())), note.pitch,
                       note.velocity, note.voice == Voice::melody ? 1 : 0});
    }
  }
  return notes;
}

// What the page shows of one pair.
json details_of(const fs::path& folder, const std::string& name, const PairState& state) {
  const fs::path own = folder / "pairs" / name;
  const AlignedPair pair = read_alignment(own);
  json passages = json::array();
  for (const AlignedPassage& passage : pair.alignment.passages) {
    json points = json::array();
    for (const auto& [cover, song] : passage.time.points) points.push_back({rounded(cover), rounded(song)});
    passages.push_back({{"begin", passage.begin}, {"end", passage.end}, {"points", std::move(points)}});
  }
  json bars = json::array();
  for (std::size_t k = 0; k < pair.grid.size(); ++k) {
    if (pair.grid.numbers[k] == 1) bars.push_back(rounded(pair.grid.times[k]));
  }
  const json& files = state.stages.at(Stage::download).facts;
  const auto quantised = state.stages.find(Stage::quantise);
  const bool has_parts = quantised != state.stages.end() && quantised->second.standing == Standing::done;
  return {{"song", address_of(files.at("song"))},
          {"cover", address_of(files.at("cover"))},
          {"passages", std::move(passages)},
          {"bars", std::move(bars)},
          {"notes", has_parts ? notes_on_song(pair, own) : json::array()}};
}

// The details, or as a text why there are none.
json details_or_reason(const fs::path& folder, const std::string& name, const PairState& state) {
  try {
    return details_of(folder, name, state);
  } catch (const Error& error) {
    return error.what();
  } catch (const json::exception& error) {
    return (folder / "pairs" / name / "state.json").string() + ": is damaged (" + error.what() + ")";
  }
}

json row_of(const std::string& name, const PairState& state) {
  Stage stage{};
  const StageState* last = last_of(state, &stage);
  json row = {{"name", name}, {"title", state.title}, {"arranger", state.arranger}};
  row["song"] = state.song, row["cover"] = state.cover;
  row["stage"] = last == nullptr ? "" : std::string(name_of(stage));
  row["state"] = last == nullptr                       ? "waiting"
                 : last->standing == Standing::dropped ? "dropped"
                 : last->standing == Standing::failed  ? "failed"
                                                       : "done";
  row["kind"] = last == nullptr ? "" : last->kind;
  row["reason"] = last == nullptr ? "" : last->reason;
  for (const auto& [which, done] : state.stages) {
    for (const char* figure : {"share", "gain", "transposition", "agreement", "deviation", "density", "bars"}) {
      if (done.facts.contains(figure) && done.facts[figure].is_number()) row[figure] = done.facts[figure];
    }
  }
  return row;
}

}  // namespace

std::size_t write_prepare_report(const fs::path& folder) {
  std::string rows = "[";  // one row in memory as JSON, not 100,000
  std::size_t count = 0;
  for (const std::string& name : pair_folders(folder)) {
    const PairState state = load_state(folder / "pairs" / name).state;
    json row = row_of(name, state);
    const auto aligned = state.stages.find(Stage::align);
    const bool is_aligned = aligned != state.stages.end() && aligned->second.standing == Standing::done;
    const json details = is_aligned ? details_or_reason(folder, name, state) : json();
    row["details"] = details.is_object();
    if (details.is_string()) row.update({{"state", "failed"}, {"kind", kDamagedFiles}, {"reason", details}});
    if (details.is_object()) {
      write_file(folder / "pairs" / name / "page.js", "show(" + text_of(name) + "," + text_of(details) + ");\n",
                 Lasting::soon);
    }
    rows += (count++ > 0 ? ",\n" : "") + script_json(text_of(row));
  }
  rows += "]";
  write_file(folder / "report.html",
             fill_page(prepared_html(), {{"style", prepared_css()}, {"data", rows}, {"script", prepared_js()}}));
  return count;
}

}  // namespace pop2piano
