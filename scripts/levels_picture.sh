#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the picture of docs/reference/score.md: the same eight bars of the example song for three levels, engraved by MuseScore 3
# (Debian: musescore3) and put below each other by ffmpeg.
# Usage: scripts/levels_picture.sh [PROGRAM]      writes docs/images/levels.png
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
program=${1:-$root/build/release-app/src/app/cli/pop2piano}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
inputs=()
for level in easy medium full; do
  "$program" cover "$root/examples/song/example_song.ogg" --start 4.6 --end 22.9 --metre 4 --downbeat 1 --level "$level" \
    --title "The example song, level $level" -o "$work/$level.musicxml" --quiet
  QT_QPA_PLATFORM=offscreen musescore3 -r 110 -T 12 -o "$work/$level.png" "$work/$level.musicxml" >/dev/null 2>&1
  inputs+=(-i "$work/$level-1.png")
done
mkdir -p "$root/docs/images"
filters=""  # ink is where the page is not transparent; one width, one below the other
for i in 0 1 2; do filters+="[$i]alphaextract,negate,scale=900:-1[page$i];"; done
ffmpeg -loglevel error -y "${inputs[@]}" -filter_complex "${filters}[page0][page1][page2]vstack=inputs=3" \
  -frames:v 1 "$work/levels.png"
mv "$work/levels.png" "$root/docs/images/levels.png"
