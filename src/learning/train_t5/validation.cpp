// SPDX-License-Identifier: MIT
#include "learning/train_t5/validation.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

namespace pop2piano::training {
namespace {

std::vector<Note> melody_of(const std::vector<Note>& notes) {
  std::vector<Note> melody;
  std::copy_if(notes.begin(), notes.end(), std::back_inserter(melody),
               [](const Note& note) { return note.voice == Voice::melody; });
  return melody;
}

std::vector<Note> folded(std::vector<Note> notes) {
  for (Note& note : notes) note.pitch = static_cast<std::int16_t>(note.pitch % 12);
  return notes;
}

void add(NoteCounts& sum, const NoteCounts& more) {
  sum.matched += more.matched;
  sum.expected += more.expected;
  sum.found += more.found;
}

// `constraint` null: any token.
int likeliest_allowed(const at::Tensor& logits, const TokenConstraint* constraint) {
  const auto values = logits.to(at::kCPU).to(at::kFloat).contiguous();
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(values.numel()), 1);
  if (constraint != nullptr) constraint->allowed(allowed);
  int best = -1;
  const float* data = values.data_ptr<float>();
  for (int token = 0; token < static_cast<int>(allowed.size()); ++token) {
    if (allowed[static_cast<std::size_t>(token)] != 0 && (best < 0 || data[token] > data[best])) best = token;
  }
  return best;
}

}  // namespace

TokenScore score_tokens(Network& network, const SegmentBatches& maker, std::span<const SegmentPlan> plans,
                        std::int64_t batch, at::Device device) {
  const at::NoGradGuard no_grad;
  network.set_mode(Network::Mode::evaluation);
  TokenScore score;
  double loss = 0.0, right = 0.0;
  for (std::size_t first = 0; first < plans.size(); first += static_cast<std::size_t>(batch)) {
    const auto count = std::min(static_cast<std::size_t>(batch), plans.size() - first);
    const auto b = maker.to_batch(plans.subspan(first, count), SegmentBatches::Augmentation::none);
    const auto targets = b.targets.to(device);
    const auto counted = targets.ne(kPadToken).to(at::kFloat);
    const auto logits =
        network.decode(network.encode(b.features.to(device), b.styles.to(device)), b.inputs.to(device)).to(at::kFloat);
    const auto chosen = at::log_softmax(logits, 1).gather(1, targets.unsqueeze(1)).squeeze(1);
    loss -= (chosen * counted).sum().item<double>();
    right += (logits.argmax(1).eq(targets).to(at::kFloat) * counted).sum().item<double>();
    score.tokens += static_cast<std::int64_t>(counted.sum().item<double>());
  }
  network.set_mode(Network::Mode::training);
  const double tokens = std::max(1.0, static_cast<double>(score.tokens));
  score.loss = loss / tokens;
  score.accuracy = right / tokens;
  return score;
}

double NoteCounts::f1() const {
  const auto sum = expected + found;
  return sum == 0 ? 0.0 : 2.0 * static_cast<double>(matched) / static_cast<double>(sum);
}

double NoteCounts::precision() const {
  return found == 0 ? 0.0 : static_cast<double>(matched) / static_cast<double>(found);
}

double NoteCounts::recall() const {
  return expected == 0 ? 0.0 : static_cast<double>(matched) / static_cast<double>(expected);
}

