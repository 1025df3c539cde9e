// SPDX-License-Identifier: MIT
// Stretches against one single stretch, threads against one thread, and what is left when something stops it.
#include "sound/render/performance.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "scratch_folder.h"
#include "sound/render/tiny_soundfont.h"

namespace pop2piano {
namespace {

constexpr int kRate = 44100;

std::vector<float> played(const Music& music, const LoadedInstrument& instrument, const SideWork& beside = {}) {
  std::vector<float> sound;
  perform(music, instrument,
          [&](std::span<const float> block) { sound.insert(sound.end(), block.begin(), block.end()); }, beside, {});
  return sound;
}

double decibels(double amplitude) { return amplitude > 0.0 ? 20.0 * std::log10(amplitude) : -999.0; }

/// Largest difference relative to full scale, dB.
double difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0.0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(double{a[i]} - b[i]));
  return decibels(most);
}

/// Two hands for `seconds`: chords under a faster voice, lengths and loudness as chance has it, a pause now and then.
std::vector<TimedEvent> piano_piece(double seconds) {
  Random random(7);
  std::vector<TimedEvent> events;
  const auto strike = [&](double at, double length, int key) {
    const auto pitch = static_cast<std::uint8_t>(key);
    events.push_back({at, 0x90, pitch, static_cast<std::uint8_t>(40 + random.index(70))});
    events.push_back({at + length, 0x80, pitch, 0});
  };
  for (double at = 0.1; at < seconds; at += 0.21) {
    if (random.chance(0.1)) continue;
    strike(at, random.uniform(0.1, 1.2), 60 + static_cast<int>(random.index(24)));
  }
  for (double at = 0.1; at < seconds; at += 0.84) {
    for (const int key : {40, 47, 52}) strike(at, random.uniform(0.3, 2.5), key + static_cast<int>(random.index(5)));
  }
  return events;
}

std::set<std::filesystem::path> piano_fonts() {
  std::set<std::filesystem::path> fonts;
  std::error_code failed;
  for (const auto& place : soundfont_places()) {
    if (std::filesystem::exists(place, failed)) fonts.insert(std::filesystem::canonical(place));
  }
  return fonts;
}

TEST(InstalledPiano, StretchesSoundAsOneSingleStretch) {
  const auto fonts = piano_fonts();
  if (fonts.empty()) GTEST_SKIP() << "no sound font is installed (apt install musescore-general-soundfont-small)";
  const auto piece = piano_piece(75.0);
  const Music whole = music_of(piece, 0.0, kRate, Cutting::none), cut = music_of(piece, 0.0, kRate);
  ASSERT_EQ(whole.starts.size(), 1U);
  ASSERT_GE(cut.starts.size(), 3U);
  for (const auto& font : fonts) {
    const auto instrument = LoadedInstrument::load({.soundfont = font, .threads = 2});
    const auto expected = played(whole, instrument);
    EXPECT_GT(decibels(*std::max_element(expected.begin(), expected.end())), -20.0) << font;
    EXPECT_LE(difference(played(cut, instrument), expected), -60.0) << font;
  }
}

class Performance : public ::testing::Test {
 protected:
  Performance() { testing::write_tiny_soundfont(font_ = folder_ / "sine.sf2"); }

  LoadedInstrument instrument(int threads) { return LoadedInstrument::load({.soundfont = font_, .threads = threads}); }

  testing::ScratchFolder folder_;
  std::filesystem::path font_;
};

TEST_F(Performance, TheSameSamplesWithAnyNumberOfThreads) {
  const Music music = music_of(piano_piece(90.0), 0.0, kRate);
  ASSERT_GE(music.starts.size(), 3U);
  const auto alone = played(music, instrument(1));
  for (const int threads : {2, 3, 8}) EXPECT_EQ(played(music, instrument(threads)), alone) << threads;
}

TEST_F(Performance, StretchesSoundAsOneSingleStretch) {
  const auto piece = piano_piece(90.0);
  const auto whole = played(music_of(piece, 0.0, kRate, Cutting::none), instrument(2));
  EXPECT_LE(difference(played(music_of(piece, 0.0, kRate), instrument(2)), whole), -60.0);
}

// Cut by hand where it must not be: a key is down from 5 to 40 s. The first stretch plays on until it is silent.
TEST_F(Performance, AVoiceThatSoundsOnIsCarriedThroughTheStretchesThatFollow) {
  auto piece = piano_piece(70.0);
  piece.push_back({5.0, 0x90, 100, 90});
  piece.push_back({40.0, 0x80, 100, 0});
  const Music whole = music_of(piece, 0.0, kRate, Cutting::none);
  Music cut = whole;
  for (const int seconds : {12, 24, 36, 48, 60}) cut.starts.push_back(seconds * kRate / kSynthBlock * kSynthBlock);
  const auto expected = played(whole, instrument(2));
  EXPECT_LE(difference(played(cut, instrument(1)), expected), -60.0);
  EXPECT_LE(difference(played(cut, instrument(4)), expected), -60.0);
}

TEST_F(Performance, PedalsBendsAndLoudnessFromBeforeAStretchHoldInIt) {
  auto piece = piano_piece(60.0);
  piece.push_back({1.0, 0xB0, 7, 40});   // volume
  piece.push_back({2.0, 0xE0, 0, 80});   // bend
  piece.push_back({3.0, 0xB0, 10, 20});  // panning
  const Music whole = music_of(piece, 0.0, kRate, Cutting::none), cut = music_of(piece, 0.0, kRate);
  ASSERT_GE(cut.starts.size(), 2U);
  // A new voice is panned from where the one before it in its place was within 64 frames: for these, less is asked.
  const auto expected = played(whole, instrument(2)), found = played(cut, instrument(2));
  ASSERT_EQ(found.size(), expected.size());
  double power = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) power += std::pow(double{found[i]} - expected[i], 2.0);
  EXPECT_LE(10.0 * std::log10(power / static_cast<double>(found.size()) + 1e-30), -60.0);
}

TEST_F(Performance, WorkBesideIsDoneAndItsErrorIsTheCallers) {
  const Music music = music_of(piano_piece(3.0), 0.0, kRate);
  bool done = false;
  const auto sound = played(music, instrument(2), [&](const CancelToken&) { done = true; });
  EXPECT_TRUE(done);
  EXPECT_EQ(sound, played(music, instrument(2)));
  EXPECT_THROW(played(music, instrument(2), [](const CancelToken&) { throw std::runtime_error("no song"); }),
               std::runtime_error);
}

TEST_F(Performance, AnErrorOfTheListenerStopsAllThreadsAndTheWorkBeside) {
  const Music music = music_of(piano_piece(300.0), 0.0, kRate);
  const auto wait_for_stop = [](const CancelToken& stop) {
    while (true) stop.check();
  };
  const auto fail = [](std::span<const float>) { throw std::runtime_error("the disk is full"); };
  EXPECT_THROW(perform(music, instrument(4), fail, wait_for_stop, {}), std::runtime_error);
}

TEST_F(Performance, CancelStopsItSoonWhereverItStands) {
  const Music music = music_of(piano_piece(300.0), 0.0, kRate);
  CancelToken token;
  double reached = 0.0;
  const Monitor monitor{.progress =
                            [&](std::string_view, double fraction) {
                              reached = fraction;
                              if (fraction > 0.2) token.cancel();
                            },
                        .cancel = &token};
  try {
    perform(
        music, instrument(3), [](std::span<const float>) {}, {}, monitor);
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
  EXPECT_LT(reached, 0.5);
}

}  // namespace
}  // namespace pop2piano
