// SPDX-License-Identifier: MIT
// All FluidSynth code of the project: settings, sound fonts, messages, blocks of sound. No audio driver is opened.
#include "sound/render/fluid_synth.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <fluidsynth.h>

namespace pop2piano {
namespace {

constexpr int kChannels = 16;
constexpr int kSettleFrames =
    128;  // voices let go of their samples when the block after the one that ends them is made

// FluidSynth's log is one for the whole process and writes to stderr unless it is caught.
thread_local std::string last_log_line;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void catch_log(int level, const char* message, void* /*data*/) {
  if (level <= FLUID_ERR) last_log_line = message;
}

void silence_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (const int level : {FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG}) {
      fluid_set_log_function(level, catch_log, nullptr);
    }
  });
}

struct Release {
  void operator()(fluid_settings_t* x) const { delete_fluid_settings(x); }
  void operator()(fluid_synth_t* x) const { delete_fluid_synth(x); }
};
using OwnedSettings = std::unique_ptr<fluid_settings_t, Release>;
using OwnedSynth = std::unique_ptr<fluid_synth_t, Release>;

OwnedSettings new_settings(const SynthSettings& wanted) {
  silence_log();
  OwnedSettings made(new_fluid_settings());
  fluid_settings_t* s = made.get();
  if (s == nullptr) throw std::bad_alloc();
  fluid_settings_setnum(s, "synth.sample-rate", wanted.sample_rate);
  fluid_settings_setint(s, "synth.audio-channels", wanted.outputs);
  fluid_settings_setint(s, "synth.audio-groups", wanted.outputs);
  fluid_settings_setint(s, "synth.polyphony", wanted.polyphony);
  fluid_settings_setint(s, "synth.cpu-cores", 1);
  fluid_settings_setint(s, "synth.lock-memory", 0);
  fluid_settings_setint(s, "synth.threadsafe-api", 0);
  fluid_settings_setint(s, "synth.dynamic-sample-loading", 1);  // the instruments that play, not all 128
  fluid_settings_setint(s, "synth.reverb.active", wanted.reverb ? 1 : 0);
  fluid_settings_setint(s, "synth.chorus.active", 0);
  fluid_settings_setnum(s, "synth.gain", wanted.gain);
  return made;
}

OwnedSynth new_synth(fluid_settings_t* settings) {
  OwnedSynth synth(new_fluid_synth(settings));
  if (!synth) throw std::bad_alloc();
  return synth;
}

}  // namespace

// The keeper holds the fonts and never plays.
struct SoundFontShelf::State {
  OwnedSettings settings;
  OwnedSynth keeper;
  std::vector<int> ids;  // [fonts] the keeper's

  [[nodiscard]] int id_of(const Preset& preset) const {
    return ids[static_cast<std::size_t>(preset.font) % ids.size()];
  }
};

SoundFontShelf::SoundFontShelf(std::span<const std::filesystem::path> fonts, const SynthSettings& settings)
    : state_(std::make_unique<State>()) {
  if (fonts.empty()) throw Error(ErrorCode::invalid_argument, "at least one sound font is needed");
  state_->settings = new_settings(settings);
  state_->keeper = new_synth(state_->settings.get());
  for (const auto& font : fonts) {
    const int id = fluid_synth_sfload(state_->keeper.get(), font.c_str(), 0);
    if (id == FLUID_FAILED) {
      throw Error(ErrorCode::malformed, font.string() + ": the sound font cannot be loaded (SF2 or SF3 expected)" +
                                            (last_log_line.empty() ? "" : ": " + std::exchange(last_log_line, {})));
    }
    state_->ids.push_back(id);
  }
}

SoundFontShelf::~SoundFontShelf() = default;

int SoundFontShelf::font_count() const { return static_cast<int>(state_->ids.size()); }

bool SoundFontShelf::has(const Preset& preset) const {
  fluid_sfont_t* font = fluid_synth_get_sfont_by_id(state_->keeper.get(), state_->id_of(preset));
  return fluid_sfont_get_preset(font, preset.bank, preset.program) != nullptr;
}

bool SoundFontShelf::pin(const Preset& preset) {
  return fluid_synth_pin_preset(state_->keeper.get(), state_->id_of(preset), preset.bank, preset.program) == FLUID_OK;
}

struct Synth::State {
  SoundFontShelf& shelf;
  OwnedSynth synth;
  std::vector<fluid_sfont_t*> fonts;            // [fonts] borrowed
  std::vector<int> ids;                         // [fonts] this synthesiser's
  mutable std::vector<fluid_voice_t*> playing;  // room for all voices and a null

