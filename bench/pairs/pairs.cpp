// SPDX-License-Identifier: MIT
// How exactly covers are laid over recordings, where the truth is known: arrangements of rendered songs, warped,
// transposed, cut. pairs RECORDS... (with sound)
#include <pop2piano/analysis.h>
#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/core/output_file.h"
#include "drawn_cover.h"
#include "learning/dataset/record_set.h"
#include "learning/prepare/stopped.h"
#include "learning/studio/sound_coding.h"
#include "listening/align/cover_alignment.h"
#include "listening/rhythm/beats_file.h"
#include "played_cover.h"

namespace pop2piano::bench {
namespace {

struct Figures {
  std::vector<double> errors;  // seconds, of the notes in passages that were found
  double keys = 0.0, pairs = 0.0, bars = 0.0, found = 0.0, right = 0.0, seconds = 0.0;
};

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0.0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

SoundFeatures heard(std::vector<float> samples, ThreadPool& pool) {
  SoundFeatureExtractor extractor;
  extractor.begin(std::move(samples));
  extractor.find_onsets();
  extractor.find_tuning();
  extractor.find_profiles(pool);
  extractor.find_rises(pool);
  return extractor.features();
}

// The song's beats as they are found in its sound, kept in a file; none where it has none.
std::vector<double> beats_found(const std::vector<float>& samples, const std::filesystem::path& kept, int threads) {
  std::vector<double> times;
  if (kept.empty() || !std::filesystem::exists(kept)) {
    const Recording recording = Recording::from({.sample_rate = kAnalysisSampleRate, .samples = samples});
    times = find_beats(recording, {}, threads).grid.extended(0.0, recording.duration()).times;
    if (kept.empty()) return times;
    std::string text;
    for (const double time : times) text += fmt::format("{:.4f}\n", time);
    write_file(kept, text);
  }
  return read_beats_file(kept).times;
}

// One line a bar: where it is in the recording, where it was found, how many notes the cover plays in it.
void list_bars(const DrawnCover& cover, const CoverAlignment& found, const std::string& name) {
  for (std::size_t k = 0; k < cover.bars.size(); ++k) {
    const double begin = cover.bars[k], end = k + 1 < cover.bars.size() ? cover.bars[k + 1] : begin + 3.0;
    const auto notes = std::ranges::count_if(
        cover.notes, [&](const PlayedNote& note) { return note.onset >= begin - 0.05 && note.onset < end - 0.05; });
    const AlignedPassage* passage = found.passage_at(begin);
    fmt::print("bar\t{}\t{}\t{:.3f}\t{:.3f}\t{}\t{}\n", name, k, begin, cover.song_bars[k],
               passage == nullptr ? "-" : fmt::format("{:.3f}", passage->time.at(begin)), notes);
  }
}

void measure(const DrawnCover& cover, const CoverAlignment& found, const std::string& name, Figures& all) {
  constexpr double kSameBar = 0.25;  // seconds
  std::vector<double> errors, signs;
  for (std::size_t k = 0; k < cover.notes.size(); ++k) {
    const AlignedPassage* passage = found.passage_at(cover.notes[k].onset);
    if (passage == nullptr || std::isnan(cover.song_times[k])) continue;
    signs.push_back(passage->time.at(cover.notes[k].onset) - cover.song_times[k]);
    errors.push_back(std::abs(signs.back()));
  }
  double in_passages = 0.0, right = 0.0;
  for (std::size_t k = 0; k < cover.bars.size(); ++k) {
    const AlignedPassage* passage = found.passage_at(cover.bars[k]);
    if (passage == nullptr) continue;
    in_passages += 1.0;
    if (std::abs(passage->time.at(cover.bars[k]) - cover.song_bars[k]) < kSameBar) right += 1.0;
  }
  fmt::print(
      "{:16} key {:+d} {:5} {}{} passages {} share {:.2f} gain {:.3f} fit {:.2f}  bars {:.0f} of {} ({:.0f} found)  "
      "median {:.1f} "
      "ms (sign {:+.1f}), 95 % {:.1f} ms\n",
      name, cover.transposition, found.transposition == cover.transposition ? "right" : "WRONG", cover.cut ? "c" : "-",
      cover.rubato ? "r" : "-", found.passages.size(), found.share, found.gain, found.fit, right, cover.bars.size(),
      in_passages, 1000.0 * quantile(errors, 0.5), 1000.0 * quantile(signs, 0.5), 1000.0 * quantile(errors, 0.95));
  all.errors.insert(all.errors.end(), errors.begin(), errors.end());
  all.keys += found.transposition == cover.transposition ? 1.0 : 0.0;
  all.pairs += 1.0;
  all.bars += static_cast<double>(cover.bars.size());
  all.found += in_passages;
  all.right += right;
}

int run(int argc, char** argv) {
  CLI::App app{"Covers of rendered songs laid over their recordings: errors against the exact truth", "pairs"};
  std::vector<std::filesystem::path> records;
  std::size_t covers = 1, songs = 0, seed = 1;
  int threads = 2;
  bool another = false, bars = false;
  std::filesystem::path font, kept;
  app.add_option("records", records, "Records with sound")->required();
  app.add_option("--songs", songs, "That are used (0: all)");
  app.add_option("--covers", covers, "Of each song (default 1)");
  app.add_option("--seed", seed, "Of what is drawn (default 1)");
  app.add_flag("--another", another, "Covers of the next song instead, which play no passage of this one");
  app.add_flag("--bars", bars, "One line for each bar: name, number, cover's, song's and found seconds, notes");
  app.add_option("--soundfont", font, "Its piano plays the covers, which are then transcribed (needs --kept)");
  app.add_option("--kept", kept, "Folder where transcriptions and the songs' beats are kept for the next time");
  app.add_option("--threads", threads, "(default 2)");
  app.get_option("--soundfont")->needs("--kept");
  CLI11_PARSE(app, argc, argv);
  if (!kept.empty()) std::filesystem::create_directories(kept);
  const RecordSet set = RecordSet::open(records);
  ThreadPool pool(threads);
  Figures all;
  const std::size_t count = songs == 0 ? set.size() : std::min(songs, set.size());
  for (std::size_t i = 0; i < count; ++i) {
    const SongView song = set.song(i);
    const TensorView* sound = song.record.find(kAudioTensor);
    if (sound == nullptr) continue;
    std::vector<float> samples = decode_flac(sound->bytes);
    const std::string name = std::filesystem::path(song.description.song).filename().string();
    const std::vector<double> beats = beats_found(samples, kept.empty() ? kept : kept / (name + ".beats"), threads);
    SoundFeatures features = heard(std::move(samples), pool);
    features.beats = beats;
    for (std::size_t c = 0; c < covers; ++c) {
      const SongDescription& played = another ? set.song((i + 1) % count).description : song.description;
      DrawnCover cover = draw_cover(played, Random(seed).fork(i * covers + c));
      if (!font.empty()) {
        try {
          cover = heard_again(cover, font, kept / fmt::format("{}.{}.{}.mid", name, seed, i * covers + c), pool);
        } catch (const Stopped& stopped) {
          fmt::print("{}\n", stopped.what());
          continue;
        }
      }
      const auto before = std::chrono::steady_clock::now();
      const CoverAlignment found = align_cover(cover.notes, features, pool);
      all.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
      if (bars) list_bars(cover, found, fmt::format("{}.{}", song.description.song, c));
      measure(cover, found, song.description.song, all);
    }
  }
  const double precision = all.right / std::max(1.0, all.found), recall = all.right / std::max(1.0, all.bars);
  fmt::print(
      "{:.0f} pairs: onsets median {:.1f} ms, 95 % {:.1f} ms; keys right {:.3f}; bars precision {:.3f}, recall {:.3f}, "
      "F {:.3f}; {:.2f} s a pair\n",
      all.pairs, 1000.0 * quantile(all.errors, 0.5), 1000.0 * quantile(all.errors, 0.95),
      all.keys / std::max(1.0, all.pairs), precision, recall,
      2.0 * precision * recall / std::max(1e-9, precision + recall), all.seconds / std::max(1.0, all.pairs));
  return 0;
}

}  // namespace
}  // namespace pop2piano::bench

int main(int argc, char** argv) { return pop2piano::bench::run(argc, argv); }
