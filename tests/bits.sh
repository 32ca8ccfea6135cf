#!/usr/bin/env bash
# What a change that should change nothing must not change: runs six studies and prints a line for every study, model
# file, report and C file, with the SHA-256 of what it holds but for times and hosts. Two programs that compute the
# same print the same:
#     tests/bits.sh BEFORE/build/consort before DATA > before.txt
#     tests/bits.sh build/consort after DATA > after.txt
#     diff before.txt after.txt
# The studies stay in the folder named second, so that a difference can be looked at. DATA is a folder that holds
# letter.arff; without it that study is left out. It takes half a minute on two cores.   tests/bits.sh CONSORT FOLDER [DATA]
set -euo pipefail
consort=$(realpath "$1") here=$(cd "${BASH_SOURCE[0]%/*}" && pwd) letter=${3:+$(realpath "$3")/letter.arff}
mkdir "$2"
cd "$2"
export LC_ALL=C

# What no two runs share goes: times, hosts, lanes, which worker did what.
timeless() {
    python3 - "$1" <<'PY'
import json, sys
VARY = {"created_utc", "start_s", "seconds", "lane", "trial_seconds", "lanes", "span_s", "utilization",
        "microseconds_per_row", "cpu_s", "peak_bytes", "machine", "resumed", "recovered_trials", "latency_us", "wall_s", "host", "config_yaml", "crew"}
def without(x):
    if isinstance(x, dict):
        return {k: without(v) for k, v in x.items() if k not in VARY}
    return [without(v) for v in x] if isinstance(x, list) else x
print(json.dumps(without(json.load(open(sys.argv[1])))))
PY
}
sum() { sha256sum | cut -c 1-64; }
bits() { # bits STUDY: prints its lines
    echo "$1 database $("$here/dump.sh" "$consort" "$1" | sum)"
    for file in $(find "$1" -name '*.consort' -o -name '*.c' -o -name '*.h' -o -name '*.pred' -o -name '*.npy' | sort); do
        echo "$file $(sum < "$file")"
    done
    "$consort" report "$1" -q > /dev/null 2>&1 || true
    for file in report ensemble evaluation data-card; do
        [ -e "$1/$file.json" ] && echo "$1/$file.json $(timeless "$1/$file.json" | sum)"
    done
    for ask in "ls $1 --json" "best $1 --json" "best $1 --yaml" "importance $1 --json"; do
        # shellcheck disable=SC2086
        "$consort" $ask > said.txt 2>&1 || true
        echo "$ask $(sed -E -e "s|$PWD|WORK|g" -f unsaid.sed said.txt | sum)"
    done
    "$consort" export "$1" --to csv --out trials.csv -q > /dev/null 2>&1 || true
}
# Times in what the verbs say.
cat > unsaid.sed <<'SED'
s/"(secs|seconds|started|ended|wall_s|cpu_s|created_utc|started_utc|ended_utc|host|attempt|worker)": ?("[^"]*"|[0-9.e+-]+)/"\1": -/g
s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?/TIME/g
SED

cp -r "$here/../configs" configs
"$consort" run configs/digits.yaml --set run.lookback=8 --dir demo -q > demo.txt 2>&1
bits demo
sed -n '/precision/,$p' demo.txt > said.txt && echo "demo said $(sum < said.txt)"

if [ -n "$letter" ] && [ -e "$letter" ]; then
    "$consort" run configs/tabular.yaml --name letter --set "data.train=$letter" --set run_cap=6 --set portfolio=2 --set run.lookback=8 \
        --set train.epochs=6 --dir letter -q > letter.txt 2>&1
    "$consort" export letter --to c --out letter/exported -q > /dev/null 2>&1 || true
    bits letter
fi

"$consort" sweep configs/program.yaml --set early_terminate.type=halving \
    --set early_terminate.max_iter=27 --set run.lookback=8 --dir program -j 2 -q > program.txt 2>&1
bits program

cat > base.yaml <<'YAML'
name: base
method: bayes
metric: {name: val_f1_macro}
run_cap: 18
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  num_layers: {min: 1, max: 2}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 64, q: 8}
  width_2: {distribution: q_log_uniform_values, min: 8, max: 32, q: 8, when: "num_layers >= 2"}
  dropout: {min: 0.0, max: 0.3}
  optimizer: {values: [adamw, sgd]}
data: {format: digits, rows: 900, test_rows: 300, split: {type: kfold, folds: 2, seed: 3}}
train: {epochs: 24, batch_size: 16}
run: {seed: 11, keep_models: 6, lookback: 8}
YAML
{ sed '/^metric:/d' base.yaml; echo 'metrics: [{name: val_f1_macro, goal: maximize}, {name: n_params, goal: minimize}]'; } > goals.yaml
"$consort" run goals.yaml --name goals --dir goals -j 2 -q > goals.txt 2>&1
bits goals

# Interrupted three times, wherever it then is, and gone on with; what it says must not depend on that.
{ cat base.yaml; echo 'early_terminate: {type: hyperband, min_iter: 2}'; echo 'finalists: {top: 2, seeds: 2}'; } > resumed.yaml
for limit in 0.3 0.4 0.5; do
    timeout -s KILL "$limit" "$consort" sweep resumed.yaml --dir resumed -j 2 -q > /dev/null 2>&1 || true
done
"$consort" run resumed.yaml --name base --dir resumed -j 2 -q > resumed.txt 2>&1
bits resumed

{ cat base.yaml; echo 'early_terminate: {type: halving, min_iter: 2}'; } > joined.yaml
for guest in 1 2; do "$consort" sweep joined.yaml --dir joined -j 1 --join -q > joined.$guest.txt 2>&1 & pids+=($!); done
wait "${pids[@]}"
"$consort" run joined.yaml --dir joined -q > joined.txt 2>&1
bits joined
