// SPDX-License-Identifier: MIT
#include "learning/genres/tune.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "learning/band/players.h"
#include "learning/genres/drummer.h"

namespace pop2piano {
namespace {

// Places of a bar where the tune strikes: more on beats than between them.
std::vector<double> draw_places(const Groove& groove, double busy, Random& random) {
  std::vector<double> places;
  const int cells = groove.cells == 3 ? 3 : groove.cells % 4 == 0 ? 4 : 2;
  for (int cell = 0; cell < groove.beats * cells; ++cell) {
    const int within = cell % cells;
    const double chance = within == 0 ? 0.5 + 0.4 * busy : 2 * within == cells ? 0.25 + 0.4 * busy : 0.35 * busy * busy;
    if (random.chance(chance)) places.push_back(static_cast<double>(cell) / cells);
  }
  if (places.empty()) places.push_back(0);
  return places;
}

class TuneWriter {
 public:
  TuneWriter(const SongForm& form, TuneKey key, Random& random, const SymbolicSong& song)
      : form_(form), key_(key), random_(random), song_(song) {
    const double busy = random.uniform(0.1, 0.9);
    for (auto& places : rhythms_) places = draw_places(*form.sections.front().groove, busy, random);
    early_ = random.chance(0.35);
  }

  std::vector<TuneNote> write() {
    for (std::size_t i = 0; i < form_.bars.size(); ++i) {
      const SongBar& bar = form_.bars[i];
      const bool upbeat = bar.kind == BarKind::pickup;
      const bool sings = form_.sections[bar.section].tune && bar.kind != BarKind::drums_alone &&
                         bar.kind != BarKind::count_in && bar.kind != BarKind::ending;
      if (!sings && !upbeat) continue;
      if (bar.of_section % 4 == 3 && !upbeat && random_.chance(0.55)) {
        add(i, 0, bar.beats);  // a phrase ends on a long note
        if (early_ && bar.beats > 2) add(i, bar.beats - 1.0, 0.5);
        continue;
      }
      const auto& places = rhythms_[bar.of_section % 4 == 2 ? 2 : static_cast<std::size_t>(bar.of_section % 2)];
      for (std::size_t p = 0; p < places.size(); ++p) {
        if (places[p] >= bar.beats) break;
        const double next = p + 1 < places.size() ? std::min<double>(places[p + 1], bar.beats) : bar.beats;
        add(i, places[p], std::min(next - places[p], 2.0));
      }
    }
    return std::move(notes_);
  }

 private:
  void add(std::size_t bar, double at, double length) {
    constexpr std::array kMajor = {0, 2, 4, 5, 7, 9, 11}, kMinor = {0, 2, 3, 5, 7, 8, 10};
    degree_ = std::clamp(degree_ + static_cast<int>(random_.index(5)) - 2, -3, 9);
    const int octave = degree_ >= 0 ? degree_ / 7 : -1;
    const auto step = static_cast<std::size_t>(degree_ - 7 * octave);
    int pitch = 60 + key_.pitch_class + 12 * octave + (key_.minor ? kMinor[step] : kMajor[step]);
    const SongChord* chord = chord_at(song_, form_.bars[bar].start + at + 0.01);
    const bool strong = at == std::floor(at) && length > 0.4;
    for (int tries = 0; chord != nullptr && strong && tries < 3; ++tries) {
      if ((chord->pitch_classes >> (pitch % 12) & 1U) != 0) break;
      ++pitch;
    }
    notes_.push_back({bar, at, length, pitch});
  }

