#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the commands of a document: in ```console blocks the lines after "$ ", a trailing \ continues a line. Blocks after
# a line <!-- not run --> are left out, and so are commands that install, build or fetch. Everything happens in a folder
# of its own that shows the repository's files; a song that a command names and that is not there is the example song.
# Usage: run_commands.sh REPOSITORY PROGRAM DOCUMENT
set -euo pipefail

repository=$1
program=$2
document=$3
left_out='^(git |cd |sudo |apt|\./test|\.ci/run|cmake |ctest|docker |\./cover --(yes|build-only)|man )'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for entry in "$repository"/*; do
  case ${entry##*/} in
    build* | out | cover) ;;
    *) ln -s "$entry" "$work/" ;;
  esac
done
mkdir "$work/bin"
ln -s "$program" "$work/bin/pop2piano"
export PATH=$work/bin:$PATH
# ./cover without the building, which tests/install looks at.
cat >"$work/cover" <<'S'
#!/bin/bash
(($#)) || set -- examples/song/example_song.ogg -o out/ --force
exec pop2piano cover "$@"
S
chmod +x "$work/cover"

# commands DOCUMENT: one a line.
commands() {
  awk '
    /^<!-- not run/ { skip = 1; next }
    /^```console/ { inside = !skip; skip = 0; next }
    /^```/ { inside = 0; open = 0; next }
    /[^[:space:]]/ && !inside { skip = 0 }
    inside && (open || /^\$ /) {
      if (!open) sub(/^\$ /, "")
      open = sub(/\\$/, "")
      printf "%s%s", $0, open ? " " : "\n"
    }' "$1"
}

# provide_songs COMMAND: the example song under every name of a sound file that it reads.
provide_songs() {
  local previous="" word
  for word in $1; do
    if [[ $word =~ ^[A-Za-z0-9_./-]+\.(mp3|ogg|flac|m4a|wav|mp4|webm|opus)$ && $previous != -o && ! -e $work/$word ]]; then
      mkdir -p "$work/$(dirname "$word")"
      cp "$repository/examples/song/example_song.ogg" "$work/$word"
    fi
    previous=$word
  done
}

count=0
failures=0
cd "$work"
while read -r line <&3; do
  if [[ $line =~ $left_out ]]; then
    echo "left out: $line"
    continue
  fi
  provide_songs "$line"
  count=$((count + 1))
  start=$SECONDS
  if bash -o pipefail -c "$line" >"$work/.output" 2>&1 </dev/null; then
    echo "ok ($((SECONDS - start)) s): $line"
  else
    echo "FAILED: $line"
    sed 's/^/    /' "$work/.output"
    failures=$((failures + 1))
  fi
done 3< <(commands "$document")

if ((count == 0)); then
  echo "FAILED: $document has no command to run"
  exit 1
fi
echo "$count commands, $failures failed"
exit "$((failures > 0))"
