// SPDX-License-Identifier: MIT
// The network's speed: encoder and decoder for each number format and batch, beside PyTorch where that is installed.
// Outputs are compared before anything is timed; ours and the peer's runs alternate. Memory is that of a process of its
// own, which loads the model and runs the batch, or a song of ten minutes.
//   engine [--model default|published|DIR] [--runs N] [--threads N] [--tokens N] [--batches 1,8,32,96]
//          [--types f32,bf16,int8] [--isa best|all] [--clock wall|cpu] [--no-peer]
// The product's peak is measured anew before each run: a virtual machine's speed wanders. Memory that is freed stays
// with the process, ours and the peer's: a virtual machine takes it away in between and is slow to give it back.
// With --isa all each lower instruction set follows in a process of its own, its outputs compared with the peer's but
// timed alone and three times at most: the peer always uses the best, and the ratio is to its times beside our best.
#include <pop2piano/model.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core/cpu_features.h"
#include "base/core/thread_pool.h"
#include "numbers/model/decoder.h"
#include "numbers/model/encoder.h"
#include "numbers/model/network.h"
#include "numbers/model/random_model.h"
#include "peer.h"

namespace pop2piano {

#if !defined(POP2PIANO_TORCH_PEER)
std::unique_ptr<Peer> make_peer(const std::filesystem::path&, Arithmetic, int) { return nullptr; }
#endif

namespace {

struct Options {
  std::string model = "published";
  int runs = 7;
  int threads = 0;
  std::size_t tokens = 100;
  std::size_t frames = 44;  // of mel features; other models say themselves
  std::vector<std::size_t> batches{1, 8, 32, 96};
  std::vector<Arithmetic> types{Arithmetic::f32, Arithmetic::bf16, Arithmetic::int8};
  bool all_isas = false, peer = true;
  bool lower_isa = false;       // one of several: the peer is not timed again
  bool processor_time = false;  // instead of wall time, for ours
  std::size_t only_peak = 0;    // segments: runs them once and prints the peak of memory, nothing else
};

constexpr std::size_t kTenMinutes = 300;  // segments of 4 beats at 120 beats per minute

const char* name_of(Arithmetic a) {
  return a == Arithmetic::f32 ? "f32" : a == Arithmetic::bf16 ? "bf16" : a == Arithmetic::int8 ? "int8" : "auto";
}

/// Wall time, or what the process computed divided by its threads: other programs disturb that less, and a thread that
/// waits for another does not show.
double seconds(const Options& o) {
  if (!o.processor_time) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec)) / o.threads;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// Of this process since it was started; getrusage() would count the one that started it too.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024.0;
  }
  return 0.0;
}

std::filesystem::path model_folder(const std::string& name) {
  if (name == "default") return std::filesystem::path(POP2PIANO_SOURCE_DIR) / "models/default";
  if (name != "published") return name;
  const auto folder = std::filesystem::temp_directory_path() / "pop2piano-bench-published";
  if (!std::filesystem::exists(folder / "model.safetensors")) {
    const ModelConfig config = testing::published_config();
    testing::write_model(folder, config, testing::random_tensors(config, 1, DataType::bf16));
  }
  return folder;
}

/// Floating-point operations of products and attention.
struct Work {
  double encoder = 0.0, decoder = 0.0;
};

Work count_work(const ModelConfig& c, double segments, double frames, double tokens) {
  const double d = c.d_model, inner = 1.0 * c.d_kv * c.num_heads, t = frames + 1;
  const bool mel = c.features.kind == FeatureKind::mel;
  const double encoder_weights = c.encoder_layers * (4 * d * inner + 3 * d * c.d_ff) +
                                 2.0 * c.decoder_layers * d * inner + (mel ? 0.0 : d * c.features.n_mels);
  const double decoder_weights = c.decoder_layers * (6 * d * inner + 3 * d * c.d_ff) + c.vocab_size * d;
  return {2 * segments * t * (encoder_weights + c.encoder_layers * 2 * t * inner),
          2 * segments * tokens * (decoder_weights + c.decoder_layers * 2 * inner * (t + tokens / 2))};
}

