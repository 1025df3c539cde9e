// SPDX-License-Identifier: MIT
// The files of `pop2piano cover` beyond the usual ones: pages, sound in small formats, all in one archive.
#include <gtest/gtest.h>

#include "base/core/archive.h"
#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

namespace fs = std::filesystem;

const std::string kClip = POP2PIANO_TEST_DATA "/seed/clip.wav";

class CoverFilesCli : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directory(folder_ / "bin"); }
  /// With the engraver that was installed, or none.
  [[nodiscard]] Outcome cover(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "cover");
    return run_program(arguments,
                       {.working_folder = folder_.path(),
                        .environment = {"PATH=" + (folder_ / "bin").string(), "TMPDIR=" + folder_.path().string()}});
  }
  /// An engraver: a shell script that writes a page into its folder.
  void install_engraver() const {
    const fs::path program = folder_ / "bin/mscore3";
    write_file(program, "#!/bin/sh\necho '%PDF-1.4 of' \"$5\" > page.pdf\n");
    fs::permissions(program, fs::perms::owner_all);
  }
  [[nodiscard]] std::string beginning(const std::string& name, std::size_t bytes = 4) const {
    return bytes_of(folder_ / name).substr(0, bytes);
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path()), {}));
  }
  const ScratchFolder folder_;
};

TEST_F(CoverFilesCli, SmallFormatsOfSoundArePianoAndMix) {
  const Outcome outcome = cover({kClip, "--only", "flac,ogg,opus,mp3,wav"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const std::string name : {"clip.piano", "clip.piano.mix"}) {
    EXPECT_EQ(beginning(name + ".flac"), "fLaC");
    EXPECT_EQ(beginning(name + ".ogg"), "OggS");
    EXPECT_EQ(beginning(name + ".opus"), "OggS");
    EXPECT_NE(bytes_of(folder_ / (name + ".opus")).find("OpusHead"), std::string::npos);
    EXPECT_EQ(beginning(name + ".mp3", 1), "\xff");
    EXPECT_LT(fs::file_size(folder_ / (name + ".mp3")), fs::file_size(folder_ / (name + ".flac")));
  }
  EXPECT_EQ(bytes_of(folder_ / "clip.piano.wav").substr(24, 4), std::string("\x80\xbb\0\0", 4));  // 48000
  EXPECT_EQ(files(), 10U);  // bin and nine: the WAV of the mix was not asked for
}

TEST_F(CoverFilesCli, TheEndingOfOneFileSaysWhatItIs) {
  ASSERT_EQ(cover({kClip, "-o", "a.mix.mp3"}).exit_code, 0);
  ASSERT_EQ(cover({kClip, "-o", "a.flac"}).exit_code, 0);
  EXPECT_EQ(beginning("a.mix.mp3", 1), "\xff");
  EXPECT_EQ(beginning("a.flac"), "fLaC");
  EXPECT_EQ(files(), 3U);
}

TEST_F(CoverFilesCli, AnArchiveHoldsAll) {
  install_engraver();
  const Outcome outcome = cover({kClip, "-o", "all/song.zip"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string bytes = bytes_of(folder_ / "all/song.zip");
  const Archive archive(std::as_bytes(std::span(bytes)), "song.zip");
  for (const auto& [name, start] :
       {std::pair("song.mid", "MThd"), std::pair("song.musicxml", "<?xm"), std::pair("song.pdf", "%PDF"),
        std::pair("song.json", "{\n \""), std::pair("song.flac", "fLaC"), std::pair("song.mix.flac", "fLaC")}) {
    EXPECT_EQ(archive.unpacked(name).substr(0, 4), start) << name;
  }
  EXPECT_EQ(archive.entries().size(), 6U);
  EXPECT_EQ(files(), 2U);  // nothing is left of what it was made from
}

TEST_F(CoverFilesCli, WithoutAnEngraverPagesAreRefusedBeforeTheWorkAndLackInTheArchive) {
  const Outcome pages = cover({kClip, "--only", "pdf,midi"});
  EXPECT_EQ(pages.exit_code, 1);
  EXPECT_NE(pages.err.find("install MuseScore"), std::string::npos) << pages.err;
  EXPECT_EQ(files(), 1U);
  ASSERT_EQ(cover({kClip, "-o", "song.zip"}).exit_code, 0);
  const std::string bytes = bytes_of(folder_ / "song.zip");
  EXPECT_EQ(Archive(std::as_bytes(std::span(bytes)), "song.zip").entries().size(), 5U);
}

TEST_F(CoverFilesCli, AKeptAnalysisHasNoMix) {
  ASSERT_EQ(cover({kClip, "-o", "clip.analysis"}).exit_code, 0);
  const Outcome outcome = cover({"clip.analysis", "--only", "flac"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("no mix is written"), std::string::npos) << outcome.err;
  EXPECT_EQ(beginning("clip.piano.flac"), "fLaC");
  EXPECT_EQ(files(), 3U);
  const Outcome alone = cover({"clip.analysis", "-o", "clip.mix.flac"});
  EXPECT_EQ(alone.exit_code, 2);
  EXPECT_NE(alone.err.find("the mix needs the recording"), std::string::npos) << alone.err;
}

TEST_F(CoverFilesCli, UnknownKindsAreGuessed) {
  const Outcome outcome = cover({kClip, "--only", "flaq"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("did you mean 'flac'"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace pop2piano::testing
