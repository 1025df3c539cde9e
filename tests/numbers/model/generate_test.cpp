// SPDX-License-Identifier: MIT
// What must not change the result (batches, threads, the cache) and what must (options, constraints, prefixes).
#include <algorithm>
#include <set>

#include "numbers/model/golden_files.h"
#include "numbers/model/load.h"
#include "numbers/model/random_model.h"
#include "numbers/model/reference_t5.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using namespace testing;

constexpr std::size_t kFrames = 9;

class GenerateTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ScratchFolder;
    const ModelConfig config = small_config();
    write_model(folder_->path(), config, random_tensors(config, 7, DataType::f32));
    write_model(*folder_ / "halves", config, random_tensors(config, 7, DataType::bf16));
  }
  static void TearDownTestSuite() { delete folder_; }

  static std::shared_ptr<const Model> load(Arithmetic arithmetic = Arithmetic::f32) {
    return Model::load(folder_->path(), {.arithmetic = arithmetic});
  }
  /// All number formats, those of bfloat16 weights too.
  static std::vector<std::shared_ptr<const Model>> load_all() {
    std::vector<std::shared_ptr<const Model>> models{Model::load(*folder_ / "halves")};
    for (const Arithmetic arithmetic : {Arithmetic::f32, Arithmetic::bf16, Arithmetic::int8}) {
      models.push_back(load(arithmetic));
    }
    return models;
  }
  /// Segments with an independent random content each.
  static SegmentFeatures features(std::size_t segments, std::size_t first = 0) {
    return {.segments = segments, .frames = kFrames, .read = [first](std::size_t segment, std::span<float> rows) {
              Random random(100 + first + segment);
              for (float& value : rows) value = static_cast<float>(random.normal());
            }};
  }
  /// Those of the first segment.
  static ReferenceT5::Rows reference_rows() {
    std::vector<float> values(kFrames * 48);
    features(1).read(0, values);
    ReferenceT5::Rows rows;
    for (auto row = values.begin(); row != values.end(); row += 48) rows.emplace_back(row, row + 48);
    return rows;
  }
  static std::vector<std::vector<int>> tokens_of(const std::vector<SegmentTokens>& segments) {
    std::vector<std::vector<int>> tokens;
    for (const auto& s : segments) tokens.push_back(s.tokens);
    return tokens;
  }
  static void expect_same(const std::vector<SegmentTokens>& a, const std::vector<SegmentTokens>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].tokens, b[i].tokens) << i;
      EXPECT_EQ(a[i].ended, b[i].ended) << i;
      EXPECT_EQ(a[i].mean_log_probability, b[i].mean_log_probability) << i;  // to the bit
    }
  }

  static inline ScratchFolder* folder_ = nullptr;
};

TEST_F(GenerateTest, ABatchEqualsItsSingles) {
  for (const auto& model : load_all()) {
    const auto together = generate(*model, {.features = features(21)}, {}, 1);
    std::vector<SegmentTokens> singles;
    for (std::size_t i = 0; i < 21; ++i) {
      singles.push_back(generate(*model, {.features = features(1, i)}, {}, 1).front());
    }
    expect_same(together, singles);
  }
}

TEST_F(GenerateTest, NinetySixRowsEqualSinglesOnAnyThreads) {
  for (const auto& model : load_all()) {
    const GenerateOptions options{.min_tokens = 8, .max_tokens = 24};
    const auto together = generate(*model, {.features = features(96)}, options, 1);
    expect_same(generate(*model, {.features = features(96)}, options, 3), together);
    for (const std::size_t i : {0U, 40U, 95U}) {
      expect_same(generate(*model, {.features = features(1, i)}, options, 1), {together[i]});
    }
  }
}

