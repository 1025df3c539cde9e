// SPDX-License-Identifier: MIT
// A take as the page sees it: where its files are, and what can be made of it here.
#include <pop2piano/render.h>

#include "app/engrave/engravers.h"
#include "app/serve/capabilities.h"
#include "app/serve/desk.h"
#include "base/core/child_process.h"
#include "sound/soundfiles/sound_file.h"

namespace pop2piano::serve {
namespace {

// A folder that an earlier version wrote lacks the options that came later: they stand at their defaults.
nlohmann::json complete(const nlohmann::json& stored) {
  nlohmann::json options = TakeOptions{}.json();
  options.update(stored);
  return options;
}

}  // namespace

const Capabilities& capabilities() {
  static const Capabilities found = [] {
    Capabilities c{.opus = can_encode(".opus"), .mp3 = can_encode(".mp3")};
    c.pdf = can_engrave_pdf();
    try {
      static_cast<void>(find_soundfont());
      c.sound = true;
    } catch (const Error&) {  // said to the page as "sound": false
    }
    return c;
  }();
  return found;
}

nlohmann::json Desk::json_of(const Take& take) {
  const Capabilities& can = capabilities();
  const std::string base = "/api/v1/takes/" + take.id + "/", mark = "?revision=" + std::to_string(take.revision);
  const bool sound = take.ready && take.sound == "ready";
  const auto file = [&](bool there, const std::string& name) {
    return there ? nlohmann::json(base + name + mark) : nlohmann::json(nullptr);
  };
  nlohmann::json files = {{"score", file(take.ready, "score.musicxml")},
                          {"midi", file(take.ready, "cover.mid")},
                          {"report", file(take.ready, "report.json")},
                          {"pdf", file(take.ready && can.pdf, "score.pdf")},
                          {"zip", file(take.ready, "cover.zip")}};
  for (const std::string name : {"mix", "piano"}) {
    files[name] = file(sound, name + ".flac");
    files[name + "_opus"] = file(sound && can.opus, name + ".opus");
    files[name + "_mp3"] = file(sound && can.mp3, name + ".mp3");
    files[name + "_wav"] = file(sound, name + ".wav");
  }
  return {{"id", take.id},           {"song", take.song},   {"options", complete(take.options)},
          {"created", take.created}, {"name", take.name},   {"revision", take.revision},
          {"ready", take.ready},     {"sound", take.sound}, {"sound_error", take.sound_error},
          {"summary", take.summary}, {"files", files}};
}

}  // namespace pop2piano::serve
