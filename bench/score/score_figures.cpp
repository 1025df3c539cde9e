// SPDX-License-Identifier: MIT
// Figures of the score module on POP909: score_figures POP909_FOLDER [SONGS] [OUTPUT_FOLDER]. With an output folder the
// first songs are also written as MusicXML and MIDI, to look at.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/core/random.h"
#include "level_table.h"
#include "music/arrange/arranging.h"
#include "music/arrange/difficulty.h"
#include "music/arrange/dynamics.h"
#include "music/arrange/hands.h"
#include "music/arrange/held_melody.h"
#include "music/score/clean_notes.h"
#include "music/score/harmony.h"
#include "music/score/key.h"
#include "music/score/key_spans.h"
#include "music/score/quantise.h"
#include "music/score/spelling.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/score_midi.h"
#include "pop909_song.h"

namespace pop2piano {
namespace {

constexpr std::size_t kWrittenSongs = 8;

/// MIREX: 1 exact, 0.5 fifth, 0.3 relative, 0.2 parallel.
double mirex_key(const Key& found, const Key& truth) {
  const int a = tonic_pitch_class(found), b = tonic_pitch_class(truth);
  if (a == b) return found.minor == truth.minor ? 1.0 : 0.2;
  if (found.minor == truth.minor) return (a - b + 12) % 12 == 7 || (b - a + 12) % 12 == 7 ? 0.5 : 0.0;
  return found.fifths == truth.fifths ? 0.3 : 0.0;
}

/// How much of the melody's time the highest note of a level has its pitch class, in steps.
struct MelodyKept {
  double steps = 0.0, kept = 0.0;
};

struct Figures {
  LevelTable levels;
  std::array<MelodyKept, kFullLevel> melody_kept;
  double in_long_rows = 0.0;  // share of the melody's notes, summed over songs
  std::size_t songs = 0, single_key_songs = 0, key_exact = 0, key_relative = 0;
  double key_mirex = 0.0;
  std::size_t notes = 0, instants_unplayable = 0, shortened = 0, moved = 0, dropped = 0;
  double hands_seconds = 0.0, write_seconds = 0.0, slowest_hands = 0.0;
  double worst_beat_error = 0.0;
  std::size_t on_step = 0, on_grid = 0;
  double chord_seconds = 0.0, chord_agreement = 0.0;
  double one_signature_mirex = 0.0;  // of the key that the spans begin with
  std::size_t one_signature_right = 0;
  std::size_t steady_songs = 0;                                           // with one key, in which no change was found
  double changing_seconds = 0.0, one_key_right = 0.0, spans_right = 0.0;  // of songs that change their key
  std::size_t names = 0, names_right = 0, scale_names = 0, scale_right = 0;
  std::size_t read_back = 0, read_back_right = 0;
  std::size_t staff_notes = 0, staff_same = 0;
  double whole_seconds = 0.0, slowest_whole = 0.0, slowest_minutes = 0.0;
};

/// Of processor time, so that what else runs does not count.
template <typename Work>
double seconds_of(Work&& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void measure_key(const Pop909Song& song, Figures& figures) {
  if (song.keys.size() != 1) return;
  ++figures.single_key_songs;
  const Key found = find_key(song.score.notes);
  figures.key_mirex += mirex_key(found, song.keys[0].key);
  const bool exact = mirex_key(found, song.keys[0].key) == 1.0;
  figures.key_exact += exact ? 1 : 0;
  figures.key_relative += !exact && found.fifths == song.keys[0].key.fifths ? 1 : 0;
}

int majmin(const std::string& name);

/// Signatures over time: songs with one key should stay in it, others should change where they do.
void measure_key_spans(const Pop909Song& song, Figures& figures) {
  const BeatGrid& grid = song.score.grid;
  const Key whole = find_key(song.score.notes);
  const std::vector<KeySpan> spans = find_key_spans(song.score.notes, grid);
  if (song.keys.size() == 1) {
    figures.steady_songs += spans.size() == 1 ? 1 : 0;
    figures.one_signature_mirex += mirex_key(spans.front().key, song.keys[0].key);
    figures.one_signature_right += spans.front().key.fifths == song.keys[0].key.fifths ? 1 : 0;
  }
  if (song.keys.size() < 2) return;
  Score keyed;
  keyed.key = whole;
  keyed.keys = spans;
  for (int beat = 0; beat + 1 < static_cast<int>(grid.size()); ++beat) {
    const double time = grid.time_at(beat + 0.5), length = grid.time_at(beat + 1) - grid.time_at(beat);
    const auto truth = std::find_if(song.keys.begin(), song.keys.end(),
                                    [&](const AnnotatedKey& k) { return k.start <= time && time < k.end; });
    if (truth == song.keys.end()) continue;
    figures.changing_seconds += length;
    figures.one_key_right += whole.fifths == truth->key.fifths ? length : 0.0;
    figures.spans_right += key_at(keyed, beat).fifths == truth->key.fifths ? length : 0.0;
  }
}

/// Names of the melody's notes, the key given: scale degrees as in the scale, other notes as tones of the annotated
/// chord. Notes that are neither have no right name here.
void measure_spelling(const Pop909Song& song, Figures& figures) {
  if (song.keys.size() != 1) return;
  const Key key = song.keys[0].key;
  const auto names = spell_notes(song.score.notes, key, find_chords(song.score.notes, song.score.grid));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Note& note = song.score.notes[i];
    if (note.voice != Voice::melody) continue;
    const int degree = ((note.pitch * 7 - key.fifths + 1) % 12 + 12) % 12 - 1;  // on the line of fifths, -1..10
    std::optional<SpelledPitch> right;
    if (degree <= 5) {
      right = spell_at(note.pitch, key.fifths + degree);
      ++figures.scale_names;
      figures.scale_right += names[i] == *right ? 1 : 0;
    } else {
      const double time = song.score.grid.time_at(static_cast<double>(note.onset) / kStepsPerBeat);
      const auto chord = std::find_if(song.chords.begin(), song.chords.end(),
                                      [&](const AnnotatedChord& c) { return c.start <= time && time < c.end; });
      if (chord == song.chords.end() || majmin(chord->name) < 0) continue;
      const int kind = majmin(chord->name);
      const ChordSpan span{.root = kind % 12, .quality = kind < 12 ? ChordQuality::major : ChordQuality::minor};
      if (!chord_tone_name(span, note.pitch)) continue;
      right = spell_in_chord(note.pitch, span, key);
    }
    ++figures.names;
    figures.names_right += names[i] == *right ? 1 : 0;
  }
}

/// -1: none, 0..11 major, 12..23 minor; -2: neither (suspended and the like), left out as mir_eval does.
int majmin(int root, ChordQuality quality) {
  switch (quality) {
    case ChordQuality::none:
      return -1;
    case ChordQuality::major:
    case ChordQuality::dominant_seventh:
    case ChordQuality::major_seventh:
      return root;
    case ChordQuality::minor:
    case ChordQuality::minor_seventh:
      return 12 + root;
    default:
      return -2;
  }
}

int majmin(const std::string& name) {
  if (name == "N") return -1;
  const auto colon = name.find(':');
  const int root = pitch_class_of(name.substr(0, colon));
  const std::string quality = name.substr(colon + 1, 3);
  if (quality == "maj" || quality[0] == '7' || quality[0] == '9') return root;
  return quality == "min" && name.substr(colon + 1).rfind("minmaj", 0) != 0 ? 12 + root : -2;
}

void measure_chords(const Pop909Song& song, Figures& figures) {
  const BeatGrid& grid = song.score.grid;
  for (const ChordSpan& chord : find_chords(song.score.notes, grid)) {
    for (int beat = chord.first_beat; beat < chord.first_beat + chord.beats; ++beat) {
      for (const double part : {0.25, 0.75}) {
        const double time = grid.time_at(beat + part);
        const auto truth = std::find_if(song.chords.begin(), song.chords.end(),
                                        [&](const AnnotatedChord& c) { return c.start <= time && time < c.end; });
        if (truth == song.chords.end() || majmin(truth->name) == -2) continue;
        const double length = grid.time_at(beat + 1) - grid.time_at(beat);
        figures.chord_seconds += length;
        if (majmin(truth->name) == majmin(chord.root, chord.quality)) figures.chord_agreement += length;
      }
    }
  }
}

/// [steps] the highest sounding pitch, -1 where nothing sounds.
std::vector<int> top_line(const std::vector<Note>& notes, int steps, bool melody_only) {
  std::vector<int> line(static_cast<std::size_t>(steps), -1);
  for (const Note& note : notes) {
    if (melody_only && note.voice != Voice::melody) continue;
    for (int step = std::max(0, note.onset); step < std::min(steps, note.offset()); ++step) {
      line[static_cast<std::size_t>(step)] = std::max<int>(line[static_cast<std::size_t>(step)], note.pitch);
    }
  }
  return line;
}

void measure_levels(const Score& whole, Figures& figures) {
  const int steps = static_cast<int>(whole.grid.size()) * kStepsPerBeat;
  const std::vector<int> melody = top_line(whole.notes, steps, true);
  SongLevels levels;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    levels[i] = whole;
    arrange_for_piano(levels[i], {.level = static_cast<int>(i) + 1});
    const std::vector<int> top = top_line(levels[i].notes, steps, false);
    for (std::size_t step = 0; step < melody.size(); ++step) {
      if (melody[step] < 0) continue;
      figures.melody_kept[i].steps += 1.0;
      figures.melody_kept[i].kept += top[step] >= 0 && (top[step] - melody[step]) % 12 == 0 ? 1.0 : 0.0;
    }
  }
  figures.levels.add(levels);
}

Score read_back(const Score& score) {
  const std::string text = score_to_musicxml(score);
  return score_from_musicxml(std::as_bytes(std::span(text.data(), text.size())), "own score").score;
}

/// The step of the first note of a score against that of what was read back from it: bars begin later there.
int first_onset(const Score& score) {
  return std::min_element(score.notes.begin(), score.notes.end(),
                          [](const Note& a, const Note& b) { return a.onset < b.onset; })
      ->onset;
}

/// The score that is written from the quantised notes, read again: are the true onsets in it?
void measure_reading_back(const Score& truth, Score noisy, Figures& figures) {
  for (Note& note : noisy.notes) note.hand = note.pitch >= 60 ? Hand::right : Hand::left;
  clean_notes(noisy.notes);
  const Score read = read_back(noisy);
  const int shift = first_onset(noisy) - first_onset(read);
  std::set<std::pair<int, int>> written;
  for (const Note& note : read.notes) written.insert({note.onset + shift, note.pitch});
  for (const Note& note : truth.notes) {
    if (note.onset % 3 != 0 && note.onset % 4 != 0) continue;
    ++figures.read_back;
    figures.read_back_right += written.count({note.onset, note.pitch});
  }
}

/// Hands found anew from our own page against its staves.
void measure_staves(const Score& score, Figures& figures) {
  Score read = read_back(score);
  const std::vector<Note> page = read.notes;
  for (Note& note : read.notes) note.hand = Hand::unassigned;
  assign_hands(read.notes);
  std::map<std::pair<int, int>, Hand> found;
  for (const Note& note : read.notes) found[{note.onset, note.pitch}] = note.hand;
  for (const Note& note : page) {
    const auto same = found.find({note.onset, note.pitch});
    ++figures.staff_notes;
    figures.staff_same += same != found.end() && same->second == note.hand ? 1 : 0;
  }
}

/// Played with 20 ms of human timing noise, how many onsets come back to their step?
void measure_quantiser(const Score& score, Figures& figures) {
  Random random(figures.songs);
  std::vector<double> onsets;
  for (const Note& note : score.notes) {
    const double time = score.grid.time_at(static_cast<double>(note.onset) / kStepsPerBeat) + 0.02 * random.normal();
    onsets.push_back(score.grid.beat_at(time));
  }
  const Quantiser quantiser(onsets);
  for (std::size_t i = 0; i < onsets.size(); ++i) {
    const int onset = score.notes[i].onset;
    if (onset % 3 != 0 && onset % 4 != 0) continue;  // rolled chords and ornaments have no right step
    ++figures.on_grid;
    figures.on_step += quantiser.step(onsets[i]) == onset ? 1 : 0;
  }
  Score noisy = score;
  for (std::size_t i = 0; i < onsets.size(); ++i) noisy.notes[i].onset = quantiser.step(onsets[i]);
  measure_reading_back(score, noisy, figures);
}

void measure_hands(Score& score, Figures& figures) {
  std::vector<NoteChange> changes;
  const double seconds = seconds_of([&] { changes = assign_hands(score.notes); });
  figures.hands_seconds += seconds;
  figures.slowest_hands = std::max(figures.slowest_hands, seconds);
  figures.instants_unplayable += count_unplayable(score.notes);
  for (const NoteChange& change : changes) {
    figures.shortened += change.kind == ChangeKind::shortened ? 1 : 0;
    figures.moved += change.kind == ChangeKind::moved ? 1 : 0;
    figures.dropped += change.kind == ChangeKind::dropped ? 1 : 0;
  }
}

/// All that happens between the network's notes and the files.
void measure_whole(Score score, Figures& figures) {
  const double seconds = seconds_of([&] {
    arrange_for_piano(score);
    set_velocities(score, {});
    (void)score_to_musicxml(score);
    (void)serialize_midi(score_to_midi(score));
  });
  figures.whole_seconds += seconds;
  if (seconds < figures.slowest_whole) return;
  figures.slowest_whole = seconds;
  figures.slowest_minutes = (score.grid.times.back() - score.grid.times.front()) / 60.0;
}

void measure(Pop909Song song, Figures& figures, const char* output) {
  ++figures.songs;
  figures.notes += song.score.notes.size();
  measure_key(song, figures);
  measure_key_spans(song, figures);
  measure_spelling(song, figures);
  song.score.key = find_key(song.score.notes);
  measure_whole(song.score, figures);
  measure_chords(song, figures);
  figures.in_long_rows += share_in_long_rows(song.score.notes);
  measure_quantiser(song.score, figures);
  measure_levels(song.score, figures);
  measure_hands(song.score, figures);
  measure_staves(song.score, figures);
  set_velocities(song.score, {});
  figures.write_seconds += seconds_of([&] {
    (void)score_to_musicxml(song.score);
    figures.worst_beat_error =
        std::max(figures.worst_beat_error, midi_beat_error(score_to_midi(song.score), song.score.grid));
  });
  if (output == nullptr || figures.songs > kWrittenSongs) return;
  const std::string stem = std::string(output) + "/" + song.number;
  for (const int level : {kEasyLevel, kMediumLevel}) {
    Score simple = song.score;
    arrange_for_piano(simple, {.level = level});
    set_velocities(simple, {});
    write_musicxml(stem + ".level" + std::to_string(level) + ".musicxml", simple);
  }
  write_musicxml(stem + ".musicxml", song.score);
  write_midi(stem + ".mid", song.score);
}

void print(const Figures& f) {
  const auto percent = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  std::printf("songs                       %zu, notes %zu\n", f.songs, f.notes);
  std::printf("key exact                   %.1f %% of %zu songs with one key\n",
              percent(f.key_exact, f.single_key_songs), f.single_key_songs);
  std::printf("key exact or relative       %.1f %%\n", percent(f.key_exact + f.key_relative, f.single_key_songs));
  std::printf("key MIREX score             %.3f\n",
              f.key_mirex / static_cast<double>(std::max<std::size_t>(1, f.single_key_songs)));
  std::printf("no change of key found      %.1f %% of songs with one key\n",
              percent(f.steady_songs, f.single_key_songs));
  std::printf("key by the spans            %.1f %% right signature, MIREX score %.3f\n",
              percent(f.one_signature_right, f.single_key_songs),
              f.one_signature_mirex / static_cast<double>(std::max<std::size_t>(1, f.single_key_songs)));
  if (f.changing_seconds > 0.0) {
    std::printf("signature right             %.1f %% of the time of songs that change it (with one key %.1f %%)\n",
                100.0 * f.spans_right / f.changing_seconds, 100.0 * f.one_key_right / f.changing_seconds);
  }
  std::printf("spelling of the melody        %.2f %% of %zu notes (of scale degrees %.2f %%)\n",
              percent(f.names_right, f.names), f.names, percent(f.scale_right, f.scale_names));
  std::printf("chords (majmin)             %.1f %% of the time\n", 100.0 * f.chord_agreement / f.chord_seconds);
  std::printf("on the right step           %.1f %% of onsets on 16ths or triplets, with 20 ms of noise\n",
              percent(f.on_step, f.on_grid));
  std::printf("read back from the page     %.1f %% of these onsets, with their pitch\n",
              percent(f.read_back_right, f.read_back));
  std::printf("same staff found again      %.2f %% of %zu notes of our own pages\n",
              percent(f.staff_same, f.staff_notes), f.staff_notes);
  std::printf("unplayable instants         %zu\n", f.instants_unplayable);
  std::printf("notes shortened             %.2f %%\n", percent(f.shortened, f.notes));
  std::printf("notes moved by octaves      %.2f %%\n", percent(f.moved, f.notes));
  std::printf("notes dropped               %.2f %%\n", percent(f.dropped, f.notes));
  std::printf("hands                       %.1f ms a song, at most %.1f ms\n",
              1e3 * f.hands_seconds / static_cast<double>(f.songs), 1e3 * f.slowest_hands);
  std::printf("MusicXML and MIDI           %.1f ms a song\n", 1e3 * f.write_seconds / static_cast<double>(f.songs));
  std::printf("arrange and write, all      %.1f ms a song, at most %.1f ms (a song of %.1f minutes)\n",
              1e3 * f.whole_seconds / static_cast<double>(f.songs), 1e3 * f.slowest_whole, f.slowest_minutes);
  std::printf("MIDI beat error             %.6f ms at most\n", 1e3 * f.worst_beat_error);
  std::printf("melody in rows of over %d      %.2f %% of its notes\n", kLongestRow,
              100.0 * f.in_long_rows / static_cast<double>(f.songs));
  f.levels.print();
  std::printf("melody on top, by level      ");
  for (const MelodyKept& level : f.melody_kept)
    std::printf("  %.1f %%", 100.0 * level.kept / std::max(1.0, level.steps));
  std::printf("\n");
}

int run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: score_figures POP909_FOLDER [SONGS] [OUTPUT_FOLDER]\n");
    return 2;
  }
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  if (argc > 2) folders.resize(std::min(folders.size(), static_cast<std::size_t>(std::max(1, std::atoi(argv[2])))));
  Figures figures;
  for (const auto& folder : folders) measure(read_pop909(folder), figures, argc > 3 ? argv[3] : nullptr);
  print(figures);
  return 0;
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  try {
    return pop2piano::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
