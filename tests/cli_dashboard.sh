#!/bin/sh
# Does optuna-dashboard, a server of its own, show what `export --to optuna` writes? Needs a Python with
# optuna-dashboard, $PYTHON (python3 if not set); skips without.
#   tests/cli_dashboard.sh CONSORT
modules="optuna_dashboard" tool=optuna-dashboard
. "$(dirname "$0")/peer.sh"
cat > one.yaml <<'YAML'
name: one
method: random
run_cap: 16
metric: {name: val_accuracy}
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [16, 8], [8]]}
  l2: {distribution: log_uniform_values, min: 1e-6, max: 1e-2, zero_prob: 0.4}
  optimizer: {values: [adamw, sgd]}
  momentum: {min: 0.5, max: 0.95, when: "optimizer == 'sgd'"}
constraints: ["n_params < 12740"]
enqueue: [{hidden: [16, 8]}]
data: {format: digits, rows: 200, test_rows: 50}
train: {epochs: 6}
run: {seed: 11}
YAML
sed -e 's/^name: one/name: two/' -e 's/^metric: .*/metrics: [{name: val_accuracy}, {name: n_params}]/' \
    -e '/^early_terminate/d' one.yaml > two.yaml
check() { # check NAME GOAL:DIRECTION ...
    name=$1
    shift
    "$consort" sweep "$name.yaml" -q > /dev/null
    "$consort" export "$name" --to optuna --out "$name.db" --utc -q > /dev/null
    "$consort" export "$name" --to json > "$name.json"
    "$python" "$here/golden/optuna_dashboard.py" "$name.db" "$name.json" "$@"
}
check one val_accuracy:maximize
check two val_accuracy:maximize n_params:minimize