/// What a product with these weights reaches when everything lies in the caches: [96, 512] x [512, 1024].
double measured_peak(const Network& network, const Options& o) {
  constexpr std::size_t kRows = 96, kDepth = 512, kColumns = 1024;
  const std::vector<float> values(kDepth * kColumns, 0.01F);
  const auto weights = kernels::PackedMatrix::pack(values, kColumns, kDepth, network.weights);
  const int threads = o.threads;
  ThreadPool pool(threads);
  double best = 0.0;
  for (int round = 0; round < 5; ++round) {
    constexpr int kRepeats = 40;
    const double start = seconds(o);
    pool.run(static_cast<std::size_t>(threads), [&](std::size_t) {
      RowBuffer rows, out;
      rows.resize(kRows, kDepth);
      out.resize(kRows, kColumns);
      Operand operand;
      operand.assign(*network.kernels, network.rows, rows.data(), rows.stride(), kRows, kDepth);
      for (int i = 0; i < kRepeats; ++i) operand.multiply(*network.kernels, weights, out.data(), out.stride());
    });
    best = std::max(best, 2.0 * kRows * kDepth * kColumns * kRepeats * threads / (seconds(o) - start));
  }
  return best;
}

std::vector<float> made_up_features(const Network& network, std::size_t segments, std::size_t frames) {
  Random random(7);
  std::vector<float> values(segments * frames * network.inputs());
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

struct Times {
  double encode = 0.0, decode = 0.0;
};

SegmentFeatures as_request(const std::vector<float>& features, std::size_t segments, std::size_t frames) {
  return {.segments = segments, .frames = frames, .read = [&features](std::size_t s, std::span<float> rows) {
            std::copy_n(features.begin() + static_cast<std::ptrdiff_t>(s * rows.size()), rows.size(), rows.begin());
          }};
}

/// Ours: all segments with exactly `tokens` tokens each.
Times run_ours(const Options& o, const Model& model, const std::vector<float>& features, std::size_t segments,
               std::size_t frames, std::size_t tokens, ThreadPool& pool) {
  const GenerateRequest request{.features = as_request(features, segments, frames)};
  // One token costs a hundredth of the decoder's time; what is left is the encoder's.
  const auto timed = [&](std::size_t count) {
    const int n = static_cast<int>(count);
    const double start = seconds(o);
    (void)generate(model, request, {.min_tokens = n, .max_tokens = n, .active_rows = static_cast<int>(segments)}, pool);
    return seconds(o) - start;
  };
  const double one = timed(1);
  const double all = timed(tokens);
  const double step = (all - one) / static_cast<double>(tokens - 1);
  return {one - step, step * static_cast<double>(tokens)};
}

std::size_t frames_of(const Network& network, const Options& o) {
  const int fixed = network.config.frame_count();
  return fixed > 0 ? static_cast<std::size_t>(fixed) : o.frames;
}

/// The whole of a process that only this is asked of.
void print_peak(const Options& o) {
  const auto model = Model::load(model_folder(o.model), {.arithmetic = o.types.front()});
  const std::size_t frames = frames_of(model->parts().network, o);
  const auto features = made_up_features(model->parts().network, o.only_peak, frames);
  const int tokens = static_cast<int>(o.tokens);
  (void)generate(*model, {.features = as_request(features, o.only_peak, frames)},
                 {.min_tokens = tokens, .max_tokens = tokens}, o.threads);
  fmt::print("{}\n", peak_megabytes());
}

double peak_alone(const Options& o, Arithmetic type, std::size_t segments) {
  const std::string command = fmt::format("'{}' --peak {} --model '{}' --types {} --threads {} --tokens {}",
                                          std::filesystem::read_symlink("/proc/self/exe").string(), segments, o.model,
                                          name_of(type), o.threads, o.tokens);
  std::FILE* pipe = ::popen(command.c_str(), "r");
  double megabytes = 0.0;
  if (pipe == nullptr || std::fscanf(pipe, "%lf", &megabytes) != 1) {
    throw Error(ErrorCode::unreadable, "no peak of memory from " + command);
  }
  ::pclose(pipe);
  return megabytes;
}

struct Agreement {
  double difference = 0.0;  // largest, as a share of the largest logit
  double same = 0.0;        // share of steps with the same likeliest token
};

Agreement compare(const std::vector<float>& found, const std::vector<float>& expected, std::size_t vocab) {
  double worst = 0.0, largest = 0.0;
  std::size_t same = 0;
  for (std::size_t first = 0; first < expected.size(); first += vocab) {
    const auto top = [&](const std::vector<float>& v) {
      const auto begin = v.begin() + static_cast<std::ptrdiff_t>(first);
      return std::max_element(begin, begin + static_cast<std::ptrdiff_t>(vocab)) - begin;
    };
    same += top(found) == top(expected) ? 1 : 0;
    for (std::size_t i = first; i < first + vocab; ++i) {
      worst = std::max(worst, std::abs(double{found[i]} - expected[i]));
      largest = std::max(largest, std::abs(double{expected[i]}));
    }
  }
  return {worst / largest,
          static_cast<double>(same) / (static_cast<double>(expected.size()) / static_cast<double>(vocab))};
}

std::vector<std::vector<int>> made_up_tokens(const Network& network, std::size_t segments, std::size_t tokens) {
  Random random(3);
  std::vector<std::vector<int>> inputs(segments, std::vector<int>{network.config.start_token});
  for (auto& row : inputs) {
    while (row.size() < tokens) row.push_back(static_cast<int>(random.index(network.vocab())));
  }
  return inputs;
}

std::vector<float> our_logits(const Network& network, const std::vector<float>& features, std::size_t frames,
                              const std::vector<std::vector<int>>& inputs) {
  const EncoderPlan encoder_plan(network, frames);
  const DecoderPlan plan(network, encoder_plan, inputs.front().size());
  Encoder encoder(network, encoder_plan);
  Decoder decoder(network, plan);
  const kernels::AlignedBytes self(inputs.size() * plan.self_bytes());
  const kernels::AlignedBytes cross(inputs.size() * plan.cross_bytes());
  encoder.encode(features, inputs.size(), 0);
  for (std::size_t s = 0; s < inputs.size(); ++s) encoder.project_cross(s, cross.data() + s * plan.cross_bytes());
  const std::size_t steps = inputs.front().size();
  std::vector<float> logits(inputs.size() * steps * network.vocab());
  std::vector<DecoderRow> rows(inputs.size());
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t s = 0; s < inputs.size(); ++s) {
      rows[s] = {inputs[s][t], t, self.data() + s * plan.self_bytes(), cross.data() + s * plan.cross_bytes()};
    }
    decoder.step(rows);
    for (std::size_t s = 0; s < inputs.size(); ++s) {
      const auto row = decoder.logits(s);
      std::copy(row.begin(), row.end(),
                logits.begin() + static_cast<std::ptrdiff_t>((s * steps + t) * network.vocab()));
    }
  }
  return logits;
}