TEST_F(GenerateTest, ThreadsAndRowsDoNotShow) {
  for (const auto& model : load_all()) {
    const GenerateOptions sampled{.temperature = 1.0, .top_k = 20, .top_p = 0.9, .seed = 5};
    const auto expected = generate(*model, {.features = features(23)}, sampled, 1);
    for (const int threads : {2, 3, 7}) {
      expect_same(generate(*model, {.features = features(23)}, sampled, threads), expected);
    }
    for (const int rows : {1, 4, 22}) {
      GenerateOptions few = sampled;
      few.active_rows = rows;
      expect_same(generate(*model, {.features = features(23)}, few, 2), expected);
    }
  }
}

TEST_F(GenerateTest, TokensAreThoseOfTheNetworkWithoutCache) {
  const LoadedFiles files = load_files(folder_->path());
  const ReferenceT5 reference(files);
  const auto memory = reference.encode(reference_rows(), 0);
  std::vector<int> tokens{0};
  while (tokens.size() < 25) {
    const auto last = reference.decode(memory, tokens).back();  // all of them anew
    tokens.push_back(static_cast<int>(std::max_element(last.begin(), last.end()) - last.begin()));
    ASSERT_NE(tokens.back(), 1);
  }
  const auto found = generate(*load(), {.features = features(1)}, {.max_tokens = 24}, 1);
  EXPECT_EQ(found[0].tokens, std::vector<int>(tokens.begin() + 1, tokens.end()));
}

TEST_F(GenerateTest, CachedDecodingEqualsThePlainReference) {
  const LoadedFiles files = load_files(folder_->path());
  const ReferenceT5 reference(files);
  std::vector<float> values(kFrames * 48);
  features(1).read(0, values);
  const ReferenceT5::Rows rows = reference_rows();
  std::vector<int> tokens{0};
  Random random(3);
  for (int i = 0; i < 49; ++i) tokens.push_back(static_cast<int>(random.index(250)));
  const auto memory = reference.encode(rows, 2);
  const auto logits = reference.decode(memory, tokens);
  std::vector<float> encoder_flat, logits_flat;
  for (const auto& row : memory) encoder_flat.insert(encoder_flat.end(), row.begin(), row.end());
  for (const auto& row : logits) logits_flat.insert(logits_flat.end(), row.begin(), row.end());
  // Rounding to 8 mantissa bits or to 127 steps adds up over four layers and twenty products.
  for (const auto& [arithmetic, tolerance] :
       {std::pair{Arithmetic::f32, 1e-5}, std::pair{Arithmetic::bf16, 4e-2}, std::pair{Arithmetic::int8, 1e-1}}) {
    const auto found = run_forced(load(arithmetic)->parts().network, values, 1, kFrames, 2, {tokens});
    expect_close(found.encoder, encoder_flat, tolerance, "encoder");
    expect_close(found.logits, logits_flat, tolerance, "logits");
  }
  const auto halves = Model::load(*folder_ / "halves");
  expect_close(run_forced(halves->parts().network, values, 1, kFrames, 2, {tokens}).logits, logits_flat, 1e-5,
               "halves");
}

TEST_F(GenerateTest, SamplingFollowsItsSeed) {
  const auto model = load();
  const auto draw = [&](GenerateOptions options) {
    return tokens_of(generate(*model, {.features = features(6)}, options, 2));
  };
  EXPECT_EQ(draw({.temperature = 1.5, .seed = 1}), draw({.temperature = 1.5, .seed = 1}));
  EXPECT_NE(draw({.temperature = 1.5, .seed = 1}), draw({.temperature = 1.5, .seed = 2}));
  EXPECT_EQ(draw({.temperature = 1.5, .top_k = 1}), draw({}));
  EXPECT_EQ(draw({.temperature = 1.5, .top_p = 1e-9}), draw({}));
  EXPECT_EQ(draw({.temperature = 1e-4}), draw({}));
}

