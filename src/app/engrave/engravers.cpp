// SPDX-License-Identifier: MIT
#include "app/engrave/engravers.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <regex>
#include <string_view>

#include "base/core/child_process.h"
#include "base/core/closest_name.h"
#include "base/core/mapped_file.h"
#include "base/core/output_file.h"

namespace pop2piano {

std::string_view verovio_js();  // the file of this folder, built in

namespace {

namespace fs = std::filesystem;

constexpr const char* kDotsPerInch = "150";
constexpr const char* kMissing =
    "no program that engraves music was found; install MuseScore (Debian: musescore3), LilyPond (Debian: lilypond) or, "
    "for SVG, Verovio (npm install -g verovio)";

const char* extension(PageFormat format) {
  return format == PageFormat::pdf ? ".pdf" : format == PageFormat::svg ? ".svg" : ".png";
}

void must_succeed(const ChildOutcome& outcome, const std::string& program) {
  if (outcome.exit_code == 0) return;
  std::string words = outcome.output;
  while (!words.empty() && std::isspace(static_cast<unsigned char>(words.back())) != 0) words.pop_back();
  if (const auto newline = words.rfind('\n'); newline != std::string::npos) words.erase(0, newline + 1);
  throw Error(ErrorCode::unreadable,
              program +
                  (outcome.out_of_time ? ": took too long and was ended"
                                       : ": failed with exit code " + std::to_string(outcome.exit_code)) +
                  (words.empty() ? "" : "; its last words: " + words));
}

void run(const std::vector<std::string>& words, const EngraveRequest& request,
         std::vector<std::pair<std::string, std::string>> environment = {}) {
  must_succeed(
      run_child(words, {.folder = request.folder, .environment = std::move(environment), .cancel = request.cancel}),
      fs::path(words.front()).filename().string());
}

std::optional<fs::path> musescore() {
  return find_program({"musescore4", "mscore4", "mscore4portable", "musescore", "mscore", "musescore3", "mscore3",
                       "MuseScore4", "MuseScore3"});
}

/// Each returns false when its program is not there.
bool by_musescore(const EngraveRequest& request, std::string& used) {
  const auto program = musescore();
  if (!program) return false;
  used = program->filename().string();
  const char* platform = std::getenv("QT_QPA_PLATFORM");
  run({program->string(), "-r", kDotsPerInch, "-o", "page" + std::string(extension(request.format)),
       request.score.string()},
      request, {{"QT_QPA_PLATFORM", platform == nullptr ? "offscreen" : platform}});
  return true;
}

/// musicxml2ly 2.24 writes triads as "c:5" and "c:m5", which LilyPond 2.24 prints as power chords: C5 for both.
void mend_triads(const fs::path& file) {
  static const std::regex kTriad(R"(\b([a-g](?:is|es)?[0-9.*/]*):(m?)5(?![0-9.+^-]))");
  const MappedFile mapped(file);
  const std::string text(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  std::string mended;
  for (std::size_t at = 0; at < text.size();) {  // line by line: none is long
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    const bool words = line.find('"') != std::string::npos;  // a title
    mended += words ? line : std::regex_replace(line, kTriad, "$1:$2");
    at = end;
  }
  write_file(file, mended);
}

bool by_lilypond(const EngraveRequest& request, std::string& used) {
  const auto reader = find_program({"musicxml2ly"}), program = find_program({"lilypond"});
  if (!reader || !program) return false;
  used = "lilypond";
  run({reader->string(), "--output", "page.ly", request.score.string()}, request);
  mend_triads(request.folder / "page.ly");
  run({program->string(), std::string("--") + (extension(request.format) + 1),
       std::string("-dresolution=") + kDotsPerInch, "-o", "page", "page.ly"},
      request);
  return true;
}

bool by_verovio(const EngraveRequest& request, std::string& used) {
  if (const auto program = find_program({"verovio"})) {
    used = "verovio";
    run({program->string(), "--all-pages", "-o", "page.svg", request.score.string()}, request);
    return true;
  }
  const auto node = find_program({"node", "nodejs"}), npm = find_program({"npm"});
  if (!node) return false;
  std::string places = (fs::current_path() / "node_modules").string();
  if (const char* given = std::getenv("NODE_PATH")) places += std::string(":") + given;
  if (npm) {
    std::string root =
        run_child({npm->string(), "root", "-g"}, {.folder = request.folder, .cancel = request.cancel}).output;
    places += ":" + root.substr(0, root.find('\n'));
  }
  const std::vector<std::pair<std::string, std::string>> environment = {{"NODE_PATH", places}};
  const auto known = run_child({node->string(), "-e", "require.resolve('verovio')"},
                               {.folder = request.folder, .environment = environment, .cancel = request.cancel});
  if (known.exit_code != 0) return false;
  used = "verovio (npm)";
  run({node->string(), "-e", std::string(verovio_js()), request.score.string(), request.folder.string()}, request,
      environment);
  return true;
}

struct Engraver {
  const char* name;
  bool (*run)(const EngraveRequest&, std::string&);
  bool svg_only;
};
constexpr std::array<Engraver, 3> kEngravers = {
    {{"musescore", by_musescore, false}, {"verovio", by_verovio, true}, {"lilypond", by_lilypond, false}}};

/// The number before the ending: 12 of "page-12.png", 0 of "page.pdf".
int page_number(const fs::path& file) {
  const std::string stem = file.stem().string();
  const auto digits = stem.find_last_not_of("0123456789");
  return digits == std::string::npos || digits + 1 == stem.size() || stem.size() - digits > 7
             ? 0
             : std::stoi(stem.substr(digits + 1));
}

std::vector<fs::path> pages_in(const fs::path& folder, PageFormat format) {
  std::vector<fs::path> pages;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const bool page = entry.path().filename().string().rfind("page", 0) == 0;
    if (page && entry.path().extension() == extension(format)) pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end(), [](const fs::path& a, const fs::path& b) {
    return std::pair(page_number(a), a) < std::pair(page_number(b), b);
  });
  return pages;
}

const Engraver& engraver_named(const std::string& name, PageFormat format) {
  std::vector<std::string> names;
  for (const Engraver& engraver : kEngravers) {
    names.emplace_back(engraver.name);
    if (name != engraver.name) continue;
    if (engraver.svg_only && format != PageFormat::svg) {
      throw Error(ErrorCode::unsupported, name + ": writes SVG only; give an output that ends in .svg");
    }
    return engraver;
  }
  const std::string closest = closest_name(name, names);
  throw Error(ErrorCode::invalid_argument, "--engraver: expected musescore, lilypond or verovio, found '" + name + "'" +
                                               (closest.empty() ? "" : " (did you mean '" + closest + "'?)"));
}

}  // namespace

PageFormat page_format_of(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const PageFormat format : {PageFormat::pdf, PageFormat::svg, PageFormat::png}) {
    if (ending == extension(format)) return format;
  }
  throw Error(ErrorCode::invalid_argument,
              file.string() + ": expected a name that ends in .pdf, .svg or .png, so that the format is known");
}

bool can_engrave_pdf() { return musescore() || (find_program({"musicxml2ly"}) && find_program({"lilypond"})); }

void require_pdf_engraver() {
  if (!can_engrave_pdf()) throw Error(ErrorCode::not_found, kMissing);
}

EngravedPages engrave(const EngraveRequest& request) {
  EngravedPages pages;
  bool done = false;
  if (!request.engraver.empty()) {
    done = engraver_named(request.engraver, request.format).run(request, pages.engraver);
    if (!done) throw Error(ErrorCode::not_found, request.engraver + ": is not installed; " + kMissing);
  }
  for (const Engraver& engraver : kEngravers) {
    if (done || (engraver.svg_only && request.format != PageFormat::svg)) continue;
    done = engraver.run(request, pages.engraver);
  }
  if (!done) throw Error(ErrorCode::not_found, kMissing);
  pages.files = pages_in(request.folder, request.format);
  if (pages.files.empty()) {
    throw Error(ErrorCode::unreadable,
                pages.engraver + ": said it was done, but wrote no page of " + request.score.filename().string());
  }
  return pages;
}

}  // namespace pop2piano
