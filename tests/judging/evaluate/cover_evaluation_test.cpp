// SPDX-License-Identifier: MIT
// Whole covers and sets, from files made here.
#include <pop2piano/error.h>
#include <pop2piano/evaluate.h>

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "judging/evaluate/evaluation_files.h"
#include "judging/evaluate/page_files.h"
#include "judging/evaluate/report_page.h"
#include "judging/evaluate/web_page.h"
#include "listening/align/analysis_sound.h"
#include "music/scorefiles/midi_file.h"
#include "scratch_folder.h"
#include "sound/audio/wav_writer.h"
#include "wav_fixture.h"

namespace pop2piano {
namespace {

using testing::bytes_of;
using testing::ScratchFolder;
using Notes = std::vector<PlayedNote>;

void write_notes(const std::filesystem::path& file, const Notes& notes) {
  MidiFile midi;
  midi.ticks_per_quarter = 500;  // a tick is a millisecond
  midi.tracks.resize(1);
  for (const PlayedNote& note : notes) {
    const int pitch = static_cast<int>(note.pitch);
    midi.tracks[0].events.push_back(midi_note_on(std::lround(note.onset * 1000.0), 0, pitch, note.velocity));
    midi.tracks[0].events.push_back(midi_note_off(std::lround(note.offset * 1000.0), 0, pitch));
  }
  std::stable_sort(midi.tracks[0].events.begin(), midi.tracks[0].events.end(),
                   [](const MidiEvent& a, const MidiEvent& b) {
                     return a.tick != b.tick ? a.tick < b.tick : a.is_note_off() > b.is_note_off();
                   });
  if (!midi.tracks[0].events.empty()) midi.tracks[0].length = midi.tracks[0].events.back().tick;
  write_midi_file(file, midi);
}

void write_sound(const std::filesystem::path& file, const std::vector<float>& samples) {
  WavWriter writer(file, {.sample_rate = 22050, .channels = 1});
  writer.write(samples);
  writer.commit();
}

// Thirty seconds: a melody in quavers over triads, C, A minor, F, G.
struct Piece {
  Notes melody, chords;
  [[nodiscard]] Notes all() const {
    Notes notes = chords;
    notes.insert(notes.end(), melody.begin(), melody.end());
    return notes;
  }
};

Piece make_piece() {
  const double roots[] = {48, 45, 41, 43};
  Random random(83);
  Piece piece;
  for (int bar = 0; bar < 15; ++bar) {
    const double root = roots[bar % 4], third = bar % 4 == 1 ? 3 : 4, at = 2.0 * bar;
    for (const double interval : {0.0, third, 7.0}) piece.chords.push_back({at, at + 1.9, root + interval, 60});
    const double steps[] = {12, 12 + third, 19, 24};
    for (int i = 0; i < 6; ++i) {
      const double length = i == 5 ? 0.7 : 0.25;
      const double onset = at + 0.25 * i;
      piece.melody.push_back({onset, onset + length, root + 12 + steps[random.index(4)], 100});
    }
  }
  return piece;
}

// The piece as a "song", its melody, and covers of different worth.
struct Studio {
  ScratchFolder folder;
  Piece piece = make_piece();