std::vector<float> reference_logits(const std::filesystem::path& folder, Peer* peer, const std::vector<float>& features,
                                    std::size_t frames, const std::vector<std::vector<int>>& inputs) {
  if (peer != nullptr) return peer->run(features, frames, 0, inputs).logits;
  const auto exact = Model::load(folder, {.arithmetic = Arithmetic::f32});
  return our_logits(exact->parts().network, features, frames, inputs);
}

/// Medians of the peer by "type:batch".
using PeerTimes = std::map<std::string, Times>;

void print_row(const Options& o, const Model& model, Peer* peer, PeerTimes& peer_times, Arithmetic type,
               std::size_t batch) {
  const Network& network = model.parts().network;
  const std::size_t frames = frames_of(network, o);
  const auto features = made_up_features(network, batch, frames);
  const auto inputs = made_up_tokens(network, batch, o.tokens);
  ThreadPool pool(o.threads);
  std::vector<double> peaks, encode, decode, peer_encode, peer_decode;
  (void)run_ours(o, model, features, batch, frames, 2, pool);  // warm
  for (int run = 0; run < o.runs; ++run) {
    peaks.push_back(measured_peak(network, o));
    const Times ours = run_ours(o, model, features, batch, frames, o.tokens, pool);
    encode.push_back(ours.encode);
    decode.push_back(ours.decode);
    if (peer == nullptr) continue;
    const PeerResult theirs = peer->run(features, frames, 0, inputs);
    peer_encode.push_back(theirs.encode_seconds);
    peer_decode.push_back(theirs.decode_seconds);
  }
  const std::string row = fmt::format("{}:{}", name_of(type), batch);
  if (peer != nullptr) peer_times[row] = {median(peer_encode), median(peer_decode)};
  const Work work = count_work(network.config, static_cast<double>(batch), static_cast<double>(frames),
                               static_cast<double>(o.tokens));
  const double tokens = static_cast<double>(batch * o.tokens);
  const double peak = median(peaks);
  std::string line =
      fmt::format("{:12} {:5} {:5} {:9.3f} {:8.0f} {:10.0f} {:8.0f} {:6.0f} {:6.0f}% {:6.0f}%", network.kernels->name,
                  name_of(type), batch, median(encode), work.encoder / median(encode) / 1e9, tokens / median(decode),
                  work.decoder / median(decode) / 1e9, peak / 1e9, 100 * work.encoder / median(encode) / peak,
                  100 * work.decoder / median(decode) / peak);
  if (const auto theirs = peer_times.find(row); theirs != peer_times.end()) {
    line += fmt::format(" {:9.3f} {:10.0f} {:7.2f}x {:7.2f}x", theirs->second.encode, tokens / theirs->second.decode,
                        theirs->second.encode / median(encode), theirs->second.decode / median(decode));
  } else {
    line += fmt::format(" {:>9} {:>10} {:>8} {:>8}", "-", "-", "-", "-");
  }
  fmt::print("{} {:7.0f}\n", line, peak_alone(o, type, batch));
  std::fflush(stdout);
}

