// SPDX-License-Identifier: MIT
#include "judging/evaluate/evaluation_files.h"

#include <fmt/format.h>

namespace pop2piano {
namespace {

std::string name_of(const std::optional<std::filesystem::path>& file) { return file ? file->string() : std::string(); }

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

nlohmann::ordered_json summary_json(const GroupSummary& summary) {
  nlohmann::ordered_json json = {{"mean", nlohmann::ordered_json::object()},
                                 {"interval", nlohmann::ordered_json::object()},
                                 {"count", nlohmann::ordered_json::object()}};
  for (std::size_t m = 0; m < summary.measures.size(); ++m) {
    const std::string name(cover_measures()[m].name);
    const MeanInterval& mean = summary.measures[m];
    json["count"][name] = mean.count;
    json["mean"][name] = mean.count > 0 ? nlohmann::json(mean.mean) : nlohmann::json();
    json["interval"][name] = mean.count > 0 ? nlohmann::json({mean.low, mean.high}) : nlohmann::json();
  }
  return json;
}

nlohmann::ordered_json comparison_json(const PairedComparison& comparison) {
  return {{"first", comparison.first},
          {"second", comparison.second},
          {"measure", std::string(cover_measures()[comparison.measure].name)},
          {"songs", comparison.songs},
          {"mean_difference", comparison.mean_difference},
          {"p", comparison.p_value ? nlohmann::json(*comparison.p_value) : nlohmann::json()}};
}

}  // namespace

nlohmann::json to_json(const Measure& measure) {
  return measure.defined() ? nlohmann::json(measure.value()) : nlohmann::json();
}

nlohmann::ordered_json to_json(const CoverEvaluation& evaluation) {
  nlohmann::ordered_json json = {{"song", name_of(evaluation.query.song)}, {"cover", evaluation.query.cover.string()}};
  if (!evaluation.query.group.empty()) json["group"] = evaluation.query.group;
  if (!evaluation.error.empty()) json["error"] = evaluation.error;
  if (!evaluation.remarks.empty()) json["remarks"] = evaluation.remarks;
  json["song_seconds"] = evaluation.song_seconds;
  json["cover_seconds"] = evaluation.cover_seconds;
  for (std::size_t m = 0; m < evaluation.measures.size(); ++m) {
    const std::string name(cover_measures()[m].name);
    json[name] = to_json(evaluation.measures[m]);
    if (!evaluation.measures[m].defined()) json["undefined"][name] = evaluation.measures[m].reason();
  }
  for (const BarAgreement& bar : evaluation.bars) {
    json["bars"].push_back(
        {{"start", bar.start}, {"end", bar.end}, {"melody", to_json(bar.melody)}, {"chords", to_json(bar.chords)}});
  }
  return json;
}

nlohmann::ordered_json to_json(const SetEvaluation& set) {
  nlohmann::ordered_json json = summary_json(set.all);
  json["songs"] = nlohmann::ordered_json::array();
  for (const CoverEvaluation& cover : set.covers) json["songs"].push_back(to_json(cover));
  for (const GroupSummary& group : set.groups) json["groups"][group.group] = summary_json(group);
  for (const PairedComparison& comparison : set.comparisons) {
    json["comparisons"].push_back(comparison_json(comparison));
  }
  json["failed"] = set.failed;
  return json;
}

std::string to_csv(const SetEvaluation& set) {
  std::string csv = "song,cover,group,error";
  for (const MeasureInfo& info : cover_measures()) csv += fmt::format(",{}", info.name);
  csv += "\r\n";
  for (const CoverEvaluation& cover : set.covers) {
    csv += csv_field(name_of(cover.query.song)) + "," + csv_field(cover.query.cover.string()) + "," +
           csv_field(cover.query.group) + "," + csv_field(cover.error);
    for (const Measure& measure : cover.measures) {
      csv += measure.defined() ? fmt::format(",{:.9g}", measure.value()) : ",";
    }
    csv += "\r\n";
  }
  return csv;
}

}  // namespace pop2piano
