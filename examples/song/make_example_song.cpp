// SPDX-License-Identifier: MIT
// Makes the example song from nothing: melody, chords, bass and drums written below, every sound computed here (sung
// vowels by harmonics under formants, plucked strings after Karplus and Strong, the rest by simple oscillators), so
// that the recording owes nothing to anybody. Usage: make_example_song OUT.wav
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <numbers>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr double kRate = 44100.0;  // samples per second
constexpr double kTempo = 104.0;   // beats per minute
constexpr double kBeat = 60.0 / kTempo;
constexpr int kBars = 13;
constexpr double kTail = 1.6;  // seconds after the last bar
constexpr double kTwoPi = 2.0 * std::numbers::pi;

// Names with octaves and lengths in beats; "r" is silence. Two bars of introduction, verse, chorus, last chord.
constexpr const char* kVerse =
    "r:.5 F#4:.5 F#4:.5 E4:.5 D4:1 r:.5 A3:.5 "
    "D4:.5 E4:.5 F#4:1 E4:.5 D4:.5 r:1 "
    "r:.5 B4:.5 B4:.5 A4:.5 G4:1 r:.5 D4:.5 "
    "E4:.5 F#4:.5 G4:.5 F#4:.5 E4:1.5 A4:.5 ";
constexpr const char* kChorus =
    "B4:1.5 A4:.5 G4:.5 A4:.5 B4:1 "
    "A4:1.5 F#4:.5 D4:1 r:.5 A4:.5 "
    "C#5:1.5 B4:.5 A4:.5 B4:.5 C#5:1 "
    "D5:1.5 C#5:.5 B4:1 r:.5 A4:.5 "
    "B4:.75 D5:.75 B4:.5 A4:1 G4:1 "
    "A4:.75 C#5:.75 A4:.5 G4:.5 F#4:.5 E4:1 "
    "D4:3.5 r:.5";
constexpr double kVerseBar = 2;
constexpr double kChorusBar = 6;

struct Chord {
  int bass;                   // MIDI
  std::array<int, 4> voices;  // MIDI
};
constexpr Chord kD{38, {57, 62, 66, 69}};
constexpr Chord kBm{35, {59, 62, 66, 71}};
constexpr Chord kG{43, {59, 62, 67, 71}};
constexpr Chord kA{45, {57, 61, 64, 69}};
constexpr std::array<Chord, kBars> kChords{kD, kG, kD, kBm, kG, kA, kG, kD, kA, kBm, kG, kA, kD};

struct Note {
  double start, length;  // beats
  int pitch;             // MIDI
};

struct Track {
  std::vector<double> samples;  // mono
  double left = 1, right = 1;   // gains in the mix
  double echo = 0.1;            // share that is sent to the reverberation
};

std::minstd_rand& dice() {
  static std::minstd_rand engine(20);
  return engine;
}

// In [-1, 1); not std::uniform_real_distribution, whose numbers differ between libraries.
double noise() { return static_cast<double>(dice()() % 65536u) / 32768.0 - 1.0; }

double frequency(double pitch) { return 440.0 * std::exp2((pitch - 69.0) / 12.0); }

std::size_t sample_at(double beat) { return static_cast<std::size_t>(beat * kBeat * kRate); }

std::size_t song_length() { return sample_at(4.0 * kBars) + static_cast<std::size_t>(kTail * kRate); }

int pitch_of(const std::string& name) {
  constexpr std::array<int, 7> kSteps{9, 11, 0, 2, 4, 5, 7};  // A to G
  const bool sharp = name[1] == '#';
  return 12 * (name[sharp ? 2 : 1] - '0' + 1) + kSteps.at(static_cast<std::size_t>(name[0] - 'A')) + (sharp ? 1 : 0);
}

std::vector<Note> read_melody(const std::string& text, double first_bar) {
  std::vector<Note> notes;
  std::istringstream stream(text);
  double beat = 4.0 * first_bar;
  for (std::string word; stream >> word;) {
    const std::size_t colon = word.find(':');
    const double length = std::stod(word.substr(colon + 1));
    if (word[0] != 'r') notes.push_back({beat, length, pitch_of(word.substr(0, colon))});
    beat += length;
  }
  return notes;
}

std::vector<Note> whole_melody() {
  std::vector<Note> melody = read_melody(kVerse, kVerseBar);
  const std::vector<Note> chorus = read_melody(kChorus, kChorusBar);
  melody.insert(melody.end(), chorus.begin(), chorus.end());
  return melody;
}

// Rises within `attack`, holds, falls within `release` before the end; all in seconds.
double envelope(double time, double length, double attack, double release) {
  const double up = std::clamp(time / attack, 0.0, 1.0);
  const double down = std::clamp((length - time) / release, 0.0, 1.0);
  return up * up * (3 - 2 * up) * down;
}

