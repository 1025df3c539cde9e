// SPDX-License-Identifier: MIT
// PyTorch's files: zip, pickle, shards, conversion, and what hostile ones may try.
#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/archive.h"
#include "base/core/mapped_file.h"
#include "numbers/model/convert.h"
#include "numbers/model/golden_files.h"
#include "numbers/model/load.h"
#include "numbers/model/random_model.h"
#include "numbers/weights/pickle.h"
#include "numbers/weights/torch_file.h"
#include "scratch_folder.h"
#include "zip_file.h"

namespace pop2piano {
namespace {

using namespace testing;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void expect_error(const std::function<void()>& action, ErrorCode code, const std::vector<std::string>& parts) {
  try {
    action();
    ADD_FAILURE() << "accepted; expected an error about " << parts.front();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    for (const auto& part : parts) EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

void parse_pickle(const std::string& text) { const Pickle pickle(bytes_of(text), "x.bin"); }

TEST(PickleReading, BuildsPlainValues) {
  const std::string text(
      "\x80\x02}q\x00(X\x01\x00\x00\x00"
      "aK\x05X\x01\x00\x00\x00"
      "b\x8a\x02\xff\xffX\x01\x00\x00\x00"
      "c\x88u.",
      33);
  const Pickle pickle(bytes_of(text), "x.bin");
  ASSERT_NE(pickle.root().find("a"), nullptr);
  EXPECT_EQ(pickle.root().find("a")->integer, 5);
  EXPECT_EQ(pickle.root().find("b")->integer, -1);
  EXPECT_EQ(pickle.root().find("c")->integer, 1);
  EXPECT_EQ(pickle.root().find("d"), nullptr);
}

TEST(PickleReading, ExecutesNothing) {
  expect_error(
      [] {
        parse_pickle(
            "cos\nsystem\n(X\x02\x00\x00\x00ls"
            "tR.");
      },
      ErrorCode::unsupported, {"x.bin", "os system"});
  expect_error([] { parse_pickle("cbuiltins\neval\n."); }, ErrorCode::unsupported, {"builtins eval"});
  expect_error([] { parse_pickle("(S'ls'\nios\nsystem\n."); }, ErrorCode::unsupported, {"STRING (0x53)"});
  expect_error([] { parse_pickle("(ios\nsystem\n."); }, ErrorCode::unsupported, {"INST (0x69)"});
  expect_error([] { parse_pickle(std::string("\x82\x01.", 3)); }, ErrorCode::unsupported, {"EXT1 (0x82)"});
}

TEST(PickleReading, RefusesNonsenseInBoundedMemory) {
  for (const char* text :
       {".", "t.", "R.", "s.", "h\x01.", "}K\x01s.", "(.", "}(K\x01u.", "]e.", "NNR.", "\x8a\x7f."}) {
    expect_error([&] { parse_pickle(text); }, ErrorCode::malformed, {"x.bin"});
  }
  expect_error([] { parse_pickle(std::string(2'000'000, 'N') + "."); }, ErrorCode::malformed, {"1000000 values"});
  // A list of pairs that is made into a dictionary again and again.
  std::string bomb = "ccollections\nOrderedDict\nq";
  bomb += std::string("\x00]q\x01(", 5);
  for (int i = 0; i < 100'000; ++i) bomb += "NN\x86";
  bomb += std::string("eh\x01\x85q\x02", 6);
  for (int i = 0; i < 10'000; ++i) bomb += std::string("h\x00h\x02R", 5);
  expect_error([&] { parse_pickle(bomb + "."); }, ErrorCode::malformed, {"x.bin"});
}

TEST(TorchFile, RefusesWhatItsStorageDoesNotHold) {
  const MappedFile mapped(kData / "golden/tiny/hf_bin/pytorch_model.bin");
  const Archive archive(mapped.bytes(), "tiny");
  const auto pickle_bytes = archive.stored("pytorch_model/data.pkl");
  const std::string pickle(reinterpret_cast<const char*>(pickle_bytes.data()), pickle_bytes.size());
  std::vector<ZipEntry> entries{{"m/data.pkl", pickle}};
  for (const auto& [name, entry] : archive.entries()) {
    const auto place = name.find("/data/");
    if (place == std::string::npos) continue;
    entries.push_back({"m" + name.substr(place), archive.unpacked(name)});
  }
  EXPECT_EQ(parse_torch_file(bytes_of(zip_file(entries)), "x").tensors.size(), 55U);
  const auto parse = [&] { (void)parse_torch_file(bytes_of(zip_file(entries)), "x.bin"); };
  auto short_storage =
      std::find_if(entries.begin(), entries.end(), [](const auto& e) { return e.name == "m/data/10"; });
  short_storage->content.resize(40);
  expect_error(parse, ErrorCode::malformed, {"x.bin", "fit into the 10 elements"});
  short_storage->deflated = true;
  expect_error(parse, ErrorCode::unsupported, {"x.bin", "m/data/10", "compressed"});
  entries.erase(short_storage);
  expect_error(parse, ErrorCode::malformed, {"m/data/10", "missing"});
  entries.front().content = "].";
  expect_error(parse, ErrorCode::malformed, {"no state dictionary"});
  entries.front().name = "m/other";
  expect_error(parse, ErrorCode::malformed, {"data.pkl"});
  expect_error([] { (void)parse_torch_file(bytes_of("no archive"), "x.bin"); }, ErrorCode::malformed,
               {"x.bin", "PyTorch 1.6"});
}

TEST(TorchFile, LeavesCopiesOut) {
  const auto model = Model::load(kData / "golden/tiny/hf_bin");
  EXPECT_EQ(model->description().container, "pytorch zip");
  EXPECT_EQ(model->description().ignored_tensors,
            (std::vector<std::string>{"decoder.embed_tokens.weight", "encoder.embed_tokens.weight"}));
  EXPECT_EQ(Model::load(kData / "golden/tiny/lightning")->description().container, "lightning");
}

TEST(Shards, PartsAreJoined) {
  const ScratchFolder folder;
  const ModelConfig config = small_config();
  const RandomTensors made = random_tensors(config, 3, DataType::f32);
  write_file(folder / "config.json", write_config(config));
  std::map<std::string, Tensor, std::less<>> parts[2];
  nlohmann::json map;
  std::size_t i = 0;
  for (const auto& [name, tensor] : made.tensors) {
    map[name] = "part" + std::to_string(i % 2) + ".safetensors";
    parts[i++ % 2][name] = tensor;
  }
  for (const int part : {0, 1})
    write_safetensors(folder / ("part" + std::to_string(part) + ".safetensors"), parts[part], {});
  const auto write_index = [&] {
    write_file(folder / "model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
  };
  write_index();
  EXPECT_EQ(Model::load(folder.path())->description().ignored_tensors.size(), 0U);
  write_safetensors(folder / "part1.safetensors", parts[0], {});
  expect_error([&] { (void)Model::load(folder.path()); }, ErrorCode::malformed, {"part1", "another part"});
  map.begin().value() = "../part0.safetensors";
  write_index();
  expect_error([&] { (void)Model::load(folder.path()); }, ErrorCode::malformed, {"not one of this folder"});
}

TEST(Shards, PytorchPartsAreJoinedToo) {
  const ScratchFolder folder;
  const std::filesystem::path from = kData / "golden/tiny/hf_bin";
  const std::filesystem::path index = folder / "pytorch_model.bin.index.json";
  std::filesystem::copy_file(from / "config.json", folder / "config.json");
  std::filesystem::copy_file(from / "pytorch_model.bin", folder / "pytorch_model-00001-of-00001.bin");
  write_file(index, std::string_view(R"({"weight_map": {"shared.weight": "pytorch_model-00001-of-00001.bin"}})"));
  const auto model = Model::load(folder.path());
  EXPECT_EQ(model->description().container, "pytorch zip");
  EXPECT_EQ(model->description().parameters, Model::load(from)->description().parameters);
  for (const auto& [text, words] : {std::pair{"{}", "weight_map"},
                                    {"[1", "weight_map"},
                                    {R"({"weight_map": {}})", "0 files"},
                                    {R"({"weight_map": {"a": 5}})", "not one of this folder"},
                                    {R"({"weight_map": {"a": ".."}})", "not one of this folder"},
                                    {R"({"weight_map": {"a": "/etc/passwd"}})", "not one of this folder"}}) {
    write_file(index, std::string_view(text));
    expect_error([&] { (void)Model::load(folder.path()); }, ErrorCode::malformed, {"index.json", words});
  }
  write_file(index, std::string_view(R"({"weight_map": {"a": "missing.bin"}})"));
  expect_error([&] { (void)Model::load(folder.path()); }, ErrorCode::not_found, {"missing.bin"});
}

class Convert : public ::testing::TestWithParam<std::pair<const char*, StoredType>> {};

TEST_P(Convert, KeepsTheNetwork) {
  const auto& [from, type] = GetParam();
  const ScratchFolder folder;
  const ConvertReport report = convert_model(kData / "golden/tiny" / from, folder / "out", {.type = type});
  EXPECT_EQ(report.dropped.empty(), std::string(from) == "hf_safetensors");
  EXPECT_LE(report.logit_difference, type == StoredType::f32 ? 0.0 : type == StoredType::bf16 ? 0.02 : 0.1);
  const auto before = Model::load(kData / "golden/tiny" / from);
  const auto after = Model::load(folder / "out");
  EXPECT_EQ(after->description().parameters, before->description().parameters);
  EXPECT_EQ(report.parameters, before->description().parameters);
  EXPECT_EQ(after->config().styles, before->config().styles);
  EXPECT_EQ(after->description().weight_type, type == StoredType::f32    ? "f32"
                                              : type == StoredType::bf16 ? "bf16"
                                                                         : "int8");
  EXPECT_LT(report.bytes_after, type == StoredType::f32 ? 560'000 : type == StoredType::bf16 ? 290'000 : 190'000);
  expect_error([&] { (void)convert_model(kTiny, folder / "out", {.type = type}); }, ErrorCode::already_exists, {"out"});
  EXPECT_NO_THROW((void)convert_model(folder / "out", folder / "out2", {.type = StoredType::f32}));
}

INSTANTIATE_TEST_SUITE_P(All, Convert,
                         ::testing::Values(std::pair{"hf_safetensors", StoredType::f32},
                                           std::pair{"hf_bin", StoredType::bf16},
                                           std::pair{"lightning", StoredType::int8},
                                           std::pair{"hf_bin", StoredType::f32}));

TEST(ConvertFailures, NothingIsLeftBehind) {
  const ScratchFolder folder;
  const ModelConfig config = small_config();
  RandomTensors made = random_tensors(config, 3, DataType::f32);
  made.floats.at("lm_head.weight")[5] = std::nanf("");
  write_model(folder / "in", config, made);
  expect_error([&] { (void)convert_model(folder / "in", folder / "out", {}); }, ErrorCode::malformed,
               {"lm_head.weight", "element 5"});
  EXPECT_FALSE(std::filesystem::exists(folder / "out" / "model.safetensors"));
}

}  // namespace
}  // namespace pop2piano
