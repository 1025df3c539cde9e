// SPDX-License-Identifier: MIT
// Damaged and hostile model folders: one clear error each, naming file, tensor or key, found and expected.
#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/mapped_file.h"
#include "numbers/model/random_model.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using namespace testing;
using nlohmann::json;

class BadFiles : public ::testing::Test {
 protected:
  BadFiles() : config_(small_config()), made_(random_tensors(config_, 1, DataType::f32)) {
    write_model(folder_.path(), config_, made_);
    const MappedFile mapped(weights());
    bytes_.assign(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  }

  [[nodiscard]] std::filesystem::path weights() const { return folder_ / "model.safetensors"; }

  /// Loading fails with `code` and a one-line message that holds all of `parts`.
  void expect_error(ErrorCode code, const std::vector<std::string>& parts) {
    try {
      (void)Model::load(folder_.path());
      ADD_FAILURE() << "accepted; expected an error about " << parts.front();
    } catch (const Error& error) {
      EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_LT(message.size(), 600U) << message;
      for (const std::string& part : parts)
        EXPECT_NE(message.find(part), std::string::npos) << message << " / " << part;
    }
  }
  void replace_header(const std::function<void(json&)>& change) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), 8);
    json header = json::parse(bytes_.substr(8, length));
    change(header);
    const std::string text = header.dump();
    length = text.size();
    std::string out(reinterpret_cast<const char*>(&length), 8);
    write_file(weights(), out + text + bytes_.substr(8 + static_cast<std::size_t>([&] {
                                                       std::uint64_t old = 0;
                                                       std::memcpy(&old, bytes_.data(), 8);
                                                       return old;
                                                     }())));
  }
  void replace_config(const std::function<void(json&)>& change) {
    json object = json::parse(write_config(config_));
    change(object);
    write_file(folder_ / "config.json", object.dump());
  }

  ScratchFolder folder_;
  ModelConfig config_;
  RandomTensors made_;
  std::string bytes_;
};

TEST_F(BadFiles, TheFolderItselfIsGood) { EXPECT_NO_THROW((void)Model::load(folder_.path())); }

TEST_F(BadFiles, MissingParts) {
  std::filesystem::remove(weights());
  expect_error(ErrorCode::not_found, {"model.safetensors"});
  std::filesystem::remove(folder_ / "config.json");
  expect_error(ErrorCode::not_found, {"config.json"});
  EXPECT_THROW((void)Model::load(folder_ / "nowhere"), Error);
}

TEST_F(BadFiles, HeaderLengths) {
  for (const std::uint64_t length :
       {std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{200'000'000}, std::uint64_t{bytes_.size()}}) {
    std::string changed = bytes_;
    std::memcpy(changed.data(), &length, 8);
    write_file(weights(), changed);
    expect_error(ErrorCode::malformed, {"model.safetensors", "header length " + std::to_string(length), "expected"});
  }
}

TEST_F(BadFiles, Truncated) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{4}, std::size_t{100}, bytes_.size() / 2, bytes_.size() - 1}) {
    write_file(weights(), std::string_view(bytes_).substr(0, size));
    expect_error(ErrorCode::malformed, {"model.safetensors"});
  }
}

TEST_F(BadFiles, Offsets) {
  const std::string name = "lm_head.weight";
  const auto with = [&](json begin, json end) {
    replace_header([&](json& h) { h[name]["data_offsets"] = {begin, end}; });
  };
  const std::uint64_t size = 250 * 48 * 4;
  const auto far = std::uint64_t{1} << 50;
  with(far, far + size);
  expect_error(ErrorCode::malformed, {name, "data_offsets", "expected"});
  with(size, 0);
  expect_error(ErrorCode::malformed, {name, "data_offsets"});
  with(0, size - 4);
  expect_error(ErrorCode::malformed, {name, "48000", "47996"});
  with(-4, 4);
  expect_error(ErrorCode::malformed, {name, "data_offsets"});
  with(0.5, 4);
  expect_error(ErrorCode::malformed, {name, "data_offsets"});
  with(4, 4 + size);  // lies over its neighbours
  expect_error(ErrorCode::malformed, {"overlap"});
}

