// SPDX-License-Identifier: MIT
#include "learning/prepare/stages.h"

#include <pop2piano/analysis.h>
#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/core/paths.h"
#include "learning/dataset/record_writer.h"
#include "learning/prepare/content_hash.h"
#include "learning/prepare/cover_transcriber.h"
#include "learning/prepare/download.h"
#include "learning/prepare/fingerprint.h"
#include "learning/prepare/pair_files.h"
#include "learning/prepare/quantised_files.h"
#include "learning/prepare/stopped.h"
#include "learning/records/pair_records.h"
#include "listening/align/analysis_sound.h"
#include "listening/rhythm/beats_file.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double kLongestSound = 3600.0;  // seconds; more is not compared
constexpr double kShortestSound = 5.0;
constexpr const char* kTranscribedFile = "cover.mid";  // of a recorded cover

const json& facts_of(const PairWork& work, Stage stage) { return work.state.stages.at(stage).facts; }

// A path of the list, or what was downloaded.
fs::path file_of(const PairWork& work, const std::string& place, const char* side) {
  if (!is_address(place)) return place;
  return work.media / facts_of(work, Stage::download).at(side).at("file").get<std::string>();
}
fs::path song_of(const PairWork& work) { return file_of(work, work.pair.song, "song"); }
fs::path given_cover(const PairWork& work) { return file_of(work, work.pair.cover, "cover"); }
fs::path notes_of(const PairWork& work) {
  return facts_of(work, Stage::transcribe).value("transcribed", false) ? work.folder / kTranscribedFile
                                                                       : given_cover(work);
}

// Seconds of a sound. Drops the pair where it is none, or too long or short.
double checked_length(const PairWork& work, const fs::path& file, double shortest, double longest) {
  double seconds = 0.0;
  try {
    seconds = Recording::open(file, {}, work.monitor).duration();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    drop("no sound", error.what());
  }
  if (seconds < shortest || seconds > longest) {
    drop("length",
         fmt::format("{}: lasts {:.0f} s, expected {:.0f} to {:.0f}", file.string(), seconds, shortest, longest));
  }
  return seconds;
}

json side_of(const PairWork& work, const std::string& place, DownloadOf what) {
  fs::path file = place;
  if (is_address(place)) {
    file = Downloads(work.media, work.options.download, work.monitor).fetch(place, what);
  } else if (!is_plain_file(file)) {
    throw Stopped(Standing::failed, "missing file", file.string() + ": no such file");
  }
  json side = {{"file", is_address(place) ? fs::relative(file, work.media).string() : fs::absolute(file).string()},
               {"hash", hash_of_file(file)}};
  const bool score = what == DownloadOf::cover && is_score_file(file);
  const bool limited = what == DownloadOf::song && is_address(place);
  const DownloadOptions& limits = work.options.download;
  if (!score) {
    side["seconds"] = checked_length(work, file, limited ? limits.shortest : kShortestSound,
                                     limited ? limits.longest : kLongestSound);
  }
  return side;
}

StageResult download(const PairWork& work) {
  StageResult result;
  result.facts["song"] = side_of(work, work.pair.song, DownloadOf::song);
  result.facts["cover"] = side_of(work, work.pair.cover, DownloadOf::cover);
  result.result = result.facts["song"]["hash"].get<std::string>() + result.facts["cover"]["hash"].get<std::string>();
  return result;
}

StageResult transcribe(const PairWork& work) {
  StageResult result;
  const fs::path cover = given_cover(work);
  const bool recorded = !is_score_file(cover);
  if (recorded) {
    transcribe_cover(cover, work.folder / kTranscribedFile, work.pool);
    result.files = {kTranscribedFile};
  }
  const fs::path file = recorded ? work.folder / kTranscribedFile : cover;
  const std::vector<PlayedNote> notes = sounding_notes(file);
  std::vector<std::string> fingerprint;
  for (const std::uint64_t hash : fingerprint_of(notes)) fingerprint.push_back(hex_of(hash));
  result.facts = {{"notes", notes.size()},
                  {"seconds", notes.back().onset - notes.front().onset},
                  {"transcribed", recorded},
                  {"fingerprint", std::move(fingerprint)}};
  result.result = hash_of_file(file);
  return result;
}

// Seconds of the song in a second of the cover, over all passages.
double speed_of(const CoverAlignment& alignment) {
  double cover = 0.0, song = 0.0;
  for (const AlignedPassage& passage : alignment.passages) {
    const auto &first = passage.time.points.front(), &last = passage.time.points.back();
    cover += last.first - first.first, song += last.second - first.second;
  }
  return cover > 0.0 ? song / cover : 1.0;
}

