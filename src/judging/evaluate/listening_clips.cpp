// SPDX-License-Identifier: MIT
#include "judging/evaluate/listening_clips.h"

#include <pop2piano/audio.h>
#include <pop2piano/error.h>
#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/evaluate/listening_test.h"
#include "music/scorefiles/midi_file.h"
#include "sound/audio/wav_writer.h"
#include "sound/render/loudness.h"

namespace pop2piano {
namespace {

constexpr int kRate = 44100;
constexpr double kLoudness = -23.0;  // LUFS of every clip; EBU R 128

std::vector<TimedEvent> events_of_notes(const std::filesystem::path& midi) {
  std::vector<TimedEvent> events;
  for (const PlayedNote& note : read_note_file(midi).notes) {
    const auto pitch = static_cast<std::uint8_t>(std::clamp(note.pitch, 0.0, 127.0));
    events.push_back({note.onset, 0x90, pitch, static_cast<std::uint8_t>(std::clamp(note.velocity, 1, 127))});
    events.push_back({note.offset, 0x80, pitch, 0});
  }
  return events;
}

// The part of a sound file that is heard, all brought to one loudness, with short fades.
void write_clip(const std::filesystem::path& source, const std::filesystem::path& target,
                const ListeningTestOptions& options, const Monitor& monitor) {
  const RecordingOptions part{.sample_rate = kRate, .start = options.start, .end = options.start + options.seconds};
  std::vector<float> samples = Recording::open(source, part, monitor).read_all().samples;
  LoudnessMeter meter(kRate);
  meter.push(samples);
  float peak = 0.0F;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  double gain = std::isfinite(meter.integrated()) ? std::pow(10.0, (kLoudness - meter.integrated()) / 20.0) : 1.0;
  if (peak > 0.0F) gain = std::min(gain, 0.98 / static_cast<double>(peak));
  const std::size_t fade = std::min<std::size_t>(samples.size() / 2, kRate / 50);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t edge = std::min(i, samples.size() - 1 - i);
    samples[i] *=
        static_cast<float>(gain * (edge < fade ? static_cast<double>(edge) / static_cast<double>(fade) : 1.0));
  }
  WavWriter writer(target, {.sample_rate = kRate, .channels = 1});
  writer.write(samples);
  writer.commit();
}

// `instrument`: for MIDI covers, loaded by the first of them.
void write_cover_clip(const std::filesystem::path& cover, const std::filesystem::path& target,
                      const ListeningTestOptions& options, std::optional<LoadedInstrument>& instrument,
                      const Monitor& monitor) {
  if (!is_midi_file(cover)) return write_clip(cover, target, options, monitor);
  const std::filesystem::path whole = target.string() + ".whole.wav";
  if (!instrument) instrument = LoadedInstrument::load({.soundfont = options.soundfont});
  render_wav(events_of_notes(cover), whole, *instrument, monitor);
  try {
    write_clip(whole, target, options, monitor);
  } catch (...) {
    std::filesystem::remove(whole);
    throw;
  }
  std::filesystem::remove(whole);
}

std::vector<ListeningClip> clips_of(const std::vector<CoverQuery>& queries, const std::string& manifest) {
  std::vector<ListeningClip> clips;
  for (const CoverQuery& query : queries) {
    if (query.group.empty()) {
      throw Error(ErrorCode::malformed,
                  manifest + ": expected the system in column group for " + query.cover.string() + ", found nothing");
    }
    const std::string song = query.song ? query.song->string() : query.cover.stem().string();
    clips.push_back({"", song, query.group, query.cover.string(), ""});
  }
  return clips;
}

bool has_song(const std::vector<CoverQuery>& queries, const std::string& song) {
  return std::any_of(queries.begin(), queries.end(),
                     [&](const CoverQuery& query) { return query.song && query.song->string() == song; });
}

}  // namespace

ListeningTestFiles write_listening_test(const std::vector<CoverQuery>& queries, const std::string& manifest,
                                        const std::filesystem::path& folder, const ListeningTestOptions& options,
                                        const Monitor& monitor) {
  const Monitor quiet{.progress = {}, .cancel = monitor.cancel};  // of the steps
  std::vector<ListeningClip> clips = clips_of(queries, manifest);
  std::map<std::pair<std::string, std::string>, std::string> cover_of;  // song, system -> file
  for (const ListeningClip& clip : clips) cover_of[{clip.song, clip.system}] = clip.sound;
  clips = shuffled_clips(std::move(clips), options.seed);
  std::filesystem::create_directories(folder / "clips");
  std::map<std::string, std::string> song_sounds;
  std::optional<LoadedInstrument> instrument;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    monitor.report("clips", static_cast<double>(i) / static_cast<double>(clips.size()));
    ListeningClip& clip = clips[i];
    write_cover_clip(cover_of[{clip.song, clip.system}], folder / clip.sound, options, instrument, quiet);
    if (!has_song(queries, clip.song)) continue;
    const auto [at, is_new] =
        song_sounds.try_emplace(clip.song, fmt::format("clips/song{}.wav", song_sounds.size() + 1));
    if (is_new) write_clip(clip.song, folder / at->second, options, quiet);
    clip.song_sound = at->second;
  }
  monitor.report("clips", 1.0);
  ListeningTestFiles files{.page = folder / "index.html", .key = folder / "key.tsv", .clips = clips.size()};
  write_file(files.page, listening_page(clips, options.title, options.seed));
  write_file(files.key, listening_key(clips));
  return files;
}

}  // namespace pop2piano