  const SongForm& form_;
  TuneKey key_;
  Random& random_;
  const SymbolicSong& song_;
  std::array<std::vector<double>, 3> rhythms_;
  bool early_ = false;
  int degree_ = 2;
  std::vector<TuneNote> notes_;
};

double mean_pitch(const std::vector<TuneNote>& notes) {
  double sum = 0;
  for (const TuneNote& note : notes) sum += note.pitch;
  return notes.empty() ? 64 : sum / static_cast<double>(notes.size());
}

void sing_tune(const Genre& genre, const SongForm& form, const std::vector<TuneNote>& notes, Random& random,
               Arrangement& out) {
  const VoiceRange range = random.chance(0.5) ? VoiceRange::male : VoiceRange::female;
  const bool spoken = random.chance(genre.spoken);
  const double middle = comfortable_pitch(range) - (spoken ? 8.0 : 0.0);
  const int octave = 12 * static_cast<int>(std::lround((middle - mean_pitch(notes)) / 12.0));
  VocalTrack track;
  track.role = Role::lead;
  track.singer = draw_singer(range, SingerKind::usual, random);
  track.strip = vocal_strip(random);
  track.seed = random.next();
  if (spoken) track.singer.vibrato_depth = 0;
  const double legato = random.uniform(0.75, 1.0);
  for (const TuneNote& note : notes) {
    const SongBar& bar = form.bars[note.bar];
    SungNote sung;
    sung.start = time_in(form, bar, note.at);
    sung.end = std::max(sung.start + 0.06, form.grid.time_at(bar.start + note.at + legato * note.length));
    sung.pitch = spoken ? middle + 2.5 * random.normal() : note.pitch + octave;
    sung.glide = spoken ? random.uniform(-4, 2) : 0.0;
    sung.strength = std::clamp(0.75 + 0.12 * random.normal(), 0.3, 1.0);
    track.notes.push_back(sung);
  }
  if (!track.notes.empty()) out.voices.push_back(std::move(track));
}

void play_tune(const Genre& genre, const SongForm& form, const std::vector<TuneNote>& notes, std::size_t font_count,
               Random& random, Arrangement& out) {
  BandTrack track;
  track.role = Role::lead;
  track.part.instrument = {.font = static_cast<int>(random.index(font_count)),
                           .program = genre.leads[random.index(genre.leads.size())]};
  const HumanTiming timing = draw_timing(random);
  for (const TuneNote& note : notes) {
    const SongBar& bar = form.bars[note.bar];
    const double start = timing.of(time_in(form, bar, note.at), random);
    const double end = form.grid.time_at(bar.start + note.at + 0.9 * note.length);
    track.part.notes.push_back({start, std::max(end, start + 0.05), static_cast<double>(note.pitch),
                                std::clamp(static_cast<int>(85 + 12 * random.normal()), 30, 127)});
  }
  track.strip.reverb_send_db = random.uniform(-20, -8);
  if (random.chance(genre.distortion)) track.strip.amplifier = draw_amplifier(random);
  if (!track.part.notes.empty()) out.band.push_back(std::move(track));
}

}  // namespace

std::vector<TuneNote> write_tune(const SongForm& form, const SymbolicSong& song, TuneKey key, Random& random) {
  return TuneWriter(form, key, random, song).write();
}

std::vector<TuneNote> tune_of(const SongForm& form, const SymbolicSong& song) {
  std::vector<TuneNote> notes;
  std::size_t bar = 0;
  for (const SymbolicNote& note : song.melody) {
    if (note.onset < 0) continue;
    while (bar + 1 < form.bars.size() && form.bars[bar + 1].start <= note.onset + 1e-6) ++bar;
    notes.push_back({bar, std::max(0.0, note.onset - form.bars[bar].start), note.offset - note.onset, note.pitch});
  }
  return notes;
}

void perform_tune(const Genre& genre, const SongForm& form, const std::vector<TuneNote>& notes, std::size_t font_count,
                  Random& random, Arrangement& out) {
  for (const TuneNote& note : notes) {
    const double at = form.bars[note.bar].start + note.at;
    out.lead.push_back({at, at + note.length, note.pitch, 90});
  }
  if (random.chance(genre.voice)) {
    sing_tune(genre, form, notes, random, out);
  } else {
    play_tune(genre, form, notes, font_count, random, out);
  }
}

}  // namespace pop2piano
