// SPDX-License-Identifier: MIT
// What a band repeats in a genre, as drummers write it: one row of cells for each line, so and so many cells to a beat.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace pop2piano {

/// Who plays a row. Up to `triangle` it is drums and percussion; the rows after it follow the chords.
enum class Line {
  kick,
  snare,
  side_stick,
  clap,
  hat,
  open_hat,
  pedal_hat,
  ride,
  bell,
  crash,
  high_tom,
  low_tom,
  shaker,
  tambourine,
  cowbell,
  claves,
  high_conga,
  low_conga,
  high_bongo,
  timbale,
  guiro,
  triangle,
  bass,      ///< 1..8 degree over the chord's root, 8 the octave, a: a semitone below the next chord's root
  chords,    ///< the whole chord
  comping,   ///< the same by a second instrument
  power,     ///< root and fifth; m: damped with the palm
  arpeggio,  ///< 1..9: which tone of the chord, from below
};
[[nodiscard]] constexpr bool is_drum(Line line) { return line <= Line::triangle; }

/// Cells: X accent, x stroke, o soft, g ghost, . rest, - what was struck goes on; blanks and | are for the eye. As long
/// as one bar of the groove or several.
struct GrooveRow {
  Line line = Line::kick;
  std::string_view cells;
};

/// The rows of a groove, a constant.
class GrooveRows {
 public:
  static constexpr std::size_t kMost = 10;
  constexpr GrooveRows(std::initializer_list<GrooveRow> rows) : count_(rows.size()) {
    std::copy(rows.begin(), rows.end(), rows_.begin());
  }
  [[nodiscard]] constexpr const GrooveRow* begin() const { return rows_.data(); }
  [[nodiscard]] constexpr const GrooveRow* end() const { return rows_.data() + count_; }
  [[nodiscard]] constexpr std::size_t size() const { return count_; }
  [[nodiscard]] constexpr const GrooveRow& operator[](std::size_t i) const { return rows_[i]; }

 private:
  std::array<GrooveRow, kMost> rows_;
  std::size_t count_ = 0;
};

/// Which pairs of cells are played long and short.
enum class Swung { none, eighths, sixteenths };
/// Patterns for the test are never trained on.
enum class GrooveUse { learn, test };

struct Range {
  double low = 0, high = 0;
};

struct Groove {
  std::string_view name;
  std::string_view words;  ///< what one drummer tells another
  int beats = 4;           ///< to a bar, as listeners tap them
  int cells = 4;           ///< to a beat; 3: triplets
  Range tempo;             ///< beats a minute
  GrooveRows rows;
  Swung swung = Swung::none;
  Range place = {0.5, 0.5};  ///< where the second of a swung pair begins, as a share of the pair
  GrooveUse use = GrooveUse::learn;
};

struct GrooveStroke {
  double at = 0;      ///< beats from the start of the pattern, unswung
  double length = 0;  ///< beats until it ends or the row's next stroke
  char cell = 'x';
  double strength = 1;  ///< 0..1
};

/// The cells of a row without blanks and bar lines.
[[nodiscard]] std::vector<char> cells_of(const GrooveRow& row);
/// Bars that a row lasts. Throws Error: invalid_argument where the cells do not fill whole bars or one has no meaning.
[[nodiscard]] int bars_of(const Groove& groove, const GrooveRow& row);
/// Strokes of bar `bar` (from 0) of a row that is repeated for ever.
[[nodiscard]] std::vector<GrooveStroke> strokes_of(const Groove& groove, const GrooveRow& row, int bar);
/// Where in its beat a place 0..1 is played when pairs are swung with the second half at `place`.
[[nodiscard]] double swung_place(Swung swung, double place, double within);

}  // namespace pop2piano
