// SPDX-License-Identifier: MIT
#include "numbers/model/config.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/core/mapped_file.h"
#include "base/core/paths.h"

namespace pop2piano {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "pop2piano.cpp/1";
constexpr std::size_t kLargestFile = 16 << 20;  // bytes of JSON
constexpr int kFirstComposerToken = 2052;       // published: composer1

/// One JSON object and where it stands, for messages.
constexpr int kMelodyInputChannels = 128;  // of melody/melody_on_beat.h; no other features are known

class Section {
 public:
  Section(const json& object, std::string file, std::string path)
      : object_(&object), file_(std::move(file)), path_(std::move(path)) {}

  [[noreturn]] void fail(ErrorCode code, const std::string& what) const { throw Error(code, file_ + ": " + what); }
  [[nodiscard]] bool has(const char* key) const { return object_->contains(key) && !(*object_)[key].is_null(); }

  [[nodiscard]] const json& get(const char* key) const {
    const auto place = object_->find(key);
    if (place == object_->end()) fail(ErrorCode::malformed, "\"" + path_ + key + "\" is missing");
    return *place;
  }
  [[nodiscard]] int integer(const char* key, int lowest, int highest) const {
    const json& value = get(key);
    if (!value.is_number_integer() || value < lowest || value > highest) {
      wrong(key, value, "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
    }
    return value.get<int>();
  }
  [[nodiscard]] int integer(const char* key, int lowest, int highest, int otherwise) const {
    return has(key) ? integer(key, lowest, highest) : otherwise;
  }
  [[nodiscard]] double number(const char* key, double lowest, double highest) const {
    const json& value = get(key);
    if (!value.is_number() || !(value.get<double>() >= lowest && value.get<double>() <= highest)) {
      wrong(key, value, "a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
    }
    return value.get<double>();
  }
  [[nodiscard]] double number(const char* key, double lowest, double highest, double otherwise) const {
    return has(key) ? number(key, lowest, highest) : otherwise;
  }
  [[nodiscard]] std::string text(const char* key) const {
    const json& value = get(key);
    if (!value.is_string()) wrong(key, value, "a text");
    return value.get<std::string>();
  }
  [[nodiscard]] Section section(const char* key) const {
    const json& value = get(key);
    if (!value.is_object()) wrong(key, value, "an object");
    return {value, file_, path_ + key + "."};
  }
  [[nodiscard]] const json& array(const char* key, std::size_t most) const {
    const json& value = get(key);
    if (!value.is_array() || value.empty() || value.size() > most) {
      wrong(key, value, "a list of 1 to " + std::to_string(most));
    }
    return value;
  }
  /// The value must be one that this program knows.
  void require(const char* key, const std::string& expected) const {
    const std::string found = text(key);
    if (found != expected) unknown(key, found, expected);
  }
  [[noreturn]] void unknown(const char* key, const std::string& found, const std::string& expected) const {
    fail(ErrorCode::unsupported, "\"" + path_ + key + "\" is \"" + found.substr(0, 80) + "\", expected " + expected +
                                     "; the model may need a newer program");
  }
  [[noreturn]] void wrong(const char* key, const json& found, const std::string& expected) const {
    fail(ErrorCode::malformed, "\"" + path_ + key + "\" is " +
                                   found.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 80) +
                                   ", expected " + expected);
  }

 private:
  const json* object_;
  std::string file_, path_;
};

json parse(const std::string& text, const std::string& file) {
  json value = json::parse(text, nullptr, false);
  if (!value.is_object()) throw Error(ErrorCode::malformed, file + ": not a JSON object");
  return value;
}

void read_network(const Section& s, ModelConfig& config) {
  config.vocab_size = s.integer("vocab_size", 2, 1 << 20);
  config.d_model = s.integer("d_model", 16, 1 << 14);
  config.d_kv = s.integer("d_kv", 16, 1 << 10);
  config.num_heads = s.integer("num_heads", 1, 256);
  config.d_ff = s.integer("d_ff", 16, 1 << 16);
  config.encoder_layers = s.integer("num_layers", 1, 256);
  config.decoder_layers = s.integer("num_decoder_layers", 1, 256, config.encoder_layers);
  config.bias_buckets = s.integer("relative_attention_num_buckets", 4, 1 << 10, 32);
  config.bias_max_distance = s.integer("relative_attention_max_distance", 2, 1 << 16, 128);
  config.norm_epsilon = s.number("layer_norm_epsilon", 0.0, 1.0, 1e-6);
  if (s.has("feed_forward_proj")) {
    const std::string activation = s.text("feed_forward_proj");
    if (activation != "gated-gelu") s.unknown("feed_forward_proj", activation, "gated-gelu");
  }
  // T5 ties unless told otherwise.
  config.tied_embeddings = true;
  if (s.has("tie_word_embeddings")) {
    const json& tied = s.get("tie_word_embeddings");
    if (!tied.is_boolean()) s.wrong("tie_word_embeddings", tied, "true or false");
    config.tied_embeddings = tied.get<bool>();
  }
  config.pad_token = s.integer("pad_token_id", 0, config.vocab_size - 1, 0);
  config.eos_token = s.integer("eos_token_id", 0, config.vocab_size - 1, 1);
  config.start_token = s.integer("decoder_start_token_id", 0, config.vocab_size - 1, config.pad_token);
}

void read_beat_synchronous(const Section& s, FeatureSettings& f) {
  f.kind = FeatureKind::beat_synchronous;
  f.peak = s.number("peak", 1e-6, 1e6);
  f.frames_per_beat = s.integer("frames_per_beat", 1, 96);
  f.segment_beats = s.integer("segment_beats", 1, 64);
  f.context_beats = s.integer("context_beats", 0, 64);
  const Section n = s.section("normalisation");
  n.require("kind", "song_band_mean");
  f.smoothing_bands = n.number("smoothing_bands", 0.0, 1e4);
  f.scale = n.number("scale", 1e-6, 1e6);
  f.normalised_floor = n.number("floor", -1e6, 1e6);
  if (!s.has("melody")) return;
  const Section melody = s.section("melody");
  melody.require("kind", "melodia");
  f.melody_channels = melody.integer("channels", kMelodyInputChannels, kMelodyInputChannels);
}

void read_symbols(const Section& s, FeatureSettings& f) {
  f.kind = FeatureKind::symbols;
  f.symbols = s.integer("channels", 1, 1 << 14);
  f.frames_per_beat = s.integer("frames_per_beat", 1, 96);
  f.segment_beats = s.integer("segment_beats", 1, 64);
  f.recalled_beats = s.integer("recalled_beats", 0, 64);
  f.past_beats = s.integer("past_beats", 0, 256);
  f.future_beats = s.integer("future_beats", 0, 64);
}

void read_features(const Section& s, FeatureSettings& f) {
  const std::string kind = s.text("kind");
  if (kind == "symbols") return read_symbols(s, f);
  f.sample_rate = s.integer("sample_rate", 1000, 384000);
  f.n_fft = s.integer("n_fft", 16, 1 << 20);
  f.n_mels = s.integer("n_mels", 1, 1 << 14);
  f.f_min = s.number("f_min", 0.0, 1e6);
  f.f_max = s.number("f_max", f.f_min, 1e6);
  f.log_floor = s.number("log_floor", 1e-30, 1.0);
  if (kind == "beat_synchronous") return read_beat_synchronous(s, f);
  if (kind != "mel") s.unknown("kind", kind, "beat_synchronous, mel or symbols");
  f.kind = FeatureKind::mel;
  f.hop = s.integer("hop", 1, 1 << 20);
  f.segment_beats = s.integer("segment_beats", 1, 64);
  f.steps_per_beat = s.integer("steps_per_beat", 1, 96);
}

void read_tokens(const Section& s, TokenSettings& t) {
  const std::string kind = s.text("kind");
  if (kind == "published") {
    t.kind = TokenKind::published;
    t.steps_per_beat = 2;
    return;
  }
  if (kind != "voices") s.unknown("kind", kind, "voices or published");
  t.kind = TokenKind::voices;
  t.steps_per_beat = s.integer("steps_per_beat", 1, 96);
  t.first_position = s.integer("first_position", 2, 1 << 20);
  t.first_melody = s.integer("first_melody", 2, 1 << 20);
  t.first_accompaniment = s.integer("first_accompaniment", 2, 1 << 20);
  t.first_duration = s.integer("first_duration", 2, 1 << 20);
  t.lowest_pitch = s.integer("lowest_pitch", 0, 127);
  t.highest_pitch = s.integer("highest_pitch", t.lowest_pitch, 127);
  t.durations.clear();
  for (const json& duration : s.array("durations", 1024)) {
    if (!duration.is_number_integer() || duration < 1 || duration > 1 << 20) {
      s.wrong("durations", duration, "whole numbers of steps");
    }
    t.durations.push_back(duration.get<int>());
  }
}

ModelConfig parse_own(const Section& s) {
  s.require("format", kFormat);
  ModelConfig config;
  read_network(s, config);
  config.max_tokens = s.integer("max_tokens", 2, 4096);
  for (const json& style : s.array("styles", 4096)) {
    if (!style.is_string()) s.wrong("styles", style, "texts");
    config.styles.push_back(style.get<std::string>());
  }
  read_features(s.section("features"), config.features);
  read_tokens(s.section("tokens"), config.tokens);
  return config;
}

/// Names in the order of their rows of the embedding; rows without a name get composerN.
std::vector<std::string> composer_names(const Section& s, int count) {
  std::vector<std::string> names;
  for (int i = 1; i <= count; ++i) names.push_back("composer" + std::to_string(i));
  if (!s.has("composer_to_feature_token")) return names;
  const json& composers = s.get("composer_to_feature_token");
  if (!composers.is_object()) s.wrong("composer_to_feature_token", composers, "an object");
  for (const auto& [name, token] : composers.items()) {
    if (!token.is_number_integer() || token < kFirstComposerToken || token >= kFirstComposerToken + count) {
      s.wrong(("composer_to_feature_token." + name).c_str(), token,
              "a whole number from " + std::to_string(kFirstComposerToken) + " to " +
                  std::to_string(kFirstComposerToken + count - 1));
    }
    names[static_cast<std::size_t>(token.get<int>() - kFirstComposerToken)] = name;
  }
  return names;
}

ModelConfig parse_published(const Section& s, const ConfigTexts& texts) {
  if (s.has("model_type")) s.require("model_type", "pop2piano");
  ModelConfig config;
  read_network(s, config);
  const json empty = json::object();
  const std::string generation_file = texts.folder + "/generation_config.json";
  const json generation = texts.generation.empty() ? empty : parse(texts.generation, generation_file);
  const Section g(generation, generation_file, "");
  config.max_tokens = g.integer("max_length", 2, 4096, 256);
  config.styles = composer_names(g, s.integer("composer_vocab_size", 1, 4096, 21));

  const std::string preprocessor_file = texts.folder + "/preprocessor_config.json";
  const json preprocessor = texts.preprocessor.empty() ? empty : parse(texts.preprocessor, preprocessor_file);
  const Section p(preprocessor, preprocessor_file, "");
  FeatureSettings& f = config.features;
  f.kind = FeatureKind::mel;
  f.sample_rate = p.integer("sampling_rate", 1000, 384000, 22050);
  f.n_fft = p.integer("window_size", 16, 1 << 20, 4096);
  f.hop = p.integer("hop_length", 1, 1 << 20, 1024);
  f.f_min = p.number("min_frequency", 0.0, 1e6, 10.0);
  f.f_max = f.sample_rate / 2.0;
  f.n_mels = p.integer("feature_size", 1, 1 << 14, config.d_model);
  f.segment_beats = 2 * p.integer("num_bars", 1, 16, 2);  // a "bar" of the configuration is two beats
  f.steps_per_beat = 2;
  config.tokens.kind = TokenKind::published;
  config.tokens.steps_per_beat = 2;
  return config;
}

std::string read_text(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  if (mapped.bytes().size() > kLargestFile) {
    throw Error(ErrorCode::malformed,
                file.string() + ": " + std::to_string(mapped.bytes().size()) + " bytes, expected a small JSON file");
  }
  return {reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()};
}

json features_json(const FeatureSettings& f) {
  if (f.kind == FeatureKind::symbols) {
    return {{"kind", "symbols"},
            {"channels", f.symbols},
            {"frames_per_beat", f.frames_per_beat},
            {"segment_beats", f.segment_beats},
            {"recalled_beats", f.recalled_beats},
            {"past_beats", f.past_beats},
            {"future_beats", f.future_beats}};
  }
  json object{{"sample_rate", f.sample_rate},
              {"n_fft", f.n_fft},
              {"n_mels", f.n_mels},
              {"f_min", f.f_min},
              {"f_max", f.f_max},
              {"log_floor", f.log_floor},
              {"segment_beats", f.segment_beats}};
  if (f.kind == FeatureKind::mel) {
    object.update({{"kind", "mel"}, {"hop", f.hop}, {"steps_per_beat", f.steps_per_beat}});
  } else {
    object.update({{"kind", "beat_synchronous"},
                   {"peak", f.peak},
                   {"frames_per_beat", f.frames_per_beat},
                   {"context_beats", f.context_beats},
                   {"normalisation",
                    {{"kind", "song_band_mean"},
                     {"smoothing_bands", f.smoothing_bands},
                     {"scale", f.scale},
                     {"floor", f.normalised_floor}}}});
    if (f.melody_channels > 0) object["melody"] = {{"kind", "melodia"}, {"channels", f.melody_channels}};
  }
  return object;
}

json tokens_json(const TokenSettings& t) {
  if (t.kind == TokenKind::published) return {{"kind", "published"}};
  return {{"kind", "voices"},
          {"steps_per_beat", t.steps_per_beat},
          {"first_position", t.first_position},
          {"first_melody", t.first_melody},
          {"first_accompaniment", t.first_accompaniment},
          {"first_duration", t.first_duration},
          {"lowest_pitch", t.lowest_pitch},
          {"highest_pitch", t.highest_pitch},
          {"durations", t.durations}};
}

/// What T5's configuration says; both layouts have it.
json network_json(const ModelConfig& config) {
  return {{"model_type", "pop2piano"},
          {"vocab_size", config.vocab_size},
          {"d_model", config.d_model},
          {"d_kv", config.d_kv},
          {"num_heads", config.num_heads},
          {"d_ff", config.d_ff},
          {"num_layers", config.encoder_layers},
          {"num_decoder_layers", config.decoder_layers},
          {"relative_attention_num_buckets", config.bias_buckets},
          {"relative_attention_max_distance", config.bias_max_distance},
          {"layer_norm_epsilon", config.norm_epsilon},
          {"feed_forward_proj", "gated-gelu"},
          {"tie_word_embeddings", config.tied_embeddings},
          {"pad_token_id", config.pad_token},
          {"eos_token_id", config.eos_token},
          {"decoder_start_token_id", config.start_token}};
}

}  // namespace

int ModelConfig::frame_count() const {
  if (features.kind == FeatureKind::mel) return 0;
  if (features.kind == FeatureKind::symbols) {
    return features.frames_per_beat *
           (features.recalled_beats + features.past_beats + features.segment_beats + features.future_beats);
  }
  return features.frames_per_beat * (features.segment_beats + 2 * features.context_beats);
}

void check_config(const ModelConfig& config, const std::string& where) {
  const auto fail = [&](ErrorCode code, const std::string& what) { throw Error(code, where + ": " + what); };
  const auto multiple_of_16 = [&](const char* key, int value) {
    if (value % 16 != 0) {
      fail(ErrorCode::unsupported,
           std::string("\"") + key + "\" is " + std::to_string(value) + ", expected a multiple of 16");
    }
  };
  multiple_of_16("d_model", config.d_model);
  multiple_of_16("d_kv", config.d_kv);
  multiple_of_16("d_ff", config.d_ff);
  if (std::int64_t{config.d_kv} * config.num_heads > (1 << 14)) {
    fail(ErrorCode::unsupported, "\"d_kv\" * \"num_heads\" is " +
                                     std::to_string(std::int64_t{config.d_kv} * config.num_heads) +
                                     ", expected at most 16384");
  }
  const FeatureSettings& f = config.features;
  if (f.kind == FeatureKind::mel && f.n_mels != config.d_model) {
    fail(ErrorCode::malformed, "features have " + std::to_string(f.n_mels) + " bands, expected d_model = " +
                                   std::to_string(config.d_model) + " for mel features");
  }
  int needed = 234;  // published
  if (config.tokens.kind == TokenKind::voices) {
    needed = config.tokens.first_duration + static_cast<int>(config.tokens.durations.size());
  }
  if (config.vocab_size < needed) {
    fail(ErrorCode::malformed, "\"vocab_size\" is " + std::to_string(config.vocab_size) + ", expected at least " +
                                   std::to_string(needed) + " for its tokens");
  }
}

ModelConfig parse_config(const ConfigTexts& texts) {
  const std::string file = texts.folder + "/config.json";
  const json root = parse(texts.config, file);
  const Section section(root, file, "");
  ModelConfig config = root.contains("format") ? parse_own(section) : parse_published(section, texts);
  check_config(config, file);
  return config;
}

ModelConfig read_config(const std::filesystem::path& folder) {
  ConfigTexts texts;
  texts.folder = folder.string();
  if (!path_exists(folder / "config.json")) {
    throw Error(ErrorCode::not_found, folder.string() + ": no config.json, expected a model folder");
  }
  texts.config = read_text(folder / "config.json");
  for (const auto& [name, text] : std::map<const char*, std::string*>{
           {"generation_config.json", &texts.generation}, {"preprocessor_config.json", &texts.preprocessor}}) {
    if (path_exists(folder / name)) *text = read_text(folder / name);
  }
  return parse_config(texts);
}

std::string write_config(const ModelConfig& config) {
  json object = network_json(config);
  object.update({{"format", kFormat},
                 {"max_tokens", config.max_tokens},
                 {"styles", config.styles},
                 {"features", features_json(config.features)},
                 {"tokens", tokens_json(config.tokens)}});
  return object.dump(1) + "\n";
}

ConfigTexts write_published_config(const ModelConfig& config) {
  const FeatureSettings& f = config.features;
  const bool published = config.tokens.kind == TokenKind::published && f.kind == FeatureKind::mel;
  if (!published || f.segment_beats % 2 != 0 || f.steps_per_beat != 2 || f.f_max * 2.0 != f.sample_rate) {
    throw Error(ErrorCode::unsupported,
                "the published layout cannot hold this model: expected mel features up to half the sample rate, an "
                "even number of beats and published tokens; write it in the format " +
                    std::string(kFormat));
  }
  json network = network_json(config);
  network.update({{"composer_vocab_size", config.styles.size()},
                  {"architectures", {"Pop2PianoForConditionalGeneration"}},
                  {"dense_act_fn", "gelu_new"},
                  {"is_gated_act", true},
                  {"is_encoder_decoder", true}});
  json composers = json::object();
  for (std::size_t i = 0; i < config.styles.size(); ++i) {
    composers[config.styles[i]] = kFirstComposerToken + static_cast<int>(i);
  }
  const json generation{{"composer_to_feature_token", composers},
                        {"decoder_start_token_id", config.start_token},
                        {"eos_token_id", config.eos_token},
                        {"pad_token_id", config.pad_token},
                        {"max_length", config.max_tokens}};
  const json preprocessor{{"feature_extractor_type", "Pop2PianoFeatureExtractor"},
                          {"sampling_rate", f.sample_rate},
                          {"window_size", f.n_fft},
                          {"hop_length", f.hop},
                          {"min_frequency", f.f_min},
                          {"feature_size", f.n_mels},
                          {"num_bars", f.segment_beats / 2},
                          {"padding_value", 0}};
  return {.folder = {},
          .config = network.dump(1) + "\n",
          .generation = generation.dump(1) + "\n",
          .preprocessor = preprocessor.dump(1) + "\n"};
}

}  // namespace pop2piano
