// SPDX-License-Identifier: MIT
#include "sound/soundfiles/sound_file.h"

#include <pop2piano/error.h>

#include <memory>
#include <vector>

#include <sndfile.h>
#include <unistd.h>

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 16384;   // frames
constexpr double kVorbisQuality = 0.6;  // 0..1: about 190 kbit/s
constexpr double kOpusQuality = 0.25;   // 0..1: about 140 kbit/s
constexpr double kMp3Level = 0.2;       // 0 best .. 1 smallest

struct Closing {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using SoundFile = std::unique_ptr<SNDFILE, Closing>;

int format_of(const std::string& ending) {
  if (ending == ".wav") return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  if (ending == ".flac") return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
  if (ending == ".ogg") return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
  if (ending == ".opus") return SF_FORMAT_OGG | SF_FORMAT_OPUS;
  if (ending == ".mp3") return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
  return 0;
}

bool is_possible(int format, int channels, int rate) {
  SF_INFO info{};
  info.format = format;
  info.channels = channels;
  info.samplerate = rate;
  return format > 0 && sf_format_check(&info) != 0;
}

void set_quality(SNDFILE* file, const std::string& ending) {
  if (ending == ".wav") return;
  double level = ending == ".flac"   ? 0.6
                 : ending == ".mp3"  ? kMp3Level
                 : ending == ".opus" ? kOpusQuality
                                     : kVorbisQuality;
  const int command = ending == ".flac" || ending == ".mp3" ? SFC_SET_COMPRESSION_LEVEL : SFC_SET_VBR_ENCODING_QUALITY;
  sf_command(file, command, &level, sizeof level);
}

// To a temporary name beside the target; false: the disk or the encoder does not take it.
bool copy_samples(SNDFILE* from, const SF_INFO& info, const fs::path& to, const std::string& ending) {
  SF_INFO wanted{};
  wanted.format = format_of(ending);
  wanted.channels = info.channels;
  wanted.samplerate = info.samplerate;
  const SoundFile out(sf_open(to.c_str(), SFM_WRITE, &wanted));
  if (!out) return false;
  set_quality(out.get(), ending);
  sf_command(out.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  std::vector<float> piece(kPiece * static_cast<std::size_t>(info.channels));
  while (const auto frames = sf_readf_float(from, piece.data(), kPiece)) {
    if (sf_writef_float(out.get(), piece.data(), frames) != frames) return false;
  }
  return sf_error(out.get()) == SF_ERR_NO_ERROR;
}

}  // namespace

bool can_encode(const std::string& ending) { return is_possible(format_of(ending), 2, 48000); }

void encode_sound(const fs::path& source, const fs::path& target) {
  const std::string ending = target.extension().string();
  if (format_of(ending) == 0) {
    throw Error(ErrorCode::invalid_argument,
                target.string() + ": expected .wav, .flac, .ogg, .opus or .mp3, found " + ending);
  }
  SF_INFO info{};
  const SoundFile in(sf_open(source.c_str(), SFM_READ, &info));
  if (!in) throw Error(ErrorCode::unreadable, source.string() + ": cannot be read: " + sf_strerror(nullptr));
  if (!is_possible(format_of(ending), info.channels, info.samplerate)) {
    throw Error(ErrorCode::unsupported, target.string() + ": the installed libsndfile cannot write " + ending + " at " +
                                            std::to_string(info.samplerate) + " Hz; write .flac");
  }
  const fs::path temporary = target.string() + ".part" + std::to_string(::getpid());
  std::error_code error;
  const bool whole = copy_samples(in.get(), info, temporary, ending);
  if (whole) fs::rename(temporary, target, error);
  if (!whole || error) {
    fs::remove(temporary, error);
    throw Error(ErrorCode::write_failed, target.string() + ": cannot be written; is the disk full?");
  }
}

}  // namespace pop2piano
