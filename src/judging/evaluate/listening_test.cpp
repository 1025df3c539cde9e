// SPDX-License-Identifier: MIT
#include "judging/evaluate/listening_test.h"

#include <pop2piano/error.h>

#include <set>

#include <nlohmann/json.hpp>

#include "base/core/random.h"
#include "judging/evaluate/page_files.h"
#include "judging/evaluate/text_table.h"
#include "judging/evaluate/web_page.h"
#include "judging/metrics/statistics.h"

namespace pop2piano {
namespace {

std::string random_id(Random& random) {
  constexpr std::string_view kLetters = "bcdfghjkmnpqrstvwxz23456789";
  std::string id;
  for (int i = 0; i < 8; ++i) id += kLetters[random.index(kLetters.size())];
  return id;
}

template <typename T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.index(i)]);
}

nlohmann::json page_json(std::span<const ListeningClip> clips, std::uint64_t seed) {
  nlohmann::json data = {{"clips", nlohmann::json::array()}, {"pairs", nlohmann::json::array()}};
  std::map<std::string, std::size_t> song_number;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    const std::size_t song = song_number.try_emplace(clips[i].song, song_number.size()).first->second;
    data["clips"].push_back(
        {{"id", clips[i].id}, {"song", song}, {"sound", clips[i].sound}, {"songSound", clips[i].song_sound}});
    for (std::size_t j = 0; j < i; ++j) {
      if (clips[j].song == clips[i].song && clips[j].system != clips[i].system) pairs.emplace_back(i, j);
    }
  }
  Random random(seed ^ 0x9E37U);
  shuffle(pairs, random);
  for (auto [a, b] : pairs) {
    if (random.chance(0.5)) std::swap(a, b);
    data["pairs"].push_back({a, b});
  }
  return data;
}

// One line of the exported CSV: fields in quotes, without line breaks inside.
std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else if (line[i] != '\r') {
      fields.back() += line[i];
    }
  }
  return fields;
}

class AnswerCollector {
 public:
  explicit AnswerCollector(std::span<const ListeningClip> key) {
    for (const ListeningClip& clip : key) clips_.emplace(clip.id, clip);
  }

  void read(const std::filesystem::path& file) {
    // Tab as separator keeps each CSV line in one field.
    const TextTable table = read_text_table(file, FieldSeparator::tab);
    for (const TextTable::Row& row : table.rows) {
      const std::vector<std::string> fields = csv_fields(row.fields.front());
      if (fields.front() == "listener") continue;
      if (fields.size() != 5) table.fail(row, "expected listener, kind, first, second, answer");
      listeners_.insert(fields[0]);
      ++answers_;
      if (fields[1] == "mos") {
        add_rating(table, row, fields);
      } else if (fields[1] == "pair") {
        add_choice(table, row, fields);
      } else {
        table.fail(row, "expected the kind mos or pair, found \"" + fields[1] + "\"");
      }
    }
  }

  ListeningResult result() const {
    if (answers_ == 0) throw Error(ErrorCode::nothing_found, "listening test: the files hold no answers");
    ListeningResult result{listeners_.size(), answers_, {}, {}};
    for (const auto& [system, ratings] : ratings_) result.opinion[system] = bootstrap_mean(ratings);
    for (const auto& [pair, preference] : preferences_) result.preferences.push_back(preference);
    return result;
  }

 private:
  const ListeningClip& clip(const TextTable& table, const TextTable::Row& row, const std::string& id) const {
    const auto at = clips_.find(id);
    if (at == clips_.end()) table.fail(row, "clip \"" + id + "\" is not in the key: does the key belong to this test?");
    return at->second;
  }

  void add_rating(const TextTable& table, const TextTable::Row& row, const std::vector<std::string>& fields) {
    const std::string& answer = fields[4];
    if (answer.size() != 1 || answer[0] < '1' || answer[0] > '5') table.fail(row, "expected a rating from 1 to 5");
    ratings_[clip(table, row, fields[2]).system].push_back(answer[0] - '0');
  }

  void add_choice(const TextTable& table, const TextTable::Row& row, const std::vector<std::string>& fields) {
    std::string first = clip(table, row, fields[2]).system, second = clip(table, row, fields[3]).system;
    std::string answer = fields[4];
    if (answer != "first" && answer != "second" && answer != "equal") {
      table.fail(row, "expected first, second or equal, found \"" + answer + "\"");
    }
    if (second < first) {
      std::swap(first, second);
      if (answer != "equal") answer = answer == "first" ? "second" : "first";
    }
    Preference& preference = preferences_[{first, second}];
    preference.first = first;
    preference.second = second;
    ++(answer == "equal" ? preference.equal : answer == "first" ? preference.for_first : preference.for_second);
  }

  std::map<std::string, ListeningClip> clips_;
  std::set<std::string> listeners_;
  std::size_t answers_ = 0;
  std::map<std::string, std::vector<double>> ratings_;
  std::map<std::pair<std::string, std::string>, Preference> preferences_;
};

}  // namespace

Measure Preference::share() const {
  const std::size_t decided = for_first + for_second;
  return decided > 0 ? Measure(static_cast<double>(for_first) / static_cast<double>(decided))
                     : Measure::undefined("nobody preferred one of the two");
}

std::vector<ListeningClip> shuffled_clips(std::vector<ListeningClip> clips, std::uint64_t seed) {
  Random random(seed);
  shuffle(clips, random);
  std::set<std::string> taken;
  for (ListeningClip& clip : clips) {
    do clip.id = random_id(random);
    while (!taken.insert(clip.id).second);
    clip.sound = "clips/" + clip.id + ".wav";
  }
  return clips;
}

std::string listening_page(std::span<const ListeningClip> clips, const std::string& title, std::uint64_t seed) {
  nlohmann::json data = page_json(clips, seed);
  data["key"] = clips.empty() ? "" : clips.front().id;  // keeps answers of different tests apart
  const std::string text = data.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return fill_page(
      listening_html(),
      {{"title", html_text(title)}, {"style", report_css()}, {"data", script_json(text)}, {"script", listening_js()}});
}

std::string listening_key(std::span<const ListeningClip> clips) {
  std::string key = "id\tsong\tsystem\n";
  for (const ListeningClip& clip : clips) key += clip.id + "\t" + clip.song + "\t" + clip.system + "\n";
  return key;
}

std::vector<ListeningClip> read_listening_key(const std::filesystem::path& file) {
  const TextTable table = read_text_table(file, FieldSeparator::tab);
  std::vector<ListeningClip> clips;
  for (const TextTable::Row& row : table.rows) {
    if (row.fields.size() != 3) table.fail(row, "expected id, song, system");
    if (row.fields[0] != "id") clips.push_back({row.fields[0], row.fields[1], row.fields[2], "", ""});
  }
  return clips;
}

ListeningResult analyse_listening(std::span<const std::filesystem::path> answers, std::span<const ListeningClip> key) {
  AnswerCollector collector(key);
  for (const std::filesystem::path& file : answers) collector.read(file);
  return collector.result();
}

}  // namespace pop2piano
