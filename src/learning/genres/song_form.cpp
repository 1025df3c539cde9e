// SPDX-License-Identifier: MIT
#include "learning/genres/song_form.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace pop2piano {
namespace {

std::vector<const Groove*> grooves_for(const Genre& genre, GrooveUse use) {
  std::vector<const Groove*> grooves;
  for (const Groove& groove : genre.grooves) {
    if (groove.use == use) grooves.push_back(&groove);
  }
  if (grooves.empty()) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("genre {}: no grooves are kept for the test; choose another genre", genre.name));
  }
  return grooves;
}

// Another groove at the same tempo, or the same.
const Groove* relative_of(const Groove& first, const std::vector<const Groove*>& grooves, double tempo,
                          Random& random) {
  const Groove* other = grooves[random.index(grooves.size())];
  const bool fits = other->beats == first.beats && (other->cells == 3) == (first.cells == 3) &&
                    tempo > 0.93 * other->tempo.low && tempo < 1.07 * other->tempo.high;
  return fits ? other : &first;
}

// Seconds of one beat after the other, as the genre's players keep time.
class Clock {
 public:
  Clock(const Genre& genre, Random& random)
      : random_(random),
        drift_(random.chance(genre.drift) ? random.uniform(0.005, 0.035) : 0.0),
        period_(random.uniform(15, 50)),
        phase_(random.uniform(0, 2 * std::numbers::pi)),
        rubato_(random.uniform(genre.rubato.low, genre.rubato.high)),
        slowing_(random.chance(genre.slows_down) ? random.uniform(0.08, 0.35) : 0.0),
        time_(random.uniform(0.02, 1.2)) {}

  /// When the beat comes that lasts about `length` seconds; `closing`: 0, rising to 1 at the song's end.
  double tick(double length, double closing) {
    const double now = time_;
    deviation_ = 0.7 * deviation_ + rubato_ * random_.normal();
    const double wave = std::sin(2 * std::numbers::pi * time_ / period_ + phase_);
    const double tempo = (1 + drift_ * wave) * (1 - slowing_ * closing);
    time_ += length / tempo * std::exp(std::clamp(deviation_, -0.2, 0.2));
    return now;
  }

 private:
  Random& random_;
  double drift_, period_, phase_, rubato_, slowing_, time_;
  double deviation_ = 0;
};

class FormDrawer {
 public:
  FormDrawer(const Genre& genre, const FormOptions& options, Random& random)
      : genre_(genre), random_(random), grooves_(grooves_for(genre, options.use)) {
    main_ = grooves_[random.index(grooves_.size())];
    form_.tempo = std::exp(random.uniform(std::log(main_->tempo.low), std::log(main_->tempo.high)));
    form_.place = random.uniform(main_->place.low, main_->place.high);
    other_ = relative_of(*main_, grooves_, form_.tempo, random);
    wanted_ = random.uniform(options.shortest, options.longest) * form_.tempo / 60;
    drums_ = !random.chance(genre.no_drums);
    odd_ = random.chance(genre.odd_bars);
    solo_ = drums_ && random.chance(genre.solo);
    changes_tempo_ = random.chance(0.1);
  }

  SongForm draw() {
    begin();
    const bool intro = random_.chance(0.5);
    for (std::size_t s = 0; beat_ < wanted_; ++s) add_section(intro && s == 0);
    const FormSection last = form_.sections.back();
    form_.sections.push_back(last);
    add_bar(1, BarKind::ending, 0);
    fill_grid();
    return std::move(form_);
  }

 private:
  void add_bar(int beats, BarKind kind, int of_section) {
    form_.bars.push_back(
        {.start = beat_, .beats = beats, .kind = kind, .section = form_.sections.size() - 1, .of_section = of_section});
    beat_ += beats;
  }

  void begin() {
    form_.sections.push_back({.groove = main_, .drums = drums_});
    if (drums_ && random_.chance(0.12)) {
      add_bar(main_->beats, BarKind::count_in, 0);
    } else if (random_.chance(0.3) && main_->beats > 1) {
      const auto most = static_cast<std::size_t>(main_->beats - 1);
      add_bar(1 + static_cast<int>(random_.index(most)), BarKind::pickup, 0);
    }
  }

  FormSection draw_section(bool intro) {
    FormSection section{.groove = random_.chance(0.35) ? other_ : main_, .drums = drums_};
    if (changes_tempo_ && form_.sections.size() > 1 && random_.chance(0.5)) {
      section.tempo_factor = random_.uniform(0.82, 1.2);
      changes_tempo_ = false;
    } else {
      section.tempo_factor = form_.sections.back().tempo_factor;
    }
    if (intro) {
      section.tune = random_.chance(0.3);
      section.bass = random_.chance(0.6);
      section.drums = drums_ && random_.chance(0.6);
      section.comping = random_.chance(0.5);
    } else {
      section.bass = random_.chance(0.93);
      section.chords = random_.chance(0.93);
      section.comping = random_.chance(0.7);
      section.tune = random_.chance(0.85);
    }
    if (!section.drums && !section.bass) section.chords = true;
    return section;
  }

