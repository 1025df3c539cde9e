# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What ./cover, ./test and .ci/run share: finds and installs missing packages, configures, builds. Sourced, not run.
# Everything it says goes to stderr; stdout belongs to the program that runs at the end. Expects $root, the checkout.

root=${root:?}
assume_yes=${assume_yes:-no}

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "${0##*/}: $*"
  exit 1
}

# packages GROUP...: the names listed for these groups.
packages() {
  local group name rest wanted
  while read -r group name rest; do
    for wanted in "$@"; do
      [[ $group == "$wanted" ]] && printf '%s\n' "$name"
    done
  done <"$root/scripts/packages.txt"
  return 0
}

# missing_packages NAME...: those that are not installed, nor provided by another package that is: Node.js from elsewhere
# brings its npm with it and does not go together with Debian's.
missing_packages() {
  local installed name
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
  installed+=$'\n'$(dpkg-query -W -f '${db:Status-Status} ${Provides}\n' 2>/dev/null | sed -n 's/^installed //p' |
    tr ',' '\n' | sed 's/(.*//; s/ //g' || true)
  for name in "$@"; do
    grep -qxF -- "$name" <<<"$installed" || printf '%s\n' "$name"
  done
}

# Reads apt's status lines (kind:package:percent:text) and keeps one line on a terminal up to date.
show_apt_progress() {
  local kind name percent text
  while IFS=: read -r kind name percent text; do
    [[ -t 2 && ($kind == dlstatus || $kind == pmstatus) ]] || continue
    [[ $kind == dlstatus ]] && text="fetching packages" || text="installing $name"
    printf '\r\033[K  %3d %%  %.60s' "${percent%%.*}" "$text" >&2
  done
  [[ -t 2 ]] && printf '\r\033[K' >&2
  return 0
}

# apt LOG ARGUMENTS...: runs apt-get quietly, as root where it must be.
apt() {
  local log=$1
  shift
  # The descriptors are arranged inside sh because sudo passes on only the first three.
  # shellcheck disable=SC2016
  "${as_root[@]}" sh -c 'log=$1; shift; export DEBIAN_FRONTEND=noninteractive; exec apt-get "$@" 3>&1 >>"$log" 2>&1' \
    sh "$log" -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null | show_apt_progress
  return "${PIPESTATUS[0]}"
}

confirm() {
  local answer
  [[ $assume_yes == yes ]] && return 0
  if ! { exec 4<>/dev/tty; } 2>/dev/null; then
    say "Not installed: no terminal to ask on. Run it again with --yes, or install them with the command above."
    return 1
  fi
  printf 'Install them now? [Y/n] ' >&4
  read -r answer <&4 || answer=n
  exec 4>&-
  [[ -z $answer || $answer == [yY]* ]]
}

# install_packages GROUP...: makes sure that what the groups need is there.
install_packages() {
  local names missing as_root=() log=$root/build/apt.log
  mapfile -t names < <(packages "$@")
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "This is no Debian system, so nothing is installed. Needed (names as in Debian 12): ${names[*]}"
    return 0
  fi
  mapfile -t missing < <(missing_packages "${names[@]}")
  ((${#missing[@]} == 0)) && return 0
  if ((EUID != 0)); then as_root=(sudo); fi
  say "${#missing[@]} packages are missing. The command that installs them:"
  say "  ${as_root[*]:+${as_root[*]} }apt-get install --no-install-recommends ${missing[*]}"
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    fail "neither root nor sudo: let an administrator run the command above (without sudo), then start again"
  fi
  confirm || exit 1
  if ((EUID != 0)); then
    sudo -n true 2>/dev/null || sudo -v || fail "sudo gave no permission; run the command above another way, then start again"
  fi
  say "Installing (log: $log) ..."
  : >"$log"
  apt "$log" update || say "The package lists could not be renewed; trying with those that are there."
  if ! apt "$log" install -y --no-install-recommends "${missing[@]}"; then
    tail -n 25 "$log" >&2
    fail "apt-get did not succeed: the last lines of $log are above"
  fi
}

# configure FOLDER OPTIONS...: cmake with the release preset unless OPTIONS name another; quiet unless it fails.
configure() {
  local folder=$1 log=$1/configure.log generator=() launcher=()
  shift
  mkdir -p "$folder"
  # A checkout that was moved or copied cannot use the old cache.
  if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
  fi
  if [[ -f $folder/CMakeCache.txt ]]; then
    generator=(-G "$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$folder/CMakeCache.txt")")
  elif ! command -v ninja >/dev/null; then
    generator=(-G "Unix Makefiles")
  fi
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  say "Configuring ..."
  if ! (cd "$root" && cmake -B "$folder" "${generator[@]}" "${launcher[@]}" "$@" >"$log" 2>&1 </dev/null); then
    cat "$log" >&2
    fail "cmake did not succeed: its output is above and in $log"
  fi
}

# build FOLDER CMAKE_BUILD_OPTIONS...: as many jobs as there are processors, but 1.5 GB of memory for each.
build() {
  local folder=$1 jobs by_memory
  shift
  jobs=$(nproc 2>/dev/null || echo 2)
  by_memory=$(awk '/MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo 2>/dev/null || true)
  if [[ -n $by_memory ]] && ((by_memory < jobs)); then jobs=$((by_memory > 0 ? by_memory : 1)); fi
  say "Building (only what has changed) ..."
  NINJA_STATUS='[%f/%t, %es] ' cmake --build "$folder" --parallel "$jobs" "$@" 1>&2 </dev/null ||
    fail "the build did not succeed; what the compiler said is above"
}
