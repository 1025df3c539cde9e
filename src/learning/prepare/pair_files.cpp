// SPDX-License-Identifier: MIT
#include "learning/prepare/pair_files.h"

#include <pop2piano/error.h>

#include <fstream>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/core/output_file.h"

namespace pop2piano {
namespace {

using nlohmann::json;

void read_json(const std::filesystem::path& file, const std::function<void(const json&)>& take) {
  std::ifstream in(file, std::ios::binary);
  try {
    take(json::parse(in));
  } catch (const json::exception& error) {
    throw Error(ErrorCode::malformed, file.string() + ": is damaged (" + error.what() + "); delete it and go on");
  }
}

template <typename Values>
Values part_of(const Values& values, std::size_t first, std::size_t beats) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  return Values(begin, begin + static_cast<std::ptrdiff_t>(beats));
}

CoverPart part_from(const json& value, const BeatGrid& grid, const std::filesystem::path& file) {
  CoverPart part;
  part.passage = value.at("passage").get<std::size_t>();
  part.first_beat = value.at("first_beat").get<int>();
  part.bars = value.at("bars").get<std::size_t>();
  part.deviation = value.at("deviation").get<double>();
  const auto beats = value.at("beats").get<std::size_t>();
  if (part.first_beat < 0 || beats < 2 || static_cast<std::size_t>(part.first_beat) + beats > grid.size()) {
    throw Error(ErrorCode::malformed, file.string() + ": has beats that the song has not; delete it and go on");
  }
  const auto first = static_cast<std::size_t>(part.first_beat);
  part.score.grid = {.times = part_of(grid.times, first, beats),
                     .numbers = part_of(grid.numbers, first, beats),
                     .beats_per_bar = grid.beats_per_bar};
  for (const json& note : value.at("notes")) {
    part.score.notes.push_back({.onset = note.at(0).get<std::int32_t>(),
                                .duration = note.at(1).get<std::int32_t>(),
                                .pitch = note.at(2).get<std::int16_t>(),
                                .velocity = note.at(3).get<std::int16_t>(),
                                .voice = note.at(4).get<int>() == 0 ? Voice::melody : Voice::accompaniment});
  }
  part.notes = part.score.notes.size();
  return part;
}

}  // namespace

void write_alignment(const AlignedPair& pair, const std::filesystem::path& folder) {
  json passages = json::array();
  for (const AlignedPassage& passage : pair.alignment.passages) {
    passages.push_back({{"begin", passage.begin}, {"end", passage.end}, {"points", passage.time.points}});
  }
  const json value = {
      {"transposition", pair.alignment.transposition},
      {"share", pair.alignment.share},
      {"gain", pair.alignment.gain},
      {"fit", pair.alignment.fit},
      {"passages", std::move(passages)},
      {"beats",
       {{"times", pair.grid.times}, {"numbers", pair.grid.numbers}, {"beats_per_bar", pair.grid.beats_per_bar}}}};
  write_file(folder / kAlignmentFile, value.dump() + "\n");
}

AlignedPair read_alignment(const std::filesystem::path& folder) {
  AlignedPair pair;
  read_json(folder / kAlignmentFile, [&](const json& value) {
    pair.alignment.transposition = value.at("transposition").get<int>();
    pair.alignment.share = value.at("share").get<double>();
    pair.alignment.gain = value.at("gain").get<double>();
    pair.alignment.fit = value.at("fit").get<double>();
    for (const json& passage : value.at("passages")) {
      pair.alignment.passages.push_back({.begin = passage.at("begin").get<double>(),
                                         .end = passage.at("end").get<double>(),
                                         .time = {passage.at("points").get<decltype(TimeMap::points)>()}});
    }
    const json& beats = value.at("beats");
    pair.grid.times = beats.at("times").get<std::vector<double>>();
    pair.grid.numbers = beats.at("numbers").get<std::vector<int>>();
    pair.grid.beats_per_bar = beats.at("beats_per_bar").get<int>();
  });
  pair.grid.validate();
  return pair;
}

void write_parts(const std::vector<CoverPart>& parts, const std::filesystem::path& folder) {
  json all = json::array();
  for (const CoverPart& part : parts) {
    json notes = json::array();
    for (const Note& note : part.score.notes) {
      notes.push_back({note.onset, note.duration, note.pitch, note.velocity, note.voice == Voice::melody ? 0 : 1});
    }
    all.push_back({{"passage", part.passage},
                   {"first_beat", part.first_beat},
                   {"beats", part.score.grid.size()},
                   {"bars", part.bars},
                   {"deviation", part.deviation},
                   {"notes", std::move(notes)}});
  }
  write_file(folder / kPartsFile, json{{"parts", std::move(all)}}.dump() + "\n");
}

std::vector<CoverPart> read_parts(const BeatGrid& grid, const std::filesystem::path& folder) {
  std::vector<CoverPart> parts;
  read_json(folder / kPartsFile, [&](const json& value) {
    for (const json& part : value.at("parts")) parts.push_back(part_from(part, grid, folder / kPartsFile));
  });
  return parts;
}

}  // namespace pop2piano
