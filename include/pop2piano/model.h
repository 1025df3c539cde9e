// SPDX-License-Identifier: MIT
// The network: rows of features in, token ids out. One engine runs our models (beat-synchronous features, `voices`
// tokens) and the published Pop2Piano checkpoints (mel features, on/off tokens); the model folder says which.
#pragma once

#include <pop2piano/error.h>
#include <pop2piano/progress.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pop2piano {

class ThreadPool;

enum class FeatureKind {
  beat_synchronous,  ///< a fixed number of frames to the beat, normalised over the song
  mel,               ///< log-mel frames at a fixed hop within each segment (published Pop2Piano)
  symbols,           ///< chords, melody and earlier text on frames of the beat, as ones and zeros; no sound
};
enum class TokenKind {
  voices,     ///< position, pitch of a voice, duration
  published,  ///< note on/off with relative time shifts in 8th notes
};

/// How the rows that the encoder reads are computed from sound.
struct FeatureSettings {
  FeatureKind kind = FeatureKind::beat_synchronous;
  int sample_rate = 22050;  ///< Hz
  int n_fft = 4096;         ///< samples
  int n_mels = 512;         ///< bands
  double f_min = 10.0;      ///< Hz
  double f_max = 11025.0;   ///< Hz
  double log_floor = 1e-6;  ///< smallest power before the logarithm
  int segment_beats = 8;    ///< beats whose onsets a segment writes

  // beat_synchronous only
  double peak = 0.7;               ///< what the song's largest magnitude is scaled to
  int frames_per_beat = 12;        ///< frames to the beat
  int context_beats = 2;           ///< beats heard before and after the segment
  double smoothing_bands = 6.0;    ///< sigma of the Gaussian over the song's band means
  double scale = 5.0;              ///< divisor after the mean was subtracted
  double normalised_floor = -3.0;  ///< least value; also stands outside the song
  int melody_channels = 0;         ///< of the melody, beside the bands (melody/melody_on_beat.h): 128, or 0 for none

  // mel only
  int hop = 1024;          ///< samples
  int steps_per_beat = 2;  ///< of the grid on which segments are cut and tokens count

  // symbols only (frames_per_beat and segment_beats count here, too); frames stand in this order:
  int symbols = 0;         ///< channels of a frame
  int recalled_beats = 8;  ///< beats of an earlier passage that is like the segment
  int past_beats = 24;     ///< beats before the segment
  int future_beats = 8;    ///< beats behind it, which follow the segment's own

  [[nodiscard]] int inputs() const {  ///< of the network per frame
    return kind == FeatureKind::symbols ? symbols : n_mels + melody_channels;
  }
};

/// The vocabulary's layout; the fields below `kind` are those of `voices`.
struct TokenSettings {
  TokenKind kind = TokenKind::voices;
  int steps_per_beat = 12;
  int first_position = 4;
  int first_melody = 100;
  int first_accompaniment = 188;
  int first_duration = 276;
  int lowest_pitch = 21;  ///< MIDI
  int highest_pitch = 108;
  std::vector<int> durations;  ///< steps, increasing
};

/// What a model folder says about its network. Read-only after loading; every size was checked.
struct ModelConfig {
  FeatureSettings features;
  TokenSettings tokens;
  std::vector<std::string> styles;  ///< [styles] names; the index is the style
  int vocab_size = 0;
  int d_model = 0;
  int d_kv = 0;
  int num_heads = 0;
  int d_ff = 0;
  int encoder_layers = 0;
  int decoder_layers = 0;
  int bias_buckets = 32;
  int bias_max_distance = 128;
  double norm_epsilon = 1e-6;
  bool tied_embeddings = false;
  int pad_token = 0;
  int eos_token = 1;
  int start_token = 0;
  int max_tokens = 256;  ///< of a segment, the start token counted

  [[nodiscard]] int frame_count() const;  ///< frames of a segment, 0 where the song decides (mel)
};

/// The number format in which the network's products are computed. Sums, norms, softmax are always 32-bit floats.
enum class Arithmetic {
  automatic,  ///< 8-bit where the weights are rounded to 8 bits, else 32-bit floats
  f32,
  bf16,
  int8,  ///< per-row scales; activations are rounded to 8 bits per row too
};

/// What `pop2piano info` shows beside the configuration.
struct ModelDescription {
  std::filesystem::path path;
  std::string container;                     ///< "safetensors", "pytorch zip", "lightning"
  std::string weight_type;                   ///< as stored: "bf16", "f32", "f16", "int8" or "mixed"
  std::int64_t parameters = 0;               ///< numbers that are learnt, copies not counted
  std::int64_t file_bytes = 0;               ///< of the weights
  std::string licence;                       ///< as the folder says; empty: it says nothing
  std::vector<std::string> ignored_tensors;  ///< present but not used
  Arithmetic arithmetic = Arithmetic::f32;   ///< what was chosen
  std::string isa;                           ///< instruction set the inner loops run on
};

