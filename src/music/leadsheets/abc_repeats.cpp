// SPDX-License-Identifier: MIT
#include "music/leadsheets/abc_repeats.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "music/repeats/musicxml_repeats.h"

namespace pop2piano {
namespace {

constexpr int kMostPasses = 64;

int place_of(double whole) { return static_cast<int>(std::lround(whole * kAbcPlaces)); }

std::optional<RepeatKind> kind_of(std::string_view text) {
  if (text == "segno" || text == "S") return RepeatKind::segno;
  if (text == "coda" || text == "O") return RepeatKind::coda;
  return repeat_of_words(text);
}

}  // namespace

void AbcRepeats::barline(std::string_view sign, double whole) {
  const int place = place_of(whole);
  settle_jumps(place);
  bar_ = place;
  const std::size_t first = sign.find('|'), last = sign.rfind('|');
  const bool both = first == std::string_view::npos;  // "::"
  const auto colons = [&](std::string_view part) { return std::count(part.begin(), part.end(), ':'); };
  const auto before = colons(both ? sign.substr(0, sign.size() / 2) : sign.substr(0, first));
  const auto behind = colons(both ? sign.substr(sign.size() / 2) : sign.substr(last));
  const bool strong = before > 0 || behind > 0 || sign.find("||") != std::string_view::npos ||
                      sign.find(']') != std::string_view::npos || sign.find('[') != std::string_view::npos;
  if (strong) close_ending(place);
  if (before > 0) {
    const auto times = std::min<std::ptrdiff_t>(before + 1, kMostPasses);
    put(RepeatKind::backward, place).times = static_cast<int>(times);
  }
  if (behind > 0) put(RepeatKind::forward, place);
}

void AbcRepeats::ending(std::string_view numbers, double whole) {
  const int place = place_of(whole);
  close_ending(place);
  put(RepeatKind::ending_start, place).endings = passes_in(numbers);
  in_ending_ = true;
}

void AbcRepeats::words(std::string_view text, double whole) {
  if (const auto kind = kind_of(text)) jumps_.push_back({*kind, place_of(whole), bar_});
}

std::vector<RepeatMark> AbcRepeats::take(double end) {
  settle_jumps(place_of(end));
  close_ending(place_of(end));
  const bool jumps = std::any_of(marks_.begin(), marks_.end(),
                                 [](const RepeatMark& mark) { return mark.kind == RepeatKind::to_coda; });
  for (std::size_t i = 0; i < codas_.size(); ++i) {
    const bool first_of_two = i == 0 && codas_.size() > 1 && !jumps;  // there the jump is made
    put(first_of_two ? RepeatKind::to_coda : RepeatKind::coda, first_of_two ? codas_[i].end : codas_[i].start);
  }
  std::stable_sort(marks_.begin(), marks_.end(), [](const RepeatMark& a, const RepeatMark& b) {
    return std::tie(a.beat, a.kind) < std::tie(b.beat, b.kind);
  });
  return std::move(marks_);
}

/// Signs count for the start of their bar, jumps for its end; what stands right before a barline, for that.
void AbcRepeats::settle_jumps(int barline) {
  for (const Jump& jump : jumps_) {
    const int start = jump.place == barline ? barline : jump.bar;
    if (jump.kind == RepeatKind::coda) {
      codas_.push_back({start, jump.place == jump.bar ? start : barline});
    } else {
      put(jump.kind, jump.kind == RepeatKind::segno ? start : barline);
    }
  }
  jumps_.clear();
}

void AbcRepeats::close_ending(int place) {
  if (in_ending_) put(RepeatKind::ending_stop, place);
  in_ending_ = false;
}

RepeatMark& AbcRepeats::put(RepeatKind kind, int place) {
  marks_.push_back({.beat = place, .kind = kind, .endings = {}});
  return marks_.back();
}

}  // namespace pop2piano
