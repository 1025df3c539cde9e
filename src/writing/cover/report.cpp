// SPDX-License-Identifier: MIT
#include "writing/cover/report.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "music/structure/song_sections.h"

namespace pop2piano {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value, double unit) { return std::round(value / unit) * unit; }

// The chance of the found beat at that time, if there is one.
std::optional<float> downbeat_chance(const Rhythm& rhythm, double time) {
  constexpr double kSame = 1e-3;  // seconds
  if (rhythm.downbeat_chances.empty()) return std::nullopt;
  const auto& times = rhythm.grid.times;
  const auto at = std::lower_bound(times.begin(), times.end(), time - kSame);
  if (at == times.end() || *at > time + kSame) return std::nullopt;
  return rhythm.downbeat_chances[static_cast<std::size_t>(at - times.begin())];
}

Json beats_json(const BeatGrid& grid, const Rhythm& rhythm) {
  Json beats = Json::array();
  for (std::size_t i = 0; i < grid.size(); ++i) {
    Json beat = {{"time", rounded(grid.times[i], 1e-4)}};
    if (i < grid.numbers.size()) beat["number"] = grid.numbers[i];
    if (i < grid.confidence.size()) beat["confidence"] = rounded(grid.confidence[i], 1e-3);
    if (const auto chance = downbeat_chance(rhythm, grid.times[i])) beat["downbeat_chance"] = rounded(*chance, 1e-3);
    beats.push_back(std::move(beat));
  }
  return beats;
}

void add_note_confidence(Json& bar, const Written& written, double beat) {
  const auto& starts = written.segment_first_beats;
  const auto after = std::upper_bound(starts.begin(), starts.end(), beat);
  if (after == starts.begin()) return;
  bar["note_confidence"] = rounded(written.confidence[static_cast<std::size_t>(after - starts.begin()) - 1], 1e-3);
}

// Every bar from its downbeat: tempo over the bar, how sure the beats are, how probable the network found its notes.
Json bars_json(const BeatGrid& grid, const Written* written) {
  std::vector<std::size_t> downbeats;
  for (std::size_t i = 0; i < grid.numbers.size(); ++i) {
    if (grid.numbers[i] == 1) downbeats.push_back(i);
  }
  Json bars = Json::array();
  for (std::size_t b = 0; b < downbeats.size(); ++b) {
    const std::size_t first = downbeats[b];
    const std::size_t next = b + 1 < downbeats.size() ? downbeats[b + 1] : grid.size() - 1;
    if (next <= first) break;
    const double interval = (grid.times[next] - grid.times[first]) / static_cast<double>(next - first);
    Json bar = {{"time", rounded(grid.times[first], 1e-4)}, {"beat", first}, {"tempo", rounded(60.0 / interval, 1e-2)}};
    double beats = 0;
    for (std::size_t i = first; i < next && i < grid.confidence.size(); ++i) beats += grid.confidence[i];
    if (!grid.confidence.empty()) bar["beat_confidence"] = rounded(beats / static_cast<double>(next - first), 1e-3);
    if (written != nullptr) add_note_confidence(bar, *written, static_cast<double>(first));
    bars.push_back(std::move(bar));
  }
  return bars;
}

const char* name_of(Voice voice) { return voice == Voice::melody ? "melody" : "accompaniment"; }

const char* name_of(RhythmQuestion question) {
  if (question == RhythmQuestion::tempo) return "tempo";
  return question == RhythmQuestion::metre ? "metre" : "downbeat";
}

std::vector<std::string> remarks_of(const Rhythm& rhythm, const Written* written) {
  std::vector<std::string> remarks = rhythm.remarks;
  if (written != nullptr) remarks.insert(remarks.end(), written->remarks.begin(), written->remarks.end());
  return remarks;
}

const char* name_of(Hand hand) {
  switch (hand) {
    case Hand::right:
      return "right";
    case Hand::left:
      return "left";
    case Hand::unassigned:
      break;
  }
  return "unassigned";
}

