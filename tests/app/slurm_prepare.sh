#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# deploy/slurm/prepare.sbatch on a cluster of this machine: one slurmctld, two slurmd, of which one is killed with its task in the
# middle and comes back. Every pair is done, and the records are those that one process makes.
# Needs Debian's slurmctld, slurmd and slurm-client. Usage: slurm_prepare.sh REPOSITORY PROGRAM, as root
set -euo pipefail

repository=$1
export POP2PIANO=$2
((EUID == 0)) || { echo "must be root"; exit 77; }
work=$(mktemp -d)
export SLURM_CONF=$work/slurm.conf
declare -A daemon
cleanup() {
  for name in "${!daemon[@]}"; do kill -9 "${daemon[$name]}" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

host=$(hostname -s)
cat >"$SLURM_CONF" <<C
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CryptoType=crypto/openssl
JobCredentialPrivateKey=$work/private.pem
JobCredentialPublicCertificate=$work/public.pem
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool.%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.%n.log
SlurmdTimeout=10
ReturnToService=2
MaxArraySize=1001
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=26821 CPUs=1
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=26822 CPUs=1
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
C
mkdir "$work/state" "$work/spool.one" "$work/spool.two"

start() {  # NAME COMMAND...: a daemon that stays a child of ours
  local name=$1
  shift
  setsid "$@" >"$work/$name.out" 2>&1 &
  daemon[$name]=$!
}

cd "$work"
styles=(sparse-broken sparse-chords flowing-broken flowing-chords dense-broken dense-chords)
for style in "${styles[@]}"; do
  "$POP2PIANO" cover "$repository/examples/song/example_song.ogg" --style "$style" -o "$style.mid" --quiet
  printf '%s\t%s\n' "$repository/examples/song/example_song.ogg" "$style.mid" >>list.tsv
done
"$POP2PIANO" prepare list.tsv --output alone --threads 1 --quiet

start slurmctld slurmctld -D -f "$SLURM_CONF"
start one slurmd -D -N one -f "$SLURM_CONF"
start two slurmd -D -N two -f "$SLURM_CONF"
for ((k = 0; k < 100; k++)); do
  [[ $(sinfo -h -o '%D %t' 2>/dev/null) == "2 idle" ]] && break
  sleep 0.2
done
[[ $(sinfo -h -o '%D %t') == "2 idle" ]] || { echo "the cluster does not start"; cat "$work"/*.log "$work"/*.out; exit 1; }

job=$(sbatch --parsable --array=1-4 "$repository/deploy/slurm/prepare.sbatch" list.tsv shared)
for ((k = 0; k < 600; k++)); do  # until some pair is begun
  compgen -G "shared/pairs/*/state.json" >/dev/null && break
  sleep 0.1
done
kill -9 "${daemon[two]}"
# And what it had started, which a machine that dies takes with it; first those that would report the others' end.
mapfile -t tasks < <(grep -lz '^SLURMD_NODENAME=two$' /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3)
for pid in "${tasks[@]}"; do
  parent=$(ps -o ppid= -p "$pid" | tr -d ' ') || continue
  [[ $(ps -o comm= -p "$parent") == slurmstepd ]] && kill -9 "$parent"
done
for pid in "${tasks[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
sleep 1
start two slurmd -D -N two -f "$SLURM_CONF"
waiting=yes
for ((k = 0; k < 1800; k++)); do
  waiting=$(squeue -h 2>/dev/null) || waiting=unknown
  [[ -z $waiting ]] && break
  sleep 0.5
done
[[ -z $waiting ]] || { echo "job $job does not end"; squeue; exit 1; }
[[ $(scontrol show job -o) == *Restarts=1* ]] || { echo "no task was queued again"; scontrol show job -o; exit 1; }
# The tasks alone have brought every pair to its end; a pair's records may only wait for what is the same as another.
"$POP2PIANO" prepare status shared | tee status
grep -q "${#styles[@]} through filter" status
made=$(find shared/records -name '*.p2pd' | wc -l)
alone=$(find alone/records -name '*.p2pd' | wc -l)
((made >= alone)) || { echo "the tasks made $made files of records, one process $alone"; cat prepare-*.log; exit 1; }
"$POP2PIANO" prepare list.tsv --output shared --threads 1 --quiet
diff -r alone/records shared/records
"$POP2PIANO" dataset merge alone/records --output alone/merged --quiet
"$POP2PIANO" dataset merge shared/records --output shared/merged --quiet
diff -r alone/merged shared/merged
echo "the records of two nodes, one of which was killed, are those of one process"
