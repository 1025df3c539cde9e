// SPDX-License-Identifier: MIT
// For each genre what a drummer says of a groove, and the strokes that it must have; and what holds of all grooves.
#include <pop2piano/error.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "learning/genres/genre.h"
#include "learning/genres/harmony.h"

namespace pop2piano {
namespace {

const Groove& groove_named(std::string_view genre, std::string_view name) {
  for (const Groove& groove : genre_named(genre).grooves) {
    if (groove.name == name) return groove;
  }
  throw std::runtime_error("no groove " + std::string(name));
}

std::vector<double> onsets(const Groove& groove, Line line, int bar = 0) {
  std::vector<double> places;
  for (const GrooveRow& row : groove.rows) {
    if (row.line != line) continue;
    for (const GrooveStroke& stroke : strokes_of(groove, row, bar)) places.push_back(stroke.at);
  }
  return places;
}

struct Saying {
  const char *genre, *groove;
  const char* words;
  Line line;
  std::vector<double> onsets;  // beats from the bar line
};

class DrummersWords : public testing::TestWithParam<Saying> {};

TEST_P(DrummersWords, AreWhatIsStruck) {
  const Saying& saying = GetParam();
  const auto found = onsets(groove_named(saying.genre, saying.groove), saying.line);
  ASSERT_EQ(found.size(), saying.onsets.size()) << saying.words;
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], saying.onsets[i], 1e-9) << saying.words;
}

constexpr double k3 = 1.0 / 3;

