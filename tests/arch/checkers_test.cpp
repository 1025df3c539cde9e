// SPDX-License-Identifier: MIT
// The checkers themselves: each must be able to find what it is there to find.
#include <algorithm>

#include <gtest/gtest.h>

#include "arch/architecture_table.h"
#include "arch/function_lengths.h"
#include "arch/source_tree.h"

namespace pop2piano::arch {
namespace {

constexpr const char* kTable =
    "text\n```\n"
    "base       core      std only\n"
    "sound      dsp       FFT\n"
    "           score     notes\n"
    "listening  rhythm    beats      uses dsp, score\n"
    "learning   train     libtorch   uses dsp\n"
    "           train_t5  more       uses train\n"
    "app        cli       commands   uses anything above but train\n"
    "           trainer   training   uses anything above\n"
    "```\nmore\n```\nother -> block\n```\n";

TEST(ArchitectureTable, ReadsFloorsAndEdges) {
  const auto table = parse_architecture(kTable);
  EXPECT_EQ(table.size(), 8u);
  EXPECT_EQ(table.at("score").floor, "sound");
  EXPECT_EQ(table.at("rhythm").uses, (std::set<std::string>{"dsp", "score"}));
  EXPECT_EQ(table.at("cli").uses, (std::set<std::string>{"core", "dsp", "score", "rhythm"}));
  EXPECT_EQ(table.at("trainer").uses.size(), 7u);
}

TEST(ArchitectureTable, AllowsOnlyWhatIsListed) {
  const auto table = parse_architecture(kTable);
  EXPECT_TRUE(may_use(table, "src/listening/rhythm/a.cpp", "dsp"));
  EXPECT_TRUE(may_use(table, "src/sound/dsp/a.cpp", "core"));
  EXPECT_FALSE(may_use(table, "src/sound/dsp/a.cpp", "rhythm"));
  EXPECT_FALSE(may_use(table, "src/sound/dsp/a.cpp", "score"));
  EXPECT_FALSE(may_use(table, "src/app/cli/a.cpp", "train"));
  EXPECT_FALSE(may_use(table, "src/app/cli/a.cpp", "train_t5"));
  EXPECT_TRUE(may_use(table, "src/app/trainer/a.cpp", "train"));
  EXPECT_FALSE(may_use(table, "src/sound/unlisted/a.cpp", "dsp"));
}

TEST(ArchitectureTable, RefusesTextWithoutTableUnknownNamesAndCycles) {
  EXPECT_THROW((void)parse_architecture("nothing here"), std::runtime_error);
  EXPECT_THROW((void)parse_architecture("```\nbase core x\nsound dsp x uses ghost\n```\n"), std::runtime_error);
  EXPECT_THROW((void)parse_architecture("```\nbase core x\nsound dsp x uses mel\n mel y uses dsp\n```\n"),
               std::runtime_error);
  EXPECT_THROW((void)parse_architecture("```\nbase core x\n core y\n```\n"), std::runtime_error);
}

TEST(ArchitectureTable, KnowsWhereFilesBelong) {
  EXPECT_EQ(room_of("include/pop2piano/progress.h"), "core");
  EXPECT_EQ(room_of("include/pop2piano/score.h"), "score");
  EXPECT_EQ(room_of("src/app/cli/main.cpp"), "cli");
  EXPECT_EQ(room_of("src/music/score/key.h"), "score");
  EXPECT_EQ(room_of("src/CMakeLists.txt"), "");
  EXPECT_EQ(room_of("tests/base/core/a.cpp"), "");
}

TEST(SourceTree, FindsIncludesHoweverTheyAreWritten) {
  const auto includes =
      includes_of(source_file("a.cpp", "#include <vector>\n  #  include \"dsp/fft.h\"  // why\nint x;\n"));
  ASSERT_EQ(includes.size(), 2u);
  EXPECT_EQ(includes[0].file, "vector");
  EXPECT_FALSE(includes[0].quoted);
  EXPECT_EQ(includes[1].file, "dsp/fft.h");
  EXPECT_EQ(includes[1].line, 2u);
}

TEST(SourceTree, BlanksCommentsAndLiterals) {
  const SourceFile source =
      source_file("a.cpp", "f(\"{\\\"\", '{'); // {\n/* { \n */ g(R\"x({)\")x\"); int n = 1'000;\n");
  const std::string text = without_comments_and_literals(source);
  EXPECT_EQ(text.find('{'), std::string::npos) << text;
  EXPECT_NE(text.find("1'000;"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(FunctionLengths, CountsFunctionsMethodsAndConstructors) {
  const SourceFile source = source_file("a.cpp",
                                        "namespace n {\n"
                                        "class C {\n"
                                        " public:\n"
                                        "  C() : a_{1}, b_{2} {\n"
                                        "    work();\n"
                                        "    work();\n"
                                        "  }\n"
                                        "  int a_{3};\n"
                                        "};\n"
                                        "constexpr int kTable[] = {1,\n 2};\n"
                                        "void f() {\n"
                                        "  auto g = [] {\n"
                                        "    return 1;\n"
                                        "  };\n"
                                        "}\n"
                                        "}\n");
  std::size_t longest_of_class = 0;
  std::size_t f_lines = 0;
  for (const FunctionExtent& function : functions_of(source)) {
    if (function.line == 4) longest_of_class = std::max(longest_of_class, function.lines);
    if (function.head.find("void f") != std::string::npos) f_lines = function.lines;
    EXPECT_NE(function.line, 10u) << "a table is no function";
  }
  EXPECT_EQ(longest_of_class, 4u);
  EXPECT_EQ(f_lines, 5u);
}

}  // namespace
}  // namespace pop2piano::arch
