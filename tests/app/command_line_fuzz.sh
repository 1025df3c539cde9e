#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: command_line_fuzz.sh PROGRAM RUNS SEED
# Random command lines over all commands and options, with paths, files and numbers that nobody means, and files with
# random bytes in them. Fails when the
# program says "unexpected:" or dies of a signal. The web is out of reach (a proxy that is not there).
set -u
program=$1 runs=$2
RANDOM=$3
scratch=$(mktemp -d)
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 HOME=$scratch XDG_CACHE_HOME=$scratch/cache

long_name=$(printf 'あ%.0s' $(seq 83)).wav
printf 'RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xac\x00\x00\x02\x00\x10\x00data\x00\x10\x00\x00' >a.wav
head -c 4096 /dev/urandom >>a.wav
cp a.wav "$long_name"
printf 'MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk\x00\x00\x00\x16\x00\xff\x03\x03\x46\xfc\x72\x00\x90\x3c\x40\x83\x60\x80\x3c\x40\x00\xff\x2f\x00' >a.mid
printf '<?xml version="1.0"?><score-partwise><part id="P1"><measure number="1"><attributes><divisions>1</divisions></attributes><note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration></note></measure></part></score-partwise>' >a.musicxml
printf '<?xml version="1.0"?><score-partwise><part id="P1"><measure number="1"/></score-partwise>' >no_notes.musicxml
printf '{"format": 3, "a": [1e999' >a.json
printf '{}' >empty.json
printf '0.5\n1.0\n1.5\n2.0\n' >a.beats
printf 'X:1\nT:\xfc\nK:C\nCDEF|' >a.abc
head -c 3000 /dev/urandom >noise
: >empty
mkdir folder unreadable
: >unreadable/file
chmod 000 unreadable
ln -s circle circle
mkfifo never_written
# shellcheck disable=SC2016,SC2034,SC2054
values=(damaged.wav damaged.mid damaged.musicxml no_notes.musicxml damaged.json damaged.beats damaged.abc a.wav "$long_name" a.mid a.musicxml a.json empty.json a.beats a.abc noise empty folder folder/ unreadable
  unreadable/file circle circle/x missing missing/x "$(printf 'x%.0s' $(seq 300))" "$(printf 'y/%.0s' $(seq 3000))" ''
  $'a\nb' $'\xff\xfe' . .. / /dev/null /dev/full /proc/self/mem - -- 0 1 -1 2 5 1e309 nan inf -inf 99999999999999999999
  0x10 1:00 0:00.5 ::: 99:99 easy full C F# H all midi,wav midi,,x json text jams auto default './folder/a.mid'
  './folder/a.musicxml' "folder/$long_name" 'a=b' '%s%n' '$HOME' '*')

commands=()
while read -r name; do commands+=("$name"); done < <("$program" --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p')
[ "${#commands[@]}" -ge 8 ] || { echo "expected the list of commands, found: ${commands[*]}"; exit 1; }
declare -A options
for command in "${commands[@]}"; do
  options[$command]=$("$program" "$command" --help | grep -oE -- '(^|[ ,])--?[a-zA-Z][a-z-]*' | tr -d ' ,' | sort -u | tr '\n' ' ')
done

picked=
pick() {  # one of the array's values
  local -n array=$1
  picked=${array[$((RANDOM % ${#array[@]}))]}
}

damage() {  # some bytes of a good file of one kind
  local -a kinds=(wav mid musicxml json beats abc)
  pick kinds
  local file=damaged.$picked size i
  cp "a.$picked" "$file"
  size=$(stat -c %s "$file")
  for ((i = RANDOM % 4; i >= 0; --i)); do
    # shellcheck disable=SC2059
    printf "\\x$(printf %x $((RANDOM % 256)))" | dd of="$file" bs=1 seek=$((RANDOM % (size < 200 ? size : 200))) conv=notrunc status=none
  done
}
for kind in wav mid musicxml json beats abc; do cp "a.$kind" "damaged.$kind"; done

failed=0
for ((run = 0; run < runs; ++run)); do
  damage
  pick commands
  command=$picked
  read -ra known <<<"${options[$command]}"
  line=("$command")
  for ((i = RANDOM % (RANDOM % 2 ? 7 : 2); i >= 0; --i)); do
    if ((RANDOM % 3 == 0 && ${#known[@]} > 0)); then
      pick known
      line+=("$picked")
    else
      pick values
      line+=("$picked")
    fi
  done
  timeout 20 "$program" "${line[@]}" </dev/null >out.txt 2>&1
  code=$?
  if grep -aq 'unexpected:' out.txt || { ((code > 2)) && ((code != 124)); }; then
    failed=$((failed + 1))
    printf 'exit %d:' "$code"
    printf ' %q' "${line[@]}"
    printf '\n  %s\n' "$(head -c 300 out.txt)"
  fi
done
echo "$runs command lines over ${#commands[@]} commands, $failed failed"
[ "$failed" -eq 0 ]
