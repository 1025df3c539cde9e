// SPDX-License-Identifier: MIT
// The three steps in a row.
#include <pop2piano/cover.h>

#include <utility>

#include "base/core/stage_clock.h"

namespace pop2piano {
namespace {

// What can be said before the first sample is heard.
void check(const Model& model, const std::vector<std::string>& styles, const CoverOptions& options) {
  for (const std::string& style : styles) static_cast<void>(model.style_index(style));
  options.writing.validate();
  options.piano.validate();
}

std::vector<Cover> covers_of(const Analysis& analysis, const Model& model, const std::vector<std::string>& styles,
                             const CoverOptions& options, const Monitor& monitor) {
  std::vector<Cover> covers;
  for (const std::string& style : styles) {
    Cover cover;
    cover.written = write(analysis, model, style, options.writing, options.threads, monitor);
    if (!options.title.empty()) cover.written.score.title = options.title;
    StageClock clock(cover.written.stage_seconds);
    cover.piano = arrange(cover.written, options.piano);
    clock.lap("arrange");
    cover.stage_seconds = clock.seconds();
    covers.push_back(std::move(cover));
  }
  return covers;
}

}  // namespace

AnalysisOptions analysis_options(const Model& model, const CoverOptions& options) {
  return {.beats = options.beats,
          .features = model.config().features,
          .melody = options.writing.melody_weight > 0 ? MelodyEvidence::heard : MelodyEvidence::none};
}

std::vector<Cover> make_covers(const Analysis& analysis, const Model& model, const std::vector<std::string>& styles,
                               const CoverOptions& options, const Monitor& monitor) {
  check(model, styles, options);
  return covers_of(analysis, model, styles, options, monitor);
}

std::vector<Cover> make_covers(const Recording& recording, const Model& model, const std::vector<std::string>& styles,
                               const CoverOptions& options, const Monitor& monitor) {
  check(model, styles, options);
  const Analysis analysis = analyse(recording, analysis_options(model, options), options.threads, monitor);
  return covers_of(analysis, model, styles, options, monitor);
}

Cover make_cover(const Recording& recording, const Model& model, const std::string& style, const CoverOptions& options,
                 const Monitor& monitor) {
  return std::move(make_covers(recording, model, {style}, options, monitor).front());
}

}  // namespace pop2piano