/// How weights are held and computed with.
struct LoadOptions {
  Arithmetic arithmetic = Arithmetic::automatic;
  /// Weights are rearranged for the processor when they are loaded, in memory of the process. With a folder here (made
  /// if it is missing) they are kept in a file of it, one for each model and number format, and mapped: processes that
  /// load the same model share that memory. Nothing may change the file in place meanwhile.
  std::filesystem::path shared_folder;
};

/// Immutable and shared: one Model may serve any number of threads, each with its own call of generate().
class Model {
 public:
  /// `path`: a model folder, or a Lightning checkpoint file. Throws Error (not_found, unreadable, malformed,
  /// unsupported, write_failed) naming file, tensor, what was expected and what was found.
  static std::shared_ptr<const Model> load(const std::filesystem::path& path, const LoadOptions& options = {});
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] const ModelConfig& config() const;
  [[nodiscard]] const ModelDescription& description() const;
  /// Throws Error(invalid_argument) with the nearest name.
  [[nodiscard]] int style_index(std::string_view name) const;

  struct Parts;  // network and mapped files; see model/network.h
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  explicit Model(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// The rows of all segments of a song, asked for piece by piece.
struct SegmentFeatures {
  std::size_t segments = 0;
  std::size_t frames = 0;  ///< rows of every segment, the style's own not counted
  /// Fills `rows` [frames, inputs]. Called from the thread that calls generate(), once for each segment, in order.
  std::function<void(std::size_t segment, std::span<float> rows)> read;
};

/// What may be generated next; the search asks before each token and tells what was chosen. One object per sequence.
class TokenConstraint {
 public:
  virtual ~TokenConstraint() = default;
  /// Sets allowed[token] to 1 or 0 for the whole vocabulary; at least one must be 1.
  virtual void allowed(std::span<std::uint8_t> allowed) const = 0;
  virtual void accept(int token) = 0;
  /// Adds to `logits` [vocabulary] what is known beside the network; false: nothing was changed.
  virtual bool weigh(std::span<float> logits) const {
    static_cast<void>(logits);
    return false;
  }
  [[nodiscard]] virtual std::unique_ptr<TokenConstraint> clone() const = 0;
};

/// Segments that go on from one another: a chain's segments are written in turn, the chains side by side.
struct SegmentContinuation {
  std::vector<std::size_t> chains;  ///< first segment of each chain, increasing from 0; empty: each segment alone
  /// First tokens of `segment`, which is not the first of its chain, by the tokens of the segment before it.
  std::function<std::vector<int>(std::size_t segment, std::span<const int> before)> prefix;
};

/// What is to be written: features and style.
struct GenerateRequest {
  SegmentFeatures features;
  int style = 0;
  /// A fresh constraint for a segment; empty: any token may follow any other.
  std::function<std::unique_ptr<TokenConstraint>(std::size_t segment)> constraint;
  /// First tokens that a segment must begin with (they are part of the result); empty: none.
  std::function<std::vector<int>(std::size_t segment)> prefix;
  SegmentContinuation continuation;  ///< not beside `prefix`
};

/// How tokens are chosen.
struct GenerateOptions {
  double temperature = 0.0;     ///< 0: greedy; else the logits are divided by it and a token is drawn
  int top_k = 0;                ///< draw among the k likeliest only; 0: all
  double top_p = 1.0;           ///< draw among the likeliest that hold this share of the probability
  std::uint64_t seed = 0;       ///< of the draws; each segment has a sequence of its own
  int beams = 1;                ///< more than 1: beam search (temperature must be 0)
  double length_penalty = 1.0;  ///< beams are ranked by log-probability / length^penalty
  int min_tokens = 0;           ///< no end before so many tokens
  int max_tokens = 0;           ///< at most so many, start not counted; 0: what the model's configuration says
  int active_rows = 96;         ///< sequences that are decoded together; bounds the memory
};

/// The tokens of one segment.
struct SegmentTokens {
  std::vector<int> tokens;            ///< without start and end token, with the prefix
  bool ended = false;                 ///< false: cut at the maximum
  double mean_log_probability = 0.0;  ///< of the chosen tokens (prefix excluded) as the network saw them: confidence
};

/// Encodes and decodes all segments; the result is the same for any number of threads and active rows. Reports the
/// stage "generate". Throws Error: invalid_argument (style, options, shape), cancelled.
[[nodiscard]] std::vector<SegmentTokens> generate(const Model& model, const GenerateRequest& request,
                                                  const GenerateOptions& options, ThreadPool& pool,
                                                  const Monitor& monitor = {});
/// The same with threads of its own; 0: as many as the process may use.
[[nodiscard]] std::vector<SegmentTokens> generate(const Model& model, const GenerateRequest& request,
                                                  const GenerateOptions& options = {}, int threads = 0,
                                                  const Monitor& monitor = {});

}  // namespace pop2piano
