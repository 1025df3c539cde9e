// SPDX-License-Identifier: MIT
#include "learning/records/synthesize.h"

#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "learning/band/accompaniment.h"
#include "learning/band/arranger.h"
#include "learning/dataset/record_reader.h"
#include "learning/dataset/record_writer.h"
#include "learning/genres/genre_song.h"
#include "learning/records/piano_target.h"
#include "learning/records/pop909_corrections.h"
#include "learning/records/record_features.h"
#include "learning/records/sounding_parts.h"
#include "learning/studio/mixdown.h"
#include "learning/studio/sound_coding.h"

namespace pop2piano {
namespace {

constexpr int kRecipeVersion = 4;  // raise when the same seed gives other sound
constexpr std::uint64_t kAccompanimentStream = 100;

std::string recipe_of(const SynthesisOptions& options) {
  std::string fonts;
  for (const auto& font : options.sound_fonts) fonts += (fonts.empty() ? "" : ",") + font.filename().string();
  const std::string melody =
      options.corpus.melody_track.empty() ? "" : fmt::format(", melody track {}", options.corpus.melody_track);
  const std::string stereo = options.stereo_share > 0 ? fmt::format(", stereo {:g}", options.stereo_share) : "";
  const std::string repeats = options.corpus.repeats == Repeats::keep ? ", repeats once" : "";
  const std::string bars = options.corrections.empty() ? "" : ", bars corrected";
  const std::string singers = options.singers == SingerKind::unseen ? ", singers unseen" : "";
  std::string genres;
  for (const std::string& genre : options.genres) genres += (genres.empty() ? ", genres " : "+") + genre;
  return fmt::format(
      "pop2piano synthesize, recipe {}, seed {}, thin {:g}{}, sound fonts {}{}, features {}, audio {}{}{}",
      kRecipeVersion, options.seed, options.thin_share, stereo, fonts, singers,
      options.features == KeepFeatures::none ? "no" : "yes", options.audio == KeepAudio::none ? "no" : "flac", melody,
      repeats + bars + genres);
}

std::vector<float> loudness_of(std::span<const float> sound, const BeatGrid& grid) {
  std::vector<float> loudness;
  const auto sample_at = [&](double time) {
    return static_cast<std::size_t>(std::clamp(time * BandSynth::kSampleRate, 0.0, static_cast<double>(sound.size())));
  };
  for (std::size_t b = 0; b < grid.size(); ++b) {
    const std::size_t first = sample_at(grid.times[b]), last = sample_at(grid.time_at(static_cast<double>(b) + 1));
    double sum = 1e-10;
    for (std::size_t i = first; i < last; ++i) sum += static_cast<double>(sound[i]) * sound[i];
    loudness.push_back(
        static_cast<float>(10.0 * std::log10(sum / static_cast<double>(std::max<std::size_t>(1, last - first)))));
  }
  return loudness;
}

OwnedTensor chords_tensor(const Arrangement& arrangement, const BeatGrid& grid, std::size_t added) {
  std::vector<std::int32_t> values;
  for (std::size_t b = 0; b < grid.size(); ++b) {
    const SongChord* chord = chord_at(arrangement.song, static_cast<double>(b) - static_cast<double>(added) + 0.01);
    values.insert(values.end(), {chord ? chord->root : -1, chord ? chord->pitch_classes : 0, chord ? chord->bass : -1});
  }
  const auto bytes = std::as_bytes(std::span(values));
  return {.name = std::string(kChordTensor),
          .type = ElementType::i32,
          .shape = {grid.size(), 3},
          .bytes = {bytes.begin(), bytes.end()}};
}

OwnedTensor melody_tensor(const Arrangement& arrangement, std::size_t frames, std::size_t added) {
  std::vector<float> pitch(frames, 0.0F);
  for (const SymbolicNote& note : arrangement.lead) {
    const auto step = [&](double beat) {
      const double s = (beat + static_cast<double>(added)) * kStepsPerBeat;
      return static_cast<std::size_t>(std::clamp(std::round(s), 0.0, static_cast<double>(frames)));
    };
    for (std::size_t k = step(note.onset); k < step(note.offset); ++k) pitch[k] = static_cast<float>(note.pitch);
  }
  const auto bytes = std::as_bytes(std::span(pitch));
  return {.name = std::string(kLeadTensor),
          .type = ElementType::f32,
          .shape = {frames},
          .bytes = {bytes.begin(), bytes.end()}};
}

// Synthesisers hold decoded samples: they are made once per thread and lent.
class SynthPool {
 public:
  explicit SynthPool(std::span<const std::filesystem::path> fonts) : fonts_(fonts.begin(), fonts.end()) {}