void print_head(const Options& o, const Model& model) {
#if !defined(POP2PIANO_TORCH_PEER)
  const char* note = "; built without libtorch: nothing to compare with";
#else
  const char* note = "";
#endif
  fmt::print("{}: {} parameters, {} threads, {}, {} tokens a segment, median of {} runs{}\n", o.model,
             model.description().parameters, o.threads, cpu_name(), o.tokens, o.runs, note);
  fmt::print("{:12} {:5} {:5} {:>9} {:>8} {:>10} {:>8} {:>6} {:>7} {:>7} {:>9} {:>10} {:>8} {:>8} {:>7}\n", "isa",
             "type", "batch", "encode s", "GFLOP/s", "tokens/s", "GFLOP/s", "peak", "peak e", "peak d", "torch e",
             "torch t/s", "ratio e", "ratio d", "MB");
}

/// Prints how far the outputs agree; throws when floats do not.
void check_outputs(const Options& o, const std::filesystem::path& folder, const Network& network, Arithmetic type) {
  const std::size_t frames = frames_of(network, o);
  const auto features = made_up_features(network, 4, frames);
  const auto inputs = made_up_tokens(network, 4, 24);
  const auto exact_peer = o.peer ? make_peer(folder, Arithmetic::f32, o.threads) : nullptr;
  const Agreement a = compare(our_logits(network, features, frames, inputs),
                              reference_logits(folder, exact_peer.get(), features, frames, inputs), network.vocab());
  fmt::print("# {} against {} in f32: logits within {:.1e} of the largest, likeliest token the same in {:.1f} %\n",
             name_of(type), exact_peer != nullptr ? "PyTorch" : "ours", a.difference, 100 * a.same);
  if (type == Arithmetic::f32 && a.difference > 1e-3) throw Error(ErrorCode::malformed, "outputs differ; not timed");
}

constexpr const char* kPeerTimes = "POP2PIANO_BENCH_PEER_TIMES";  // from a process to those of lower instruction sets

void hand_on(const PeerTimes& times) {
  std::string text;
  for (const auto& [row, t] : times) text += fmt::format("{} {} {} ", row, t.encode, t.decode);
  ::setenv(kPeerTimes, text.c_str(), 1);
}

PeerTimes handed_on() {
  const char* text = std::getenv(kPeerTimes);
  std::istringstream words(text == nullptr ? "" : text);
  PeerTimes times;
  Times t;
  for (std::string row; words >> row >> t.encode >> t.decode;) times[row] = t;
  return times;
}

