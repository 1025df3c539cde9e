// SPDX-License-Identifier: MIT
// The commands about models: convert, and fetch-model against a server of the test's own.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "http_server.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kTinyModel = POP2PIANO_TEST_DATA "/golden/tiny/hf_safetensors";
const std::string kTinyZip = POP2PIANO_TEST_DATA "/golden/tiny/hf_bin";
const std::string kTinyCheckpoint = POP2PIANO_TEST_DATA "/golden/tiny/lightning/model.ckpt";

/// The last line that a command printed with --json.
json last_event(const Outcome& outcome) { return json::parse(outcome.out.substr(outcome.out.rfind("{\"event\""))); }

void expect_failure(const Outcome& outcome, int code, const std::string& words) {
  EXPECT_EQ(outcome.exit_code, code) << outcome.err;
  EXPECT_EQ(line_count(outcome.err), 1U) << outcome.err;
  EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
}

TEST(ConvertCli, WritesEveryFormatThatReadsBack) {
  const ScratchFolder folder;
  for (const std::string type : {"f32", "bf16", "int8"}) {
    for (const std::string& from : {kTinyModel, kTinyZip, kTinyCheckpoint}) {
      const std::string to = folder / (type + fs::path(from).parent_path().filename().string());
      const Outcome outcome = run_program({"convert", from, to, "--dtype", type, "--json", "--force"});
      ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
      const json event = last_event(outcome);
      EXPECT_EQ(event.at("weights"), type);
      EXPECT_LE(event.at("logit_difference").get<double>(), type == "f32" ? 1e-6 : type == "bf16" ? 0.05 : 0.3);
      const Outcome info = run_program({"info", to, "--json"});
      ASSERT_EQ(info.exit_code, 0) << info.err;
      EXPECT_EQ(last_event(info).at("weights"), type);
      EXPECT_EQ(last_event(info).at("parameters"), event.at("parameters"));
    }
  }
}

TEST(ConvertCli, SaysWhatItDropsAndOverwritesOnlyWhenTold) {
  const ScratchFolder folder;
  const Outcome outcome = run_program({"convert", kTinyZip, folder / "new"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("verified"), std::string::npos) << outcome.out;
  expect_failure(run_program({"convert", kTinyZip, folder / "new"}), 1, "holds a model already");
  EXPECT_EQ(run_program({"convert", kTinyZip, folder / "new", "--force"}).exit_code, 0);
}

TEST(ConvertCli, FailuresLeaveNothing) {
  const ScratchFolder folder;
  expect_failure(run_program({"convert", folder / "none", folder / "new"}), 1, "none");
  fs::create_directory(folder / "bad");
  fs::copy_file(kTinyModel + "/config.json", folder / "bad/config.json");
  const std::string weights = bytes_of(kTinyModel + "/model.safetensors");
  write_file(folder / "bad/model.safetensors", weights.substr(0, weights.size() / 2));
  expect_failure(run_program({"convert", folder / "bad", folder / "new"}), 1, "model.safetensors");
  EXPECT_FALSE(fs::exists(folder / "new/model.safetensors"));
  EXPECT_EQ(run_program({"convert", kTinyModel, folder / "new", "--dtype", "f16"}).exit_code, 2);
}

TEST(ModelCli, InfoSaysWhatTheNetworkIs) {
  const json tiny = last_event(run_program({"info", kTinyModel, "--json"}));
  const json config = json::parse(bytes_of(kTinyModel + "/config.json"));
  EXPECT_EQ(tiny.at("encoder_layers"), config.at("num_layers"));
  EXPECT_EQ(tiny.at("heads"), config.at("num_heads"));
  EXPECT_EQ(tiny.at("d_ff"), config.at("d_ff"));
  EXPECT_EQ(tiny.at("vocabulary"), config.at("vocab_size"));
  EXPECT_EQ(tiny.at("features"), "mel");
  EXPECT_EQ(tiny.at("styles").at(0), "composer1");
  const Outcome named = run_program({"info", "default"});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  for (const char* word : {"T5, 4 + 4 layers", "8.2 million", "bf16 in safetensors", "auto, ", "licence", "runs on"}) {
    EXPECT_NE(named.out.find(word), std::string::npos) << word << " in " << named.out;
  }
}

TEST(ModelCli, CoversAreSearchedAndComputedAsTold) {
  const std::string clip = POP2PIANO_TEST_DATA "/seed/clip.wav";
  const ScratchFolder folder;
  const auto cover = [&](const std::vector<std::string>& options) {
    std::vector<std::string> all{"cover", clip, "-o", "x.json", "--force"};
    all.insert(all.end(), options.begin(), options.end());
    return run_program(all, {.working_folder = folder.path()});
  };
  const auto report = [&] { return json::parse(bytes_of(folder / "x.json")); };
  ASSERT_EQ(cover({"--beams", "2"}).exit_code, 0);
  EXPECT_EQ(report().at("options").at("beams"), 2);
  ASSERT_EQ(cover({"--temperature", "1", "--top-p", "0.5"}).exit_code, 0);
  EXPECT_EQ(report().at("options").at("top_p"), 0.5);
  for (const std::string format : {"auto", "f32", "bf16", "int8"}) {
    ASSERT_EQ(cover({"--arithmetic", format}).exit_code, 0) << format;
    EXPECT_GT(report().at("notes").size(), 5U) << format;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "cache"));
  const auto shared =
      run_program({"cover", clip, "-o", "shared.json", "--share-weights"},
                  {.working_folder = folder.path(), .environment = {"XDG_CACHE_HOME=" + (folder / "cache").string()}});
  ASSERT_EQ(shared.exit_code, 0) << shared.err;
  EXPECT_FALSE(std::filesystem::is_empty(folder / "cache/pop2piano/weights"));
  expect_failure(cover({"--beams", "2", "--temperature", "1"}), 2, "beam search");
  expect_failure(cover({"--top-p", "0"}), 2, "top_p");
  EXPECT_EQ(cover({"--beams", "65"}).exit_code, 2);
  EXPECT_EQ(cover({"--arithmetic", "f16"}).exit_code, 2);
}

