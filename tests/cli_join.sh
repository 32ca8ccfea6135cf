#!/usr/bin/env bash
# sweep --join: workers of other processes. Whoever trains a trial, whoever joins, leaves or is killed, the
# study is the one a single process makes, and a trial whose end was told is there, once.
#   tests/cli_join.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
cat > sweep.yaml <<'YAML'
name: joined
method: bayes
metric: {name: val_f1_macro}
run_cap: 24
early_terminate: {type: halving, min_iter: 2}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 32, max: 128, q: 8}
  num_layers: {value: 1}
  epochs: {values: [45, 54]}
  dropout: {min: 0.0, max: 0.3}
data: {format: digits, rows: 1200, test_rows: 100, split: {type: kfold, folds: 2, seed: 3}}
train: {batch_size: 4, patience: 20}
run: {seed: 11, keep_models: 3}
YAML
start() { # start NAME FOLDER OPTIONS...: a sweep of its own; its process id is in $pid
    local name=$1 folder=$2
    shift 2
    rm -f "$name.out" "$name.err" # of the last one, whose lines nobody should wait for
    "$consort" sweep sweep.yaml --dir "$folder" --progress lines "$@" > "$name.out" 2> "$name.err" < /dev/null &
    pid=$!
}
ended() { # ended WHAT PID CODE
    n=$((n + 1))
    wait "$2"
    local got=$?
    [ $got = "$3" ] || { cp "$1.out" out; cp "$1.err" err; fail "$1: exit code $got, not $3"; }
}
until_line() { # until_line FILE PATTERN
    until_so grep -qE "$2" "$1" || { cp "$1" err; fail "no line of $1 came: $2"; }
}
connected() { [ "$(find "/proc/$1/fd" -lname 'socket:*' | wc -l)" -ge "$2" ]; }
# meet FOLDER JOBS: a host that has begun, and a guest that gets trials while most are still to come: the host
# stands still until the guest's workers are connected. Their process ids are in $host and $guest.
meet() {
    start host "$1" -j 1; host=$pid
    until_line host.err 'trial 0 '
    kill -STOP "$host"
    start guest "$1" -j "$2" --join; guest=$pid
    until_so connected "$guest" "$2"
    kill -CONT "$host"
    until_line guest.err 'trial [0-9]+: .*trained here'
}
same() { # same WHAT FOLDER: the study is the one that was never disturbed
    n=$((n + 1))
    "$here/dump.sh" "$consort" "$2" > "$2.txt"
    cmp -s whole.txt "$2.txt" || { diff whole.txt "$2.txt" > out; : > err; fail "$1: another study"; }
    ok "$1" doctor "$2"
    is "$1: whoever trained it said what it took" "$("$consort" query "$2" "SELECT count(*) FROM trial WHERE state IN
        ('COMPLETE', 'PRUNED') AND (cpu_s IS NULL OR cpu_s > 1.5 * secs + 0.1 OR peak_bytes IS NULL)" --csv |
        tail -1)" 0
    is "$1: nothing is left behind" "$(find "$2" -name '*.checkpoint')" ""
}
count() { "$consort" query "$1" "SELECT count(*) FROM event WHERE code = '$2'" --csv | tail -1; }

ok "undisturbed" sweep sweep.yaml --dir whole -j 1 -q
"$here/dump.sh" "$consort" whole > whole.txt

# ---- a guest, almost from the beginning
meet two 2
ended host "$host" 0; ended guest "$guest" 0
has "the guest says what it did" guest.err '[1-9][0-9]* trials? w(as|ere) trained here'
has "and why it ended" guest.err 'study joined: all trials of run_cap are done'
is "two workers came" "$(count two JOINED)" 2
is "who trained a trial is who ran it" "$("$consort" query two "SELECT group_concat(DISTINCT pid) FROM (SELECT pid FROM trial
    WHERE state <> 'INFEASIBLE' ORDER BY pid)" --csv | tail -1 | tr -d '"')" "$(printf '%s\n' "$host" "$guest" | sort -n | paste -sd,)"
silent "the host answers, not the guest" guest.out
same "with a guest" two
is "the socket goes with the host" "$(find two -name '*.socket')" ""

# ---- the guest is killed: the host trains what it had
meet killed 2
kill -9 "$guest"; ended guest "$guest" 137 2>/dev/null; ended host "$host" 0
is "both workers left" "$(count killed LEFT)" 2
same "with a guest that was killed" killed

# ---- the host is killed: the guest runs the study
meet heir 1
kill -9 "$host"; ended host "$host" 137 2>/dev/null; ended guest "$guest" 0
has "the guest saw it" guest.err 'the process that ran study joined is gone'
has "and went on" guest.err 'continuing study joined'
same "with a host that was killed" heir

# ---- three at once, all with --join: one runs it; the one that does is killed
for i in 1 2 3; do
    start "any$i" any -j 1 --join
    pids[i]=$pid
done
one_of_three() { grep -qE 'trial [0-9]+ done' any?.err && [ "$(grep -l 'trained here' any?.err | wc -l)" = 2 ]; }
until_so one_of_three # one has told of a trial, and who
owner=$(grep -lE 'trial [0-9]+ done' any?.err | head -1)
owner=${owner%.err}; owner=${owner#any}
is "one of three runs it" "$(grep -l 'trained here' any?.err | wc -l)" 2
kill -9 "${pids[owner]}" 2>/dev/null # which may be too late: then nothing is to be mended
wait "${pids[owner]}" 2>/dev/null
for i in 1 2 3; do
    [ "$i" = "$owner" ] || ended "any$i" "${pids[i]}" 0
done
same "three of which one was killed" any

# ---- a guest that leaves by SIGTERM, one that stands still, a folder with a long name, a stopped study
long=$(printf 'a%.0s' $(seq 120))
meet "$long" 1
kill -TERM "$guest"; ended guest "$guest" 143; ended host "$host" 0
same "with a guest that left" "$long"

meet stopped 1
kill -TERM "$host"; ended host "$host" 143; ended guest "$guest" 0
has "the guest says that it was stopped" guest.err 'study joined: interrupted'
ok "continues" sweep sweep.yaml --dir stopped -j 2 -q
same "stopped and continued" stopped

# ---- what cannot be
start host other -j 1; host=$pid
until_line host.err 'trial 0 '
expect 2 "another configuration" sweep sweep.yaml --dir other --seed 12 --join
has "says why" err '^consort: cannot join study joined: it has another configuration'
expect 4 "without --join" sweep sweep.yaml --dir other
has "says how" err 'is being run by pid .*sweep --join'
kill "$host"; ended host "$host" 143

echo "cli_join: $n checks, $failed failed"
[ $failed = 0 ]