TEST_F(BadFiles, Headers) {
  const std::string name = "lm_head.weight";
  replace_header([&](json& h) { h[name]["dtype"] = "F4"; });
  expect_error(ErrorCode::malformed, {name, "F4"});
  replace_header([&](json& h) { h[name].erase("dtype"); });
  expect_error(ErrorCode::malformed, {name, "dtype"});
  replace_header([&](json& h) { h[name]["shape"] = {std::uint64_t{1} << 59, std::uint64_t{1} << 59}; });
  expect_error(ErrorCode::malformed, {name, "shape"});
  replace_header([&](json& h) { h[name] = 5; });
  expect_error(ErrorCode::malformed, {name});
  replace_header([&](json& h) { h = json::array({1}); });
  expect_error(ErrorCode::malformed, {"JSON"});
}

TEST_F(BadFiles, TensorsThatDoNotFit) {
  const std::string name = "decoder.block.1.layer.2.DenseReluDense.wo.weight";
  replace_header([&](json& h) { h[name]["shape"] = {80, 48}; });
  expect_error(ErrorCode::malformed, {name, "[80, 48]", "[48, 80]"});
  replace_header([&](json& h) { h[name]["dtype"] = "I32"; });
  expect_error(ErrorCode::unsupported, {name, "I32"});
  replace_header([&](json& h) { h.erase(name); });
  expect_error(ErrorCode::malformed, {name, "missing", "[48, 80]"});
}

TEST_F(BadFiles, ExtraTensors) {
  const auto with = [&](const std::string& name) {
    replace_header([&](json& h) { h[name] = {{"dtype", "F32"}, {"shape", {0, 3}}, {"data_offsets", {0, 0}}}; });
  };
  for (const std::string name : {"surplus", "decoder.block.2.layer.0.SelfAttention.q.weight"}) {
    with(name);
    expect_error(ErrorCode::malformed, {name, "[0, 3]", "config.json"});
  }
  for (const std::string name : {"encoder.embed_tokens.weight", "spectrogram.melspectrogram.mel_scale.fb"}) {
    with(name);
    EXPECT_EQ(Model::load(folder_.path())->description().ignored_tensors, std::vector<std::string>{name});
  }
}

TEST_F(BadFiles, WeightsThatAreNoNumbers) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    made_ = random_tensors(config_, 1, DataType::f32);
    made_.floats.at("encoder.final_layer_norm.weight")[17] = bad;
    write_model(folder_.path(), config_, made_);
    expect_error(ErrorCode::malformed, {"encoder.final_layer_norm.weight", "element 17"});
  }
}

TEST_F(BadFiles, Configurations) {
  write_file(folder_ / "config.json", std::string_view("{\"format\": "));
  expect_error(ErrorCode::malformed, {"config.json"});
  const auto check = [&](ErrorCode code, const std::vector<std::string>& parts,
                         const std::function<void(json&)>& change) {
    replace_config(change);
    expect_error(code, parts);
  };
  check(ErrorCode::unsupported, {"format", "pop2piano.cpp/9", "pop2piano.cpp/1"},
        [](json& c) { c["format"] = "pop2piano.cpp/9"; });
  check(ErrorCode::unsupported, {"features.kind", "wavelets"}, [](json& c) { c["features"]["kind"] = "wavelets"; });
  check(ErrorCode::unsupported, {"tokens.kind", "remi"}, [](json& c) { c["tokens"]["kind"] = "remi"; });
  check(ErrorCode::unsupported, {"feed_forward_proj", "relu"}, [](json& c) { c["feed_forward_proj"] = "relu"; });
  check(ErrorCode::malformed, {"d_model", "missing"}, [](json& c) { c.erase("d_model"); });
  check(ErrorCode::malformed, {"d_model", "1e+300"}, [](json& c) { c["d_model"] = 1e300; });
  check(ErrorCode::malformed, {"num_heads", "4294967299"}, [](json& c) { c["num_heads"] = 4294967299; });
  check(ErrorCode::malformed, {"num_layers", "-1"}, [](json& c) { c["num_layers"] = -1; });
  check(ErrorCode::malformed, {"vocab_size", "200", "234"}, [](json& c) { c["vocab_size"] = 200; });
  check(ErrorCode::unsupported, {"d_kv", "17", "multiple of 16"}, [](json& c) { c["d_kv"] = 17; });
  check(ErrorCode::malformed, {"eos_token_id"}, [](json& c) { c["eos_token_id"] = 250; });
  check(ErrorCode::malformed, {"styles"}, [](json& c) { c["styles"] = json::array(); });
  check(ErrorCode::malformed, {"tie_word_embeddings"}, [](json& c) { c["tie_word_embeddings"] = "no"; });
  check(ErrorCode::malformed, {"max_tokens"}, [](json& c) { c["max_tokens"] = 1000000; });
  check(ErrorCode::malformed, {"[64, 48]", "[48, 48]"}, [](json& c) { c["num_heads"] = 4; });
}