  template <typename Use>
  void with(Use&& use) {
    std::unique_ptr<BandSynth> synth;
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        synth = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (!synth) synth = std::make_unique<BandSynth>(fonts_);
    use(*synth);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(synth));
  }

 private:
  std::mutex mutex_;
  std::vector<std::filesystem::path> fonts_;
  std::vector<std::unique_ptr<BandSynth>> idle_;
};

// The songs of one shard: the unit that is kept or made again.
struct ShardPlan {
  int variant = 0;
  std::vector<int> songs;
  std::filesystem::path file;
};

std::vector<ShardPlan> plan_shards(const std::vector<int>& songs, const std::string& label,
                                   const std::filesystem::path& out, const SynthesisOptions& options) {
  std::vector<ShardPlan> plans;
  const auto size = static_cast<std::size_t>(options.songs_per_shard);
  for (int v = options.first_variant; v < options.first_variant + options.variants; ++v) {
    for (std::size_t first = 0; first < songs.size(); first += size) {
      ShardPlan plan{.variant = v, .songs = {}, .file = {}};
      for (std::size_t i = first; i < std::min(songs.size(), first + size); ++i) plan.songs.push_back(songs[i]);
      plan.file = out / fmt::format("{}-v{:03}-{:03}-{:03}{}", label, v, plan.songs.front(), plan.songs.back(),
                                    kShardExtension);
      plans.push_back(std::move(plan));
    }
  }
  return plans;
}

bool is_finished(const ShardPlan& plan, const SongCorpus& corpus, const std::string& recipe) {
  std::error_code ignored;
  if (!std::filesystem::exists(plan.file, ignored)) return false;
  try {
    const RecordReader reader(plan.file);
    if (reader.size() != plan.songs.size() || !reader.problems().empty()) return false;
    for (std::size_t i = 0; i < reader.size(); ++i) {
      const SongDescription song = reader.song(i).description;
      if (song.recipe != recipe || song.song != corpus.name_of(plan.songs[i])) return false;
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

SymbolicSong read_song(const SongCorpus& corpus, int number, const SynthesisOptions& options) {
  SymbolicSong song = corpus.read(number);
  return options.corrections.empty() ? song
                                     : corrected_song(song, options.corrections / fmt::format("{:03}.mid", number));
}

// A shard is finished when it holds all its songs, so those that cannot be read are left out before.
std::vector<int> readable_songs(const SongCorpus& corpus, const SynthesisOptions& options,
                                const std::vector<int>& numbers, ThreadPool& pool, std::vector<std::string>& failed) {
  std::vector<std::string> problems(numbers.size());
  pool.run(numbers.size(), [&](std::size_t i) {
    try {
      (void)read_song(corpus, numbers[i], options);
    } catch (const Error& error) {
      problems[i] = fmt::format("song {:03}: {}", numbers[i], error.what());
    }
  });
  std::vector<int> readable;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (problems[i].empty()) {
      readable.push_back(numbers[i]);
    } else {
      failed.push_back(problems[i]);
    }
  }
  return readable;
}

void check_options(const SynthesisOptions& options) {
  if (options.variants < 1 || options.first_variant < 0 || options.songs_per_shard < 1) {
    throw Error(ErrorCode::invalid_argument, "variants and songs per shard must be at least 1, the first variant 0");
  }
  if (!(options.thin_share >= 0 && options.thin_share <= 1)) {
    throw Error(ErrorCode::invalid_argument, "the share of thin songs must be 0 to 1");
  }
  if (!(options.stereo_share >= 0 && options.stereo_share <= 1)) {
    throw Error(ErrorCode::invalid_argument, "the share of songs mixed in stereo must be 0 to 1");
  }
  for (const std::string& genre : options.genres) (void)genre_named(genre);
  if (options.sound_fonts.empty()) {
    throw Error(ErrorCode::not_found, "no sound font found; install fluid-soundfont-gm, or name one with --soundfont");
  }
}

class CorpusRun {
 public:
  CorpusRun(const SongCorpus& corpus, const SynthesisOptions& options, ThreadPool& pool, const Monitor& monitor,
            SynthesisReport report)
      : corpus_(corpus),
        options_(options),
        pool_(pool),
        monitor_(monitor),
        synths_(options.sound_fonts),
        report_(std::move(report)) {}

  SynthesisReport run(const std::vector<ShardPlan>& plans) {
    synths_.with([](BandSynth&) {});  // a file that is no sound font is noticed before any song
    for (const ShardPlan& plan : plans) total_ += plan.songs.size();
    pool_.run(plans.size(), [&](std::size_t i) { make_shard(plans[i]); });
    std::sort(report_.failed.begin(), report_.failed.end());
    return std::move(report_);
  }

 private:
  void make_shard(const ShardPlan& plan) {
    if (is_finished(plan, corpus_, recipe_of(options_))) {
      count(plan.songs.size(), 0, plan.songs.size());
      return;
    }
    RecordWriter writer(plan.file);
    for (const int number : plan.songs) {
      monitor_.check();
      make_song(number, plan.variant, writer);
    }
    if (writer.count() > 0) writer.finish();
  }

  [[nodiscard]] const Genre* genre_of(int turn) const {
    if (options_.genres.empty()) return nullptr;
    return &genre_named(options_.genres[static_cast<std::size_t>(turn) % options_.genres.size()]);
  }

  [[nodiscard]] Arrangement arranged(const SymbolicSong& song, int turn, std::uint64_t seed) const {
    const Genre* genre = genre_of(turn);
    if (genre != nullptr) return play_in_genre(song, *genre, seed, {.font_count = options_.sound_fonts.size()});
    return arrange(song, seed,
                   {.font_count = options_.sound_fonts.size(),
                    .thin_share = options_.thin_share,
                    .stereo_share = options_.stereo_share,
                    .singers = options_.singers});
  }

  void make_song(int number, int variant, RecordWriter& writer) {
    try {
      SymbolicSong song = read_song(corpus_, number, options_);
      const std::uint64_t seed = variant_seed(song.name, variant, options_.seed);
      if (song.piano.empty()) song.piano = accompaniment(song, Random(seed).fork(kAccompanimentStream));
      const Arrangement arrangement = arranged(song, number + variant, seed);
      std::vector<float> sound;
      synths_.with([&](BandSynth& synth) { sound = mix_down(arrangement, synth); });
      SongRecord record = make_record(arrangement, sound, options_, pool_);
      record.description.variant = variant;
      record.description.split = corpus_.split_of(number);
      if (const Genre* genre = genre_of(number + variant))
        record.description.extra[kGenreKey] = std::string(genre->name);
      writer.add(record);
      count(1, arrangement.duration, 0);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::write_failed || error.code() == ErrorCode::cancelled) throw;
      const std::lock_guard lock(mutex_);
      report_.failed.push_back(fmt::format("song {:03}: {}", number, error.what()));
      ++done_;
    }
  }

  void count(std::size_t songs, double seconds, std::size_t present) {
    const std::lock_guard lock(mutex_);
    done_ += songs;
    report_.present += present;
    report_.made += songs - present;
    report_.sound_s += seconds;
    // Reports go out where the caller waits; it takes part in the work and so comes by often.
    if (std::this_thread::get_id() == caller_)
      monitor_.report("synthesize", static_cast<double>(done_) / static_cast<double>(total_));
  }

  std::thread::id caller_ = std::this_thread::get_id();
  const SongCorpus& corpus_;
  const SynthesisOptions& options_;
  ThreadPool& pool_;
  const Monitor& monitor_;
  SynthPool synths_;
  std::mutex mutex_;
  std::size_t done_ = 0, total_ = 0;
  SynthesisReport report_;
};

}  // namespace

std::uint64_t variant_seed(const std::string& song, int variant, std::uint64_t seed) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char c : song) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return Random(seed).fork(hash).fork(static_cast<std::uint64_t>(variant)).next();
}

