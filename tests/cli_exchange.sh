#!/bin/bash
# A study to other tools' files and back: warm starts, what is refused, and the same study after it for any
# number of jobs.   tests/cli_exchange.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }

cat > old.yaml <<'YAML'
name: old
method: random
run_cap: 10
metric: {name: val_accuracy}
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [16, 8]]}
  dropout: {min: 0.0, max: 0.4}
  l2: {distribution: log_uniform_values, min: 1e-6, max: 1e-2, zero_prob: 0.4}
  optimizer: {values: [adamw, sgd]}
  momentum: {min: 0.5, max: 0.95, when: "optimizer == 'sgd'"}
  augment: {parameters: {rotate_deg: {min: 0, max: 5}}}
data: {format: digits, rows: 200, test_rows: 50}
train: {epochs: 2}
run: {seed: 3, lookback: 8}
YAML
sed 's/^name: old/name: new/; s/^method: random/method: bayes/; s/^run_cap: 10/run_cap: 6/; s/seed: 3/seed: 4/' old.yaml > new.yaml
ok old sweep old.yaml -q
done_=$(ask old "SELECT count(*) FROM trial WHERE state = 'COMPLETE'" | tr -d ' ')
ok export_csv export old --to csv --out old.csv
ok export_optuna export old --to optuna --out old.db

# The same configurations come back from both files; what is there is not taken twice.
ok dry import new.yaml old.csv --from csv --dry-run
is dry "$(cut -d, -f1 out)" "$done_ of 10 trials would be imported"
[ ! -e runs/new ] || fail "dry: it made a study"
ok import import new.yaml old.db --from optuna
is imported "$(cut -d' ' -f1 out)" "$done_"
ok again import new old.csv --from csv
is again "$(cat out)" "0 of 10 trials imported, $done_ there already$(
    [ "$done_" = 10 ] || echo ", $((10 - done_)) not complete")"
sed 's/^name: new/name: ours/' new.yaml > ours.yaml
ok ours import ours.yaml runs/old --from consort
is ours "$(cut -d' ' -f1 out)" "$done_"
ok ours_again import ours runs/old/trials.db --from consort --study old
has ours_again out "^0 of 10 trials imported, $done_ there already"
is ours_values "$(ask ours 'SELECT params_hash, value FROM trial ORDER BY number')" \
    "$(ask new 'SELECT params_hash, value FROM trial ORDER BY number')"
ok ours_metric import ours.yaml runs/old --from consort --metric f1_macro --dry-run --dir elsewhere
has ours_metric out "^$done_ of 10 trials would be imported"
expect 3 ours_no_metric import ours.yaml runs/old --from consort --metric f1_makro --dry-run --dir elsewhere
has ours_no_metric err 'no trial has the metric `f1_makro`; did you mean `f1_macro`'
expect 2 ours_no_study import ours runs/old --from consort --study older
has ours_no_study err 'old'
sed 's/val_accuracy/val_log_loss/; s/^name: ours/name: down/' ours.yaml > down.yaml
expect 3 ours_goal import down.yaml runs/old --from consort
has ours_goal err 'val_accuracy is to be maximized there, but val_log_loss is to be minimized'
ok ours_other_goal import down.yaml runs/old --from consort --metric log_loss
is ours_other_goal "$(ask down 'SELECT max(value) > 1 FROM trial')" "1 "
expect 2 ours_nothing import ours nothing --from consort
is hashes "$(ask new 'SELECT params_hash FROM trial ORDER BY 1')" \
    "$(ask old "SELECT params_hash FROM trial WHERE state = 'COMPLETE' ORDER BY 1")"
is values "$(ask new 'SELECT value FROM trial ORDER BY number')" \
    "$(ask old "SELECT value FROM trial WHERE state = 'COMPLETE' ORDER BY number")"