  Studio() {
    write_sound(folder / "song.wav", analysis_sound(piece.all()));
    write_notes(folder / "faithful.mid", piece.all());
    write_notes(folder / "chords.mid", piece.chords);
    std::string tsv;
    for (const PlayedNote& note : piece.melody) {
      tsv += std::to_string(note.onset) + "\t" + std::to_string(note.offset) + "\t" + std::to_string(note.pitch) + "\n";
    }
    write_file(folder / "melody.tsv", tsv);
    Random random(89);
    Notes noise;
    for (int i = 0; i < 120; ++i) {
      noise.push_back({0.25 * i, 0.25 * i + 0.2, 36.0 + static_cast<double>(random.index(48)), 80});
    }
    write_notes(folder / "random.mid", noise);
  }
  [[nodiscard]] CoverEvaluation of(const std::string& cover) const {
    return evaluate_cover({.cover = folder / cover,
                           .song = folder / "song.wav",
                           .melody = folder / "melody.tsv",
                           .vocals = {},
                           .beats = {},
                           .group = {}});
  }
};

TEST(EvaluateCover, RanksFaithfulAboveChordsAboveRandom) {
  const Studio studio;
  const CoverEvaluation faithful = studio.of("faithful.mid"), chords = studio.of("chords.mid"),
                        random = studio.of("random.mid");
  EXPECT_GT(faithful.measure("mca").value(), 0.95);
  EXPECT_EQ(faithful.measure("notes_covered").value(), 1.0);
  EXPECT_GT(faithful.measure("chord_majmin").value(), 0.9);
  EXPECT_LT(faithful.measure("wpd").value(), 0.05);
  EXPECT_NEAR(faithful.measure("offset_ms").value(), 0.0, 3.0);
  EXPECT_GT(faithful.measure("onset_correlation").value(), 0.9);
  EXPECT_LT(faithful.measure("qmax").value(), random.measure("qmax").value());
  EXPECT_LT(chords.measure("mca").value(), 0.6);
  EXPECT_GT(chords.measure("chord_majmin").value(), random.measure("chord_majmin").value() + 0.3);
  EXPECT_GT(faithful.measure("onset_correlation").value(), random.measure("onset_correlation").value() + 0.2);
  EXPECT_FALSE(faithful.bars.empty());
}

TEST(EvaluateCover, FindsTheMelodyWithoutAReference) {
  const Studio studio;
  const CoverEvaluation result = evaluate_cover({.cover = studio.folder / "faithful.mid",
                                                 .song = studio.folder / "song.wav",
                                                 .melody = {},
                                                 .vocals = {},
                                                 .beats = {},
                                                 .group = {}});
  EXPECT_GT(result.measure("mca").value(), 0.5);
}

TEST(EvaluateCover, ASoundHasNoNotes) {
  const Studio studio;
  const CoverEvaluation result = studio.of("song.wav");
  EXPECT_FALSE(result.measure("ipe").defined());
  EXPECT_NE(result.measure("mca").reason().find("sound"), std::string_view::npos);
  EXPECT_NEAR(result.measure("chord_majmin").value(), 1.0, 1e-9);
  EXPECT_NEAR(result.measure("offset_ms").value(), 0.0, 1e-6);
}

TEST(EvaluateCover, EmptyAndSilentInputIsUndefined) {
  const Studio studio;
  write_notes(studio.folder / "empty.mid", {});
  write_sound(studio.folder / "silent.wav", std::vector<float>(22050 * 20, 0.0F));
  for (const Measure& measure : studio.of("empty.mid").measures) {
    EXPECT_FALSE(measure.defined());
    EXPECT_FALSE(measure.reason().empty());
  }
  const CoverEvaluation silent = evaluate_cover({.cover = studio.folder / "faithful.mid",
                                                 .song = studio.folder / "silent.wav",
                                                 .melody = {},
                                                 .vocals = {},
                                                 .beats = {},
                                                 .group = {}});
  EXPECT_FALSE(silent.measure("mca").defined());
  EXPECT_FALSE(silent.measure("qmax").defined());
  EXPECT_FALSE(silent.measure("onset_correlation").defined());
  EXPECT_TRUE(silent.measure("notes_per_second").defined());
}

TEST(EvaluateCover, WithoutASongOnlyNotesCount) {
  const Studio studio;
  const CoverEvaluation result = evaluate_cover(
      {.cover = studio.folder / "faithful.mid", .song = {}, .melody = {}, .vocals = {}, .beats = {}, .group = {}});
  EXPECT_TRUE(result.measure("rgc").defined());
  EXPECT_FALSE(result.measure("wpd").defined());
  EXPECT_FALSE(result.measure("mca").defined());
}

TEST(EvaluateSet, GoesOnAfterABadCoverAndGroups) {
  const Studio studio;
  write_file(studio.folder / "broken.mid", "this is no MIDI file");
  write_file(studio.folder / "set.tsv",
             "song\tcover\tmelody\tgroup\n"
             "\tfaithful.mid\tmelody.tsv\tgood\n"
             "\tbroken.mid\t\tgood\n"
             "\trandom.mid\tmelody.tsv\tbad\n");
  const auto queries = read_cover_manifest(studio.folder / "set.tsv");
  std::vector<CoverPicture> pictures;
  const SetEvaluation set = evaluate_set(queries, {.threads = 2}, {}, &pictures);
  EXPECT_EQ(set.failed, 1u);
  EXPECT_FALSE(set.covers[1].error.empty());
  ASSERT_EQ(set.groups.size(), 2u);
  EXPECT_EQ(set.groups[0].group, "bad");
  const std::size_t mca = cover_measure_index("mca");
  EXPECT_EQ(set.all.measures[mca].count, 2u);
  EXPECT_GT(set.groups[1].measures[mca].mean, set.groups[0].measures[mca].mean);

  const auto json = to_json(set);
  EXPECT_EQ(json["songs"].size(), 3u);
  EXPECT_NEAR(json["mean"]["mca"].get<double>(), set.all.measures[mca].mean, 1e-12);
  EXPECT_TRUE(json["mean"]["wpd"].is_null());
  EXPECT_TRUE(json["songs"][0]["rgc"].is_number());
  const std::string csv = to_csv(set);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);

