// SPDX-License-Identifier: MIT
#include "judging/evaluate/report_page.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/core/mapped_file.h"
#include "judging/evaluate/evaluation_files.h"
#include "judging/evaluate/page_files.h"
#include "judging/evaluate/web_page.h"

namespace pop2piano {
namespace {

using nlohmann::json;

double rounded(double value, double unit) { return std::round(value / unit) * unit; }

// Digits 0..9 for the strength of each pitch class: small, and enough for a picture.
std::string chroma_digits(std::span<const float> chroma) {
  std::string digits;
  for (const float value : chroma) digits += static_cast<char>('0' + std::clamp(static_cast<int>(value * 10.0F), 0, 9));
  return digits;
}

json notes_json(const std::vector<CoverPicture::PictureNote>& notes) {
  json list = json::array();
  for (const auto& note : notes) {
    list.push_back({rounded(note.onset, 1e-3), rounded(note.offset, 1e-3), rounded(note.pitch, 1e-2)});
  }
  return list;
}

json picture_json(const CoverPicture& picture) {
  json path = json::array();
  for (const auto& [cover, song] : picture.path) path.push_back({cover, song});
  return {{"notes", notes_json(picture.cover_notes)},
          {"melody", notes_json(picture.melody_notes)},
          {"songChroma", chroma_digits(picture.song_chroma)},
          {"coverChroma", chroma_digits(picture.cover_chroma)},
          {"chromaRate", picture.chroma_rate},
          {"bars", picture.bars},
          {"path", std::move(path)}};
}

std::string better_text(MeasureInfo::Better better) {
  switch (better) {
    case MeasureInfo::Better::higher:
      return "higher is better";
    case MeasureInfo::Better::lower:
      return "lower is better";
    case MeasureInfo::Better::near_human:
      return "near the human value is better";
    case MeasureInfo::Better::neither:
      break;
  }
  return "";
}

json catalogue_json() {
  json list = json::array();
  for (const MeasureInfo& info : cover_measures()) {
    list.push_back({{"name", info.name},
                    {"title", info.title},
                    {"unit", info.unit},
                    {"better", better_text(info.better)},
                    {"human", info.human ? json(*info.human) : json()},
                    {"meaning", info.meaning},
                    {"range", info.range}});
  }
  return list;
}

// Sound files, each once: as data URIs while there is room, as links beyond.
class SoundSources {
 public:
  SoundSources(const std::filesystem::path& target, const ReportPageOptions& options)
      : folder_(target.parent_path()), options_(options), room_(options.embed_total) {}

  // Index into list(); null for files that a browser does not play.
  json index_of(const std::filesystem::path& file) {
    const auto known = index_.find(file.string());
    if (known != index_.end()) return known->second;
    const std::string source = source_of(file);
    json index;
    if (!source.empty()) {
      index = list_.size();
      list_.push_back(source);
    }
    index_.emplace(file.string(), index);
    return index;
  }
  [[nodiscard]] const json& list() const { return list_; }

 private:
  std::string source_of(const std::filesystem::path& file) {
    constexpr std::array<std::pair<const char*, const char*>, 6> kTypes = {{{".mp3", "audio/mpeg"},
                                                                            {".ogg", "audio/ogg"},
                                                                            {".opus", "audio/ogg"},
                                                                            {".wav", "audio/wav"},
                                                                            {".flac", "audio/flac"},
                                                                            {".m4a", "audio/mp4"}}};
    const std::string extension = file.extension().string();
    const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& t) { return t.first == extension; });
    if (type == kTypes.end()) return "";  // not for a browser
    try {
      const MappedFile mapped(file);
      const std::size_t size = mapped.bytes().size();
      if (size > options_.embed_file_below || size > room_) return link_to(file);
      room_ -= size;
      const std::string_view bytes(reinterpret_cast<const char*>(mapped.bytes().data()), size);
      return std::string("data:") + type->second + ";base64," + base64(bytes);
    } catch (const Error&) {
      return "";
    }
  }

  std::string link_to(const std::filesystem::path& file) const {
    std::error_code error;
    const auto relative = std::filesystem::proximate(file, folder_.empty() ? "." : folder_, error);
    return error ? file.string() : relative.generic_string();
  }

  std::filesystem::path folder_;
  ReportPageOptions options_;
  std::size_t room_;
  json list_ = json::array();
  std::map<std::string, json> index_;
};

json cover_json(const CoverEvaluation& cover, const CoverPicture* picture, SoundSources& sounds) {
  json entry = json::parse(to_json(cover).dump(-1, ' ', true, json::error_handler_t::replace));
  if (picture == nullptr) return entry;
  entry["picture"] = picture_json(*picture);
  if (cover.query.song) entry["songSound"] = sounds.index_of(*cover.query.song);
  entry["coverSound"] = sounds.index_of(cover.query.cover);
  return entry;
}

json set_json(const SetEvaluation& set) {
  json summary = json::parse(to_json(SetEvaluation{{}, set.all, set.groups, set.comparisons, set.failed}).dump());
  summary.erase("songs");
  return summary;
}

}  // namespace

std::string report_page(const SetEvaluation& set, std::span<const CoverPicture> pictures,
                        const std::filesystem::path& target, const ReportPageOptions& options) {
  SoundSources sounds(target, options);
  json data = {{"measures", catalogue_json()}, {"covers", json::array()}, {"set", set_json(set)}};
  for (std::size_t i = 0; i < set.covers.size(); ++i) {
    data["covers"].push_back(cover_json(set.covers[i], i < pictures.size() ? &pictures[i] : nullptr, sounds));
  }
  data["sounds"] = sounds.list();
  const std::string text = data.dump(-1, ' ', true, json::error_handler_t::replace);
  return fill_page(report_html(), {{"title", html_text(options.title)},
                                   {"style", report_css()},
                                   {"data", script_json(text)},
                                   {"script", report_js()}});
}

}  // namespace pop2piano
