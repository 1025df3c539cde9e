#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the piano roll of the README: the notes of the example song's cover over time, from the report in JSON.
# Usage: scripts/piano_roll.sh [PROGRAM]      writes docs/images/piano_roll.svg
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
program=${1:-$root/build/release-app/src/app/cli/pop2piano}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" cover "$root/examples/song/example_song.ogg" -o "$work/example.json" --quiet
mkdir -p "$root/docs/images"
awk '
  function word(line) { sub(/^[^:]*: */, "", line); gsub(/[",]/, "", line); return line }
  function value(line) { return word(line) + 0 }
  /^ "(bars|notes)": \[/ { part = $1 }
  /^ \]/ { part = "" }
  part ~ /bars/ && /"time"/ { bars++; bar[bars] = value($0) }
  part ~ /notes/ && /"onset"/ { notes++; onset[notes] = value($0) }
  part ~ /notes/ && /"offset"/ { offset[notes] = value($0); if (offset[notes] > end) end = offset[notes] }
  part ~ /notes/ && /"pitch"/ {
    pitch[notes] = value($0)
    if (notes == 1 || pitch[notes] < lowest) lowest = pitch[notes]
    if (pitch[notes] > highest) highest = pitch[notes]
  }
  part ~ /notes/ && /"voice"/ { voice[notes] = word($0) }
  part ~ /notes/ && /"hand"/ { hand[notes] = word($0) }
  function x(time) { return 44 + time * 920 / end }
  function y(pitch) { return 12 + (highest - pitch) * 5.4 }
  END {
    if (!notes) exit 1
    bottom = y(lowest) + 8
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 980 %.0f\" font-family=\"sans-serif\" font-size=\"12\">\n", bottom + 26
    print "<title>Piano roll of the cover of the example song</title>"
    printf "<rect width=\"980\" height=\"%.0f\" fill=\"white\"/>\n<g stroke=\"#ddd\">\n", bottom + 26
    for (i = 1; i <= bars; i++) printf "<path d=\"M%.1f 8V%.0f\"/>\n", x(bar[i]), bottom
    print "</g>\n<g fill=\"#888\">"
    for (p = int(lowest / 12 + 0.99) * 12; p <= highest; p += 12) printf "<text x=\"10\" y=\"%.1f\">C%d</text>\n", y(p) + 7, p / 12 - 1
    print "</g>"
    split("melody right left", kind, " ")
    colour["melody"] = "#c0392b"; colour["right"] = "#e59866"; colour["left"] = "#2e86c1"
    for (k = 1; k <= 3; k++) {
      printf "<g fill=\"%s\">\n", colour[kind[k]]
      for (i = 1; i <= notes; i++) {
        if ((voice[i] == "melody" ? "melody" : hand[i]) != kind[k]) continue
        printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"4.6\" rx=\"1.5\"/>\n", x(onset[i]), y(pitch[i]), x(offset[i]) - x(onset[i]) - 1
      }
      print "</g>"
    }
    print "<g>"
    split("melody|right hand|left hand", label, "|")
    for (k = 1; k <= 3; k++) printf "<rect x=\"%d\" y=\"%.0f\" width=\"14\" height=\"6\" rx=\"2\" fill=\"%s\"/><text x=\"%d\" y=\"%.0f\" fill=\"#444\">%s</text>\n", 44 + (k - 1) * 120, bottom + 11, colour[kind[k]], 64 + (k - 1) * 120, bottom + 18, label[k]
    print "</g>\n</svg>"
  }' "$work/example.json" >"$work/piano_roll.svg"
mv "$work/piano_roll.svg" "$root/docs/images/piano_roll.svg"
