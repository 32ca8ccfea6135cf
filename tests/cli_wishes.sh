#!/bin/bash
# enqueue and note while a sweep runs: the process that runs it takes them, next, and they are in the database before
# anybody is told so. From there on the study is the one that a wish between two sweeps would have made.
#   tests/cli_wishes.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }
cat > sweep.yaml <<'YAML'
name: wished
method: bayes
metric: {name: val_f1_macro}
run_cap: 20
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 32, max: 128, q: 8}
  num_layers: {value: 1}
  dropout: {min: 0.0, max: 0.3}
constraints: ["n_params < 90000"]
data: {format: digits, rows: 200, test_rows: 50}
train: {batch_size: 32, epochs: 4}
run: {seed: 11, keep_models: 3, lookback: 4}
YAML
can_hold || { echo "skipped: cli_wishes.sh: no library can be made that holds trials up: $(head -1 shim.txt)"; exit 0; }
. "$here/sweeps.sh"
told_number() { sed -n 's/^1 queued, from trial \([0-9]*\) on$/\1/p' out; }
# same FOLDER K: as if the wish had been put in between two sweeps, before trial K
same() {
    rm -rf between
    ok "between: begin" sweep sweep.yaml --dir between -j 1 -q --trials "$2"
    ok "between: enqueue" enqueue between learning_rate=0.002 dropout=0.125 -q
    is "between: number" "$(ask between "SELECT number FROM trial WHERE source = 'user'")" "$2 "
    ok "between: go on" sweep sweep.yaml --dir between -j 2 -q
    for study in between "$1"; do "$here/dump.sh" "$consort" $study > $study.txt; done
    n=$((n + 1))
    cmp -s between.txt "$1.txt" || { diff between.txt "$1.txt" > out; : > err; fail "$1: another study"; }
    ok "$1: doctor" doctor "$1"
}

# ---- while it runs
start runs -j 2
ok enqueue enqueue runs learning_rate=0.002 dropout=0.125
has says out '^1 queued, from trial [0-9]+ on$'
has who err '^the sweep that is running trains them next$'
number=$(told_number)
ok again enqueue runs learning_rate=0.002 dropout=0.125
is again "$(cat out)" "0 queued"
expect 2 outside enqueue runs dropout=0.9
ok note note runs 'while it runs'
ok note_trial note runs 1 'of a trial'
expect 2 note_gone note runs 999 x
has note_gone err '^consort: there is no trial 999; the study has 0 to '
is unsettled "$(ask runs "SELECT state IN ('QUEUED', 'RUNNING', 'COMPLETE') FROM trial WHERE number = $number")" "1 "
kill -STOP $pid # what is refused is refused by the database
for verb in retry exclude include; do
    expect 4 "running_$verb" $verb runs 0
    has "running_$verb" err "being run by pid $pid .*consort stop"
done
kill -CONT $pid
let runs
ended runs 0
is source "$(ask runs "SELECT source, state FROM trial WHERE number = $number")" "user,COMPLETE "
is event "$(ask runs "SELECT number FROM event JOIN trial USING (trial_id) WHERE code = 'ENQUEUED'")" "$number "
ok notes note runs
has notes out 'while it runs$'
has notes out 'trial 1: of a trial$'
same runs "$number"

# ---- the process that took it is killed at once: the wish is there
start killed -j 1
ok killed enqueue killed learning_rate=0.002 dropout=0.125 -q
number=$(told_number)
kill -9 $pid
ended killed 137 2> /dev/null
let killed
is kept "$(ask killed "SELECT source FROM trial WHERE number = $number")" "user "
ok killed_on sweep sweep.yaml --dir killed -j 2 -q
same killed "$number"

# ---- a file of several, of which one breaks the constraint; more than run_cap; with halving and a guest
cat > wishes.yaml <<'YAML'
- {dropout: 0.01, width_1: 32}
- {dropout: 0.02, width_1: 128}
- {dropout: 0.03, width_1: 40}
YAML
start halving -j 1 --trials 4 --set 'early_terminate={type: halving, min_iter: 2}'
"$consort" sweep sweep.yaml --dir halving -q -j 1 --trials 4 --set 'early_terminate={type: halving, min_iter: 2}' --join \
    > guest.out 2> guest.err < /dev/null &
guest=$!
ok several enqueue halving wishes.yaml --json
has several out '"trials": \[[0-9]+, [0-9]+, [0-9]+\]'
let halving
ended halving 0
wait $guest
is guest $? 0
is several "$(ask halving "SELECT group_concat(state IN ('COMPLETE', 'PRUNED')), count(*) FROM (SELECT state FROM trial
    WHERE source = 'user' ORDER BY number)")" '"1,0,1",3 '
is infeasible "$(ask halving "SELECT fail_code FROM trial WHERE state = 'INFEASIBLE'")" "CONSTRAINT "
ok several_doctor doctor halving
is none_left "$(ask halving "SELECT count(*) FROM trial WHERE state IN ('QUEUED', 'RUNNING')")" "0 "

# ---- nobody there: as between two sweeps
ok nobody enqueue halving dropout=0.29 -q
is nobody "$(told_number) " "$(ask halving "SELECT max(number) FROM trial WHERE state = 'QUEUED'")"
echo "cli_wishes: $n checks, $failed failed"
[ $failed = 0 ]
