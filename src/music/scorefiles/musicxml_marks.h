// SPDX-License-Identifier: MIT
// Directions and chord symbols as MusicXML elements.
#pragma once

#include <pop2piano/score.h>

#include <pugixml.hpp>

#include "music/notation/marks.h"

namespace pop2piano::musicxml {

inline void put(pugi::xml_node parent, const char* name, const char* value) {
  parent.append_child(name).text().set(value);
}
inline void put(pugi::xml_node parent, const char* name, int value) { parent.append_child(name).text().set(value); }

/// At the current position plus `offset` steps.
void put_mark(pugi::xml_node measure, const Mark& mark, const Key& key, int offset);

}  // namespace pop2piano::musicxml
