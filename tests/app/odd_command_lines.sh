#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: odd_command_lines.sh PROGRAM [VALUES [SEED]]
# Every command with every odd file, and every option of every command with VALUES of the odd values (2; all: each of
# them, which takes hours), drawn by SEED (1), one at a time. Each must end by itself with exit code 0, 1 or 2, never with
# "unexpected:", and what waits for a pipe or for the web must end when it is interrupted. The web is out of reach (a
# proxy that is not there).
set -u
program=$1 drawn=${2:-2}
RANDOM=${3:-1}
scratch=$(mktemp -d)
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 HOME=$scratch XDG_CACHE_HOME=$scratch/cache

printf 'RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xac\x00\x00\x02\x00\x10\x00data\x00\x10\x00\x00' >a.wav
head -c 4096 /dev/zero | tr '\0' 'k' >>a.wav
printf 'MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk\x00\x00\x00\x10\x00\xff\x03\x01\x46\x00\x90\x3c\x40\x83\x60\x80\x3c\x40\x00' >a.mid
head -c 3000 /dev/zero | tr '\0' '\377' >noise.mid
: >empty.wav
mkdir folder unreadable
cp a.mid unreadable/a.mid
chmod 000 unreadable
mkfifo pipe
ln -s circle circle
long=$(printf 'あ%.0s' $(seq 83)).wav
cp a.wav "$long"
cp a.mid $'\xff\xfe.mid'
files=(empty.wav folder noise.mid unreadable/a.mid circle missing "$long" $'\xff\xfe.mid' $'\xff\xfe' "$(printf 'x%.0s' $(seq 300))"
  /dev/null '' - a.wav a.mid)
values=('' nan inf -1 0 1e309 99999999999999999999 0x10 $'\xff\xfe' "$(printf 'x%.0s' $(seq 5000))" folder empty.wav noise.mid a.wav
  missing "$long")

commands=()
while read -r name; do commands+=("$name"); done < <("$program" --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p')
[ "${#commands[@]}" -ge 8 ] || { echo "expected the list of commands, found: ${commands[*]}"; exit 1; }

tried=0 failed=0
check() {  # the command line
  timeout -k 5 120 "$program" "$@" </dev/null >out.txt 2>&1
  local code=$?
  tried=$((tried + 1))
  if grep -aq 'unexpected:' out.txt || ((code > 2)); then
    failed=$((failed + 1))
    printf 'exit %d:' "$code"
    printf ' %q' "${@:0:80}"
    printf '\n  %s\n' "$(head -c 300 out.txt)"
  fi
}

# The values that an option is tried with.
draw() {
  chosen=("${values[@]}")
  [ "$drawn" != all ] || return
  chosen=()
  for ((i = 0; i < drawn; ++i)); do chosen+=("${values[RANDOM % ${#values[@]}]}"); done
}

for command in "${commands[@]}"; do
  subcommands=('')
  for name in $("$program" "$command" --help | sed -n '/^Subcommands/,$s/^  \([a-z][a-z-]*\)  .*/\1/p'); do subcommands+=("$name"); done
  for subcommand in "${subcommands[@]}"; do
    line=("$command")
    [ -z "$subcommand" ] || line+=("$subcommand")
    [ "${line[*]}" = serve ] || check "${line[@]}"  # that serves until it is interrupted
    for file in "${files[@]}"; do
      check "${line[@]}" "$file"
      check "${line[@]}" "$file" "$file"
    done
    read -ra options < <("$program" "${line[@]}" --help | grep -oE -- '^ +(-[a-z],)?--[a-z][a-z-]*' | grep -oE -- '--[a-z-]*' | sort -u | tr '\n' ' ')
    for option in "${options[@]}"; do
      draw
      for value in "${chosen[@]}"; do check "${line[@]}" a.mid "$option" "$value" -q; done
    done
  done
done

# What waits for somebody to write to a pipe, or for visitors, can be interrupted.
for line in 'serve --port 0 --data served' 'info pipe' 'cover pipe' 'beats pipe' 'arrange pipe' 'render pipe' 'evaluate score pipe'; do
  read -ra words <<<"$line"
  timeout -s INT -k 10 1 "$program" "${words[@]}" </dev/null >out.txt 2>&1
  code=$?
  tried=$((tried + 1))
  if ((code != 124 && code != 130 && code != 1)) || grep -aq 'unexpected:' out.txt; then
    failed=$((failed + 1))
    printf 'exit %d: %s\n' "$code" "$line"
  fi
done

# Fewer threads than asked for are no crash.
(ulimit -v 3000000 && timeout 60 "$program" beats a.wav --threads 1000 </dev/null >out.txt 2>&1)
code=$?
tried=$((tried + 1))
if ((code > 2)) || grep -aq 'unexpected:' out.txt; then
  failed=$((failed + 1))
  printf 'exit %d with little room for threads\n' "$code"
fi

# What cannot be printed is a failure.
for line in 'manual markdown' '--help' '--version' 'info a.wav' 'info a.wav --json'; do
  read -ra words <<<"$line"
  "$program" "${words[@]}" </dev/null >/dev/full 2>out.txt
  code=$?
  tried=$((tried + 1))
  if ((code != 1)) || ! grep -q 'cannot be written' out.txt; then
    failed=$((failed + 1))
    printf 'exit %d with a full disk: %s\n' "$code" "$line"
  fi
done
echo "$tried command lines over ${#commands[@]} commands, $failed failed"
[ "$failed" -eq 0 ]
