#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the picture of the README: the cover of the example song, engraved by MuseScore 3 (Debian: musescore3).
# Usage: scripts/picture.sh [PROGRAM]      writes docs/images/example.png
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
program=${1:-$root/build/release-app/src/app/cli/pop2piano}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" cover "$root/examples/song/example_song.ogg" -o "$work/example.musicxml" --quiet
QT_QPA_PLATFORM=offscreen musescore3 -r 130 -T 20 -o "$work/example.png" "$work/example.musicxml" >/dev/null 2>&1
mkdir -p "$root/docs/images"
mv "$work/example-1.png" "$root/docs/images/example.png"
