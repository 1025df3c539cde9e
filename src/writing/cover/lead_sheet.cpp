// SPDX-License-Identifier: MIT
#include "writing/cover/lead_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/core/thread_pool.h"
#include "music/arrange/held_melody.h"
#include "writing/writer/write_song.h"

namespace pop2piano {
namespace {

BeatChord told(const BeatHarmony& heard) {
  if (heard.root < 0) return {.kind = BeatChord::Kind::none};
  return {.kind = BeatChord::Kind::chord, .root = heard.root, .bass = heard.bass, .pitch_classes = heard.pitch_classes};
}

constexpr int kLowestTop = 60;  // middle C

// What the listening network plays on top while the melody rests: answers, riffs, what it took for no melody. The
// highest of each onset at which no melody note sounds, from middle C on.
std::vector<Note> top_line_of(std::span<const Note> notes) {
  std::vector<Note> top;
  int melody_until = 0, at = -1;
  for (const Note& note : notes) {  // of one onset the melody comes first, then from high to low
    if (note.voice == Voice::melody) {
      melody_until = std::max(melody_until, note.offset());
    } else if (note.onset >= melody_until && note.onset != at && note.pitch >= kLowestTop) {
      top.push_back(note);
    }
    at = note.onset;
  }
  return top;
}

std::vector<Note> melody_of(std::span<const Note> notes, const BeatGrid& grid) {
  std::vector<Note> melody = top_line_of(notes);
  std::ranges::copy_if(notes, std::back_inserter(melody), [](const Note& note) { return note.voice == Voice::melody; });
  static_cast<void>(hold_repeated_melody(melody, grid));
  return melody;
}

// Leaves out what lies as high as the top line while that sounds, or higher.
void keep_below(std::vector<Note>& text, std::span<const Note> top) {
  std::erase_if(text, [&](const Note& note) {
    return std::ranges::any_of(top, [&](const Note& over) {
      return over.onset < note.offset() && note.onset < over.offset() && note.pitch >= over.pitch;
    });
  });
}

// Leaves out what strikes a key that the melody holds: the melody would end there.
void let_melody_sound(std::vector<Note>& text, std::span<const Note> notes) {
  std::erase_if(text, [&](const Note& note) {
    return std::ranges::any_of(notes, [&](const Note& sung) {
      return sung.voice == Voice::melody && sung.pitch == note.pitch && sung.onset <= note.onset &&
             note.onset < sung.offset();
    });
  });
}

// Chosen on 22 rendered validation songs and four recordings (docs/lab/symbolic_writer.md).
constexpr ToneWeights kTones{.missing = 3.0F, .foreign = 1.0F};

int style_of(const Model& writer, const std::string& style) {
  const auto& styles = writer.config().styles;
  const auto found = std::ranges::find(styles, style);
  return found == styles.end() ? 0 : static_cast<int>(found - styles.begin());
}

constexpr int kPlanBeats = 8;        // of a block of the plan; each is judged with half a block more on both sides
constexpr float kQuietest = -60.0F;  // dB; what is quieter counts as that
// Shorter beats, seconds, hold fewer notes: a player's hands count seconds.
constexpr double kFastBeat = 0.65, kFastestBeat = 0.45;
constexpr double kLeastContrast = 1.5;  // dB; where blocks differ less none is loud

// Mean loudness of each block, [blocks].
std::vector<double> block_loudness(std::span<const float> loudness_db, int anchor) {
  const auto beats = static_cast<int>(loudness_db.size());
  std::vector<double> blocks;
  for (int first = anchor; first < beats; first += kPlanBeats) {
    double sum = 0.0;
    int count = 0;
    for (int b = std::max(0, first - kPlanBeats / 2); b < std::min(beats, first + kPlanBeats + kPlanBeats / 2); ++b) {
      sum += std::max(kQuietest, loudness_db[static_cast<std::size_t>(b)]);
      ++count;
    }
    blocks.push_back(sum / std::max(1, count));
  }
  return blocks;
}

// Chords or two notes at a time where beats are slow, two notes or one where they are fast, and then few onsets. (Left
// to itself the writer, which takes the likeliest, strikes too few in slow songs; it knows few fast ones.)
SectionTexture texture_wished(double beat_seconds, bool loud) {
  const int fullness = beat_seconds < kFastBeat ? 0 : 1;
  return {.density = beat_seconds < kFastestBeat ? 0 : -1, .fullness = loud ? fullness + 1 : fullness};
}

// Where a song is louder than in the mean it is to be fuller.
std::vector<SectionTexture> plan_of(const Analysis& analysis) {
  const BeatGrid& grid = analysis.heard.grid;
  const int anchor = std::max(1 - grid.numbers.front(), 1 - kPlanBeats);
  std::vector<float> loudness_db;
  for (const std::int32_t place : analysis.heard.places)
    loudness_db.push_back(analysis.loudness_db[static_cast<std::size_t>(place)]);
  const std::vector<double> loudness = block_loudness(loudness_db, anchor);
  double mean = 0.0, variance = 0.0;
  const auto blocks = static_cast<double>(loudness.size());
  for (const double block : loudness) mean += block / blocks;
  for (const double block : loudness) variance += (block - mean) * (block - mean) / blocks;
  const bool even = variance < kLeastContrast * kLeastContrast;
  std::vector<SectionTexture> plan;
  for (std::size_t b = 0; b < grid.size(); ++b) {
    const double block = loudness[(b + static_cast<std::size_t>(-anchor)) / kPlanBeats];
    plan.push_back(texture_wished(grid.median_interval(), !even && block >= mean));
  }
  return plan;
}

}  // namespace

WriterSong lead_sheet_of(const Analysis& analysis, std::span<const Note> notes) {
  const BeatGrid& grid = analysis.heard.grid;
  WriterSong song{.beat_numbers = grid.numbers,
                  .beats_per_bar = grid.beats_per_bar,
                  .chords = {},
                  .melody = melody_of(notes, grid),
                  .textures = {}};
  song.textures = plan_of(analysis);
  for (const BeatHarmony& heard : analysis.harmony) song.chords.push_back(told(heard));
  return song;
}

std::vector<Note> with_written_accompaniment(const Analysis& analysis, std::vector<Note> notes, const Model& writer,
                                             const std::string& style, const WriteOptions& options, int threads,
                                             const Monitor& monitor) {
  WriterSong song = lead_sheet_of(analysis, notes);
  const int of_writer = style_of(writer, style);
  if (of_writer != 0) song.textures.clear();  // a style that is asked for by name says how dense it is
  ThreadPool pool(threads);
  auto text = write_songs(
      writer, std::span(&song, 1),
      {.style = of_writer, .bass_weight = options.bass_weight, .tones = kTones, .search = options.generation}, pool,
      monitor);
  const std::vector<Note> top = top_line_of(notes);
  keep_below(text.front(), top);
  let_melody_sound(text.front(), notes);
  std::erase_if(notes, [](const Note& note) { return note.voice == Voice::accompaniment; });
  notes.insert(notes.end(), top.begin(), top.end());
  notes.insert(notes.end(), text.front().begin(), text.front().end());
  return notes;
}

}  // namespace pop2piano
