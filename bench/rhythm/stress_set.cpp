// SPDX-License-Identifier: MIT
#include "stress_set.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "learning/band/rhythm_song.h"
#include "learning/dataset/record_writer.h"
#include "learning/records/synthesize.h"
#include "learning/studio/mixdown.h"

namespace pop2piano::bench {
namespace {

struct Kind {
  std::string name;
  RhythmSongPlan plan;
  double silence = 0;  // seconds in front
};

std::vector<Kind> kinds() {
  const RhythmSongPlan usual{.duration = 45};
  std::vector<Kind> list;
  const auto add = [&](const std::string& name, auto&& change, double silence = 0) {
    RhythmSongPlan plan = usual;
    change(plan);
    list.push_back({name, plan, silence});
  };
  add("straight", [](RhythmSongPlan&) {});
  add("swing", [](RhythmSongPlan& p) {
    p.feel = Feel::swung_eighths;
    p.swing = 0.66;
  });
  add("waltz", [](RhythmSongPlan& p) {
    p.beats_per_bar = 3;
    p.tempo = 140;
  });
  add("six-eight", [](RhythmSongPlan& p) {
    p.beats_per_bar = 2;
    p.feel = Feel::triplets;
    p.tempo = 80;
  });
  add("five-four", [](RhythmSongPlan& p) { p.beats_per_bar = 5; });
  add("ritardando", [](RhythmSongPlan& p) { p.ritardando = 0.35; });
  add("no drums", [](RhythmSongPlan& p) { p.players = Players::no_drums; });
  add("drums alone", [](RhythmSongPlan& p) { p.players = Players::drums_alone; });
  add("voice alone", [](RhythmSongPlan& p) { p.players = Players::voice_alone; });
  add("pickup", [](RhythmSongPlan& p) { p.pickup = 1; });
  add(
      "silence first", [](RhythmSongPlan&) {}, 8);
  add("tempo 60", [](RhythmSongPlan& p) { p.tempo = 60; });
  add("tempo 190", [](RhythmSongPlan& p) { p.tempo = 190; });
  add("drift 4 %", [](RhythmSongPlan& p) { p.drift = 0.04; });
  return list;
}

// The arranger may count slow songs twice as fast; here the plan's tempo is meant.
Arrangement arrange_as_counted(const RhythmSongPlan& plan, const SymbolicSong& song, Random& random) {
  for (int attempt = 0;; ++attempt) {
    Arrangement arrangement = arrange_rhythm_song(plan, song, 1, random.next());
    if (arrangement.performed.size() == song.grid.size() || attempt == 50) return arrangement;
  }
}

void make_kind(const Kind& kind, const std::filesystem::path& file, const SynthesisOptions& options, int songs,
               std::uint64_t seed, ThreadPool& pool) {
  BandSynth synth(options.sound_fonts);
  RecordWriter writer(file);
  for (int i = 0; i < songs; ++i) {
    const std::string name = fmt::format("stress {}/{:02}", kind.name, i);
    Random random(variant_seed(name, 0, seed));
    const SymbolicSong song = make_rhythm_song(kind.plan, name, random);
    Arrangement arrangement = arrange_as_counted(kind.plan, song, random);
    std::vector<float> sound = mix_down(arrangement, synth);
    sound.insert(sound.begin(), static_cast<std::size_t>(kind.silence * BandSynth::kSampleRate), 0.0F);
    for (double& time : arrangement.performed.times) time += kind.silence;
    writer.add(make_record(arrangement, sound, options, pool));
  }
  writer.finish();
}

}  // namespace

std::vector<std::string> stress_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) names.push_back(kind.name);
  return names;
}

void make_stress_set(const std::filesystem::path& folder, const std::filesystem::path& sound_font, int songs_per_kind,
                     std::uint64_t seed) {
  std::filesystem::create_directories(folder);
  const SynthesisOptions options{
      .sound_fonts = {sound_font}, .songs = {}, .features = KeepFeatures::none, .audio = KeepAudio::flac};
  ThreadPool pool(1);
  for (const Kind& kind : kinds()) {
    const auto file = folder / (kind.name + std::string(kShardExtension));
    if (!std::filesystem::exists(file)) make_kind(kind, file, options, songs_per_kind, seed, pool);
  }
}

}  // namespace pop2piano::bench
