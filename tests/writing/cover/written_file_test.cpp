// SPDX-License-Identifier: MIT
// Kept scores: what is saved comes back and is arranged the same; nothing else is taken for one.
#include "writing/cover/written_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include <gtest/gtest.h>

#include "listening/analysis/analysis_file.h"
#include "scratch_folder.h"
#include "writing/cover/clip.h"

namespace pop2piano {
namespace {

using Bytes = std::vector<std::byte>;
using testing::clip_written;

constexpr std::size_t kHead = 32;

// The clip's first notes: a file that is small enough to try every byte of.
Written few_notes() {
  Written written = clip_written();
  written.score.notes.resize(12);
  return written;
}

std::string said_of(const Bytes& bytes) {
  try {
    (void)decode_written(bytes, "song.written");
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("song.written: ")) << error.what();
    return error.what();
  }
  return "";
}

TEST(WrittenFile, ComesBackAndIsArrangedTheSame) {
  const testing::ScratchFolder folder;
  save_written(clip_written(), folder / "clip.written");
  const Written kept = load_written(folder / "clip.written");
  EXPECT_EQ(encode_written(kept), encode_written(clip_written()));
  EXPECT_EQ(kept.score.notes, clip_written().score.notes);
  EXPECT_EQ(kept.score.style, "auto");
  EXPECT_EQ(kept.confidence, clip_written().confidence);
  EXPECT_EQ(kept.score.chords, clip_written().score.chords);
  EXPECT_EQ(kept.accompaniment, Accompaniment::figures);
  EXPECT_TRUE(kept.stage_seconds.empty());
  for (const int level : {1, 3, 5}) {
    EXPECT_EQ(arrange(kept, {.level = level}).score.notes, arrange(clip_written(), {.level = level}).score.notes);
  }
}

TEST(WrittenFile, EveryTruncationAndEveryFlippedByteIsSaid) {
  const Bytes whole = encode_written(few_notes());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
    ASSERT_NE(said_of(cut), "") << at;
    Bytes flipped = whole;
    flipped[at] ^= std::byte{0x10};
    ASSERT_NE(said_of(flipped), "") << at;
    if (at < kHead) continue;
    ASSERT_THROW((void)decode_written_values(std::span(cut).subspan(kHead), "values"), Error) << at;
  }
  EXPECT_NE(said_of(encode_analysis(testing::clip_analysis())).find("is not a kept score"), std::string::npos);
}

TEST(WrittenFile, LengthsOf2To63AreErrorsOrHarmless) {
  const Bytes whole = encode_written(few_notes());
  for (std::size_t at = kHead; at + 8 <= whole.size(); ++at) {
    Bytes values(whole.begin() + kHead, whole.end());
    const std::uint64_t length = std::uint64_t{1} << 63;
    std::memcpy(values.data() + (at - kHead), &length, sizeof(length));
    try {
      (void)arrange(decode_written_values(values, "values"));
    } catch (const Error&) {
    }
  }
}

TEST(WrittenFile, ContradictionsAreSaid) {
  const auto refused = [](const std::function<void(Written&)>& change) {
    Written written = clip_written();
    change(written);
    return said_of(encode_written(written)).find("contradicts itself") != std::string::npos;
  };
  EXPECT_TRUE(refused([](Written& w) { w.score.notes[2].pitch = 128; }));
  EXPECT_TRUE(refused([](Written& w) { w.score.notes[2].duration = 0; }));
  EXPECT_TRUE(refused([](Written& w) { w.score.notes[2].voice = static_cast<Voice>(7); }));
  EXPECT_TRUE(refused([](Written& w) { w.score.notes[2].hand = static_cast<Hand>(3); }));
  EXPECT_TRUE(refused([](Written& w) { w.score.notes.front().onset = -1; }));
  EXPECT_TRUE(refused([](Written& w) { w.score.notes.back().duration = 10'000'000; }));
  EXPECT_TRUE(refused([](Written& w) { w.score.grid.times[1] = NAN; }));
  EXPECT_TRUE(refused([](Written& w) { w.rhythm.grid.times.clear(); }));
  EXPECT_TRUE(refused([](Written& w) { w.score.key = Key{.fifths = 9}; }));
  EXPECT_TRUE(refused([](Written& w) { w.loudness_db.pop_back(); }));
  EXPECT_TRUE(refused([](Written& w) { w.confidence.pop_back(); }));
  EXPECT_TRUE(refused([](Written& w) { w.duration = INFINITY; }));
  EXPECT_TRUE(refused([](Written& w) { w.accompaniment = static_cast<Accompaniment>(3); }));
  EXPECT_TRUE(refused([](Written& w) { w.score.chords.front().root = 12; }));
  EXPECT_TRUE(refused([](Written& w) { w.score.chords.front().first_beat = -1; }));
  EXPECT_TRUE(refused([](Written& w) { w.score.chords.back().beats = 1 << 30; }));
  EXPECT_TRUE(refused([](Written& w) { w.score.chords.push_back(w.score.chords.front()); }));
  EXPECT_TRUE(refused([](Written& w) { std::reverse(w.segment_first_beats.begin(), w.segment_first_beats.end()); }));
}

}  // namespace
}  // namespace pop2piano
