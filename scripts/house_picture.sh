#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Draws two pictures from what the documents say, so that neither can go out of date: the rooms of the source and who uses whom
# (the table of docs/architecture.md, which tests/arch compares with the code), and the way of a song through the program (the
# line under "How it works" in the README).
# Usage: scripts/house_picture.sh [FOLDER]     writes house.svg and pipeline.svg (default: docs/images)
#        scripts/house_picture.sh --check      fails if those in docs/images are not what would be written
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# draw_house < architecture.md: floors as storeys with the first at the bottom, rooms as boxes, a line from each to those it uses.
draw_house() {
  awk '
    BEGIN {
      split("#8a6d3b #2f6f9f #2e7d4f #9a3b6b #b0612c #5b4b9a #1f7a7a #a03a3a #555555", ink, " ")
      width = 980; left = 110; storey = 92; box = 30
    }
    /^```/ { inside = !inside; next }
    inside && NF > 1 {
      line = $0
      if (line ~ /^[a-z]/) { floors++; floor_name[floors] = $1; sub(/^[a-z]+ +/, "", line) } else sub(/^ +/, "", line)
      if (!floors) next
      room = line; sub(/ .*/, "", room)
      uses = ""
      if (match(line, /   +uses /)) { uses = substr(line, RSTART + RLENGTH); line = substr(line, 1, RSTART - 1) }
      text = line; sub(/^[a-z_0-9]+ +/, "", text)
      rooms++; name[rooms] = room; about[rooms] = text; used[rooms] = uses; floor[rooms] = floors; number[room] = rooms
      count[floors]++; sum[floors] += wide(rooms)
    }
    function xml(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); return s }
    function centre(r,   gap, x, i) {  # equal gaps between the boxes of a storey
      gap = (width - left - 20 - sum[floor[r]]) / count[floor[r]]
      x = left + gap / 2
      for (i = 1; i < r; i++) if (floor[i] == floor[r]) x += wide(i) + gap
      return x + wide(r) / 2
    }
    function top(r) { return 16 + (floors - floor[r]) * storey + (storey - box) / 2 }
    function wide(r) { return 22 + 8.2 * length(name[r]) }
    function edge(from, to,   x1, y1, x2, y2, d) {
      x1 = centre(from); x2 = centre(to)
      if (floor[from] == floor[to]) {
        y1 = y2 = top(from) + box; d = 26
        printf "<path d=\"M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f\" stroke=\"%s\"/>\n", x1, y1, x1, y1 + d, x2, y2 + d, x2, y2 + 3, ink[floor[from]]
        return
      }
      y1 = top(from) + box; y2 = top(to) - 3; d = (y2 - y1) * 0.45
      printf "<path d=\"M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f\" stroke=\"%s\"/>\n", x1, y1, x1, y1 + d, x2, y2 - d, x2, y2, ink[floor[from]]
    }
    END {
      height = floors * storey + 50
      printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"14\">\n", width, height
      print "<title>The rooms of the source and who uses whom</title>"
      print "<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"5\" markerHeight=\"5\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#666\"/></marker></defs>"
      printf "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", width, height
      for (f = 1; f <= floors; f++) {
        y = 16 + (floors - f) * storey
        if (f % 2) printf "<rect x=\"8\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#f4f4f1\"/>\n", y, width - 16, storey
        printf "<text x=\"20\" y=\"%d\" font-weight=\"bold\" fill=\"%s\">%s</text>\n", y + storey / 2 + 5, ink[f], floor_name[f]
      }
      print "<g fill=\"none\" stroke-width=\"1.3\" stroke-opacity=\"0.55\" marker-end=\"url(#a)\">"
      for (r = 1; r <= rooms; r++) {
        if (used[r] ~ /anything/) continue
        n = split(used[r], list, /, */)
        for (i = 1; i <= n; i++) {
          if (!(list[i] in number)) { printf "house_picture: %s uses %s, which the table lacks\n", name[r], list[i] > "/dev/stderr"; exit 1 }
          edge(r, number[list[i]])
        }
      }
      print "</g>"
      for (r = 1; r <= rooms; r++) {
        printf "<g><title>%s: %s</title>", name[r], xml(about[r])
        printf "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%d\" rx=\"4\" fill=\"white\" stroke=\"%s\" stroke-width=\"1.5\"/>", centre(r) - wide(r) / 2, top(r), wide(r), box, ink[floor[r]]
        printf "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">%s</text></g>\n", centre(r), top(r) + 20, name[r]
      }
      printf "<text x=\"20\" y=\"%d\" font-size=\"12\" fill=\"#555\">An arrow says: uses. Every room may use core; the rooms of app may use all others.</text>\n", height - 14
      print "</svg>"
      if (!rooms) exit 1
    }' "$root/docs/architecture.md"
}

# draw_pipeline: the boxes of the line `a -> b -> c` under "How it works".
draw_pipeline() {
  awk '
    /^## / { inside = /How it works/ }
    inside && /^`.* -> .*`$/ && !n { gsub(/`/, ""); n = split($0, step, / -> /) }
    END {
      if (n < 2) { print "house_picture: the README has no line of steps under How it works" > "/dev/stderr"; exit 1 }
      gap = 26; x = 10
      for (i = 1; i <= n; i++) { w[i] = 20 + 7.1 * length(step[i]); at[i] = x; x += w[i] + gap }
      width = x - gap + 10
      printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f 60\" font-family=\"sans-serif\" font-size=\"13\">\n", width
      print "<title>The way of a song through the program</title>"
      print "<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>"
      printf "<rect width=\"%.0f\" height=\"60\" fill=\"white\"/>\n", width
      for (i = 1; i <= n; i++) {
        printf "<rect x=\"%.0f\" y=\"12\" width=\"%.0f\" height=\"36\" rx=\"5\" fill=\"%s\" stroke=\"#2f6f9f\"/>", at[i], w[i], i == 1 || i == n ? "#e8f0f6" : "white"
        printf "<text x=\"%.0f\" y=\"34\" text-anchor=\"middle\">%s</text>\n", at[i] + w[i] / 2, step[i]
        if (i < n) printf "<path d=\"M%.0f 30H%.0f\" stroke=\"#444\" stroke-width=\"1.4\" marker-end=\"url(#a)\"/>\n", at[i] + w[i] + 2, at[i + 1] - 2
      }
      print "</svg>"
    }' "$root/README.md"
}

if [[ ${1-} == --check ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  "${BASH_SOURCE[0]}" "$work"
  for picture in house pipeline; do
    cmp "$work/$picture.svg" "$root/docs/images/$picture.svg" || {
      echo "docs/images/$picture.svg is not what the documents say; run scripts/house_picture.sh"
      exit 1
    }
  done
  exit 0
fi
folder=${1:-$root/docs/images}
mkdir -p "$folder"
draw_house >"$folder/house.svg"
draw_pipeline >"$folder/pipeline.svg"
