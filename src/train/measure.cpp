// SPDX-License-Identifier: MIT
#include "train/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "train/batches.h"
#include "train/model_files.h"

namespace pop2piano::training {
namespace {

constexpr int kBeatsPerStride = 4;

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

class Measurement {
 public:
  Measurement(const std::filesystem::path& folder, const std::vector<std::string>& records, MeasureOptions options)
      : folder_(folder), options_(options), model_(read_architecture(folder)) {
    for (const auto& path : records) config_.records.push_back({.path = path});
    songs_ = std::make_shared<const TrainingSongs>(config_, model_, options.split);
    maker_ = std::make_unique<BatchMaker>(songs_, config_, model_, Share{}, at::kFloat);
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
    const auto plans = maker_->song_plans(song);
    const auto segments = maker_->features_of(plans, BatchMaker::Augmentation::none);
    measures_.segments += plans.size();
    guide_ = options_.melody_weight > 0 ? guide_of(song, plans) : MelodyGuide{};
    const auto own = write(segments, songs_->song(song).style);
    const auto& language = maker_->language();
    const int steps = language.segment_steps();
    std::vector<Note> whole;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const auto expected = language.decode(plans[i].tokens, 0), found = language.decode(own[i], 0);
      add_matches(measures_.notes, expected, found);
      for (Note note : found) {
        note.onset += static_cast<int>(i) * steps;
        whole.push_back(note);
      }
    }
    add_borders(whole, static_cast<int>(plans.size()));
    if (options_.styles) measure_styles(segments, songs_->song(song).seconds);
  }

  // The tune that the records hold, for each segment.
  [[nodiscard]] MelodyGuide guide_of(std::size_t song, std::span<const SegmentPlan> plans) const {
    MelodyGuide guide{.weight = options_.melody_weight, .transpose = 0, .channels = {}};
    const long frames_per_beat = model_.features.frames_per_beat;
    for (const auto& plan : plans) {
      Matrix<float> melody(static_cast<std::size_t>(model_.features.segment_beats * frames_per_beat),
                           kMelodyTensorChannels);
      songs_->read_melody(song, plan.first_beat * frames_per_beat, melody);
      guide.channels.push_back(std::move(melody));
    }
    Matrix<float> song_melody(static_cast<std::size_t>(songs_->song(song).beats * frames_per_beat),
                              kMelodyTensorChannels);
    songs_->read_melody(song, 0, song_melody);
    guide.transpose = octave_to_piano(std::as_const(song_melody).view(), kMelodyTensorChannels / 2);
    return guide;
  }

  void measure_styles(const std::vector<Matrix<float>>& segments, double seconds) {
    std::map<std::string, StyleDensity> found;
    const int steps = maker_->language().segment_steps();
    for (std::size_t style = 1; style < model_.styles.size(); ++style) {
      const auto tokens = write(segments, static_cast<int>(style));
      std::vector<Note> whole;
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto notes = maker_->language().decode(tokens[i], static_cast<int>(i) * steps);
        whole.insert(whole.end(), notes.begin(), notes.end());
      }
      const auto density = found[model_.styles[style]] = density_of(whole, seconds);
      auto& sum = measures_.styles[model_.styles[style]];
      sum.notes_per_second += density.notes_per_second;
      sum.notes_per_onset += density.notes_per_onset;
    }
    if (in_order(found).value_or(false)) ++measures_.songs_in_order;
  }

  void add_borders(const std::vector<Note>& notes, int segments) {
    const int beats = segments * model_.features.segment_beats;
    const auto per_beat = beats_of(notes, beats, kStepsPerBeat);
    for (int beat = kBeatsPerStride; beat < beats; beat += kBeatsPerStride) {
      const auto index = static_cast<std::size_t>(beat);
      auto& sums = beat % model_.features.segment_beats == 0 ? borders_ : inside_;
      sums.add(notes, per_beat[index - 1], per_beat[index], beat * kStepsPerBeat);
    }
  }

  std::vector<std::vector<int>> write(const std::vector<Matrix<float>>& segments, int style) const {
    const std::vector<int> styles(segments.size(), style);
    return engine_tokens(folder_, maker_->language(), segments, styles, Arithmetic::automatic, options_.threads,
                         guide_);
  }

  std::filesystem::path folder_;
  MeasureOptions options_;
  ModelConfig model_;
  TrainConfig config_;
  std::shared_ptr<const TrainingSongs> songs_;
  std::unique_ptr<BatchMaker> maker_;
  ModelMeasures measures_;
  MelodyGuide guide_;  // of the song in work
  BorderSums borders_, inside_;
};

}  // namespace

ModelMeasures measure_model(const std::filesystem::path& model, const std::vector<std::string>& records,
                            const MeasureOptions& options, const Monitor& monitor) {
  return Measurement(model, records, options).run(monitor);
}

}  // namespace pop2piano::training
