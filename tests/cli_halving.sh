#!/usr/bin/env bash
# Halving and Hyperband with paused trials: the same study for one worker and three, after SIGKILLs and
# after Ctrl-C; no state is left behind; more trials later.   tests/cli_halving.sh CONSORT
set -eu
consort=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/until.sh"
. "$here/sweeps.sh"
cd "$work"
cat > sweep.yaml <<'YAML'
name: halving
method: bayes
metric: {name: val_f1_macro}
run_cap: 20
early_terminate: {type: halving, min_iter: 2}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 48, q: 8}
  num_layers: {value: 1}
  epochs: {values: [18, 14]}
  dropout: {min: 0.0, max: 0.3}
data: {format: digits, rows: 600, test_rows: 100, split: {type: kfold, folds: 2, seed: 3}}
train: {batch_size: 32, patience: 4}
run: {seed: 11, keep_models: 3, lookback: 8}
YAML
fail() { echo "$*"; exit 1; }
dump() { "$here/dump.sh" "$consort" "$1" > "$1.txt"; }

"$consort" sweep sweep.yaml --dir one -j 1 -q > /dev/null 2> said.txt || { cat said.txt; exit 1; }
dump one
"$consort" sweep sweep.yaml --dir three -j 3 -q > /dev/null
dump three
cmp one.txt three.txt || fail "one worker and three differ"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }
rungs=$(ask one "SELECT rung, count(*), min(epochs), max(epochs) FROM trial WHERE state = 'PRUNED' GROUP BY 1 ORDER BY 1")
case $rungs in
    1,*,2,2\ 2,*) ;;
    *) fail "not as rungs at epochs 2 and 6 of 18 would have it: $rungs" ;;
esac
[ "$(ask one "SELECT count(*) FROM trial WHERE state = 'COMPLETE' AND rung = 3")" -ge 2 ]
[ -z "$(find one/artifacts -name '*.checkpoint')" ] || fail "states are left"

# Killed at random moments, and told to stop: paused trials go on from their states.
killed_often killed
"$consort" sweep sweep.yaml --dir killed -j 2 -q > /dev/null
dump killed
cmp one.txt killed.txt || { diff one.txt killed.txt | head; fail "a killed study differs"; }
[ -z "$(find killed/artifacts -name '*.checkpoint')" ] || fail "states are left after kills"

# The winner as a configuration gives the winner; a longer study keeps what it has.
"$consort" best one --yaml > winner.yaml
"$consort" train winner.yaml --dir winner -q > /dev/null
value="SELECT printf('%.17g', value) FROM best"
[ "$(ask one "$value")" = "$(ask winner "$value")" ] || fail "the winner is another"
known="SELECT number, value, epochs FROM trial WHERE number < 18 ORDER BY 1"
ask one "$known" > before.txt
"$consort" sweep sweep.yaml --dir one -j 2 -q --trials 30 > /dev/null
ask one "$known" | cmp - before.txt || fail "a longer study changed what it had"
[ "$(ask one "SELECT count(*) FROM trial WHERE state IN ('COMPLETE', 'PRUNED')")" -eq 30 ]

# Hyperband's brackets: 9 trials from the first rung, 5 from the second, 3 full ones.
"$consort" sweep sweep.yaml --dir brackets -j 2 -q --set early_terminate.type=hyperband_sync --trials 17 > /dev/null
got=$(ask brackets "SELECT sum(number < 9 AND epochs <= 2), sum(number BETWEEN 9 AND 13 AND rung = 1),
    sum(number >= 14 AND rung = 3) FROM trial")
[ "$got" = "6,0,3 " ] || fail "brackets: $got"
# Without waiting: more workers than the lookback, all trials, and the study says what it is, for good.
"$consort" sweep sweep.yaml --dir async -j 10 --async -q --trials 12 > /dev/null
"$consort" sweep sweep.yaml --dir async -j 2 -q --trials 14 > /dev/null
got=$(ask async "SELECT complete + pruned, deterministic FROM progress")
[ "$got" = "14,0 " ] || fail "async: $got"
"$consort" report async -q > /dev/null && grep -q "would not give the same study" async/report.md ||
    fail "the report does not say that the study cannot be repeated"
[ "$(ask one "SELECT deterministic FROM progress")" = "1 " ]

echo "the same study, paused and resumed, for 1 and 3 workers and after $kills ends"