NoteCounts match_notes(std::span<const Note> expected, std::span<const Note> found, int tolerance) {
  std::vector<std::tuple<int, std::size_t, std::size_t>> pairs;  // distance, expected, found
  for (std::size_t e = 0; e < expected.size(); ++e) {
    for (std::size_t f = 0; f < found.size(); ++f) {
      const int distance = std::abs(expected[e].onset - found[f].onset);
      if (expected[e].pitch == found[f].pitch && distance <= tolerance) pairs.emplace_back(distance, e, f);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<bool> expected_taken(expected.size()), found_taken(found.size());
  NoteCounts counts{0, static_cast<std::int64_t>(expected.size()), static_cast<std::int64_t>(found.size())};
  for (const auto& [distance, e, f] : pairs) {
    if (expected_taken[e] || found_taken[f]) continue;
    expected_taken[e] = found_taken[f] = true;
    ++counts.matched;
  }
  return counts;
}

void add_matches(NoteScore& score, const std::vector<Note>& expected, const std::vector<Note>& found) {
  add(score.all, match_notes(expected, found, 1));
  const auto melody = melody_of(expected), found_melody = melody_of(found);
  add(score.melody, match_notes(melody, found_melody, 1));
  add(score.melody_folded, match_notes(folded(melody), folded(found_melody), 1));
}

std::vector<std::vector<int>> engine_tokens(const std::filesystem::path& folder, const TokenLanguage& language,
                                            const std::vector<Matrix<float>>& segments, std::span<const int> styles,
                                            Arithmetic arithmetic, int threads) {
  const auto model = Model::load(folder, {.arithmetic = arithmetic});
  std::vector<std::vector<int>> tokens(segments.size());
  std::map<std::pair<int, std::size_t>, std::vector<std::size_t>> groups;  // style, frames -> segments
  for (std::size_t i = 0; i < segments.size(); ++i) groups[{styles[i], segments[i].rows()}].push_back(i);
  for (const auto& [kind, members] : groups) {
    GenerateRequest request;
    request.style = kind.first;
    request.features.segments = members.size();
    request.features.frames = kind.second;
    request.features.read = [&, of = members](std::size_t segment, std::span<float> rows) {
      const auto from = segments[of[segment]].flat();
      std::copy(from.begin(), from.end(), rows.begin());
    };
    const auto constraint = [&](std::size_t) { return language.constraint(); };
    if (constraint(0) != nullptr) request.constraint = constraint;
    auto generated = generate(*model, request, GenerateOptions{}, threads);
    for (std::size_t i = 0; i < members.size(); ++i) tokens[members[i]] = std::move(generated[i].tokens);
  }
  return tokens;
}

NoteScore score_notes(const std::filesystem::path& folder, const SegmentBatches& maker,
                      std::span<const SegmentPlan> plans, int threads) {
  std::vector<Matrix<float>> segments;
  std::vector<int> styles;
  for (const auto& plan : plans) {
    segments.push_back(std::move(maker.features_of({&plan, 1}, SegmentBatches::Augmentation::none).front()));
    styles.push_back(plan.style);
  }
  const auto& language = maker.language();
  const auto tokens = engine_tokens(folder, language, segments, styles, Arithmetic::automatic, threads);
  NoteScore score;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto expected = language.decode(plans[i].tokens, 0), found = language.decode(tokens[i], 0);
    add_matches(score, expected, found);
  }
  return score;
}

std::vector<int> network_tokens(Network& network, const TokenLanguage& language, const Matrix<float>& segment,
                                int style, int max_tokens, at::Device device) {
  const at::NoGradGuard no_grad;
  network.set_mode(Network::Mode::evaluation);
  auto features =
      at::empty({1, static_cast<std::int64_t>(segment.rows()), static_cast<std::int64_t>(segment.columns())});
  std::copy(segment.flat().begin(), segment.flat().end(), features.data_ptr<float>());
  const auto encoded = network.encode(features.to(device), at::full({1}, style, at::kLong).to(device));
  const auto constraint = language.constraint();
  std::vector<std::int64_t> inputs{kPadToken};
  std::vector<int> tokens;
  while (static_cast<int>(inputs.size()) < max_tokens) {
    const auto in = at::tensor(inputs, at::kLong).unsqueeze(0).to(device);
    const int token = likeliest_allowed(network.decode(encoded, in)[-1], constraint.get());
    if (token == kEndToken) break;
    if (constraint != nullptr) constraint->accept(token);
    inputs.push_back(token);
    tokens.push_back(token);
  }
  network.set_mode(Network::Mode::training);
  return tokens;
}

}  // namespace pop2piano::training
