// SPDX-License-Identifier: MIT
#include "app/trainer/harmony_measure.h"

#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "learning/dataset/record_set.h"
#include "learning/studio/sound_coding.h"
#include "learning/train_harmony/harmony_measures.h"
#include "learning/train_harmony/harmony_songs.h"
#include "listening/harmony/chord_fit.h"
#include "listening/harmony/chord_recognition.h"
#include "listening/harmony/hpcp.h"
#include "listening/rhythm/beats_file.h"
#include "music/score/chord_label.h"

namespace pop2piano::training::app {
namespace {

struct MeasureArguments {
  std::string network, split = "test";
  std::vector<std::string> records;
  bool templates = false;
};

struct HearArguments {
  std::string network, song, beats;
};

constexpr std::size_t kSteps = 12;  // to a beat

KnownHarmony known_harmony(const SongView& view, std::size_t beats) {
  const auto values = [&](std::string_view name) {
    const TensorView* tensor = view.record.find(name);
    if (tensor == nullptr) {
      throw Error(ErrorCode::malformed, view.description.song + ": no tensor " + std::string(name) +
                                            "; make the records anew with `pop2piano synthesize`");
    }
    return tensor;
  };
  const auto chords = values(kChordTensor)->as<std::int32_t>(ElementType::i32);
  const auto bass = values(kBassTensor)->as<float>(ElementType::f32);
  KnownHarmony known;
  for (std::size_t b = 0; b < std::min(beats, chords.size() / 3); ++b) {
    const auto chord = chords.subspan(3 * b, 3);
    const auto root = static_cast<unsigned>(std::max(0, chord[0])), set = static_cast<unsigned>(chord[1]) & 0xFFFU;
    known.chords.push_back(
        majmin_of(chord[0], static_cast<std::uint16_t>((set >> root | set << (12 - root)) & 0xFFFU)));
    known.chord_bass.push_back(chord[0] < 0 ? -1 : chord[2]);
    int pitch = 0;  // players are a little early or late: the first of three steps that sounds
    for (std::size_t k = b * kSteps + 1; k < std::min(b * kSteps + 4, bass.size()) && pitch == 0; ++k)
      pitch = static_cast<int>(bass[k]);
    known.bass.push_back(pitch);
  }
  return known;
}

std::vector<float> sound_of(const SongView& view) {
  const TensorView* sound = view.record.find(kAudioTensor);
  if (sound == nullptr) {
    throw Error(ErrorCode::malformed,
                view.description.song + ": no sound in the record; make it with `synthesize --audio`");
  }
  return decode_flac(sound->bytes);
}

// What `evaluate` hears between the beats `times`; the root stands for the bass.
HarmonyByBeat heard_by_templates(std::span<const float> samples, std::span<const double> times, ThreadPool& pool) {
  const HpcpOptions options{.tuning = estimate_tuning(samples, HpcpOptions{}.sample_rate)};
  const auto chords = recognise_chords(compute_hpcp(samples, options, pool));
  HarmonyByBeat heard;
  for (std::size_t b = 0; b + 1 < times.size(); ++b) {
    const double middle = 0.5 * (times[b] + times[b + 1]);
    const auto found = std::ranges::find_if(chords, [&](const LabelledChord& chord) { return middle < chord.end; });
    const Chord chord = found == chords.end() ? Chord{} : parse_chord(found->label);
    heard.chords.push_back(majmin_of(chord.root, static_cast<std::uint16_t>(chord.intervals.to_ulong())));
    heard.chord_bass.push_back(chord.root);
    heard.bass.push_back(chord.root + 36);
  }
  return heard;
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

void print(const char* what, const HarmonyMeasures& m) {
  fmt::print(
      "{:<10} majmin {:.3f} of {} beats; bass {:.3f}, with its octave {:.3f}, of {} beats; the chord's bass {:.3f}, "
      "as the lowest line {:.3f}, of {} beats\n",
      what, share(m.chords, m.beats), m.beats, share(m.bass_right, m.bass_beats), share(m.bass_octaves, m.bass_beats),
      m.bass_beats, share(m.chord_bass, m.chord_beats), share(m.lowest_is_bass, m.chord_beats), m.chord_beats);
}

void measure(const MeasureArguments& a, const CancelToken& cancel) {
  const auto network = HarmonyNetwork::load(a.network);
  const std::vector<std::filesystem::path> paths(a.records.begin(), a.records.end());
  const RecordSet set = RecordSet::open(paths);
  ThreadPool pool(0);
  HarmonyMeasures by_network, on_path, by_templates;
  std::size_t songs = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    cancel.check();
    const SongView view = set.song(i);
    if (view.description.split != a.split) continue;
    ++songs;
    const std::size_t beats = view.description.beat_times.size() - 1;
    const KnownHarmony known = known_harmony(view, beats);
    const HeardHarmony heard = network->run(harmony_levels(view), pool);
    add_harmony(by_network, known, harmony_by_beat(heard, beats));
    add_harmony(on_path, known,
                harmony_on_path(heard, chord_fits(harmony_levels(view), beats),
                                std::span(view.description.beat_numbers).first(beats)));
    if (a.templates)
      add_harmony(by_templates, known, heard_by_templates(sound_of(view), view.description.beat_times, pool));
  }
  if (songs == 0) throw Error(ErrorCode::nothing_found, a.records.front() + ": no song of the split " + a.split);
  fmt::print("{}: {} songs\n", a.network, songs);
  print("network", by_network);
  print("its path", on_path);
  if (a.templates) print("templates", by_templates);
}

std::string majmin_name(int chord) {
  constexpr std::array kNames{"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};
  if (chord < 0 || chord == kMajminNone) return "N";
  return fmt::format("{}:{}", kNames[static_cast<std::size_t>(chord % 12)], chord < 12 ? "maj" : "min");
}

// A line for each beat: its time, the chord that the network hears, the bass, what templates hear.
void hear(const HearArguments& a) {
  const auto network = HarmonyNetwork::load(a.network);
  const Waveform sound = Recording::open(a.song).read_all();
  const BeatGrid grid = read_beats_file(a.beats);
  float peak = 1e-9F;
  for (const float x : sound.samples) peak = std::max(peak, std::abs(x));
  ThreadPool pool(0);
  HarmonyFrameExtractor extractor(grid.times, 0.7F / peak, pool);
  extractor.push(sound.samples);
  const Matrix<std::uint8_t> levels = extractor.finish();
  const HarmonyByBeat heard = harmony_by_beat(network->run(levels.view(), pool), grid.size() - 1);
  const HarmonyByBeat templates = heard_by_templates(sound.samples, grid.times, pool);
  for (std::size_t b = 0; b + 1 < grid.size(); ++b) {
    fmt::print("{:.3f}\t{}\t{}\t{}\t{}\n", grid.times[b], majmin_name(heard.chords[b]), heard.chord_bass[b],
               heard.bass[b], majmin_name(templates.chords[b]));
  }
}

}  // namespace

void add_measure_harmony(CLI::App& program, const CancelToken& cancel) {
  const auto a = std::make_shared<MeasureArguments>();
  auto* command = program.add_subcommand("measure-harmony", "How bass and chords of rendered songs are heard");
  command->add_option("NETWORK", a->network, "harmony.safetensors")->required();
  command->add_option("RECORDS", a->records, "Record files or folders")->required();
  command->add_option("--split", a->split, "Songs of this part")
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "validation", "test"}));
  command->add_flag("--templates", a->templates, "Also what `pop2piano evaluate` hears (needs the sound)");
  command->callback([a, &cancel] { measure(*a, cancel); });
  const auto h = std::make_shared<HearArguments>();
  auto* hears = program.add_subcommand("hear-harmony",
                                       "What is heard in a recording, a line for each beat: time, chord, "
                                       "pitch class of its bass, bass (MIDI), chord by templates");
  hears->add_option("NETWORK", h->network, "harmony.safetensors")->required();
  hears->add_option("SONG", h->song, "Any file with sound")->required();
  hears->add_option("BEATS", h->beats, "Beat times, as `pop2piano beats` prints them")->required();
  hears->callback([h] { hear(*h); });
}

}  // namespace pop2piano::training::app
