// SPDX-License-Identifier: MIT
// Weights in a file that processes map together: the same tokens, one copy in memory, nothing trusted that stands
// there.
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "numbers/model/random_model.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using namespace testing;

namespace fs = std::filesystem;

std::vector<std::vector<int>> tokens_of(const Model& model) {
  const ModelConfig& c = model.config();
  const std::size_t frames = c.frame_count() > 0 ? static_cast<std::size_t>(c.frame_count()) : 9;
  SegmentFeatures features{.segments = 3, .frames = frames, .read = [](std::size_t segment, std::span<float> rows) {
                             Random random(segment);
                             for (float& value : rows) value = static_cast<float>(random.normal());
                           }};
  std::vector<std::vector<int>> tokens;
  for (const auto& segment : generate(model, {.features = features}, {.min_tokens = 20, .max_tokens = 20}, 1)) {
    tokens.push_back(segment.tokens);
  }
  return tokens;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class SharedWeights : public ::testing::Test {
 protected:
  SharedWeights() { write_model(model(), small_config(), random_tensors(small_config(), 7, DataType::f32)); }
  [[nodiscard]] fs::path model() const { return folder_ / "model"; }
  [[nodiscard]] fs::path shared() const { return folder_ / "deep/weights"; }
  [[nodiscard]] std::shared_ptr<const Model> load(Arithmetic arithmetic = Arithmetic::f32) const {
    return Model::load(model(), {.arithmetic = arithmetic, .shared_folder = shared()});
  }

  ScratchFolder folder_;
};

TEST_F(SharedWeights, TokensAreTheSameAndEachFormatHasItsFile) {
  std::size_t files = 0;
  for (const Arithmetic arithmetic : {Arithmetic::f32, Arithmetic::bf16, Arithmetic::int8}) {
    const auto expected = tokens_of(*Model::load(model(), {.arithmetic = arithmetic}));
    const auto first = load(arithmetic);
    const auto second = load(arithmetic);  // the file is there now
    EXPECT_EQ(tokens_of(*first), expected);
    EXPECT_EQ(tokens_of(*second), expected);
    EXPECT_EQ(files_in(shared()).size(), ++files);
  }
}

TEST_F(SharedWeights, WhatStandsThereIsReplacedUnlessItIsTheModels) {
  const auto expected = tokens_of(*load());
  const fs::path file = files_in(shared()).at(0);
  const std::string good = bytes_of(file);
  const auto written = fs::last_write_time(file);
  (void)load();
  EXPECT_EQ(fs::last_write_time(file), written);
  std::string flipped = good;
  flipped[good.size() / 3] = static_cast<char>(flipped[good.size() / 3] ^ 1);
  for (const std::string& bad : {std::string(), good.substr(0, good.size() / 2), good + "more", flipped}) {
    write_file(file, std::string_view(bad));
    EXPECT_EQ(tokens_of(*load()), expected);
    EXPECT_EQ(bytes_of(file), good);
  }
  write_model(model(), small_config(), random_tensors(small_config(), 8, DataType::f32));  // trained further
  EXPECT_EQ(tokens_of(*load()), tokens_of(*Model::load(model())));
  EXPECT_EQ(files_in(shared()).size(), 1U);
}

TEST_F(SharedWeights, AFolderThatCannotBeMadeIsNamed) {
  write_file(folder_ / "deep", std::string_view("a file"));
  try {
    (void)load();
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::write_failed);
    EXPECT_NE(std::string(error.what()).find("weights"), std::string::npos) << error.what();
  }
}

struct MappedKilobytes {
  std::size_t resident = 0, only_here = 0;
};

/// Of mappings of shared weights in this process.
MappedKilobytes mapped_weights() {
  MappedKilobytes sum;
  std::ifstream smaps("/proc/self/smaps");
  bool ours = false;
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream words(line);
    std::string key;
    std::size_t number = 0;
    words >> key;
    if (key.find('-') != std::string::npos) ours = line.ends_with(".weights");
    if (!ours || !(words >> number)) continue;
    if (key == "Rss:") sum.resident += number;
    if (key == "Private_Clean:" || key == "Private_Dirty:") sum.only_here += number;
  }
  return sum;
}

TEST_F(SharedWeights, TwoProcessesHoldOneCopy) {
  const LoadOptions options{.shared_folder = shared()};
  const fs::path model = POP2PIANO_SOURCE_DIR "/models/default";
  int ready[2], enough[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(enough), 0);
  const pid_t other = ::fork();
  ASSERT_GE(other, 0);
  if (other == 0) {
    ::close(enough[1]);
    const auto loaded = Model::load(model, options);
    (void)tokens_of(*loaded);
    char c = 'r';
    const bool told = ::write(ready[1], &c, 1) == 1;
    ::_exit(told && ::read(enough[0], &c, 1) == 0 ? 0 : 1);  // until the other end is closed
  }
  ::close(ready[1]);
  char c = 0;
  EXPECT_EQ(::read(ready[0], &c, 1), 1);
  const auto loaded = Model::load(model, options);
  (void)tokens_of(*loaded);
  const MappedKilobytes mapped = mapped_weights();
  for (const int end : {ready[0], enough[0], enough[1]}) ::close(end);
  int status = 1;
  EXPECT_EQ(::waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  EXPECT_GE(mapped.resident, 15000U);  // 8.2 million weights of 2 bytes, but for the embeddings
  EXPECT_LE(mapped.only_here, mapped.resident / 20);
}

}  // namespace
}  // namespace pop2piano
