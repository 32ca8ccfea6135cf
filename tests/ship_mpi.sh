#!/usr/bin/env bash
# Ranks of a job, by Open MPI and by MPICH as they are packaged: whoever starts them, however many there are, whichever
# is killed or stopped, the study is the one that a single process makes; what one rank refuses is said once; other verbs
# are rank 0's.   tests/ship_mpi.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
launchers=()
for launcher in openmpi mpich; do
    if command -v mpirun.$launcher > /dev/null; then launchers+=("$launcher"); else
        skip "no mpirun.$launcher (tests/deps.sh --ship installs it)"
        [ -z "${REQUIRE:-}" ] || failed=$((failed + 1))
    fi
done
can_hold || { skip "no library can be made that holds trials up: $(head -1 shim.txt)"; launchers=(); }
[ ${#launchers[@]} -gt 0 ] || { echo "ship_mpi: $n checks, $failed failed"; [ $failed = 0 ]; exit; }
first=${launchers[0]} last=${launchers[-1]}

cat > sweep.yaml << 'YAML'
name: ranks
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
sed -e 's/^name: .*/name: goals/' -e 's/^metric: .*/metrics: [{name: val_f1_macro}, {name: n_params}]/' \
    -e '/^early_terminate/d' sweep.yaml > goals.yaml
cat > say.sh << 'SH'
#!/bin/sh
# What a rank of a job has is not its program's.
if env | grep -qE '^(OMPI_|PMI_|PMIX_|SLURM_PROCID)'; then echo "a rank's environment" >&2; exit 1; fi
echo '{"step": 1, "loss": 3}'
awk -v x="${1#x=}" 'BEGIN { print "{\"step\": 2, \"loss\": " x * x - x "}" }'
SH
chmod +x say.sh
cat > program.yaml << 'YAML'
name: program
program: say.sh
command: ["${program}", "${args_no_hyphens}"]
method: bayes
metric: {name: loss}
run_cap: 20
parameters: {x: {min: -2.0, max: 3.0}}
run: {seed: 3, lookback: 4}
YAML

# job LAUNCHER RANKS: the words before the program; those that may follow another program come after.
job() {
    words=("mpirun.$1")
    [ "$1" != openmpi ] || words+=(--oversubscribe)
    [ "$1" != openmpi ] || [ "$(id -u)" != 0 ] || words+=(--allow-run-as-root)
    words+=(-n "$2")
}
# ranks CODE LAUNCHER RANKS ARGUMENTS...: a job to its end; stdout goes to `out`, stderr to `err`.
ranks() {
    local want=$1 got
    n=$((n + 1))
    job "$2" "$3"
    shift 3
    timeout 600 "${words[@]}" "$consort" "$@" > out 2> err < /dev/null
    got=$?
    [ $got = "$want" ] || fail "${words[*]} consort $*: exit code $got, not $want"
    grep -qE 'Sanitizer|runtime error|Assertion|\(null\)' out err && fail "${words[*]} consort $*: a bug"
    return 0
}
same() { # same WHAT FOLDER OTHER: both are one study
    n=$((n + 1))
    "$here/dump.sh" "$consort" "$2" > "$2.txt"
    [ -e "$3.txt" ] || "$here/dump.sh" "$consort" "$3" > "$3.txt"
    cmp -s "$3.txt" "$2.txt" || { diff "$3.txt" "$2.txt" > out; : > err; fail "$1: another study"; }
    is "$1: nothing is left behind" "$(find "$2" -name '*.checkpoint' -o -name '*.socket')" ""
}
ask() { "$consort" query "$1" "$2" --csv | tail -1; }

# ---- the same study
for study in sweep goals program; do ok "alone, $study" sweep $study.yaml --dir "$study-alone" -q; done
for launcher in "${launchers[@]}"; do
    for size in 1 2 5 8; do
        ranks 0 "$launcher" $size sweep sweep.yaml --dir "$launcher-$size" --progress none
        is "rank 0 alone answers" "$(cat out)" "best trial $(ask sweep-alone "SELECT trial FROM best"): $(
            ask sweep-alone "SELECT printf('val_f1_macro %.6g', value) FROM best")"
        [ $size = 1 ] || has "says who trains" err "^(consort: )?$((size - 1)) ranks? on 1 host trains? for rank 0, [0-9]+ trials? at once"
        same "$launcher, $size ranks" "$launcher-$size" sweep-alone
        [ $size != 5 ] || is "all others came" "$(ask "$launcher-$size" "SELECT count(*) FROM event WHERE code = 'JOINED'")" 4
        [ $size != 8 ] || has "seats beyond run.lookback are idle" err 'run.lookback, .* is 4: .* `run.lookback: 7`'
    done
done
ranks 0 "$last" 5 sweep goals.yaml --dir goals -q -j 1
same "two goals" goals goals-alone
ranks 0 "$first" 4 sweep program.yaml --dir program -q
same "a program" program program-alone
ranks 0 "$last" 3 run sweep.yaml --dir whole --progress none --json
is "one report, one model" "$(grep -c '"event":"products"' out)" 1
has "they are rank 0's" out '"event":"products".*"report":"whole/report.html"'
same "run" whole whole

# ---- killed, stopped, continued
# A job of which nobody gets beyond trial 4 until there is FOLDER.go; its launcher's id is in $pid.
begin() { # begin LAUNCHER RANKS FOLDER
    job "$1" "$2"
    held trial-000004. "$PWD/$3.go" timeout 600 "${words[@]}" "$consort" sweep sweep.yaml --dir "$3" --progress lines -j 1 \
        > "$3.out" 2> "$3.err" < /dev/null &
    pid=$!
    until_so runs "$3" 4
}
runs() { [ "$(ask "$1" "SELECT state FROM trial WHERE number = $2")" = RUNNING ]; }
rank_of() { tr '\0' '\n' < "/proc/$1/environ" 2> /dev/null | sed -n 's/^\(OMPI_COMM_WORLD_RANK\|PMI_RANK\)=//p'; }
pid_of() { # pid_of RANK FOLDER
    local p
    for p in $(pgrep -f -- "consort sweep sweep.yaml --dir $2 "); do
        [ "$(readlink "/proc/$p/exe")" = "$consort" ] && [ "$(rank_of "$p")" = "$1" ] && echo "$p"
    done | head -1
}
gone() { [ -z "$(pid_of 0 "$1")$(pid_of 1 "$1")$(pid_of 2 "$1")" ]; }
ended() { # ended FOLDER: the job is over; its code in $code
    wait "$pid"
    code=$?
    until_so gone "$1"
}
for launcher in "${launchers[@]}"; do
    begin "$launcher" 3 "$launcher-killed"
    kill -9 "$(pid_of 2 "$launcher-killed")"
    ended "$launcher-killed"
    begin "$launcher" 3 "$launcher-headless"
    kill -9 "$(pid_of 0 "$launcher-headless")"
    ended "$launcher-headless"
    begin "$launcher" 3 "$launcher-stopped"
    kill -TERM "$(pid_of 1 "$launcher-stopped")"
    : > "$launcher-stopped.go"
    ended "$launcher-stopped"
    cp "$launcher-stopped.err" err
    is "$launcher, stopped by a rank: no crash" "$code" 130
    has "it says so" err 'everything is saved; the same command continues the study'
done
ranks 0 "$last" 5 sweep sweep.yaml --dir "$first-killed" -q
same "a rank killed, continued by $last with 5" "$first-killed" sweep-alone
ok "rank 0 killed, continued alone" sweep sweep.yaml --dir "$first-headless" -q -j 2
same "rank 0 killed, continued alone" "$first-headless" sweep-alone
ranks 0 "$first" 2 sweep sweep.yaml --dir "$last-headless" -q
same "rank 0 killed, continued by $first with 2" "$last-headless" sweep-alone
for launcher in "${launchers[@]}"; do
    ranks 0 "$launcher" 4 sweep sweep.yaml --dir "$launcher-stopped" -q
    same "stopped, continued with 4" "$launcher-stopped" sweep-alone
done
begin "$last" 3 asked
"$consort" stop asked --timeout 300s > asked.stop 2>&1 &
asker=$!
until_so grep -q 'stopping after' asked.err
: > asked.go
ended asked
n=$((n + 1)); wait $asker || fail "consort stop"
has "asked to stop" asked.err 'everything is saved'
ranks 0 "$last" 2 sweep sweep.yaml --dir asked -q
same "asked to stop, continued" asked sweep-alone

# ---- what cannot be
mkdir other
sed 's/rows: 200/rows: 201/' sweep.yaml > other/sweep.yaml
sed 's/seed: 11/seed: 12/' sweep.yaml > other/seed.yaml
mixed() { # mixed CODE LAUNCHER FILE ARGUMENTS...: rank 2 of 3 reads another file
    local want=$1 file=$3
    job "$2" 2
    shift 3
    n=$((n + 1))
    timeout 600 "${words[@]}" "$consort" sweep sweep.yaml "$@" : -n 1 "$consort" sweep "$file" "$@" > out 2> err < /dev/null
    [ $? = "$want" ] || fail "rank 2 has $file: exit code"
}
for launcher in "${launchers[@]}"; do
    mixed 3 "$launcher" other/sweep.yaml --dir refused -q
    is "said once" "$(grep -c '^consort: .*rank' err)" 1
    has "who, where, what" err "^consort: rank 2 on $(hostname) has read other data "
    mixed 2 "$launcher" other/seed.yaml --dir refused -q
    is "said once" "$(grep -c '^consort: .*rank' err)" 1
    has "another seed" err "^consort: rank 2 on $(hostname) has another configuration: .*12"
    n=$((n + 1)); [ ! -e refused/trials.db ] || fail "nothing has begun"
    ranks 2 "$launcher" 3 sweep not-there.yaml
    is "said once" "$(grep -c '^consort:' err)" 1
    ranks 2 "$launcher" 3 sweep sweep.yaml --join -q
    has "--join" err 'the ranks of a job find each other'
done
n=$((n + 1))
job "$first" 3
CONSORT_MPI=/not/there.so "${words[@]}" "$consort" sweep sweep.yaml --dir refused > out 2> err < /dev/null && fail "no library"
is "no library: said once" "$(grep -c '^consort: CONSORT_MPI is /not/there.so' err)" 1
n=$((n + 1)); [ ! -e refused/trials.db ] || fail "no library: nothing has begun"

# ---- two hosts, of which the second has no common folder with the first, or has
cat > agent.sh << 'SH'
#!/bin/bash
# [OPTIONS] HOST COMMAND...: what would be a shell on that host is one with its name, and, with $ALONE, a folder of its own
while [[ $1 == -* ]]; do shift; done
host=$1
shift
exec unshare -um bash -c "hostname $host; [ $host != node2 ] || [ -z '$ALONE' ] || mount -t tmpfs none $ALONE; $*"
SH
chmod +x agent.sh
if ! command -v mpirun.mpich > /dev/null || ! unshare -um true 2> /dev/null; then
    skip "two hosts: no MPICH, or no right to names of hosts"
else
    for alone in "" "$PWD/hosts-alone"; do
        folder=hosts${alone:+-alone}
        mkdir -p "$folder"
        n=$((n + 1))
        ALONE=$alone timeout 600 mpirun.mpich -launcher ssh -launcher-exec "$PWD/agent.sh" -hosts node1,node2 -n 4 \
            "$consort" sweep sweep.yaml --dir "$folder" --progress none > out 2> err < /dev/null || fail "two hosts"
        has "two hosts" err '^3 ranks on 2 hosts train for rank 0'
        is "both train" "$(ask "$folder" "SELECT count(DISTINCT host) FROM trial")" 2
        same "two hosts${alone:+, one without the folder}" "$folder" sweep-alone
        ok "two hosts: files" doctor "$folder"
    done
fi

# ---- other verbs are rank 0's
for launcher in "${launchers[@]}"; do
    ranks 0 "$launcher" 3 ls sweep-alone
    is "ls, once" "$(grep -c '^trial ' out)" 1
    ranks 0 "$launcher" 3 sweep sweep.yaml --dir sweep-alone --dry-run
    is "--dry-run, once" "$(grep -c '^study ' out)" 1
    ranks 0 "$launcher" 3 --version
    is "--version, once" "$(grep -c . out)" 1
    ranks 2 "$launcher" 3 sweep
    is "usage, once" "$(grep -c '^consort: usage' err)" 1
done
echo "ship_mpi: $n checks, $failed failed"
[ $failed = 0 ]
