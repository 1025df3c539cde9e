// SPDX-License-Identifier: MIT
// Of a build without FluidSynth: a clear error and no file.
#include <pop2piano/render.h>

#include <string>

#include <gtest/gtest.h>

#include "scratch_folder.h"
#include "sound/render/tiny_soundfont.h"

namespace pop2piano {
namespace {

TEST(WithoutFluidSynth, RenderingSaysWhatIsMissing) {
  const testing::ScratchFolder folder;
  testing::write_tiny_soundfont(folder / "sine.sf2");
  try {
    render_wav(std::vector<TimedEvent>{}, folder / "a.wav", {.soundfont = folder / "sine.sf2"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_NE(std::string(error.what()).find("POP2PIANO_WITH_FLUIDSYNTH"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.wav"));
}

}  // namespace
}  // namespace pop2piano
