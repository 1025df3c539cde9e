// SPDX-License-Identifier: MIT
#include "learning/records/statistics_of_files.h"

#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <utility>

#include "learning/dataset/record_reader.h"
#include "learning/dataset/record_writer.h"
#include "learning/studio/sound_coding.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::exists(path)) throw Error(ErrorCode::not_found, path.string() + ": no such file or folder");
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class StatisticsReader {
 public:
  StatisticsReader(std::size_t most, const std::function<void(const std::string&)>& left_out)
      : most_(most), left_out_(left_out) {}

  [[nodiscard]] bool full() const { return statistics_.size() >= most_; }
  [[nodiscard]] double share() const { return static_cast<double>(statistics_.size()) / static_cast<double>(most_); }
  std::vector<SoundStatistics> take() { return std::move(statistics_); }

  void read_records(const fs::path& shard) {
    const RecordReader reader(shard);
    for (std::size_t i = 0; i < reader.size() && !full(); ++i) {
      const SongView song = reader.song(i);
      const TensorView* sound = song.record.find(kAudioTensor);
      if (sound != nullptr) add(decode_flac(sound->bytes), song.description.song);
    }
  }

  void read_recording(const fs::path& file) {
    try {
      add(Recording::open(file).read_all().samples, file.string());
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) throw;
      left_out_(error.what());
    }
  }

 private:
  void add(const std::vector<float>& samples, const std::string& what) {
    try {
      statistics_.push_back(sound_statistics(samples, what));
    } catch (const Error& error) {
      left_out_(error.what());
    }
  }

  std::size_t most_;
  const std::function<void(const std::string&)>& left_out_;
  std::vector<SoundStatistics> statistics_;
};

}  // namespace

std::vector<SoundStatistics> statistics_of_files(const fs::path& path, std::size_t most,
                                                 const std::function<void(const std::string&)>& left_out,
                                                 const Monitor& monitor) {
  StatisticsReader reader(most, left_out);
  for (const fs::path& file : files_of(path)) {
    if (reader.full()) break;
    monitor.check();
    if (file.extension() == kShardExtension) {
      reader.read_records(file);
    } else {
      reader.read_recording(file);
    }
    monitor.report(path.string(), reader.share());
  }
  std::vector<SoundStatistics> statistics = reader.take();
  if (statistics.empty()) {
    throw Error(ErrorCode::nothing_found,
                path.string() +
                    ": no song with sound in it; give recordings, or records made with `synthesize "
                    "--audio`");
  }
  return statistics;
}

}  // namespace pop2piano
