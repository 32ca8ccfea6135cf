#!/bin/bash
# The search space edited, between two sweeps and while one runs: from the next trial on, killed or not, for any number
# of jobs the same study; its old file goes on with it; bad edits are refused in one line.   tests/cli_edit.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }
cat > sweep.yaml <<'YAML'
name: edited
method: bayes
metric: {name: val_f1_macro}
run_cap: 16
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 32, max: 128, q: 8}
  num_layers: {value: 1}
  optimizer: {values: [adamw, sgd]}
data: {format: digits, rows: 200, test_rows: 50}
train: {batch_size: 32, epochs: 3, dropout: 0.1}
run: {seed: 11, keep_models: 3, lookback: 4}
YAML
# wider, a value withdrawn, one added, a parameter that had been fixed in `train`, a constraint
edit=(--set parameters.learning_rate.max=0.1 --set 'parameters.optimizer.values=[adamw, adam]'
    --set 'parameters.dropout={min: 0.0, max: 0.3}' --set 'constraints=["n_params < 60000"]')

# ---- between two sweeps
ok begin sweep sweep.yaml --dir between -j 1 -q --trials 7
ok never edit between
has never out '^the search space was never edited$'
ok dry edit between "${edit[@]}" --dry-run
has dry out '^would be version 2:$'
is dry_rows "$(ask between 'SELECT count(*) FROM space_version')" "0 "
ok edit edit between "${edit[@]}" --why 'the best is at the bound'
has edit out '^version 2, from trial 7 on:$'
has edit_range out '^  learning_rate: .*max: 0.03} -> .*max: 0.1}$'
has edit_new out '^  dropout: new, {min: 0.0, max: 0.3}$'
has edit_constraint out '^  constraints: new, \["n_params < 60000"\]$'
has edit_next err "goes on with it$"
ok json edit between --json
has json out '"from_trial": 7'
has json_note out '"note": "the best is at the bound"'
ok go_on sweep sweep.yaml --dir between -j 2
has go_on err 'study edited: its search space was edited: version 2, from trial 7 on$'
is all "$(ask between 'SELECT count(*), max(number) FROM trial')" "16,15 "
is before "$(ask between "SELECT count(*) FROM param JOIN trial USING (trial_id) WHERE number < 7 AND name = 'dropout'")" "0 "
is after "$(ask between "SELECT count(*) FROM param JOIN trial USING (trial_id) WHERE number >= 7 AND name = 'dropout'")" "9 "
is withdrawn "$(ask between "SELECT count(*) FROM param JOIN trial USING (trial_id) WHERE number >= 7 AND name = 'optimizer'
    AND txt NOT IN ('adamw', 'adam')")" "0 "
