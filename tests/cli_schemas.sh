#!/bin/sh
# A study that a killed sweep of each released schema left (tests/fixtures/schema-N.db) can be read, and
# sweeping it goes on where it stopped.   tests/cli_schemas.sh CONSORT
set -eu
consort=$(realpath "$1") fixtures=$(cd "$(dirname "$0")/fixtures" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > sweep.yaml <<'YAML'
name: released
method: bayes
metric: {name: val_f1_macro}
run_cap: 8
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 16, q: 8}
  optimizer: {values: [adamw, sgd]}
  num_layers: {value: 1}
data: {format: digits, rows: 200, test_rows: 50, split: {type: kfold, folds: 2, seed: 3}}
train: {epochs: 3, batch_size: 32}
run: {seed: 11, keep_models: 3, jobs: 1}
YAML
n=0
for file in "$fixtures"/schema-*.db; do
    mkdir "study-$n"
    cp "$file" "study-$n/trials.db"
    # Reading changes nothing.
    for question in "ls study-$n" "status study-$n" "best study-$n" "show study-$n 1"; do
        "$consort" $question > answer.txt || { echo "$file: consort $question"; exit 1; }
        [ -s answer.txt ]
    done
    cmp "$file" "study-$n/trials.db"
    finished="SELECT number, params_hash, seed, value FROM trial WHERE number < 4 ORDER BY number"
    "$consort" query "study-$n" "$finished" --csv > before.txt
    "$consort" sweep sweep.yaml --dir "study-$n" -q > /dev/null 2> said.txt || { cat said.txt; exit 1; }
    "$consort" query "study-$n" "$finished" --csv | cmp - before.txt
    got=$("$consort" query "study-$n" "SELECT count(*), count(*) FILTER (WHERE state IN ('COMPLETE', 'PRUNED')),
          max(attempt) FROM trial" --csv | tail -1)
    [ "$got" = 8,8,2 ] || { echo "$file: after the sweep $got trials"; exit 1; }
    [ "$("$consort" query "study-$n" "PRAGMA integrity_check" --csv 2>/dev/null | tail -1)" = ok ] ||
        "$consort" doctor "study-$n" | grep -q "integrity_check *ok"
    n=$((n + 1))
done
[ $n -gt 0 ] || { echo "no fixtures"; exit 1; }
echo "$n released schema(s) read, and swept to the end"
