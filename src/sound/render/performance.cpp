// SPDX-License-Identifier: MIT
#include "sound/render/performance.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "base/core/thread_pool.h"
#include "sound/render/relay.h"
#include "sound/render/stretch_player.h"

namespace pop2piano {
namespace {

constexpr std::int64_t kBlockFrames = 4096;  // 93 ms: how often a thread looks whether it shall stop
constexpr double kLongestTail = 8.0;         // seconds that voices may ring on after the last event
constexpr double kReverbTail = 0.5;          // seconds of reverberation after the last voice
constexpr double kMostWaiting = 48.0;        // seconds of sound of a stretch that wait for their turn
constexpr int kMostThreads = 8;              // one core limits, mixes and writes as fast as this many play
constexpr std::size_t kMostAhead = 2;        // stretches beyond one for each thread

/// Plays one stretch into the relay.
class StretchRun {
 public:
  StretchRun(std::size_t stretch, SoundFontShelf& shelf, const LoadedInstrument::State& instrument, const Music& music,
             Relay& relay)
      : stretch_(stretch), music_(music), relay_(relay), player_(shelf, instrument, music, music.starts[stretch]) {}

  // Goes on into the next stretch until nothing sounds of what was struck before that began; if that takes until the
  // stretch after the next begins, the next one is left out.
  void run() {
    for (std::size_t next = stretch_ + 1; next < music_.starts.size(); ++next) {
      if (!play_to(music_.starts[next])) return;
      player_.mark();
      const std::int64_t tail = music_.frames_in(kReverbTail);
      const std::int64_t latest = (next + 1 < music_.starts.size() ? music_.starts[next + 1] : music_.end) - tail;
      while (player_.marked_sounds() && player_.frame() < latest) {
        if (!play_to(std::min(player_.frame() + kBlockFrames, latest))) return;
      }
      if (player_.marked_sounds()) continue;
      if (play_to(player_.frame() + tail)) relay_.end(stretch_, next);
      return;
    }
    if (play_to(music_.end) && ring_out()) relay_.end(stretch_, music_.starts.size());
  }

 private:
  bool play_to(std::int64_t until) {
    while (player_.frame() < until) {
      if (!relay_.send(stretch_, player_.advance(std::min(player_.frame() + kBlockFrames, until)))) return false;
    }
    return true;
  }

  bool ring_out() {
    player_.play_due();
    const std::int64_t latest = player_.frame() + music_.frames_in(kLongestTail);
    while (player_.sounding() && player_.frame() < latest) {
      if (!play_to(std::min(latest, player_.frame() + kBlockFrames))) return false;
    }
    return play_to(player_.frame() + music_.frames_in(kReverbTail));
  }

  std::size_t stretch_;
  const Music& music_;
  Relay& relay_;
  StretchPlayer player_;
};

/// The threads; they end with it.
class Players {
 public:
  Players(const Music& music, const LoadedInstrument::State& instrument, Relay& relay)
      : music_(music), instrument_(instrument), relay_(relay) {}
  ~Players() {
    stop_.cancel();
    relay_.stop();
  }
  Players(const Players&) = delete;
  Players& operator=(const Players&) = delete;

  void begin(const SideWork& beside, int threads) {
    if (beside) begin([this, &beside] { beside(stop_); });
    for (int i = 0; i < threads; ++i) begin([this] { play(); });
  }

 private:
  template <typename Work>
  void begin(Work work) {
    threads_.emplace_back([this, work] {
      try {
        work();
      } catch (...) {
        relay_.fail(std::current_exception());
      }
      relay_.thread_ends();
    });
    relay_.thread_begins();
  }

  void play() {
    std::unique_ptr<SoundFontShelf> shelf;
    while (const auto stretch = relay_.next_stretch()) {
      if (!shelf) shelf = instrument_.new_shelf();
      StretchRun(*stretch, *shelf, instrument_, music_, relay_).run();
    }
  }

  const Music& music_;
  const LoadedInstrument::State& instrument_;
  Relay& relay_;
  CancelToken stop_;
  std::vector<std::jthread> threads_;
};

/// Hears the stretches in order, each from where the one before ended.
void listen(const Music& music, Relay& relay, const SoundSink& sink, const Monitor& monitor) {
  const double frames = static_cast<double>(std::max<std::int64_t>(music.end, 1));
  std::vector<float> sound;
  std::int64_t heard = 0;
  for (std::size_t stretch = 0; stretch < music.starts.size();) {
    std::int64_t frame = music.starts[stretch];
    for (bool over = false; !over;) {
      sound.clear();
      over = relay.receive(stretch, sound);
      monitor.check();
      const auto come = static_cast<std::int64_t>(sound.size() / 2);
      const std::int64_t known = std::clamp<std::int64_t>(heard - frame, 0, come);
      frame += come;
      if (known == come) continue;
      sink(std::span<const float>(sound).subspan(2 * static_cast<std::size_t>(known)));
      heard = frame;
      monitor.report("render", std::min(1.0, static_cast<double>(heard) / frames));
    }
    stretch = relay.go_on(stretch);
  }
}

}  // namespace

void perform(const Music& music, const LoadedInstrument& instrument, const SoundSink& sink, const SideWork& beside,
             const Monitor& monitor) {
  monitor.check();
  const int threads = std::min(
      {usable_threads(instrument.state().options.threads), kMostThreads, static_cast<int>(music.starts.size())});
  Relay relay(music.starts.size(), static_cast<std::size_t>(threads) + kMostAhead,
              2 * static_cast<std::size_t>(music.frames_in(kMostWaiting)));
  Players players(music, instrument.state(), relay);
  players.begin(beside, threads);
  listen(music, relay, sink, monitor);
  while (!relay.all_done()) monitor.check();
  monitor.check();
  monitor.report("render", 1.0);
}

}  // namespace pop2piano
