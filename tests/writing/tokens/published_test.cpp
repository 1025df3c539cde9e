// SPDX-License-Identifier: MIT
// Parity with the authors' tokenizer on all recorded cases; its inputs hold nonsense on purpose.
#include "writing/tokens/published.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pop2piano {
namespace {

nlohmann::json golden(const std::string& name) {
  std::ifstream file(std::string(POP2PIANO_TEST_DATA "/golden/") + name);
  return nlohmann::json::parse(file);
}

std::vector<StepNote> step_notes(const nlohmann::json& rows) {
  std::vector<StepNote> notes;
  for (const auto& row : rows) {
    notes.push_back({.onset = row.at(0), .offset = row.at(1), .pitch = row.at(2), .velocity = row.at(3)});
  }
  return notes;
}

// A note in seconds, as the authors' MIDI has it.
struct NoteTime {
  double start = 0.0, end = 0.0;
  int pitch = 60, velocity = 0;
};

// Notes without length are dropped.
std::vector<NoteTime> note_times(const std::vector<StepNote>& notes, const std::vector<double>& step_times) {
  std::vector<NoteTime> timed;
  for (const StepNote& note : notes) {
    const auto at = [&](int step) { return step_times.at(static_cast<std::size_t>(step)) - step_times.front(); };
    if (at(note.offset) > at(note.onset)) timed.push_back({at(note.onset), at(note.offset), note.pitch, note.velocity});
  }
  return timed;
}

TEST(PublishedGolden, TokensToNotes) {
  const auto cases = golden("tokens_to_notes.json");
  ASSERT_EQ(cases.size(), 400U);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::optional<int> cutoff;
    if (!cases[i].at("cutoff").is_null()) cutoff = cases[i].at("cutoff").get<int>();
    const auto tokens = cases[i].at("tokens").get<std::vector<int>>();
    EXPECT_EQ(published_tokens_to_notes(tokens, cases[i].at("start"), cutoff), step_notes(cases[i].at("notes")))
        << "case " << i;
  }
}

TEST(PublishedGolden, SegmentsToNotesAndTimes) {
  const auto cases = golden("segments_to_midi.json");
  ASSERT_EQ(cases.size(), 20U);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto segments = cases[i].at("tokens").get<std::vector<std::vector<int>>>();
    const auto notes = published_segments_to_notes(segments);
    EXPECT_EQ(notes, step_notes(cases[i].at("notes"))) << "case " << i;
    auto timed = note_times(notes, cases[i].at("ext_beatstep").get<std::vector<double>>());
    // The recorded list is in the order of the ends of the notes in the MIDI file's writer.
    const auto& expected = cases[i].at("midi");
    ASSERT_EQ(timed.size(), expected.size());
    std::vector<std::vector<double>> found, wanted;
    for (const auto& note : timed) found.push_back({note.start, note.end, double(note.pitch), double(note.velocity)});
    for (const auto& note : expected) wanted.push_back(note.get<std::vector<double>>());
    std::sort(found.begin(), found.end());
    std::sort(wanted.begin(), wanted.end());
    for (std::size_t n = 0; n < found.size(); ++n) {
      for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(found[n][k], wanted[n][k], 1e-9) << "case " << i << " note " << n;
    }
  }
}

TEST(PublishedGolden, NotesToTokens) {
  const auto cases = golden("notes_to_tokens.json");
  ASSERT_EQ(cases.size(), 200U);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(published_notes_to_tokens(step_notes(cases[i].at("notes")), cases[i].at("offset")),
              cases[i].at("tokens").get<std::vector<int>>())
        << "case " << i;
  }
}

TEST(Published, CleanNotesComeBack) {
  const std::vector<StepNote> notes{{.onset = 16, .offset = 18, .pitch = 60},
                                    {.onset = 16, .offset = 19, .pitch = 64},
                                    {.onset = 18, .offset = 20, .pitch = 60},
                                    {.onset = 23, .offset = 24, .pitch = 72}};
  EXPECT_EQ(published_tokens_to_notes(published_notes_to_tokens(notes, 16), 16, 28), notes);
}

TEST(Published, OnTheGridOfTwelve) {
  const std::vector<StepNote> notes{{.onset = 9, .offset = 11, .pitch = 60}};
  const auto score = published_to_score(notes, 8);
  ASSERT_EQ(score.size(), 1U);
  EXPECT_EQ(score[0].onset, 6);
  EXPECT_EQ(score[0].duration, 12);
  EXPECT_EQ(score[0].velocity, kPublishedVelocity);
}

TEST(Published, RefusesNotesOutsideTheirGrid) {
  EXPECT_THROW((void)published_notes_to_tokens(std::vector<StepNote>{{.onset = 3, .offset = 4, .pitch = 60}}, 4),
               Error);
  EXPECT_THROW((void)published_notes_to_tokens(std::vector<StepNote>{{.onset = 3, .offset = 4, .pitch = 128}}, 0),
               Error);
}

TEST(Published, HugeIdsDoNotOverflow) {
  const std::vector<int> tokens{133, 64, 2147483647, 2147483647, 65, 2147483647};
  for (const StepNote& note : published_tokens_to_notes(tokens, 2147480000, std::nullopt))
    EXPECT_GT(note.offset, note.onset);
  for (const StepNote& note : published_tokens_to_notes(tokens, 0, 12)) EXPECT_LE(note.offset, 13);
}

}  // namespace
}  // namespace pop2piano