TEST_F(GenerateTest, LengthsAreKept) {
  const auto model = load();
  for (const auto& s : generate(*model, {.features = features(8)}, {.max_tokens = 5}, 1))
    EXPECT_LE(s.tokens.size(), 5U);
  for (const auto& s : generate(*model, {.features = features(8)}, {.min_tokens = 40, .max_tokens = 50}, 1)) {
    EXPECT_GE(s.tokens.size(), 40U);
  }
  for (const auto& s : generate(*model, {.features = features(8)}, {}, 1)) EXPECT_LE(s.tokens.size(), 63U);
  EXPECT_TRUE(generate(*model, {.features = features(0)}, {}, 1).empty());
}

TEST_F(GenerateTest, APrefixIsKeptAndContinuedAsIfChosen) {
  const auto model = load();
  const auto free = generate(*model, {.features = features(4)}, {.max_tokens = 30}, 1);
  GenerateRequest request{.features = features(4)};
  request.prefix = [&](std::size_t segment) {
    const auto& tokens = free[segment].tokens;
    return std::vector<int>(tokens.begin(),
                            tokens.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(7, tokens.size())));
  };
  EXPECT_EQ(tokens_of(generate(*model, request, {.max_tokens = 30}, 1)), tokens_of(free));
  request.prefix = [](std::size_t segment) { return std::vector<int>{10, 20 + static_cast<int>(segment)}; };
  const auto forced = generate(*model, request, {.max_tokens = 30}, 1);
  for (std::size_t s = 0; s < 4; ++s) {
    ASSERT_GE(forced[s].tokens.size(), 2U);
    EXPECT_EQ(forced[s].tokens[0], 10);
    EXPECT_EQ(forced[s].tokens[1], 20 + static_cast<int>(s));
  }
  request.prefix = [](std::size_t) { return std::vector<int>{10, 250}; };
  EXPECT_THROW((void)generate(*model, request, {}, 1), Error);
  request.prefix = [](std::size_t) { return std::vector<int>(64, 10); };
  EXPECT_THROW((void)generate(*model, request, {}, 1), Error);
}

TEST_F(GenerateTest, ChainedSegmentsGoOnFromTheOneBefore) {
  for (const auto& model : load_all()) {
    const GenerateOptions options{.max_tokens = 30};
    const auto last_five = [](std::span<const int> tokens) {
      return std::vector<int>(tokens.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, tokens.size())),
                              tokens.end());
    };
    GenerateRequest chained{.features = features(7)};
    chained.continuation.chains = {0, 3};
    chained.continuation.prefix = [&](std::size_t, std::span<const int> before) { return last_five(before); };
    std::vector<SegmentTokens> expected;  // one after the other
    for (std::size_t s = 0; s < 7; ++s) {
      GenerateRequest single{.features = features(1, s)};
      if (s != 0 && s != 3) single.prefix = [&](std::size_t) { return last_five(expected.back().tokens); };
      expected.push_back(generate(*model, single, options, 1).front());
    }
    for (const int threads : {1, 3}) expect_same(generate(*model, chained, options, threads), expected);
  }
}

TEST_F(GenerateTest, ChainsReportTheWholeAndRefuseBadOrder) {
  const auto model = load();
  GenerateRequest request{.features = features(5)};
  request.continuation.chains = {0, 2};
  request.continuation.prefix = [](std::size_t, std::span<const int>) { return std::vector<int>{}; };
  double last = 0;
  const Monitor monitor{.progress = [&](std::string_view, double share) {
    EXPECT_GE(share, last);
    last = share;
  }};
  EXPECT_EQ(generate(*model, request, {.max_tokens = 10}, 1, monitor).size(), 5U);
  EXPECT_DOUBLE_EQ(last, 1.0);
  for (const auto& chains : std::vector<std::vector<std::size_t>>{{1}, {0, 0}, {0, 3, 2}, {0, 5}}) {
    request.continuation.chains = chains;
    EXPECT_THROW((void)generate(*model, request, {}, 1), Error);
  }
  request.continuation = {.chains = {0}, .prefix = nullptr};
  EXPECT_THROW((void)generate(*model, request, {}, 1), Error);
}

