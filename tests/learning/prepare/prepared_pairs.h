// SPDX-License-Identifier: MIT
// A folder with a song, covers of it and a list, and what `prepare_pairs()` makes of them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/prepare/pair_folders.h"
#include "learning/prepare/prepare.h"
#include "scratch_folder.h"
#include "small_pair.h"
#include "wav_fixture.h"

namespace pop2piano::testing {

namespace fs = std::filesystem;

/// Files in and below a folder that were being written.
inline std::vector<fs::path> part_files(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".part") found.push_back(entry.path());
  }
  return found;
}

class PreparedPairs : public ::testing::Test {
 protected:
  PreparedPairs() {
    write_song(folder_ / "one.wav", 1);
    write_cover(folder_ / "one.mid", 1);
    write_cover(folder_ / "slow.mid", 1, 1.08, 3);
    options_.threads = 1;
    // Rendered chords and a melody of their own notes agree where a melody is heard at all.
    options_.filter.least_agreement = 0.0;
  }
  void list(const std::string& text) { write_file(folder_ / "list.tsv", text); }
  PrepareReport prepare(const std::string& out = "out") {
    ran_.clear(), remarks_.clear();
    const PrepareNews news{
        .ended = [this](const std::string& name, Stage stage,
                        const StageState&) { ran_.push_back(name.substr(0, 3) + " " + std::string(name_of(stage))); },
        .remark = [this](const std::string& remark) { remarks_.push_back(remark); }};
    return prepare_pairs(folder_ / "list.tsv", folder_ / out, options_, news, {});
  }
  // By name: the bytes.
  std::map<std::string, std::string> records(const std::string& out = "out") {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_ / out / "records")) {
      found[entry.path().filename().string()] = bytes_of(entry.path());
    }
    return found;
  }
  StageState last_state(const std::string& out = "out") {
    const auto names = pair_folders(folder_ / out);
    return *last_of(load_state(folder_ / out / "pairs" / names.at(0)).state);
  }

  const testing::ScratchFolder folder_;
  PrepareOptions options_;
  std::vector<std::string> ran_, remarks_;
};

}  // namespace pop2piano::testing