struct Vowel {
  std::array<double, 4> hertz, gain;
};
constexpr std::array<Vowel, 4> kVowels{{{{800, 1150, 2900, 3900}, {1, 0.6, 0.25, 0.12}},    // a
                                        {{450, 1900, 2700, 3700}, {1, 0.45, 0.3, 0.12}},    // e
                                        {{480, 850, 2650, 3600}, {1, 0.5, 0.15, 0.08}},     // o
                                        {{360, 1500, 2500, 3500}, {1, 0.35, 0.2, 0.08}}}};  // ü

double formant_gain(const Vowel& vowel, double hertz) {
  double gain = 0.02;
  for (std::size_t i = 0; i < vowel.hertz.size(); ++i) {
    const double width = 70.0 + 0.06 * vowel.hertz[i];
    const double distance = (hertz - vowel.hertz[i]) / width;
    gain += vowel.gain[i] / (1.0 + distance * distance);
  }
  return gain;
}

// Semitones away from the note: a scoop into it and vibrato once it is held.
double bend(double time, double from) {
  const double scoop = (from)*std::exp(-time / 0.035);
  const double depth = std::clamp((time - 0.2) / 0.3, 0.0, 1.0) * 0.28;
  return scoop + depth * std::sin(kTwoPi * 5.6 * time);
}

void sing_note(Track& track, const Note& note, const Vowel& vowel, double from) {
  const double length = note.length * kBeat;
  const auto count = static_cast<std::size_t>(length * kRate);
  const std::size_t start = sample_at(note.start);
  std::array<double, 32> gains{};
  for (std::size_t h = 0; h < gains.size(); ++h) {
    const double hertz = frequency(note.pitch) * static_cast<double>(h + 1);
    gains[h] = hertz < 9000 ? formant_gain(vowel, hertz) * std::pow(static_cast<double>(h + 1), -0.2) : 0.0;
  }
  double phase = 0;
  double breath = 0;
  for (std::size_t i = 0; i < count && start + i < track.samples.size(); ++i) {
    const double time = static_cast<double>(i) / kRate;
    phase += kTwoPi * frequency(note.pitch + bend(time, from)) / kRate;
    double value = 0;
    for (std::size_t h = 0; h < gains.size(); ++h) value += gains[h] * std::sin(phase * static_cast<double>(h + 1));
    breath += 0.35 * (noise() - breath);
    const double consonant = 0.5 * std::exp(-time / 0.02);
    track.samples[start + i] += (0.3 * value + (0.03 + consonant) * breath) * envelope(time, length, 0.03, 0.06);
  }
}

Track sing(const std::vector<Note>& melody) {
  Track track{.samples = std::vector<double>(song_length()), .left = 1.3, .right = 1.3, .echo = 0.25};
  double previous_end = -1;
  int previous_pitch = 0;
  for (std::size_t i = 0; i < melody.size(); ++i) {
    const bool legato = std::abs(melody[i].start - previous_end) < 1e-6;
    const double from = legato ? std::clamp(previous_pitch - melody[i].pitch, -3, 3) : -1.2;
    sing_note(track, melody[i], kVowels[(i * 5 + i / 3) % kVowels.size()], from);
    previous_end = melody[i].start + melody[i].length;
    previous_pitch = melody[i].pitch;
  }
  return track;
}

// A string of one period of noise whose loop is a two-point average.
void pluck(Track& track, double beat, double beats, int pitch, double level, double brightness) {
  const double period = kRate / frequency(pitch) - 0.5;
  const auto length = static_cast<std::size_t>(period);
  const double ahead = static_cast<double>(length + 1) - period;  // what the loop is too long
  std::vector<double> loop(length + 1);
  double low = 0;
  for (double& value : loop) value = low += brightness * (noise() - low);
  const double mean = std::accumulate(loop.begin(), loop.end(), 0.0) / static_cast<double>(loop.size());
  for (double& value : loop) value -= mean;
  const std::size_t start = sample_at(beat);
  const double seconds = beats * kBeat;
  const auto count = static_cast<std::size_t>(seconds * kRate);
  double previous = 0;
  for (std::size_t i = 0; i < count && start + i < track.samples.size(); ++i) {
    double& cell = loop[i % loop.size()];
    const double next = loop[(i + 1) % loop.size()];
    const double value = cell * (1 - ahead) + next * ahead;
    cell = 0.996 * 0.5 * (value + previous);
    previous = value;
    track.samples[start + i] += level * value * envelope(static_cast<double>(i) / kRate, seconds, 0.001, 0.05);
  }
}