/// Even tokens at even places, odd ones at odd places; the end after `length`.
class Alternating : public TokenConstraint {
 public:
  explicit Alternating(std::size_t length) : length_(length) {}
  void allowed(std::span<std::uint8_t> allowed) const override {
    for (std::size_t i = 0; i < allowed.size(); ++i) {
      allowed[i] = count_ == length_ ? i == 1 : i >= 4 && i % 2 == count_ % 2;
    }
  }
  void accept(int) override { ++count_; }
  std::unique_ptr<TokenConstraint> clone() const override { return std::make_unique<Alternating>(*this); }

 private:
  std::size_t length_, count_ = 0;
};

TEST_F(GenerateTest, AConstraintIsObeyed) {
  const auto model = load();
  GenerateRequest request{.features = features(5)};
  request.constraint = [](std::size_t segment) { return std::make_unique<Alternating>(10 + segment); };
  for (const double temperature : {0.0, 2.0}) {
    const auto found = generate(*model, request, {.temperature = temperature}, 2);
    for (std::size_t s = 0; s < 5; ++s) {
      ASSERT_EQ(found[s].tokens.size(), 10 + s);
      EXPECT_TRUE(found[s].ended);
      for (std::size_t i = 0; i < found[s].tokens.size(); ++i)
        EXPECT_EQ(found[s].tokens[i] % 2, static_cast<int>(i % 2));
      EXPECT_LT(found[s].mean_log_probability, 0.0);
    }
  }
}

/// Four tokens, never the end.
class FourTokens : public TokenConstraint {
 public:
  void allowed(std::span<std::uint8_t> allowed) const override {
    for (std::size_t i = 0; i < allowed.size(); ++i) allowed[i] = i >= 10 && i <= 40 && i % 10 == 0;
  }
  void accept(int token) override { ASSERT_EQ(token % 10, 0); }
  std::unique_ptr<TokenConstraint> clone() const override { return std::make_unique<FourTokens>(*this); }
};

/// The same, one of them favoured by far.
class Favouring : public FourTokens {
 public:
  bool weigh(std::span<float> logits) const override {
    logits[40] += 1e4F;
    return true;
  }
  std::unique_ptr<TokenConstraint> clone() const override { return std::make_unique<Favouring>(*this); }
};

TEST_F(GenerateTest, WhatIsKnownBesideTheNetworkDecides) {
  const auto model = load();
  GenerateRequest request{.features = features(3)};
  request.constraint = [](std::size_t) { return std::make_unique<Favouring>(); };
  for (const int beams : {1, 3}) {
    for (const auto& segment : generate(*model, request, {.beams = beams, .max_tokens = 5}, 2)) {
      EXPECT_EQ(segment.tokens, (std::vector<int>(5, 40)));
    }
  }
}

TEST_F(GenerateTest, WideBeamsFindTheLikeliestOfAllSequences) {
  const auto model = load();
  const Network& network = model->parts().network;
  std::vector<float> values(kFrames * 48);
  features(1).read(0, values);
  double best = -1e9;
  std::vector<int> best_tokens;
  for (int code = 0; code < 64; ++code) {
    const std::vector<int> tokens{10 * (code / 16 + 1), 10 * (code / 4 % 4 + 1), 10 * (code % 4 + 1)};
    const auto found = run_forced(network, values, 1, kFrames, 0, {{0, tokens[0], tokens[1]}});
    double score = 0.0;
    for (std::size_t t = 0; t < 3; ++t) {
      const float* row = found.logits.data() + t * 250;
      score += row[tokens[t]] - network.kernels->log_sum_exp(row, 250);
    }
    if (score > best) {
      best = score;
      best_tokens = tokens;
    }
  }
  GenerateRequest request{.features = features(1)};
  request.constraint = [](std::size_t) { return std::make_unique<FourTokens>(); };
  const auto found = generate(*model, request, {.beams = 64, .max_tokens = 3}, 1);
  EXPECT_EQ(found[0].tokens, best_tokens);
  EXPECT_NEAR(found[0].mean_log_probability, best / 3, 1e-5);
  EXPECT_FALSE(found[0].ended);
}

