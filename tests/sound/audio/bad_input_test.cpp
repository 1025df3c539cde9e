// SPDX-License-Identifier: MIT
// Files that are not what they should be: one clear error, or what can be saved and a warning.
#include <pop2piano/audio.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/core/byte_reader.h"
#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "base/core/random.h"
#include "scratch_folder.h"
#include "sound/audio/media_maker.h"

namespace pop2piano {
namespace {

using testing::amplitude_at;
using testing::make_media;
using testing::sine;

void expect_error(ErrorCode code, const std::string& part, const std::function<void()>& action) {
  try {
    action();
    FAIL() << "no error; expected one with: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
}

void expect_open_error(ErrorCode code, const std::string& part, const std::filesystem::path& file,
                       const RecordingOptions& options = {}) {
  expect_error(code, part, [&] { static_cast<void>(Recording::open(file, options)); });
}

std::vector<std::byte> bytes_of(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  return {mapped.bytes().begin(), mapped.bytes().end()};
}

/// A file of the format with 10 s of tone; false when this FFmpeg cannot make it.
bool make_tone(const std::filesystem::path& file, const char* format, const char* codec) {
  if (!testing::has_encoder(codec)) return false;
  make_media(file, {.format = format, .codec = codec, .sample_rate = 44100}, sine(440.0, 10.0, 44100, 2));
  return true;
}

TEST(BadInput, NamesWhatIsWrongWithTheFile) {
  const testing::ScratchFolder folder;
  expect_open_error(ErrorCode::not_found, "no.mp3: no such file", folder / "no.mp3");
  expect_open_error(ErrorCode::not_found, "no such file", folder / "no" / "no.mp3");
  expect_open_error(ErrorCode::unreadable, "is a folder", folder.path());
  write_file(folder / "empty.mp3", "");
  expect_open_error(ErrorCode::malformed, "is empty", folder / "empty.mp3");
  write_file(folder / "text.mp3", std::string(5000, 'x') + "\nThese are words, not music.\n");
  expect_open_error(ErrorCode::malformed, "text.mp3: is not a sound or video file", folder / "text.mp3");
}

TEST(BadInput, PlaylistsOpenNothingElse) {
  const testing::ScratchFolder folder;
  make_media(folder / "song.wav", {}, sine(440.0, 1.0, 48000, 2));
  write_file(folder / "list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsong.wav\n#EXT-X-ENDLIST\n");
  write_file(folder / "list.ffconcat", "ffconcat version 1.0\nfile song.wav\n");
  expect_open_error(ErrorCode::malformed, "list.m3u8", folder / "list.m3u8");
  expect_open_error(ErrorCode::malformed, "looks like concat", folder / "list.ffconcat");
}

// The folder of the list is the current one: a demuxer that opens the song by its relative name would find it.
TEST(BadInput, ListsInTheCurrentFolderOpenNothingElse) {
  const testing::ScratchFolder folder;
  make_media(folder / "song.wav", {}, sine(440.0, 1.0, 48000, 2));
  const std::pair<const char*, const char*> lists[] = {
      {"concat", "ffconcat version 1.0\nfile song.wav\n"},
      {"hls", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsong.wav\n#EXT-X-ENDLIST\n"},
      {"dash",
       "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
       "profiles=\"urn:mpeg:dash:profile:isoff-live:2011\"></MPD>"},
      {"sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"},
      {"vobsub", "# VobSub index file, v7\nid: en, index: 0\n"},
      {"sami", "<SAMI><HEAD></HEAD><BODY></BODY></SAMI>"},
      {"", "http://127.0.0.1/song.wav\n"}};
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const auto& [kind, text] : lists) {
    for (const char* name : {"list", "list.mp3"}) {
      write_file(name, text);
      SCOPED_TRACE(text);
      expect_open_error(ErrorCode::malformed, *kind == 0 ? "is not a sound" : std::string("looks like ") + kind, name);
      write_file(name, std::string("ID3\3\0\0\0\0\0\0", 10) + text);
      expect_open_error(ErrorCode::malformed, "is not a sound or video file", name);
    }
  }
  std::filesystem::current_path(before);
}

TEST(BadInput, VideoWithoutSound) {
  if (!testing::has_encoder("mpeg4")) GTEST_SKIP() << "this FFmpeg has no encoder mpeg4";
  const testing::ScratchFolder folder;
  make_media(folder / "mute.mp4", {.format = "mp4", .codec = "", .video_codec = "mpeg4"}, {});
  expect_open_error(ErrorCode::nothing_found, "no sound", folder / "mute.mp4");
}

TEST(BadInput, WavWithoutSamples) {
  const testing::ScratchFolder folder;
  make_media(folder / "none.wav", {}, {});
  expect_open_error(ErrorCode::nothing_found, "no samples", folder / "none.wav");
}

TEST(BadInput, TimesThatMakeNoSense) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {}, sine(440.0, 1.0, 48000, 2));
  expect_open_error(ErrorCode::nothing_found, "start at 5.0 s lies behind its end at 1.0 s", folder / "a.wav",
                    {.start = 5.0});
  expect_open_error(ErrorCode::invalid_argument, "start", folder / "a.wav", {.start = -1.0});
  expect_open_error(ErrorCode::invalid_argument, "start", folder / "a.wav", {.start = std::nan("")});
  expect_open_error(ErrorCode::invalid_argument, "end", folder / "a.wav", {.start = 0.5, .end = 0.5});
  expect_open_error(ErrorCode::invalid_argument, "end", folder / "a.wav", {.end = std::nan("")});
  expect_open_error(ErrorCode::invalid_argument, "sample rate", folder / "a.wav", {.sample_rate = 10});
}

/// The most address space that this process ever had, MB.
double most_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmPeak:") continue;
    double kilobytes = 0.0;
    status >> kilobytes;
    return kilobytes / 1024.0;
  }
  return 0.0;
}

