// SPDX-License-Identifier: MIT
#include "learning/train/checkpoint_folder.h"

#include <pop2piano/error.h>

#include <algorithm>

#include <fmt/format.h>

namespace pop2piano::training {

void CheckpointFolder::create() const {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) throw Error(ErrorCode::write_failed, folder_.string() + ": cannot be made: " + failed.message());
}

std::vector<std::filesystem::path> CheckpointFolder::files_ending(const char* extension) const {
  std::vector<std::filesystem::path> found;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, absent)) {
    const auto name = entry.path().filename().string();
    if (name.rfind("step-", 0) == 0 && entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::filesystem::path> CheckpointFolder::files() const { return files_ending(".safetensors"); }

std::size_t CheckpointFolder::remove_unfinished() const {
  const auto unfinished = files_ending(".part");  // OutputFile's name until it is whole
  for (const auto& file : unfinished) {
    std::error_code ignored;  // one that stays costs room only
    std::filesystem::remove(file, ignored);
  }
  return unfinished.size();
}

void CheckpointFolder::save(std::int64_t step, const std::map<std::string, Tensor, std::less<>>& tensors,
                            const std::map<std::string, std::string>& notes) const {
  create();
  write_safetensors(folder_ / fmt::format("step-{:09}.safetensors", step), tensors, notes);
  const auto old = files();
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep_) < old.size(); ++i) {
    std::error_code ignored;  // an old checkpoint that stays does no harm
    std::filesystem::remove(old[i], ignored);
  }
}

std::optional<TensorSet> CheckpointFolder::newest(const std::function<void(const TensorSet&)>& check,
                                                  std::string& skipped) const {
  const auto candidates = files();
  for (auto file = candidates.rbegin(); file != candidates.rend(); ++file) {
    try {
      TensorSet set = read_safetensors(*file);
      check(set);
      return set;
    } catch (const Error& error) {
      skipped += std::string(skipped.empty() ? "" : "; ") + error.what();
    }
  }
  return std::nullopt;
}

Tensor borrowed(const at::Tensor& values) {
  return {DataType::f32,
          Shape(values.sizes().begin(), values.sizes().end()),
          {static_cast<const std::byte*>(values.data_ptr()), static_cast<std::size_t>(values.nbytes())}};
}

void restore(const TensorSet& file, const std::string& name, const at::Tensor& to) {
  const Tensor* tensor = file.find(name);
  if (tensor == nullptr || tensor->shape != Shape(to.sizes().begin(), to.sizes().end())) {
    throw Error(ErrorCode::malformed, file.file + ": tensor " + name +
                                          " is missing or has another shape: it belongs to another network; use that "
                                          "network's config, or name another file or output folder");
  }
  const auto values = to_floats(*tensor, name, file.file);
  const at::NoGradGuard no_grad;
  to.copy_(at::from_blob(const_cast<float*>(values.data()), to.sizes(), at::kFloat));
}

}  // namespace pop2piano::training
