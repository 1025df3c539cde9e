// SPDX-License-Identifier: MIT
// How sure the network is of onsets tells a piano alone from other sounds.
#include "listening/piano/solo_piano.h"

#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

// One onset a second on each of two keys, so likely.
SoloPianoSurvey survey_of(float one, float other) {
  SoloPianoSurvey survey;
  for (std::size_t k = 0; k < 500; ++k) {
    std::vector<float> outputs(kPianoOutputs);
    outputs[piano_output(40, PianoHead::onset)] = k % 50 == 20 ? one : 0.05F;
    outputs[piano_output(52, PianoHead::onset)] = k % 50 == 30 ? other : 0.05F;
    survey.push(outputs);
  }
  return survey;
}

TEST(SoloPiano, NothingIsNoPiano) {
  EXPECT_EQ(SoloPianoSurvey().probability(), 0.0);
  EXPECT_EQ(survey_of(0.05F, 0.05F).probability(), 0.0) << "what is so unlikely is no onset";
}

TEST(SoloPiano, SurenessIsTheMeanOfTheChancesByThemselves) {
  EXPECT_NEAR(survey_of(1.0F, 1.0F).sureness(), 1.0, 1e-6);
  EXPECT_NEAR(survey_of(0.8F, 0.4F).sureness(), (0.64 + 0.16) / 1.2, 1e-6);
}

TEST(SoloPiano, IsLikelyWhereOnsetsAreSure) {
  EXPECT_GT(survey_of(0.9F, 0.85F).probability(), 0.99);
  EXPECT_LT(survey_of(0.6F, 0.5F).probability(), 0.01);
}

}  // namespace
}  // namespace pop2piano
