// SPDX-License-Identifier: MIT
// The same network run by PyTorch, with a cache of keys and values as its users write one.
#pragma once

#include <pop2piano/model.h>

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace pop2piano {

struct PeerResult {
  double encode_seconds = 0.0, decode_seconds = 0.0;
  std::vector<float> logits;  // [segments, tokens, vocab] where asked for
};

class Peer {
 public:
  virtual ~Peer() = default;
  /// features [segments, frames, n_mels]; runs `inputs` [segments][tokens] through the decoder, one step for all rows.
  virtual PeerResult run(std::span<const float> features, std::size_t frames, int style,
                         const std::vector<std::vector<int>>& inputs) = 0;
  /// Operations per second of a large product as its encoder's: [4320, 512] x [512, 2048], the best of several.
  virtual double product_peak() = 0;
};

/// Null when the benchmark was built without libtorch.
std::unique_ptr<Peer> make_peer(const std::filesystem::path& model, Arithmetic arithmetic, int threads);

}  // namespace pop2piano
