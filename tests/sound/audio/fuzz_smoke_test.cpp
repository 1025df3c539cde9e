// SPDX-License-Identifier: MIT
// Random and mutated bytes: every file either opens or throws Error, and what opens is finite.
#include <pop2piano/audio.h>

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "base/core/random.h"
#include "scratch_folder.h"
#include "sound/audio/media_maker.h"

namespace pop2piano {
namespace {

/// True when the file opened.
bool survives(const std::filesystem::path& file) {
  try {
    for (const float sample : Recording::open(file, {.end = 5.0}).read_all().samples) {
      if (!std::isfinite(sample)) ADD_FAILURE() << file << " gave a sample that is not finite";
    }
    return true;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()), "");
    return false;
  }
}

TEST(AudioFuzz, RandomBytesBehindKnownBeginnings) {
  const testing::ScratchFolder folder;
  Random random(1);
  const std::string beginnings[] = {"",
                                    "RIFF....WAVEfmt ",
                                    "fLaC",
                                    "OggS",
                                    "ID3\x03",
                                    "\xFF\xFB\x90\x64",
                                    "....ftypM4A ",
                                    "\x1A\x45\xDF\xA3",
                                    "FORM....AIFFCOMM"};
  for (const auto& beginning : beginnings) {
    for (int i = 0; i < 8; ++i) {
      std::string bytes = beginning;
      const std::size_t size = 1 + random.index(20000);
      while (bytes.size() < beginning.size() + size) bytes += static_cast<char>(random.next());
      write_file(folder / "a.mp3", bytes);
      survives(folder / "a.mp3");
    }
  }
}

TEST(AudioFuzz, MutatedFiles) {
  const testing::ScratchFolder folder;
  const testing::MediaSpec specs[] = {{.codec = "pcm_f32le"},
                                      {.format = "flac", .codec = "flac"},
                                      {.format = "mp3", .codec = "libmp3lame"},
                                      {.format = "ogg", .codec = "libvorbis"},
                                      {.format = "ipod", .codec = "aac"},
                                      {.format = "matroska", .codec = "libopus"}};
  Random random(2);
  int opened = 0;
  for (const auto& spec : specs) {
    if (!testing::has_encoder(spec.codec)) continue;
    testing::make_media(folder / "good", spec, testing::sine(440.0, 0.5, spec.sample_rate, spec.channels));
    const MappedFile good(folder / "good");
    for (int i = 0; i < 25; ++i) {
      std::vector<std::byte> bytes(good.bytes().begin(), good.bytes().end());
      const std::size_t region = random.chance(0.5) ? bytes.size() : std::min<std::size_t>(bytes.size(), 200);
      for (std::size_t n = 1 + random.index(10); n > 0; --n)
        bytes[random.index(region)] = static_cast<std::byte>(random.next());
      if (random.chance(0.3)) bytes.resize(1 + random.index(bytes.size()));
      write_file(folder / "bad", bytes);
      opened += survives(folder / "bad") ? 1 : 0;
    }
  }
  EXPECT_GT(opened, 0);
}

}  // namespace
}  // namespace pop2piano
