// SPDX-License-Identifier: MIT
#include "learning/prepare/prepare.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "base/core/paths.h"
#include "learning/dataset/record_writer.h"
#include "learning/prepare/content_hash.h"
#include "learning/prepare/doubles.h"
#include "learning/prepare/folder_lock.h"
#include "learning/prepare/listed_pairs.h"
#include "learning/prepare/stages.h"
#include "learning/prepare/stopped.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDamaged = "damaged state";

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::write_failed, folder.string() + ": cannot create the folder: " + error.message());
}

// What a stage made is there and unharmed.
bool stands(const StageState& state, Stage stage, const PairWork& work) {
  if (stage == Stage::records) {
    std::error_code none;
    const auto bytes = state.facts.find("bytes");
    return bytes != state.facts.end() && bytes->is_number_unsigned() &&
           fs::file_size(record_file(work), none) == bytes->get<std::uintmax_t>() && !none;
  }
  return std::ranges::all_of(state.files, [&](const auto& file) {
    const fs::path path = work.folder / file.first;
    return is_plain_file(path) && hash_of_file(path) == file.second;
  });
}

// Throws Stopped where a stage could not write: a pair's folder has files only.
void check_way(const PairWork& work) {
  const fs::path record = record_file(work);
  fs::path wrong = is_folder(record) ? record : fs::path();
  for (const auto& entry : fs::directory_iterator(work.folder)) {
    const fs::path ending = entry.path().extension();
    if (entry.is_directory() && (ending == ".json" || ending == ".mid")) wrong = entry.path();
  }
  if (wrong.empty()) return;
  throw Stopped(Standing::failed, kInTheWay, wrong.string() + ": is a folder where a file belongs; move it away");
}

StageState ran(Stage stage, const PairWork& work) {
  StageState state;
  try {
    check_way(work);
    StageResult made = run_stage(stage, work);
    state.standing = Standing::done;
    state.facts = std::move(made.facts);
    std::string results = std::move(made.result);
    for (const std::string& file : made.files) results += state.files[file] = hash_of_file(work.folder / file);
    state.result = hex_of(hash_of(results));
  } catch (const Stopped& stopped) {
    state.standing = stopped.standing(), state.kind = stopped.kind(), state.reason = stopped.what();
  } catch (const Error& error) {
    const ErrorCode code = error.code();
    const bool of_the_program = stage == Stage::download && code == ErrorCode::not_found;
    if (code == ErrorCode::write_failed || code == ErrorCode::cancelled || of_the_program) throw;
    state.standing = Standing::dropped, state.kind = "not usable", state.reason = error.what();
  } catch (const nlohmann::json::exception& error) {
    state.standing = Standing::failed, state.kind = kDamaged, state.reason = error.what();
  } catch (const std::bad_alloc&) {
    state.standing = Standing::failed, state.kind = "memory", state.reason = "out of memory";
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::write_failed, plain_reason(error));
  }
  return state;
}

// What lies where a pair's folder or its state belongs; empty: nothing.
fs::path without_a_state(const fs::path& own) {
  if (path_exists(own) && !is_folder(own)) return own;
  return is_folder(own / "state.json") ? own / "state.json" : fs::path();
}

class Preparer {
 public:
  Preparer(const fs::path& folder, const PrepareOptions& options, const PrepareNews& news, const Monitor& monitor)
      : folder_(folder),
        options_(options),
        news_(news),
        monitor_{.progress = {}, .cancel = monitor.cancel},
        pool_(options.threads) {
    for (const char* part : {"pairs", "media", "records"}) make_folder(folder_ / part);
    remove_abandoned_files(folder_ / "records", kShardExtension);
  }

  void prepare(const ListedPair& pair) {
    monitor_.check();
    const fs::path own = folder_ / "pairs" / pair.name;
    if (const fs::path wrong = without_a_state(own); !wrong.empty()) {
      news_.remark(fmt::format("{}: is in the way of the pair's state; move it away", wrong.string()));
      standings_[pair.name] = Standing::failed;
      return;
    }
    const bool new_folder = !path_exists(own);
    make_folder(own);
    const auto lock = FolderLock::try_take(own);
    if (!lock) {
      standings_[pair.name].reset();
      return;
    }
    for (const char* extension : {".json", ".mid"}) {
      if (!new_folder) remove_abandoned_files(own, extension);  // of a run that was killed
    }
    LoadedState loaded = load_state(own);
    if (!loaded.problem.empty()) news_.remark(loaded.problem);
    PairState& state = loaded.state;
    state.song = pair.song, state.cover = pair.cover, state.title = pair.title, state.arranger = pair.arranger;
    const PairWork work{.pair = pair,
                        .options = options_,
                        .folder = own,
                        .media = folder_ / "media",
                        .records = folder_ / "records",
                        .state = state,
                        .pool = pool_,
                        .monitor = monitor_};
    standings_[pair.name] = go_through(state, work);
  }