void run_table(const Options& o) {
  PeerTimes peer_times = handed_on();
  const auto folder = model_folder(o.model);
  for (const Arithmetic type : o.types) {
    const auto model = Model::load(folder, {.arithmetic = type});
    const Network& network = model->parts().network;
    // The peer has no 8-bit kernels of this kind; its bfloat16 stands beside ours.
    const Arithmetic peer_type = type == Arithmetic::f32 ? Arithmetic::f32 : Arithmetic::bf16;
    if (type == o.types.front() && !o.lower_isa) print_head(o, *model);
    check_outputs(o, folder, network, type);
    const auto peer = o.peer && !o.lower_isa ? make_peer(folder, peer_type, o.threads) : nullptr;
    if (peer != nullptr) {
      fmt::print("# PyTorch's product of [4320, 512] and [512, 2048] in {}: {:.0f} GFLOP/s\n", name_of(peer_type),
                 peer->product_peak() / 1e9);
    }
    for (const std::size_t batch : o.batches) {
      print_row(o, *model, peer.get(), peer_times, type, batch);
    }
    if (o.lower_isa) continue;
    fmt::print("# {}: {} segments, a song of ten minutes, peak at {:.0f} MB\n", name_of(type), kTenMinutes,
               peak_alone(o, type, kTenMinutes));
  }
  hand_on(peer_times);
}

/// malloc() hands nothing back to the system, from here on.
void keep_freed_memory() {
  constexpr int kMost = 1 << 30;  // bytes
  if (::mallopt(M_MMAP_MAX, 0) == 0 || ::mallopt(M_TRIM_THRESHOLD, 2 * (kMost - 1)) == 0 ||
      ::mallopt(M_TOP_PAD, kMost) == 0) {
    throw Error(ErrorCode::unsupported, "malloc() takes no options");
  }
}

/// The instruction set is chosen once in a process: each has its own.
void run_lower_isas(char** arguments) {
  const auto tables = kernels::available_kernel_tables();
  for (std::size_t i = tables.size() - 1; i-- > 0;) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("POP2PIANO_ISA", tables[i]->name, 1);
      ::setenv("POP2PIANO_BENCH_LOWER_ISA", "1", 1);
      ::execv("/proc/self/exe", arguments);
      ::_exit(1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) throw Error(ErrorCode::malformed, std::string(tables[i]->name) + " failed, see above");
  }
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

Options parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string key = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= argc) throw Error(ErrorCode::invalid_argument, key + " needs a value");
      return argv[++i];
    };
    if (key == "--model") {
      o.model = value();
    } else if (key == "--runs") {
      o.runs = std::stoi(value());
    } else if (key == "--threads") {
      o.threads = std::stoi(value());
    } else if (key == "--tokens") {
      o.tokens = std::stoul(value());
    } else if (key == "--batches") {
      o.batches.clear();
      for (const auto& part : split(value())) o.batches.push_back(std::stoul(part));
    } else if (key == "--types") {
      o.types.clear();
      for (const auto& part : split(value())) {
        o.types.push_back(part == "f32" ? Arithmetic::f32 : part == "bf16" ? Arithmetic::bf16 : Arithmetic::int8);
      }
    } else if (key == "--isa") {
      o.all_isas = value() == "all";
    } else if (key == "--clock") {
      o.processor_time = value() == "cpu";
    } else if (key == "--peak") {
      o.only_peak = std::stoul(value());
    } else if (key == "--no-peer") {
      o.peer = false;
    } else {
      throw Error(ErrorCode::invalid_argument, key + " is not an option of this benchmark; see the head of engine.cpp");
    }
  }
  if (o.threads == 0) o.threads = ThreadPool(0).size();
  o.lower_isa = std::getenv("POP2PIANO_BENCH_LOWER_ISA") != nullptr;
  if (o.lower_isa) o.runs = std::min(o.runs, 3);
  if (o.processor_time) o.peer = false;  // its threads spin while they wait
  return o;
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  try {
    const auto options = pop2piano::parse(argc, argv);
    if (options.only_peak > 0) {
      pop2piano::print_peak(options);
      return 0;
    }
    pop2piano::keep_freed_memory();
    pop2piano::run_table(options);
    if (options.all_isas && !options.lower_isa) pop2piano::run_lower_isas(argv);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "engine: {}\n", error.what());
    return 1;
  }
}
