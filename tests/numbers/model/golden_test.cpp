// SPDX-License-Identifier: MIT
// Parity with the reference implementation: encoder output, logits, greedy tokens of the seed and of the tiny network.
#include <algorithm>

#include "numbers/model/golden_files.h"

namespace pop2piano {
namespace {

using namespace testing;

/// The seed's greedy tokens without the padding of ends that the reference writes.
std::vector<std::vector<int>> seed_tokens() {
  auto tokens = read_json(kData / "seed/expected.json").at("greedy").get<std::vector<std::vector<int>>>();
  for (auto& row : tokens) row.erase(std::find(row.begin(), row.end(), 1), row.end());
  return tokens;
}

struct Limits {
  Arithmetic arithmetic;
  double encoder, logits;   // of the largest magnitude
  double agreement = 1.0;   // share of steps whose likeliest token is the reference's
  bool same_tokens = true;  // after free decoding, where one difference changes all that follows
};

double argmax_agreement(const std::vector<float>& found, const std::vector<float>& expected, std::size_t vocab) {
  const auto argmax = [&](const std::vector<float>& values, std::size_t row) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * vocab);
    return std::max_element(first, first + static_cast<std::ptrdiff_t>(vocab)) - first;
  };
  const std::size_t rows = found.size() / vocab;
  std::size_t same = 0;
  for (std::size_t r = 0; r < rows; ++r) same += argmax(found, r) == argmax(expected, r) ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(rows);
}

void check_seed(const Limits& limits) {
  if (!std::filesystem::exists(seed_folder())) {
    GTEST_SKIP() << "no reference weights at " << seed_folder() << "; set POP2PIANO_SHARED to the folder above model/";
  }
  const auto model = Model::load(seed_folder(), {.arithmetic = limits.arithmetic});
  const Network& network = model->parts().network;
  const auto features = read_floats(kData / "seed/features.f32");
  const auto expected = read_json(kData / "seed/expected.json");
  const auto shape = expected.at("shapes").at("logits").get<std::vector<std::size_t>>();
  std::vector<std::vector<int>> inputs;
  for (const auto& row : expected.at("greedy").get<std::vector<std::vector<int>>>()) {
    inputs.push_back({0});
    inputs.back().insert(inputs.back().end(), row.begin(), row.begin() + static_cast<std::ptrdiff_t>(shape[1] - 1));
  }
  const int style = expected.at("style_index");
  const auto found = run_forced(network, features, 4, 144, style, inputs);
  expect_close(found.encoder, read_floats(kData / "seed/encoder.f32"), limits.encoder, "seed encoder");
  expect_close(found.logits, read_floats(kData / "seed/logits.f32"), limits.logits, "seed logits");
  EXPECT_GE(argmax_agreement(found.logits, read_floats(kData / "seed/logits.f32"), network.vocab()), limits.agreement);
  if (!limits.same_tokens) return;

  const GenerateRequest request{.features = features_of(features, 4, 144), .style = style};
  const auto generated = generate(*model, request, {}, 2);
  const auto wanted = seed_tokens();
  ASSERT_EQ(generated.size(), wanted.size());
  for (std::size_t s = 0; s < wanted.size(); ++s) EXPECT_EQ(generated[s].tokens, wanted[s]) << "segment " << s;
}

TEST(SeedGolden, Float32) { check_seed({Arithmetic::f32, 1e-4, 1e-4}); }
// Of 164 steps. bfloat16: 162 to 164 on the five instruction sets. 8 bits: 157 to 161, and single logits off by up to
// 14 %, since a last bit that differs before rounding to 8 bits moves all that follows. Too little for a default, which
// asks for 99 %; the limits only catch what is broken.
TEST(SeedGolden, Bfloat16) { check_seed({Arithmetic::bf16, 1e-2, 1e-2, 0.98, false}); }
TEST(SeedGolden, Int8) { check_seed({Arithmetic::int8, 0.2, 0.2, 0.95, false}); }

struct TinyCase {
  std::vector<float> features;
  std::vector<std::vector<int>> inputs;
  std::size_t segments = 0, frames = 0;
  int composer = 0;
};

TinyCase tiny_case(const nlohmann::json& expected) {
  TinyCase c;
  c.features = read_floats(kData / "golden/mel48.f32");
  c.segments = expected.at("mel48").at("shape").at(0);
  c.frames = expected.at("mel48").at("shape").at(1);
  c.composer = expected.at("composer_index");
  c.inputs = expected.at("decoder_input").get<std::vector<std::vector<int>>>();
  return c;
}

TEST(TinyGolden, Bfloat16) {
  const auto model = Model::load(kTiny, {.arithmetic = Arithmetic::bf16});
  const TinyCase c = tiny_case(read_json(kData / "golden/tiny_expected.json"));
  const auto found = run_forced(model->parts().network, c.features, c.segments, c.frames, c.composer, c.inputs);
  const auto logits = read_floats(kData / "golden/tiny_logits.f32");
  expect_close(found.encoder, read_floats(kData / "golden/tiny_encoder.f32"), 3e-2, "tiny encoder");
  expect_close(found.logits, logits, 3e-2, "tiny logits");  // 8 bits of mantissa, two layers
  EXPECT_GE(argmax_agreement(found.logits, logits, model->parts().network.vocab()), 0.9);
}

void check_tiny(const std::filesystem::path& path) {
  const auto model = Model::load(path, {.arithmetic = Arithmetic::f32});
  const auto expected = read_json(kData / "golden/tiny_expected.json");
  const TinyCase c = tiny_case(expected);
  const auto found = run_forced(model->parts().network, c.features, c.segments, c.frames, c.composer, c.inputs);
  expect_close(found.encoder, read_floats(kData / "golden/tiny_encoder.f32"), 1e-4, "tiny encoder");
  expect_close(found.logits, read_floats(kData / "golden/tiny_logits.f32"), 1e-4, "tiny logits");
  for (const auto& [key, style] :
       {std::pair{"greedy", c.composer}, std::pair{"greedy_composer11", model->style_index("composer11")}}) {
    const GenerateRequest request{.features = features_of(c.features, c.segments, c.frames), .style = style};
    const auto wanted = expected.at(key).get<std::vector<std::vector<int>>>();
    const int length = static_cast<int>(wanted.front().size()) - 1;  // the start is part of the list
    const auto generated = generate(*model, request, {.max_tokens = length}, 2);
    for (std::size_t s = 0; s < wanted.size(); ++s) {
      const std::vector<int> tokens(wanted[s].begin() + 1, wanted[s].end());
      EXPECT_EQ(generated[s].tokens, tokens) << key << ", segment " << s;
    }
  }
}

TEST(TinyGolden, Safetensors) { check_tiny(kTiny); }
TEST(TinyGolden, PytorchZip) { check_tiny(kData / "golden/tiny/hf_bin"); }
TEST(TinyGolden, LightningFolder) { check_tiny(kData / "golden/tiny/lightning"); }
TEST(TinyGolden, LightningFile) { check_tiny(kData / "golden/tiny/lightning/model.ckpt"); }

}  // namespace
}  // namespace pop2piano