Track play_guitar() {
  Track track{.samples = std::vector<double>(song_length()), .left = 0.95, .right = 0.45, .echo = 0.08};
  constexpr std::array<double, 6> kStrokes{0, 1, 1.5, 2.5, 3, 3.5};
  for (int bar = 0; bar < kBars; ++bar) {
    const Chord& chord = kChords[static_cast<std::size_t>(bar)];
    const bool last = bar == kBars - 1;
    for (const double stroke : kStrokes) {
      if (last && stroke > 0) break;
      const double level = bar < kChorusBar ? 0.32 : 0.42;
      for (std::size_t s = 0; s < chord.voices.size(); ++s) {
        const double delay = 0.014 * static_cast<double>(s) / kBeat;
        pluck(track, 4.0 * bar + stroke + delay, last ? 5.0 : 0.9, chord.voices[s], level, 0.55);
      }
    }
  }
  return track;
}

Track play_bass() {
  Track track{.samples = std::vector<double>(song_length()), .left = 0.55, .right = 0.55, .echo = 0.0};
  for (int bar = 1; bar < kBars; ++bar) {
    const int root = kChords[static_cast<std::size_t>(bar)].bass;
    const bool last = bar == kBars - 1;
    if (last) {
      pluck(track, 4.0 * bar, 5.0, root, 1.5, 0.12);
    } else if (bar < kChorusBar) {
      pluck(track, 4.0 * bar, 1.4, root, 1.4, 0.12);
      pluck(track, 4.0 * bar + 1.5, 0.5, root, 1.2, 0.12);
      pluck(track, 4.0 * bar + 2.0, 1.9, root, 1.4, 0.12);
    } else {
      for (int eighth = 0; eighth < 8; ++eighth)
        pluck(track, 4.0 * bar + 0.5 * eighth, 0.48, eighth == 7 ? root + 7 : root, eighth % 2 == 0 ? 1.5 : 1.2, 0.14);
    }
  }
  return track;
}

// An electric piano: one sine bends the phase of another, less and less.
void strike(Track& track, double beat, double beats, int pitch, double level) {
  const std::size_t start = sample_at(beat);
  const double seconds = beats * kBeat;
  const auto count = static_cast<std::size_t>(seconds * kRate);
  for (std::size_t i = 0; i < count && start + i < track.samples.size(); ++i) {
    const double time = static_cast<double>(i) / kRate;
    const double angle = kTwoPi * frequency(pitch) * time;
    const double index = 1.6 * std::exp(-time / 0.25) + 0.25;
    const double bell = 0.12 * std::sin(14 * angle) * std::exp(-time / 0.05);
    const double value = (std::sin(angle + index * std::sin(angle)) + bell) * std::exp(-time / 1.1);
    track.samples[start + i] += level * value * envelope(time, seconds, 0.002, 0.08);
  }
}

Track play_keys() {
  Track track{.samples = std::vector<double>(song_length()), .left = 0.5, .right = 0.95, .echo = 0.15};
  for (int bar = 0; bar < kBars; ++bar) {
    const Chord& chord = kChords[static_cast<std::size_t>(bar)];
    const bool last = bar == kBars - 1;
    const bool broken = bar < kVerseBar;
    for (std::size_t v = 0; v < chord.voices.size(); ++v) {
      const int pitch = chord.voices[v] + 12;
      if (broken)
        for (int turn = 0; turn < 2; ++turn)
          strike(track, 4.0 * bar + 2.0 * turn + 0.5 * static_cast<double>(v), 1.4, pitch, 0.2);
      else
        strike(track, 4.0 * bar, last ? 5.0 : 3.8, pitch - 12, 0.12);
    }
  }
  return track;
}

void beat_kick(Track& track, double beat) {
  const std::size_t start = sample_at(beat);
  double phase = 0;
  for (std::size_t i = 0; i < 12000 && start + i < track.samples.size(); ++i) {
    const double time = static_cast<double>(i) / kRate;
    phase += kTwoPi * (48.0 + 130.0 * std::exp(-time / 0.025)) / kRate;
    track.samples[start + i] +=
        0.9 * std::sin(phase) * std::exp(-time / 0.09) + 0.2 * noise() * std::exp(-time / 0.003);
  }
}

void beat_snare(Track& track, double beat, double level) {
  const std::size_t start = sample_at(beat);
  double before = 0;
  for (std::size_t i = 0; i < 12000 && start + i < track.samples.size(); ++i) {
    const double time = static_cast<double>(i) / kRate;
    const double now = noise();
    const double bright = now - 0.5 * before;
    before = now;
    track.samples[start + i] += level * (0.32 * bright * std::exp(-time / 0.07) +
                                         0.4 * std::sin(kTwoPi * 195.0 * time) * std::exp(-time / 0.045));
  }
}

