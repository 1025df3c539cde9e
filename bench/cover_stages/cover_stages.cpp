// SPDX-License-Identifier: MIT
// Where the time of a cover goes: milliseconds, share and peak memory of each stage, and for the network the floor that
// its operations and bytes set on this machine. Then how long another style and another level take from an analysis
// that was kept, without the recording.
//   cover_stages SONG [MODEL] [RUNS]
#include <pop2piano/cover.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "base/core/random.h"
#include "base/core/thread_pool.h"
#include "music/scorefiles/midi_file.h"
#include "music/scorefiles/score_midi.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/packed_matrix.h"

namespace pop2piano {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

struct Work {
  double flop = 0, bytes = 0;
};

// Products only; the attention's scores and sums are counted, norms and softmax are not.
Work encoder_work(const ModelConfig& c, double segments, double frames) {
  const double d = c.d_model, inner = c.d_kv * c.num_heads, t = frames + 1;
  const double weights = c.encoder_layers * (4 * d * inner + 3 * d * c.d_ff) + c.features.n_mels * d +
                         2.0 * c.decoder_layers * d * inner;  // cross-attention's keys and values
  const double attention = c.encoder_layers * 2 * t * inner;
  return {2 * segments * t * (weights + attention), 2 * weights};
}

Work decoder_work(const ModelConfig& c, double tokens, double steps, double frames) {
  const double d = c.d_model, inner = c.d_kv * c.num_heads;
  const double weights = c.decoder_layers * (6 * d * inner + 3 * d * c.d_ff) + c.vocab_size * d;
  const double attention = c.decoder_layers * 2 * (frames + 1) * inner;
  return {2 * tokens * (weights + attention), 2 * steps * weights};
}

// GFLOP/s of this machine's own float product kernel on matrices that fit the cache, all threads at work.
double measured_peak(ThreadPool& pool) {
  constexpr std::size_t kRows = 512, kColumns = 512, kDepth = 512;
  Random random(1);
  std::vector<float> weights(kColumns * kDepth), rows(kRows * kDepth);
  for (float& w : weights) w = static_cast<float>(random.normal());
  for (float& r : rows) r = static_cast<float>(random.normal());
  const auto packed = kernels::PackedMatrix::pack(weights, kColumns, kDepth, kernels::ElementType::f32);
  const int copies = 4 * pool.size();
  std::vector<std::vector<float>> results(static_cast<std::size_t>(copies), std::vector<float>(kRows * kColumns));
  double best = 0;
  for (int run = 0; run < 7; ++run) {
    const auto start = std::chrono::steady_clock::now();
    pool.run(results.size(), [&](std::size_t i) {
      kernels::Product product{
          .a = rows.data(), .a_stride = kDepth, .c = results[i].data(), .c_stride = kColumns, .m = kRows};
      packed.describe(product);
      kernels::kernel_table().multiply_f32(product);
    });
    best = std::max(best, 2.0 * copies * kRows * kColumns * kDepth / seconds_since(start) / 1e9);
  }
  return best;
}

struct Stages {
  std::vector<std::string> order;
  std::map<std::string, std::vector<double>> seconds;
  std::map<std::string, double> megabytes;

  void add(const std::string& stage, double value) {
    if (seconds[stage].empty()) order.push_back(stage);
    seconds[stage].push_back(value);
    megabytes[stage] = std::max(megabytes[stage], peak_megabytes());
  }
};

struct Song {
  std::string path;
  double segments = 0, tokens = 0, steps = 0;
};

std::string temporary_folder() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr ? chosen : "/tmp";
}

Cover run_once(Song& song, const Model& model, Stages& stages) {
  auto start = std::chrono::steady_clock::now();
  const Recording recording = Recording::open(song.path);
  stages.add("decode", seconds_since(start));
  Cover cover = make_cover(recording, model);
  for (const auto& [stage, seconds] : cover.stage_seconds) stages.add(stage, seconds);
  start = std::chrono::steady_clock::now();
  write_midi(temporary_folder() + "/cover_stages.mid", cover.piano.score);
  write_musicxml(temporary_folder() + "/cover_stages.musicxml", cover.piano.score);
  stages.add("write", seconds_since(start));
  song.segments = static_cast<double>(cover.written.confidence.size());
  song.tokens = 0;
  for (const std::size_t count : cover.written.segment_tokens) {
    song.tokens += static_cast<double>(count);
    song.steps = std::max(song.steps, static_cast<double>(count));
  }
  return cover;
}

