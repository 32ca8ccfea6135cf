#!/bin/bash
# What people change between two sweeps: enqueue, retry, exclude, include, note, gc, stop; and what is refused while a
# sweep runs (enqueue and note are not: tests/cli_wishes.sh).   tests/cli_curate.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }

cat > net.yaml <<'YAML'
name: net
method: random
run_cap: 5
metric: {name: val_accuracy}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [16, 8], [64]]}
  dropout: {min: 0.0, max: 0.4}
  optimizer: {values: [adamw, sgd]}
  momentum: {min: 0.5, max: 0.95, when: "optimizer == 'sgd'"}
constraints: ["n_params < 20000"]
data: {format: digits, rows: 200, test_rows: 50}
train: {epochs: 2}
run: {seed: 3, keep_models: 3}
YAML
ok sweep sweep net.yaml -q
is done "$(ask net 'SELECT state FROM study')" "DONE "

# ---- enqueue -----------------------------------------------------------------------------------------

ok pairs enqueue net learning_rate=0.002 dropout=0.1 'hidden=[16]'
is pairs "$(cat out)" "1 queued, from trial 5 on"
ok same enqueue net learning_rate=0.002 dropout=0.1 'hidden=[16]'
is same "$(cat out)" "0 queued"
has same err 'in the study already'
expect 2 range enqueue net learning_rate=0.5
has range err 'nearest in the search space is 0.03'
expect 2 choice enqueue net optimizer=lion
has choice err 'cannot be lion here; it is one of adamw, sgd'
expect 2 name enqueue net learnin_rate=0.01
has name err 'did you mean .learning_rate'
expect 2 nofile enqueue net nothing.yaml
printf -- '# two\n- {dropout: 0.3, hidden: [16]}\n- dropout: 0.2\n  hidden: [16]\n  momentum: 0.6\n  optimizer: sgd\n' > two.yaml
ok list enqueue net two.yaml --json
has list out '"trials": \[6, 7\]'
printf '[\n {"dropout": 0.31,\n "hidden": [64]}\n]\n' > one.json # 50,000 weights: breaks the constraint
ok json enqueue net one.json -q
printf -- '\n- {dropout: 0.3}\n- {dropout: 0.9}\n' > bad.yaml
expect 2 place enqueue net bad.yaml
has place err '^consort: bad.yaml:3:[0-9]+: .dropout. is 0.9'
is queued "$(ask net "SELECT count(*), min(number), max(number) FROM trial WHERE state = 'QUEUED'")" "4,5,8 "
is reopened "$(ask net 'SELECT state FROM study')" "STOPPED "
mkdir two && cp -r runs net.yaml two/
ok run_queued sweep net.yaml -j 1 -q
is ran "$(ask net "SELECT source, state FROM trial WHERE number >= 5 ORDER BY number")" \
    "user,COMPLETE user,COMPLETE user,COMPLETE user,INFEASIBLE "
is cap "$(ask net "SELECT count(*) FROM trial")" "9 "
(cd two && "$consort" sweep net.yaml -j 2 -q) > out 2> err || fail "two jobs"
"$here/dump.sh" "$consort" runs/net > one.txt
"$here/dump.sh" "$consort" two/runs/net > two.txt
n=$((n + 1))
cmp -s one.txt two.txt || fail "one job and two differ after enqueue"

# ---- exclude, include ----------------------------------------------------------------------------------

best=$(ask net 'SELECT trial FROM best' | tr -d ' ')
files=$(find runs/net/artifacts -type f | wc -l)
ok exclude exclude net "$best"
is second "$([ "$(ask net 'SELECT trial FROM best' | tr -d ' ')" != "$best" ] && echo other)" other
ok sweep_excluded sweep net.yaml -q
ok include include net "$best"
is back "$(ask net 'SELECT trial FROM best' | tr -d ' ')" "$best"
is files "$(find runs/net/artifacts -type f | wc -l)" "$files" # the model is there still
ok range exclude net 0-2 4
is range "$(ask net "SELECT group_concat(number) FROM (SELECT number FROM trial WHERE state = 'EXCLUDED' ORDER BY 1)")" '"0,1,2,4" '
ok range_back include net 0-2 4
expect 2 exclude_gone exclude net 1 77
has exclude_gone err 'no trial 77; the study has 0 to 8'
is all_or_none "$(ask net "SELECT count(*) FROM trial WHERE state = 'EXCLUDED'")" "0 "
expect 2 exclude_word exclude net one
expect 2 exclude_none exclude net

# ---- retry ---------------------------------------------------------------------------------------------

