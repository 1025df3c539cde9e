// SPDX-License-Identifier: MIT
#include "numbers/nets/network_parts.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

#include "scratch_folder.h"

namespace pop2piano {
namespace {

const std::vector<NetworkPart> kParts{network_part("in.weight", {2, 3}), network_part("in.bias", {2})};

TEST(NetworkParts, AreReadAsTheyWereWritten) {
  const testing::ScratchFolder folder;
  const NetworkValues values{{"in.weight", {1, 2, 3, 4, 5, 6}}, {"in.bias", {-0.5F, 0.25F}}};
  write_network_parts(folder / "net.safetensors", kParts, values, {{"format", "net/1"}});
  EXPECT_EQ(read_network_parts(folder / "net.safetensors", kParts, "net"), values);
}

TEST(NetworkParts, MustHaveTheirShapes) {
  const testing::ScratchFolder folder;
  const std::vector<NetworkPart> others{network_part("in.weight", {3, 2}), network_part("in.bias", {2})};
  write_network_parts(folder / "net.safetensors", others, {{"in.weight", {1, 2, 3, 4, 5, 6}}, {"in.bias", {1, 2}}}, {});
  try {
    (void)read_network_parts(folder / "net.safetensors", kParts, "harp network");
    FAIL() << "weights of another shape were taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::malformed);
    EXPECT_NE(std::string(error.what()).find("expected tensor in.weight [2, 3], found [3, 2]"), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("no harp network"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace pop2piano