TEST_F(GenerateTest, BeamsDoNotDependOnThreadsOrRows) {
  for (const auto& model : load_all()) {
    const GenerateOptions options{.beams = 3, .length_penalty = 0.8, .max_tokens = 20};
    const auto expected = generate(*model, {.features = features(9)}, options, 1);
    expect_same(generate(*model, {.features = features(9)}, options, 3), expected);
    GenerateOptions few = options;
    few.active_rows = 2;
    expect_same(generate(*model, {.features = features(9)}, few, 2), expected);
  }
}

TEST_F(GenerateTest, BeamsKeepPrefixesLengthsAndConstraints) {
  const auto model = load();
  GenerateRequest request{.features = features(4)};
  request.prefix = [](std::size_t segment) { return std::vector<int>{static_cast<int>(4 + segment), 9}; };
  for (const auto& s : generate(*model, request, {.beams = 4, .min_tokens = 6, .max_tokens = 12}, 2)) {
    ASSERT_GE(s.tokens.size(), 6U);
    EXPECT_LE(s.tokens.size(), 12U);
    EXPECT_EQ(s.tokens[1], 9);
    EXPECT_EQ(std::count(s.tokens.begin(), s.tokens.end(), 1), 0);
  }
  request.prefix = nullptr;
  request.constraint = [](std::size_t segment) { return std::make_unique<Alternating>(5 + segment); };
  const auto found = generate(*model, request, {.beams = 4}, 2);
  for (std::size_t s = 0; s < 4; ++s) {
    ASSERT_EQ(found[s].tokens.size(), 5 + s);
    EXPECT_TRUE(found[s].ended);
    for (std::size_t i = 0; i < found[s].tokens.size(); ++i) EXPECT_EQ(found[s].tokens[i] % 2, static_cast<int>(i % 2));
  }
}

TEST_F(GenerateTest, CancelsAndReports) {
  const auto model = load();
  CancelToken token;
  double last = -1.0;
  Monitor monitor;
  monitor.cancel = &token;
  monitor.progress = [&](std::string_view stage, double fraction) {
    EXPECT_EQ(stage, "generate");
    EXPECT_GE(fraction, last);
    EXPECT_LE(fraction, 1.0);
    last = fraction;
  };
  (void)generate(*model, {.features = features(30)}, {.active_rows = 8}, 2, monitor);
  EXPECT_EQ(last, 1.0);
  monitor.progress = [&](std::string_view, double fraction) {
    if (fraction > 0.3) token.cancel();
  };
  try {
    (void)generate(*model, {.features = features(30)}, {.active_rows = 8}, 2, monitor);
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

TEST_F(GenerateTest, RefusesBadOptions) {
  const auto model = load();
  const auto refused = [&](const GenerateOptions& options) {
    try {
      (void)generate(*model, {.features = features(1)}, options, 1);
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    }
  };
  refused({.temperature = -1.0});
  refused({.temperature = std::nan("")});
  refused({.top_k = -1});
  refused({.top_p = 0.0});
  refused({.top_p = 1.1});
  refused({.temperature = 1.0, .beams = 2});
  refused({.beams = 0});
  refused({.min_tokens = 10, .max_tokens = 5});
  refused({.max_tokens = -1});
  refused({.active_rows = 0});
  for (const int style : {-1, 3}) {
    EXPECT_THROW((void)generate(*model, {.features = features(1), .style = style}, {}, 1), Error);
  }
  EXPECT_THROW((void)generate(*model, {.features = {.segments = 1, .frames = 0}}, {}, 1), Error);
}

}  // namespace
}  // namespace pop2piano