const std::vector<Saying> kSayings{
    Saying{"reggae", "steppers with toms", "rim figures instead of a snare", Line::side_stick, {0.75, 1.5, 2.75, 3.5}},
    Saying{"reggae",
           "one drop with bubble",
           "the organ bubbles around the chops",
           Line::comping,
           {0.25, 0.5, 0.75, 1.25, 1.5, 1.75, 2.25, 2.5, 2.75, 3.25, 3.5, 3.75}},
    Saying{"jazz",
           "samba jazz",
           "the kick on every beat, softly on its last sixteenth",
           Line::kick,
           {0, 0.75, 1, 1.75, 2, 2.75, 3, 3.75}},
    Saying{"hip-hop", "trap with triplet hats", "snare on two and four", Line::snare, {1, 3}},
    Saying{"classical", "nocturne", "broken chords in eighths", Line::arpeggio, {0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5}},
    Saying{"disco", "disco with congas", "kick on every beat", Line::kick, {0, 1, 2, 3}},
    Saying{"reggae", "one drop", "nothing on one, the kick drops on two and four", Line::kick, {1, 3}},
    Saying{"reggae", "one drop", "with the rim", Line::side_stick, {1, 3}},
    Saying{"reggae", "one drop", "the guitar chops every off-beat", Line::chords, {0.5, 1.5, 2.5, 3.5}},
    Saying{"reggae", "steppers", "the kick steps on every beat", Line::kick, {0, 1, 2, 3}},
    Saying{"blues", "shuffle", "long and short", Line::hat, {0, 2 * k3, 1, 1 + 2 * k3, 2, 2 + 2 * k3, 3, 3 + 2 * k3}},
    Saying{"blues", "shuffle", "backbeat on two and four", Line::snare, {1, 3}},
    Saying{"blues", "stop time", "the band hits one", Line::chords, {0, 3 + 2 * k3}},
    Saying{"jazz", "swing", "spang, spang-a-lang", Line::ride, {0, 1, 1.5, 2, 3, 3.5}},
    Saying{"jazz", "swing", "the foot closes the hat on two and four", Line::pedal_hat, {1, 3}},
    Saying{"jazz", "swing", "the bass walks in quarters", Line::bass, {0, 1, 2, 3}},
    Saying{"jazz", "bossa nova", "the rim: one, two-and, four", Line::side_stick, {0, 1.5, 3}},
    Saying{"jazz", "five of Desmond", "three and two", Line::chords, {0, 1.5, 3, 4}},
    Saying{"country", "two-step", "boom on one and three", Line::bass, {0, 2}},
    Saying{"country", "two-step", "chick on two and four", Line::side_stick, {1, 3}},
    Saying{"country", "country waltz", "the guitar on two and three", Line::chords, {1, 2}},
    Saying{"metal", "double time", "kick on the beats", Line::kick, {0, 1, 2, 3}},
    Saying{"metal", "double time", "snare between them", Line::snare, {0.5, 1.5, 2.5, 3.5}},
    Saying{"metal", "half time", "snare on three alone", Line::snare, {2}},
    Saying{"metal",
           "blast",
           "the snare on the sixteenths that the kick leaves",
           Line::snare,
           {0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75}},
    Saying{"metal",
           "gallop",
           "an eighth and two sixteenths",
           Line::power,
           {0, 0.5, 0.75, 1, 1.5, 1.75, 2, 2.5, 2.75, 3, 3.5, 3.75}},
    Saying{"hip-hop", "boom bap", "snare on two and four", Line::snare, {1, 3}},
    Saying{"hip-hop", "boom bap", "kick on one, before two, and after three", Line::kick, {0, 0.75, 2.5}},
    Saying{"hip-hop", "trap", "claps on the slow two and four", Line::clap, {1, 3}},
    Saying{"disco", "disco", "four on the floor", Line::kick, {0, 1, 2, 3}},
    Saying{"disco", "disco", "the hat opens between", Line::open_hat, {0.5, 1.5, 2.5, 3.5}},
    Saying{"disco", "house", "claps on two and four", Line::clap, {1, 3}},
    Saying{
        "funk", "the one", "the kick is on the one and its eighth, then around three", Line::kick, {0, 0.5, 2.5, 3.25}},
    Saying{"latin", "son montuno", "the three side of the son clave", Line::claves, {0, 0.75, 1.5, 2.5, 3}},
    Saying{"latin", "samba", "the surdo answers on two", Line::low_tom, {0, 1}},
    Saying{"latin", "reggaeton", "dembow: three, three, two", Line::snare, {0.75, 1.5, 2.75, 3.5}},
    Saying{"latin", "habanera", "dotted eighth, sixteenth, two eighths", Line::bass, {0, 0.75, 1, 1.5}},
    Saying{
        "gospel", "gospel 6/8", "all three eighths of both beats", Line::hat, {0, k3, 2 * k3, 1, 1 + k3, 1 + 2 * k3}},
    Saying{"gospel", "gospel 6/8", "the snare on the second beat", Line::snare, {1}},
    Saying{"waltz", "Viennese waltz", "the bass on one", Line::bass, {0}},
    Saying{"waltz", "Viennese waltz", "chords on two and three", Line::chords, {1, 2}},
    Saying{"folk", "Travis picking", "the thumb in quarters", Line::bass, {0, 1, 2, 3}},
    Saying{"folk", "fiddle in seven", "two, two, three: every beat strummed", Line::chords, {0, 1, 2, 3, 4, 5, 6}},
    Saying{"classical",
           "Alberti bass",
           "low, high, middle, high in eighths",
           Line::arpeggio,
           {0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5}},
    Saying{"classical", "barcarolle", "chords after the bass", Line::chords, {k3, 2 * k3, 1 + k3, 1 + 2 * k3}},
    Saying{"a cappella", "hymn", "all move together on every beat", Line::chords, {0, 1, 2, 3}},
    Saying{"rock", "straight rock", "backbeat on two and four", Line::snare, {1, 3}},
    Saying{"rock", "surf", "one stroke on two, two before and on four", Line::snare, {1, 2.5, 3}},
    Saying{"pop", "Motown", "the snare on every beat", Line::snare, {0, 1, 2, 3}},
    Saying{"pop", "stomp and clap", "two stomps", Line::kick, {0, 0.5, 2, 2.5}},
    Saying{"pop", "stomp and clap", "and a clap", Line::clap, {1, 3}}};

INSTANTIATE_TEST_SUITE_P(All, DrummersWords, testing::ValuesIn(kSayings));

