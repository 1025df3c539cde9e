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
    "level 0   core      std only\n"
    "level 1   dsp       FFT\n"
    "          score     notes\n"
    "level 2   rhythm    beats      uses dsp, score\n"
    "          train     libtorch   uses dsp\n"
    "level 3   app       cli/       uses anything below; only app/train uses train\n"
    "```\nmore\n```\nother -> block\n```\n";

TEST(ArchitectureTable, ReadsLevelsAndEdges) {
  const auto table = parse_architecture(kTable);
  EXPECT_EQ(table.size(), 6u);
  EXPECT_EQ(table.at("score").level, 1);
  EXPECT_EQ(table.at("rhythm").uses, (std::set<std::string>{"dsp", "score"}));
  EXPECT_EQ(table.at("app").uses.size(), 5u);
}

TEST(ArchitectureTable, AllowsOnlyWhatIsListed) {
  const auto table = parse_architecture(kTable);
  EXPECT_TRUE(may_use(table, "src/rhythm/a.cpp", "dsp"));
  EXPECT_TRUE(may_use(table, "src/dsp/a.cpp", "core"));
  EXPECT_FALSE(may_use(table, "src/dsp/a.cpp", "rhythm"));
  EXPECT_FALSE(may_use(table, "src/dsp/a.cpp", "score"));
  EXPECT_FALSE(may_use(table, "src/app/cli/a.cpp", "train"));
  EXPECT_TRUE(may_use(table, "src/app/train/a.cpp", "train"));
  EXPECT_FALSE(may_use(table, "src/unlisted/a.cpp", "dsp"));
}

TEST(ArchitectureTable, RefusesTextWithoutTableAndUnknownNames) {
  EXPECT_THROW((void)parse_architecture("nothing here"), std::runtime_error);
  EXPECT_THROW((void)parse_architecture("```\nlevel 0 core x\nlevel 1 dsp x uses ghost\n```\n"), std::runtime_error);
}

TEST(ArchitectureTable, KnowsWhereFilesBelong) {
  EXPECT_EQ(module_of("include/pop2piano/progress.h"), "core");
  EXPECT_EQ(module_of("include/pop2piano/score.h"), "score");
  EXPECT_EQ(module_of("src/app/cli/main.cpp"), "app");
  EXPECT_EQ(module_of("tests/core/a.cpp"), "");
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