  void now_dropped(const std::string& name) {
    const auto known = standings_.find(name);
    if (known != standings_.end()) known->second = Standing::dropped;
  }

  [[nodiscard]] PrepareReport report() const {
    PrepareReport report;
    for (const auto& [name, standing] : standings_) {
      if (!standing) ++report.busy;
      report.done += standing == Standing::done ? 1U : 0U;
      report.dropped += standing == Standing::dropped ? 1U : 0U;
      report.failed += standing == Standing::failed ? 1U : 0U;
    }
    return report;
  }

 private:
  // All stages that are wanted; the standing of the last one that ran or had run.
  Standing go_through(PairState& state, const PairWork& work) {
    std::string before;
    for (int k = 0; k <= static_cast<int>(options_.last); ++k) {
      const auto stage = static_cast<Stage>(k);
      const std::string inputs = hex_of(hash_of(before + '\n' + options_text(stage, work)));
      const auto known = state.stages.find(stage);
      const bool same = known != state.stages.end() && known->second.inputs == inputs;
      const bool standing_done = same && known->second.standing == Standing::done && stands(known->second, stage, work);
      const bool standing_dropped = same && known->second.standing == Standing::dropped;
      if (!standing_done && !standing_dropped) run(stage, inputs, state, work);
      const StageState& now = state.stages.at(stage);
      if (now.standing != Standing::done) return now.standing;
      before += now.result + '\n';
    }
    return Standing::done;
  }

  // The state of what comes later falls with it.
  void run(Stage stage, const std::string& inputs, PairState& state, const PairWork& work) {
    const auto begin = std::chrono::steady_clock::now();
    StageState now = ran(stage, work);
    now.inputs = inputs;
    now.program = options_.program;
    now.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (now.kind == kDamaged) state.stages.clear();  // figures that a stage needs are not there: all anew, next time
    if (now.standing != Standing::done) {
      state.stages.erase(state.stages.upper_bound(stage), state.stages.end());
      std::error_code none;
      fs::remove(record_file(work), none);
    }
    const auto known = state.stages.find(stage);
    if (known == state.stages.end() || !same_outcome(known->second, now)) {
      state.stages[stage] = std::move(now);
      save_state(state, work.folder);
    }
    if (news_.ended) news_.ended(work.pair.name, stage, state.stages.at(stage));
  }

  fs::path folder_;
  const PrepareOptions& options_;
  const PrepareNews& news_;
  Monitor monitor_;  // of the stages: without progress
  ThreadPool pool_;
  std::map<std::string, std::optional<Standing>> standings_;  // of the pairs that were seen; absent: busy
};

}  // namespace

PrepareReport prepare_pairs(const fs::path& list, const fs::path& folder, const PrepareOptions& options,
                            const PrepareNews& news, const Monitor& monitor) {
  if (options.part < 1 || options.part > options.parts) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("part {} of {}: there are parts 1 to {}", options.part, options.parts, options.parts));
  }
  PairList listed = read_listed_pairs(list);
  for (const std::string& line : listed.left_out) news.remark(line);
  std::erase_if(listed.pairs, [&](const ListedPair& pair) { return pair.hash % options.parts != options.part - 1; });
  Preparer preparer(folder, options, news, monitor);
  for (std::size_t k = 0; k < listed.pairs.size(); ++k) {
    monitor.report("pairs", static_cast<double>(k) / static_cast<double>(listed.pairs.size()));
    preparer.prepare(listed.pairs[k]);
  }
  if (options.last == Stage::records) {
    const Doubles doubles = drop_doubles(folder);
    for (const std::string& name : doubles.dropped) preparer.now_dropped(name);
    for (const ListedPair& pair : listed.pairs) {
      if (std::ranges::binary_search(doubles.wanted_again, pair.name)) preparer.prepare(pair);
    }
  }
  monitor.report("pairs", 1.0);
  PrepareReport report = preparer.report();
  report.pairs = listed.pairs.size();
  report.lines_left_out = listed.left_out.size();
  return report;
}

}  // namespace pop2piano
