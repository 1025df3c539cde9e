// SPDX-License-Identifier: MIT
#include "app/tasks/take_options.h"

#include <gtest/gtest.h>

#include "app/http/http_message.h"

namespace pop2piano::serve {
namespace {

using Json = nlohmann::json;

TEST(TakeOptions, WhatIsReadIsWritten) {
  const Json value = {{"start", 1.5},
                      {"end", 20},
                      {"tempo_times", 2},
                      {"downbeat", 3.25},
                      {"beats_per_bar", 3},
                      {"style", "x"},
                      {"accompaniment", "audio"},
                      {"temperature", 0.5},
                      {"seed", 7},
                      {"melody_weight", 1},
                      {"sections", {{"A", "dense-chords"}, {"C", "sparse-broken"}}},
                      {"again", {{{"bars", {5, 8}}, {"seed", 3}}}},
                      {"level", 2},
                      {"hands", "octave"},
                      {"key", "Bb"},
                      {"transpose", nullptr},
                      {"melody_on_top", false},
                      {"velocity", 64},
                      {"title", "T"},
                      {"fingering", true},
                      {"pedal", false},
                      {"lock", false}};
  EXPECT_EQ(take_options_of(value).json(), value);
  EXPECT_EQ(take_options_of(Json::object()).json(), TakeOptions{}.json());
}

TEST(TakeOptions, WhatThereIsNotIsRefused) {
  for (const char* text : {R"({"level":0})",
                           R"({"level":2.5})",
                           R"({"level":"2"})",
                           R"({"hands":"elbow"})",
                           R"({"key":"H"})",
                           R"({"key":"C","transpose":1})",
                           R"({"tempo_times":3})",
                           R"({"start":5,"end":4})",
                           R"({"start":-1})",
                           R"({"seed":1e300})",
                           R"({"pedal":1})",
                           R"({"accompaniment":"band"})",
                           R"({"unknown":1})",
                           R"([])",
                           R"({"velocity":0})",
                           R"({"beats_per_bar":13})",
                           R"({"sections":{"A":"polka"}})",
                           R"({"sections":["A"]})",
                           R"({"again":[{"bars":[8,5]}]})",
                           R"({"again":[{"bars":[1]}]})",
                           R"({"again":[{"bars":[1,2],"more":1}]})",
                           R"({"again":5})"}) {
    EXPECT_THROW(static_cast<void>(take_options_of(Json::parse(text))), Refusal) << text;
  }
  EXPECT_THROW(static_cast<void>(take_options_of({{"title", std::string(301, 'x')}})), Refusal);
}

// The same hearing serves other styles, the same writing other levels.
TEST(TakeOptions, IdentifiersFollowWhatTheyDependOn) {
  const TakeOptions plain;
  TakeOptions level = plain, style = plain, cut = plain;
  level.level = 2;
  style.style = "x";
  cut.start = 1;
  EXPECT_EQ(plain.writing_id(), level.writing_id());
  EXPECT_NE(plain.take_id("s"), level.take_id("s"));
  EXPECT_EQ(plain.hearing_id(), style.hearing_id());
  EXPECT_NE(plain.writing_id(), style.writing_id());
  EXPECT_NE(plain.hearing_id(), cut.hearing_id());
  EXPECT_NE(plain.writing_id(), cut.writing_id());
  EXPECT_NE(plain.take_id("s"), plain.take_id("t"));
}

}  // namespace
}  // namespace pop2piano::serve
