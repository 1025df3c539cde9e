// SPDX-License-Identifier: MIT
#include "music/graces/musicxml_graces.h"

#include <algorithm>
#include <array>

namespace pop2piano {
namespace {

std::string_view voice_of(const pugi::xml_node& note) { return note.child("voice").text().get(); }

int power_of(std::string_view type) {
  constexpr std::array<std::string_view, 6> kTypes = {"half", "quarter", "eighth", "16th", "32nd", "64th"};
  const auto found = std::find(kTypes.begin(), kTypes.end(), type);
  return found == kTypes.end() ? -1 : 1 - static_cast<int>(found - kTypes.begin());
}

}  // namespace

void GraceReader::add_grace(const pugi::xml_node& note, int pitch) {
  std::vector<ReadGrace>& waiting = voices_[voice_of(note)].graces;
  waiting.push_back({.pitch = pitch,
                     .power = power_of(note.child("type").text().get()),
                     .slashed = std::string_view(note.child("grace").attribute("slash").value()) == "yes",
                     .in_chord = note.child("chord") && !waiting.empty()});
}

void GraceReader::add_note(const pugi::xml_node& note, double onset, int pitch) {
  const auto voice = voices_.find(voice_of(note));
  if (voice == voices_.end()) return;
  auto& [graces, led] = voice->second;
  if (note.child("chord")) {
    for (const std::size_t index : led) read_[index].main = std::max(read_[index].main, pitch);
    return;
  }
  led.clear();
  for (ReadGrace& grace : graces) {
    grace.onset = onset;
    grace.main = pitch;
    led.push_back(read_.size());
    read_.push_back(grace);
  }
  graces.clear();
}

void GraceReader::add_rest(const pugi::xml_node& note) {
  const auto voice = voices_.find(voice_of(note));
  if (voice != voices_.end()) voice->second = {};
}

}  // namespace pop2piano