// The size of a text is taken for real before it is read.
TEST(BadInput, ClaimedGigabytesAreNotAllocated) {
  const testing::ScratchFolder folder;
  ByteWriter out;
  out.put_text("FORM");
  out.big(std::uint32_t{1656});
  out.put_text("AIFFNAME");
  out.big(std::uint32_t{0x4E414D45});  // 1.3 GB
  out.put_text("a title");
  write_file(folder / "large.aiff", out.bytes());
  const double before = most_megabytes();
  expect_open_error(ErrorCode::malformed, "is not a sound", folder / "large.aiff");
  EXPECT_LT(most_megabytes() - before, 500.0);
}

TEST(BadInput, TooManyChannels) {
  const testing::ScratchFolder folder;
  ByteWriter out;
  out.put_text("RIFF");
  out.little(std::uint32_t{36 + 4000});
  out.put_text("WAVEfmt ");
  out.little(std::uint32_t{16});
  out.little(std::uint16_t{1});
  out.little(std::uint16_t{200});
  out.little(std::uint32_t{44100});
  out.little(std::uint32_t{44100 * 400});
  out.little(std::uint16_t{400});
  out.little(std::uint16_t{16});
  out.put_text("data");
  out.little(std::uint32_t{4000});
  out.put(std::vector<std::byte>(4000));
  write_file(folder / "wide.wav", out.bytes());
  expect_open_error(ErrorCode::unsupported, "200 channels", folder / "wide.wav");
}

// A program that writes WAV into a pipe cannot know the length when it writes the header.
TEST(BadInput, StreamedWavIsReadToItsEnd) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {}, sine(440.0, 1.0, 48000, 2));
  const auto good = bytes_of(folder / "a.wav");
  const std::string_view text(reinterpret_cast<const char*>(good.data()), 200);
  const std::size_t data = text.find("data") + 4;
  for (const std::byte fill : {std::byte{0x00}, std::byte{0xFF}}) {
    auto streamed = good;
    std::fill_n(streamed.begin() + 4, 4, fill);
    std::fill_n(streamed.begin() + static_cast<std::ptrdiff_t>(data), 4, fill);
    write_file(folder / "b.wav", streamed);
    const auto recording = Recording::open(folder / "b.wav");
    EXPECT_EQ(recording.sample_count(), kAnalysisSampleRate);
    EXPECT_TRUE(recording.description().warnings.empty());
  }
}