SongRecord make_record(const Arrangement& arrangement, std::span<const float> sound, const SynthesisOptions& options,
                       ThreadPool& pool) {
  SongRecord record;
  const BeatGrid grid = arrangement.performed.extended(0.0, static_cast<double>(sound.size()) / BandSynth::kSampleRate);
  const auto first = std::find(grid.times.begin(), grid.times.end(), arrangement.performed.times.front());
  const auto added = static_cast<std::size_t>(first - grid.times.begin());
  SongDescription& song = record.description;
  song.song = arrangement.song.name;
  song.source = arrangement.song.source;
  song.licence = arrangement.song.licence;
  song.recipe = recipe_of(options);
  song.beats_per_bar = grid.beats_per_bar;
  song.transposition = arrangement.transposition;
  song.beat_times = grid.times;
  song.beat_numbers = grid.numbers;
  song.notes = piano_target(arrangement.song);
  song.style_index = style_of(accompaniment_texture(song.notes));
  song.style = kStyleNames[static_cast<std::size_t>(song.style_index)];
  for (RecordNote& note : song.notes) note.onset += static_cast<std::int32_t>(added) * kStepsPerBeat;
  song.loudness = loudness_of(levelled(sound), grid);
  song.extra["x.arrangement"] = arrangement.summary;
  song.extra["x.first_beat"] = std::to_string(added);
  if (options.features == KeepFeatures::all) {
    record.features = log_mel_features(sound, grid, pool);
    record.tensors.push_back(melody_features(sound, grid, pool));
    record.tensors.push_back(harmony_features(sound, grid, pool));
  }
  record.tensors.push_back(chords_tensor(arrangement, grid, added));
  const std::size_t frames = (grid.size() - 1) * kStepsPerBeat + 1;
  record.tensors.push_back(melody_tensor(arrangement, frames, added));
  record.tensors.push_back(bass_tensor(arrangement, frames, added));
  record.tensors.push_back(lowest_tensor(arrangement, frames, added));
  if (options.audio == KeepAudio::flac) {
    auto bytes = encode_flac(sound, BandSynth::kSampleRate);
    const std::uint64_t size = bytes.size();
    record.tensors.push_back(
        {.name = std::string(kAudioTensor), .type = ElementType::u8, .shape = {size}, .bytes = std::move(bytes)});
  }
  return record;
}

SynthesisReport synthesize_corpus(const std::filesystem::path& corpus, const std::filesystem::path& out,
                                  const SynthesisOptions& options, ThreadPool& pool, const Monitor& monitor) {
  SynthesisOptions complete = options;
  if (complete.sound_fonts.empty()) complete.sound_fonts = installed_soundfonts();
  const auto opened = open_corpus(corpus, complete.corpus);
  const std::vector<int> songs = complete.songs.empty() ? opened->numbers() : complete.songs;
  SynthesisReport report;
  const std::vector<int> usable = readable_songs(*opened, complete, songs, pool, report.failed);
  if (usable.empty()) {
    throw Error(ErrorCode::nothing_found, fmt::format("{}: none of {} songs can be rendered; {}", corpus.string(),
                                                      songs.size(), report.failed.front()));
  }
  check_options(complete);
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw Error(ErrorCode::write_failed, out.string() + ": cannot create the folder: " + error.message());
  remove_abandoned_files(out, kShardExtension);
  CorpusRun run(*opened, complete, pool, monitor, std::move(report));
  return run.run(plan_shards(usable, opened->label(), out, complete));
}

}  // namespace pop2piano
