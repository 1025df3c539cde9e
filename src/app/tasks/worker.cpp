// SPDX-License-Identifier: MIT
#include "app/tasks/worker.h"

#include <pop2piano/cover.h>
#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <new>
#include <sstream>

#include <nlohmann/json.hpp>

#include "app/bundle/zip_writer.h"
#include "app/coverfiles/cover_files.h"
#include "app/http/http_message.h"
#include "app/tasks/sandbox.h"
#include "app/tasks/take_options.h"
#include "base/core/installed_file.h"
#include "base/core/output_file.h"
#include "numbers/model/model_folder.h"
#include "sound/soundfiles/sound_file.h"

namespace pop2piano::serve {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kSoundRate = 48000;  // Opus takes no 44100
constexpr int kPeaksPerSecond = 50;
constexpr double kLongestSong = 4 * 3600.0;  // seconds

void tell(const Json& line) {
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

/// Reports at most every hundredth of a stage.
Monitor monitor() {
  return {.progress = [stage = std::string(), shown = -1.0](std::string_view name, double fraction) mutable {
    if (stage == name && fraction < shown + 0.01) return;
    stage = name;
    shown = fraction;
    tell({{"stage", stage}, {"fraction", fraction}});
  }};
}

/// One request of the server.
struct Task {
  Json request;
  fs::path out;
  int threads = 0;
  [[nodiscard]] std::string text(const char* name) const { return request.value(name, std::string()); }
  [[nodiscard]] fs::path path(const char* name) const { return text(name); }
};

void confine_to(const Task& task) {
  Confinement c{.readable = {"/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev/urandom"},
                .writable = task.out,
                .parent = task.request.value("parent", 0),
                .programs = task.text("task") == "pdf"};
  for (const fs::path& folder : installed_folders()) c.readable.push_back(folder);
  for (const char* name :
       {"POP2PIANO_WRITER", "POP2PIANO_MELODY", "POP2PIANO_BEATS", "POP2PIANO_HARMONY", "POP2PIANO_SOUNDFONT"}) {
    if (const char* value = std::getenv(name); value != nullptr) c.readable.emplace_back(value);
  }
  for (const fs::path& place : soundfont_places()) c.readable.push_back(place);
  c.readable.push_back(find_model("default"));
  for (const char* name : {"song", "analysis", "written", "take"}) {
    if (!task.text(name).empty()) c.readable.push_back(task.path(name));
  }
  const Confined confined = confine(c);
  tell({{"confined", {{"files", confined.files}, {"calls", confined.calls}}}});
}

/// Least and largest sample of each stretch as whole numbers from -127 to 127.
void write_peaks(const Recording& recording, const fs::path& target) {
  const auto stretch = static_cast<std::size_t>(recording.sample_rate() / kPeaksPerSecond);
  const auto stream = recording.stream();
  std::vector<float> samples(stretch);
  const auto level = [](float sample) {
    return static_cast<int>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 127.0F));
  };
  std::vector<int> peaks;
  while (const std::size_t count = stream->read(samples)) {
    const auto [least, most] =
        std::minmax_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count));
    peaks.push_back(level(*least));
    peaks.push_back(level(*most));
  }
  const double rate = static_cast<double>(recording.sample_rate()) / static_cast<double>(stretch);
  write_file(target, Json({{"per_second", rate}, {"duration", recording.duration()}, {"peaks", peaks}}).dump());
}

Recording open_song(const Task& task, double start, const std::optional<double>& end, int rate = kAnalysisSampleRate) {
  tell({{"stage", "decode"}, {"fraction", 0.0}});
  Recording recording =
      Recording::open(task.path("song"), {.sample_rate = rate, .start = start, .end = end}, monitor());
  if (recording.duration() > kLongestSong) {
    throw Error(ErrorCode::unsupported, "expected at most four hours of sound, found more; set start and end");
  }
  return recording;
}

/// Errors name the file in the data folder, which says nothing to a user.
std::string in_users_words(std::string message, const Task& task) {
  for (const char* name : {"song", "analysis", "written"}) {
    const std::string path = task.text(name);
    for (std::size_t at = path.empty() ? std::string::npos : message.find(path); at != std::string::npos;
         at = message.find(path)) {
      message.replace(at, path.size(), task.text("name"));
    }
  }
  return message;
}

