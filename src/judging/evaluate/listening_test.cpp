// SPDX-License-Identifier: MIT
#include "judging/evaluate/listening_test.h"

#include <pop2piano/error.h>

#include <set>

#include <nlohmann/json.hpp>

#include "base/core/random.h"
#include "judging/evaluate/report_page.h"
#include "judging/evaluate/report_script.h"
#include "judging/evaluate/text_table.h"
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

constexpr std::string_view kPage = R"js(
'use strict';
const data=JSON.parse(document.getElementById('data').textContent),main=document.getElementById('main'),key='listening-'+data.key;
let state={listener:'',mos:{},pairs:{}};
try{state=Object.assign(state,JSON.parse(localStorage.getItem(key)||'{}'))}catch(e){}
const save=()=>{try{localStorage.setItem(key,JSON.stringify(state))}catch(e){}};
function el(tag,props={},...children){const e=Object.assign(document.createElement(tag),props);for(const c of children)e.append(c);return e}
const sound=src=>el('audio',{controls:true,preload:'none',src});
const steps=[...data.clips.map((c,i)=>['mos',i]),...data.pairs.map((p,i)=>['pair',i])];
const answered=s=>s[0]==='mos'?state.mos[data.clips[s[1]].id]:state.pairs[s[1]];
let at=steps.findIndex(s=>answered(s)===undefined);if(at<0)at=steps.length;
function choices(list,chosen,pick){const box=el('p');for(const[value,text]of list){const b=el('button',{textContent:text});
  if(value===chosen)b.style.fontWeight='bold';b.onclick=()=>{pick(value);save();at++;draw()};box.append(b,' ')}return box}
function csv(){const q=v=>'"'+String(v).replace(/"/g,'""')+'"',rows=[['listener','kind','first','second','answer']];
  for(const[id,v]of Object.entries(state.mos))rows.push([state.listener,'mos',id,'',v]);
  for(const[i,v]of Object.entries(state.pairs)){const[a,b]=data.pairs[i];rows.push([state.listener,'pair',data.clips[a].id,data.clips[b].id,v])}
  return rows.map(r=>r.map(q).join(',')).join('\r\n')+'\r\n'}
function draw(){main.replaceChildren(el('p',{className:'soft',textContent:`Step ${Math.min(at+1,steps.length)} of ${steps.length}. Answers stay in this browser until you export them.`}));
  if(!state.listener){const name=el('input',{placeholder:'a name or number for you'}),go=el('button',{textContent:'Begin'});
    go.onclick=()=>{if(name.value.trim()){state.listener=name.value.trim();save();draw()}};main.append(name,' ',go);return}
  if(at>=steps.length)main.append(el('h2',{textContent:'Thank you'}),el('p',{textContent:'Export your answers and send the file.'}));
  else{const[kind,i]=steps[at];
    if(kind==='mos'){const c=data.clips[i];main.append(el('h2',{textContent:'How good is this piano cover?'}));
      if(c.songSound)main.append(el('p',{textContent:'The song:'}),sound(c.songSound));
      main.append(el('p',{textContent:'The cover:'}),sound(c.sound),choices([[1,'1 bad'],[2,'2 poor'],[3,'3 fair'],[4,'4 good'],[5,'5 excellent']],state.mos[c.id],v=>state.mos[c.id]=v))}
    else{const[a,b]=data.pairs[i];main.append(el('h2',{textContent:'Which cover do you prefer?'}));
      if(data.clips[a].songSound)main.append(el('p',{textContent:'The song:'}),sound(data.clips[a].songSound));
      main.append(el('p',{textContent:'First:'}),sound(data.clips[a].sound),el('p',{textContent:'Second:'}),sound(data.clips[b].sound),
        choices([['first','the first'],['equal','no difference'],['second','the second']],state.pairs[i],v=>state.pairs[i]=v))}}
  const back=el('button',{textContent:'Back',disabled:at===0}),out=el('button',{textContent:'Export answers (CSV)'});
  back.onclick=()=>{at--;draw()};
  out.onclick=()=>{const a=el('a',{href:URL.createObjectURL(new Blob([csv()],{type:'text/csv'})),download:'answers-'+state.listener.replace(/[^\w-]/g,'_')+'.csv'});a.click()};
  main.append(el('p',{},back,' ',out))}
draw();
)js";

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
  std::string page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + html_text(title);
  page += "</title>\n<style>" + std::string(report_style()) + "</style></head><body><h1>" + html_text(title);
  page += "</h1><main id=\"main\"></main>\n<script type=\"application/json\" id=\"data\">" + script_json(text);
  page += "</script>\n<script>" + std::string(kPage) + "</script></body></html>\n";
  return page;
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