  // Borrowing a font resets all channels to its first programs, whose samples would be loaded for nothing: the channels
  // are emptied before.
  explicit State(SoundFontShelf& lender) : shelf(lender), synth(new_synth(lender.state_->settings.get())) {
    for (int channel = 0; channel < kChannels; ++channel) fluid_synth_unset_program(synth.get(), channel);
    for (const int id : shelf.state_->ids) {
      fonts.push_back(fluid_synth_get_sfont_by_id(shelf.state_->keeper.get(), id));
      ids.push_back(fluid_synth_add_sfont(synth.get(), fonts.back()));
    }
    playing.resize(static_cast<std::size_t>(fluid_synth_get_polyphony(synth.get())) + 1);
  }
  ~State() {
    fluid_synth_all_sounds_off(synth.get(), -1);
    fluid_synth_process(synth.get(), kSettleFrames, 0, nullptr, 0, nullptr);
    for (fluid_sfont_t* font : fonts) fluid_synth_remove_sfont(synth.get(), font);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // What is chosen by a message is known only afterwards. Its samples stay: decoding them anew for each stretch of the
  // music would cost more than the music.
  void pin_program(int channel) const {
    int id = 0;
    Preset preset;
    fluid_synth_get_program(synth.get(), channel, &id, &preset.bank, &preset.program);
    const auto found = std::find(ids.begin(), ids.end(), id);
    if (found == ids.end()) return;
    preset.font = static_cast<int>(found - ids.begin());
    shelf.pin(preset);
  }

  [[nodiscard]] std::span<fluid_voice_t* const> sounding() const {
    fluid_synth_get_voicelist(synth.get(), playing.data(), static_cast<int>(playing.size()), -1);
    const auto end = std::find(playing.begin(), playing.end(), nullptr);
    return {playing.data(), static_cast<std::size_t>(end - playing.begin())};
  }
};

Synth::Synth(SoundFontShelf& shelf) : state_(std::make_unique<State>(shelf)) {}
Synth::~Synth() = default;

bool Synth::choose(int channel, Channel kind, const Preset& preset) {
  fluid_synth_t* synth = state_->synth.get();
  fluid_synth_set_channel_type(synth, channel, kind == Channel::percussion ? CHANNEL_TYPE_DRUM : CHANNEL_TYPE_MELODIC);
  state_->shelf.pin(preset);
  const int id = state_->ids[static_cast<std::size_t>(preset.font) % state_->ids.size()];
  return fluid_synth_program_select(synth, channel, id, preset.bank, preset.program) == FLUID_OK;
}

void Synth::set_bend_range(int channel, int semitones) {
  fluid_synth_pitch_wheel_sens(state_->synth.get(), channel, semitones);
}

void Synth::set_gain(double gain) { fluid_synth_set_gain(state_->synth.get(), static_cast<float>(gain)); }

void Synth::play(const TimedEvent& event) {
  fluid_synth_t* synth = state_->synth.get();
  const int channel = event.status & 0x0F, first = event.data1 & 0x7F, second = event.data2 & 0x7F;
  switch (event.status & 0xF0) {
    case 0x80:
      fluid_synth_noteoff(synth, channel, first);
      break;
    case 0x90:
      second == 0 ? fluid_synth_noteoff(synth, channel, first) : fluid_synth_noteon(synth, channel, first, second);
      break;
    case 0xA0:
      fluid_synth_key_pressure(synth, channel, first, second);
      break;
    case 0xB0:
      fluid_synth_cc(synth, channel, first, second);
      break;
    case 0xC0:
      fluid_synth_program_change(synth, channel, first);
      state_->pin_program(channel);
      break;
    case 0xD0:
      fluid_synth_channel_pressure(synth, channel, first);
      break;
    case 0xE0:
      fluid_synth_pitch_bend(synth, channel, second * 128 + first);
      break;
    default:
      break;
  }
}

void Synth::cut_off() { fluid_synth_all_sounds_off(state_->synth.get(), -1); }

void Synth::render(std::span<float> interleaved) {
  const auto frames = static_cast<int>(interleaved.size() / 2);
  fluid_synth_write_float(state_->synth.get(), frames, interleaved.data(), 0, 2, interleaved.data(), 1, 2);
}

void Synth::add_outputs(std::span<float*> ears, std::size_t frames) {
  fluid_synth_process(state_->synth.get(), static_cast<int>(frames), 0, nullptr, static_cast<int>(ears.size()),
                      ears.data());
}

int Synth::voices() const { return fluid_synth_get_active_voice_count(state_->synth.get()); }

unsigned Synth::youngest_voice() const {
  unsigned youngest = 0;
  for (const fluid_voice_t* voice : state_->sounding()) youngest = std::max(youngest, fluid_voice_get_id(voice));
  return youngest;
}

bool Synth::sounds_from(unsigned youngest) const {
  const auto voices = state_->sounding();
  return std::any_of(voices.begin(), voices.end(),
                     [&](const fluid_voice_t* voice) { return fluid_voice_get_id(voice) <= youngest; });
}

std::string synth_name() { return std::string("FluidSynth ") + fluid_version_str(); }

}  // namespace pop2piano
