// SPDX-License-Identifier: MIT
// Kept analyses: what is saved comes back, and nothing else is taken for one.
#include "listening/analysis/analysis_file.h"

#include <pop2piano/analysis.h>

#include <cstring>
#include <functional>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "listening/analysis/small_analysis.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano {
namespace {

using Bytes = std::vector<std::byte>;
using testing::small_analysis;

constexpr std::size_t kHead = 32, kVersionAt = 8, kLengthAt = 16;

// The one line that is said about these bytes as the file song.analysis.
std::string said_of(const Bytes& bytes) {
  try {
    (void)decode_analysis(bytes, "song.analysis");
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("song.analysis: ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
    return message;
  }
  return "";
}

TEST(AnalysisFile, ComesBackAsItWas) {
  const testing::ScratchFolder folder;
  for (const FeatureKind kind : {FeatureKind::beat_synchronous, FeatureKind::mel}) {
    Analysis analysis = small_analysis(kind);
    analysis.source.title = "Fish & Chips 日本語";
    analysis.source.end = 4.5;
    analysis.rhythm.key = Key{.fifths = -3, .minor = true};
    analysis.rhythm.remarks = {"one", "two"};
    analysis.tuning = {.cents = -31.5, .confidence = 0.25, .drift = 3.0, .corrected = -32.0};
    save_analysis(analysis, folder / "song.analysis");
    EXPECT_TRUE(is_kept_analysis(folder / "song.analysis"));
    const Analysis again = load_analysis(folder / "song.analysis");
    EXPECT_EQ(encode_analysis(again), encode_analysis(analysis));
    EXPECT_EQ(again.source.title, analysis.source.title);
    EXPECT_EQ(again.source.end, analysis.source.end);
    EXPECT_EQ(again.rhythm.key, analysis.rhythm.key);
    EXPECT_EQ(again.rhythm.remarks, analysis.rhythm.remarks);
    EXPECT_EQ(again.grid.times, analysis.grid.times);
    EXPECT_EQ(again.grid.numbers, analysis.grid.numbers);
    EXPECT_EQ(again.heard.places, analysis.heard.places);
    EXPECT_EQ(again.tuning.corrected, -32.0);
    EXPECT_EQ(again.peak_db, analysis.peak_db);
    EXPECT_EQ(again.loudness_db, analysis.loudness_db);
    EXPECT_EQ(again.harmony, analysis.harmony);
    EXPECT_EQ(again.bands.values, analysis.bands.values);
    EXPECT_EQ(again.melody.values, analysis.melody.values);
    EXPECT_EQ(again.segment_frames, analysis.segment_frames);
    EXPECT_TRUE(again.stage_seconds.empty());
  }
}

TEST(AnalysisFile, EveryTruncationIsSaid) {
  const Bytes whole = encode_analysis(small_analysis(FeatureKind::mel));
  EXPECT_EQ(said_of(whole), "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_NE(said_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), "") << size;
    if (size < kHead) continue;
    // As if the writer had sealed the shorter contents itself.
    const auto values = std::span(whole).subspan(kHead, size - kHead);
    ASSERT_THROW((void)decode_analysis_values(values, "song.analysis"), Error) << size;
  }
}

TEST(AnalysisFile, EveryFlippedByteIsSaid) {
  const Bytes whole = encode_analysis(small_analysis(FeatureKind::mel));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] ^= std::byte{0x41};
    ASSERT_NE(said_of(damaged), "") << at;
  }
}

TEST(AnalysisFile, OtherVersionsAndLengthsOf2To63AreSaid) {
  const Bytes whole = encode_analysis(small_analysis());
  Bytes other = whole;
  other[kVersionAt] = std::byte{1};
  EXPECT_NE(said_of(other).find("version 3 of a kept analysis expected, 1 found"), std::string::npos) << said_of(other);
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_NE(said_of(longer), "");
  Bytes endless = whole;
  endless[kLengthAt + 7] = std::byte{0x80};
  EXPECT_NE(said_of(endless), "");
  // Every place where a length might stand.
  for (std::size_t at = kHead; at + 8 <= whole.size() && at < kHead + 2000; ++at) {
    Bytes lying(whole.begin() + kHead, whole.end());
    const std::uint64_t length = std::uint64_t{1} << 63;
    std::memcpy(lying.data() + (at - kHead), &length, sizeof(length));
    try {
      (void)decode_analysis_values(lying, "song.analysis");
    } catch (const Error&) {
    }
  }
}

