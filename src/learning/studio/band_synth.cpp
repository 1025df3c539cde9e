// SPDX-License-Identifier: MIT
#include "learning/studio/band_synth.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "learning/studio/effects.h"
#include "sound/render/fluid_synth.h"

namespace pop2piano {
namespace {

constexpr int kChannels = 16;
constexpr int kDrumBank = 128;
constexpr int kBendRange = 12;  // semitones

struct Event {
  double time = 0;
  int order = 0;  ///< offs before bends before ons of the same time
  int channel = 0, pitch = 0, velocity = 0;
  double bend = 0;
};

// Sixteen channels, each with an output of its own. Each rendering gets a synthesiser that has not played; the shelf
// keeps the samples.
class Engine {
 public:
  Engine(std::span<const std::filesystem::path> fonts, double sample_rate)
      : shelf_(fonts, {.sample_rate = sample_rate, .outputs = kChannels, .gain = 0.5}), sample_rate_(sample_rate) {}

  [[nodiscard]] std::size_t font_count() const { return static_cast<std::size_t>(shelf_.font_count()); }

  // tracks: at most kChannels. out: [tracks][samples]
  void render(std::span<const InstrumentTrack* const> tracks, std::span<std::vector<float>* const> out) {
    Synth synth(shelf_);
    for (int c = 0; c < static_cast<int>(tracks.size()); ++c) {
      select(synth, c, tracks[static_cast<std::size_t>(c)]->instrument);
    }
    const std::vector<Event> events = events_of(tracks);
    const std::size_t total = out.empty() ? 0 : out[0]->size();
    std::size_t done = 0;
    for (const Event& event : events) {
      const auto at = static_cast<std::size_t>(std::max(0.0, event.time * sample_rate_));
      advance(synth, out, done, std::min(at, total));
      done = std::max(done, std::min(at, total));
      synth.play(message_of(event));
    }
    advance(synth, out, done, total);
  }

 private:
  static void select(Synth& synth, int channel, const Instrument& instrument) {
    const auto kind = instrument.percussion ? Synth::Channel::percussion : Synth::Channel::melodic;
    Preset preset{
        .font = instrument.font, .bank = instrument.percussion ? kDrumBank : 0, .program = instrument.program};
    if (!synth.choose(channel, kind, preset)) {
      preset.program = 0;
      synth.choose(channel, kind, preset);
    }
    synth.set_bend_range(channel, kBendRange);
    synth.play(message_of({.order = 1, .channel = channel}));
  }

  static std::vector<Event> events_of(std::span<const InstrumentTrack* const> tracks) {
    std::vector<Event> events;
    for (int c = 0; c < static_cast<int>(tracks.size()); ++c) {
      for (const PlayedNote& n : tracks[static_cast<std::size_t>(c)]->notes) {
        if (n.pitch < 0 || n.pitch > 127 || n.offset <= n.onset) continue;
        const int pitch = static_cast<int>(n.pitch);
        events.push_back({n.onset, 2, c, pitch, std::clamp(n.velocity, 1, 127), 0});
        events.push_back({n.offset, 0, c, pitch, 0, 0});
      }
      for (const PitchBend& b : tracks[static_cast<std::size_t>(c)]->bends) {
        events.push_back({b.time, 1, c, 0, 0, b.semitones});
      }
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
      return a.time != b.time ? a.time < b.time : a.order < b.order;
    });
    return events;
  }

  static TimedEvent message_of(const Event& event) {
    const auto status = [&](int kind) { return static_cast<std::uint8_t>(kind | event.channel); };
    const auto pitch = static_cast<std::uint8_t>(event.pitch);
    if (event.order == 0) return {.status = status(0x80), .data1 = pitch};
    if (event.order == 2) {
      return {.status = status(0x90), .data1 = pitch, .data2 = static_cast<std::uint8_t>(event.velocity)};
    }
    const int wheel = std::clamp(static_cast<int>(std::lround(8192.0 * (1.0 + event.bend / kBendRange))), 0, 16383);
    return {.status = status(0xE0),
            .data1 = static_cast<std::uint8_t>(wheel % 128),
            .data2 = static_cast<std::uint8_t>(wheel / 128)};
  }

  // Samples [first, last) of every track: the mean of the channel's left and right.
  void advance(Synth& synth, std::span<std::vector<float>* const> out, std::size_t first, std::size_t last) {
    constexpr std::size_t kBlock = 1024;
    const std::size_t buffers = 2 * out.size();
    block_.resize(buffers * kBlock);
    std::array<float*, 2 * kChannels> pointers{};
    for (std::size_t at = first; at < last; at += kBlock) {
      const std::size_t count = std::min(kBlock, last - at);
      std::fill(block_.begin(), block_.end(), 0.0F);
      for (std::size_t b = 0; b < buffers; ++b) pointers[b] = block_.data() + b * kBlock;
      synth.add_outputs(std::span(pointers).first(buffers), count);
      for (std::size_t t = 0; t < out.size(); ++t) {
        float* to = out[t]->data() + at;
        for (std::size_t i = 0; i < count; ++i) to[i] = 0.5F * (pointers[2 * t][i] + pointers[2 * t + 1][i]);
      }
    }
  }

  SoundFontShelf shelf_;
  std::vector<float> block_;
  double sample_rate_;
};

}  // namespace

// Drums at the full rate, then decimated: their cymbals have half their energy above 11 kHz, which would fold down.
struct BandSynth::State {
  explicit State(std::span<const std::filesystem::path> fonts)
      : tonal(fonts, kSampleRate), percussion(fonts, 2 * kSampleRate) {}
  Engine tonal, percussion;
};

BandSynth::BandSynth(std::span<const std::filesystem::path> sound_fonts) {
  state_ = std::make_unique<State>(sound_fonts);
}

BandSynth::~BandSynth() = default;
BandSynth::BandSynth(BandSynth&&) noexcept = default;
BandSynth& BandSynth::operator=(BandSynth&&) noexcept = default;

std::size_t BandSynth::font_count() const { return state_->tonal.font_count(); }

std::vector<std::vector<float>> BandSynth::render(std::span<const InstrumentTrack> tracks, std::size_t samples) {
  std::vector<std::vector<float>> sounds(tracks.size());
  for (const bool percussion : {false, true}) {
    std::vector<const InstrumentTrack*> batch;
    std::vector<std::vector<float>*> out;
    const auto flush = [&] {
      if (!batch.empty()) (percussion ? state_->percussion : state_->tonal).render(batch, out);
      batch.clear();
      out.clear();
    };
    for (std::size_t t = 0; t < tracks.size(); ++t) {
      if (tracks[t].instrument.percussion != percussion) continue;
      sounds[t].assign(percussion ? 2 * samples : samples, 0.0F);
      batch.push_back(&tracks[t]);
      out.push_back(&sounds[t]);
      if (batch.size() == kChannels) flush();
    }
    flush();
  }
  for (std::size_t t = 0; t < tracks.size(); ++t) {
    if (tracks[t].instrument.percussion) sounds[t] = decimated_by_two(sounds[t]);
  }
  return sounds;
}

}  // namespace pop2piano
