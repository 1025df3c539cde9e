// SPDX-License-Identifier: MIT
// Reads the test data's own WAV files (mono, 16-bit PCM or 32-bit float) without the audio module, and raw float files.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace pop2piano::testing {

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("missing test data: " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::vector<float> floats_of(const std::filesystem::path& file) {
  const std::string bytes = bytes_of(file);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

inline std::vector<float> mono_wav(const std::filesystem::path& file) {
  const std::string bytes = bytes_of(file);
  const std::size_t data = bytes.find("data", 12);
  if (data == std::string::npos) throw std::runtime_error("no data chunk: " + file.string());
  std::uint16_t bits = 0;
  std::memcpy(&bits, bytes.data() + bytes.find("fmt ", 12) + 22, sizeof(bits));
  const std::string body = bytes.substr(data + 8);
  if (bits == 32) {
    std::vector<float> values(body.size() / 4);
    std::memcpy(values.data(), body.data(), values.size() * 4);
    return values;
  }
  std::vector<float> values;
  for (std::size_t i = 0; i + 1 < body.size(); i += 2) {
    std::int16_t sample = 0;
    std::memcpy(&sample, body.data() + i, 2);
    values.push_back(static_cast<float>(sample) / 32768.0F);
  }
  return values;
}

}  // namespace pop2piano::testing
