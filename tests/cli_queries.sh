#!/bin/bash
# Every query of docs/guides/queries.md, and every one of docs/reference/database.md that needs no certain study, on a real
# study: each is understood, and each question of queries.md has an answer.   tests/cli_queries.sh CONSORT
set -u
consort=$(realpath "$1") docs=$(cd "$(dirname "$0")/../docs" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C
n=0 failed=0
fail() { failed=$((failed + 1)); echo "FAILED $1"; head -5 out err; }
cat > night.yaml <<'YAML'
name: night
method: random
run_cap: 24
metric: {name: val_accuracy}
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 100}
  optimizer: {values: [adamw, sgd]}
  num_layers: {min: 1, max: 2}
  width_1: {values: [8, 16, 64]}
  width_2: {values: [8], when: "num_layers >= 2"}
  batch_size: {values: [16, 32]}
  dropout: {min: 0.0, max: 0.3}
constraints: ["n_params < 40000"]
enqueue: [{width_1: 64}, {learning_rate: 100, optimizer: sgd, num_layers: 2, width_1: 16}, {learning_rate: 90, optimizer: sgd}]
data: {format: digits, rows: 300, test_rows: 60}
train: {epochs: 4, activation: selu, clip_norm: 0}
run: {seed: 4, keep_models: 6}
YAML
run() { "$consort" "$@" > out 2> err || fail "consort $*"; }
run sweep night.yaml -q
run ensemble night
run note night 1 "the one we showed on Monday"
broken=$("$consort" query night "SELECT number FROM trial WHERE state = 'FAILED' LIMIT 1" --csv | tail -1)
run retry night "$broken"
run sweep night.yaml -q

# The ```sql blocks of a page, one file each.
blocks() { # PAGE PREFIX
    awk -v to="$2" '/^```sql$/ { inside = 1; n++; next } /^```$/ { inside = 0 }
        inside { print > (to sprintf("%03d", n) ".sql") }' "$docs/$1"
}
blocks guides/queries.md q
for query in q*.sql; do
    n=$((n + 1))
    "$consort" query night "$(cat "$query")" --csv > out 2> err || fail "queries.md, block ${query#q}: $(cat "$query")"
    [ "$(wc -l < out)" -ge 2 ] || fail "queries.md, block ${query#q}: no row: $(cat "$query")"
done
questions=$(grep -cE '^[0-9]+\. .*[?)]$' "$docs/guides/queries.md")
[ $n -ge 30 ] && [ "$questions" = $n ] || fail "$n queries for $questions questions"

# database.md speaks of a study mnist-mlp; ours has its name where a query names it.
blocks reference/database.md d
for query in d*.sql; do
    n=$((n + 1))
    "$consort" query night "$(sed 's/mnist-mlp/night/g; s/mnist_mlp/night/g' "$query")" --csv > out 2> err \
        || fail "database.md, block ${query#d}: $(cat "$query")"
done
echo "$n queries of the manual, $failed failed"
[ $failed = 0 ]