is constraint "$(ask between 'SELECT count(*) FROM trial WHERE number >= 7 AND n_params >= 60000')" "0 "
ok doctor doctor between
for question in ls "show between 3" "show between 12" status "importance" report "best" "export --to csv"; do
    case $question in *between*) ok "reads: $question" $question ;; *) ok "reads: $question" ${question%% *} between ${question#"${question%% *}"} ;; esac
done
ok optuna export between --to optuna -o trials.db
ok yaml best between --trial 3 --yaml
has yaml_before out '^  dropout: 0.1$'
"$consort" best between --trial 3 --yaml > old.yaml
ok retrain train old.yaml --dir again -q
is retrained "$(ask again 'SELECT value FROM trial')" "$(ask between 'SELECT value FROM trial WHERE number = 3')"

# a process that was killed before it wrote anything leaves an empty file
mkdir empty && : > empty/trials.db
ok empty sweep sweep.yaml --dir empty -q --trials 2

# the same edit at the same trial, with other jobs, in pieces: the same study
ok pieces sweep sweep.yaml --dir pieces -j 4 -q --trials 7
ok pieces_edit edit pieces "${edit[@]}" -q
ok pieces_some sweep sweep.yaml --dir pieces -j 3 -q --trials 11
ok pieces_rest sweep sweep.yaml --dir pieces -j 4 -q
for study in between pieces; do "$here/dump.sh" "$consort" $study > $study.txt; done
n=$((n + 1))
cmp -s between.txt pieces.txt || { diff between.txt pieces.txt > out; : > err; fail "pieces: another study"; }

# a file with the newest space is the study's, another one is not
sed 's/max: 0.03/max: 0.1/; s/\[adamw, sgd\]}/[adamw, adam]}\n  dropout: {min: 0.0, max: 0.3, before: 0.1}/; s/^data/constraints: ["n_params < 60000"]\ndata/' \
    sweep.yaml > newest.yaml
ok same_edit edit pieces newest.yaml --dry-run
sed 's/, before: 0.1//; s/, dropout: 0.1//' newest.yaml > changed.yaml
expect 2 rest edit pieces changed.yaml
has rest err 'an edit changes .parameters. and .constraints., nothing else; it differs in settings'
ok newest_edit edit pieces newest.yaml -q
ok newest sweep newest.yaml --dir pieces -q --trials 17
ok oldest sweep sweep.yaml --dir pieces -q --trials 18
sed 's/max: 128/max: 256/' sweep.yaml > other.yaml
expect 2 other sweep other.yaml --dir pieces -q
has other err 'was begun with another configuration'

# ---- what cannot be, one line each
bad() { # bad NAME PATTERN ARGUMENTS...
    expect 2 "bad: $1" edit between "${@:3}"
    has "bad: $1" err "$2"
    is "bad: $1: lines" "$(wc -l < err)" 1
}
bad nothing 'nothing changes' --set parameters.num_layers.value=1
bad other_key 'train' --set train.epochs=4
bad typo 'learnin_rate' --set 'parameters.learnin_rate={min: 0.1, max: 0.2}'
bad empty '.max. .0.0001. is below .min.' --set parameters.learning_rate.max=0.0001
bad setting 'optimizer.*adm' --set 'parameters.optimizer.values=[adamw, adm]'
bad kind 'cannot become' --set 'parameters.learning_rate={min: 0.001, max: 0.1}'
bad step 'cannot change' --set 'parameters.width_1={distribution: q_log_uniform_values, min: 32, max: 128, q: 4}'
bad constraint 'unknown name .n_parms.' --set 'constraints=["n_parms < 3"]'
bad both 'a file or --set' new.yaml --set parameters.learning_rate.max=0.2
bad file 'nothing.yaml' nothing.yaml
printf 'parameters: {learning_rate: {value: 0.01}}\n' > gone.yaml
bad gone 'width_1. is gone' gone.yaml
sed 's/^method.*/method: grid/; s/learning_rate: .*/learning_rate: {values: [0.01, 0.02]}/; s/width_1: .*/width_1: {value: 32}/' \
    sweep.yaml > grid.yaml
ok grid sweep grid.yaml --dir grid -q --trials 2
expect 2 grid_edit edit grid --set 'parameters.learning_rate.values=[0.01]'
has grid_edit err 'a grid is its space'
is untouched "$(ask between 'SELECT count(*) FROM space_version')" "2 "

# ---- while it runs
can_hold || { echo "skipped: cli_edit.sh: no library can be made that holds trials up: $(head -1 shim.txt)"; exit 0; }
. "$here/sweeps.sh"
told() { sed -n 's/^version 2, from trial \([0-9]*\) on:$/\1/p' out; }
# same FOLDER K: as if it had been edited between two sweeps, before trial K
same() {
    rm -rf apart
    ok "apart: begin" sweep sweep.yaml --dir apart -j 1 -q --trials "$2"
    ok "apart: edit" edit apart "${edit[@]}" -q
    ok "apart: go on" sweep sweep.yaml --dir apart -j 2 -q
    for study in apart "$1"; do "$here/dump.sh" "$consort" $study > $study.txt; done
    n=$((n + 1))
    cmp -s apart.txt "$1.txt" || { diff apart.txt "$1.txt" > out; : > err; fail "$1: another study"; }
    ok "$1: doctor" doctor "$1"
}
start runs -j 2
ok live edit runs "${edit[@]}"
has live err 'the sweep that is running goes on with it'
from=$(told)
expect 4 twice edit runs --set parameters.learning_rate.max=0.2
has twice err 'takes in an edit of its search space'
let runs
ended runs 0
has live_said runs.err "the search space is version 2, from trial $from on$"
same runs "$from"

# killed before it could go on: the edit is there
start killed -j 1
ok killed edit killed "${edit[@]}"
from=$(told)
kill -9 $pid
ended killed 137 2> /dev/null
let killed
ok killed_on sweep sweep.yaml --dir killed -j 2 -q
same killed "$from"

# with a guest, who comes back by itself
start host -j 1
"$consort" sweep sweep.yaml --dir host -j 1 --join --progress lines > guest.out 2> guest.err < /dev/null &
guest=$!
seats() { [ "$(ask host 'SELECT count(*) FROM worker')" -ge 2 ]; }
until_so seats || fail "the guest does not come"
ok hosted edit host "${edit[@]}"
from=$(told)
let host
ended host 0
wait $guest
is guest $? 0
has guest guest.err 'the search space is version 2'
same host "$from"
echo "cli_edit: $n checks, $failed failed"
[ $failed = 0 ]
