// SPDX-License-Identifier: MIT
// Covers that are no piano alone: speech, singing, a piano with a singer.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "listening/align/analysis_sound.h"
#include "made_up_voice.h"
#include "prepared_pairs.h"

namespace pop2piano {
namespace {

namespace fs = std::filesystem;

constexpr double kSeconds = 12.0;  // of those who are alone

class Voices : public testing::PreparedPairs {
 protected:
  // What is sung: a note for every two of the song's melody.
  static std::vector<PlayedNote> tune() {
    std::vector<PlayedNote> melody;
    for (const PlayedNote& note : testing::song_notes(1)) {
      if (note.pitch < 70.0) continue;
      if (melody.empty() || note.onset >= melody.back().onset + 0.45) melody.push_back(note);
    }
    for (PlayedNote& note : melody) note.offset = note.onset + 0.45;
    return melody;
  }
  // What accompanies it.
  static std::vector<PlayedNote> chords() {
    std::vector<PlayedNote> notes = testing::song_notes(1);
    std::erase_if(notes, [](const PlayedNote& note) { return note.pitch >= 70.0; });
    return notes;
  }
  static float level(const std::vector<float>& sound) {
    float squares = 0.0F;
    for (const float sample : sound) squares += sample * sample;
    return std::sqrt(squares / static_cast<float>(sound.size()));
  }
  void write(const std::string& name, std::vector<float> sound) {
    float most = 0.0F;
    for (const float sample : sound) most = std::max(most, std::abs(sample));
    for (float& sample : sound) sample *= 0.5F / most;
    testing::write_float_wav(folder_ / name, sound, static_cast<std::uint32_t>(testing::kVoiceRate), 1);
  }
  // By the cover's name: kind and reason of its pair's end.
  std::map<std::string, std::string> ends() {
    std::map<std::string, std::string> found;
    for (const std::string& name : pair_folders(folder_ / "out")) {
      const PairState state = load_state(folder_ / "out" / "pairs" / name).state;
      found[fs::path(state.cover).filename().string()] = last_of(state)->kind + ": " + last_of(state)->reason;
    }
    return found;
  }
};

TEST_F(Voices, SpeechSingingAndAPianoWithASingerAreDroppedWithTheProbability) {
  write("speech.wav", testing::speech(kSeconds, 5));
  std::vector<float> sung(static_cast<std::size_t>(kSeconds * testing::kVoiceRate), 0.0F);
  testing::add_singing(tune(), sung, 7);
  write("singing.wav", sung);
  std::vector<float> both = analysis_sound(chords());  // of the whole song
  sung.assign(both.size(), 0.0F);
  testing::add_singing(tune(), sung, 7);
  const float as_loud = level(both) / level(sung);
  for (std::size_t k = 0; k < both.size(); ++k) both[k] += as_loud * sung[k];
  write("duet.wav", both);
  list("one.wav\tspeech.wav\none.wav\tsinging.wav\none.wav\tduet.wav\none.wav\tone.mid\n");
  const PrepareReport report = prepare();
  EXPECT_EQ(report.dropped, 3U);
  EXPECT_EQ(report.done, 1U);
  EXPECT_EQ(records().size(), 1U);
  const auto found = ends();
  for (const char* cover : {"speech.wav", "singing.wav", "duet.wav"}) {
    EXPECT_TRUE(found.at(cover).starts_with("not a piano alone: ")) << cover << " -> " << found.at(cover);
    EXPECT_NE(found.at(cover).find(cover), std::string::npos) << found.at(cover);
    EXPECT_TRUE(fs::exists(folder_ / cover));
  }
  EXPECT_EQ(prepare().dropped, 3U);  // and it stays so
  EXPECT_EQ(ran_, std::vector<std::string>{});
}

// A recording of somebody who sings alone (vocadito, CC BY 4.0).
TEST_F(Voices, ARecordedSingerIsDropped) {
  const char* shared = std::getenv("POP2PIANO_SHARED");
  const fs::path singer =
      fs::path(shared == nullptr ? POP2PIANO_SOURCE_DIR "/../shared" : shared) / "audio" / "vocadito_10.wav";
  if (!fs::exists(singer)) {
    GTEST_SKIP() << "no recording at " << singer << "; set POP2PIANO_SHARED to the folder that holds audio/";
  }
  list("one.wav\t" + fs::absolute(singer).string() + "\n");
  EXPECT_EQ(prepare().dropped, 1U);
  EXPECT_EQ(last_state().kind, "not a piano alone") << last_state().reason;
}

}  // namespace
}  // namespace pop2piano
