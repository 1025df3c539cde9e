#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the commands of a document, each block in a folder of its own that shows the repository's files: every line of
# ```sh blocks, the lines after "$ " of ```console blocks; a trailing \ continues a line. Left out are blocks after a line
# <!-- not run: why --> and commands that install, build or fetch. A song that is named and not there is the example song.
# Usage: run_commands.sh REPOSITORY PROGRAM DOCUMENT
set -euo pipefail

repository=$1
program=$2
document=$3
left_out='^(git |cd |sudo |apt|\./test|\.ci/run|cmake |ctest |docker |\./cover --(yes|build-only)|man |#|source )'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/pop2piano"
export PATH=$work/bin:$PATH

# start_folder: the next block's folder.
folders=0
start_folder() {
  folders=$((folders + 1))
  folder=$work/$folders
  mkdir "$folder"
  local entry
  for entry in "$repository"/*; do
    case ${entry##*/} in
      build* | out | cover) ;;
      *) ln -s "$entry" "$folder/" ;;
    esac
  done
  # ./cover without installing and building, which tests/install looks at.
  cat >"$folder/cover" <<'S'
#!/bin/bash
(($#)) || set -- examples/song/example_song.ogg -o out/ --force
exec pop2piano cover "$@"
S
  chmod +x "$folder/cover"
  cd "$folder"
}

# commands: one a line; "---" where a block begins.
commands() {
  awk '
    /^<!-- not run/ { skip = 1; next }
    /^```(console|sh)$/ { prompt = /console/; inside = !skip; skip = 0; if (inside) print "---"; next }
    /^```/ { inside = 0; open = 0; next }
    /[^[:space:]]/ && !inside { skip = 0 }
    inside && /[^[:space:]]/ && (open || !prompt || /^\$ /) {
      if (!open && prompt) sub(/^\$ /, "")
      open = sub(/\\$/, "")
      printf "%s%s", $0, open ? " " : "\n"
    }' "$document"
}

# provide_songs COMMAND: the example song under every name of a sound file that it reads.
provide_songs() {
  local previous="" word
  for word in $1; do
    if [[ $word =~ ^[A-Za-z0-9_./-]+\.(mp3|ogg|flac|m4a|wav|mp4|webm|opus)$ && $previous != -o && ! -e $word ]]; then
      mkdir -p "$(dirname "$word")"
      cp "$repository/examples/song/example_song.ogg" "$word"
    fi
    previous=$word
  done
}

count=0
failures=0
while IFS= read -r line <&3; do
  if [[ $line == --- ]]; then
    start_folder
    continue
  fi
  if [[ $line =~ $left_out ]]; then
    echo "left out: $line"
    continue
  fi
  provide_songs "$line"
  count=$((count + 1))
  start=$SECONDS
  if bash -o pipefail -c "$line" >"$work/output" 2>&1 </dev/null; then
    echo "ok ($((SECONDS - start)) s): $line"
  else
    echo "FAILED: $line"
    sed 's/^/    /' "$work/output"
    failures=$((failures + 1))
  fi
done 3< <(commands)

cd /
if ((count == 0)); then
  echo "FAILED: $document has no command to run"
  exit 1
fi
echo "$count commands, $failures failed"
exit "$((failures > 0))"
