// SPDX-License-Identifier: MIT
#include "writing/cover/lead_sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/core/thread_pool.h"
#include "music/arrange/held_melody.h"
#include "music/score/bars.h"
#include "writing/figures/figure_text.h"
#include "writing/plan/song_plan.h"
#include "writing/writer/returns.h"
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

// What sounds at the last onset lasts to the end of its bar, or of the beats, as pianists end a song.
void hold_last_chord(std::vector<Note>& notes, const BeatGrid& grid) {
  if (notes.empty()) return;
  const int last = std::ranges::max_element(notes, {}, &Note::onset)->onset;
  int beat = beat_of_step(last) + 1;
  while (beat < static_cast<int>(grid.size()) && beat_number(grid, beat) != 1) ++beat;
  for (Note& note : notes) {
    if (note.offset() > last) note.duration = std::max(note.duration, beat * kStepsPerBeat - note.onset);
  }
}

// Chosen on 22 rendered validation songs and four recordings (docs/lab/symbolic_writer.md).
constexpr ToneWeights kTones{.missing = 2.0F, .foreign = 1.0F};

int style_of(const Model& writer, const std::string& style) {
  const auto& styles = writer.config().styles;
  const auto found = std::ranges::find(styles, style);
  return found == styles.end() ? 0 : static_cast<int>(found - styles.begin());
}

// What is wished for each of kPlanTextures: the classes of POP909's sections of that texture, chords a class fuller, as
// the writer, which takes the likeliest, writes thinner chords than it is told to.
constexpr std::array<SectionTexture, kPlanTextures.size()> kWishes = {{{},
                                                                       {.density = 1, .fullness = 0},
                                                                       {.density = 0, .fullness = 2},
                                                                       {.density = 2, .fullness = 0},
                                                                       {.density = 1, .fullness = 2},
                                                                       {.density = 3, .fullness = 0},
                                                                       {.density = 2, .fullness = 2}}};

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

// The plan on the beats that are heard: a texture is wished by its classes, any other style is the writer's own.
void add_plan(const Analysis& analysis, const Plan& plan, const Model& writer, WriterSong& song) {
  const std::string otherwise(kPlanTextures.front());
  const std::vector<std::string> styles = styles_of_beats(plan, analysis.grid, otherwise);
  for (std::size_t b = 0; b < analysis.heard.places.size(); ++b) {
    const std::string& style = styles[static_cast<std::size_t>(analysis.heard.places[b])];
    const auto texture = std::ranges::find(kPlanTextures, style);
    song.styles.push_back(texture == kPlanTextures.end() ? style_of(writer, style) : 0);
    if (style != otherwise) song.textures[b] = {};
    if (style != otherwise && texture != kPlanTextures.end())
      song.textures[b] = kWishes[static_cast<std::size_t>(texture - kPlanTextures.begin())];
  }
}

// The sections on the beats that are heard.
std::vector<SectionVisit> visits_of(const Analysis& analysis, std::span<const SongSection> sections) {
  const auto& places = analysis.heard.places;
  const auto heard = [&](int beat) {
    return static_cast<int>(std::lower_bound(places.begin(), places.end(), beat) - places.begin());
  };
  std::vector<SectionVisit> visits;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const int end = i + 1 < sections.size() ? heard(sections[i + 1].first_beat) : static_cast<int>(places.size());
    visits.push_back({heard(sections[i].first_beat), end, sections[i].letter});
  }
  return visits;
}

// [beats that are heard] which of them lie in these bars.
std::vector<bool> beats_again(const Analysis& analysis, const Plan& plan, const AgainPassage& passage) {
  if (passage.last_bar > plan.back().last_bar) {
    throw Error(ErrorCode::invalid_argument,
                "bars " + std::to_string(passage.first_bar) + " to " + std::to_string(passage.last_bar) +
                    " cannot be written again: the song has bars " + std::to_string(plan.front().first_bar) + " to " +
                    std::to_string(plan.back().last_bar));
  }
  const std::string mark = "again";
  const Plan bars{{passage.first_bar, passage.last_bar, "", mark}};
  const std::vector<std::string> marks = styles_of_beats(bars, analysis.grid, "");
  std::vector<bool> again;
  for (const std::int32_t place : analysis.heard.places)
    again.push_back(marks[static_cast<std::size_t>(place)] == mark);
  return again;
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

Accompanied with_written_accompaniment(const Analysis& analysis, std::vector<Note> notes,
                                       const Accompanists& accompanists, const Plan& plan,
                                       std::span<const SongSection> sections, const WriteOptions& options, int threads,
                                       const Monitor& monitor) {
  WriterSong song = lead_sheet_of(analysis, notes);
  add_plan(analysis, plan, accompanists.writer, song);
  song.returns = returning_beats(song, visits_of(analysis, sections));
  ThreadPool pool(threads);
  WriterOptions how{.bass_weight = options.bass_weight, .tones = kTones, .search = options.generation};
  const bool chooses = accompanists.figures != nullptr && has_figures(song);
  const auto written = [&](std::uint64_t seed) {
    std::vector<Note> text =
        std::move(write_songs(accompanists.writer, std::span(&song, 1), how, pool, monitor).front());
    if (!chooses) return text;
    const double seconds = analysis.heard.grid.median_interval();
    const FigureRequest request{.song = song, .sketch = text, .beat_seconds = seconds, .seed = seed};
    return write_figures(*accompanists.figures, request, {}, pool, monitor);
  };
  std::vector<Note> text = written(0);
  for (const AgainPassage& passage : options.again) {
    song.again = beats_again(analysis, plan, passage);
    song.kept = text;
    how.search = {.temperature = 1.0, .seed = passage.seed};
    text = written(passage.seed);
  }
  const std::vector<Note> top = top_line_of(notes);
  keep_below(text, top);
  let_melody_sound(text, notes);
  std::erase_if(notes, [](const Note& note) { return note.voice == Voice::accompaniment; });
  notes.insert(notes.end(), top.begin(), top.end());
  notes.insert(notes.end(), text.begin(), text.end());
  hold_last_chord(notes, analysis.heard.grid);
  return {std::move(notes), chooses ? Accompaniment::figures : Accompaniment::lead_sheet};
}

}  // namespace pop2piano