  void add_section(bool intro) {
    form_.sections.push_back(draw_section(intro));
    const int bars = intro ? 4 : 4 << static_cast<int>(random_.index(2));
    const bool solo = solo_ && !intro && form_.sections.size() > 2 && random_.chance(0.4);
    const bool breaks = random_.chance(0.15);
    for (int bar = 0; bar < bars; ++bar) {
      const bool last = bar + 1 == bars;
      BarKind kind = BarKind::groove;
      if (solo) kind = BarKind::drums_alone;
      if (breaks && bar < bars / 2) kind = BarKind::no_drums;
      if (last && random_.chance(0.5)) kind = BarKind::fill;
      if (last && random_.chance(0.1)) kind = BarKind::stop;
      add_bar(main_->beats + (last && odd_ ? odd_beats() : 0), kind, bar);
    }
    if (solo) solo_ = false;
  }

  // A bar of 2/4 or 5/4 before the next section.
  int odd_beats() {
    if (!random_.chance(0.5)) return 0;
    const int more = random_.chance(0.6) ? -2 : random_.chance(0.5) ? 1 : 2;
    return main_->beats + more >= 2 ? more : 1;
  }

  void fill_grid() {
    form_.grid.beats_per_bar = main_->beats;
    Clock clock(genre_, random_);
    for (const SongBar& bar : form_.bars) {
      const double tempo = form_.tempo * form_.sections[bar.section].tempo_factor;
      for (int beat = 0; beat < bar.beats; ++beat) {
        const double left = beat_ - bar.start - beat, end = 2.0 * main_->beats;
        form_.grid.times.push_back(clock.tick(60 / tempo, left < end ? 1 - left / end : 0.0));
        form_.grid.numbers.push_back(bar.kind == BarKind::pickup ? main_->beats - bar.beats + beat + 1 : beat + 1);
      }
    }
  }

  const Genre& genre_;
  Random& random_;
  std::vector<const Groove*> grooves_;
  const Groove *main_ = nullptr, *other_ = nullptr;
  SongForm form_;
  double wanted_ = 0, beat_ = 0;  // beats
  bool drums_ = true, odd_ = false, solo_ = false, changes_tempo_ = false;
};

// The groove for a song of a corpus: of the same metre where there is one, and nearest in tempo of some drawn ones.
const Groove* groove_for(const BeatGrid& grid, const std::vector<const Groove*>& grooves, Random& random) {
  const auto distance = [&](const Groove& groove) {
    const double tempo = grid.tempo(), out = std::max(groove.tempo.low / tempo, tempo / groove.tempo.high);
    return std::max(0.0, std::log(out)) + (groove.beats == grid.beats_per_bar ? 0.0 : 10.0);
  };
  const Groove* best = grooves[random.index(grooves.size())];
  for (int tries = 0; tries < 12; ++tries) {
    const Groove* other = grooves[random.index(grooves.size())];
    if (distance(*other) < distance(*best)) best = other;
  }
  return best;
}

void add_bars_of(const BeatGrid& written, SongForm& form) {
  for (std::size_t beat = 0; beat < written.size(); ++beat) {
    if (written.numbers[beat] == 1 || beat == 0) {
      const int bar = static_cast<int>(form.bars.size());
      form.bars.push_back({.start = static_cast<double>(beat),
                           .beats = 0,
                           .kind = written.numbers[beat] == 1 ? BarKind::groove : BarKind::pickup,
                           .section = static_cast<std::size_t>(bar / 8),
                           .of_section = bar % 8});
    }
    ++form.bars.back().beats;
  }
}

}  // namespace

SongForm form_of(const BeatGrid& written, const Genre& genre, const FormOptions& options, Random& random) {
  const auto grooves = grooves_for(genre, options.use);
  SongForm form;
  const Groove* groove = groove_for(written, grooves, random);
  const double factor = random.uniform(0.85, 1.2);
  form.tempo = written.tempo() * factor;
  form.place = random.uniform(groove->place.low, groove->place.high);
  add_bars_of(written, form);
  const bool drums = !random.chance(genre.no_drums);
  for (std::size_t s = 0; s <= form.bars.back().section; ++s) {
    FormSection section{.groove = random.chance(0.3) ? groove_for(written, grooves, random) : groove, .drums = drums};
    section.comping = random.chance(0.7);
    form.sections.push_back(section);
  }
  for (SongBar& bar : form.bars) {
    if (bar.of_section == 7 && random.chance(0.5)) bar.kind = BarKind::fill;
  }
  form.grid = written;
  Clock clock(genre, random);
  for (std::size_t beat = 0; beat < written.size(); ++beat) {
    const std::size_t next = std::min(beat, written.size() - 2);
    const double left = static_cast<double>(written.size() - beat), end = 2.0 * written.beats_per_bar;
    const double length = (written.times[next + 1] - written.times[next]) / factor;
    form.grid.times[beat] = clock.tick(length, left < end ? 1 - left / end : 0.0);
  }
  return form;
}

SongForm draw_form(const Genre& genre, const FormOptions& options, Random& random) {
  return FormDrawer(genre, options, random).draw();
}

}  // namespace pop2piano