  const std::string page = report_page(set, pictures, studio.folder / "report.html");
  EXPECT_NE(page.find("faithful.mid"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos) << "the page must not need the network";
}

TEST(EvaluateSet, DoesNotDependOnTheNumberOfThreads) {
  const Studio studio;
  std::vector<CoverQuery> queries;
  for (const char* cover : {"faithful.mid", "chords.mid", "random.mid"}) {
    queries.push_back({.cover = studio.folder / cover,
                       .song = studio.folder / "song.wav",
                       .melody = {},
                       .vocals = {},
                       .beats = {},
                       .group = {}});
  }
  EXPECT_EQ(to_json(evaluate_set(queries, {.threads = 1})), to_json(evaluate_set(queries, {.threads = 3})));
}

TEST(Manifest, MessagesNameTheLine) {
  const ScratchFolder folder;
  const auto reading = [&](const std::string& text) -> std::string {
    write_file(folder / "set.tsv", text);
    try {
      read_cover_manifest(folder / "set.tsv");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(reading("song\tmelody\n").find("\"melody\""), std::string::npos);
  EXPECT_NE(reading("song\nx\n").find("column \"cover\""), std::string::npos);
  EXPECT_NE(reading("song\tcover\na.mp3\t\n").find("line 2"), std::string::npos);
  EXPECT_NE(reading("cover\na.mid\tb\n").find("line 2"), std::string::npos);
  EXPECT_NE(reading("").find("header"), std::string::npos);
  EXPECT_NE(reading("cover\n").find("at least one"), std::string::npos);
  EXPECT_EQ(reading("cover\tgroup\na.mid\tx\n"), "no error");
}

TEST(CoverMeasures, EachSaysWhatItIsItsRangeAndWhenItIsUndefined) {
  for (const MeasureInfo& info : cover_measures()) {
    EXPECT_FALSE(info.title.empty() || info.meaning.empty() || info.range.empty() || info.undefined.empty())
        << info.name;
    EXPECT_EQ(info.better == MeasureInfo::Better::near_human, info.human.has_value()) << info.name;
    EXPECT_NE(bytes_of(POP2PIANO_SOURCE_DIR "/docs/reference/measures.md").find("`" + std::string(info.name) + "`"),
              std::string::npos)
        << info.name << " is missing in docs/reference/measures.md";
  }
}

TEST(CoverMeasures, NamesAreKnownAndUnknownOnesSuggested) {
  EXPECT_EQ(cover_measures()[cover_measure_index("ipe")].name, "ipe");
  try {
    (void)cover_measure_index("mcaa");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean mca"), std::string::npos);
  }
}

TEST(ReportPage, TextIsMadeSafe) {
  EXPECT_EQ(html_text("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  EXPECT_EQ(script_json("\"</script>\""), "\"\\u003c/script>\"");
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string("\xff\x00\xfe", 3)), "/wD+");
}

TEST(WebPage, PlacesAreFilledOnce) {
  EXPECT_EQ(fill_page("<{{a}}|{{b}}|{{a}}>", {{"a", "{{b}}"}, {"b", "2"}}), "<{{b}}|2|{{b}}>");
  EXPECT_EQ(fill_page("{{open", {}), "{{open");
  EXPECT_THROW((void)fill_page("{{c}}", {{"a", "1"}}), std::out_of_range);
}

TEST(WebPage, FilesAreBuiltInByteForByte) {
  const std::filesystem::path folder = POP2PIANO_SOURCE_DIR "/src/judging/evaluate";
  EXPECT_EQ(report_css(), testing::bytes_of(folder / "report.css"));
  EXPECT_EQ(report_js(), testing::bytes_of(folder / "report.js"));
  EXPECT_EQ(listening_html(), testing::bytes_of(folder / "listening.html"));
}

}  // namespace
}  // namespace pop2piano
