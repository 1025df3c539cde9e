// SPDX-License-Identifier: MIT
#include "learning/dataset/record_set.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "learning/dataset/record_writer.h"

namespace pop2piano {
namespace {

std::vector<std::filesystem::path> shard_files(std::span<const std::filesystem::path> paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    if (!std::filesystem::exists(path)) {
      throw Error(ErrorCode::not_found, path.string() + ": no such file or folder of training records");
    }
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    const auto first = static_cast<std::ptrdiff_t>(files.size());
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() == kShardExtension) files.push_back(entry.path());
    }
    std::sort(files.begin() + first, files.end());
  }
  return files;
}

void report_share(const Monitor& monitor, std::string_view stage, std::size_t done, std::size_t all) {
  monitor.check();
  monitor.report(stage, static_cast<double>(done) / static_cast<double>(all));
}

}  // namespace

RecordSet RecordSet::open(std::span<const std::filesystem::path> paths) {
  RecordSet set;
  for (const auto& file : shard_files(paths)) {
    try {
      set.shards_.push_back(std::make_shared<const RecordReader>(file));
    } catch (const Error& error) {
      set.problems_.push_back(std::string(error.what()) + " (left out)");
      continue;
    }
    const RecordReader& shard = *set.shards_.back();
    set.problems_.insert(set.problems_.end(), shard.problems().begin(), shard.problems().end());
    for (std::size_t i = 0; i < shard.size(); ++i) set.songs_.emplace_back(set.shards_.size() - 1, i);
  }
  if (set.songs_.empty()) {
    const std::string first = set.problems_.empty() ? "no *.p2pd file" : set.problems_.front();
    throw Error(ErrorCode::nothing_found, "no sound training record found: " + first);
  }
  return set;
}

SongView RecordSet::song(std::size_t index) const {
  const auto& [shard, record] = songs_.at(index);
  return shards_[shard]->song(record);
}

std::span<const std::byte> RecordSet::encoded(std::size_t index) const {
  const auto& [shard, record] = songs_.at(index);
  return shards_[shard]->encoded(record);
}

const std::filesystem::path& RecordSet::file(std::size_t index) const {
  return shards_[songs_.at(index).first]->path();
}

std::vector<std::string> verify_records(const RecordSet& set, const Monitor& monitor) {
  std::vector<std::string> problems = set.problems();
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongView song = set.song(i);
    for (const TensorView& tensor : song.record.tensors) {
      if (tensor.intact()) continue;
      problems.push_back(fmt::format("{} variant {}: tensor \"{}\" is damaged (checksum)", song.description.song,
                                     song.description.variant, tensor.name));
    }
    report_share(monitor, "verify", i + 1, set.size());
  }
  return problems;
}

std::vector<std::filesystem::path> merge_records(const RecordSet& set, const std::filesystem::path& folder,
                                                 const MergeOptions& options, const Monitor& monitor) {
  std::set<std::pair<std::string, int>> seen;
  ShardSequenceWriter writer(folder, options.name, options.shard_bytes);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongDescription song = set.song(i).description;
    if (seen.emplace(song.song, song.variant).second) writer.add_encoded(set.encoded(i));
    report_share(monitor, "merge", i + 1, set.size());
  }
  return writer.finish();
}

std::vector<std::filesystem::path> split_records(const RecordSet& set, const std::filesystem::path& folder,
                                                 const std::function<std::string(const SongDescription&)>& part_of,
                                                 const MergeOptions& options, const Monitor& monitor) {
  std::map<std::string, ShardSequenceWriter> writers;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::string part = part_of(set.song(i).description);
    report_share(monitor, "split", i + 1, set.size());
    if (part.empty()) continue;
    const auto writer = writers.try_emplace(part, folder, part, options.shard_bytes).first;
    writer->second.add_encoded(set.encoded(i));
  }
  std::vector<std::filesystem::path> written;
  for (auto& [part, writer] : writers) {
    const auto shards = writer.finish();
    written.insert(written.end(), shards.begin(), shards.end());
  }
  return written;
}

RecordCounts count_records(const RecordSet& set) {
  RecordCounts counts;
  std::set<std::string> names;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongDescription song = set.song(i).description;
    names.insert(song.song);
    ++counts.records;
    counts.beats += song.beat_times.size();
    counts.notes += song.notes.size();
    counts.melody_notes += static_cast<std::uint64_t>(
        std::count_if(song.notes.begin(), song.notes.end(), [](const RecordNote& n) { return n.voice == 0; }));
    counts.bytes += set.encoded(i).size();
    if (song.beat_times.size() > 1) counts.hours += (song.beat_times.back() - song.beat_times.front()) / 3600.0;
    ++counts.by_style[song.style];
    ++counts.by_split[song.split];
    ++counts.by_source[song.source];
    ++counts.by_licence[song.licence];
  }
  counts.songs = names.size();
  return counts;
}

}  // namespace pop2piano
