// SPDX-License-Identifier: MIT
// Swing in files: what swings comes back as written straight and played long and short.
#include "music/score/swing.h"

#include <pop2piano/arrange.h>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "music/random_score.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/score_midi.h"
#include "music/scorefiles/small_musicxml.h"

namespace pop2piano {
namespace {

/// 16 bars of eighths, some sixteenths in them, on beats that are not quite even.
Score swung_score(const Swing& swing, std::uint64_t seed) {
  Random random(seed);
  Score score;
  score.swing = swing;
  double time = 0.0;
  for (int beat = 0; beat <= 64; ++beat) {
    score.grid.times.push_back(time);
    score.grid.numbers.push_back(beat % 4 + 1);
    time += 0.5 + random.uniform(-0.01, 0.01);
  }
  const int half = swing.pair / 2;
  for (int step = 0; step + half <= 64 * kStepsPerBeat; step += half) {
    score.notes.push_back({.onset = step,
                           .duration = half,
                           .pitch = static_cast<std::int16_t>(60 + random.index(20)),
                           .velocity = 80,
                           .hand = Hand::right});
  }
  return score;
}

std::vector<std::pair<int, int>> places(const Score& score) {
  std::vector<std::pair<int, int>> found;
  for (const Note& note : score.notes) found.emplace_back(note.onset, note.pitch);
  return found;
}

MidiFile without_texts(MidiFile file) {
  for (MidiTrack& track : file.tracks)
    std::erase_if(track.events, [](const MidiEvent& event) { return event.is_meta(midi_meta::kText); });
  return file;
}

TEST(Swing, WrittenPlacesAreTheInverseOfPlayedOnes) {
  for (const double ratio : {1.2, 1.5, 2.0, 2.5, 3.0}) {
    for (const int pair : {6, 12}) {
      const Swing swing{.ratio = ratio, .pair = pair};
      for (const int step : {-9, -6, 0, 3, 4, 6, 8, 9, 12, 15, 18, 27}) {
        if (ratio == 2.0 && step % (pair / 2) != 0) continue;  // thirds that are played are thirds
        EXPECT_NEAR(written_place(played_beat(step, swing), swing), step / 12.0, 1e-9)
            << ratio << " " << pair << " " << step;
      }
    }
  }
}

TEST(Swing, AMidiFileComesBackAsTheSwungScore) {
  for (const double ratio : {1.2, 1.35, 1.5, 1.66, 1.8, 2.0, 2.25, 2.5, 3.0}) {
    for (const int pair : {6, 12}) {
      for (const MidiTempo tempo : {MidiTempo::song, MidiTempo::constant}) {
        const Score score = swung_score({.ratio = ratio, .pair = pair}, static_cast<std::uint64_t>(100 * ratio));
        const Imported back = score_from_midi(score_to_midi(score, {.tempo = tempo}), "swung");
        EXPECT_NEAR(back.score.swing.ratio, ratio, 1e-3) << pair;
        EXPECT_EQ(back.score.swing.pair, pair) << ratio;
        EXPECT_EQ(places(back.score), places(score)) << ratio << " " << pair;
        EXPECT_LT(back.deviation, 0.02);
      }
    }
  }
}

TEST(Swing, IsHeardInAFileThatDoesNotSayIt) {
  for (const double ratio : {1.2, 1.35, 1.5, 1.66, 1.8, 2.25, 2.5}) {
    for (const int pair : {6, 12}) {
      const Score score = swung_score({.ratio = ratio, .pair = pair}, static_cast<std::uint64_t>(100 * ratio));
      const Imported back = score_from_midi(without_texts(score_to_midi(score)), "swung");
      EXPECT_NEAR(back.score.swing.ratio, ratio, 0.03) << pair;
      EXPECT_EQ(back.score.swing.pair, pair) << ratio;
      EXPECT_EQ(places(back.score), places(score)) << ratio << " " << pair;
    }
  }
}

TEST(Swing, IsNotHeardInEvenTripletDottedOrQuintupletRhythms) {
  const auto heard = [](std::vector<double> of_beat) {
    std::vector<double> onsets;
    for (int beat = 0; beat < 64; ++beat)
      for (const double place : of_beat) onsets.push_back(beat + place);
    return swing_of_onsets(onsets).swings();
  };
  EXPECT_TRUE(heard({0, 0.6}));
  EXPECT_FALSE(heard({0, 0.5}));
  EXPECT_FALSE(heard({0, 0.25, 0.5, 0.75}));
  EXPECT_FALSE(heard({0, 1 / 3.0, 2 / 3.0}));
  EXPECT_FALSE(heard({0, 2 / 3.0}));
  EXPECT_FALSE(heard({0, 0.75}));
  EXPECT_FALSE(heard({0, 0.2, 0.4, 0.6, 0.8}));
  EXPECT_FALSE(heard({0, 1 / 7.0, 4 / 7.0}));
  EXPECT_FALSE(heard({}));
}

TEST(Swing, ArrangedAndWrittenAsMusicXmlItReturns) {
  for (const int pair : {6, 12}) {
    const Score score = swung_score({.ratio = 1.5, .pair = pair}, 7);
    const Imported midi = score_from_midi(score_to_midi(score), "swung");
    const std::string xml = score_to_musicxml(arrange(midi.score, {}).score);
    const Imported back = score_from_musicxml(std::as_bytes(std::span(xml)), "written");
    EXPECT_EQ(back.score.swing, (Swing{.ratio = 1.5, .pair = pair}));
    EXPECT_EQ(places(back.score), places(score));
    for (const LeftOut& left : back.left_out) EXPECT_NE(left.what, "words");
    const auto sounding = timed_notes(score_to_midi(back.score));
    ASSERT_EQ(sounding.size(), score.notes.size());
    const double width = sounding[2].onset - sounding[0].onset;
    EXPECT_NEAR(sounding[1].onset - sounding[0].onset, 0.6 * width, 0.003);
  }
}

Imported with_directions(const std::string& first, const std::string& second = "") {
  std::string measures;
  for (int m = 1; m <= 4; ++m) {
    measures += "<measure number='" + std::to_string(m) + "'>" +
                (m == 1 ? "<attributes><divisions>2</divisions><time><beats>4</beats><beat-type>4</beat-type></time>"
                          "</attributes>" +
                              first
                 : m == 4 ? second
                          : "");
    for (int n = 0; n < 8; ++n)
      measures += "<note><pitch><step>C</step><octave>5</octave></pitch><duration>1</duration></note>";
    measures += "</measure>";
  }
  const std::string text = "<score-partwise><part id='P1'>" + measures + "</part></score-partwise>";
  return score_from_musicxml(std::as_bytes(std::span(text)), "xml");
}

std::string words(const std::string& text) {
  return "<direction><direction-type><words>" + text + "</words></direction-type></direction>";
}

TEST(Swing, IsReadFromSoundsAndWords) {
  const auto sound = [](const std::string& content) { return "<sound><swing>" + content + "</swing></sound>"; };
  const auto swing = [](const std::string& direction) { return with_directions(direction).score.swing; };
  EXPECT_EQ(swing(""), Swing{});
  EXPECT_EQ(swing(sound("<first>3</first><second>2</second>")), (Swing{.ratio = 1.5}));
  EXPECT_EQ(swing(sound("<first>2</first><second>1</second><swing-type>16th</swing-type>")),
            (Swing{.ratio = 2.0, .pair = 6}));
  EXPECT_EQ(swing(sound("<straight/>")), Swing{});
  EXPECT_EQ(swing(sound("<first>2</first><second>0</second>")), Swing{});
  EXPECT_EQ(swing(sound("<first>900</first><second>1</second>")), Swing{});
  EXPECT_EQ(swing(words("Swing")), (Swing{.ratio = 2.0}));
  EXPECT_EQ(swing(words("Medium Swing")), (Swing{.ratio = 2.0}));
  EXPECT_EQ(swing(words("Shuffle")), (Swing{.ratio = 2.0}));
  EXPECT_EQ(swing(words("swing 16ths")), (Swing{.ratio = 2.0, .pair = 6}));
  EXPECT_EQ(swing(words("dolce")), Swing{});
}

TEST(Swing, OfSeveralMarksTheLongestHoldsAndTheOthersAreCounted) {
  const Imported changed = with_directions(words("Swing"), words("Straight"));
  EXPECT_EQ(changed.score.swing, (Swing{.ratio = 2.0}));
  const LeftOut expected{"changes of swing", 1, "a score here swings in one way"};
  EXPECT_NE(std::find(changed.left_out.begin(), changed.left_out.end(), expected), changed.left_out.end());
  EXPECT_EQ(with_directions("", words("Swing")).score.swing, Swing{});
}

}  // namespace
}  // namespace pop2piano