const char* name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::shortened:
      return "shortened";
    case ChangeKind::moved:
      return "moved";
    case ChangeKind::dropped:
      return "dropped";
    case ChangeKind::added:
      break;
  }
  return "added";
}

const char* name_of(ChangeReason reason) {
  switch (reason) {
    case ChangeReason::reach:
      return "reach";
    case ChangeReason::melody:
      return "tune";
    case ChangeReason::held:
      return "held";
    case ChangeReason::level:
      break;
  }
  return "level";
}

Json notes_json(const Score& score) {
  Json notes = Json::array();
  for (const Note& note : score.notes) {
    notes.push_back({{"onset", rounded(score.time_at(note.onset), 1e-4)},
                     {"offset", rounded(score.time_at(note.offset()), 1e-4)},
                     {"step", note.onset},
                     {"duration_steps", note.duration},
                     {"pitch", note.pitch},
                     {"velocity", note.velocity},
                     {"voice", name_of(note.voice)},
                     {"hand", name_of(note.hand)}});
  }
  return notes;
}

Json changes_json(const std::vector<NoteChange>& all) {
  Json changes = Json::array();
  for (const NoteChange& change : all) {
    Json entry = {{"what", name_of(change.kind)},
                  {"why", name_of(change.reason)},
                  {"step", change.before.onset},
                  {"pitch", change.before.pitch}};
    if (change.after.pitch != change.before.pitch) entry["to_pitch"] = change.after.pitch;
    if (change.after.duration != change.before.duration) entry["to_duration_steps"] = change.after.duration;
    changes.push_back(std::move(entry));
  }
  return changes;
}

Json sections_json(const Score& score) {
  Json sections = Json::array();
  for (const SongSection& section : sections_of(score))
    sections.push_back({{"beat", section.first_beat}, {"letter", section_name(section.letter)}});
  return sections;
}

Json plan_json(const Plan& plan) {
  Json passages = Json::array();
  for (const PlannedPassage& p : plan)
    passages.push_back({{"bars", {p.first_bar, p.last_bar}}, {"section", p.section}, {"style", p.style}});
  return passages;
}

Json plan_wish_json(const PlanWish& wish) {
  if (wish.empty()) return nullptr;
  Json wished = plan_json(wish.passages);
  for (const auto& [letter, style] : wish.sections) wished.push_back({{"section", letter}, {"style", style}});
  return wished;
}

Json again_json(const std::vector<AgainPassage>& again) {
  Json passages = Json::array();
  for (const AgainPassage& p : again) passages.push_back({{"bars", {p.first_bar, p.last_bar}}, {"seed", p.seed}});
  return passages;
}

