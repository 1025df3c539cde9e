// SPDX-License-Identifier: MIT
// WAV files with two dozen kinds of header, as recorders, editors and streams write them: all are heard in full.
#include <pop2piano/audio.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

constexpr int kRate = 22050, kFrames = 22050;
constexpr double kPeak = 0.5;

template <typename T>
std::string little(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

std::string chunk(const std::string& name, const std::string& body) {
  return name + little(static_cast<std::uint32_t>(body.size())) + body +
         (body.size() % 2 == 1 ? std::string(1, '\0') : "");
}

enum class Coding { u8, s16, s24, s32, f32, f64, alaw, mulaw };

int bits_of(Coding coding) {
  constexpr int kBits[] = {8, 16, 24, 32, 32, 64, 8, 8};
  return kBits[static_cast<int>(coding)];
}

std::uint16_t tag_of(Coding coding) {
  constexpr std::uint16_t kTags[] = {1, 1, 1, 1, 3, 3, 6, 7};
  return kTags[static_cast<int>(coding)];
}

/// The positive half of G.711, which is enough to know the level: a square wave of +-0.5.
std::string sample(Coding coding, bool high) {
  const double value = high ? kPeak : -kPeak;
  switch (coding) {
    case Coding::u8:
      return little(static_cast<std::uint8_t>(high ? 192 : 64));
    case Coding::s16:
      return little(static_cast<std::int16_t>(value * 32768));
    case Coding::s24:
      return little(static_cast<std::int32_t>(value * 8388608)).substr(0, 3);
    case Coding::s32:
      return little(static_cast<std::int32_t>(value * 2147483648.0));
    case Coding::f32:
      return little(static_cast<float>(value));
    case Coding::f64:
      return little(value);
    case Coding::alaw:
      return little(static_cast<std::uint8_t>(high ? 0xA5 : 0x25));
    case Coding::mulaw:
      return little(static_cast<std::uint8_t>(high ? 0x90 : 0x10));
  }
  return {};
}

std::string sound(Coding coding, int channels) {
  std::string data;
  for (int i = 0; i < kFrames; ++i) {
    for (int c = 0; c < channels; ++c) data += sample(coding, (i / 50) % 2 == 0);
  }
  return data;
}

std::string format(Coding coding, int channels, std::uint16_t tag = 0) {
  const int bytes = bits_of(coding) / 8;
  return little(tag != 0 ? tag : tag_of(coding)) + little(static_cast<std::uint16_t>(channels)) + little(kRate) +
         little(kRate * channels * bytes) + little(static_cast<std::uint16_t>(channels * bytes)) +
         little(static_cast<std::uint16_t>(bits_of(coding)));
}

/// WAVE_FORMAT_EXTENSIBLE: the coding is the first two bytes of an identifier.
std::string extensible(Coding coding, int channels, std::uint32_t speakers) {
  return format(coding, channels, 0xFFFE) + little(std::uint16_t{22}) +
         little(static_cast<std::uint16_t>(bits_of(coding))) + little(speakers) + little(tag_of(coding)) +
         std::string("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
}

std::string riff(const std::string& chunks) {
  return "RIFF" + little(static_cast<std::uint32_t>(chunks.size() + 4)) + "WAVE" + chunks;
}

/// A file whose data chunk claims another size.
std::string claiming(std::uint32_t riff_size, std::uint32_t data_size) {
  return "RIFF" + little(riff_size) + "WAVE" + chunk("fmt ", format(Coding::s16, 1)) + "data" + little(data_size) +
         sound(Coding::s16, 1);
}

std::string rf64() {
  const std::string data = sound(Coding::s16, 1), fmt = chunk("fmt ", format(Coding::s16, 1));
  const auto size = static_cast<std::uint64_t>(data.size());
  const std::string ds64 = chunk("ds64", little(size + fmt.size() + 48) + little(size) +
                                             little(std::uint64_t{kFrames}) + little(std::uint32_t{0}));
  return "RF64" + little(0xFFFFFFFFU) + "WAVE" + ds64 + fmt + "data" + little(0xFFFFFFFFU) + data;
}

struct Kind {
  std::string name, bytes;
};

std::vector<Kind> kinds() {
  std::vector<Kind> all;
  const std::vector<std::pair<const char*, Coding>> codings = {
      {"u8", Coding::u8},   {"s16", Coding::s16}, {"s24", Coding::s24},   {"s32", Coding::s32},
      {"f32", Coding::f32}, {"f64", Coding::f64}, {"alaw", Coding::alaw}, {"mulaw", Coding::mulaw}};
  for (const auto& [name, coding] : codings) {
    all.push_back({name, riff(chunk("fmt ", format(coding, 1)) + chunk("data", sound(coding, 1)))});
  }
  const std::string fmt = chunk("fmt ", format(Coding::s16, 1)), data = chunk("data", sound(Coding::s16, 1));
  const std::string tags = chunk("LIST", "INFO" + chunk("INAM", "A title"));
  all.push_back({"extensible s16", riff(chunk("fmt ", extensible(Coding::s16, 1, 4)) + data)});
  all.push_back({"extensible s24 stereo",
                 riff(chunk("fmt ", extensible(Coding::s24, 2, 3)) + chunk("data", sound(Coding::s24, 2)))});
  all.push_back({"extensible f32 5.1",
                 riff(chunk("fmt ", extensible(Coding::f32, 6, 0x3F)) + chunk("data", sound(Coding::f32, 6)))});
  all.push_back({"extensible without speakers",
                 riff(chunk("fmt ", extensible(Coding::s16, 2, 0)) + chunk("data", sound(Coding::s16, 2)))});
  all.push_back({"fmt of 18 bytes", riff(chunk("fmt ", format(Coding::s16, 1) + little(std::uint16_t{0})) + data)});
  all.push_back({"fact", riff(fmt + chunk("fact", little(kFrames)) + data)});
  all.push_back({"tags before", riff(fmt + tags + data)});
  all.push_back({"tags behind", riff(fmt + data + tags)});
  all.push_back({"odd chunk before", riff(fmt + chunk("odd ", "abc") + data)});
  all.push_back({"broadcast", riff(chunk("bext", std::string(602, '\0')) + fmt + data)});
  all.push_back({"JUNK for RF64", riff(chunk("JUNK", std::string(28, '\0')) + fmt + data)});
  all.push_back({"RF64", rf64()});
  all.push_back({"stream: sizes 0", claiming(0, 0)});
  all.push_back({"stream: sizes all ones", claiming(0xFFFFFFFFU, 0xFFFFFFFFU)});
  all.push_back({"data longer than the file", claiming(60000, 60000)});
  all.push_back({"bytes behind the end", riff(fmt + data) + std::string(333, '\x55')});
  return all;
}

TEST(WavHeaders, TwoDozenKindsAreHeardInFull) {
  const testing::ScratchFolder folder;
  const std::vector<Kind> all = kinds();
  ASSERT_EQ(all.size(), 24U);
  for (const Kind& kind : all) {
    write_file(folder / "a.wav", kind.bytes);
    const Recording recording = Recording::open(folder / "a.wav");
    EXPECT_NEAR(recording.duration(), static_cast<double>(kFrames) / kRate, 0.01) << kind.name;
    EXPECT_NEAR(recording.peak(), kPeak, 0.05)
        << kind.name;  // eight bits; resampling of a square wave is not asked for
  }
}

}  // namespace
}  // namespace pop2piano
