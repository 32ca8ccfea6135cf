#!/bin/bash
# Several goals: the same front for one worker and two, with trials stopped and paused; targets; what is kept.
#   tests/cli_pareto.sh CONSORT
set -u
consort=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C OPENBLAS_NUM_THREADS=1
status=0
fail() {
    echo "FAILED $1"
    [ -s err ] && head -c 800 err
    status=1
}
run() { "$consort" "$@" > out 2> err || fail "consort $*"; }
has() { grep -qE -- "$2" "$1" || { fail "no line of $1 matches: $2"; head -5 "$1"; }; }
refused() { # TEXT ARGUMENTS...
    local text=$1
    shift
    "$consort" "$@" > out 2> err && fail "accepted: $*"
    has err "$text"
}
cat > sweep.yaml <<'YAML'
method: custom
metrics:
  - {name: val_f1_macro, goal: maximize}
  - {name: n_params}
run_cap: 16
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  num_layers: {min: 1, max: 2}
  width_1: {distribution: q_log_uniform_values, min: 4, max: 64, q: 4}
  width_2: {distribution: q_log_uniform_values, min: 4, max: 32, q: 4, when: "num_layers >= 2"}
data: {format: digits, rows: 400, test_rows: 100, split: {val_fraction: 0.25}}
train: {epochs: 4, batch_size: 32}
run: {seed: 11, keep_models: 4, lookback: 4}
YAML

run config check sweep.yaml
run config resolve sweep.yaml
has out '^method: bayes'
grep -q '^metric:' out && fail "both metric and metrics in what was resolved"
cp out resolved.yaml
run config check resolved.yaml
refused 'do not go together' config check sweep.yaml --set 'metric.name=val_loss'
refused 'metrics.*`goal: minimize`' config check sweep.yaml --set 'metrics=[{name: val_f1_macro}, {name: flops, goal: maximize}]'

for kind in none hyperband halving; do
    [ $kind = none ] && stop='early_terminate=null' || stop="early_terminate={type: $kind, min_iter: 1, eta: 2}"
    for jobs in 1 2; do
        run sweep sweep.yaml --set "$stop" --dir $kind$jobs -j $jobs --progress none
        [ $kind = none ] || has err '`early_terminate` looks at val_f1_macro alone'
        "$here/dump.sh" "$consort" $kind$jobs > $kind$jobs.txt
    done
    cmp $kind"1.txt" $kind"2.txt" || fail "one worker and two differ with early termination $kind"
done
# Costs are stored with every finished trial, and four models are kept.
run query none1 "SELECT count(*) AS n FROM metric WHERE split = 'cost'" --csv
has out '^64$'
[ "$(ls none1/artifacts | wc -l)" = 8 ] || fail "not four models are kept"
run show none1 15
has out 'latency_us'
run show none1 15 --json
has out '"weights": *\['

# What is printed is the front: by brute force in SQL, the same trials.
run best none1
has out '^front: [0-9]+ of 16 trials'
has out '^trial +val_f1_macro +n_params'
awk 'NR > 3 { print $1 }' out | sort -n > printed
run query none1 "SELECT t.number FROM trial t JOIN metric m USING (trial_id) WHERE m.name = 'n_params' AND NOT EXISTS
    (SELECT 1 FROM trial u JOIN metric k USING (trial_id) WHERE k.name = 'n_params' AND u.value >= t.value AND
    k.value <= m.value AND (u.value > t.value OR k.value < m.value)) ORDER BY 1" --csv
tail -n +2 out | cmp - printed || fail "best prints another front than SQL finds"
run ls none1 --front --csv
has out 'cost_n_params'
cut -d, -f1 out | tail -n +2 | sort -n | cmp - printed || fail "ls --front lists another front"
run best none1 --json
has out '"hypervolume": 0\.'
run best none1 --metric n_params
has out '^trial [0-9]+  n_params [0-9]+$'
run best none1 --trial 3 --yaml
has out '^# trial 3 of study'
refused 'has no trial 99' best none1 --trial 99

# A target in every goal ends the sweep, and only that.
easy='metrics=[{name: val_f1_macro, target: 0.1}, {name: n_params, target: 1000000}]'
run sweep sweep.yaml --set "$easy" --dir easy -j 2 --progress none --require-target
has err 'target reached'
hard='metrics=[{name: val_f1_macro, target: 0.1}, {name: n_params, target: 10}]'
refused 'no trial reached all targets' sweep sweep.yaml --set "$hard" --set run_cap=6 --dir hard --require-target
exit $status