StageResult align_pair(const PairWork& work) {
  const Recording recording = Recording::open(song_of(work), {}, work.monitor);
  BeatOptions beats;
  if (!work.pair.beats.empty()) beats.given = read_beats_file(work.pair.beats);
  AlignedPair pair;
  const Rhythm rhythm = find_beats(recording, beats, work.options.threads, work.monitor);
  pair.grid = rhythm.grid.extended(0.0, recording.duration());
  const std::vector<PlayedNote> notes = sounding_notes(notes_of(work));
  work.monitor.check();
  pair.alignment =
      lay_cover(notes, features_to_align(recording.read_all().samples, pair.grid, work.pool), work.pool, work.pair.key);
  if (pair.alignment.passages.empty()) {
    drop("another song", fmt::format("{}: plays no passage of {}", work.pair.cover, work.pair.song));
  }
  write_alignment(pair, work.folder);
  return {.facts = {{"transposition", pair.alignment.transposition},
                    {"share", pair.alignment.share},
                    {"gain", pair.alignment.gain},
                    {"fit", pair.alignment.fit},
                    {"least_fit", pair.alignment.least_fit},
                    {"least_gain", pair.alignment.least_gain},
                    {"speed", speed_of(pair.alignment)},
                    {"passages", pair.alignment.passages.size()},
                    {"tempo", pair.grid.tempo()},
                    {"song_seconds", recording.duration()}},
          .files = {kAlignmentFile}};
}

// Notes a second in the densest tenth.
double density_of(const std::vector<PlayedNote>& notes) {
  constexpr std::size_t kTenths = 10;
  const double begin = notes.front().onset, tenth = (notes.back().onset - begin) / kTenths;
  if (tenth <= 0.0) return 0.0;
  std::vector<double> counts(kTenths, 0.0);
  for (const PlayedNote& note : notes) {
    counts[std::min(kTenths - 1, static_cast<std::size_t>((note.onset - begin) / tenth))] += 1.0;
  }
  return *std::ranges::max_element(counts) / tenth;
}

PairDescription description_of(const PairWork& work) {
  const ListedPair& pair = work.pair;
  return {.name = pair.name,
          .split_by = is_address(pair.song) ? pair.song : fs::path(pair.song).stem().string(),
          .style = pair.arranger,
          .recipe = "pop2piano prepare",
          .licence = pair.licence.empty() ? work.options.licence : pair.licence,
          .keep_sound = work.options.keep_sound};
}

StageResult quantise(const PairWork& work) {
  const AlignedPair pair = read_alignment(work.folder);
  const fs::path cover = notes_of(work);
  auto parts = parts_on_beats(cover, pair.alignment, pair.grid, work.options.least_bars);
  if (parts.empty()) {
    drop("too few bars", fmt::format("{}: plays no {} bars of {} one after the other", work.pair.cover,
                                     work.options.least_bars, work.pair.song));
  }
  work.monitor.check();
  const std::vector<PlayedNote> notes = sounding_notes(cover);
  const Recording recording = Recording::open(song_of(work), {}, work.monitor);
  const std::vector<float> sound = recording.read_all().samples;
  const HeardSong song = heard_song(sound, work.pool);
  name_melodies(parts, song, pair.grid, work.pool);
  const double agreement = agreement_of_parts(song, parts).value_or(0.0);
  std::size_t bars = 0, kept = 0;
  double deviation = 0.0;
  for (const CoverPart& part : parts) {
    bars += part.bars, kept += part.notes;
    deviation = std::max(deviation, part.deviation);
  }
  write_parts(parts, work.folder);
  write_quantised(parts, pair.grid, work.folder);
  write_published(notes, pair, parts, work.folder);
  return {.facts = {{"parts", parts.size()},
                    {"bars", bars},
                    {"notes", kept},
                    {"kept", static_cast<double>(kept) / static_cast<double>(notes.size())},
                    {"deviation", deviation},
                    {"agreement", agreement},
                    {"density", density_of(notes)}},
          .files = {kPartsFile, kQuantisedFile, kPublishedFile}};
}

