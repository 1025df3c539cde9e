// SPDX-License-Identifier: MIT
// Reference numbers of the seed and of the tiny network, and the loops that tests run them through.
#pragma once

#include <pop2piano/model.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/mapped_file.h"
#include "numbers/model/decoder.h"
#include "numbers/model/encoder.h"
#include "numbers/model/network.h"

namespace pop2piano::testing {

inline const std::filesystem::path kData = POP2PIANO_TEST_DATA;
/// Weights to which tests/data/seed belongs; too large to stand there. They may be absent.
inline std::filesystem::path seed_folder() {
  const char* shared = std::getenv("POP2PIANO_SHARED");
  const std::filesystem::path root =
      shared != nullptr ? shared : std::filesystem::path(POP2PIANO_SOURCE_DIR).parent_path() / "shared";
  return root / "model/seed";
}
inline const std::filesystem::path kTiny = kData / "golden/tiny/hf_safetensors";

inline std::vector<float> read_floats(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  std::vector<float> values(mapped.bytes().size() / sizeof(float));
  std::memcpy(values.data(), mapped.bytes().data(), values.size() * sizeof(float));
  return values;
}

inline nlohmann::json read_json(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot open " + file.string());
  return nlohmann::json::parse(stream);
}

inline SegmentFeatures features_of(const std::vector<float>& values, std::size_t segments, std::size_t frames) {
  SegmentFeatures features{.segments = segments, .frames = frames, .read = nullptr};
  features.read = [&values, segments](std::size_t segment, std::span<float> rows) {
    ASSERT_EQ(rows.size() * segments, values.size());
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(segment * rows.size()), rows.size(), rows.begin());
  };
  return features;
}

/// Runs encoder and decoder with given tokens; [segments, frames, d] and [segments, tokens, vocab].
struct Forced {
  std::vector<float> encoder, logits;
};

inline Forced run_forced(const Network& network, const std::vector<float>& features, std::size_t segments,
                         std::size_t frames, int style, const std::vector<std::vector<int>>& inputs) {
  const EncoderPlan encoder_plan(network, frames);
  const DecoderPlan decoder_plan(network, encoder_plan, 256);
  Encoder encoder(network, encoder_plan);
  Decoder decoder(network, decoder_plan);
  Forced out;
  encoder.encode(features, segments, style);
  const kernels::AlignedBytes self(segments * decoder_plan.self_bytes());
  const kernels::AlignedBytes cross(segments * decoder_plan.cross_bytes());
  for (std::size_t s = 0; s < segments; ++s) {
    const auto rows = encoder.output(s);
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      out.encoder.insert(out.encoder.end(), rows.row(r).begin(),
                         rows.row(r).begin() + static_cast<std::ptrdiff_t>(network.d_model()));
    }
  }
  for (std::size_t s = 0; s < segments; ++s) encoder.project_cross(s, cross.data() + s * decoder_plan.cross_bytes());
  const std::size_t steps = inputs.front().size();
  out.logits.resize(segments * steps * network.vocab());
  for (std::size_t t = 0; t < steps; ++t) {
    std::vector<DecoderRow> rows;
    for (std::size_t s = 0; s < segments; ++s) {
      rows.push_back({.token = inputs[s][t],
                      .position = t,
                      .self = self.data() + s * decoder_plan.self_bytes(),
                      .cross = cross.data() + s * decoder_plan.cross_bytes()});
    }
    decoder.step(rows);
    for (std::size_t s = 0; s < segments; ++s) {
      const auto row = decoder.logits(s);
      std::copy(row.begin(), row.end(),
                out.logits.begin() + static_cast<std::ptrdiff_t>((s * steps + t) * network.vocab()));
    }
  }
  return out;
}

/// Fails with the worst index when a difference exceeds `tolerance` times the largest expected magnitude.
inline void expect_close(const std::vector<float>& found, const std::vector<float>& expected, double tolerance,
                         const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double largest = 0.0, worst = 0.0;
  std::size_t where = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, std::abs(double{expected[i]}));
    const double difference = std::abs(double{found[i]} - expected[i]);
    if (!(difference <= worst)) {
      worst = difference;
      where = i;
    }
  }
  EXPECT_LE(worst, tolerance * largest) << what << ": worst at " << where << ", expected " << expected[where]
                                        << ", found " << found[where] << ", largest magnitude " << largest;
  ::testing::Test::RecordProperty(what, std::to_string(worst / largest));
}

}  // namespace pop2piano::testing