TEST(Genres, EachIsDescribedByADrummer) {
  std::set<std::string> described;
  for (const Saying& saying : kSayings) described.insert(saying.genre);
  for (const Genre& genre : all_genres()) EXPECT_EQ(described.count(std::string(genre.name)), 1U) << genre.name;
}

TEST(Claves, TheTwoSideComesInTheSecondBar) {
  const auto found = onsets(groove_named("latin", "son montuno"), Line::claves, 1);
  EXPECT_EQ(found, (std::vector<double>{1, 2}));
}

TEST(Genres, EveryRowFillsWholeBarsAndEveryWordIsAChord) {
  for (const Genre& genre : all_genres()) {
    for (const Groove& groove : genre.grooves) {
      EXPECT_FALSE(groove.words.empty()) << groove.name;
      EXPECT_LT(groove.tempo.low, groove.tempo.high) << groove.name;
      EXPECT_GE(groove.tempo.low, 44) << groove.name;
      EXPECT_LE(groove.tempo.high, 220) << groove.name;
      for (const GrooveRow& row : groove.rows) EXPECT_GE(bars_of(groove, row), 1) << groove.name;
    }
    SongForm form;
    form.sections.push_back({.groove = &genre.grooves.front()});
    for (int bar = 0; bar < 12; ++bar) form.bars.push_back({.start = 4.0 * bar, .of_section = bar});
    for (const auto progression : genre.progressions) {
      const auto chords = chords_on(form, progression, 3);
      EXPECT_GE(chords.size(), form.bars.size()) << genre.name;
      EXPECT_DOUBLE_EQ(chords.back().end, 48.0) << genre.name;
    }
  }
}

TEST(Genres, ScoresOfDrumsAreOfDrumsOnlyWhereThereAreAny) {
  const auto drums = [](std::string_view name) {
    const auto& grooves = genre_named(name).grooves;
    return std::any_of(grooves.begin(), grooves.end(), [](const Groove& groove) {
      return std::any_of(groove.rows.begin(), groove.rows.end(), [](const GrooveRow& r) { return is_drum(r.line); });
    });
  };
  EXPECT_FALSE(drums("classical"));
  EXPECT_FALSE(drums("folk"));
  EXPECT_TRUE(drums("metal"));
}

TEST(Genres, TenAreTestedWithGroovesThatAreNeverLearnt) {
  const auto names = tested_genres();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()),
            (std::set<std::string>{"disco", "pop", "rock", "country", "jazz", "hip-hop", "metal", "blues", "classical",
                                   "reggae"}));
  for (const auto name : names) {
    for (const Groove& kept : genre_named(name).grooves) {
      if (kept.use != GrooveUse::test) continue;
      for (const Groove& learnt : genre_named(name).grooves) {
        if (learnt.use == GrooveUse::test) continue;
        EXPECT_NE(learnt.name, kept.name);
        const bool same = learnt.rows.size() == kept.rows.size() &&
                          std::equal(learnt.rows.begin(), learnt.rows.end(), kept.rows.begin(),
                                     [](const GrooveRow& a, const GrooveRow& b) { return a.cells == b.cells; });
        EXPECT_FALSE(same) << learnt.name << " and " << kept.name;
      }
    }
  }
}

TEST(Genres, AnUnknownNameIsToldWhichThereAre) {
  try {
    (void)genre_named("polka");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("reggae, blues"), std::string::npos);
  }
}

TEST(Chords, AreReadFromTheirDegrees) {
  const auto both = chords_of_word("2m7/57", 0);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].root, 2);
  EXPECT_EQ(both[0].pitch_classes, 1U << 2 | 1U << 5 | 1U << 9 | 1U << 0);
  EXPECT_EQ(both[1].root, 7);
  EXPECT_EQ(both[1].pitch_classes, 1U << 7 | 1U << 11 | 1U << 2 | 1U << 5);
  EXPECT_EQ(chords_of_word("b7", 5)[0].root, 3);
  EXPECT_THROW((void)chords_of_word("8", 0), Error);
  EXPECT_THROW((void)chords_of_word("1x", 0), Error);
}

}  // namespace
}  // namespace pop2piano
