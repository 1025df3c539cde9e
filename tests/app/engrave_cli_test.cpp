// SPDX-License-Identifier: MIT
// `pop2piano engrave` with engravers that are not there, that are played by small scripts, and with MuseScore where it
// is.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "music/scorefiles/midi_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"
#include "zip_file.h"

namespace pop2piano::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScore = R"(<?xml version="1.0"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>Piano</part-name></score-part></part-list>
<part id="P1"><measure number="1"><attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time>
<clef><sign>G</sign><line>2</line></clef></attributes>
<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration><type>whole</type></note></measure></part>
</score-partwise>)";

class EngraveCli : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(folder_ / "song.musicxml", kScore);
    fs::create_directory(folder_ / "bin");
  }
  /// A program on PATH, as a shell script that has the shell's own words only.
  void install(const std::string& name, const std::string& script) const {
    write_file(folder_ / ("bin/" + name), "#!/bin/sh\n" + script + "\n");
    fs::permissions(folder_ / ("bin/" + name), fs::perms::owner_all);
  }
  Outcome engrave(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "engrave");
    return run_program(arguments,
                       {.working_folder = folder_.path(),
                        .environment = {"PATH=" + (folder_ / "bin").string(), "TMPDIR=" + folder_.path().string()}});
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path()), {}));
  }

  const ScratchFolder folder_;
};

