// SPDX-License-Identifier: MIT
// All FluidSynth code of the project: settings, sound font, messages, blocks of sound. No audio driver is opened.
#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <fluidsynth.h>

#include "sound/render/loudness.h"
#include "sound/render/synth.h"

namespace pop2piano {
namespace {

constexpr int kPolyphony = 512;           // MuseScore_General takes 4 voices for a note
constexpr double kReferenceLufs = -23.0;  // of the calibration chord; a typical cover then reads about -20 LUFS
constexpr std::size_t kBlockFrames = 64;  // computed at once; what is left over of a block would be heard later
constexpr float kSilence = 1e-6F;         // -120 dB; the reverberation keeps a tiny constant against denormals
constexpr std::size_t kFadeFrames = 256 * kBlockFrames;  // after which a stopped voice has left no sample
constexpr double kLoudest = 10.0;                        // FluidSynth's limit of synth.gain

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

fluid_settings_t* new_settings(const RenderOptions& options) {
  silence_log();
  fluid_settings_t* settings = new_fluid_settings();
  if (settings == nullptr) throw std::bad_alloc();
  fluid_settings_setnum(settings, "synth.sample-rate", options.sample_rate);
  fluid_settings_setint(settings, "synth.polyphony", kPolyphony);
  fluid_settings_setint(settings, "synth.cpu-cores", 1);
  fluid_settings_setint(settings, "synth.lock-memory", 0);
  fluid_settings_setint(settings, "synth.threadsafe-api", 0);
  fluid_settings_setint(settings, "synth.dynamic-sample-loading", 1);  // the piano alone, not all 128 instruments
  fluid_settings_setint(settings, "synth.chorus.active", 0);           // a piano has none
  return settings;
}

}  // namespace

struct Synth::Engine {
  std::unique_ptr<fluid_settings_t, Release> settings;
  std::unique_ptr<fluid_synth_t, Release> synth;

  void load(const std::filesystem::path& soundfont, int program) {
    const int id = fluid_synth_sfload(synth.get(), soundfont.c_str(), 1);
    fluid_sfont_t* font = id == FLUID_FAILED ? nullptr : fluid_synth_get_sfont_by_id(synth.get(), id);
    if (font == nullptr) {
      throw Error(ErrorCode::malformed,
                  soundfont.string() + ": the sound font cannot be loaded" +
                      (last_log_line.empty() ? "" : " (" + std::exchange(last_log_line, {}) + ")"));
    }
    fluid_preset_t* preset = fluid_sfont_get_preset(font, 0, program);
    if (preset == nullptr) {
      throw Error(ErrorCode::malformed, soundfont.string() + ": the sound font has no instrument " +
                                            std::to_string(program) + " in bank 0; choose a General MIDI sound font");
    }
    choose_program(program);
  }

  void choose_program(int program) {
    constexpr int kPercussionChannel = 9;
    for (int channel = 0; channel < 16; ++channel) {
      if (channel != kPercussionChannel) fluid_synth_program_change(synth.get(), channel, program);
    }
  }

  void render(std::span<float> interleaved) {
    const auto frames = static_cast<int>(interleaved.size() / 2);
    fluid_synth_write_float(synth.get(), frames, interleaved.data(), 0, 2, interleaved.data(), 1, 2);
    const auto is_silent = [](float sample) { return std::abs(sample) < kSilence; };
    if (std::all_of(interleaved.begin(), interleaved.end(), is_silent)) {
      std::fill(interleaved.begin(), interleaved.end(), 0.0F);
    }
  }

  /// Mean power of both ears in the first second of a C major chord, LUFS.
  double chord_loudness(int sample_rate) {
    const std::size_t frames = (static_cast<std::size_t>(sample_rate) / kBlockFrames + 1) * kBlockFrames;
    std::vector<float> stereo(2 * frames), ear(frames);
    for (const int pitch : {48, 55, 60, 64}) fluid_synth_noteon(synth.get(), 0, pitch, 80);
    render(stereo);
    double power = 0.0;
    for (std::size_t side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < frames; ++i) ear[i] = stereo[2 * i + side];
      LoudnessMeter meter(sample_rate);
      meter.push(ear);
      power += 0.5 * std::pow(10.0, meter.integrated() / 10.0);
    }
    return 10.0 * std::log10(power);
  }

  /// Brings the chord to the reference, then forgets it.
  void calibrate(const RenderOptions& options) {
    fluid_synth_set_gain(synth.get(), 1.0F);
    const double loudness = chord_loudness(options.sample_rate);
    const double gain_db = (std::isfinite(loudness) ? kReferenceLufs - loudness : 0.0) + options.gain_db;
    fluid_synth_system_reset(synth.get());
    std::vector<float> forgotten(2 * kFadeFrames);
    render(forgotten);
    choose_program(options.program);
    fluid_synth_set_gain(synth.get(), static_cast<float>(std::min(std::pow(10.0, gain_db / 20.0), kLoudest)));
  }
};

Synth::Synth(const std::filesystem::path& soundfont, const RenderOptions& options)
    : engine_(std::make_unique<Engine>()) {
  engine_->settings.reset(new_settings(options));
  engine_->synth.reset(new_fluid_synth(engine_->settings.get()));
  if (!engine_->synth) throw std::bad_alloc();
  engine_->load(soundfont, options.program);
  engine_->calibrate(options);
}

Synth::~Synth() = default;

void Synth::play(const TimedEvent& event) {
  fluid_synth_t* synth = engine_->synth.get();
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

void Synth::render(std::span<float> interleaved) { engine_->render(interleaved); }

bool Synth::sounding() const { return fluid_synth_get_active_voice_count(engine_->synth.get()) > 0; }

std::string synth_name() { return std::string("FluidSynth ") + fluid_version_str(); }

}  // namespace pop2piano
