// SPDX-License-Identifier: MIT
#include "sound/render/stretch_player.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

constexpr int kPercussionChannel = 9, kPercussionBank = 128;
constexpr float kSilence = 1e-6F;  // -120 dB; the reverberation keeps a tiny constant against denormals
constexpr std::uint8_t kLowestKey = 30, kHighestKey = 93;
constexpr std::int64_t kChordBlocks = 4;
constexpr double kForgotten = 2.0;  // seconds after which the reverberation of a chord lies below -140 dB

bool strikes_percussion(const Music& music) {
  return std::any_of(music.events.begin(), music.events.end(),
                     [](const FramedEvent& e) { return e.event.status == (0x90 | kPercussionChannel); });
}

bool is_note(const TimedEvent& event) { return (event.status & 0xF0) == 0x80 || (event.status & 0xF0) == 0x90; }

}  // namespace

StretchPlayer::StretchPlayer(SoundFontShelf& shelf, const LoadedInstrument::State& instrument, const Music& music,
                             std::int64_t start)
    : music_(music), synth_(shelf), frame_(start) {
  const bool drums = strikes_percussion(music);
  for (int channel = 0; channel < 16; ++channel) {
    if (channel != kPercussionChannel) {
      synth_.choose(channel, Synth::Channel::melodic, {.program = instrument.options.program});
    } else if (drums) {
      synth_.choose(channel, Synth::Channel::percussion, {.bank = kPercussionBank});
    }
  }
  synth_.set_gain(instrument.gain);
  warm_up(start);
  catch_up(start);
}

// FluidSynth fades the panning of a new voice over 64 frames from that of the voice that was in its place, in a new
// synthesiser from silence; a chord beforehand leaves 256 places (with 4 voices a note) as later notes will find them.
// Then it is silent until the slow modulation of the reverberation stands where it would without the cut.
void StretchPlayer::warm_up(std::int64_t start) {
  for (std::uint8_t key = kLowestKey; key <= kHighestKey; ++key) {
    synth_.play({.status = 0x90, .data1 = key, .data2 = 80});
  }
  const std::int64_t settling = music_.frames_in(kForgotten) / kSynthBlock * kSynthBlock;
  const std::int64_t silence = settling + start % reverb_period(music_.sample_rate);
  block_.resize(2 * kChordBlocks * kSynthBlock);
  synth_.render(block_);
  synth_.cut_off();
  for (std::int64_t done = 0; done < silence; done += kSynthBlock) {
    synth_.render(std::span(block_).first(2 * kSynthBlock));
  }
}

// Pedals, bends and programs as they are by then.
void StretchPlayer::catch_up(std::int64_t start) {
  for (; next_event_ < music_.events.size() && music_.events[next_event_].frame < start; ++next_event_) {
    if (!is_note(music_.events[next_event_].event)) synth_.play(music_.events[next_event_].event);
  }
}

void StretchPlayer::render(std::span<float> interleaved) {
  synth_.render(interleaved);
  const auto is_silent = [](float sample) { return std::abs(sample) < kSilence; };
  if (std::all_of(interleaved.begin(), interleaved.end(), is_silent)) {
    std::fill(interleaved.begin(), interleaved.end(), 0.0F);
  }
}

void StretchPlayer::play_due() {
  for (; next_event_ < music_.events.size() && music_.events[next_event_].frame <= frame_; ++next_event_) {
    synth_.play(music_.events[next_event_].event);
  }
}

std::span<const float> StretchPlayer::advance(std::int64_t until) {
  block_.resize(2 * static_cast<std::size_t>(std::max<std::int64_t>(until - frame_, 0)));
  const std::int64_t first = frame_;
  while (frame_ < until) {
    play_due();
    const std::int64_t next =
        next_event_ < music_.events.size() ? std::min(until, music_.events[next_event_].frame) : until;
    render(std::span(block_).subspan(2 * static_cast<std::size_t>(frame_ - first),
                                     2 * static_cast<std::size_t>(next - frame_)));
    frame_ = next;
  }
  return block_;
}

}  // namespace pop2piano
