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

/// Mono samples, nominal range [-1, 1], always finite. Several channels become one as their plain mean, or
/// where that would lose what is in opposite phase, as their difference or the loudest of them.
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
  std::optional<int> stream{};          ///< index in the file, as in Description::streams; absent: as players choose
  double keep_in_memory_below = 900.0;  ///< seconds; longer recordings are decoded anew by each stream
};

/// An audio stream of a file.
struct SoundStream {
  int index = 0;                         ///< among all streams of the file, pictures included
  std::string codec, language, title{};  ///< empty where the file says nothing
  int channels = 0, sample_rate = 0;
  std::vector<std::string>
      flags{};  ///< "default", "original", "dub", "comment", "descriptions", "visual_impaired", ...
};

/// A song that can be read from its start as often as needed, in bounded memory. Immutable after open(); stream() may
/// be called from several threads.
class Recording {
 public:
  /// Decodes one audio stream once, to learn length and peak: the wished one, or neither commentary nor a description
  /// for the blind or deaf, rather the one marked as default, rather the first. `file` "-" reads standard input to its
  /// end. Throws Error: not_found, unreadable, malformed (no media, truncated to nothing), nothing_found (no audio
  /// stream, no samples, start behind the end).
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
    std::vector<SoundStream> streams;   ///< all audio streams
    int stream = 0;                     ///< index of the one that is heard
    std::vector<std::string> warnings;  ///< damage that was concealed: what and where
    std::vector<std::string> remarks;   ///< what was assumed, in sentences for the user
  };
  [[nodiscard]] const Description& description() const;

 private:
  struct State;
  explicit Recording(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace pop2piano
