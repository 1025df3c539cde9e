// SPDX-License-Identifier: MIT
// Many covers: several songs at a time, each heard once for all its covers; then means with intervals by group and
// paired tests between groups.
#include <pop2piano/error.h>
#include <pop2piano/evaluate.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <tuple>

#include "base/core/thread_pool.h"
#include "judging/evaluate/cover_evaluation.h"
#include "judging/evaluate/text_table.h"
#include "judging/metrics/statistics.h"

namespace pop2piano {
namespace {

// Covers with the same song, heard with the same melody; indices in their order.
using SameSong = std::vector<std::size_t>;

std::vector<SameSong> by_song(std::span<const CoverQuery> queries) {
  std::vector<SameSong> songs;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> place;
  const auto name = [](const std::optional<std::filesystem::path>& file) { return file ? file->string() : ""; };
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const CoverQuery& query = queries[i];
    if (!query.song) {
      songs.push_back({i});
      continue;
    }
    const auto [at, is_new] =
        place.try_emplace({name(query.song), name(query.melody), name(query.vocals)}, songs.size());
    if (is_new) songs.emplace_back();
    songs[at->second].push_back(i);
  }
  return songs;
}

CoverEvaluation evaluate_guarded(const CoverQuery& query, ReferenceSong& song, ThreadPool& pool,
                                 const CancelToken* cancel, CoverPicture* picture) {
  CoverEvaluation failed;
  failed.query = query;
  failed.measures.assign(cover_measures().size(), Measure::undefined("the cover could not be measured"));
  try {
    return evaluate_cover(query, song, pool, {.progress = {}, .cancel = cancel}, picture);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    failed.error = error.what();
  } catch (const std::bad_alloc&) {
    failed.error = "out of memory";
  }
  return failed;
}

GroupSummary summarise(const std::string& name, std::span<const CoverEvaluation* const> covers) {
  GroupSummary summary{name, {}};
  for (std::size_t m = 0; m < cover_measures().size(); ++m) {
    std::vector<double> values;
    for (const CoverEvaluation* cover : covers) {
      if (cover->measures[m].defined()) values.push_back(cover->measures[m].value());
    }
    summary.measures.push_back(bootstrap_mean(values));
  }
  return summary;
}

using ByGroup = std::map<std::string, std::vector<const CoverEvaluation*>>;

// The song names a pair; without songs, the cover's file name does.
std::string song_of(const CoverEvaluation& cover) {
  return cover.query.song ? cover.query.song->string() : cover.query.cover.stem().string();
}

// Where higher is better the value itself counts, near the human value the distance to it.
double comparable(const MeasureInfo& info, double value) {
  return info.better == MeasureInfo::Better::near_human && info.human ? std::abs(value - *info.human) : value;
}

std::vector<PairedComparison> compare_groups(const ByGroup::value_type& first, const ByGroup::value_type& second) {
  std::map<std::string, const CoverEvaluation*> other;
  for (const CoverEvaluation* cover : second.second) other.emplace(song_of(*cover), cover);
  std::vector<PairedComparison> comparisons;
  for (std::size_t m = 0; m < cover_measures().size(); ++m) {
    std::vector<double> differences;
    for (const CoverEvaluation* cover : first.second) {
      const auto partner = other.find(song_of(*cover));
      if (partner == other.end()) continue;
      const Measure &a = cover->measures[m], &b = partner->second->measures[m];
      const MeasureInfo& info = cover_measures()[m];
      if (a.defined() && b.defined()) differences.push_back(comparable(info, b.value()) - comparable(info, a.value()));
    }
    if (differences.empty()) continue;
    double sum = 0.0;
    for (const double difference : differences) sum += difference;
    comparisons.push_back({first.first, second.first, m, differences.size(),
                           sum / static_cast<double>(differences.size()), wilcoxon_signed_rank(differences)});
  }
  return comparisons;
}

void summarise_groups(SetEvaluation& set) {
  std::vector<const CoverEvaluation*> all;
  ByGroup by_group;
  for (const CoverEvaluation& cover : set.covers) {
    if (!cover.error.empty()) ++set.failed;
    all.push_back(&cover);
    if (!cover.query.group.empty()) by_group[cover.query.group].push_back(&cover);
  }
  set.all = summarise("all", all);
  for (const auto& [name, covers] : by_group) set.groups.push_back(summarise(name, covers));
  for (auto a = by_group.begin(); a != by_group.end(); ++a) {
    for (auto b = std::next(a); b != by_group.end(); ++b) {
      const auto comparisons = compare_groups(*a, *b);
      set.comparisons.insert(set.comparisons.end(), comparisons.begin(), comparisons.end());
    }
  }
}

}  // namespace