TEST(BadInput, CutOffFilesGiveWhatIsThere) {
  const testing::ScratchFolder folder;
  const std::pair<const char*, const char*> formats[] = {{"mp3", "libmp3lame"}, {"flac", "flac"}};
  for (const auto& [format, codec] : formats) {
    if (!make_tone(folder / format, format, codec)) GTEST_SKIP() << "this FFmpeg has no encoder " << codec;
    const auto good = bytes_of(folder / format);
    write_file(folder / "cut", std::span(good).first(good.size() / 2));
    const auto recording = Recording::open(folder / "cut");
    EXPECT_NEAR(recording.duration(), 5.0, 0.3) << format;
    const auto all = recording.read_all().samples;
    EXPECT_NEAR(amplitude_at(440.0, std::span(all).first(4 * 22050), kAnalysisSampleRate), 0.5, 0.02) << format;
    ASSERT_FALSE(recording.description().warnings.empty()) << format;
    EXPECT_NE(recording.description().warnings.back().find("of 10.0 s"), std::string::npos)
        << recording.description().warnings.back();
    const auto asked = Recording::open(folder / "cut", {.end = 3.0});
    EXPECT_TRUE(asked.description().warnings.empty()) << format;  // what was asked for is whole
  }
}

std::string little_endian(std::uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
  return out;
}

std::string ape_frame(std::uint32_t size, std::uint32_t flags) {
  return "APETAGEX" + little_endian(2000) + little_endian(size) + little_endian(1) + little_endian(flags) +
         std::string(8, '\0');
}

