// SPDX-License-Identifier: MIT
// Beats by the signal and by the network against known ones: annotated recordings, rendered records, a stress set, a
// set of genres; and the time that each stage takes against aubiotrack.
#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "ablation.h"
#include "bar_fit.h"
#include "guesses.h"
#include "learning/genres/genre.h"
#include "learning/records/beat_songs.h"
#include "learning/records/synthesize.h"
#include "level_fit.h"
#include "listening/pulse/beat_decoder.h"
#include "listening/pulse/tempo_level.h"
#include "listening/rhythm/beats_file.h"
#include "listening/rhythm/rhythm_hearing.h"
#include "stress_set.h"
#include "tracked_songs.h"

namespace pop2piano::bench {
namespace {

namespace fs = std::filesystem;

struct Hearing {
  const char* name;
  BeatTrackerOptions options;
};

std::vector<Hearing> hearings(const std::string& which) {
  std::vector<Hearing> list;
  if (which != "network") list.push_back({"signal", {.activation = BeatActivation::signal}});
  if (which != "signal" && !installed_beat_network().empty())
    list.push_back({"network", {.activation = BeatActivation::network}});
  return list;
}

void print_head() {
  fmt::print("{:<28} {:<8} {:>5} {:>6} {:>6} {:>6} {:>8} {:>7}\n", "set", "hearing", "songs", "F", "CMLt", "AMLt",
             "downbeat", "octave");
}

void print_row(const std::string& set, const char* hearing, const BeatFigures& s) {
  const double n = std::max(1, s.songs), d = std::max(1, s.with_downbeats);
  fmt::print("{:<28} {:<8} {:>5} {:>6.3f} {:>6.3f} {:>6.3f} {:>8.3f} {:>7}\n", set, hearing, s.songs, s.f / n,
             s.cmlt / n, s.amlt / n, s.downbeat_f / d, s.octave_errors);
  std::fflush(stdout);
}

BeatFigures tracked(const KnownSong& song, const BeatTrackerOptions& options, bool each, const char* hearing) {
  BeatGrid found;
  double confidence = 0;
  try {
    const BeatAnalysis analysis = track(song.samples, options);
    found = analysis.grid;
    confidence = analysis.confidence;
  } catch (const Error&) {
    found = {};
  }
  const BeatFigures figures = measure(song.truth, found);
  if (!each) return figures;
  fmt::print("  {:<8} {:<20} F {:.3f} CMLt {:.3f} AMLt {:.3f} downbeat {:.3f}  confidence {:.3f}  ", hearing, song.name,
             figures.f, figures.cmlt, figures.amlt, figures.downbeat_f, confidence);
  fmt::print("tempo {:.1f} of {:.1f}, {} of {} in a bar; {}\n", found.size() > 1 ? found.tempo() : 0.0,
             song.truth.tempo(), found.beats_per_bar, song.truth.beats_per_bar,
             song.what.substr(song.what.find(';') + 1));
  if (!song.truth.numbers.empty() && figures.octave_errors == 0)
    fmt::print("    count ahead by {}\n", count_shifts(song.truth, found));
  return figures;
}

std::vector<BeatFigures> measure_records(const fs::path& records, const std::string& name,
                                         const std::vector<Hearing>& list, std::size_t most, bool each) {
  std::vector<BeatFigures> sums(list.size());
  for_each_song(records, most, [&](const KnownSong& song) {
    for (std::size_t i = 0; i < list.size(); ++i) sums[i].add(tracked(song, list[i].options, each, list[i].name));
  });
  for (std::size_t i = 0; i < list.size(); ++i) print_row(name, list[i].name, sums[i]);
  return sums;
}

void stress(const fs::path& folder, const fs::path& font, int songs, std::uint64_t seed,
            const std::vector<Hearing>& list, bool each) {
  make_stress_set(folder, font, songs, seed);
  print_head();
  std::vector<BeatFigures> all(list.size());
  for (const std::string& kind : stress_kinds()) {
    const auto sums = measure_records(folder / (kind + ".p2pd"), kind, list, 1000, each);
    for (std::size_t i = 0; i < list.size(); ++i) all[i].add(sums[i]);
  }
  for (std::size_t i = 0; i < list.size(); ++i) print_row("all", list[i].name, all[i]);
}

// The grooves that are kept for the test, rendered where they are missing.
void genres(const fs::path& folder, const fs::path& font, int songs, const std::vector<Hearing>& list, bool each) {
  const auto names = tested_genres();
  ThreadPool pool(1);
  (void)write_beat_songs(folder,
                         {.sound_fonts = {font},
                          .count = songs * static_cast<int>(names.size()),
                          .seed = 20,
                          .genres = {names.begin(), names.end()},
                          .grooves = GrooveUse::test},
                         pool, {});
  std::map<std::string, std::vector<BeatFigures>> sums;
  for_each_song(folder, 100000, [&](const KnownSong& song) {
    std::vector<BeatFigures>& row = sums[song.name.substr(0, song.name.find('/'))];
    std::vector<BeatFigures>& all = sums["of all genres"];
    row.resize(list.size());
    all.resize(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      const BeatFigures figures = tracked(song, list[i].options, each, list[i].name);
      row[i].add(figures);
      all[i].add(figures);
    }
  });
  print_head();
  for (const auto& [name, rows] : sums) {
    for (std::size_t i = 0; i < list.size(); ++i) print_row(name, list[i].name, rows[i]);
  }
}

// Beats files beside the recordings: NAME.beats or NAME.KIND.beats.
void recordings(const fs::path& folder, const std::vector<Hearing>& list) {
  print_head();
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() != ".tsv" && entry.path().extension() != ".md")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::vector<float> samples = Recording::open(file).read_all().samples;
    for (const Hearing& hearing : list) {
      std::string found;
      BeatGrid grid;
      try {
        const BeatAnalysis analysis = track(samples, hearing.options);
        grid = analysis.grid;
        found = fmt::format("tempo {:.1f}, {} in a bar, confidence {:.2f}", grid.tempo(), grid.beats_per_bar,
                            analysis.confidence);
      } catch (const Error& error) {
        found = error.what();
      }
      fmt::print("{:<44} {:<8} {}\n", file.filename().string(), hearing.name, found);
      for (const auto& entry : fs::directory_iterator(folder / "annotations")) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".beats" || name.rfind(file.stem().string() + ".", 0) != 0) continue;
        BeatGrid truth = read_beats_file(entry.path());
        truth.numbers.clear();
        print_row("  against " + name.substr(file.stem().string().size() + 1), hearing.name, measure(truth, grid));
      }
    }
  }
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void decode_as_tracked(const RhythmHearing& ear, const BeatEvidence& heard) {
  const auto levels = ear.level_weights();
  if (levels)
    (void)decode_tapped_beats(heard, ear.decoder_options(), *levels);
  else
    (void)decode_beats(heard, ear.decoder_options());
}

