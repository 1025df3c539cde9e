// SPDX-License-Identifier: MIT
// The checkpoints of a run: one safetensors file each, step-NNNNNNNNN.safetensors, written whole or not at all; the
// last few are kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "learning/train/torch.h"
#include "numbers/weights/safetensors.h"

namespace pop2piano::training {

class CheckpointFolder {
 public:
  CheckpointFolder(std::filesystem::path folder, std::int64_t keep) : folder_(std::move(folder)), keep_(keep) {}

  /// Throws Error(write_failed).
  void create() const;
  /// Makes the folder where it is missing; removes all but the newest files.
  void save(std::int64_t step, const std::map<std::string, Tensor, std::less<>>& tensors,
            const std::map<std::string, std::string>& notes) const;
  /// The newest file that can be read and that `check` does not throw an Error about; those before it are named in
  /// `skipped`.
  [[nodiscard]] std::optional<TensorSet> newest(const std::function<void(const TensorSet&)>& check,
                                                std::string& skipped) const;
  /// File names, oldest first; none where there is no folder.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;
  /// Removes what a process that was killed in the middle of save() left. Returns how many files that were.
  std::size_t remove_unfinished() const;

 private:
  [[nodiscard]] std::vector<std::filesystem::path> files_ending(const char* extension) const;

  std::filesystem::path folder_;
  std::int64_t keep_;
};

/// A float tensor in the processor's memory, as a file holds it.
[[nodiscard]] Tensor borrowed(const at::Tensor& values);
/// Copies the file's tensor `name` into `to`. Throws Error(malformed) when it is missing or has another shape.
void restore(const TensorSet& file, const std::string& name, const at::Tensor& to);

}  // namespace pop2piano::training