Analysis hear(const Task& task, const TakeOptions& options, const Model& model) {
  if (fs::exists(task.path("analysis"))) return load_analysis(task.path("analysis"));
  const Recording recording = open_song(task, options.start, options.end);
  if (task.request.value("peaks", false)) {
    const bool whole = options.start == 0 && !options.end;
    write_peaks(whole ? recording : open_song(task, 0, std::nullopt), task.out / "peaks.json");
  }
  CoverOptions cover = options.cover();
  if (options.downbeat) {
    const std::vector<double> times = find_beats(recording, cover.beats, task.threads, monitor()).grid.times;
    const auto nearest = std::min_element(times.begin(), times.end(), [&](double a, double b) {
      return std::abs(a - *options.downbeat) < std::abs(b - *options.downbeat);
    });
    cover.beats.downbeat = static_cast<int>(nearest - times.begin()) + 1;
  }
  AnalysisOptions wanted = analysis_options(model, cover);
  wanted.melody = MelodyEvidence::heard;  // for other weights later
  Analysis analysis = analyse(recording, wanted, task.threads, monitor());
  save_analysis(analysis, task.out / "analysis");
  const auto& about = recording.description();
  tell({{"song",
         {{"title", about.title},
          {"artist", about.artist},
          {"duration", recording.duration() + options.start},
          {"tempo", analysis.rhythm.grid.tempo()},
          {"key", analysis.rhythm.key ? to_string(*analysis.rhythm.key) : ""}}}});
  return analysis;
}

Note edited_note(const Json& value, const BeatGrid& grid) {
  const auto last = static_cast<std::int64_t>(grid.size()) * kStepsPerBeat;
  const auto whole = [&](const char* name, std::int64_t least, std::int64_t most) {
    const Json found = value.value(name, Json());
    if (!found.is_number_integer() || found.get<std::int64_t>() < least || found.get<std::int64_t>() > most) {
      throw Error(ErrorCode::invalid_argument, std::string("edited note: ") + name + ": expected a whole number from " +
                                                   std::to_string(least) + " to " + std::to_string(most) + ", found " +
                                                   found.dump());
    }
    return found.get<std::int64_t>();
  };
  return {.onset = static_cast<std::int32_t>(whole("step", 0, last)),
          .duration = static_cast<std::int32_t>(whole("duration_steps", 1, last)),
          .pitch = static_cast<std::int16_t>(whole("pitch", 0, 127)),
          .velocity = static_cast<std::int16_t>(whole("velocity", 1, 127)),
          .voice = value.value("voice", std::string()) == "melody" ? Voice::melody : Voice::accompaniment,
          .hand = value.value("hand", std::string()) == "left" ? Hand::left : Hand::right};
}

/// The notes of the page instead of those of the arrangement.
void edit(PianoScore& piano, const Json& notes) {
  piano.score.notes.clear();
  for (const Json& note : notes) piano.score.notes.push_back(edited_note(note, piano.score.grid));
  if (piano.score.notes.empty()) throw Error(ErrorCode::nothing_found, "expected at least one note, found none");
  sort_notes(piano.score.notes);
  piano.changes.clear();
}

Json summary_of(const Cover& cover) {
  const Score& score = cover.piano.score;
  const BeatGrid& grid = score.grid;
  std::vector<std::string> remarks = cover.written.rhythm.remarks;
  remarks.insert(remarks.end(), cover.written.remarks.begin(), cover.written.remarks.end());
  return {{"style", score.style},
          {"level", cover.piano.level},
          {"key", score.key ? Json(to_string(*score.key)) : Json(nullptr)},
          {"tempo", cover.written.rhythm.grid.tempo()},
          {"beats_per_bar", grid.beats_per_bar},
          {"notes", score.notes.size()},
          {"bars", std::count(grid.numbers.begin(), grid.numbers.end(), 1)},
          {"duration", cover.written.duration},
          {"title", score.title},
          {"remarks", remarks}};
}

void write_files(const std::vector<PlannedFile>& files, const Task& task, const TakeOptions& options,
                 const Analysis& analysis, const Model& model, const Cover& cover, const Recording* song) {
  CoverFiles plan{.song = task.text("name"), .style = options.style, .files = files};
  const ComingInstrument instrument =
      load_instrument(std::span(&plan, 1), {.sample_rate = kSoundRate, .threads = task.threads});
  const CoverOptions how = options.cover();
  const CoverSource source{
      .recording = song,
      .analysis = analysis,
      .model = model,
      .options = how,
      .instrument = instrument,
      .about = {
          .file = task.text("name"), .program = "pop2piano " + task.text("version"), .midi_locked = options.lock}};
  const CoverFileOptions form{.lock = options.lock,
                              .pedal = options.pedal ? PedalMode::by_harmony : PedalMode::none,
                              .sheet = {.pedal = options.pedal, .fingering = options.fingering},
                              .sample_rate = kSoundRate,
                              .scratch = task.out};
  static_cast<void>(write_cover_files(plan, cover, source, form, {}, monitor()));
}

