#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the commands of a document, each block in a folder of its own that shows the repository's files: every line of
# ```sh blocks, the lines after "$ " of ```console blocks; a trailing \ continues a line. The other lines of a console
# block are what the command prints: the same words, numbers within 3 % (another instruction set may choose other notes),
# any number of seconds. Left out are blocks after a line <!-- not run: why --> and commands that install, build or fetch.
# A song that is named and not there is the example song.
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

# commands: one a line; "---" where a block begins; "> " before what the last command prints.
commands() {
  awk '
    /^<!-- not run/ { skip = 1; next }
    /^```(console|sh)$/ { prompt = /console/; inside = !skip; skip = 0; if (inside) print "---"; next }
    /^```/ { inside = 0; open = 0; next }
    /[^[:space:]]/ && !inside { skip = 0 }
    inside && prompt && !open && !/^\$ / { print "> " $0; next }
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

# same_output EXPECTED FOUND: true if they differ in no more than the head of this file says.
same_output() {
  awk -v expected="$1" '
    function number(word) { return word ~ /^-?[0-9]+(\.[0-9]+)?$/ }
    {
      if ((getline line <expected) <= 0) { print "not expected: " $0; bad = 1; exit }
      n = split(line, want, /[ ,]+/)
      m = split($0, got, /[ ,]+/)
      for (i = 1; i <= n || i <= m; i++) {
        if (want[i] "" == got[i] "" || (number(want[i]) && number(got[i]) && i == n - 1 && want[n] == "s")) continue
        difference = want[i] - got[i]
        if (difference < 0) difference = -difference
        if (number(want[i]) && number(got[i]) && difference <= 0.03 * want[i]) continue
        print "expected: " line; print "found:    " $0; bad = 1; exit
      }
    }
    END {
      if (!bad && (getline line <expected) > 0) { print "not printed: " line; bad = 1 }
      exit bad
    }' "$2"
}

count=0
failures=0
last_line=""
: >"$work/expected"
# check_output: compares what the last command printed with the lines that followed it in the document.
check_output() {
  if [[ -s $work/expected && -n $last_line ]]; then
    if ! same_output "$work/expected" "$work/output" >"$work/difference"; then
      echo "FAILED: $last_line: does not print what $document shows"
      sed 's/^/    /' "$work/difference"
      failures=$((failures + 1))
    fi
  fi
  : >"$work/expected"
  last_line=""
}

while IFS= read -r line <&3; do
  if [[ $line == "> "* ]]; then
    printf '%s\n' "${line#> }" >>"$work/expected"
    continue
  fi
  check_output
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
    last_line=$line
  else
    echo "FAILED: $line"
    sed 's/^/    /' "$work/output"
    failures=$((failures + 1))
  fi
done 3< <(commands)
check_output

cd /
if ((count == 0)); then
  echo "FAILED: $document has no command to run"
  exit 1
fi
echo "$count commands, $failures failed"
exit "$((failures > 0))"
