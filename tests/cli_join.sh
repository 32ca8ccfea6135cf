#!/usr/bin/env bash
# sweep --join: workers of other processes. Whoever trains a trial, whoever joins, leaves or is killed, the
# study is the one a single process makes, and a trial whose end was told is there, once.
#   tests/cli_join.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
cat > sweep.yaml <<'YAML'
name: joined
method: bayes
metric: {name: val_f1_macro}
run_cap: 16
early_terminate: {type: halving, min_iter: 2}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 48, q: 8}
  num_layers: {value: 1}
  epochs: {values: [18, 14]}
  dropout: {min: 0.0, max: 0.3}
data: {format: digits, rows: 200, test_rows: 50, split: {type: kfold, folds: 2, seed: 3}}
train: {batch_size: 32, patience: 20}
run: {seed: 11, keep_models: 3, lookback: 4}
YAML
can_hold || { echo "skipped: cli_join.sh: no library can be made that holds trials up: $(head -1 shim.txt)"; exit 0; }
# start NAME FOLDER TRIAL OPTIONS...: a sweep of its own, its process id in $pid; when it comes to the end of that
# trial, or to its first rung, it waits until `let NAME`. No trial that is lookback trials later begins before.
start() {
    local name=$1 folder=$2 trial=$3
    shift 3
    rm -f "$name.out" "$name.err" "$name.go" # of the last one, whose lines nobody should wait for
    held "$(printf 'trial-%06d.' "$trial")" "$PWD/$name.go" exec "$consort" sweep sweep.yaml --dir "$folder" \
        --progress lines "$@" > "$name.out" 2> "$name.err" < /dev/null &
    pid=$!
}
let() { : > "$1.go"; }
ended() { # ended WHAT PID CODE
    n=$((n + 1))
    wait "$2"
    local got=$?
    [ $got = "$3" ] || { cp "$1.out" out; cp "$1.err" err; fail "$1: exit code $got, not $3"; }
}
until_line() { # until_line FILE PATTERN
    until_so grep -qE "$2" "$1" || { cp "$1" err; fail "no line of $1 came: $2"; }
}
ask() { "$consort" query "$1" "$2" --csv | tail -1; }
count() { ask "$1" "SELECT count(*) FROM event WHERE code = '$2'"; }
came() { [ "$(count "$1" JOINED)" = "$2" ]; }
noted() { [ "$(ask "$1" "SELECT count(*) FROM event WHERE code = 'WARNING' AND text LIKE '%$2%'")" = 1 ]; }
runs() { [ "$(ask "$1" "SELECT state FROM trial WHERE number = $2")" = RUNNING ]; }
# meet FOLDER JOBS: a host that is held in trial 1 and a guest whose workers are there and have trained, and that is
# held in trial 3. Their process ids are in $host and $guest.
meet() {
    start host "$1" 1 -j 1; host=$pid
    until_so runs "$1" 1
    start guest "$1" 3 -j "$2" --join; guest=$pid
    until_line guest.err 'trial [0-9]+: .*trained here'
    until_so came "$1" "$2"
    until_so runs "$1" 3
}
same() { # same WHAT FOLDER: the study is the one that was never disturbed
    n=$((n + 1))
    "$here/dump.sh" "$consort" "$2" > "$2.txt"
    cmp -s whole.txt "$2.txt" || { diff whole.txt "$2.txt" > out; : > err; fail "$1: another study"; }
    ok "$1" doctor "$2"
    is "$1: whoever trained it said what it took" "$(ask "$2" "SELECT count(*) FROM trial WHERE state IN
        ('COMPLETE', 'PRUNED') AND (cpu_s IS NULL OR cpu_s > 1.5 * secs + 0.1 OR peak_bytes IS NULL)")" 0
    is "$1: nothing is left behind" "$(find "$2" -name '*.checkpoint')" ""
}

ok "undisturbed" sweep sweep.yaml --dir whole -j 1 -q
"$here/dump.sh" "$consort" whole > whole.txt

# ---- a guest, almost from the beginning
meet two 4
has "who is one too many is told of" host.err 'consort: 5 trials could run at once, and run.lookback, .* is 4: no more'
let host; let guest
ended host "$host" 0; ended guest "$guest" 0
has "the guest says what it did" guest.err '[1-9][0-9]* trials? w(as|ere) trained here'
has "and why it ended" guest.err 'study joined: all trials of run_cap are done'
is "four workers came" "$(count two JOINED)" 4
silent "the host answers, not the guest" guest.out
is "both are among the workers, with what they did" "$(ask two "SELECT count(*), sum(seats), sum(done) = (SELECT count(*) FROM trial),
    sum(lost), group_concat(DISTINCT reason) FROM worker")" "2,5,1,0,ended"
