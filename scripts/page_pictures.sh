#!/bin/bash
# SPDX-License-Identifier: MIT
# Draws docs/images/page_*.webp: the page with the example song, as the guide shows it. Needs node, `npm ci` in web/, chromium, ffmpeg,
# and a font with Chinese (fonts-noto-cjk, fonts-wqy-microhei), without which the button of that language is drawn as boxes.
# scripts/page_pictures.sh PROGRAM
set -euo pipefail
program=$(realpath "${1:?scripts/page_pictures.sh PROGRAM}")
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
POP2PIANO="$program" POP2PIANO_WEB="$PWD/web/dist" node web/test/pictures.mjs "$folder"
for picture in "$folder"/*.png; do
  ffmpeg -v error -y -i "$picture" -c:v libwebp -quality 80 "docs/images/$(basename "$picture" .png).webp"
done
