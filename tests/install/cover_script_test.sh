#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./cover without its surroundings: dpkg-query, apt-get, cmake and the program are replaced by stand-ins that write down
# how they were called. Usage: cover_script_test.sh REPOSITORY
set -euo pipefail
# shellcheck disable=SC2317  # the predicates are called through expect

repository=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checkout="$work/a checkout"
calls=$work/calls
export CALLS=$calls

failures=0
expect() {  # expect WHAT COMMAND...
  local what=$1
  shift
  if ! "$@"; then
    echo "FAILED: $what"
    sed 's/^/    /' "$work/said" "$calls"
    failures=$((failures + 1))
  fi
}
said() { grep -qF -- "$1" "$work/said"; }
called() { grep -qF -- "$1" "$calls"; }
not() { ! "$@"; }

stand_in() {  # stand_in NAME, the script on stdin
  { echo '#!/bin/bash'; cat; } >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

mkdir -p "$checkout"/{src,include,cmake,examples/song} "$work/bin" "$work/elsewhere"
cp -r "$repository"/{cover,scripts} "$checkout"
touch "$checkout"/{CMakeLists.txt,CMakePresets.json}
ln -s "$checkout/cover" "$work/elsewhere/cover-link"
stand_in dpkg-query <<'S'
[[ $# -gt 3 ]] || echo "installed ${PROVIDED:-}"
[[ -n ${MISSING:-} ]] || for name in "${@:4}"; do echo "installed $name"; done
S
stand_in apt-get <<'S'
echo "apt-get $*" >>"$CALLS"
echo "pmstatus:x:50.5:half" >&3
echo "E: no such thing"
exit "${APT_RESULT:-0}"
S
stand_in sudo <<'S'
[[ $1 == -n ]] && exit 0
exec "$@"
S
stand_in cmake <<'S'
echo "cmake $*" >>"$CALLS"
[[ -z ${CMAKE_RESULT:-} ]] || { echo "CMake Error: stand-in"; exit 1; }
[[ $1 == --build ]] || exit 0
mkdir -p "$2/src/app/cli"
printf '#!/bin/bash\necho "program $*"\npwd\n' >"$2/src/app/cli/pop2piano"
chmod +x "$2/src/app/cli/pop2piano"
S

# cover ARGUMENTS...: runs it from elsewhere through a link, without a terminal; sets result.
cover() {
  : >"$calls"
  result=0
  (cd "$work/elsewhere" && PATH=$work/bin:$PATH setsid -w ./cover-link "$@" >"$work/said" 2>&1 </dev/null) || result=$?
}

MISSING=1 cover song.mp3
expect "without terminal and --yes nothing is installed" not called apt-get
expect "the command is shown" said "apt-get install --no-install-recommends"
expect "it fails" test "$result" -eq 1

MISSING=1 APT_RESULT=100 cover --yes song.mp3
expect "apt's words are shown when it fails" said "E: no such thing"
expect "it fails after apt" test "$result" -eq 1

MISSING=1 APT_RESULT=100 PROVIDED="g++, zlib1g-dev (= 1.2)" cover --yes song.mp3
expect "what another package provides is not installed" called "install -y --no-install-recommends cmake"
expect "nor with a version" not called zlib1g-dev

CMAKE_RESULT=1 cover song.mp3
expect "cmake's words are shown when it fails" said "CMake Error: stand-in"
expect "it fails after cmake" test "$result" -eq 1

MISSING=1 cover --yes song.mp3 --style auto
expect "packages are installed" called "install -y --no-install-recommends g++"
expect "the tests are not built" called "POP2PIANO_BUILD_TESTS=OFF"
expect "the program gets the arguments without --yes" said "program cover song.mp3 --style auto"
expect "the program runs where the user is" said "$work/elsewhere"

cover "another song.mp3" -o out.mid
expect "a second run builds nothing" not test -s "$calls"
expect "a second run says nothing of its own" test "$(head -n 1 "$work/said")" = "program cover another song.mp3 -o out.mid"

cover
expect "without arguments the example song is covered" said "example_song.ogg -o out/ --force"

cover --help
expect "help is the program's" said "program cover --help"
expect "help names the script's options" said "--build-only"

sleep 0.01
touch "$checkout/src/new.cpp"
cover song.mp3
expect "a new source is built" called "cmake --build"

mv "$checkout" "$work/moved"
ln -sfn "$work/moved/cover" "$work/elsewhere/cover-link"
cover song.mp3
expect "a checkout that was moved is built again" called "cmake --build"

[[ $failures -eq 0 ]] && echo "all passed"
exit "$((failures > 0))"