is "each trial says whose it is" "$(ask two "SELECT count(*) FROM worker w WHERE done <> (SELECT count(*) FROM trial t
    WHERE t.worker = w.worker AND t.pid = w.pid AND t.host = w.host)")" 0
same "with a guest" two
is "who trained says with which kernels" "$(ask two "SELECT count(*) FROM worker WHERE isa IS NULL OR version IS NULL")" 0
is "the socket goes with the host" "$(find two -name '*.socket')" ""

# ---- the guest is killed: the host trains what it had
meet killed 2
kill -9 "$guest"; ended guest "$guest" 137 2>/dev/null
let host; ended host "$host" 0
is "both workers left" "$(count killed LEFT)" 2
is "what it had is lost, and so is it" "$(ask killed "SELECT name = 'pid $guest', reason, lost > 0, lost = (SELECT count(*) FROM stint s
    WHERE how = 'lost' AND s.worker = w.worker), lost_s > 0 FROM worker w WHERE reason <> 'ended'")" "1,lost,1,1,1"
same "with a guest that was killed" killed

# ---- the host is killed: the guest runs the study
meet heir 1
kill -9 "$host"; ended host "$host" 137 2>/dev/null
let guest; ended guest "$guest" 0
has "the guest saw it" guest.err 'the process that ran study joined is gone'
has "and went on" guest.err 'continuing study joined'
same "with a host that was killed" heir

# ---- three at once, all with --join: one runs it; the one that does is killed
for i in 1 2 3; do
    start "any$i" any 6 -j 1 --join
    pids[i]=$pid
done
until_so came any 2 # the other two
until_so runs any 6
running=$(ask any "SELECT pid FROM lease") owner=0
for i in 1 2 3; do
    [ "${pids[i]}" != "$running" ] || owner=$i
done
lacks "who runs it is no guest" "any$owner.err" 'trained here'
kill -9 "${pids[owner]}"
ended "any$owner" "${pids[owner]}" 137 2>/dev/null
for i in 1 2 3; do let "any$i"; done # whoever has trial 6 now
for i in 1 2 3; do
    [ "$i" = "$owner" ] || ended "any$i" "${pids[i]}" 0
done
cat any?.err > any.err
has "one went on" any.err 'continuing study joined'
same "three of which one was killed" any

# ---- a guest that leaves by SIGTERM, a folder with a long name, a stopped study
long=$(printf 'a%.0s' $(seq 120))
meet "$long" 1
kill -TERM "$guest"
until_line guest.err 'stopping after'
let guest; ended guest "$guest" 143
let host; ended host "$host" 0
same "with a guest that left" "$long"

meet stopped 1
kill -TERM "$host"
until_line host.err 'stopping after'
let guest; let host
ended host "$host" 143; ended guest "$guest" 0
has "the guest says that it was stopped" guest.err 'study joined: interrupted'
ok "continues" sweep sweep.yaml --dir stopped -j 2 -q
same "stopped and continued" stopped

# ---- what cannot be
start host other 1 -j 1; host=$pid
until_so runs other 1
expect 2 "another configuration" sweep sweep.yaml --dir other --seed 12 --join
has "says why" err '^consort: cannot join study joined: pid [0-9]+ on .+ has another configuration: seed 12, not seed 11; start all'
until_line host.err 'consort: pid [0-9]+ on .+ has another configuration: seed 12, not seed 11'
expect 2 "other rows" sweep sweep.yaml --dir other --set data.rows=210 --join
has "says which" err 'has read other data .fingerprint [0-9a-f]{8}, not [0-9a-f]{8}.: .*sha256sum'
if "$consort" doctor | grep -q '^blas.*DYNAMIC_ARCH' && [ "$(uname -m)" = x86_64 ]; then
    OPENBLAS_CORETYPE=Prescott start guest other 3 -j 1 --join; guest=$pid
    until_line host.err 'has other libraries .OpenBLAS [0-9.]+ Prescott, .* not OpenBLAS .*results may differ'
    until_so noted other libraries
    kill "$guest"
    until_line guest.err 'stopping after'
    let guest; ended guest "$guest" 143
fi
expect 4 "without --join" sweep sweep.yaml --dir other
has "says how" err 'is being run by pid .*sweep --join'
kill "$host"
until_line host.err 'stopping after'
let host; ended host "$host" 143

echo "cli_join: $n checks, $failed failed"
[ $failed = 0 ]
