// SPDX-License-Identifier: MIT
#include "learning/train_t5/measure.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "base/core/thread_pool.h"
#include "learning/train_t5/batches.h"
#include "learning/train_t5/model_files.h"
#include "listening/melody/melody_network.h"
#include "writing/tokens/voices_song.h"

namespace pop2piano::training {
namespace {

constexpr int kBeatsPerStride = 2;

struct Beat {
  double pitch = 0.0;
  std::size_t notes = 0;
};

// Onsets in steps of the song; one entry a beat.
std::vector<Beat> beats_of(const std::vector<Note>& notes, int beats, int steps_per_beat) {
  std::vector<Beat> result(static_cast<std::size_t>(beats));
  for (const Note& note : notes) {
    const int beat = note.onset / steps_per_beat;
    if (beat < 0 || beat >= beats) continue;
    result[static_cast<std::size_t>(beat)].pitch += note.pitch;
    ++result[static_cast<std::size_t>(beat)].notes;
  }
  for (Beat& beat : result) beat.pitch /= static_cast<double>(std::max<std::size_t>(1, beat.notes));
  return result;
}

struct BorderSums {
  BorderMeasures sum;
  double register_places = 0, places = 0, struck = 0;

  void add(const std::vector<Note>& notes, const Beat& before, const Beat& after, int step) {
    places += 1;
    sum.density_jump += std::abs(static_cast<double>(after.notes) - static_cast<double>(before.notes));
    if (before.notes > 0 && after.notes > 0) {
      register_places += 1;
      sum.register_jump += std::abs(after.pitch - before.pitch);
    }
    for (const Note& note : notes) {
      if (note.onset < step && note.offset() > step) sum.held_over += 1;
      if (note.onset != step) continue;
      struck += 1;
      const bool again = std::any_of(notes.begin(), notes.end(), [&](const Note& other) {
        return other.pitch == note.pitch && other.onset < step && other.offset() >= step;
      });
      if (again) sum.struck_again += 1;
    }
  }

  [[nodiscard]] BorderMeasures mean() const {
    const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 0.0; };
    return {.register_jump = share(sum.register_jump, register_places),
            .density_jump = share(sum.density_jump, places),
            .struck_again = share(sum.struck_again, struck),
            .held_over = share(sum.held_over, places)};
  }
};

StyleDensity density_of(const std::vector<Note>& notes, double seconds) {
  std::vector<int> onsets;
  for (const Note& note : notes) onsets.push_back(note.onset);
  std::sort(onsets.begin(), onsets.end());
  onsets.erase(std::unique(onsets.begin(), onsets.end()), onsets.end());
  const auto count = static_cast<double>(notes.size());
  return {.notes_per_second = seconds > 0 ? count / seconds : 0.0,
          .notes_per_onset = onsets.empty() ? 0.0 : count / static_cast<double>(onsets.size())};
}

// Without a style of one of the six names there is nothing to compare.
std::optional<bool> in_order(const std::map<std::string, StyleDensity>& styles) {
  const auto at = [&](const char* density, const char* texture) {
    return styles.find(std::string(density) + "-" + texture);
  };
  bool ordered = true;
  for (const char* density : {"sparse", "flowing", "dense"}) {
    const auto broken = at(density, "broken"), chords = at(density, "chords");
    if (broken == styles.end() || chords == styles.end()) return std::nullopt;
    ordered = ordered && broken->second.notes_per_onset < chords->second.notes_per_onset;
  }
  for (const char* texture : {"broken", "chords"}) {
    const double sparse = at("sparse", texture)->second.notes_per_second,
                 flowing = at("flowing", texture)->second.notes_per_second,
                 dense = at("dense", texture)->second.notes_per_second;
    ordered = ordered && sparse < flowing && flowing < dense;
  }
  return ordered;
}

// The notes of a whole song, and the beats at which its segments begin.
struct WrittenSong {
  std::vector<Note> notes;
  std::vector<int> border_beats;
};

class Measurement {
 public:
  Measurement(const std::filesystem::path& folder, const std::vector<std::string>& records, MeasureOptions options)
      : folder_(folder), options_(options), model_(read_architecture(folder)) {
    for (const auto& path : records) config_.records.push_back({.path = path});
    songs_ = std::make_shared<const TrainingSongs>(config_, model_, options.split);
    maker_ = std::make_unique<BatchMaker>(songs_, config_, model_, Share{}, at::kFloat);
    engine_ = Model::load(folder);
    melody_network_ = installed_melody_network(model_.features);
  }

  ModelMeasures run(const Monitor& monitor) {
    for (std::size_t s = 0; s < songs_->size(); ++s) {
      monitor.check();
      measure_song(s);
      monitor.report("measure", static_cast<double>(s + 1) / static_cast<double>(songs_->size()));
    }
    measures_.songs = songs_->size();
    measures_.borders = borders_.mean();
    measures_.inside = inside_.mean();
    for (auto& [name, density] : measures_.styles) {
      density.notes_per_second /= static_cast<double>(songs_->size());
      density.notes_per_onset /= static_cast<double>(songs_->size());
    }
    return std::move(measures_);
  }

 private:
  void measure_song(std::size_t song) {
    const int style = songs_->song(song).style;
    if (model_.tokens.kind == TokenKind::voices) hear_melody(song);
    const WrittenSong own = write(song, style);
    add_matches(measures_.notes, songs_->song(song).notes, own.notes);
    add_borders(own, songs_->song(song).beats);
    measures_.segments += own.border_beats.size();
    if (options_.styles) measure_styles(song);
  }

  [[nodiscard]] WrittenSong write(std::size_t song, int style) const {
    return model_.tokens.kind == TokenKind::voices ? write_voices(song, style) : write_alone(song, style);
  }

