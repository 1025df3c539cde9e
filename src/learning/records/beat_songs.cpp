// SPDX-License-Identifier: MIT
#include "learning/records/beat_songs.h"

#include <pop2piano/error.h>
#include <pop2piano/render.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include <fmt/format.h>

#include "learning/band/rhythm_song.h"
#include "learning/dataset/record_writer.h"
#include "learning/records/synthesize.h"
#include "learning/studio/mixdown.h"

namespace pop2piano {
namespace {

constexpr int kSongsPerShard = 8;

SongRecord render_song(int number, const BeatSongOptions& options, BandSynth& synth, ThreadPool& pool) {
  const std::string name = fmt::format("rhythm/{:05}", number);
  Random random(variant_seed(name, 0, options.seed));
  const RhythmSongPlan plan = draw_rhythm_song_plan(random);
  const SymbolicSong song = make_rhythm_song(plan, name, random);
  const Arrangement arrangement = arrange_rhythm_song(plan, song, options.sound_fonts.size(), random.next());
  const SynthesisOptions record_options{.sound_fonts = options.sound_fonts,
                                        .songs = {},
                                        .seed = options.seed,
                                        .stereo_share = 0,  // as arrange_rhythm_song() mixes
                                        .features = KeepFeatures::none,
                                        .audio = KeepAudio::flac};
  SongRecord record = make_record(arrangement, mix_down(arrangement, synth), record_options, pool);
  record.description.split = "train";
  return record;
}

}  // namespace

std::size_t write_beat_songs(const std::filesystem::path& out, const BeatSongOptions& given, ThreadPool& pool,
                             const Monitor& monitor) {
  BeatSongOptions options = given;
  if (options.sound_fonts.empty()) options.sound_fonts = installed_soundfonts();
  if (options.sound_fonts.empty()) {
    throw Error(ErrorCode::not_found, "no sound font found; install fluid-soundfont-gm, or name one with --soundfont");
  }
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw Error(ErrorCode::write_failed, out.string() + ": cannot create the folder: " + error.message());
  std::atomic<std::size_t> made{0};
  const auto shards = static_cast<std::size_t>((options.count + kSongsPerShard - 1) / kSongsPerShard);
  pool.run(shards, [&](std::size_t shard) {
    const int first = options.first + static_cast<int>(shard) * kSongsPerShard;
    const auto file = out / fmt::format("rhythm-{:05}{}", first, kShardExtension);
    if (std::filesystem::exists(file)) return;
    BandSynth synth(options.sound_fonts);
    RecordWriter writer(file);
    for (int i = first; i < std::min(first + kSongsPerShard, options.first + options.count); ++i) {
      monitor.check();
      writer.add(render_song(i, options, synth, pool));
      ++made;
    }
    writer.finish();
  });
  return made;
}

}  // namespace pop2piano
