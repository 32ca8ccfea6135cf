#!/usr/bin/env bash
# Freeze and thaw: the same study for one worker and three, with and without lookback, after SIGKILLs and after
# Ctrl-C; nobody who trains is left waiting for good, no state is left behind; more trials later.
#     tests/cli_thaw.sh CONSORT
set -eu
consort=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/until.sh"
. "$here/sweeps.sh"
cd "$work"
cat > sweep.yaml <<'YAML'
name: thaw
method: bayes
metric: {name: val_f1_macro}
run_cap: 16
early_terminate: {type: freeze_thaw}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 48, q: 8}
  num_layers: {value: 1}
  epochs: {values: [24, 18]}
data: {format: digits, rows: 600, test_rows: 100, split: {type: holdout, val_fraction: 0.3, seed: 3}}
train: {batch_size: 32}
run: {seed: 11, keep_models: 3, lookback: 3}
YAML
fail() { echo "$*"; exit 1; }
dump() { "$here/dump.sh" "$consort" "$1" > "$1.txt"; }
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }

"$consort" sweep sweep.yaml --dir one -j 1 -q > /dev/null 2> said.txt || { cat said.txt; exit 1; }
dump one
"$consort" sweep sweep.yaml --dir three -j 3 -q > /dev/null
dump three
cmp one.txt three.txt || fail "one worker and three differ"
got=$(ask one "SELECT DISTINCT rung || ':' || epochs FROM trial WHERE epochs IN (3, 6, 12, 24) ORDER BY rung")
case $got in
    "1:3 "*4:24*) ;;
    *) fail "not as rungs at epochs 3, 6, 12 of 24 would have it: $got" ;;
esac
[ "$(ask one "SELECT sum(state = 'PRUNED') > 0 AND sum(state = 'COMPLETE') >= 2 AND count(*) = 16 FROM trial")" -eq 1 ] ||
    fail "none was left waiting, or hardly any came to its end"
[ -z "$(find one/artifacts -name '*.checkpoint')" ] || fail "states are left"

# Killed at random moments, and told to stop: trials that wait go on from their states.
killed_often killed
"$consort" sweep sweep.yaml --dir killed -j 2 -q > /dev/null
dump killed
cmp one.txt killed.txt || { diff one.txt killed.txt | head; fail "a killed study differs"; }
[ -z "$(find killed/artifacts -name '*.checkpoint')" ] || fail "states are left after kills"

# So many that not all can wait, of a sampler that does not learn; killed late, when some are out.
random="sweep.yaml --set method=random --set data.rows=200 --trials 70"
"$consort" sweep $random --dir many -j 1 -q --json > events.txt
ends=$(awk '/"trial_end"/ { ends++; if (/PRUNED/ && ++out == 3) n = ends }
    /"trial_resume"/ && n { print n; exit }' events.txt)
[ -n "$ends" ] || fail "nobody was out before the end"
dump many
"$consort" sweep $random --dir cut -j 2 -q --json > events.txt 2>&1 &
pid=$!
until_told "$ends" events.txt $pid
kill -KILL $pid 2>/dev/null || true
wait $pid 2>/dev/null || true
"$consort" sweep $random --dir cut -j 3 -q > /dev/null
dump cut
cmp many.txt cut.txt || { diff many.txt cut.txt | head; fail "a study that was killed late differs"; }

# A longer study keeps what it has; a whole trial is what it is without pauses.
"$consort" best one --yaml > winner.yaml
"$consort" train winner.yaml --dir winner -q > /dev/null
value="SELECT printf('%.17g', value) FROM best"
[ "$(ask one "$value")" = "$(ask winner "$value")" ] || fail "the winner is another"
known="SELECT number, value, epochs FROM trial WHERE number < 16 AND state = 'COMPLETE' ORDER BY 1"
ask one "$known" > before.txt
"$consort" sweep sweep.yaml --dir one -j 2 -q --trials 24 > /dev/null
ask one "$known" | cmp - before.txt || fail "a longer study changed what it had"
[ "$(ask one "SELECT count(*) FROM trial WHERE state IN ('COMPLETE', 'PRUNED')")" -eq 24 ]

# Without waiting.
"$consort" sweep sweep.yaml --dir async -j 6 --async -q --trials 12 > /dev/null
"$consort" sweep sweep.yaml --dir async -j 2 -q --trials 14 > /dev/null
got=$(ask async "SELECT complete + pruned, deterministic FROM progress")
[ "$got" = "14,0 " ] || fail "async: $got"

echo "the same study, paused and resumed, for 1 and 3 workers and after $kills ends"
