// SPDX-License-Identifier: MIT
// A few songs by heart: what the command `overfit` checks, on a network small enough for minutes.
#include <gtest/gtest.h>

#include "learning/train/tiny_model.h"
#include "learning/train_t5/trainer.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

TEST(Overfit, FourSongsAboveNinetyNinePercent) {
  testing::ScratchFolder folder;
  auto config = overfit_config(testing::tiny_run(folder.path()), 4, 1500);
  Trainer trainer(config, StartFrom::scratch);
  trainer.run(CancelToken{});
  EXPECT_GT(trainer.training_accuracy(64), 0.99);
}

}  // namespace
}  // namespace pop2piano::training
