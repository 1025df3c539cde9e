// SPDX-License-Identifier: MIT
#include "writing/cover/lead_sheet.h"

#include <algorithm>
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

std::vector<Note> melody_of(std::span<const Note> notes, const BeatGrid& grid) {
  std::vector<Note> melody;
  std::ranges::copy_if(notes, std::back_inserter(melody), [](const Note& note) { return note.voice == Voice::melody; });
  static_cast<void>(hold_repeated_tune(melody, grid));
  return melody;
}

int style_of(const Model& writer, const std::string& style) {
  const auto& styles = writer.config().styles;
  const auto found = std::ranges::find(styles, style);
  return found == styles.end() ? 0 : static_cast<int>(found - styles.begin());
}

}  // namespace

WriterSong lead_sheet_of(const Analysis& analysis, std::span<const Note> notes) {
  WriterSong song{.beat_numbers = analysis.grid.numbers,
                  .beats_per_bar = analysis.grid.beats_per_bar,
                  .chords = {},
                  .melody = melody_of(notes, analysis.grid),
                  .textures = {}};
  for (const BeatHarmony& heard : analysis.harmony) song.chords.push_back(told(heard));
  return song;
}

std::vector<Note> with_written_accompaniment(const Analysis& analysis, std::vector<Note> notes, const Model& writer,
                                             const std::string& style, const WriteOptions& options, int threads,
                                             const Monitor& monitor) {
  const WriterSong song = lead_sheet_of(analysis, notes);
  ThreadPool pool(threads);
  const auto text =
      write_songs(writer, std::span(&song, 1),
                  {.style = style_of(writer, style), .bass_weight = options.bass_weight, .search = options.generation},
                  pool, monitor);
  std::erase_if(notes, [](const Note& note) { return note.voice == Voice::accompaniment; });
  notes.insert(notes.end(), text.front().begin(), text.front().end());
  return notes;
}

}  // namespace pop2piano
