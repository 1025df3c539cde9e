// SPDX-License-Identifier: MIT
#include "listening/piano/transcriber.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <string>
#include <utility>

#include "sound/audio/recording_blocks.h"

namespace pop2piano {
namespace {

constexpr std::size_t kChunk = 1536;  // frames that are looked at together, 31 s

}  // namespace

void PianoTranscriber::push(std::span<const std::uint8_t> levels) {
  waiting_.append_row(levels);
  if (waiting_.rows() == kept_ + kChunk + kPianoReach) run(kChunk);
}

PianoTranscription PianoTranscriber::finish() {
  if (waiting_.rows() > kept_) run(waiting_.rows() - kept_);
  PianoTranscription found = finder_.finish();
  found.solo_piano = survey_.probability();
  return found;
}

void PianoTranscriber::run(std::size_t count) {
  const Matrix<float> heard = network_.run(waiting_.view(), pool_);
  for (std::size_t k = kept_; k < kept_ + count; ++k) {
    finder_.push(heard.row(k), std::as_const(waiting_).row(k));
    survey_.push(heard.row(k));
  }
  const std::size_t next = kept_ + count, first = next - std::min(next, kPianoReach);
  Matrix<std::uint8_t> rest;
  for (std::size_t k = first; k < waiting_.rows(); ++k) rest.append_row(std::as_const(waiting_).row(k));
  waiting_ = std::move(rest);
  kept_ = next - first;
}

PianoTranscription transcribe_piano(const Recording& recording, const PianoNetwork& network, ThreadPool& pool,
                                    const Monitor& monitor, const PianoNoteOptions& options) {
  if (recording.sample_rate() != kPianoSampleRate) {
    throw Error(ErrorCode::invalid_argument, recording.name() + ": the piano network hears 22050 samples a second, " +
                                                 std::to_string(recording.sample_rate()) + " found");
  }
  PianoSurvey survey(pool);
  read_blocks(recording, {.stage = "listen"}, monitor, [&](std::span<const float> block) { survey.push(block); });
  PianoTranscriber transcriber(network, pool, options);
  PianoFrames frames(survey.finish(), [&](std::span<const std::uint8_t> levels) { transcriber.push(levels); });
  read_blocks(recording, {.stage = "transcribe"}, monitor, [&](std::span<const float> block) { frames.push(block); });
  frames.finish();
  return transcriber.finish();
}

}  // namespace pop2piano
