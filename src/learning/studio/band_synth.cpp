// SPDX-License-Identifier: MIT
#include "learning/studio/band_synth.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fluidsynth.h>

#include "learning/studio/effects.h"

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

struct SettingsDeleter {
  void operator()(fluid_settings_t* settings) const { delete_fluid_settings(settings); }
};
struct SynthDeleter {
  void operator()(fluid_synth_t* synth) const { delete_fluid_synth(synth); }
};

// One FluidSynth of sixteen channels, each with an output of its own. A synthesiser that has played sounds slightly
// different (its voices are in another order), so each rendering gets a new one; the fonts and their decoded samples
// live on in a keeper that never plays.
class Engine {
 public:
  Engine(std::span<const std::filesystem::path> fonts, double sample_rate)
      : settings_(new_fluid_settings()), sample_rate_(sample_rate) {
    if (!settings_) throw std::bad_alloc();
    set_options();
    keeper_.reset(new_fluid_synth(settings_.get()));
    if (!keeper_) throw std::bad_alloc();
    for (const auto& font : fonts) {
      const int id = fluid_synth_sfload(keeper_.get(), font.c_str(), 0);
      if (id < 0) {
        throw Error(ErrorCode::unreadable, font.string() + ": cannot be read as a sound font (SF2 or SF3 expected)");
      }
      font_ids_.push_back(id);
    }
  }

  [[nodiscard]] std::size_t font_count() const { return font_ids_.size(); }

  // tracks: at most kChannels. out: [tracks][samples]
  void render(std::span<const InstrumentTrack* const> tracks, std::span<std::vector<float>* const> out) {
    const Loan loan(*this);
    for (int c = 0; c < static_cast<int>(tracks.size()); ++c)
      select(c, tracks[static_cast<std::size_t>(c)]->instrument);
    const std::vector<Event> events = events_of(tracks);
    const std::size_t total = out.empty() ? 0 : out[0]->size();
    std::size_t done = 0;
    for (const Event& event : events) {
      const auto at = static_cast<std::size_t>(std::max(0.0, event.time * sample_rate_));
      advance(out, done, std::min(at, total));
      done = std::max(done, std::min(at, total));
      send(event);
    }
    advance(out, done, total);
  }

 private:
  // A new synthesiser that borrows the keeper's fonts, under the same numbers.
  class Loan {
   public:
    explicit Loan(Engine& engine) : engine_(engine) {
      engine.synth_.reset(new_fluid_synth(engine.settings_.get()));
      if (!engine.synth_) throw std::bad_alloc();
      for (int& id : engine.font_ids_) {
        fonts_.push_back(fluid_synth_get_sfont_by_id(engine.keeper_.get(), id));
        id = fluid_synth_add_sfont(engine.synth_.get(), fonts_.back());
      }
    }
    ~Loan() {
      // Voices let go of their samples when the block after the one that ends them is computed.
      fluid_synth_all_sounds_off(engine_.synth_.get(), -1);
      fluid_synth_process(engine_.synth_.get(), 128, 0, nullptr, 0, nullptr);
      for (fluid_sfont_t* font : fonts_) fluid_synth_remove_sfont(engine_.synth_.get(), font);
      engine_.synth_.reset();
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

   private:
    Engine& engine_;
    std::vector<fluid_sfont_t*> fonts_;
  };

  void set_options() {
    fluid_settings_t* s = settings_.get();
    fluid_settings_setnum(s, "synth.sample-rate", sample_rate_);
    fluid_settings_setint(s, "synth.audio-channels", kChannels);
    fluid_settings_setint(s, "synth.audio-groups", kChannels);
    fluid_settings_setint(s, "synth.dynamic-sample-loading", 1);
    fluid_settings_setint(s, "synth.reverb.active", 0);
    fluid_settings_setint(s, "synth.chorus.active", 0);
    fluid_settings_setint(s, "synth.polyphony", 256);
    fluid_settings_setint(s, "synth.lock-memory", 0);
    fluid_settings_setint(s, "synth.threadsafe-api", 0);
    fluid_settings_setnum(s, "synth.gain", 0.5);
  }

  void select(int channel, const Instrument& instrument) {
    const int font = font_ids_[static_cast<std::size_t>(instrument.font) % font_ids_.size()];
    const int bank = instrument.percussion ? kDrumBank : 0;
    fluid_synth_set_channel_type(synth_.get(), channel,
                                 instrument.percussion ? CHANNEL_TYPE_DRUM : CHANNEL_TYPE_MELODIC);
    // A pinned instrument keeps its samples when no channel uses it: decoding them anew costs more than the song.
    fluid_synth_pin_preset(keeper_.get(), font, bank, instrument.program);
    if (fluid_synth_program_select(synth_.get(), channel, font, bank, instrument.program) != FLUID_OK) {
      fluid_synth_program_select(synth_.get(), channel, font, bank, 0);
    }
    fluid_synth_pitch_wheel_sens(synth_.get(), channel, kBendRange);
    fluid_synth_pitch_bend(synth_.get(), channel, 8192);
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

  void send(const Event& event) {
    if (event.order == 0) fluid_synth_noteoff(synth_.get(), event.channel, event.pitch);
    if (event.order == 2) fluid_synth_noteon(synth_.get(), event.channel, event.pitch, event.velocity);
    if (event.order == 1) {
      const int wheel = static_cast<int>(std::lround(8192.0 * (1.0 + event.bend / kBendRange)));
      fluid_synth_pitch_bend(synth_.get(), event.channel, std::clamp(wheel, 0, 16383));
    }
  }

  // Samples [first, last) of every track: the mean of the channel's left and right.
  void advance(std::span<std::vector<float>* const> out, std::size_t first, std::size_t last) {
    constexpr std::size_t kBlock = 1024;
    const std::size_t buffers = 2 * out.size();
    block_.resize(buffers * kBlock);
    std::array<float*, 2 * kChannels> pointers{};
    for (std::size_t at = first; at < last; at += kBlock) {
      const std::size_t count = std::min(kBlock, last - at);
      std::fill(block_.begin(), block_.end(), 0.0F);
      for (std::size_t b = 0; b < buffers; ++b) pointers[b] = block_.data() + b * kBlock;
      fluid_synth_process(synth_.get(), static_cast<int>(count), 0, nullptr, static_cast<int>(buffers),
                          pointers.data());
      for (std::size_t t = 0; t < out.size(); ++t) {
        float* to = out[t]->data() + at;
        for (std::size_t i = 0; i < count; ++i) to[i] = 0.5F * (pointers[2 * t][i] + pointers[2 * t + 1][i]);
      }
    }
  }

  std::unique_ptr<fluid_settings_t, SettingsDeleter> settings_;
  std::unique_ptr<fluid_synth_t, SynthDeleter> keeper_, synth_;
  std::vector<int> font_ids_;
  std::vector<float> block_;
  double sample_rate_;
};

void keep_quiet() {
  static const bool done = [] {
    for (const int level : {FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG}) {
      fluid_set_log_function(level, nullptr, nullptr);
    }
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

// Drums at the full rate, then decimated: their cymbals have half their energy above 11 kHz, which would fold down.
struct BandSynth::State {
  explicit State(std::span<const std::filesystem::path> fonts)
      : tonal(fonts, kSampleRate), percussion(fonts, 2 * kSampleRate) {}
  Engine tonal, percussion;
};

BandSynth::BandSynth(std::span<const std::filesystem::path> sound_fonts) {
  keep_quiet();
  if (sound_fonts.empty()) throw Error(ErrorCode::invalid_argument, "at least one sound font is needed");
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
