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
    BeatGrid& grid = form_.grid;
    grid.beats_per_bar = main_->beats;
    const double drift = random_.chance(genre_.drift) ? random_.uniform(0.005, 0.035) : 0.0;
    const double period = random_.uniform(15, 50), phase = random_.uniform(0, 2 * std::numbers::pi);
    const double rubato = random_.uniform(genre_.rubato.low, genre_.rubato.high);
    const double slowing = random_.chance(genre_.slows_down) ? random_.uniform(0.08, 0.35) : 0.0;
    double time = random_.uniform(0.02, 1.2), deviation = 0;
    for (const SongBar& bar : form_.bars) {
      const double factor = form_.sections[bar.section].tempo_factor;
      for (int beat = 0; beat < bar.beats; ++beat) {
        grid.times.push_back(time);
        grid.numbers.push_back(bar.kind == BarKind::pickup ? main_->beats - bar.beats + beat + 1 : beat + 1);
        deviation = 0.7 * deviation + rubato * random_.normal();
        const double left = beat_ - bar.start - beat, end = 2.0 * main_->beats;
        double tempo = form_.tempo * factor * (1 + drift * std::sin(2 * std::numbers::pi * time / period + phase));
        if (left < end) tempo *= 1 - slowing * (1 - left / end);
        time += 60 / tempo * std::exp(std::clamp(deviation, -0.2, 0.2));
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

}  // namespace

SongForm draw_form(const Genre& genre, const FormOptions& options, Random& random) {
  return FormDrawer(genre, options, random).draw();
}

}  // namespace pop2piano
