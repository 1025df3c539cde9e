// SPDX-License-Identifier: MIT
#include "sound/audio/streams.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "base/core/legacy_text.h"
#include "sound/audio/text.h"

namespace pop2piano::ffmpeg {
namespace {

struct Flag {
  int bit;
  const char* name;
};
constexpr std::array<Flag, 9> kFlags{{{AV_DISPOSITION_DEFAULT, "default"},
                                      {AV_DISPOSITION_ORIGINAL, "original"},
                                      {AV_DISPOSITION_DUB, "dub"},
                                      {AV_DISPOSITION_COMMENT, "comment"},
                                      {AV_DISPOSITION_DESCRIPTIONS, "descriptions"},
                                      {AV_DISPOSITION_VISUAL_IMPAIRED, "visual_impaired"},
                                      {AV_DISPOSITION_HEARING_IMPAIRED, "hearing_impaired"},
                                      {AV_DISPOSITION_KARAOKE, "karaoke"},
                                      {AV_DISPOSITION_CLEAN_EFFECTS, "clean_effects"}}};
constexpr int kBesideTheSong = AV_DISPOSITION_COMMENT | AV_DISPOSITION_DESCRIPTIONS | AV_DISPOSITION_VISUAL_IMPAIRED |
                               AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_CLEAN_EFFECTS;

bool is_sound(const AVStream& stream) { return stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO; }

std::string own_tag(const AVDictionary* tags, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(tags, key, nullptr, 0);
  return entry == nullptr ? std::string() : clean_text(entry->value);
}

// Formats with ID3 tags, whose texts libavformat takes for Latin-1 where that is what they declare. Many are not.
bool has_id3(const AVFormatContext& container) {
  constexpr std::array<std::string_view, 8> kFormats = {"aac", "ac3", "aiff", "dsf", "mp3", "oma", "tta", "wav"};
  return std::find(kFormats.begin(), kFormats.end(), container.iformat->name) != kFormats.end();
}

// Titles are often all that says it.
bool called_commentary(const AVStream& stream) {
  std::string title = own_tag(stream.metadata, "title");
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return title.find("commentary") != std::string::npos || title.find("audio description") != std::string::npos;
}

// The larger, the rather.
int preference(const AVStream& stream) {
  const bool can_be_decoded = avcodec_find_decoder(stream.codecpar->codec_id) != nullptr;
  const bool song = (stream.disposition & kBesideTheSong) == 0 && !called_commentary(stream);
  const bool marked = (stream.disposition & AV_DISPOSITION_DEFAULT) != 0;
  return (can_be_decoded ? 4 : 0) + (song ? 2 : 0) + (marked ? 1 : 0);
}

[[noreturn]] void fail_without_sound(const AVFormatContext& container, const std::string& file_name) {
  const std::span streams(container.streams, container.nb_streams);
  const bool pictures = std::any_of(streams.begin(), streams.end(), [](const AVStream* stream) {
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  });
  if (pictures) {
    throw Error(ErrorCode::nothing_found, file_name + ": has pictures but no sound; expected an audio stream");
  }
  throw Error(ErrorCode::malformed,
              file_name + ": is not a sound or video file (looks like " + container.iformat->name + ")");
}

AVStream& wished(const std::span<AVStream*>& streams, int wish, const std::string& file_name) {
  std::string known;
  for (AVStream* stream : streams) {
    if (!is_sound(*stream)) continue;
    if (stream->index == wish) return *stream;
    known += (known.empty() ? "" : ", ") + std::to_string(stream->index);
  }
  throw Error(ErrorCode::invalid_argument,
              file_name + ": has no audio stream " + std::to_string(wish) + "; its audio streams are " + known);
}

AVStream* preferred(const std::span<AVStream*>& streams) {
  AVStream* best = nullptr;
  for (AVStream* stream : streams) {
    if (is_sound(*stream) && (best == nullptr || preference(*stream) > preference(*best))) best = stream;
  }
  return best;
}

}  // namespace

std::vector<SoundStream> list_sound_streams(const AVFormatContext& container) {
  std::vector<SoundStream> found;
  for (const AVStream* stream : std::span(container.streams, container.nb_streams)) {
    if (!is_sound(*stream)) continue;
    SoundStream entry{.index = stream->index,
                      .codec = avcodec_get_name(stream->codecpar->codec_id),
                      .language = own_tag(stream->metadata, "language"),
                      .title = own_tag(stream->metadata, "title"),
                      .channels = stream->codecpar->ch_layout.nb_channels,
                      .sample_rate = stream->codecpar->sample_rate};
    for (const Flag& flag : kFlags) {
      if ((stream->disposition & flag.bit) != 0) entry.flags.emplace_back(flag.name);
    }
    found.push_back(std::move(entry));
  }
  return found;
}

AVStream& choose_sound_stream(AVFormatContext& container, std::optional<int> wish, const std::string& file_name) {
  const std::span streams(container.streams, container.nb_streams);
  AVStream* chosen = preferred(streams);
  if (chosen == nullptr) fail_without_sound(container, file_name);
  if (wish) chosen = &wished(streams, *wish, file_name);
  for (AVStream* stream : streams) {
    if (stream != chosen) stream->discard = AVDISCARD_ALL;
  }
  return *chosen;
}

std::string tag_of(const AVFormatContext& container, const AVStream& stream, const char* key) {
  const std::string found = own_tag(container.metadata, key);
  if (!found.empty()) return has_id3(container) ? repaired_latin1(found) : found;
  return own_tag(stream.metadata, key);  // Ogg keeps its tags there
}

}  // namespace pop2piano::ffmpeg