void print_time(const char* stage, double seconds) { fmt::print("  {:<36} {:7.3f} s\n", stage, seconds); }

// The least of three runs of each stage.
void times(const fs::path& file, int threads) {
  const std::vector<float> samples = Recording::open(file).read_all().samples;
  fmt::print("{}: {:.0f} s of sound, {} threads\n", file.filename().string(),
             static_cast<double>(samples.size()) / kAnalysisSampleRate, threads);
  ThreadPool pool(threads);
  for (const Hearing& hearing : hearings("both")) {
    double listen = 1e9, evidence = 1e9, decode = 1e9, whole = 1e9;
    for (int run = 0; run < 3; ++run) {
      const auto ear = hearing.options.activation == BeatActivation::signal
                           ? hear_by_signal(0.0)
                           : hear_by_network(BeatNetwork::load(installed_beat_network()), 0.0);
      BeatEvidence heard;
      listen = std::min(listen, seconds_of([&] { ear->push(samples); }));
      evidence = std::min(evidence, seconds_of([&] { heard = ear->finish(pool); }));
      decode = std::min(decode, seconds_of([&] { decode_as_tracked(*ear, heard); }));
      whole = std::min(whole, seconds_of([&] { (void)track(samples, hearing.options); }));
    }
    fmt::print("{}\n", hearing.name);
    print_time("spectra", listen);
    print_time("evidence", evidence);
    print_time("bar-pointer model", decode);
    print_time("all, one thread", whole);
    const auto wav = fs::temp_directory_path() / "pop2piano_bench_rhythm.wav";
    const std::string make =
        fmt::format("ffmpeg -v error -y -i '{}' -ac 1 -ar 22050 '{}'", file.string(), wav.string());
    const std::string peer = fmt::format("aubiotrack -r 22050 '{}' > /dev/null 2>&1", wav.string());
    if (std::system(make.c_str()) != 0 || std::system(peer.c_str()) != 0) continue;
    double aubio = 1e9;
    for (int run = 0; run < 3; ++run) aubio = std::min(aubio, seconds_of([&] { (void)std::system(peer.c_str()); }));
    fmt::print("  aubiotrack {:.3f} s, ours {:.2f} times that\n", aubio, whole / aubio);
  }
}