TEST_F(BadFiles, UnknownStyleSuggestsTheNearest) {
  const auto model = Model::load(folder_.path());
  EXPECT_EQ(model->style_index("composer2"), 1);
  try {
    (void)model->style_index("compser3");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean \"composer3\""), std::string::npos) << error.what();
  }
}

TEST(Config, OwnFormatComesBack) {
  for (ModelConfig config : {small_config(), published_config()}) {
    for (const bool voices : {false, true}) {
      if (voices) {
        config.features.kind = FeatureKind::beat_synchronous;
        config.tokens = {.kind = TokenKind::voices, .durations = {1, 2, 96}};
        config.vocab_size = 400;
      }
      const std::string text = write_config(config);
      const ModelConfig read = parse_config({.folder = "x", .config = text});
      EXPECT_EQ(write_config(read), text);
      EXPECT_EQ(read.features.kind, config.features.kind);
      EXPECT_EQ(read.tokens.durations, config.tokens.durations);
      EXPECT_EQ(read.frame_count(), config.frame_count());
    }
  }
}

TEST(Config, SymbolsComeBackAndCountTheirFrames) {
  ModelConfig config = small_config();
  config.tokens = {.kind = TokenKind::voices, .durations = {1, 2, 96}};
  config.vocab_size = 400;
  config.features = {.kind = FeatureKind::symbols,
                     .segment_beats = 8,
                     .frames_per_beat = 2,
                     .symbols = 30,
                     .recalled_beats = 4,
                     .past_beats = 12,
                     .future_beats = 6};
  const std::string text = write_config(config);
  const ModelConfig read = parse_config({.folder = "x", .config = text});
  EXPECT_EQ(write_config(read), text);
  EXPECT_EQ(read.frame_count(), 60);
  EXPECT_EQ(read.features.inputs(), 30);
  EXPECT_THROW((void)write_published_config(config), Error);
  for (const char* key : {"channels", "frames_per_beat", "segment_beats", "recalled_beats", "past_beats"}) {
    std::string broken = text;
    const auto place = broken.find(std::string("\"") + key + "\": ");
    ASSERT_NE(place, std::string::npos) << key;
    broken.insert(broken.find(':', place) + 2, "-");
    EXPECT_THROW((void)parse_config({.folder = "x", .config = broken}), Error) << key;
  }
}

TEST(Config, PublishedLayoutComesBack) {
  ModelConfig config = published_config();
  config.styles = {"bob", "ann"};
  config.max_tokens = 99;
  ConfigTexts texts = write_published_config(config);
  EXPECT_EQ(texts.config.find("format"), std::string::npos);
  texts.folder = "x";
  EXPECT_EQ(write_config(parse_config(texts)), write_config(config));
  config.features.segment_beats = 3;
  EXPECT_THROW((void)write_published_config(config), Error);
  config.features.segment_beats = 4;
  config.tokens.kind = TokenKind::voices;
  EXPECT_THROW((void)write_published_config(config), Error);
}

TEST(Config, PublishedComposersAreNamedByTheirTokens) {
  const std::string config =
      R"({"vocab_size": 240, "composer_vocab_size": 2, "d_model": 48, "d_kv": 16, "d_ff": 96, "num_layers": 2, "num_heads": 3})";
  const auto parse = [&](const std::string& generation) {
    return parse_config({.folder = "x", .config = config, .generation = generation});
  };
  const auto named = parse(R"({"composer_to_feature_token": {"ann": 2053, "bob": 2052}, "max_length": 100})");
  EXPECT_EQ(named.styles, (std::vector<std::string>{"bob", "ann"}));
  EXPECT_EQ(named.max_tokens, 100);
  EXPECT_EQ(named.features.n_mels, 48);
  EXPECT_EQ(parse("").styles, (std::vector<std::string>{"composer1", "composer2"}));
  EXPECT_THROW((void)parse(R"({"composer_to_feature_token": {"ann": 2054}})"), Error);
  EXPECT_THROW((void)parse(R"({"composer_to_feature_token": {"ann": 1e99}})"), Error);
}

}  // namespace
}  // namespace pop2piano
