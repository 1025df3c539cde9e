// SPDX-License-Identifier: MIT
#include "listening/analysis/analysis_file.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "base/core/mapped_file.h"
#include "base/core/output_file.h"
#include "base/core/sealed_file.h"
#include "listening/analysis/described.h"
#include "listening/analysis/heard_time.h"
#include "listening/analysis/rhythm_answers.h"
#include "listening/melody/melody_on_beat.h"

namespace pop2piano {
namespace {

// Version 3: of features as they were computed when it was made; whatever changes them must raise it.
constexpr Seal kSeal{
    .magic = "P2PANLYS", .version = 3, .what = "a kept analysis", .remedy = "make it again with pop2piano analyse"};

/// What must hold of values that were read before anything else is done with them.
class Checker {
 public:
  Checker(Analysis& analysis, const std::string& name) : a_(analysis), name_(name) {}

  void check() {
    check_source();
    check_options();
    check_sound();
    check_rhythm();
    check_harmony();
    check_numbers();
    if (a_.options.features.kind == FeatureKind::mel) {
      check_segments();
    } else {
      check_steps();
    }
  }

 private:
  void require(bool holds, const char* what) const {
    if (!holds) throw Error(ErrorCode::malformed, name_ + ": a kept analysis contradicts itself: " + what);
  }
  static bool finite(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  }
  static bool whole(const FeatureRows& rows) {
    return rows.columns == 0 ? rows.values.empty() : rows.values.size() % rows.columns == 0;
  }

  void check_source() const {
    const SoundSource& s = a_.source;
    require(s.sample_rate > 0 && s.samples > 0 && s.duration() < kMostSeconds, "no sound");
    require(std::isfinite(s.start) && (!s.end || std::isfinite(*s.end)), "start or end of the recording");
  }

  void check_options() const {
    const AnalysisOptions& o = a_.options;
    require(o.melody == MelodyEvidence::none || o.melody == MelodyEvidence::heard, "kind of melody");
    require(o.features.kind == FeatureKind::mel || o.features.kind == FeatureKind::beat_synchronous,
            "kind of features");
    require(o.features.n_mels > 0 && o.features.frames_per_beat > 0 && o.features.segment_beats > 0 &&
                o.features.hop > 0 && o.features.sample_rate == a_.source.sample_rate,
            "settings of the features");
  }

  static bool ascending(const std::vector<TimeSpan>& spans) {
    double last = -1.0;
    return std::all_of(spans.begin(), spans.end(), [&](const TimeSpan& span) {
      const bool behind = span.start >= last && span.end > span.start && span.end < kMostSeconds;
      last = span.end;
      return behind;
    });
  }

  void check_sound() const {
    require(!a_.sounding.empty() && ascending(a_.sounding) && ascending(a_.faint), "what sounds and where it is faint");
    require(a_.sounding.back().start < a_.source.duration(), "what sounds behind the end");
    const Tuning& t = a_.tuning;
    require(std::isfinite(t.cents) && std::isfinite(t.confidence) && std::isfinite(t.drift), "tuning");
    require(std::abs(t.corrected) <= 50.0 && std::isfinite(a_.peak_db), "tuning or level");
  }

  void check_rhythm() {
    const Rhythm& r = a_.rhythm;
    try {
      r.grid.validate();
      lay_out_beats(a_);
      if (a_.options.beats.given) a_.options.beats.given->validate();
    } catch (const Error& error) {
      require(false, error.what());
    }
    require(!r.key || (r.key->fifths >= -7 && r.key->fifths <= 7), "key");
    require(r.grid.beats_per_bar <= kMostBeatsPerBar, "beats in a bar");
    require(r.swing_ratio >= 1 && r.swing_ratio <= kMostSwing, "swing");
    require(answers_hold(r), "chances of its rhythm");
    require(a_.loudness_db.size() == a_.grid.size(), "loudness of every beat");
  }

