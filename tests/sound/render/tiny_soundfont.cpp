// SPDX-License-Identifier: MIT
// SoundFont 2.04, sections 4 to 7: INFO, one sample, one instrument, one preset, each list with its terminal record.
#include "sound/render/tiny_soundfont.h"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <string_view>

#include "base/core/byte_reader.h"
#include "base/core/output_file.h"

namespace pop2piano::testing {
namespace {

constexpr std::uint32_t kRate = 44000, kPeriod = 100;  // 440 Hz
constexpr std::uint32_t kSamples = 4000, kLoopStart = 1000, kLoopEnd = 3000, kZeros = 46;
constexpr std::uint16_t kInstrument = 41, kSampleId = 53, kSampleModes = 54;
constexpr std::uint8_t kA4 = 69;

std::string text_of(const ByteWriter& writer) {
  return {reinterpret_cast<const char*>(writer.bytes().data()), writer.size()};
}

std::string chunk(std::string_view id, const std::string& content) {
  ByteWriter out;
  out.put_text(id);
  out.little(static_cast<std::uint32_t>(content.size()));
  out.put_text(content);
  if (content.size() % 2 == 1) out.little(std::uint8_t{0});
  return text_of(out);
}

template <typename... Values>
std::string record(Values... values) {
  ByteWriter out;
  (out.little(values), ...);
  return text_of(out);
}

std::string name20(std::string name) {
  name.resize(20, '\0');
  return name;
}

std::string samples() {
  ByteWriter out;
  for (std::uint32_t i = 0; i < kSamples + kZeros; ++i) {
    const double phase = 2.0 * std::numbers::pi * static_cast<double>(i % kPeriod) / kPeriod;
    out.little(static_cast<std::int16_t>(i < kSamples ? std::lround(16000.0 * std::sin(phase)) : 0));
  }
  return text_of(out);
}

std::string preset_header(const char* name, std::uint16_t first_bag) {
  return name20(name) +
         record(std::uint16_t{0}, std::uint16_t{0}, first_bag, std::uint32_t{0}, std::uint32_t{0}, std::uint32_t{0});
}

std::string bag(std::uint16_t generators) { return record(generators, std::uint16_t{0}); }
std::string generator(std::uint16_t kind, std::uint16_t value) { return record(kind, value); }

std::string presets_and_instruments() {
  const std::string no_modulators(10, '\0');
  return chunk("phdr", preset_header("Sine", 0) + preset_header("EOP", 1)) + chunk("pbag", bag(0) + bag(1)) +
         chunk("pmod", no_modulators) + chunk("pgen", generator(kInstrument, 0) + generator(0, 0)) +
         chunk("inst", name20("Sine") + record(std::uint16_t{0}) + name20("EOI") + record(std::uint16_t{1})) +
         chunk("ibag", bag(0) + bag(2)) + chunk("imod", no_modulators) +
         chunk("igen", generator(kSampleModes, 1) + generator(kSampleId, 0) + generator(0, 0)) +
         chunk("shdr", name20("Sine") +
                           record(std::uint32_t{0}, kSamples, kLoopStart, kLoopEnd, kRate, kA4, std::int8_t{0},
                                  std::uint16_t{0}, std::uint16_t{1}) +
                           name20("EOS") + std::string(26, '\0'));
}

}  // namespace

void write_tiny_soundfont(const std::filesystem::path& file) {
  const std::string info = "INFO" + chunk("ifil", record(std::uint16_t{2}, std::uint16_t{1})) +
                           chunk("isng", std::string("EMU8000\0", 8)) + chunk("INAM", std::string("Sine\0\0", 6));
  const std::string content = "sfbk" + chunk("LIST", info) + chunk("LIST", "sdta" + chunk("smpl", samples())) +
                              chunk("LIST", "pdta" + presets_and_instruments());
  write_file(file, chunk("RIFF", content));
}

}  // namespace pop2piano::testing
