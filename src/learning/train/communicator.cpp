// SPDX-License-Identifier: MIT
#include "learning/train/communicator.h"

#include <pop2piano/error.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#ifdef POP2PIANO_TORCH_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace pop2piano::training {
namespace {

class OneProcess final : public Communicator {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  void sum(at::Tensor&) override {}
};

int number_in(const char* variable, int fallback) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return fallback;
  int value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc() || stop != end || value < 0) {
    throw Error(ErrorCode::invalid_argument,
                std::string("environment variable ") + variable + ": a number expected, \"" + text + "\" found");
  }
  return value;
}

#ifdef POP2PIANO_TORCH_GLOO
bool is_true(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr && std::strcmp(text, "True") == 0;
}

// libtorch adds its call stack in further lines.
std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

class ProcessGroup final : public Communicator {
 public:
  ProcessGroup(int rank, int size, at::Device device) : rank_(rank), size_(size) {
    const char* address = std::getenv("MASTER_ADDR");
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(number_in("MASTER_PORT", 29500));
    const bool of_torchrun = is_true("TORCHELASTIC_USE_AGENT_STORE");  // its agent keeps the store
    options.isServer = rank == 0 && !of_torchrun;
    options.numWorkers = size;
    c10::intrusive_ptr<c10d::Store> store =
        c10::make_intrusive<c10d::TCPStore>(address == nullptr ? "127.0.0.1" : address, options);
    if (of_torchrun) {  // which outlives a failed attempt
      const std::string attempt = "attempt_" + std::to_string(number_in("TORCHELASTIC_RESTART_COUNT", 0));
      store = c10::make_intrusive<c10d::PrefixStore>(attempt, store);
    }
    auto gloo = c10d::ProcessGroupGloo::Options::create();
    gloo->devices.push_back(address == nullptr || std::string(address) == "127.0.0.1"
                                ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                : c10d::ProcessGroupGloo::createDefaultDevice());
    on_cpu_ = !device.is_cpu();
    group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, gloo);
  }
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  void sum(at::Tensor& values) override {
    std::vector<at::Tensor> tensors{on_cpu_ ? values.to(at::kCPU) : values};
    sum_all(tensors);
    if (on_cpu_) values.copy_(tensors[0]);
  }

 private:
  void sum_all(std::vector<at::Tensor>& tensors) {
    try {
      group_->allreduce(tensors)->wait();
    } catch (const std::exception& error) {
      throw Error(ErrorCode::unreadable, "process " + std::to_string(rank_) + " of " + std::to_string(size_) +
                                             ": another process of the run is gone (" + first_line(error) +
                                             "); start all of them again with --resume, the last checkpoint is kept");
    }
  }

  int rank_, size_;
  bool on_cpu_ = false;
#if TORCH_VERSION_MAJOR >= 2
  c10::intrusive_ptr<c10d::Backend> group_;
#else
  c10::intrusive_ptr<c10d::ProcessGroup> group_;
#endif
};
#endif

}  // namespace

std::unique_ptr<Communicator> connect_processes([[maybe_unused]] at::Device device) {
  const int size = number_in("WORLD_SIZE", 1), rank = number_in("RANK", 0);
  if (size <= 1) return std::make_unique<OneProcess>();
  if (rank >= size) {
    throw Error(ErrorCode::invalid_argument,
                "RANK is " + std::to_string(rank) + ", WORLD_SIZE " + std::to_string(size) + ": ranks count from 0");
  }
#ifdef POP2PIANO_TORCH_GLOO
  try {
    return std::make_unique<ProcessGroup>(rank, size, device);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::unreadable, "process " + std::to_string(rank) + " of " + std::to_string(size) +
                                           " finds the others not (" + first_line(error) +
                                           "); start all, with the same MASTER_ADDR and MASTER_PORT");
  }
#else
  throw Error(ErrorCode::unsupported, "WORLD_SIZE is " + std::to_string(size) +
                                          ", but this program was built without gloo (libgloo-dev was not installed)");
#endif
}

}  // namespace pop2piano::training
