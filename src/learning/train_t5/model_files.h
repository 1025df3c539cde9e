// SPDX-License-Identifier: MIT
// Model folders and weight files on libtorch's side: read as initialisation, written in bf16 for the engine.
#pragma once

#include <pop2piano/model.h>

#include <filesystem>
#include <string>

#include "learning/train_t5/network_shape.h"
#include "learning/train_t5/parameters.h"

namespace pop2piano::training {

/// Throws Error(unsupported) for tied embeddings.
NetworkShape network_shape_of(const ModelConfig& config);

/// `path`: a model folder of any kind that the engine loads, or a file of weights (.safetensors, .bin, .ckpt); all
/// values as floats, 8-bit ones multiplied by their scales. Throws Error: not_found, unreadable, malformed.
NamedTensors read_weights(const std::filesystem::path& path);
/// config.json of a folder, or of the folder a weights file lies in, or the named config.json itself; of a Lightning
/// checkpoint without one what its weights say. Throws Error: not_found, malformed.
ModelConfig read_architecture(const std::filesystem::path& path);

/// folder/model.safetensors (bf16) and folder/config.json, each whole or not at all; a model of the published kind
/// gets its layout, with generation_config.json and preprocessor_config.json.
void write_model(const std::filesystem::path& folder, const ModelConfig& config, const NamedTensors& weights,
                 const std::string& description);

}  // namespace pop2piano::training