class FetchCli : public ::testing::Test {
 protected:
  FetchCli() {
    if (run_program({"fetch-model", "--help"}).exit_code != 0) return;
    for (const auto& entry : fs::directory_iterator(kTinyModel)) {
      server_.serve("/tiny/" + entry.path().filename().string(), {.body = bytes_of(entry.path())});
    }
  }
  void SetUp() override {
    if (run_program({"fetch-model", "--help"}).exit_code != 0) GTEST_SKIP() << "built without POP2PIANO_WITH_FETCH";
  }
  Outcome fetch(std::vector<std::string> arguments, int interrupt_after_ms = 0) {
    arguments.insert(arguments.begin(), "fetch-model");
    return run_program(arguments, {.environment = environment_, .interrupt_after_ms = interrupt_after_ms});
  }
  [[nodiscard]] std::size_t asked_for(const std::string& request) {
    const auto all = server_.requests();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), request));
  }
  /// 1 MB that look like no model.
  static std::string large() {
    std::string bytes(1 << 20, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 24);
    return bytes;
  }

  HttpServer server_;
  ScratchFolder folder_;
  fs::path cache_ = fs::path(folder_.path()) / "pop2piano/models";
  std::vector<std::string> environment_{"XDG_CACHE_HOME=" + std::string(folder_.path()), "no_proxy=127.0.0.1",
                                        "NO_PROXY=127.0.0.1"};
};