TEST_F(EngraveCli, WithoutAnEngraverItSaysWhatToInstall) {
  const Outcome outcome = engrave({"song.musicxml", "-o", "song.pdf"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("install MuseScore"), std::string::npos) << outcome.err;
  EXPECT_EQ(line_count(outcome.err), 1U);
  EXPECT_EQ(engrave({"song.musicxml", "-o", "song.pdf", "--engraver", "lilypond"}).exit_code, 1);
  EXPECT_EQ(files(), 2U);
}

TEST_F(EngraveCli, MuseScoreWritesThePdf) {
  install("musescore3", "[ \"$QT_QPA_PLATFORM\" = offscreen ] && echo \"pdf of $5\" > \"$4\"");
  const Outcome outcome = engrave({"song.musicxml"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(bytes_of(folder_ / "song.pdf").find("pdf of /"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "song.pdf").find("song.musicxml"), std::string::npos);
  const Outcome again = engrave({"song.musicxml"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE(again.err.find("song.pdf: exists; use --force"), std::string::npos) << again.err;
  EXPECT_EQ(engrave({"song.musicxml", "--force"}).exit_code, 0);
  EXPECT_EQ(files(), 3U);  // no temporary folder stays
}

TEST_F(EngraveCli, PagesAreNumberedAndNoneIsOverwritten) {
  install("mscore", "for page in 1 2 10; do echo \"page $page\" > page-$page.png; done");
  const Outcome outcome = engrave({"song.musicxml", "-o", "out.png"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(bytes_of(folder_ / "out-1.png"), "page 1\n");
  EXPECT_EQ(bytes_of(folder_ / "out-2.png"), "page 2\n");
  EXPECT_EQ(bytes_of(folder_ / "out-3.png"), "page 10\n");
  fs::remove(folder_ / "out-1.png");
  write_file(folder_ / "out-2.png", "mine");
  EXPECT_EQ(engrave({"song.musicxml", "-o", "out.png"}).exit_code, 1);
  EXPECT_EQ(bytes_of(folder_ / "out-2.png"), "mine");
  EXPECT_FALSE(fs::exists(folder_ / "out-1.png"));
}

TEST_F(EngraveCli, OnePageKeepsItsName) {
  install("musescore", "echo one > page-1.svg");
  ASSERT_EQ(engrave({"song.musicxml", "-o", "out.svg"}).exit_code, 0);
  EXPECT_EQ(bytes_of(folder_ / "out.svg"), "one\n");
}

TEST_F(EngraveCli, LilyPondAndVerovioStandIn) {
  install("verovio", "echo verovio > page.svg");
  EXPECT_EQ(engrave({"song.musicxml", "-o", "v.svg"}).exit_code, 0);
  EXPECT_EQ(bytes_of(folder_ / "v.svg"), "verovio\n");
  EXPECT_EQ(engrave({"song.musicxml", "-o", "v.pdf"}).exit_code, 1);  // Verovio writes SVG only
  EXPECT_EQ(engrave({"song.musicxml", "-o", "v.pdf", "--engraver", "verovio"}).exit_code, 1);
  install("musicxml2ly", "echo ly > \"$2\"");
  install("lilypond", "[ \"$1\" = --pdf ] && echo lilypond > page.pdf");
  EXPECT_EQ(engrave({"song.musicxml", "-o", "v.pdf"}).exit_code, 0);
  EXPECT_EQ(bytes_of(folder_ / "v.pdf"), "lilypond\n");
}

TEST_F(EngraveCli, TriadsAreNoPowerChordsInLilyPond) {
  install("musicxml2ly", "printf 'cis4:5 a8.:m5 s8 d:7 e:dim5\\n\"c4:5\"' > \"$2\"");
  install("lilypond", "while read -r line || [ \"$line\" ]; do echo \"$line\"; done < page.ly > page.pdf");
  ASSERT_EQ(engrave({"song.musicxml", "-o", "v.pdf"}).exit_code, 0);
  EXPECT_EQ(bytes_of(folder_ / "v.pdf"), "cis4: a8.:m s8 d:7 e:dim5\n\"c4:5\"\n");
}

TEST_F(EngraveCli, MidiIsWrittenAsAScoreFirst) {
  MidiFile file;
  file.tracks.resize(1);
  file.tracks[0].events = {midi_note_on(0, 0, 60, 90), midi_note_off(480, 0, 60)};
  write_midi_file(folder_ / "a.mid", file);
  install("musescore3", "while read -r line; do echo \"$line\"; done < \"$5\" > \"$4\"");
  ASSERT_EQ(engrave({"a.mid", "-o", "a.pdf", "--fingering"}).exit_code, 0);
  EXPECT_NE(bytes_of(folder_ / "a.pdf").find("<score-partwise"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "a.pdf").find("<fingering"), std::string::npos);
}

TEST_F(EngraveCli, TheEngraverGetsPlainMusicXmlWhateverTheName) {
  install("musescore3", "while read -r line; do echo \"$line\"; done < \"$5\" > \"$4\"; echo \"$5\" >> \"$4\"");
  write_file(folder_ / "plain.mxl", kScore);
  write_file(folder_ / "packed.mxl", zip_file({{.name = "score.xml", .content = kScore, .deflated = true}}));
  for (const std::string name : {"plain", "packed"}) {
    ASSERT_EQ(engrave({name + ".mxl", "-o", name + ".pdf"}).exit_code, 0);
    EXPECT_NE(bytes_of(folder_ / (name + ".pdf")).find("<score-partwise"), std::string::npos);
    EXPECT_NE(bytes_of(folder_ / (name + ".pdf")).find("/" + name + ".musicxml\n"), std::string::npos);
  }
}

TEST_F(EngraveCli, FailuresAreToldInOneLine) {
  install("musescore3", "echo first; echo 'cannot draw this' >&2; exit 3");
  const Outcome failed = engrave({"song.musicxml", "-o", "x.pdf"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.err.find("musescore3: failed with exit code 3; its last words: cannot draw this"), std::string::npos)
      << failed.err;
  install("musescore3", "exit 0");
  EXPECT_NE(engrave({"song.musicxml", "-o", "x.pdf"}).err.find("wrote no page"), std::string::npos);
  EXPECT_EQ(engrave({"song.musicxml", "-o", "x.doc"}).exit_code, 2);
  EXPECT_EQ(engrave({"song.musicxml", "-o", "x.pdf", "--engraver", "sibelius"}).exit_code, 2);
  EXPECT_EQ(engrave({"missing.musicxml", "-o", "x.pdf"}).exit_code, 1);
  write_file(folder_ / "broken.musicxml", "<?xml version=\"1.0\"?><score-partwise>");
  EXPECT_NE(engrave({"broken.musicxml", "-o", "x.pdf"}).err.find("broken.musicxml"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "x.pdf"));
}

TEST_F(EngraveCli, TheRealMuseScoreDrawsAPage) {
  if (std::system("command -v musescore3 >/dev/null 2>&1") != 0) GTEST_SKIP() << "musescore3 is not installed";
  const Outcome outcome =
      run_program({"engrave", "song.musicxml", "-o", "real.pdf"}, {.working_folder = folder_.path()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(bytes_of(folder_ / "real.pdf").substr(0, 5), "%PDF-");
}

TEST_F(EngraveCli, TheRealLilyPondDrawsAPage) {
  if (std::system("command -v lilypond >/dev/null 2>&1") != 0) GTEST_SKIP() << "lilypond is not installed";
  const Outcome outcome = run_program({"engrave", "song.musicxml", "-o", "real.pdf", "--engraver", "lilypond"},
                                      {.working_folder = folder_.path()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(bytes_of(folder_ / "real.pdf").substr(0, 5), "%PDF-");
}

}  // namespace
}  // namespace pop2piano::testing
