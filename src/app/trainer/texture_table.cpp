// SPDX-License-Identifier: MIT
#include "app/trainer/texture_table.h"

#include <optional>

#include <fmt/format.h>

namespace pop2piano::training::app {

void print_texture_header() {
  fmt::print("{:<28} {:>10} {:>6} {:>11} {:>7} {:>10} {:>5} {:>11} {:>9}\n", "", "bass_right", "holes", "continuity",
             "recall", "recall_pc", "lift", "bass_on_one", "notes/bar");
}

void print_texture_row(const std::string& name, const TextureMeans& means) {
  const auto text = [](std::optional<double> value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : std::string("-");
  };
  fmt::print("{:<28} {:>10} {:>6} {:>11} {:>7} {:>10} {:>5} {:>11} {:>9}\n", name, text(means.bass_right, 3),
             text(means.holes, 2), text(means.continuity, 2), text(means.recall, 2), text(means.recall_pitch, 2),
             text(means.lift, 2), text(means.bass_on_one, 2), text(means.notes_per_bar, 1));
}

}  // namespace pop2piano::training::app
