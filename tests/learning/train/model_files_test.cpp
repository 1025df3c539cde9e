// SPDX-License-Identifier: MIT
// Model folders as the trainer reads and writes them: 8-bit weights, checkpoints under other names, paths that are not
// there.
#include "learning/train_t5/model_files.h"

#include <pop2piano/error.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "learning/train/published_model.h"
#include "learning/train/tiny_model.h"
#include "learning/train_t5/checkpoint.h"
#include "learning/train_t5/export_model.h"
#include "numbers/model/convert.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

class ModelFiles : public ::testing::Test {
 protected:
  ModelFiles() : parameters(network_shape_of(model), at::kCPU, at::kFloat) {
    parameters.initialise(1);
    write_model(folder / "bf16", model, parameters.named(parameters.master()), "random");
  }
  // What reading says; empty: nothing.
  static std::string message(const std::filesystem::path& path) {
    try {
      (void)read_any_model(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  testing::ScratchFolder folder;
  ModelConfig model = testing::tiny_model();
  Parameters parameters;
};

TEST_F(ModelFiles, EightBitWeightsComeWithTheirScales) {
  (void)convert_model(folder / "bf16", folder / "int8", {.type = StoredType::int8});
  const auto exact = read_weights(folder / "bf16"), rounded = read_weights(folder / "int8");
  ASSERT_EQ(rounded.size(), exact.size());
  for (const auto& [name, value] : exact) {
    const double half_step = value.abs().max().item<double>() / 127.0 / 2.0;
    EXPECT_LE((rounded.at(name) - value).abs().max().item<double>(), 1.001 * half_step) << name;
  }
}

TEST_F(ModelFiles, AnEightBitModelIsExportedWhole) {
  (void)convert_model(folder / "bf16", folder / "int8", {.type = StoredType::int8});
  const auto read = read_any_model(folder / "int8");
  write_model(folder / "again", read.config, read.weights, "from int8");
  const auto again = Model::load(folder / "again");
  EXPECT_EQ(again->description().weight_type, "bf16");
  EXPECT_TRUE(again->description().ignored_tensors.empty());
  EXPECT_NO_THROW(check_written(folder / "again", read.weights));
}

TEST_F(ModelFiles, ACheckpointMayHaveAnotherName) {
  Optimiser optimiser(parameters, {});
  save_checkpoint(CheckpointFolder(folder / "checkpoints", 1), {.step = 3}, parameters, optimiser, model);
  const auto named = folder / "checkpoints" / "step-000000003.safetensors";
  const auto expected = read_any_model(named).weights;
  std::filesystem::rename(named, folder / "good.safetensors");
  const auto found = read_any_model(folder / "good.safetensors");
  EXPECT_EQ(write_config(found.config), write_config(model));
  for (const auto& [name, value] : expected) EXPECT_TRUE(at::equal(found.weights.at(name), value)) << name;
}

// Both layouts: the tensors of one are those of the other.
TEST(Export, AFaultInWhatWasWrittenIsFound) {
  testing::ScratchFolder folder;
  for (const auto& config : {testing::tiny_model(), testing::published_model()}) {
    Parameters parameters(network_shape_of(config), at::kCPU, at::kFloat);
    parameters.initialise(1);
    NamedModel model{config, parameters.named(parameters.master().clone())};
    write_model(folder / "model", config, model.weights, "random");
    EXPECT_NO_THROW(check_written(folder / "model", model.weights));
    const auto same = compare_with_engine(folder / "model", model, 4);
    EXPECT_EQ(same.equal, 4);
    EXPECT_GT(same.tokens, 40);
    // A transposed square matrix loads as well as the right one.
    const std::string name = "decoder.block.0.layer.1.EncDecAttention.q.weight";
    model.weights[name] = model.weights.at(name).t().contiguous();
    write_model(folder / "model", config, model.weights, "transposed");
    model.weights[name] = model.weights.at(name).t().contiguous();
    try {
      check_written(folder / "model", model.weights);
      FAIL() << "a transposed tensor passes";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
    parameters.initialise(2);
    write_model(folder / "model", config, parameters.named(parameters.master()), "another");
    EXPECT_LT(compare_with_engine(folder / "model", model, 4).equal, 4);
  }
}

TEST_F(ModelFiles, WhatIsNoModelIsNamed) {
  EXPECT_EQ(message(folder / "absent"),
            (folder / "absent").string() + ": not there; expected a model folder, config.json or weights");
  std::filesystem::copy_file(folder / "bf16" / "model.safetensors", folder / "alone.safetensors");
  EXPECT_EQ(message(folder / "alone.safetensors").find((folder / "alone.safetensors").string() + ": no config.json"),
            0U)
      << message(folder / "alone.safetensors");
}

}  // namespace
}  // namespace pop2piano::training
