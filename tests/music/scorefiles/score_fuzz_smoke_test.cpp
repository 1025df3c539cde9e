// SPDX-License-Identifier: MIT
// Scores with random damage: an error or a score that can be arranged and written, in time and memory that the size of
// the file bounds.
#include <pop2piano/arrange.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <ctime>
#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "music/leadsheets/lead_sheet.h"
#include "music/random_score.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/score_limits.h"
#include "music/scorefiles/score_midi.h"

namespace pop2piano {
namespace {

// Of one input of a few kB. A score of the greatest length that is taken is read, arranged and written in 0.5 s on one
// core of 2020; sanitizers and a busy machine take ten times that.
constexpr double kMostSeconds = 10.0;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::string damaged(std::string bytes, Random& random) {
  for (std::size_t i = 0, count = 1 + random.index(4); i < count && !bytes.empty(); ++i) {
    const std::size_t at = random.index(bytes.size()),
                      length = random.index(std::min<std::size_t>(16, bytes.size() - at));
    switch (random.index(5)) {
      case 0:
        bytes[at] = static_cast<char>(random.next());
        break;
      case 1:
        bytes[at] = static_cast<char>(random.chance(0.5) ? 0xFF : 0x7F);  // long times
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, bytes.substr(random.index(bytes.size()), length));
        break;
      default:
        bytes.replace(at, length, std::to_string(static_cast<std::int64_t>(random.next() >> random.index(64))));
    }
  }
  return bytes;
}

/// Everything that `arrange` does with a score.
void use(Imported imported) {
  imported.score.grid.validate();
  ASSERT_LE(static_cast<double>(imported.score.grid.size()), kMostQuarters + 3);
  const PianoScore piano = arrange(std::move(imported.score), {});
  (void)score_to_midi(piano.score);
  (void)score_to_musicxml(piano.score);
}

template <typename Read>
void read_damaged(const std::string& whole, int rounds, std::uint64_t seed, Read&& read) {
  Random random(seed);
  double worst = 0.0;
  for (int round = 0; round < rounds; ++round) {
    const std::string bytes = damaged(whole, random);
    const double before = processor_seconds();
    try {
      read(bytes);
    } catch (const Error& error) {
      EXPECT_LT(std::string_view(error.what()).size(), 12'000U);
    }
    const double seconds = processor_seconds() - before;
    worst = std::max(worst, seconds);
    ASSERT_LT(seconds, kMostSeconds) << "round " << round;
  }
  ::testing::Test::RecordProperty("worst_seconds", std::to_string(worst));
}

TEST(ScoreFuzz, DamagedMidi) {
  Random random(7);
  const auto bytes = serialize_midi(score_to_midi(testing::random_score(random, 24, 120, 3)));
  const std::string whole(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  read_damaged(whole, 1500, 71,
               [](const std::string& bad) { use(score_from_midi(parse_midi(bytes_of(bad), "damaged"), "damaged")); });
}

TEST(ScoreFuzz, DamagedMusicXml) {
  Random random(8);
  const std::string whole = score_to_musicxml(testing::random_score(random, 12, 40, 3));
  read_damaged(whole, 3000, 72, [](const std::string& bad) { use(score_from_musicxml(bytes_of(bad), "damaged")); });
}

TEST(ScoreFuzz, DamagedAbc) {
  const std::string whole =
      "X:1\nT:One\nM:6/8\nL:1/8\nQ:3/8=100\nK:Gm\n|:\"Gm\"G2A B>c d|(3efg [ceg]4-|[ceg]2 z2 ^F/2:|\nX:2\nK:C\nCDEF|\n";
  read_damaged(whole, 3000, 73, [](const std::string& bad) {
    for (const std::string& song : split_abc(bytes_of(bad), "damaged")) {
      lead_sheet_from_abc(song, "damaged").grid.validate();
    }
  });
}

}  // namespace
}  // namespace pop2piano
