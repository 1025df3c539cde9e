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
#include "learning/genres/genre_song.h"
#include "learning/records/synthesize.h"
#include "learning/studio/mixdown.h"

namespace pop2piano {
namespace {

constexpr int kSongsPerShard = 8;

Arrangement rhythm_arrangement(int number, const BeatSongOptions& options) {
  const std::string name = fmt::format("rhythm/{:05}", number);
  Random random(variant_seed(name, 0, options.seed));
  const RhythmSongPlan plan = draw_rhythm_song_plan(random, options.players);
  const SymbolicSong song = make_rhythm_song(plan, name, random);
  return arrange_rhythm_song(plan, song, options.sound_fonts.size(), random.next());
}

Arrangement genre_arrangement(int number, const Genre& genre, const BeatSongOptions& options) {
  const std::string name = fmt::format("{}/{:05}", genre.name, number);
  const GenreSongOptions song{.font_count = options.sound_fonts.size(), .form = {.use = options.grooves}};
  return make_genre_song(genre, name, variant_seed(name, 0, options.seed), song);
}

SongRecord render_song(int number, const BeatSongOptions& options, BandSynth& synth, ThreadPool& pool) {
  const std::size_t kinds = options.genres.size();
  const Genre* genre = kinds == 0 ? nullptr : &genre_named(options.genres[static_cast<std::size_t>(number) % kinds]);
  const Arrangement arrangement =
      genre == nullptr ? rhythm_arrangement(number, options) : genre_arrangement(number, *genre, options);
  const SynthesisOptions record_options{.sound_fonts = options.sound_fonts,
                                        .songs = {},
                                        .seed = options.seed,
                                        .stereo_share = 0,  // as the arrangements mix
                                        .features = KeepFeatures::none,
                                        .audio = KeepAudio::flac};
  SongRecord record = make_record(arrangement, mix_down(arrangement, synth), record_options, pool);
  record.description.split = options.grooves == GrooveUse::learn ? "train" : "test";
  if (genre != nullptr) record.description.extra[kGenreKey] = std::string(genre->name);
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
  for (const std::string& genre : options.genres) (void)genre_named(genre);
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw Error(ErrorCode::write_failed, out.string() + ": cannot create the folder: " + error.message());
  std::atomic<std::size_t> made{0};
  const auto shards = static_cast<std::size_t>((options.count + kSongsPerShard - 1) / kSongsPerShard);
  pool.run(shards, [&](std::size_t shard) {
    const int first = options.first + static_cast<int>(shard) * kSongsPerShard;
    const auto file =
        out / fmt::format("{}-{:05}{}", options.genres.empty() ? "rhythm" : "genres", first, kShardExtension);
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
