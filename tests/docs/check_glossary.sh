#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compares docs/glossary.md with the programs, both ways: every option of the pages in docs/reference (which are compared with the
# programs), every key of the trainer's configuration files, every key of the report and of the events has a row, and every row of
# those tables is something that exists. Of rows with several spellings of one option, one must exist.
# Usage: check_glossary.sh REPOSITORY PROGRAM
set -euo pipefail

repository=$1
program=$2
glossary=$repository/docs/glossary.md
song=$repository/examples/song/example_song.ogg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# named HEADING...: what stands in backticks in the first column of the tables below these headings.
named() {
  local heading
  for heading in "$@"; do
    if ! grep -qxF "## $heading" "$glossary"; then
      echo "docs/glossary.md has no heading \"$heading\"" >&2
      exit 1
    fi
    awk -F'|' -v heading="## $heading" '
      /^## / { inside = $0 == heading }
      inside && /^\|/ { n = split($2, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' "$glossary"
  done | sort -u
}

# options PAGE: the options of a page that `manual markdown` prints.
options() {
  awk -F'`' '/^\| `-/ { print $2 }' "$1" | grep -oE '(^|[ ,])--?[a-z][a-z0-9-]*' | tr -d ' ,' | sort -u
}

# keys: those of the JSON on standard input.
keys() { grep -oE '"[a-z_0-9]+" ?:' | tr -d '": ' | sort -u; }

failures=0
# all_in WHAT LIST IN: complains about the lines of LIST that IN lacks.
all_in() {
  local missing
  missing=$(comm -23 "$2" "$3")
  if [[ -n $missing ]]; then
    printf '%s:\n' "$1"
    printf '%s\n' "$missing"
    failures=$((failures + 1))
  fi
}

for name in pop2piano pop2piano-train; do
  page=$repository/docs/reference/$name.md
  options "$page" >"$work/printed"
  [[ $(wc -l <"$work/printed") -gt 10 ]] || { echo "found no options in $page"; exit 1; }
  named "Options of \`$name\`" | grep -E '^-' >"$work/named"
  all_in "options of $name that the glossary lacks" "$work/printed" "$work/named"
  while IFS= read -r row; do
    tr ' ' '\n' <<<"$row" | sort -u >"$work/row"
    [[ -n $(comm -12 "$work/row" "$work/printed") ]] || {
      echo "the glossary names options that $name does not have: $row"
      failures=$((failures + 1))
    }
  done < <(awk -F'|' -v heading="## Options of \`$name\`" '
    /^## / { inside = $0 == heading }
    inside && /^\| `-/ { gsub(/[`,]/, "", $2); gsub(/^ +| +$/, "", $2); print $2 }' "$glossary")
done

# The keys of configurations stand in the table of src/learning/train/config_table.cpp, a line each that begins with {"key",
sed -nE 's/^ *\{"([a-z_0-9.]+)",.*$/\1/p' "$repository/src/learning/train/config_table.cpp" >"$work/found"
sort -u "$work/found" -o "$work/found"
[[ $(wc -l <"$work/found") -gt 40 ]] || { echo "found no table of keys in src/learning/train/config_table.cpp"; exit 1; }
named "Keys of the trainer's configuration" >"$work/named"
all_in "keys of configurations that the glossary lacks" "$work/found" "$work/named"
all_in "keys that the glossary names and no configuration has" "$work/named" "$work/found"

cd "$work"
"$program" cover "$song" -o cover.json --quiet
"$program" cover "$song" -o cover.mid --quiet
"$program" cover "$song" -o kept.mid --keep-analysis --quiet
"$program" cover kept.analysis -o kept.json --level easy --quiet
"$program" cover kept.analysis -o writer.json --accompaniment lead-sheet --quiet
keys < <(cat cover.json kept.json writer.json) >report_keys
[[ $(wc -l <report_keys) -gt 40 ]] || { echo "the report has no keys"; exit 1; }
"$program" arrange cover.mid -o easy.json --level easy --quiet
keys <easy.json | sort -u - report_keys -o report_keys
named 'Keys of the report' >report_named
all_in 'keys of the report that the glossary lacks' report_keys report_named
all_in 'keys that the glossary names and no report has' report_named report_keys

named 'Keys of the report' 'Keys of the events' "Keys of \`evaluate\`" | sort -u >named_events
"$program" beats "$song" >song.beats
printf '0 1 C\n1 2 G:7\n' >song.lab
printf 'song\tcover\tgroup\n%s\tcover.mid\tours\n%s\tcover.mid\ttheirs\n' "$song" "$song" >set.tsv
{
  "$program" cover "$song" -o again.mid --json
  "$program" arrange cover.mid -o again.musicxml --json
  "$program" analyse "$song" --json
  "$program" beats "$song" --json
  "$program" info "$song" --json
  "$program" info "$repository/models/default" --json
  "$program" evaluate cover "$song" cover.mid --json
  "$program" evaluate set set.tsv --json
  "$program" evaluate beats song.beats song.beats --json
  "$program" evaluate notes cover.mid cover.mid --json
  "$program" evaluate melody cover.mid cover.mid --json
  "$program" evaluate chords song.lab song.lab --json
  "$program" beats nothing.ogg --json || true
} >events 2>/dev/null
keys <events | grep -vxE 'ours|theirs|note_f_(octave_)?[a-g0-9]' >event_keys
[[ $(wc -l <event_keys) -gt 60 ]] || { echo "the events have no keys"; exit 1; }
all_in 'keys of events that the glossary lacks' event_keys named_events

grep -rhoE '"POP2PIANO_[A-Z]+"' "$repository/src" | tr -d '"' | sort -u >variables
named 'Environment variables' >named_variables
all_in 'environment variables that the glossary lacks' variables named_variables
all_in 'environment variables that the glossary names and no source reads' named_variables variables

if ((failures > 0)); then exit 1; fi
echo "options, configuration keys and JSON keys are those of the glossary"
