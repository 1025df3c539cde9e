// SPDX-License-Identifier: MIT
// Sound in and out: any media file that FFmpeg reads becomes mono float samples; WAV is written.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {

/// The rate at which every analysis of the project works.
inline constexpr int kAnalysisSampleRate = 22050;

/// Mono samples, nominal range [-1, 1], always finite. Several channels become one as their plain mean.
struct Waveform {
  int sample_rate = kAnalysisSampleRate;
  std::vector<float> samples;  // [samples]

  [[nodiscard]] double duration() const { return static_cast<double>(samples.size()) / sample_rate; }  ///< seconds
};

/// A pull stream of mono samples. Not thread-safe.
class SampleStream {
 public:
  virtual ~SampleStream() = default;
  /// Fills `out` from its start and returns how many samples were written; fewer than asked only at the end.
  /// Throws Error(malformed) when the file breaks off in a way that cannot be concealed.
  virtual std::size_t read(std::span<float> out) = 0;
};

/// What of a file is read, and at which rate.
struct RecordingOptions {
  int sample_rate = kAnalysisSampleRate;
  double start = 0.0;                   ///< seconds; what lies before is not heard, time counts from here
  std::optional<double> end{};          ///< seconds from the start of the file; absent: to its end
  double keep_in_memory_below = 900.0;  ///< seconds; longer recordings are decoded anew by each stream
};

/// A song that can be read from its start as often as needed, in bounded memory. Immutable after open(); stream() may
/// be called from several threads.
class Recording {
 public:
  /// Decodes the first audio stream once, to learn length and peak. `file` "-" reads standard input to its end.
  /// Throws Error: not_found, unreadable, malformed (no media, truncated to nothing), nothing_found (no audio stream,
  /// no samples, start behind the end).
  static Recording open(const std::filesystem::path& file, const RecordingOptions& options = {},
                        const Monitor& monitor = {});
  static Recording from(Waveform waveform);

  [[nodiscard]] std::unique_ptr<SampleStream> stream() const;
  /// The same stretch of time at another rate, decoded anew from the source (for listening; analysis takes stream()).
  [[nodiscard]] std::unique_ptr<SampleStream> stream_at(int sample_rate) const;
  [[nodiscard]] Waveform read_all() const;

  [[nodiscard]] int sample_rate() const;
  [[nodiscard]] std::int64_t sample_count() const;
  [[nodiscard]] double duration() const;            ///< seconds
  [[nodiscard]] double start() const;               ///< seconds of the file that were left out, as opened
  [[nodiscard]] std::optional<double> end() const;  ///< seconds of the file, as opened; absent: to its end
  [[nodiscard]] float peak() const;                 ///< largest magnitude
  [[nodiscard]] const std::string& name() const;    ///< for messages: the file, "standard input" or "the recording"

  /// What the file says about itself; empty or zero where it says nothing.
  struct Description {
    std::string container, codec, title, artist;
    int channels = 0, sample_rate = 0;
    std::int64_t bit_rate = 0;          ///< bits per second
    std::vector<std::string> warnings;  ///< damage that was concealed: what and where
  };
  [[nodiscard]] const Description& description() const;

 private:
  struct State;
  explicit Recording(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace pop2piano
