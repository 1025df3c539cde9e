// SPDX-License-Identifier: MIT
// Repeats of ABC notation (standard 2.1): |: :| :: and how often (::|), endings ([1 |1 :|2 [1,3), the decorations
// !segno! !coda! !fine! !D.C.! !D.S.! !dacoda! and what they are called with "al fine" or "al coda", S and O, and the
// same as words ("^D.C. al Fine").
#pragma once

#include <pop2piano/score.h>

#include <string_view>
#include <vector>

namespace pop2piano {

/// Places between which all that a repeat may begin or end at lies, of a whole note: 2^7 * 3^2 * 5 * 7.
inline constexpr int kAbcPlaces = 40'320;

/// Told what stands in a tune from left to right; places are whole notes from its start.
class AbcRepeats {
 public:
  /// A barline as written: "|", ":|", "||", "|:", "::".
  void barline(std::string_view sign, double whole);
  /// The numbers of an ending: "1", "1,3", "1-3".
  void ending(std::string_view numbers, double whole);
  /// The name of a decoration, or words; what is neither a sign nor a jump is passed over.
  void words(std::string_view text, double whole);
  /// The marks in order, their `beat` in places; `end` is that of the tune.
  [[nodiscard]] std::vector<RepeatMark> take(double end);

 private:
  struct Jump {
    RepeatKind kind = RepeatKind::fine;
    int place = 0, bar = 0;  // where it stands, and where the bar begins that it stands in
  };
  struct Coda {
    int start = 0, end = 0;  // of its bar; both where it stands if that is at a barline
  };
  void settle_jumps(int barline);
  void close_ending(int place);
  RepeatMark& put(RepeatKind kind, int place);

  std::vector<RepeatMark> marks_;
  std::vector<Coda> codas_;
  std::vector<Jump> jumps_;  // since the last barline
  int bar_ = 0;              // where this bar began
  bool in_ending_ = false;
};

}  // namespace pop2piano
