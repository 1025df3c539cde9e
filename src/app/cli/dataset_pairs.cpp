// SPDX-License-Identifier: MIT
#include "app/cli/dataset_pairs.h"

#include <pop2piano/audio.h>
#include <pop2piano/cover.h>
#include <pop2piano/error.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/interrupt.h"
#include "app/cli/song_alignment.h"
#include "base/core/thread_pool.h"
#include "learning/dataset/record_writer.h"
#include "learning/records/song_pair.h"
#include "listening/analysis/beats.h"
#include "music/scorefiles/import.h"

namespace pop2piano::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kOffBeat = 0.1;  // beats; covers are played, not programmed

struct PairsArguments {
  std::string list, licence;
  fs::path out;
  double least_agreement = 0.15;
  int threads = 0;
  bool audio = false;
};

class PairsRun {
 public:
  PairsRun(const PairsArguments& arguments, Console& console)
      : arguments_(arguments), console_(console), pool_(arguments.threads) {}

  void run() {
    const auto pairs = read_pair_list(arguments_.list);
    const auto names = pair_names(pairs);
    std::error_code error;
    fs::create_directories(arguments_.out, error);
    if (error) {
      throw Error(ErrorCode::write_failed, arguments_.out.string() + ": cannot create the folder: " + error.message());
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      console_.monitor(nullptr).report("pairs", static_cast<double>(i) / static_cast<double>(pairs.size()));
      make(pairs[i], names[i]);
    }
    console_.finish_progress();
    console_.event("pairs", {{"made", made_}, {"present", present_}, {"failed", failed_}});
    console_.say(fmt::format("{}: {} records made, {} were there, {} pairs left out", arguments_.out.string(), made_,
                             present_, failed_));
    if (made_ + present_ == 0) {
      throw Error(ErrorCode::nothing_found, arguments_.list + ": none of its pairs gave a record");
    }
  }

 private:
  void make(const SongPair& pair, const std::string& name) {
    const fs::path target = arguments_.out / (name + std::string(kShardExtension));
    if (fs::exists(target)) {
      ++present_;
      return;
    }
    try {
      const PairRecord made = record_of(pair, name);
      const double agreement = made.agreement.value_or(0.0);  // where no tune is heard nothing agrees
      if (agreement < arguments_.least_agreement) {
        throw Error(
            ErrorCode::nothing_found,
            fmt::format("{}: plays the song's tune in {:.2f} of the time in which one is heard, at least {:.2f} "
                        "wanted (--least-agreement); another song, or not in its time",
                        pair.cover.string(), agreement, arguments_.least_agreement));
      }
      RecordWriter writer(target);
      writer.add(made.record);
      writer.finish();
      ++made_;
      console_.finish_progress();
      console_.say(fmt::format("{}: {} beats, {} notes, tune {:.2f}", target.string(),
                               made.record.description.beat_times.size(), made.record.description.notes.size(),
                               agreement));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::write_failed || error.code() == ErrorCode::cancelled) throw;
      ++failed_;
      console_.finish_progress();
      console_.warn(error.what());
    }
  }

  PairRecord record_of(const SongPair& pair, const std::string& name) {
    const Monitor monitor{.progress = {}, .cancel = &interrupt_token()};
    const Recording recording = Recording::open(pair.song, {}, monitor);
    const Imported own = import_score(pair.cover);
    const BeatGrid grid =
        find_beats(recording, BeatOptions{}, arguments_.threads, monitor).grid.extended(0.0, recording.duration());
    const SongAlignment alignment = align_with_song(own.score, recording, arguments_.threads);
    const Imported cover = import_score(pair.cover, {.grid = grid, .time = alignment.time});
    if (cover.deviation > kOffBeat) {
      throw Error(ErrorCode::nothing_found,
                  fmt::format("{}: its notes lie off the beats of {} by {:.0f} % of a beat", pair.cover.string(),
                              pair.song.string(), 100.0 * cover.deviation));
    }
    try {
      return pair_record(recording.read_all().samples, cover.score,
                         {.name = name,
                          .licence = arguments_.licence,
                          .loudness = loudness_per_beat(recording, grid),
                          .keep_sound = arguments_.audio},
                         pool_);
    } catch (const Error& error) {
      throw Error(error.code(), pair.cover.string() + ": " + error.what());
    }
  }

  const PairsArguments& arguments_;
  Console& console_;
  ThreadPool pool_;
  std::size_t made_ = 0, present_ = 0, failed_ = 0;
};

}  // namespace

void add_pairs_action(CLI::App& dataset, Console& console) {
  auto a = std::make_shared<PairsArguments>();
  CLI::App* action = dataset.add_subcommand("pairs", "Make records from recordings and piano covers of them");
  action->add_option("LIST", a->list, "Lines SONG<tab>COVER (MIDI or MusicXML), paths from the list's folder on")
      ->required()
      ->type_name("");
  action->add_option("--out", a->out, "Folder for the records, one file each; those there are kept")
      ->required()
      ->type_name("DIR");
  action
      ->add_option("--least-agreement", a->least_agreement,
                   "Pairs are left out whose highest notes have the heard tune's pitch class more rarely")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  action->add_option("--licence", a->licence, "Of the pairs, noted in the records")->type_name("TEXT");
  action->add_option("--threads", a->threads, "Processor threads (default: all)")->check(CLI::Range(1, 1024));
  action->add_flag("--audio", a->audio, "Keep the sound in the records too (FLAC, 22.05 kHz)");
  console.add_options(*action);
  action->footer(
      "A cover is put on the recording's beats; one in a time of its own is warped by harmony and onsets first.\n"
      "Example:\n  pop2piano dataset pairs pairs.tsv --out records/pairs");
  action->callback([a, &console] { PairsRun(*a, console).run(); });
}

}  // namespace pop2piano::cli