StageResult filter(const PairWork& work) {
  const FilterOptions& limits = work.options.filter;
  const json& aligned = facts_of(work, Stage::align);
  const json& quantised = facts_of(work, Stage::quantise);
  const std::string& cover = work.pair.cover;
  if (const double gain = aligned.at("gain"); gain < limits.least_gain) {
    drop("another song", fmt::format("{}: is like {} by {:.3f}, at least {:.3f} wanted (--least-gain)", cover,
                                     work.pair.song, gain, limits.least_gain));
  }
  if (const double share = aligned.at("share"); share < limits.least_share) {
    drop("share", fmt::format("{}: {:.0f} % of it play passages of the song, at least {:.0f} % wanted (--least-share)",
                              cover, 100 * share, 100 * limits.least_share));
  }
  if (const double third = aligned.at("least_gain"); third < limits.least_third) {
    drop("part of another song",
         fmt::format("{}: a third of it is like {} by {:.3f} only, at least {:.3f} wanted (--least-third)", cover,
                     work.pair.song, third, limits.least_third));
  }
  if (const std::size_t bars = quantised.at("bars"); bars < limits.least_total) {
    drop("too few bars", fmt::format("{}: plays {} bars of {} in all, at least {} wanted (--least-total)", cover, bars,
                                     work.pair.song, limits.least_total));
  }
  if (const double agreement = quantised.at("agreement"); agreement < limits.least_agreement) {
    drop("melody",
         fmt::format("{}: plays the song's melody in {:.2f} of the time in which one is heard, at least {:.2f} "
                     "wanted (--least-agreement)",
                     cover, agreement, limits.least_agreement));
  }
  if (const double deviation = quantised.at("deviation"); deviation > limits.most_deviation) {
    drop("off the beats",
         fmt::format("{}: its notes lie off the song's beats by {:.3f} of a beat, at most {:.3f} wanted "
                     "(--most-deviation)",
                     cover, deviation, limits.most_deviation));
  }
  if (const double density = quantised.at("density"); density > limits.most_density) {
    drop("density", fmt::format("{}: has {:.1f} notes a second, at most {:.1f} wanted (--most-density)", cover, density,
                                limits.most_density));
  }
  return {.result = "passed"};
}

StageResult make_records(const PairWork& work) {
  const Recording recording = Recording::open(song_of(work), {}, work.monitor);
  const std::vector<float> sound = recording.read_all().samples;
  PairRecords made =
      records_of_parts(recording, heard_song(sound, work.pool),
                       read_parts(read_alignment(work.folder).grid, work.folder), description_of(work), work.pool);
  RecordWriter writer(record_file(work));
  std::size_t beats = 0, notes = 0;
  for (SongRecord& record : made.records) {
    SongDescription& song = record.description;
    if (!work.pair.title.empty()) song.extra["x.title"] = work.pair.title;
    if (is_address(work.pair.song)) song.extra["x.song"] = work.pair.song;
    if (is_address(work.pair.cover)) song.extra["x.cover"] = work.pair.cover;
    beats += song.beat_times.size(), notes += song.notes.size();
    writer.add(record);
  }
  writer.finish();
  return {.facts = {{"records", made.records.size()},
                    {"beats", beats},
                    {"notes", notes},
                    {"bytes", fs::file_size(record_file(work))}},
          .result = "written"};
}

// Size and time of change of a file of the list, so that another file is noticed.
std::string stamp_of(const std::string& place) {
  if (is_address(place)) return place;
  std::error_code none;
  const auto size = fs::file_size(place, none);
  const auto changed = fs::last_write_time(place, none);
  return none ? "missing" : fmt::format("{} {}", size, changed.time_since_epoch().count());
}

// Of the file with the song's beats.
std::string beats_of(const ListedPair& pair) {
  if (pair.beats.empty()) return "";
  return is_plain_file(pair.beats) ? hash_of_file(pair.beats) : "missing";
}

}  // namespace

fs::path record_file(const PairWork& work) { return work.records / (work.pair.name + std::string(kShardExtension)); }

std::string options_text(Stage stage, const PairWork& work) {
  const PrepareOptions& o = work.options;
  const ListedPair& pair = work.pair;
  switch (stage) {
    case Stage::download: {
      const bool limited = is_address(pair.song);
      return fmt::format("2 {}\n{}\n{}", stamp_of(pair.song), stamp_of(pair.cover),
                         limited ? fmt::format("{:.0f}-{:.0f}", o.download.shortest, o.download.longest) : "");
    }
    case Stage::transcribe:
      return "2";
    case Stage::align:
      return fmt::format("5 {} {}", pair.key.value_or(99), beats_of(pair));
    case Stage::quantise:
      return fmt::format("3 {}", o.least_bars);
    case Stage::filter:
      return fmt::format("3 {} {} {} {} {} {} {}", o.filter.least_gain, o.filter.least_third, o.filter.least_share,
                         o.filter.least_total, o.filter.least_agreement, o.filter.most_deviation,
                         o.filter.most_density);
    case Stage::records:
      break;
  }
  return fmt::format("1 {}\n{}\n{}\n{}", pair.arranger, pair.title, pair.licence.empty() ? o.licence : pair.licence,
                     o.keep_sound);
}

StageResult run_stage(Stage stage, const PairWork& work) {
  switch (stage) {
    case Stage::download:
      return download(work);
    case Stage::transcribe:
      return transcribe(work);
    case Stage::align:
      return align_pair(work);
    case Stage::quantise:
      return quantise(work);
    case Stage::filter:
      return filter(work);
    case Stage::records:
      break;
  }
  return make_records(work);
}

}  // namespace pop2piano