SetEvaluation evaluate_set(std::span<const CoverQuery> queries, const EvaluateOptions& options, const Monitor& monitor,
                           std::vector<CoverPicture>* pictures) {
  SetEvaluation set;
  if (pictures != nullptr) pictures->assign(queries.size(), {});
  set.covers.resize(queries.size());
  ThreadPool pool(options.threads);
  std::mutex reporting;
  std::size_t done = 0;
  monitor.report("evaluate", 0.0);
  const std::vector<SameSong> songs = by_song(queries);
  const auto evaluate_song = [&](const SameSong& covers) {
    ReferenceSong song;
    for (const std::size_t i : covers) {
      monitor.check();
      CoverPicture* picture = pictures != nullptr ? &(*pictures)[i] : nullptr;
      set.covers[i] = evaluate_guarded(queries[i], song, pool, monitor.cancel, picture);
      const std::lock_guard lock(reporting);
      monitor.report("evaluate", static_cast<double>(++done) / static_cast<double>(queries.size()));
    }
  };
  if (songs.size() < static_cast<std::size_t>(pool.size())) {
    for (const SameSong& covers : songs) evaluate_song(covers);  // each with all threads
  } else {
    pool.run(songs.size(), [&](std::size_t i) { evaluate_song(songs[i]); });  // one thread for each
  }
  summarise_groups(set);
  return set;
}

std::vector<CoverQuery> read_cover_manifest(const std::filesystem::path& file) {
  const TextTable table = read_text_table(file, FieldSeparator::tab);
  if (table.rows.empty()) throw Error(ErrorCode::malformed, table.name + ": expected a header line, found nothing");
  const std::set<std::string> known = {"song", "cover", "melody", "vocals", "beats", "group"};
  std::map<std::string, std::size_t> column;
  for (std::size_t c = 0; c < table.rows.front().fields.size(); ++c) {
    const std::string& name = table.rows.front().fields[c];
    if (known.count(name) == 0) {
      table.fail(table.rows.front(),
                 "expected columns out of song, cover, melody, vocals, beats, group, found \"" + name + "\"");
    }
    column[name] = c;
  }
  if (column.count("cover") == 0) table.fail(table.rows.front(), "expected a column \"cover\"");
  std::vector<CoverQuery> queries;
  for (std::size_t r = 1; r < table.rows.size(); ++r) {
    const TextTable::Row& row = table.rows[r];
    const auto field = [&](const char* name) -> std::string {
      const auto at = column.find(name);
      return at != column.end() && at->second < row.fields.size() ? row.fields[at->second] : std::string();
    };
    const auto path = [&](const char* name) -> std::optional<std::filesystem::path> {
      const std::string value = field(name);
      return value.empty() ? std::nullopt : std::optional(file.parent_path() / value);
    };
    if (field("cover").empty()) table.fail(row, "expected a cover");
    if (row.fields.size() > table.rows.front().fields.size())
      table.fail(row, "more fields than the header has columns");
    queries.push_back({*path("cover"), path("song"), path("melody"), path("vocals"), path("beats"), field("group")});
  }
  if (queries.empty())
    throw Error(ErrorCode::nothing_found, table.name + ": expected at least one cover below the header");
  return queries;
}

}  // namespace pop2piano