Json make_cover_files(const Task& task) {
  const TakeOptions options = take_options_of(task.request.at("options"));
  if (task.request.value("peaks_only", false)) {
    const Recording recording = open_song(task, 0, std::nullopt);
    write_peaks(recording, task.out / "peaks.json");
    tell({{"song",
           {{"title", recording.description().title},
            {"artist", recording.description().artist},
            {"duration", recording.duration()}}}});
    return Json::object();
  }
  const auto model = Model::load(find_model("default"), {});
  static_cast<void>(model->style_index(options.style));
  const Analysis analysis = hear(task, options, *model);
  Cover cover;
  if (fs::exists(task.path("written"))) {
    cover.written = load_written(task.path("written"));
  } else {
    cover.written = write(analysis, *model, options.style, options.cover().writing, task.threads, monitor());
    save_written(cover.written, task.out / "written");
  }
  std::string& title = cover.written.score.title;
  title = !options.title.empty() ? options.title : !task.text("title").empty() ? task.text("title") : title;
  cover.piano = arrange(cover.written, options.cover().piano);
  if (const Json& notes = task.request.value("edits", Json()); notes.is_array()) edit(cover.piano, notes);
  if (task.text("task") == "cover") {
    write_files({{OutputKind::midi, task.out / "cover.mid"},
                 {OutputKind::musicxml, task.out / "score.musicxml"},
                 {OutputKind::json, task.out / "report.json"}},
                task, options, analysis, *model, cover, nullptr);
  }
  Json summary = summary_of(cover);
  if (task.request.value("sound", false)) {
    tell({{"take", summary}});
    const Recording song = open_song(task, options.start, options.end);
    write_files({{OutputKind::flac, task.out / "piano.flac"}, {OutputKind::mix_flac, task.out / "mix.flac"}}, task,
                options, analysis, *model, cover, &song);
  }
  return summary;
}

/// mix.flac -> mix.opus, mix.mp3, mix.wav.
Json encode(const Task& task) {
  const fs::path target = task.out / task.text("file");
  encode_sound(task.path("take") / (target.stem().string() + ".flac"), target);
  return Json::object();
}

Json make_pages(const Task& task) {
  const fs::path folder = task.out / "pages";
  fs::create_directory(folder);
  write_pages(task.path("take") / "score.musicxml", task.out / "score.pdf", folder);
  return Json::object();
}

Json make_zip(const Task& task) {
  std::vector<ZipEntry> entries;
  for (const char* name : {"score.musicxml", "cover.mid", "report.json", "mix.flac", "piano.flac", "score.pdf"}) {
    if (fs::exists(task.path("take") / name)) entries.push_back({.name = name, .file = task.path("take") / name});
  }
  write_zip(task.out / "cover.zip", entries);
  return Json::object();
}

/// Every third key at two strengths, one after the other.
Json make_instrument(const Task& task) {
  constexpr double kEach = 3.0, kHeld = 2.4;
  std::vector<TimedEvent> events;
  Json notes = Json::array();
  double at = 0;
  for (int pitch = 21; pitch <= 108; pitch += 3) {
    for (const int velocity : {50, 100}) {
      const auto key = static_cast<std::uint8_t>(pitch), force = static_cast<std::uint8_t>(velocity);
      events.push_back({.seconds = at, .status = 0x90, .data1 = key, .data2 = force});
      events.push_back({.seconds = at + kHeld, .status = 0x80, .data1 = key, .data2 = 0});
      notes.push_back({{"pitch", pitch}, {"velocity", velocity}, {"start", at}});
      at += kEach;
    }
  }
  render_wav(events, task.out / "instrument.wav", RenderOptions{.threads = task.threads}, monitor());
  encode_sound(task.out / "instrument.wav", task.out / "instrument.flac");
  fs::remove(task.out / "instrument.wav");
  write_file(task.out / "instrument.json",
             Json({{"url", "/api/v1/instrument.flac"}, {"seconds_each", kEach}, {"notes", notes}}).dump());
  return Json::object();
}

Json done_by(const Task& task) {
  const std::string name = task.text("task");
  if (name == "cover" || name == "sound") return make_cover_files(task);
  if (name == "encode") return encode(task);
  if (name == "pdf") return make_pages(task);
  if (name == "zip") return make_zip(task);
  if (name == "instrument") return make_instrument(task);
  throw Error(ErrorCode::invalid_argument, "unknown task " + name);
}

}  // namespace

int work() {
  Task task;
  try {
    std::ostringstream text;
    text << std::cin.rdbuf();
    task.request = Json::parse(text.str());
    task.out = task.path("out");
    task.threads = task.request.value("threads", 0);
    confine_to(task);
    tell({{"done", done_by(task)}});
    return 0;
  } catch (const std::bad_alloc&) {
    tell({{"error", task.text("name") + ": more memory is needed than a worker may have"}});
  } catch (const std::exception& error) {
    tell({{"error", in_users_words(error.what(), task)}});
  }
  return 1;
}

}  // namespace pop2piano::serve
