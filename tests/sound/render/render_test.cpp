// SPDX-License-Identifier: MIT
#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "base/core/random.h"
#include "scratch_folder.h"
#include "sound/audio/media_maker.h"
#include "sound/render/tiny_soundfont.h"

namespace pop2piano {
namespace {

using testing::amplitude_at;
using testing::rms;

constexpr int kRate = 44100;
const float kCeiling = std::pow(10.0F, -1.0F / 20.0F);

/// Six beats of half a second from time zero.
Score score_of(std::vector<Note> notes) {
  Score score;
  score.grid.times = {0.0, 0.5, 1.0, 1.5, 2.0, 2.5};
  score.grid.numbers = {1, 2, 3, 4, 1, 2};
  score.notes = std::move(notes);
  return score;
}

std::vector<float> samples_of(const std::filesystem::path& wav) {
  return Recording::open(wav, {.sample_rate = kRate}).read_all().samples;
}

std::span<const float> part(const std::vector<float>& samples, double from, double to) {
  return std::span(samples).subspan(static_cast<std::size_t>(from * kRate),
                                    static_cast<std::size_t>((to - from) * kRate));
}

std::string bytes_of(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  return {reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()};
}

void expect_error(ErrorCode code, const std::string& words, const std::function<void()>& action) {
  try {
    action();
    FAIL() << "no error; expected one with: " << words;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

class Render : public ::testing::Test {
 protected:
  Render() { testing::write_tiny_soundfont(options_.soundfont = folder_ / "sine.sf2"); }

  std::vector<float> rendered(const Score& score) {
    render_wav(score, folder_ / "a.wav", options_);
    return samples_of(folder_ / "a.wav");
  }

  testing::ScratchFolder folder_;
  RenderOptions options_;
};

TEST_F(Render, ANoteSoundsAtItsTimeAndPitch) {
  const auto samples = rendered(score_of({{.onset = 24, .duration = 12, .pitch = 69, .velocity = 90}}));
  EXPECT_EQ(rms(part(samples, 0.0, 0.998)), 0.0);
  const auto sound = part(samples, 1.1, 1.4);
  const double level = amplitude_at(440.0, sound, kRate);
  EXPECT_GT(level, 0.02);
  EXPECT_NEAR(rms(sound), level / std::sqrt(2.0), 0.1 * level);  // a sine and a little reverberation
  EXPECT_LT(amplitude_at(466.16, sound, kRate), 0.01 * level);
  EXPECT_LT(amplitude_at(415.30, sound, kRate), 0.01 * level);
  EXPECT_LT(rms(part(samples, 1.7, 2.0)), 0.05 * level);
  EXPECT_GE(samples.size(), static_cast<std::size_t>(2.5 * kRate));
}

TEST_F(Render, VelocityIsLoudnessAndUndecidedIsEighty) {
  const auto level = [&](std::int16_t velocity) {
    const auto samples = rendered(score_of({{.onset = 0, .duration = 12, .pitch = 69, .velocity = velocity}}));
    return amplitude_at(440.0, part(samples, 0.1, 0.4), kRate);
  };
  EXPECT_GT(level(100), 1.3 * level(60));
  EXPECT_NEAR(level(0), level(80), 1e-4);
}

TEST_F(Render, NoNotesAreSilenceAsLongAsTheBeats) {
  const auto samples = rendered(score_of({}));
  EXPECT_EQ(rms(samples), 0.0);
  EXPECT_NEAR(static_cast<double>(samples.size()) / kRate, 3.0, 0.01);  // 2.5 s and half a second
}

TEST_F(Render, NothingClips) {
  options_.gain_db = 40.0;
  std::vector<Note> chord;
  for (int i = 0; i < 30; ++i)
    chord.push_back({.onset = 0, .duration = 24, .pitch = static_cast<std::int16_t>(40 + i), .velocity = 127});
  const auto samples = rendered(score_of(chord));
  const float peak = *std::max_element(samples.begin(), samples.end());
  EXPECT_LE(peak, kCeiling + 2.0F / 32768.0F);  // rounding and dither
  EXPECT_GT(peak, 0.8F);
}

TEST_F(Render, EventsNeedNoOrderAndGiveTheSameFileAgain) {
  Random random(5);
  std::vector<TimedEvent> events;
  for (int i = 0; i < 20; ++i) {
    const auto pitch = static_cast<std::uint8_t>(40 + i);
    const double on = random.uniform(0.0, 2.0);
    events.push_back({on, 0x90, pitch, 80});
    events.push_back({on + 0.3, 0x80, pitch, 0});
  }
  render_wav(events, folder_ / "a.wav", options_);
  render_wav(events, folder_ / "b.wav", options_);
  std::reverse(events.begin(), events.end());
  render_wav(events, folder_ / "c.wav", options_);
  EXPECT_EQ(bytes_of(folder_ / "a.wav"), bytes_of(folder_ / "b.wav"));
  EXPECT_EQ(bytes_of(folder_ / "a.wav"), bytes_of(folder_ / "c.wav"));
}

TEST_F(Render, AnyEventIsSurvived) {
  Random random(6);
  std::vector<TimedEvent> events;
  for (int i = 0; i < 2000; ++i) {
    const auto byte = [&] { return static_cast<std::uint8_t>(random.next()); };
    events.push_back({random.uniform(-1.0, 3.0), byte(), byte(), byte()});
  }
  render_wav(events, folder_ / "a.wav", options_);
  EXPECT_GE(samples_of(folder_ / "a.wav").size(), 3U * kRate - 2000U);
  EXPECT_NO_THROW(render_wav(std::vector<TimedEvent>{}, folder_ / "none.wav", options_));
}

TEST_F(Render, ProgressRisesAndCancelLeavesNothing) {
  const auto score = score_of({{.onset = 0, .duration = 12, .pitch = 69, .velocity = 90}});
  double last = 0.0;
  render_wav(score, folder_ / "a.wav", options_, {.progress = [&](std::string_view stage, double fraction) {
               EXPECT_EQ(stage, "render");
               EXPECT_GE(fraction, last);
               last = fraction;
             }});
  EXPECT_EQ(last, 1.0);
  std::filesystem::remove(folder_ / "a.wav");
  CancelToken token;
  const Monitor monitor{.progress = [&](std::string_view, double) { token.cancel(); }, .cancel = &token};
  expect_error(ErrorCode::cancelled, "cancelled", [&] { render_wav(score, folder_ / "a.wav", options_, monitor); });
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);  // the sound font
}

TEST_F(Render, BadSoundFontsAreNamed) {
  const auto score = score_of({});
  const auto render = [&] { render_wav(score, folder_ / "a.wav", options_); };
  options_.soundfont = folder_ / "no.sf2";
  expect_error(ErrorCode::not_found, "no.sf2: no such sound font", render);
  write_file(options_.soundfont = folder_ / "text.sf2", "This is a text that somebody has given the wrong name.\n");
  expect_error(ErrorCode::malformed, "text.sf2: is not a sound font", render);
  options_.soundfont = folder_.path();
  expect_error(ErrorCode::unreadable, "regular file", render);
  const std::string good = bytes_of(folder_ / "sine.sf2");
  write_file(options_.soundfont = folder_ / "cut.sf2", good.substr(0, good.size() / 2));
  expect_error(ErrorCode::malformed, "cut.sf2: is not a sound font", render);
  options_.soundfont = folder_ / "sine.sf2";
  options_.program = 5;
  expect_error(ErrorCode::malformed, "has no instrument 5", render);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.wav"));
}

TEST_F(Render, BadOptionsAreRefused) {
  const auto refused = [&](const RenderOptions& options, std::vector<TimedEvent> events = {}) {
    expect_error(ErrorCode::invalid_argument, "render", [&] { render_wav(events, folder_ / "a.wav", options); });
  };
  refused({.sample_rate = 1});
  refused({.program = 128});
  refused({.gain_db = std::nan("")});
  refused({}, {{.seconds = std::nan("")}});
  expect_error(ErrorCode::unsupported, "24 hours",
               [&] { render_wav(std::vector<TimedEvent>{{.seconds = 1e6}}, folder_ / "a.wav", options_); });
}

TEST_F(Render, TheEnvironmentNamesASoundFont) {
  ::setenv("POP2PIANO_SOUNDFONT", options_.soundfont.c_str(), 1);
  EXPECT_EQ(find_soundfont(), options_.soundfont);
  EXPECT_EQ(find_soundfont(options_.soundfont), options_.soundfont);
  ::setenv("POP2PIANO_SOUNDFONT", "/nowhere/a.sf2", 1);
  expect_error(ErrorCode::not_found, "POP2PIANO_SOUNDFONT", [] { static_cast<void>(find_soundfont()); });
  ::unsetenv("POP2PIANO_SOUNDFONT");
}

TEST(InstalledSoundFont, PlaysA4AtItsPitchAndTheCommonLoudness) {
  std::error_code failed;
  std::set<std::filesystem::path> fonts;
  for (const auto& place : soundfont_places()) {
    if (std::filesystem::exists(place, failed)) fonts.insert(std::filesystem::canonical(place));
  }
  if (fonts.empty()) GTEST_SKIP() << "no sound font is installed (apt install musescore-general-soundfont-small)";
  for (const auto& place : fonts) {
    const testing::ScratchFolder folder;
    render_wav(score_of({{.onset = 0, .duration = 36, .pitch = 69, .velocity = 80}}), folder / "a.wav",
               {.soundfont = place});
    const auto samples = samples_of(folder / "a.wav");
    const auto sound = part(samples, 0.2, 1.2);
    const double level = amplitude_at(440.0, sound, kRate);
    EXPECT_GT(level, 0.005) << place;
    EXPECT_GT(level, 10.0 * amplitude_at(415.30, sound, kRate)) << place;
    EXPECT_GT(level, 10.0 * amplitude_at(466.16, sound, kRate)) << place;
  }
}

TEST(EventsOf, TimesFollowTheBeatsAndStartAtZero) {
  Score score;
  score.grid.times = {0.25, 0.75, 1.5};
  score.grid.numbers = {1, 2, 3};
  score.notes = {{.onset = -24, .duration = 6, .pitch = 40, .velocity = 70},
                 {.onset = -12, .duration = 18, .pitch = 50, .velocity = 70},
                 {.onset = 18, .duration = 6, .pitch = 60, .velocity = 0}};
  const auto events = events_of(score);
  ASSERT_EQ(events.size(), 4U);  // the first note ended before the recording began
  EXPECT_EQ(events[0], (TimedEvent{0.0, 0x90, 50, 70}));
  EXPECT_EQ(events[1], (TimedEvent{0.5, 0x80, 50, 0}));
  EXPECT_EQ(events[2], (TimedEvent{1.125, 0x90, 60, 80}));
  EXPECT_EQ(events[3], (TimedEvent{1.5, 0x80, 60, 0}));
}

TEST(EventsOf, ARepeatedNoteIsReleasedBeforeItIsStruck) {
  const auto events = events_of(score_of({{.onset = 0, .duration = 12, .pitch = 60, .velocity = 70},
                                          {.onset = 12, .duration = 12, .pitch = 60, .velocity = 70}}));
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[1].status, 0x80);
  EXPECT_EQ(events[2].status, 0x90);
  EXPECT_EQ(events[1].seconds, events[2].seconds);
}

}  // namespace
}  // namespace pop2piano