# Warm: run_cap counts what is trained here, nothing is trained twice, other tools' results are not the best
# of this study, and one job and two give the same.
mkdir two && cp -r runs two/ && cp new.yaml two/
ok warm sweep new.yaml -j 1 -q
(cd two && "$consort" sweep new.yaml -j 2 -q) > out 2> err || fail "warm with two jobs"
"$here/dump.sh" "$consort" runs/new > one.txt
"$here/dump.sh" "$consort" two/runs/new > two.txt
n=$((n + 1))
cmp -s one.txt two.txt || fail "one job and two differ after an import"
is trained "$(ask new "SELECT count(*) FROM trial WHERE source <> 'import'")" "6 "
is twice "$(ask new "SELECT count(*) - count(DISTINCT params_hash) FROM trial")" "0 "
is ranked "$(ask new "SELECT count(*) FROM leaderboard WHERE source = 'import'")" "0 "
is best "$(ask new "SELECT trial FROM best")" \
    "$("$consort" best new | sed -n 's/^trial \([0-9]*\) .*/\1 /p')"
is model "$(ask new "SELECT count(*) FROM trial t WHERE source = 'import' AND json_extract(trace, '\$.kind') = 'import'
    AND json_extract(trace, '\$.file') = 'old.db'")" "$done_ "
ok learned query new "SELECT json_extract(trace, '\$.kind') FROM trial WHERE number = $done_" --csv
has learned out gp # it has seen enough to fit a model at once

# The table that W&B exports: other names, other words, rows that do not fit.
cat > wandb.csv <<'CSV'
"Name","State","lr","hidden","dropout","l2","optimizer","augment.rotate_deg","val/accuracy","Runtime"
"a","finished","0.002","[16, 8]","0.1","0","adamw","3","0.5","12"
"b","crashed","0.002","[16]","0.1","0","adamw","3","0.5","12"
"c","finished","0.5","[16]","0.1","0","adamw","3","0.5","12"
"d","finished","0.01","[64]","0.1","0","adamw","3","0.5","12"
"e","finished","0.01","[16]","0.1","0","sgd","3","0.5","12"
"f","finished","0.01","[16]","0.1","1e-5","adamw","3","","12"
CSV
ok wandb import new wandb.csv --from wandb-csv --map lr=learning_rate
has wandb out '^1 of 6 trials imported, 2 not complete, 3 refused$'
has wandb err 'line 4: learning_rate is 0.5, outside of 0.001 to 0.03'
has wandb err 'line 5: hidden is .*64.*not among its values'
has wandb err 'line 6: momentum is missing'
expect 3 nothing_fits import new wandb.csv --from wandb-csv
has nothing_fits err 'learning_rate is missing'
ok wandb_json import new wandb.csv --from wandb-csv --map lr=learning_rate --json -q
has wandb_json out '"schema": 1'
has wandb_json out '"there_already": 1'
expect 2 bad_map import new wandb.csv --from wandb-csv --map lr=learning_rat
has bad_map err 'did you mean `learning_rate`'
expect 2 no_from import new wandb.csv
has no_from err 'optuna, csv, wandb-csv or consort'
expect 2 bad_from import new wandb.csv --from wandb
has bad_from err 'one of optuna, csv, wandb-csv, consort'
expect 3 not_sqlite import new wandb.csv --from optuna
expect 3 not_there import new nothing.csv --from csv
sed 's/val_accuracy/val_log_loss/; s/^name: new/name: lower/' new.yaml > lower.yaml
expect 3 goal import lower.yaml old.db --from optuna
has goal err 'val_accuracy is to be maximized there, but val_log_loss is to be minimized'

# While it runs, it is left alone.
sed 's/^name: new/name: long/; s/^run_cap: 6/run_cap: 500/; s/epochs: 2/epochs: 200, patience: 200/' new.yaml > long.yaml
"$consort" sweep long.yaml -j 1 > long.out 2>&1 &
pid=$!
until_so grep -q '^trial 0 ' long.out
expect 4 running import long old.csv --from csv
has running err "being run by pid $pid"
kill -INT $pid
wait $pid
ok stopped import long old.csv --from csv

echo "$n checks of exchange, $failed failed"
[ $failed = 0 ]