void beat_hat(Track& track, double beat, double level, double decay) {
  const std::size_t start = sample_at(beat);
  double before = 0;
  double before_that = 0;
  for (std::size_t i = 0; i < 40000 && start + i < track.samples.size(); ++i) {
    const double time = static_cast<double>(i) / kRate;
    const double now = noise();
    const double bright = now - 2 * before + before_that;
    before_that = before;
    before = now;
    track.samples[start + i] += level * 0.06 * bright * std::exp(-time / decay);
  }
}

Track play_drums() {
  Track track{.samples = std::vector<double>(song_length()), .left = 0.6, .right = 0.6, .echo = 0.05};
  for (int bar = 1; bar < kBars; ++bar) {
    const double start = 4.0 * bar;
    const bool chorus = bar >= kChorusBar;
    if (bar == kBars - 1 || bar == static_cast<int>(kChorusBar)) beat_hat(track, start, 1.4, 0.5);
    beat_kick(track, start);
    if (bar == kBars - 1) break;
    for (int eighth = 0; eighth < 8; ++eighth)
      beat_hat(track, start + 0.5 * eighth, eighth % 2 == 0 ? 0.7 : 0.45, 0.03);
    if (bar < kVerseBar) continue;
    beat_kick(track, start + 2);
    if (chorus) beat_kick(track, start + 2.5);
    beat_snare(track, start + 1, 1);
    beat_snare(track, start + 3, 1);
    if (bar == static_cast<int>(kChorusBar) - 1)
      for (int sixteenth = 0; sixteenth < 3; ++sixteenth) beat_snare(track, start + 3.25 + 0.25 * sixteenth, 0.8);
  }
  return track;
}

// Four feedback combs; enough of a room for a short song.
std::vector<double> reverberated(const std::vector<double>& sound, std::size_t spread) {
  constexpr std::array<std::size_t, 4> kDelays{1557, 1617, 1491, 1422};
  std::vector<double> room(sound.size());
  for (const std::size_t delay : kDelays) {
    std::vector<double> line(delay + spread);
    double low = 0;
    for (std::size_t i = 0; i < sound.size(); ++i) {
      double& cell = line[i % line.size()];
      low += 0.7 * (cell - low);
      room[i] += cell;
      cell = sound[i] + 0.83 * low;
    }
  }
  return room;
}

// [2, samples] interleaved, peak 0.9.
std::vector<double> mix(const std::vector<Track>& tracks) {
  const std::size_t count = song_length();
  std::vector<double> sent(count);
  std::vector<double> song(2 * count);
  for (const Track& track : tracks)
    for (std::size_t i = 0; i < count; ++i) {
      song[2 * i] += track.left * track.samples[i];
      song[2 * i + 1] += track.right * track.samples[i];
      sent[i] += 0.35 * track.echo * track.samples[i];
    }
  const std::vector<double> left = reverberated(sent, 0);
  const std::vector<double> right = reverberated(sent, 23);
  double peak = 0;
  for (std::size_t i = 0; i < count; ++i) {
    song[2 * i] = std::tanh(0.7 * (song[2 * i] + left[i]));
    song[2 * i + 1] = std::tanh(0.7 * (song[2 * i + 1] + right[i]));
    peak = std::max({peak, std::abs(song[2 * i]), std::abs(song[2 * i + 1])});
  }
  for (double& value : song) value *= 0.9 / peak;
  return song;
}

void put(std::ostream& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.put(static_cast<char>(value >> (8 * i) & 255u));
}

void write_wav(std::ostream& out, const std::vector<double>& song) {
  const auto bytes = static_cast<std::uint32_t>(2 * song.size());
  out << "RIFF";
  put(out, 36 + bytes, 4);
  out << "WAVEfmt ";
  put(out, 16, 4);
  put(out, 1, 2);      // integers
  put(out, 2, 2);      // channels
  put(out, 44100, 4);  // samples per second
  put(out, 4 * 44100, 4);
  put(out, 4, 2);
  put(out, 16, 2);
  out << "data";
  put(out, bytes, 4);
  for (const double value : song) put(out, static_cast<std::uint32_t>(static_cast<std::int32_t>(value * 32767.0)), 2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_example_song OUT.wav\n", stderr);
    return 2;
  }
  std::ofstream out(argv[1], std::ios::binary);
  write_wav(out, mix({sing(whole_melody()), play_guitar(), play_bass(), play_keys(), play_drums()}));
  out.close();
  if (!out) {
    std::fprintf(stderr, "make_example_song: cannot write %s\n", argv[1]);
    return 1;
  }
  return 0;
}