TEST_F(FetchCli, BringsAFolderIntoTheCacheWhereModelsAreFound) {
  const Outcome outcome = fetch({server_.url("/tiny/"), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* name : {"config.json", "generation_config.json", "model.safetensors"}) {
    EXPECT_EQ(bytes_of(cache_ / "tiny" / name), bytes_of(kTinyModel + "/" + name)) << name;
  }
  EXPECT_GT(last_event(outcome).at("parameters").get<int>(), 1000);
  const Outcome info = run_program({"convert", "tiny", folder_ / "copy"}, {.environment = environment_});
  EXPECT_EQ(info.exit_code, 0) << info.err;

  const std::size_t before = server_.requests().size();
  EXPECT_EQ(fetch({server_.url("/tiny")}).exit_code, 0);  // what is there is not fetched again
  EXPECT_EQ(asked_for("/tiny/model.safetensors"), 1U);
  EXPECT_LE(server_.requests().size(), before + 2);  // what the server does not have may be asked for again
  EXPECT_EQ(fetch({server_.url("/tiny"), "--force"}).exit_code, 0);
  EXPECT_EQ(asked_for("/tiny/model.safetensors"), 2U);
}

TEST_F(FetchCli, GoesOnWhereItBrokeOff) {
  const std::string weights = bytes_of(kTinyModel + "/model.safetensors");
  server_.serve("/tiny/model.safetensors", {.body = weights, .break_after = 5000});
  expect_failure(fetch({server_.url("/tiny")}), 1, "goes on from here");
  const fs::path part = cache_ / "tiny/model.safetensors.part";
  ASSERT_EQ(fs::file_size(part), 5000U);
  EXPECT_FALSE(fs::exists(cache_ / "tiny/model.safetensors"));
  const Outcome outcome = fetch({server_.url("/tiny")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(asked_for("/tiny/model.safetensors from 5000"), 1U);
  EXPECT_NE(outcome.out.find("went on at 5000"), std::string::npos) << outcome.out;
  EXPECT_EQ(bytes_of(cache_ / "tiny/model.safetensors"), weights);
  EXPECT_FALSE(fs::exists(part));
}

TEST_F(FetchCli, NeverMixesTwoVersions) {
  const std::string weights = bytes_of(kTinyModel + "/model.safetensors");
  const auto breaks = [&](const std::string& tag) {
    server_.serve("/tiny/model.safetensors", {.body = large(), .tag = tag, .break_after = 5000});
    EXPECT_EQ(fetch({server_.url("/tiny")}).exit_code, 1);
    fs::remove(cache_ / "tiny/model.safetensors");
  };
  const auto succeeds = [&](const ServedFile& file) {
    server_.serve("/tiny/model.safetensors", file);
    EXPECT_EQ(fetch({server_.url("/tiny")}).exit_code, 0);
    EXPECT_EQ(bytes_of(cache_ / "tiny/model.safetensors"), weights);
    fs::remove(cache_ / "tiny/model.safetensors");
  };
  breaks("\"old\"");
  succeeds({.body = weights, .tag = "\"new\""});  // the server sees another version and sends all
  breaks("\"old\"");
  succeeds({.body = weights, .tag = "\"new\"", .ranges = false});
  breaks("");
  succeeds({.body = weights});  // no version: the part is worth nothing
  write_file(cache_ / "tiny/model.safetensors.part", std::string(weights.size() + 10, 'x'));
  write_file(cache_ / "tiny/model.safetensors.part.tag", std::string("\"1\"\n"));
  succeeds({.body = weights});  // longer than the file: 416, then from the beginning
}

TEST_F(FetchCli, ChecksumsAreKept) {
  const std::string wrong(64, 'a');
  expect_failure(fetch({server_.url("/tiny"), "--sha256", wrong}), 1, "expected " + wrong);
  EXPECT_FALSE(fs::exists(cache_ / "tiny/model.safetensors"));
  EXPECT_FALSE(fs::exists(cache_ / "tiny/model.safetensors.part"));
  const Outcome outcome = fetch({server_.url("/tiny"), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::istringstream lines(outcome.out);
  std::string right;
  for (std::string line; std::getline(lines, line);) {
    const json event = json::parse(line);
    if (event.at("event") == "file" && event.at("file") == (cache_ / "tiny/model.safetensors").string()) {
      right = event.at("sha256");
    }
  }
  EXPECT_EQ(fetch({server_.url("/tiny"), "--sha256", right}).exit_code, 0);
  expect_failure(fetch({server_.url("/tiny"), "--sha256", wrong}), 1, "--force");
  expect_failure(fetch({server_.url("/tiny"), "--sha256", "12"}), 2, "64 hexadecimal digits");

  // What Hugging Face says of a file before it redirects.
  server_.serve("/hub/config.json", {.body = bytes_of(kTinyModel + "/config.json")});
  server_.serve("/hub/model.safetensors",
                {.body = "", .redirect = "/tiny/model.safetensors", .linked_tag = "\"" + right + "\""});
  EXPECT_NE(fetch({server_.url("/hub")}).out.find("as it should be"), std::string::npos);
  server_.serve("/hub/model.safetensors",
                {.body = "", .redirect = "/tiny/model.safetensors", .linked_tag = "\"" + wrong + "\""});
  expect_failure(fetch({server_.url("/hub"), "--force"}), 1, "expected " + wrong);
}

TEST_F(FetchCli, OtherContainersAndShards) {
  for (const auto& entry : fs::directory_iterator(kTinyZip)) {
    server_.serve("/zip/" + entry.path().filename().string(), {.body = bytes_of(entry.path())});
  }
  EXPECT_EQ(fetch({server_.url("/zip")}).exit_code, 0);
  EXPECT_TRUE(fs::exists(cache_ / "zip/pytorch_model.bin"));
  server_.serve("/run/epoch=1.ckpt", {.body = bytes_of(kTinyCheckpoint)});
  EXPECT_EQ(fetch({server_.url("/run/epoch=1.ckpt")}).exit_code, 0);
  EXPECT_TRUE(fs::exists(cache_ / "epoch=1/epoch=1.ckpt"));

  server_.serve("/parts/config.json", {.body = bytes_of(kTinyModel + "/config.json")});
  server_.serve("/parts/model.safetensors.index.json", {.body = R"({"weight_map": {"a": "part-1.safetensors"}})"});
  expect_failure(fetch({server_.url("/parts")}), 1, "part-1.safetensors: not there");
  server_.serve("/parts/part-1.safetensors", {.body = bytes_of(kTinyModel + "/model.safetensors")});
  EXPECT_EQ(fetch({server_.url("/parts")}).exit_code, 0);
  server_.serve("/climb/config.json", {.body = bytes_of(kTinyModel + "/config.json")});
  server_.serve("/climb/model.safetensors.index.json", {.body = R"({"weight_map": {"a": "../../x"}})"});
  expect_failure(fetch({server_.url("/climb")}), 1, "not one of this folder");
}

TEST_F(FetchCli, RefusalsAreOneLine) {
  expect_failure(fetch({"sweetcoca/pop2piano"}), 2, "sweetcocoa/pop2piano");
  expect_failure(fetch({"ftp://127.0.0.1/x"}), 2, "https://");
  expect_failure(fetch({server_.url("/nothing")}), 1, "config.json: not there");
  server_.serve("/none/config.json", {.body = "{}"});
  expect_failure(fetch({server_.url("/none")}), 1, "no model.safetensors and no pytorch_model.bin");
  server_.serve("/secret/config.json", {.body = "", .status = 403});
  expect_failure(fetch({server_.url("/secret")}), 1, "not permitted");
  server_.serve("/ill/config.json", {.body = "", .status = 500});
  expect_failure(fetch({server_.url("/ill")}), 1, "answers 500");
  server_.serve("/huge/config.json", {.body = std::string((16 << 20) + 1, ' ')});
  expect_failure(fetch({server_.url("/huge")}), 1, "expected a small file");
  server_.serve("/loop/config.json", {.body = "", .redirect = "/loop/config.json"});
  expect_failure(fetch({server_.url("/loop")}), 1, "redirects");
  expect_failure(fetch({"http://127.0.0.1:1/x"}), 1, "127.0.0.1");
  expect_failure(fetch({server_.url("/tiny"), "--name", "../up"}), 2, "cannot be a model's name");
  server_.serve("/noise/config.json", {.body = bytes_of(kTinyModel + "/config.json")});
  server_.serve("/noise/model.safetensors", {.body = large()});
  expect_failure(fetch({server_.url("/noise")}), 1, "model.safetensors");
}

TEST_F(FetchCli, InterruptKeepsThePart) {
  server_.serve("/slow/config.json", {.body = bytes_of(kTinyModel + "/config.json")});
  server_.serve("/slow/model.safetensors", {.body = large(), .milliseconds_between_pieces = 60});
  const Outcome outcome = fetch({server_.url("/slow")}, 1500);
  EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
  EXPECT_FALSE(fs::exists(cache_ / "slow/model.safetensors"));
}

}  // namespace
}  // namespace pop2piano::testing
