// SPDX-License-Identifier: MIT
// pop2piano info: what a song or a model is.
#include <pop2piano/audio.h>
#include <pop2piano/model.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/command.h"
#include "app/console/interrupt.h"
#include "app/console/time_text.h"
#include "base/core/paths.h"
#include "numbers/model/model_folder.h"

namespace pop2piano::cli {
namespace {

/// A folder, a checkpoint, or the name of a model that is installed or was fetched.
bool is_model(const std::string& path) {
  namespace fs = std::filesystem;
  const std::string extension = fs::path(path).extension();
  if (path_exists(path)) {
    return is_folder(path) || extension == ".ckpt" || extension == ".safetensors" || extension == ".bin";
  }
  const auto folders = model_search_path();
  return std::any_of(folders.begin(), folders.end(),
                     [&](const fs::path& folder) { return path_exists(folder / path / "config.json"); });
}

std::string_view kind_name(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::beat_synchronous:
      return "beat_synchronous";
    case FeatureKind::mel:
      return "mel";
    case FeatureKind::symbols:
      return "symbols";
  }
  return "";
}

// What the encoder reads of a segment.
std::string hearing_of(const FeatureSettings& f) {
  if (f.kind == FeatureKind::symbols) {
    return fmt::format("chords, melody and {} beats of its own text, {} beats at a time, {} frames per beat",
                       f.past_beats + f.recalled_beats, f.segment_beats, f.frames_per_beat);
  }
  return fmt::format("{} beats at a time, {} mel bands{}, {}", f.segment_beats, f.n_mels,
                     f.melody_channels > 0 ? " and the melody" : "",
                     f.kind == FeatureKind::beat_synchronous ? fmt::format("{} frames per beat", f.frames_per_beat)
                                                             : fmt::format("a frame every {} samples", f.hop));
}

void show_model(const std::string& path, Console& console) {
  const auto model = Model::load(find_model(path));
  const ModelConfig& c = model->config();
  const ModelDescription& d = model->description();
  console.event("model", {{"path", path},
                          {"container", d.container},
                          {"weights", d.weight_type},
                          {"encoder_layers", c.encoder_layers},
                          {"decoder_layers", c.decoder_layers},
                          {"d_model", c.d_model},
                          {"heads", c.num_heads},
                          {"d_kv", c.d_kv},
                          {"d_ff", c.d_ff},
                          {"vocabulary", c.vocab_size},
                          {"max_tokens", c.max_tokens},
                          {"parameters", d.parameters},
                          {"bytes", d.file_bytes},
                          {"licence", d.licence},
                          {"styles", c.styles},
                          {"features", kind_name(c.features.kind)},
                          {"ignored", d.ignored_tensors},
                          {"isa", d.isa}});
  if (console.json()) return;
  console.print(fmt::format("model       {}", path));
  console.print(fmt::format("network     T5, {} + {} layers, width {}, {} heads of {}, inner width {}",
                            c.encoder_layers, c.decoder_layers, c.d_model, c.num_heads, c.d_kv, c.d_ff));
  console.print(fmt::format("weights     {:.1f} million parameters, {} in {}, {:.1f} MB",
                            static_cast<double>(d.parameters) / 1e6, d.weight_type, d.container,
                            static_cast<double>(d.file_bytes) / 1e6));
  console.print(fmt::format("listens     {}", hearing_of(c.features)));
  console.print(fmt::format("writes      {} steps per beat, {} tokens", c.tokens.steps_per_beat, c.vocab_size));
  console.print(fmt::format("styles      {}", fmt::join(c.styles, ", ")));
  console.print(fmt::format("licence     {}", d.licence.empty() ? "not stated" : d.licence));
  console.print(fmt::format("runs on     {}", d.isa));
  for (const std::string& name : d.ignored_tensors) console.print(fmt::format("not used    {}", name));
}

nlohmann::json streams_json(const Recording::Description& description) {
  nlohmann::json streams = nlohmann::json::array();
  for (const SoundStream& s : description.streams) {
    streams.push_back({{"index", s.index},
                       {"codec", s.codec},
                       {"language", s.language},
                       {"title", s.title},
                       {"channels", s.channels},
                       {"sample_rate", s.sample_rate},
                       {"flags", s.flags}});
  }
  return streams;
}

std::string line_of(const SoundStream& stream, bool heard) {
  std::string line = fmt::format("stream {:<4} {}, {} Hz, {} channel{}", stream.index, stream.codec, stream.sample_rate,
                                 stream.channels, stream.channels == 1 ? "" : "s");
  if (!stream.language.empty()) line += ", " + stream.language;
  if (!stream.title.empty()) line += fmt::format(", \"{}\"", stream.title);
  if (!stream.flags.empty()) line += fmt::format(" ({})", fmt::join(stream.flags, ", "));
  return line + (heard ? " - heard" : "");
}

void show_song(const std::string& path, std::optional<int> stream, Console& console) {
  const Recording recording =
      Recording::open(path, {.stream = stream}, Monitor{.progress = {}, .cancel = &interrupt_token()});
  const Recording::Description& d = recording.description();
  console.event("song", {{"path", path},
                         {"container", d.container},
                         {"codec", d.codec},
                         {"title", d.title},
                         {"artist", d.artist},
                         {"channels", d.channels},
                         {"sample_rate", d.sample_rate},
                         {"bit_rate", d.bit_rate},
                         {"duration", recording.duration()},
                         {"peak", recording.peak()},
                         {"stream", d.stream},
                         {"streams", streams_json(d)}});
  for (const std::string& warning : d.warnings) console.warn(path + ": " + warning);
  if (console.json()) return;
  console.print(fmt::format("song        {}", path));
  if (!d.title.empty()) console.print(fmt::format("title       {}", d.title));
  if (!d.artist.empty()) console.print(fmt::format("artist      {}", d.artist));
  console.print(fmt::format("format      {} in {}, {} Hz, {} channel{}", d.codec, d.container, d.sample_rate,
                            d.channels, d.channels == 1 ? "" : "s"));
  console.print(fmt::format("length      {} ({:.2f} s)", clock_text(recording.duration()), recording.duration()));
  console.print(fmt::format("peak        {:.3f} of full scale", recording.peak()));
  if (d.streams.size() > 1) {
    for (const SoundStream& s : d.streams) console.print(line_of(s, s.index == d.stream));
  }
  for (const std::string& remark : d.remarks) console.print(fmt::format("remark      {}", remark));
}

}  // namespace

void add_info_command(CLI::App& program, Console& console) {
  auto path = std::make_shared<std::string>();
  auto stream = std::make_shared<std::optional<int>>();
  CLI::App* command = program.add_subcommand("info", "Say what a song or a model is");
  command->add_option("SONG|MODEL", *path, "A file with sound, a model folder, or a checkpoint file")
      ->required()
      ->type_name("");
  command->add_option("--stream", *stream, "The audio stream of that number in the file (default: as players choose)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  console.add_options(*command);
  command->footer(
      "Examples:\n"
      "  pop2piano info song.mp3\n"
      "  pop2piano info models/default --json");
  command->callback([path, stream, &console] {
    if (is_model(*path)) {
      show_model(*path, console);
    } else {
      show_song(*path, *stream, console);
    }
  });
}

}  // namespace pop2piano::cli
