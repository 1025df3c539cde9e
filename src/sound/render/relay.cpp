// SPDX-License-Identifier: MIT
#include "sound/render/relay.h"

#include <chrono>
#include <utility>

namespace pop2piano {
namespace {

constexpr auto kLook = std::chrono::milliseconds(50);  // how long the listener waits before it looks for a cancel

}  // namespace

std::optional<std::size_t> Relay::next_stretch() {
  std::unique_lock lock(mutex_);
  if (next_ == parts_.size()) return std::nullopt;
  const std::size_t mine = next_++;
  moved_.wait(lock, [&] { return stopped_ || mine <= heard_ + most_ahead_; });
  if (stopped_) return std::nullopt;
  return mine;
}

bool Relay::send(std::size_t stretch, std::span<const float> sound) {
  std::unique_lock lock(mutex_);
  Part& part = parts_[stretch];
  moved_.wait(lock, [&] { return stopped_ || stretch <= heard_ || part.sound.size() < most_waiting_; });
  if (stopped_ || stretch < heard_) return false;
  part.sound.insert(part.sound.end(), sound.begin(), sound.end());
  arrived_.notify_one();
  return true;
}

void Relay::end(std::size_t stretch, std::size_t follower) {
  const std::lock_guard lock(mutex_);
  parts_[stretch].follower = follower;
  arrived_.notify_one();
}

void Relay::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  arrived_.notify_one();
}

void Relay::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  moved_.notify_all();
}

bool Relay::receive(std::size_t stretch, std::vector<float>& sound) {
  std::unique_lock lock(mutex_);
  Part& part = parts_[stretch];
  arrived_.wait_for(lock, kLook, [&] { return error_ || !part.sound.empty() || part.follower != 0; });
  if (error_) std::rethrow_exception(error_);
  sound.swap(part.sound);
  part.sound.clear();
  moved_.notify_all();
  return part.follower != 0;
}

std::size_t Relay::go_on(std::size_t stretch) {
  const std::lock_guard lock(mutex_);
  heard_ = parts_[stretch].follower;
  for (std::size_t left_out = stretch; left_out < heard_; ++left_out) parts_[left_out].sound = {};
  moved_.notify_all();
  return heard_;
}

void Relay::thread_begins() {
  const std::lock_guard lock(mutex_);
  ++working_;
}

void Relay::thread_ends() {
  const std::lock_guard lock(mutex_);
  --working_;
  arrived_.notify_one();
}

bool Relay::all_done() {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, kLook, [&] { return error_ || working_ == 0; });
  if (error_) std::rethrow_exception(error_);
  return working_ == 0;
}

}  // namespace pop2piano
