// SPDX-License-Identifier: MIT
#include "learning/train_t5/token_language.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "writing/tokens/published.h"
#include "writing/tokens/voices_song.h"

namespace pop2piano::training {
namespace {

class GrammarConstraint final : public TokenConstraint {
 public:
  explicit GrammarConstraint(const VoicesVocabulary& vocabulary) : grammar_(vocabulary) {}
  void allowed(std::span<std::uint8_t> allowed) const override { grammar_.allowed(allowed); }
  void accept(int token) override { grammar_.accept(token); }
  [[nodiscard]] std::unique_ptr<TokenConstraint> clone() const override {
    return std::make_unique<GrammarConstraint>(*this);
  }

 private:
  VoicesGrammar grammar_;
};

class VoicesLanguage final : public TokenLanguage {
 public:
  explicit VoicesLanguage(const TokenSettings& settings) : codec_(vocabulary_of(settings)) {}

  [[nodiscard]] int segment_steps() const override { return codec_.vocabulary().segment_steps(); }
  [[nodiscard]] std::vector<int> encode(std::span<const Note> notes, int first_step) const override {
    return codec_.encode(notes, first_step);
  }
  [[nodiscard]] std::vector<Note> decode(std::span<const int> tokens, int first_step) const override {
    return codec_.decode(tokens, first_step);
  }
  [[nodiscard]] float loss_weight(int token, const LossWeights& w) const override {
    switch (voices_token_kind(codec_.vocabulary(), token)) {
      case VoicesTokenKind::position:
        return static_cast<float>(w.position);
      case VoicesTokenKind::melody:
        return static_cast<float>(w.melody_pitch);
      case VoicesTokenKind::accompaniment:
        return static_cast<float>(w.accompaniment_pitch);
      case VoicesTokenKind::duration:
        return static_cast<float>(w.duration);
      case VoicesTokenKind::end:
        return static_cast<float>(w.end);
      case VoicesTokenKind::other:
        break;
    }
    return 0.0F;
  }
  [[nodiscard]] std::unique_ptr<TokenConstraint> constraint() const override {
    return std::make_unique<GrammarConstraint>(codec_.vocabulary());
  }

 private:
  VoicesCodec codec_;
};

// Published tokens on 8ths. Their loss is plain cross-entropy, as of the authors.
class PublishedLanguage final : public TokenLanguage {
 public:
  [[nodiscard]] int segment_steps() const override { return kPublishedSegmentSteps * kSteps; }

  [[nodiscard]] std::vector<int> encode(std::span<const Note> notes, int first_step) const override {
    const int first = first_step / kSteps;
    std::map<std::pair<int, int>, int> ends;  // onset, pitch -> offset, all in 8ths from the segment's start
    for (const Note& note : notes) {
      const int onset = nearest_eighth(note.onset) - first;
      if (onset < 0 || onset >= kPublishedSegmentSteps) continue;
      const int offset = std::clamp(nearest_eighth(note.offset()) - first, onset + 1, kPublishedCutoffSteps);
      int& end = ends[{onset, note.pitch}];
      end = std::max(end, offset);
    }
    std::vector<StepNote> steps;
    for (const auto& [place, offset] : ends) {
      // A pitch that is struck again ends before.
      for (StepNote& earlier : steps) {
        if (earlier.pitch == place.second) earlier.offset = std::min(earlier.offset, place.first);
      }
      steps.push_back({.onset = place.first, .offset = offset, .pitch = place.second});
    }
    std::sort(steps.begin(), steps.end(), [](const StepNote& a, const StepNote& b) {
      return std::tie(a.onset, a.offset, a.pitch) < std::tie(b.onset, b.offset, b.pitch);
    });
    return published_notes_to_tokens(steps, 0);
  }
  [[nodiscard]] std::vector<Note> decode(std::span<const int> tokens, int first_step) const override {
    auto notes = published_to_score(published_tokens_to_notes(tokens, 0, kPublishedCutoffSteps));
    for (Note& note : notes) note.onset += first_step;
    return notes;
  }
  [[nodiscard]] float loss_weight(int token, const LossWeights&) const override {
    return token == kPublishedPad ? 0.0F : 1.0F;
  }
  [[nodiscard]] std::unique_ptr<TokenConstraint> constraint() const override { return nullptr; }

 private:
  static constexpr int kSteps = kStepsPerBeat / kPublishedStepsPerBeat;  // of Note to an 8th
  // Halfway the earlier one, as the authors' search for the least distance finds it.
  static int nearest_eighth(int step) {
    const int shifted = step + (kSteps - 1) / 2;
    return shifted >= 0 ? shifted / kSteps : -((kSteps - 1 - shifted) / kSteps);
  }
};

}  // namespace

std::unique_ptr<const TokenLanguage> language_of(const ModelConfig& model) {
  const bool published = model.tokens.kind == TokenKind::published;
  if (!published) return std::make_unique<VoicesLanguage>(model.tokens);
  if (model.features.segment_beats * kPublishedStepsPerBeat != kPublishedSegmentSteps) {
    throw Error(ErrorCode::unsupported, "published tokens count 8 steps of an 8th note to a segment, config.json has " +
                                            std::to_string(model.features.segment_beats) +
                                            " beats; expected segment_beats 4 (num_bars 2)");
  }
  return std::make_unique<PublishedLanguage>();
}

}  // namespace pop2piano::training