  [[nodiscard]] WrittenSong write_voices(std::size_t song, int style) const {
    const FeatureSettings& f = model_.features;
    const int beats = songs_->song(song).beats;
    const VoicesSong voices = voices_song(beats);
    GenerateRequest request = voices.request();
    request.style = style;
    request.features.frames = static_cast<std::size_t>(model_.frame_count());
    request.features.read = [&](std::size_t segment, std::span<float> rows) {
      Matrix<float> frames(request.features.frames, static_cast<std::size_t>(f.inputs()));
      songs_->read_frames(song, voices.places()[segment].first - f.context_beats * f.frames_per_beat, frames);
      std::ranges::copy(frames.flat(), rows.begin());
    };
    WrittenSong written{.notes = voices.notes(generate(*engine_, request, {}, options_.threads)), .border_beats = {}};
    for (const SegmentPlace& place : voices.places())
      written.border_beats.push_back(place.new_from / f.frames_per_beat);
    return written;
  }

  // Fills melody_ and chances_ and measures them.
  void hear_melody(std::size_t song) {
    const FeatureSettings& f = model_.features;
    const auto& target = songs_->song(song).notes;
    const auto steps = static_cast<std::size_t>(songs_->song(song).beats * f.frames_per_beat);
    melody_ = Matrix<float>(steps, kMelodyChannels);
    songs_->read_melody(song, 0, melody_);
    add_sounding(measures_.melodia, target, std::as_const(melody_).view(), kMelodyPitches);
    if (!melody_network_) return;
    const auto bands = static_cast<std::size_t>(f.n_mels);
    Matrix<float> frames(steps, static_cast<std::size_t>(f.inputs())), heard(steps, bands);
    songs_->read_frames(song, 0, frames);
    for (std::size_t k = 0; k < steps; ++k) std::ranges::copy(frames.row(k).first(bands), heard.row(k).begin());
    ThreadPool pool(options_.threads);
    chances_ = melody_network_->run(std::as_const(heard).view(), std::as_const(melody_).view(), pool);
    add_sounding(measures_.melody, target, std::as_const(chances_).view(), kMelodyPitches);
    add_beginnings(measures_.melody, target, std::as_const(chances_).view());
  }

  [[nodiscard]] VoicesSong voices_song(int beats) const {
    const FeatureSettings& f = model_.features;
    std::vector<int> starts;
    for (int beat = 0; beat < beats; ++beat) starts.push_back(beat * f.frames_per_beat);
    auto segments = chain_segments(beats * f.frames_per_beat, starts,
                                   {.segment_steps = f.segment_beats * f.frames_per_beat,
                                    .overlap_steps = options_.overlap_beats * f.frames_per_beat});
    return {VoicesCodec(vocabulary_of(model_.tokens)), std::move(segments),
            melody_guide(melody_.view(), chances_.view(), options_.melody_weight)};
  }

  [[nodiscard]] WrittenSong write_alone(std::size_t song, int style) const {
    const auto plans = maker_->song_plans(song);
    const auto segments = maker_->features_of(plans, BatchMaker::Augmentation::none);
    const auto tokens = engine_tokens(folder_, maker_->language(), segments, std::vector<int>(plans.size(), style),
                                      Arithmetic::automatic, options_.threads);
    WrittenSong written;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const int first_beat = static_cast<int>(i) * model_.features.segment_beats;
      const auto part = maker_->language().decode(tokens[i], first_beat * kStepsPerBeat);
      written.border_beats.push_back(first_beat);
      written.notes.insert(written.notes.end(), part.begin(), part.end());
    }
    return written;
  }

  void measure_styles(std::size_t song) {
    std::map<std::string, StyleDensity> found;
    for (std::size_t style = 1; style < model_.styles.size(); ++style) {
      const auto notes = write(song, static_cast<int>(style)).notes;
      const auto density = found[model_.styles[style]] = density_of(notes, songs_->song(song).seconds);
      auto& sum = measures_.styles[model_.styles[style]];
      sum.notes_per_second += density.notes_per_second;
      sum.notes_per_onset += density.notes_per_onset;
    }
    if (in_order(found).value_or(false)) ++measures_.songs_in_order;
  }

  void add_borders(const WrittenSong& written, int beats) {
    const auto per_beat = beats_of(written.notes, beats, kStepsPerBeat);
    for (int beat = kBeatsPerStride; beat < beats; beat += kBeatsPerStride) {
      const auto index = static_cast<std::size_t>(beat);
      const auto& borders = written.border_beats;
      auto& sums = std::ranges::find(borders, beat) != borders.end() ? borders_ : inside_;
      sums.add(written.notes, per_beat[index - 1], per_beat[index], beat * kStepsPerBeat);
    }
  }

  std::filesystem::path folder_;
  MeasureOptions options_;
  ModelConfig model_;
  TrainConfig config_;
  std::shared_ptr<const TrainingSongs> songs_;
  std::unique_ptr<BatchMaker> maker_;
  std::shared_ptr<const Model> engine_;
  std::shared_ptr<const MelodyNetwork> melody_network_;  // null: MELODIA's melody is the evidence
  Matrix<float> melody_, chances_;  // of the song in work: MELODIA's channels; what the melody network hears, or empty
  ModelMeasures measures_;
  BorderSums borders_, inside_;
};

}  // namespace

ModelMeasures measure_model(const std::filesystem::path& model, const std::vector<std::string>& records,
                            const MeasureOptions& options, const Monitor& monitor) {
  return Measurement(model, records, options).run(monitor);
}

}  // namespace pop2piano::training