void print_table(const Stages& stages, double duration) {
  double total = 0;
  for (const auto& [stage, seconds] : stages.seconds) total += median(seconds);
  fmt::print("{:<12} {:>10} {:>8} {:>10}\n", "stage", "ms", "share", "peak MB");
  for (const std::string& stage : stages.order) {
    const double seconds = median(stages.seconds.at(stage));
    fmt::print("{:<12} {:10.1f} {:7.1f} % {:9.0f}\n", stage, seconds * 1e3, 100 * seconds / total,
               stages.megabytes.at(stage));
  }
  fmt::print("{:<12} {:10.1f} {:>9} {:9.0f}   {:.0f} times faster than the song plays\n", "all", total * 1e3, "",
             peak_megabytes(), duration / total);
}

void print_floor(const Song& song, const ModelConfig& config, double generate_seconds) {
  ThreadPool pool;
  const double peak = measured_peak(pool);
  const double frames = config.frame_count() > 0 ? config.frame_count() : 44;
  const Work encoder = encoder_work(config, song.segments, frames);
  const Work decoder = decoder_work(config, song.tokens, song.steps, frames);
  fmt::print(
      "\nfloor of `generate` ({:.0f} segments, {:.0f} tokens, {:.0f} steps) at {:.0f} GFLOP/s of float products, "
      "measured:\n",
      song.segments, song.tokens, song.steps, peak);
  for (const auto& [name, work] : {std::pair{"encoder", encoder}, std::pair{"decoder", decoder}}) {
    fmt::print("{:<12} {:8.1f} GFLOP {:10.1f} ms {:10.2f} GB of weights read\n", name, work.flop / 1e9,
               work.flop / peak / 1e6, work.bytes / 1e9);
  }
  fmt::print("generate / floor = {:.2f}\n", generate_seconds / ((encoder.flop + decoder.flop) / peak / 1e9));
}

// Milliseconds, the median of `runs`.
template <typename Call>
double milliseconds(int runs, const Call& call) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    call();
    times.push_back(seconds_since(start) * 1e3);
  }
  return median(times);
}

// Every level from what was written, every style from what was kept.
void print_changes(const Song& song, const Model& model, const Cover& cover, int runs) {
  const std::string file = temporary_folder() + "/cover_stages.analysis";
  save_analysis(analyse(Recording::open(song.path), analysis_options(model)), file);
  Analysis kept;
  const double load = milliseconds(runs, [&] { kept = load_analysis(file); });
  const auto& styles = model.config().styles;
  if (write(kept, model, cover.piano.score.style).score.notes != cover.written.score.notes) {
    throw Error(ErrorCode::malformed, "a kept analysis gave other notes than the recording");
  }
  double style_change = 0, level_change = 0;
  for (const std::string& style : styles) {
    style_change = std::max(style_change, milliseconds(runs, [&] { (void)arrange(write(kept, model, style)); }));
  }
  for (int level = 1; level <= 5; ++level) {
    level_change = std::max(level_change, milliseconds(runs, [&] { (void)arrange(cover.written, {.level = level}); }));
  }
  fmt::print(
      "\nfrom a kept analysis of {:.1f} MB, no decoding: load {:.1f} ms, another style {:.1f} ms (slowest of {}), "
      "another level {:.1f} ms (slowest of 5)\n",
      static_cast<double>(std::filesystem::file_size(file)) / 1e6, load, style_change, styles.size(), level_change);
  std::filesystem::remove(file);
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    fmt::print(stderr, "usage: cover_stages SONG [MODEL] [RUNS]\n");
    return 2;
  }
  Song song{.path = arguments[0]};
  const auto model = Model::load(arguments.size() > 1 ? arguments[1] : POP2PIANO_SOURCE_DIR "/models/default");
  const int runs = arguments.size() > 2 ? std::max(1, std::atoi(arguments[2].c_str())) : 7;
  Stages stages;
  const Cover first = run_once(song, *model, stages);
  for (int i = 1; i < runs; ++i) {
    const Cover again = run_once(song, *model, stages);
    if (again.piano.score.notes != first.piano.score.notes)
      throw Error(ErrorCode::malformed, "two runs gave different notes");
  }
  fmt::print("{}: {:.1f} s, {} notes, median of {} runs, {} threads, {}\n", song.path, first.written.duration,
             first.piano.score.notes.size(), runs, ThreadPool().size(), model->description().isa);
  const MidiFile midi = read_midi_file(temporary_folder() + "/cover_stages.mid");
  fmt::print("beats of the MIDI file against the recording's, read back: {:.4f} ms at most\n",
             midi_beat_error(midi, first.piano.score.grid) * 1e3);
  print_table(stages, first.written.duration);
  print_floor(song, model->config(), median(stages.seconds.at("generate")));
  print_changes(song, *model, first, runs);
  return 0;
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  try {
    return pop2piano::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "cover_stages: {}\n", error.what());
    return 1;
  }
}