cat > wild.yaml <<'YAML'
name: wild
method: random
run_cap: 2
metric: {name: val_accuracy}
parameters: {dropout: {min: 0.0, max: 0.1}}
data: {format: digits, rows: 200, test_rows: 20}
train: {epochs: 4, hidden: [32, 32], activation: selu, optimizer: sgd, learning_rate: 100, clip_norm: 0}
YAML
"$consort" sweep wild.yaml -q > out 2> err
failures=$(ask wild "SELECT count(*) FROM trial WHERE state = 'FAILED'" | tr -d ' ')
is failures "$failures" 2
ok retry retry wild --state failed
is retry "$(ask wild "SELECT count(*) FROM trial WHERE state = 'QUEUED' AND attempt = 2 AND fail_code IS NULL
    AND epochs = 0")" "$failures "
is forgotten "$(ask wild "SELECT count(*) FROM epoch JOIN trial USING (trial_id) WHERE state = 'QUEUED'")" "0 "
"$consort" sweep wild.yaml -q > out 2> err
is ran_again "$(ask wild "SELECT count(*) FROM trial WHERE state = 'FAILED' AND attempt = 2")" "$failures "
complete=$(ask net "SELECT min(number) FROM trial WHERE state = 'COMPLETE'" | tr -d ' ')
expect 2 retry_done retry net "$complete"
has retry_done err "trial $complete is COMPLETE; only failed and interrupted"
expect 2 retry_which retry net
expect 2 retry_state retry net --state complete

# ---- note ----------------------------------------------------------------------------------------------

ok note note net 'after the fix, "all" rows'
ok note_trial note net 3 'shown on Monday'
ok notes note net
has notes out 'after the fix, "all" rows$'
has notes out 'trial 3: shown on Monday$'
ok notes_json note net --json
has notes_json out '"trial": 3'
expect 2 note_empty note net 3 ' '
expect 2 note_gone note net 99 x
ok show show net 3
has show out 'note .*shown on Monday'

# ---- gc ------------------------------------------------------------------------------------------------

before=$(find runs/net/artifacts -type f | wc -l)
touch runs/net/artifacts/trial-000077.consort runs/net/artifacts/mine.txt
ok gc_dry gc net --dry-run --top 1
has gc_dry out 'trial-000077.consort  \(belongs to no trial\)'
has gc_dry out 'would be removed$'
is gc_dry "$(find runs/net/artifacts -type f | wc -l)" $((before + 2))
ok gc gc net --top 1
is gc "$(find runs/net/artifacts -type f | wc -l)" 3 # the best one's two files, and one that is not ours
is gc_rows "$(ask net "SELECT count(*) FROM artifact")" "2 "
ok gc_ensemble ensemble net
ok gc_member gc net --top 0
is gc_member "$(ask net "SELECT count(*) FROM artifact")" "2 "
ok gc_nothing gc net
has gc_nothing out '^0 files'

# ---- stop, and what is refused while a sweep runs ------------------------------------------------------

ok stop_idle stop net
has stop_idle out 'is not running'
sed 's/^name: net/name: long/; s/^run_cap: 5/run_cap: 5000/; s/epochs: 2/epochs: 300, patience: 300/' net.yaml > long.yaml
start() {
    : > long.out
    "$consort" sweep long.yaml -j 1 > long.out 2>&1 &
    pid=$!
    until_so grep -qE '^trial [0-9]+ +done' long.out
}
start
for verb in "retry long 0" "exclude long 0" "include long 0" "gc long"; do
    # shellcheck disable=SC2086
    expect 4 "running_${verb%% *}" $verb
    has "running_${verb%% *}" err "being run by pid $pid .*consort stop"
done
ok status status long
has status out "^state +running since .*pid $pid on .*sign of life"
has status out '^trials +[0-9]+ of 5000 trials'
ok status_json status long --json
has status_json out "\"pid\": $pid"
"$consort" watch long > watch.out 2> watch.err &
watcher=$!
ok stop stop long
wait $watcher
is watch_code $? 0
n=$((n + 1))
grep -qE '^[0-9:]{8} UTC  [0-9]+ of 5000 trials.* best 0' watch.out || fail "watch: $(cat watch.out watch.err)"
has stop out "stopped, pid $pid has ended"
wait $pid
is stop_code $? 143
ok watch_idle watch long # nobody runs it: one line, and the end
is watch_idle "$(wc -l < out)" 1
is stop_saved "$(ask long "SELECT count(*) FROM trial WHERE state = 'RUNNING'")" "0 "
ok after_stop enqueue long dropout=0.1 -q
start
ok stop_now stop long --now
has stop_now out "stopped, pid $pid has ended"
wait $pid
is stop_now_code $? 143

echo "$n checks of curating, $failed failed"
[ $failed = 0 ]