Json tuning_json(const Tuning& tuning) {
  return {{"cents", rounded(tuning.cents, 0.1)},
          {"confidence", rounded(tuning.confidence, 1e-3)},
          {"drift", rounded(tuning.drift, 0.1)},
          {"corrected", tuning.corrected}};
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

nlohmann::ordered_json swung_notes(const Swing& swing) {
  if (!swing.swings()) return nullptr;
  return swing.pair < kStepsPerBeat ? "16th" : "eighth";
}

Json report_of(const PianoScore& piano, const Rhythm& rhythm, double duration, const Written* written) {
  const Score& score = piano.score;
  Json report = {{"title", score.title},
                 {"style", score.style},
                 {"duration", rounded(duration, 1e-4)},
                 {"tempo", rounded(rhythm.grid.tempo(), 1e-2)},
                 {"constant_tempo", rhythm.constant_tempo},
                 {"swing_ratio", rounded(rhythm.swing_ratio, 1e-2)},
                 {"swung", swung_notes(score.swing)},
                 {"beats_per_bar", score.grid.beats_per_bar},
                 {"beats_given", rhythm.given},
                 {"beat_confidence", rounded(rhythm.confidence, 1e-3)},
                 {"tune_by_network", written != nullptr && written->melody_by_network},
                 {"accompaniment", written == nullptr ? Json(nullptr) : Json(to_string(written->accompaniment))},
                 {"key", score.key ? Json(to_string(*score.key)) : Json(nullptr)},
                 {"level", piano.level},
                 {"remarks", remarks_of(rhythm, written)}};
  if (written != nullptr) {
    report["tuning"] = tuning_json(written->tuning);
    report["peak_db"] = rounded(written->peak_db, 1e-2);
  }
  report["beats"] = beats_json(score.grid, rhythm);
  report["answers"] = answers_json(rhythm);
  report["bars"] = bars_json(score.grid, written);
  report["sections"] = sections_json(score);
  if (written != nullptr) report["plan"] = plan_json(written->plan);
  report["steps_per_beat"] = kStepsPerBeat;
  report["notes"] = notes_json(score);
  report["changes"] = changes_json(piano.changes);
  return report;
}

Json answers_json(const Rhythm& rhythm) {
  Json answers = Json::array();
  for (const auto question : {RhythmQuestion::tempo, RhythmQuestion::metre, RhythmQuestion::downbeat}) {
    for (const RhythmAnswer& answer : rhythm.answers_to(question)) {
      Json one = {{"question", name_of(question)},
                  {"chance", rounded(answer.chance, 1e-3)},
                  {"option", option_of(answer)},
                  {"taken", rhythm.counts_so(answer)}};
      if (question == RhythmQuestion::tempo) {
        one["tempo_times"] = answer.tempo_times;
        one["tempo"] = rounded(rhythm.grid.tempo() * answer.tempo_times / rhythm.tempo_times, 1e-2);
      } else {
        one["beats_per_bar"] = answer.beats_per_bar;
        one["downbeat"] = answer.downbeat;
        one["time"] = rounded(rhythm.grid.times[static_cast<std::size_t>(answer.downbeat - 1)], 1e-4);
      }
      answers.push_back(std::move(one));
    }
  }
  return answers;
}

Json report_of(const Cover& cover) {
  return report_of(cover.piano, cover.written.rhythm, cover.written.duration, &cover.written);
}

Json report_of(const CoverOptions& options) {
  const PianoOptions& piano = options.piano;
  const GenerateOptions& g = options.writing.generation;
  return {{"tempo_times", options.beats.tempo_times},
          {"downbeat", or_null(options.beats.downbeat)},
          {"beats_per_bar", or_null(options.beats.beats_per_bar)},
          {"transpose", or_null(piano.transpose)},
          {"key", or_null(piano.key)},
          {"level", piano.level},
          {"hand_span", piano.hand_span},
          {"tune_on_top", piano.melody == MelodyPlace::on_top},
          {"velocity", or_null(piano.velocity)},
          {"melody_weight", options.writing.melody_weight},
          {"overlap_beats", options.writing.overlap_beats},
          {"accompaniment", to_string(options.writing.accompaniment)},
          {"bass_weight", options.writing.bass_weight},
          {"plan", plan_wish_json(options.writing.plan)},
          {"again", again_json(options.writing.again)},
          {"temperature", g.temperature},
          {"top_k", g.top_k},
          {"top_p", g.top_p},
          {"seed", g.seed},
          {"beams", g.beams}};
}

Json report_of(const Model& model) {
  const ModelDescription& d = model.description();
  return {{"path", d.path.string()},        {"container", d.container},   {"weights", d.weight_type},
          {"parameters", d.parameters},     {"file_bytes", d.file_bytes}, {"licence", d.licence},
          {"styles", model.config().styles}};
}

Json report_head(const ReportSource& source, const Analysis& analysis, const Model& model,
                 const CoverOptions& options) {
  const SoundSource& sound = analysis.source;
  Json song = {{"file", source.file}, {"codec", sound.codec}, {"samples", sound.samples}, {"artist", sound.artist}};
  if (!source.analysis.empty()) song["analysis"] = source.analysis;
  return {{"format", "pop2piano-cover/1"},
          {"program", source.program},
          {"song", song},
          {"model", report_of(model)},
          {"options", report_of(options)},
          {"midi_locked_to_recording", source.midi_locked}};
}

}  // namespace pop2piano
