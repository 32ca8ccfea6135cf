#!/usr/bin/env bash
# The same seed gives the same study: for one worker and two, and after five SIGKILLs at random moments.
# Compares everything the database says except times, hosts and attempts, and every model file by its
# SHA-256.   tests/cli_repeatable.sh CONSORT
set -eu
consort=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/until.sh"
cd "$work"
cat > sweep.yaml <<'YAML'
name: repeatable
method: bayes
metric: {name: val_f1_macro}
run_cap: 18
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  num_layers: {min: 1, max: 2}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 48, q: 8}
  width_2: {distribution: q_log_uniform_values, min: 8, max: 32, q: 8, when: "num_layers >= 2"}
  dropout: {min: 0.0, max: 0.3}
  optimizer: {values: [adamw, sgd]}
  augment: {parameters: {rotate_deg: {min: 0, max: 5}}}
data: {format: digits, rows: 400, test_rows: 100, split: {type: kfold, folds: 2, seed: 3}}
train: {epochs: 4, batch_size: 32}
run: {seed: 11, keep_models: 5}
YAML

"$consort" sweep sweep.yaml --dir one -j 1 -q >/dev/null
"$consort" sweep sweep.yaml --dir two -j 2 -q >/dev/null
"$here/dump.sh" "$consort" one > one.txt
"$here/dump.sh" "$consort" two > two.txt
cmp one.txt two.txt || { echo "one worker and two differ"; exit 1; }
[ "$(grep -c . one.txt)" -gt 200 ] || { echo "the dump is too short to mean anything"; exit 1; }

kills=0 resumed=0
while [ $kills -lt 5 ]; do
    "$consort" sweep sweep.yaml --dir killed -j 2 -q --json > events.txt 2>&1 &
    pid=$!
    draw=$(od -An -N2 -tu2 /dev/urandom)
    until_told $((draw % 5)) events.txt $pid
    sleep "0.0$((draw / 16 % 90 + 10))" # somewhere in the trial after
    kill -KILL $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    kills=$((kills + 1))
    [ -e killed/trials.db ] && resumed=$((resumed + 1))
done
"$consort" sweep sweep.yaml --dir killed -j 2 -q >/dev/null
"$here/dump.sh" "$consort" killed > killed.txt
cmp one.txt killed.txt || { diff one.txt killed.txt | head -20; echo "a killed study differs"; exit 1; }
again=$("$consort" query killed "SELECT count(*) FROM trial WHERE attempt > 1" --csv | tail -1)
left=$(find killed/artifacts -type f | wc -l)
[ "$left" = "$(find one/artifacts -type f | wc -l)" ] || { echo "files left behind: $left"; exit 1; }

# The winner as a configuration gives the winner, bit for bit.
"$consort" best one --yaml > winner.yaml
"$consort" train winner.yaml --dir winner -q > winner.txt
best=$("$consort" query one "SELECT printf('%.17g', value) FROM best" --csv | tail -1)
got=$("$consort" query winner "SELECT printf('%.17g', value) FROM best" --csv | tail -1)
[ "$best" = "$got" ] || { echo "the winner gave $got, not $best"; exit 1; }
number=$("$consort" query one "SELECT printf('%06d', trial) FROM best" --csv | tail -1)
"$consort" evaluate "one/artifacts/trial-$number.consort" --help >/dev/null
echo "same study for 1 and 2 workers, after $kills kills ($resumed with a database, $again trials run again)"
