// SPDX-License-Identifier: MIT
// Plans as files and as texts of an option: what is read, and what is said of everything else.
#include <pop2piano/error.h>
#include <pop2piano/plan.h>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

class PlanFile : public ::testing::Test {
 protected:
  Plan read(const std::string& text) {
    write_file(folder_ / "plan.json", text);
    return read_plan(folder_ / "plan.json");
  }
  std::string refusal(const std::string& text) {
    try {
      (void)read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::malformed) << error.what();
      const std::string what = error.what();
      EXPECT_TRUE(what.starts_with((folder_ / "plan.json").string() + ": ")) << what;
      EXPECT_EQ(what.find('\n'), std::string::npos) << what;
      return what;
    }
    return "read";
  }

  testing::ScratchFolder folder_;
};

TEST_F(PlanFile, PassagesAreReadByBars) {
  const Plan plan = read(R"([{"bars": [9, 16], "style": "dense-chords"},
                             {"bars": [1, 8], "section": "A", "style": "flowing-broken"}])");
  EXPECT_EQ(plan, (Plan{{1, 8, "A", "flowing-broken"}, {9, 16, "", "dense-chords"}}));
}

TEST_F(PlanFile, AReportIsAPlan) {
  const Plan plan = read(R"({"title": "Song", "plan": [{"bars": [0, 3], "section": "AA", "style": "auto"}]})");
  EXPECT_EQ(plan, (Plan{{0, 3, "AA", "auto"}}));
}

TEST_F(PlanFile, EverythingElseIsRefusedInOneLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "an empty file"},
      {" \n", "an empty file"},
      {"[{", "not JSON"},
      {"{}", "expected a list"},
      {"[]", "without passages"},
      {"[1]", "passage 1: expected an object"},
      {R"([{"bars": [1, 8]}])", "\"style\" is null"},
      {R"([{"bars": [1, 8], "style": 3}])", "\"style\" is 3"},
      {R"([{"bars": [1, 8], "style": "flowing-brokn"}])", "did you mean \"flowing-broken\""},
      {R"([{"style": "auto"}])", "\"bars\" is null"},
      {R"([{"bars": [1], "style": "auto"}])", "\"bars\" is [1]"},
      {R"([{"bars": [1.5, 2], "style": "auto"}])", "\"bars\" is [1.5,2]"},
      {R"([{"bars": [8, 1], "style": "auto"}])", "a last one not before it"},
      {R"([{"bars": [-1, 1], "style": "auto"}])", "a first bar from 0 on"},
      {R"([{"bars": [1, 99999999999], "style": "auto"}])", "a first bar from 0 on"},
      {R"([{"bars": [1, 8], "section": "verse", "style": "auto"}])", "is no letter"},
      {R"([{"bars": [1, 8], "section": "AB", "style": "auto"}])", "is no letter"},
      {R"([{"bars": [1, 8], "stile": "auto"}])", "unknown key \"stile\""},
      {R"([{"bars": [1, 8], "style": "auto"}, {"bars": [8, 9], "style": "auto"}])", "bars 1 to 8 and bars 8 to 9"},
  };
  for (const auto& [text, words] : cases) EXPECT_NE(refusal(text).find(words), std::string::npos) << refusal(text);
  EXPECT_THROW((void)read_plan(folder_ / "none.json"), Error);
  EXPECT_THROW((void)read_plan(folder_.path()), Error);
}

TEST(SectionStyles, AreReadFromText) {
  using Styles = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(section_styles("A=sparse-broken"), (Styles{{"A", "sparse-broken"}}));
  EXPECT_EQ(section_styles("B=dense-chords,AA=auto"), (Styles{{"B", "dense-chords"}, {"AA", "auto"}}));
  for (const char* text : {"", "A", "A=", "=auto", "a=auto", "A=auto,", "A=auto,A=auto", "A=auto;B=auto", "A=dense"}) {
    try {
      (void)section_styles(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    }
  }
}

TEST(PlanWish, IsCheckedWithoutASong) {
  EXPECT_NO_THROW(PlanWish{}.validate());
  EXPECT_NO_THROW((PlanWish{.passages = {{1, 8, "A", "auto"}, {9, 9, "", "auto"}}}.validate()));
  EXPECT_THROW((PlanWish{.passages = {{1, 8, "A", "loud"}}}.validate()), Error);
  EXPECT_THROW((PlanWish{.passages = {{8, 1, "A", "auto"}}}.validate()), Error);
  EXPECT_THROW((PlanWish{.passages = {{9, 9, "", "auto"}, {1, 8, "A", "auto"}}}.validate()), Error);
  EXPECT_THROW((PlanWish{.sections = {{"A", "loud"}}}.validate()), Error);
}

}  // namespace
}  // namespace pop2piano
