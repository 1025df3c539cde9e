// SPDX-License-Identifier: MIT
// Links in all Markdown files of the repository: files exist, and headings that are pointed at do too.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

const fs::path kRepository = POP2PIANO_SOURCE_DIR;

struct Link {
  std::string file, heading;  // either may be empty
};

bool is_ours(const fs::path& relative) {
  const std::string first = relative.begin()->string();
  return !first.starts_with(".git") && !first.starts_with("build") && first != "out" && first != "runs" &&
         first != "shared" && relative.filename() != "node_modules";
}

std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(kRepository); entry != fs::recursive_directory_iterator();
       ++entry) {
    if (!is_ours(entry->path().lexically_relative(kRepository))) {
      entry.disable_recursion_pending();
    } else if (entry->path().extension() == ".md") {
      found.push_back(entry->path());
    }
  }
  std::ranges::sort(found);
  return found;
}

// Without fenced blocks and `code`.
std::string prose_of(const std::string& markdown) {
  std::istringstream stream(markdown);
  std::string prose;
  bool fenced = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```"))
      fenced = !fenced;
    else if (!fenced)
      prose += line + '\n';
  }
  return std::regex_replace(prose, std::regex("`[^`\n]*`"), "");
}

std::vector<Link> links_of(const std::string& markdown) {
  static const std::regex kPattern(R"re((?:\]\(|(?:src|href)=")([^)"#\s]*)(?:#([^)"\s]*))?)re");
  const std::string prose = prose_of(markdown);
  std::vector<Link> links;
  for (std::sregex_iterator match(prose.begin(), prose.end(), kPattern), end; match != end; ++match) {
    const std::string file = (*match)[1];
    if (file.find(':') == std::string::npos) links.push_back({file, (*match)[2]});
  }
  return links;
}

// As GitHub names them: lower case, blanks to hyphens, other punctuation dropped.
std::set<std::string> headings_of(const std::string& markdown) {
  std::set<std::string> headings;
  std::istringstream stream(markdown);
  bool fenced = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```")) fenced = !fenced;
    if (fenced || !line.starts_with("#")) continue;
    std::string name;
    for (const char c : line.substr(std::min(line.find_first_not_of("# "), line.size()))) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80)
        name += static_cast<char>(std::tolower(byte));
      else if (c == ' ')
        name += '-';
    }
    headings.insert(name);
  }
  return headings;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Links, AreFoundInEveryForm) {
  const auto links =
      links_of("[a](b.md#c) ![p](d/e.png) <img src=\"f.svg\"> [w](https://x.y/z)\n```\n[n](o)\n```\n`[q](r)`");
  ASSERT_EQ(links.size(), 3u);
  EXPECT_EQ(links[0].file, "b.md");
  EXPECT_EQ(links[0].heading, "c");
  EXPECT_EQ(links[1].file, "d/e.png");
  EXPECT_EQ(links[2].file, "f.svg");
}

TEST(Links, HeadingsAreNamedAsGitHubNamesThem) {
  EXPECT_EQ(headings_of("## Quick start: 2 commands!\n"), (std::set<std::string>{"quick-start-2-commands"}));
}

TEST(Links, ResolveInAllDocuments) {
  ASSERT_FALSE(documents().empty());
  for (const fs::path& document : documents()) {
    for (const Link& link : links_of(text_of(document))) {
      const fs::path target = link.file.empty() ? document : document.parent_path() / link.file;
      const std::string where = document.lexically_relative(kRepository).string() + ": " + link.file;
      ASSERT_TRUE(fs::exists(target)) << where << " does not exist";
      if (!link.heading.empty() && target.extension() == ".md") {
        EXPECT_TRUE(headings_of(text_of(target)).contains(link.heading))
            << where << " has no heading #" << link.heading;
      }
    }
  }
}

}  // namespace
}  // namespace pop2piano