TEST(AnalysisFile, OtherFilesAreNone) {
  const testing::ScratchFolder folder;
  write_file(folder / "song.mp3", "ID3 and so on, for longer than a head");
  write_file(folder / "empty", "");
  for (const char* name : {"song.mp3", "empty", "missing"}) {
    EXPECT_FALSE(is_kept_analysis(folder / name)) << name;
    EXPECT_THROW((void)load_analysis(folder / name), Error) << name;
  }
  EXPECT_FALSE(is_kept_analysis(folder.path()));
  EXPECT_THROW((void)load_analysis(folder.path()), Error);
  EXPECT_THROW(save_analysis(small_analysis(), folder / "no/such/folder.analysis"), Error);
}

// Sealed by someone who wants no good.
TEST(AnalysisFile, ContradictionsAreSaid) {
  const Analysis sound = small_analysis();
  const Analysis published = small_analysis(FeatureKind::mel);
  const auto refused = [](Analysis analysis, const std::function<void(Analysis&)>& change) {
    change(analysis);
    const std::string said = said_of(encode_analysis(analysis));
    return said.find("contradicts itself") != std::string::npos;
  };
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.bands.values.pop_back(); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.bands.values.resize(a.bands.values.size() + 4); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.bands.columns = std::size_t{1} << 63; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.bands.values[3] = NAN; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.melody = {}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.melody.columns = 64; }));
  EXPECT_TRUE(
      refused(sound, [](Analysis& a) { a.melody_chances = {.columns = 128, .values = std::vector<float>(128)}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.loudness_db.pop_back(); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.harmony.pop_back(); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.harmony[2].root = 12; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.harmony[2] = {.quality = ChordQuality::major}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.harmony[2] = {.root = 3, .bass = -1}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.harmony[2].bass_pitch = -2; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.harmony[2].pitch_classes = 1 << 12; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.harmony[2].confidence = NAN; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.rhythm.grid.times[2] = 0.0; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.rhythm.grid.numbers.clear(); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.rhythm.grid.beats_per_bar = 1 << 30; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.rhythm.grid.times = {0.0, 1e-9}, a.rhythm.grid.numbers = {1, 2}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.rhythm.key = Key{.fifths = 8}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.source.samples = std::int64_t{1} << 62; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.source.samples = -1; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.source.sample_rate = 0; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.sounding.clear(); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.sounding.push_back(a.sounding.front()); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.sounding = {{.start = 100.0, .end = 101.0}}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.faint = {{.start = 2.0, .end = 1.0}}; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.tuning.corrected = 51.0; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.peak_db = NAN; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.options.melody = static_cast<MelodyEvidence>(7); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.options.features.kind = static_cast<FeatureKind>(9); }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.options.features.n_mels = 5; }));
  EXPECT_TRUE(refused(sound, [](Analysis& a) { a.options.features.frames_per_beat = 0; }));
  EXPECT_TRUE(refused(published, [](Analysis& a) { a.segment_frames.clear(); }));
  EXPECT_TRUE(refused(published, [](Analysis& a) { a.segment_frames[1] = a.segment_frames[2] + 1; }));
  EXPECT_TRUE(refused(published, [](Analysis& a) { a.segment_frames[1] = -1; }));
  EXPECT_TRUE(refused(published, [](Analysis& a) { a.segment_frames.back() += 1; }));
  EXPECT_TRUE(refused(published, [](Analysis& a) { a.padded_frames = 1; }));
  EXPECT_TRUE(refused(published, [](Analysis& a) { a.padded_frames = std::int64_t{1} << 62; }));
  EXPECT_TRUE(refused(published, [](Analysis& a) { a.silence = INFINITY; }));
}

}  // namespace
}  // namespace pop2piano