// What the command line gives; its commands read it when they are run.
struct Arguments {
  std::string path, font = "/usr/share/sounds/sf2/TimGM6mb.sf2", which = "both";
  std::vector<fs::path> folders, strangers;
  std::size_t most = 100000;
  int songs = 5, of_genre = 10, threads = 2;
  std::uint64_t seed = 20;
  bool each = false;
};

void add_measures(CLI::App& program, Arguments& a) {
  auto* records = program.add_subcommand("records", "Songs of records with sound");
  records->add_option("FOLDER", a.path)->required();
  records->add_option("--most", a.most, "Songs at most");
  records->callback([&a] {
    print_head();
    measure_records(a.path, fs::path(a.path).filename().string(), hearings(a.which), a.most, a.each);
  });
  auto* hard = program.add_subcommand("stress", "Songs that are hard to tap along to; rendered where missing");
  hard->add_option("FOLDER", a.path)->required();
  hard->add_option("--soundfont", a.font)->capture_default_str();
  hard->add_option("--songs", a.songs, "Of each kind")->capture_default_str();
  hard->add_option("--seed", a.seed, "Other songs, to fit on")->capture_default_str();
  hard->callback([&a] { stress(a.path, a.font, a.songs, a.seed, hearings(a.which), a.each); });
  auto* kinds = program.add_subcommand("genres",
                                       "Songs of ten genres with grooves and a sound font apart; rendered "
                                       "where missing");
  kinds->add_option("FOLDER", a.path)->required();
  kinds->add_option("--soundfont", a.font)->capture_default_str();
  kinds->add_option("--songs", a.of_genre, "Of each genre")->capture_default_str();
  kinds->callback([&a] { genres(a.path, a.font, a.of_genre, hearings(a.which), a.each); });
  auto* real = program.add_subcommand("recordings", "A folder of recordings with annotations/*.beats");
  real->add_option("FOLDER", a.path)->required();
  real->callback([&a] { recordings(a.path, hearings(a.which)); });
  auto* time = program.add_subcommand("time", "Seconds of each stage, and the ratio to aubiotrack");
  time->add_option("SONG", a.path)->required();
  time->add_option("--threads", a.threads)->capture_default_str();
  time->callback([&a] { times(a.path, a.threads); });
}

// Settings and weights of the decoder, all by the network.
void add_fits(CLI::App& program, Arguments& a) {
  const auto command = [&program, &a](const char* name, const char* about, const char* folders = "Records with sound") {
    auto* made = program.add_subcommand(name, about);
    made->add_option("FOLDER", a.folders, folders)->required();
    made->add_option("--most", a.most, "Songs of a folder at most");
    return made;
  };
  const char* const on = "Records with sound that are measured only";
  command("ablate", "The decoder's settings, one at a time, by the network")->callback([&a] {
    ablate(a.folders, usual_ablations(), a.most);
  });
  auto* levels = command("levels", "Learn which of two tempi an octave apart is tapped");
  levels->add_option("--on", a.strangers, on);
  levels->callback([&a] { fit_levels(a.folders, a.strangers, a.most); });
  auto* bars = command("bars", "Learn what network and harmony say for the first beats of bars",
                       "Records with sound, of songs that the network has not learnt from");
  bars->add_option("--on", a.strangers, on);
  bars->callback([&a] { fit_bars(a.folders, a.strangers, a.most); });
  command("guesses", "Is the tracker right as often as it says; by the network")->callback([&a] {
    measure_guesses(a.folders, a.most);
  });
}

int run(int argc, char** argv) {
  CLI::App program("Measures the beat tracker.");
  program.require_subcommand(1);
  Arguments arguments;
  program.add_option("--hearing", arguments.which, "signal, network or both")
      ->check(CLI::IsMember({"signal", "network", "both"}));
  program.add_flag("--each", arguments.each, "A line for every song");
  add_measures(program, arguments);
  add_fits(program, arguments);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace pop2piano::bench

int main(int argc, char** argv) { return pop2piano::bench::run(argc, argv); }
