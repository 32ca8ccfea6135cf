#!/bin/bash
# `consort slurm` under Slurm itself: munged, slurmctld and two slurmd on the loopback, in a folder of their own. A job that
# gets its signal stops cleanly, is put back, goes on, and leaves the study that a sweep without interruption leaves;
# an array of parts, and what follows it, give the same study as one process.
#   tests/ship_slurm.sh CONSORT      wants root and slurmctld slurmd slurm-client munge (tests/deps.sh --ship)
. "${BASH_SOURCE%/*}/expect.sh"
for program in munged slurmctld slurmd srun sbatch scontrol; do
    command -v $program > /dev/null || PATH=$PATH:/usr/sbin:/sbin
    command -v $program > /dev/null && continue
    echo "ship_slurm: skipped: no $program"
    [ -z "${REQUIRE-}" ]
    exit
done
if [ "$(id -u)" != 0 ]; then
    echo "ship_slurm: skipped: slurmd wants root"
    [ -z "${REQUIRE-}" ]
    exit
fi
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }

# ---- a cluster of two nodes -------------------------------------------------------------------------------

daemons=()
down() {
    scancel --user=root > /dev/null 2>&1
    [ ${#daemons[@]} = 0 ] || kill "${daemons[@]}" 2> /dev/null
    for pid in "${daemons[@]}"; do
        for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null && sleep 0.05; done
        kill -9 "$pid" 2> /dev/null
    done
    rm -rf "$work" /tmp/ship_slurm.$$
}
trap down EXIT
trap 'exit 1' INT TERM
site=/tmp/ship_slurm.$$ # sockets have short names
mkdir -m 755 $site && mkdir -m 700 $site/munge && mkdir $site/state $site/spool || exit 1
head -c 128 /dev/urandom > $site/munge/key
chmod 400 $site/munge/key
host=$(hostname -s)
read -r ctl_port port1 port2 < <(python3 -c "
import socket
s = [socket.socket() for _ in range(3)]
[x.bind(('127.0.0.1', 0)) for x in s]
print(*[x.getsockname()[1] for x in s])")
export SLURM_CONF=$site/slurm.conf
# cred_expire is also how long a job that was put back has to wait; below 5 it is 120.
cat > $SLURM_CONF <<CONF
ClusterName=ship
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$ctl_port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$site/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$site/state
SlurmdSpoolDir=$site/spool/%n
SlurmctldPidFile=$site/slurmctld.pid
SlurmdPidFile=$site/slurmd.%n.pid
SlurmctldLogFile=$site/slurmctld.log
SlurmdLogFile=$site/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
KillWait=5
ReturnToService=2
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$port1 CPUs=2 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$port2 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
start() {
    "$@" > "$site/$(basename "$1").${#daemons[@]}.out" 2>&1 < /dev/null &
    daemons+=($!)
}
start munged --foreground --force --num-threads=2 --key-file=$site/munge/key --socket=$site/munge/socket \
    --pid-file=$site/munge/pid --log-file=$site/munge/log --seed-file=$site/munge/seed
until_so test -S $site/munge/socket
start slurmctld -D -c
start slurmd -D -c -N n1
start slurmd -D -c -N n2
idle() { [ "$(sinfo -h -o '%T %D')" = 'idle 2' ]; }
PATIENCE=60 until_so idle || { tail -n 5 $site/*.log $site/*.out; fail 'the cluster does not come up'; exit 1; }

# ---- jobs --------------------------------------------------------------------------------------------------

state_of() { scontrol -o show job "$1" 2> /dev/null | grep -o 'JobState=[A-Z]*' | sort -u | tr '\n' ' '; }
over() { ! state_of "$1" | grep -qE 'PENDING|RUNNING|COMPLETING|CONFIGURING|REQUEUED'; }
submit() { sbatch --parsable "$@" 2> err | sed 's/;.*//'; }
until_over() { PATIENCE=90 until_so over "$1" || { scontrol show job "$1"; cat ./*.out; tail -n 9 $site/slurmctld.log; }; }
same() { # same NAME A B
    sh "$here/dump.sh" "$consort" "$2" > a.txt
    sh "$here/dump.sh" "$consort" "$3" > b.txt
    n=$((n + 1))
    [ -s a.txt ] && cmp -s a.txt b.txt || fail "$1: $3 is not $2: $(diff a.txt b.txt | head -5)"
}

mkdir "a place" && cd "a place" || exit 1
cat > 'a study.yaml' <<'YAML'
name: a study's
method: bayes
run_cap: 8
metric: {name: val_f1_macro}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [32]]}
data: {format: digits, rows: 250, test_rows: 50}
train: {epochs: 3}
run: {lookback: 2}
YAML
# Trials that last until there is a file.
cat > held.yaml <<YAML
name: held
method: bayes
metric: {name: loss}
run_cap: 5
command: ["sh", "-c", "while [ \$CONSORT_TRIAL = 2 ] && [ ! -e '$PWD/go' ]; do sleep 0.05; done; echo '{\"loss\": 0.5}'"]
parameters: {x: {min: 0.0, max: 1.0}}
run: {seed: 3, grace: 1s}
YAML

# A study from beginning to end.
ok plain sweep 'a study.yaml' --dir plain -q -j 1
ok script slurm 'a study.yaml' --time 10m --dir 'in the queue' -o job.sh
has script err '^job.sh: `sbatch job.sh` submits it$'
job=$(submit job.sh)
until_over "$job"
is plain "$(state_of "$job")" "JobState=COMPLETED "
same plain plain 'in the queue'

# A signal, as before the end of the time: a clean stop, put back, gone on, done.
: > go
ok whole sweep held.yaml --dir whole -q
rm go
ok script slurm held.yaml --time 10m --dir held -o held.sh
job=$(submit held.sh)
third_runs() { [ "$(ask held "SELECT count(*) FROM trial WHERE state = 'RUNNING' AND number = 2")" = "1 " ]; }
PATIENCE=60 until_so third_runs
scancel --batch --signal=USR1 "$job"
put_back() { scontrol show job "$job" | grep -q ' Restarts=1 '; }
PATIENCE=60 until_so put_back
: > go
until_over "$job"
is held "$(state_of "$job")" "JobState=COMPLETED "
is held "$(ask held "SELECT count(*), sum(attempt) FROM trial")" "5,6 "
has held "held-$job.out" 'everything is saved; the same command continues the study'
has held "held-$job.out" '^continuing study held in'
same held whole held

# What would be the same next time is not put back, and neither is a job whose bound is reached.
sed 's/^command.*/command: ["false"]/' held.yaml > fails.yaml
ok script slurm fails.yaml --time 10m -o fails.sh
job=$(submit fails.sh)
until_over "$job"
is fails "$(scontrol show job "$job" | grep -oE 'Restarts=[0-9]+|ExitCode=[0-9:]+' | tr '\n' ' ')" "Restarts=0 ExitCode=5:0 "
rm go
ok script slurm held.yaml --time 10m --dir bound -o bound.sh
job=$(submit --export=ALL,MOST_REQUEUES=0 bound.sh)
bound_runs() { [ "$(ask bound "SELECT count(*) FROM trial WHERE state = 'RUNNING' AND number = 2")" = "1 " ]; }
PATIENCE=60 until_so bound_runs
scancel --batch --signal=USR1 "$job"
until_over "$job"
is bound "$(scontrol show job "$job" | grep -oE 'Restarts=[0-9]+|ExitCode=[0-9:]+' | tr '\n' ' ')" "Restarts=0 ExitCode=138:0 "
has bound "held-$job.out" '^put back 0 times, and not done: submit it again to go on$'

# ---- ranks -------------------------------------------------------------------------------------------------

# Two of them (on one node: two slurmd of one host stumble over each other's files of pmix); the signal reaches both, the host ends its study, and the next run is the same study.
cat > ranks.yaml <<YAML
name: ranks
method: bayes
metric: {name: loss}
run_cap: 9
command: ["sh", "-c", "while [ \$CONSORT_TRIAL = 4 ] && [ ! -e '$PWD/go' ]; do sleep 0.05; done; echo '{\"loss\": 0.5}'"]
parameters: {x: {min: 0.0, max: 1.0}}
run: {seed: 3, grace: 1s, lookback: 2}
YAML
: > go
ok one-rank sweep ranks.yaml --dir one-rank -q
if command -v mpirun.openmpi > /dev/null && srun --mpi=list 2>&1 | grep -q pmix; then
    rm go
    ok script slurm ranks.yaml --tasks-per-node 2 --time 10m --dir ranks -o ranks.sh
    job=$(submit ranks.sh)
    fifth_runs() { [ "$(ask ranks "SELECT count(*) FROM trial WHERE state = 'RUNNING' AND number = 4")" = "1 " ]; }
    PATIENCE=60 until_so fifth_runs || cat ranks-*.out
    scancel --batch --signal=USR1 "$job"
    put_back() { scontrol show job "$job" | grep -q ' Restarts=1 '; }
    PATIENCE=60 until_so put_back || cat ranks-*.out
    : > go
    until_over "$job"
    is ranks "$(state_of "$job")" "JobState=COMPLETED "
    same ranks one-rank ranks
    has ranks "ranks-$job.out" '^continuing study ranks in'
else
    skip 'several ranks: no OpenMPI, or this Slurm has no pmix'
    [ -z "${REQUIRE-}" ] || failed=$((failed + 1))
fi

# ---- arrays ------------------------------------------------------------------------------------------------

# One part is sent its signal in its midst, and goes on.
: > go
sed 's/method: bayes/method: random/; s/name: held/name: parts/' held.yaml > parts.yaml
ok one sweep parts.yaml --dir one -q
rm go
ok script slurm parts.yaml --array 3 --time 10m --dir parts -o parts.sh
bash parts.sh > out 2> err < /dev/null
has array out '^job [0-9]+: 3 parts; job [0-9]+: the rest, after them$'
array=$(sed 's/^job \([0-9]*\):.*/\1/' out) last=$(sed 's/.*; job \([0-9]*\):.*/\1/' out)
part_runs() { [ "$(ask parts.parts/2 "SELECT count(*) FROM trial WHERE state = 'RUNNING' AND number = 2")" = "1 " ]; }
PATIENCE=60 until_so part_runs
scancel --batch --signal=USR1 "${array}_2"
put_back() { scontrol show job "${array}_2" | grep -q ' Restarts=1 '; }
PATIENCE=60 until_so put_back
is array "$(state_of "$last")" "JobState=PENDING "
: > go
until_over "$last"
is array "$(state_of "$last")" "JobState=COMPLETED "
same array one parts
n=$((n + 1))
[ -s parts/report.html ] || fail 'the last job leaves no report'

# Each part a search of its own.
ok script slurm 'a study.yaml' --array 3 --time 10m --dir several -o several.sh
bash several.sh > out 2> err < /dev/null
last=$(sed 's/.*; job \([0-9]*\):.*/\1/' out)
until_over "$last"
is several "$(state_of "$last")" "JobState=COMPLETED "
is several "$(ask several "SELECT count(*), count(DISTINCT t.seed) FROM trial t")" "8,3 "
n=$((n + 1))
[ -s several/ensemble.consort ] || fail 'the last job leaves no ensemble'

echo "ship_slurm: $n checks, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
