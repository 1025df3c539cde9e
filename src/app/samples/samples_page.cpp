// SPDX-License-Identifier: MIT
#include "app/samples/samples_page.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "judging/evaluate/web_page.h"

namespace pop2piano {

std::string_view samples_html();  // the file of this folder, built in

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Sample {
  std::string title, artist, style, program;
  fs::path stem;  // "folder/song.piano", whose endings are its files
};

// The file that is there of the first ending of these; empty: none.
std::string first_of(const fs::path& stem, std::initializer_list<const char*> endings) {
  std::error_code error;
  for (const char* ending : endings) {
    const std::string name = stem.string() + ending;
    if (fs::is_regular_file(name, error)) return fs::path(name).filename().string();
  }
  return "";
}

// A file name as an address: whatever is in it, it names this file.
std::string address_of(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string address;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    address += plain ? std::string(1, c) : std::string{'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return address;
}

std::string player(const std::string& label, const std::string& file) {
  if (file.empty()) return "";
  return "<figure><figcaption class=\"small\">" + label + "</figcaption><audio controls preload=\"none\" src=\"./" +
         address_of(file) + "\"></audio></figure>";
}

std::string cell(const Sample& sample) {
  std::string html =
      player("Piano", first_of(sample.stem, {".mp3", ".opus", ".ogg", ".flac", ".wav"})) +
      player("with the song", first_of(sample.stem, {".mix.mp3", ".mix.opus", ".mix.ogg", ".mix.flac", ".mix.wav"}));
  for (const auto& [ending, name] :
       {std::pair(".pdf", "PDF"), std::pair(".musicxml", "MusicXML"), std::pair(".mid", "MIDI")}) {
    const std::string file = first_of(sample.stem, {ending});
    if (!file.empty()) html += "<a href=\"./" + address_of(file) + "\">" + name + "</a>";
  }
  return html;
}

bool has_sound(const fs::path& stem) {
  return !first_of(stem, {".mp3", ".opus", ".ogg", ".flac", ".wav", ".mix.mp3", ".mix.opus", ".mix.ogg", ".mix.flac",
                          ".mix.wav"})
              .empty();
}

std::vector<Sample> samples_in(const fs::path& folder, const std::function<void(const std::string&)>& warn) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw Error(ErrorCode::not_found, folder.string() + ": expected a folder of covers, found none");
  }
  std::vector<Sample> samples;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const Json report = Json::parse(std::ifstream(entry.path()), nullptr, false);
    const auto text = [&](const char* name) {
      const Json value = report.is_object() ? report.value(name, Json()) : Json();
      return value.is_string() ? value.get<std::string>() : std::string();
    };
    if (!text("format").starts_with("pop2piano-cover/")) {
      warn(entry.path().string() + ": is no report of a cover; left out");
      continue;
    }
    const fs::path stem = fs::path(entry.path()).replace_extension();
    if (!has_sound(stem)) {
      warn(entry.path().string() + ": has no sound beside it; left out");
      continue;
    }
    const Json song = report.value("song", Json::object());
    const bool named = song.is_object() && song.contains("artist") && song["artist"].is_string();
    samples.push_back({.title = text("title"),
                       .artist = named ? song["artist"].get<std::string>() : "",
                       .style = text("style"),
                       .program = text("program"),
                       .stem = stem});
  }
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.stem < b.stem; });
  return samples;
}

}  // namespace

SamplesPage samples_page(const fs::path& folder, const std::function<void(const std::string&)>& warn) {
  const std::vector<Sample> samples = samples_in(folder, warn);
  if (samples.empty()) {
    throw Error(ErrorCode::nothing_found, folder.string() +
                                              ": no covers with sound; make some with pop2piano cover SONG... -o " +
                                              folder.string() + " --only json,mp3 --style all");
  }
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>> songs;  // cells by style
  std::set<std::string> styles;
  for (const Sample& sample : samples) {
    styles.insert(sample.style);
    songs[{sample.title, sample.artist}][sample.style] += cell(sample);
  }
  std::string head, rows;
  for (const std::string& style : styles) head += "<th scope=\"col\">" + html_text(style) + "</th>";
  for (const auto& [song, cells] : songs) {
    rows += "<tr><th scope=\"row\">" + html_text(song.first) + "<br><span class=\"small\">" + html_text(song.second) +
            "</span></th>";
    for (const std::string& style : styles) {
      const auto found = cells.find(style);
      rows += "<td>" + (found == cells.end() ? std::string() : found->second) + "</td>";
    }
    rows += "</tr>\n";
  }
  return {.html = fill_page(samples_html(),
                            {{"styles", head}, {"songs", rows}, {"program", html_text(samples.front().program)}}),
          .songs = songs.size(),
          .covers = samples.size()};
}

}  // namespace pop2piano