TEST(BadInput, TagsAtTheEndOfAnMp3AreNoDamage) {
  const testing::ScratchFolder folder;
  if (!make_tone(folder / "a.mp3", "mp3", "libmp3lame")) GTEST_SKIP() << "this FFmpeg has no encoder libmp3lame";
  const auto bytes = bytes_of(folder / "a.mp3");
  const std::string sound(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string picture = little_endian(100000) + little_endian(2) + std::string("Cover Art (Front)\0", 18);
  Random random(3);
  for (int i = 0; i < 100000; ++i) picture += static_cast<char>(random.next());
  const auto size = static_cast<std::uint32_t>(picture.size() + 32);
  const std::string ape = ape_frame(size, 0xA0000000U) + picture + ape_frame(size, 0x80000000U);
  const std::string lyrics = "LYRICSBEGININD0000200LYR00010[00:00]la\r\n";
  const std::string lyrics_end =
      "000" + std::to_string(lyrics.size()).insert(0, 3 - std::to_string(lyrics.size()).size(), '0') + "LYRICS200";
  const std::string id3v1 = "TAG" + std::string(125, ' ');
  for (const std::string& tags : {ape, ape + id3v1, lyrics + lyrics_end + id3v1, std::string(50000, '\0'),
                                  ape + lyrics + lyrics_end + id3v1 + std::string(3, '\0')}) {
    write_file(folder / "b.mp3", sound + tags);
    const auto recording = Recording::open(folder / "b.mp3");
    EXPECT_NEAR(recording.duration(), 10.0, 0.1);
    EXPECT_TRUE(recording.description().warnings.empty()) << recording.description().warnings.front();
  }
  write_file(folder / "c.mp3", sound + picture + picture);  // no tag that is known
  EXPECT_FALSE(Recording::open(folder / "c.mp3").description().warnings.empty());
}

// The tag holds more that looks like frames than the sound has.
TEST(BadInput, AShortSoundBeforeALongTagIsNoDamage) {
  const testing::ScratchFolder folder;
  if (!testing::has_encoder("libmp3lame")) GTEST_SKIP() << "this FFmpeg has no encoder libmp3lame";
  make_media(folder / "a.mp3", {.format = "mp3", .codec = "libmp3lame", .sample_rate = 44100},
             sine(440.0, 0.05, 44100, 2));
  const auto bytes = bytes_of(folder / "a.mp3");
  const std::string sound(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string picture = little_endian(100000) + little_endian(2) + std::string("Cover Art (Front)\0", 18);
  Random random(3);
  for (int i = 0; i < 400; ++i) {
    picture += "\xFF\xFB\x90\x64";  // as a frame of 417 bytes begins
    for (int k = 4; k < 417; ++k) picture += static_cast<char>(random.next());
  }
  const auto size = static_cast<std::uint32_t>(picture.size() + 32);
  write_file(folder / "b.mp3", sound + ape_frame(size, 0xA0000000U) + picture + ape_frame(size, 0x80000000U));
  const auto recording = Recording::open(folder / "b.mp3");
  EXPECT_NEAR(recording.duration(), 0.1, 0.06);
  EXPECT_TRUE(recording.description().warnings.empty()) << recording.description().warnings.front();
}

TEST(BadInput, DamageInTheMiddleIsConcealed) {
  const testing::ScratchFolder folder;
  const std::pair<const char*, const char*> formats[] = {{"mp3", "libmp3lame"}, {"flac", "flac"}, {"ogg", "libvorbis"}};
  for (const auto& [format, codec] : formats) {
    if (!make_tone(folder / format, format, codec)) GTEST_SKIP() << "this FFmpeg has no encoder " << codec;
    auto bytes = bytes_of(folder / format);
    Random random(7);
    const std::size_t first = bytes.size() / 2, count = bytes.size() / 20;
    for (std::size_t i = first; i < first + count; ++i) bytes[i] = static_cast<std::byte>(random.next());
    write_file(folder / "hurt", bytes);
    const auto recording = Recording::open(folder / "hurt");
    EXPECT_NEAR(recording.duration(), 10.0, 0.5) << format;  // 0.5 s of bytes are lost; MP3 has no time stamps
    EXPECT_FALSE(recording.description().warnings.empty()) << format;
    const auto all = recording.read_all().samples;
    EXPECT_NEAR(amplitude_at(440.0, std::span(all).first(4 * 22050), kAnalysisSampleRate), 0.5, 0.02) << format;
    EXPECT_NEAR(amplitude_at(440.0, std::span(all).last(3 * 22050), kAnalysisSampleRate), 0.5, 0.02) << format;
  }
}

/// Runs `action` with standard input replaced by `descriptor` (-1: closed).
void with_standard_input(int descriptor, const std::function<void()>& action) {
  const int saved = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
  descriptor < 0 ? ::close(STDIN_FILENO) : ::dup2(descriptor, STDIN_FILENO);
  action();
  if (saved >= 0) {
    ::dup2(saved, STDIN_FILENO);
    ::close(saved);
  }
}

TEST(StandardInput, IsReadToItsEndAndAsOftenAsNeeded) {
  const testing::ScratchFolder folder;
  make_media(folder / "a.wav", {}, sine(440.0, 1.0, 48000, 2));
  const auto expected = Recording::open(folder / "a.wav").read_all().samples;
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  std::thread writer([&] {
    const auto bytes = bytes_of(folder / "a.wav");
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t put = ::write(pipe_ends[1], bytes.data() + done, std::min<std::size_t>(10000, bytes.size() - done));
      if (put <= 0) break;
      done += static_cast<std::size_t>(put);
    }
    ::close(pipe_ends[1]);
  });
  with_standard_input(pipe_ends[0], [&] {
    const auto recording = Recording::open("-", {.keep_in_memory_below = 0.0});
    EXPECT_EQ(recording.read_all().samples, expected);
    EXPECT_EQ(recording.read_all().samples, expected);
  });
  ::close(pipe_ends[0]);
  writer.join();
}

TEST(StandardInput, ClosedOrEmptyIsAnError) {
  with_standard_input(-1, [] { expect_open_error(ErrorCode::unreadable, "standard input: is closed", "-"); });
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  with_standard_input(nothing, [] { expect_open_error(ErrorCode::malformed, "standard input: is empty", "-"); });
  ::close(nothing);
}

TEST(StandardInput, WaitingCanBeCancelled) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  CancelToken token;
  token.cancel();
  with_standard_input(pipe_ends[0], [&] {
    expect_error(ErrorCode::cancelled, "cancelled",
                 [&] { static_cast<void>(Recording::open("-", {}, {.cancel = &token})); });
  });
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

}  // namespace
}  // namespace pop2piano