  void check_harmony() const {
    require(a_.harmony.empty() || a_.harmony.size() == a_.heard.grid.size(), "harmony of every beat");
    for (const BeatHarmony& heard : a_.harmony) {
      const bool chord = heard.root >= 0 && heard.root < 12 && heard.bass >= 0 && heard.bass < 12;
      const bool none = heard.root == -1 && heard.bass == -1 && heard.quality == ChordQuality::none;
      require((chord || none) && heard.quality <= ChordQuality::half_diminished, "chord of a beat");
      require(heard.bass_pitch >= -1 && heard.pitch_classes < 1 << 12, "pitches of a beat's harmony");
      require(heard.confidence >= 0.0F && heard.confidence <= 1.0F, "confidence of a chord");
    }
  }

  void check_numbers() const {
    require(finite(a_.loudness_db) && std::isfinite(a_.silence), "a loudness that is no number");
    for (const FeatureRows* rows : {&a_.bands, &a_.melody, &a_.melody_chances}) {
      require(whole(*rows) && rows->rows() < kMostRows, "size of the frames");
      require(finite(rows->values), "a frame holds what is no number");
    }
    require(a_.bands.columns == static_cast<std::size_t>(a_.options.features.n_mels), "bands of the frames");
  }

  void check_steps() const {
    const std::size_t steps =
        (a_.heard.grid.size() - 1) * static_cast<std::size_t>(a_.options.features.frames_per_beat) + 1;
    require(a_.bands.rows() == steps, "a frame for every step");
    for (const FeatureRows* rows : {&a_.melody, &a_.melody_chances}) {
      require(rows->columns == 0 || (rows->columns == kMelodyChannels && rows->rows() == steps),
              "the melody at every step");
    }
    require(a_.melody_chances.columns == 0 || a_.melody.columns != 0, "what the melody network read");
    const bool needed = a_.options.melody == MelodyEvidence::heard || a_.options.features.melody_channels > 0;
    require(!needed || a_.melody.columns != 0, "the melody is missing");
  }

  void check_segments() const {
    const auto& first = a_.segment_frames;
    require(first.size() >= 2 && first.front() == 0, "segments");
    require(a_.padded_frames > 0 && a_.padded_frames <= kMostPadded, "frames of a segment");
    for (std::size_t s = 0; s + 1 < first.size(); ++s) {
      require(first[s] <= first[s + 1] && first[s + 1] - first[s] <= a_.padded_frames, "frames of the segments");
    }
    require(static_cast<std::size_t>(first.back()) == a_.bands.rows(), "frames of all segments");
    require(a_.melody.columns == 0 && a_.melody_chances.columns == 0, "a melody that nothing reads");
  }

  static constexpr double kMostSeconds = 1e7;
  static constexpr int kMostBeatsPerBar = 1000;
  static constexpr double kMostSwing = 4;
  static constexpr std::int64_t kMostPadded = 1 << 16;  // 50 minutes of four beats; attention grows with the square
  static constexpr std::size_t kMostRows = std::numeric_limits<int>::max() / 2;
  Analysis& a_;
  const std::string& name_;
};

}  // namespace

std::vector<std::byte> encode_analysis(const Analysis& analysis) {
  ValueWriter values;
  values(analysis);
  return sealed(kSeal, values.bytes());
}

Analysis decode_analysis_values(std::span<const std::byte> values, const std::string& name) {
  ValueReader reader(values, name);
  Analysis analysis;
  reader(analysis);
  reader.expect_end();
  Checker(analysis, name).check();
  return analysis;
}

Analysis decode_analysis(std::span<const std::byte> bytes, const std::string& name) {
  return decode_analysis_values(unsealed(kSeal, bytes, name), name);
}

void save_analysis(const Analysis& analysis, const std::filesystem::path& file) {
  write_file(file, encode_analysis(analysis));
}

Analysis load_analysis(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  return decode_analysis(mapped.bytes(), file.string());
}

bool is_kept_analysis(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;  // a pipe would lose what is read of it
  std::vector<char> start(kSeal.magic.size());
  std::ifstream in(file, std::ios::binary);
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  return in && has_seal(kSeal, std::as_bytes(std::span(start)));
}

}  // namespace pop2piano
