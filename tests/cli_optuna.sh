#!/bin/sh
# Does Optuna itself read what `export --to optuna` writes, exactly, and go on from it? And do we read what
# Optuna writes? Needs a Python with optuna, $PYTHON (python3 if not set); skips without.
#   tests/cli_optuna.sh CONSORT
modules="optuna" tool=optuna
. "$(dirname "$0")/peer.sh"
version=$("$python" -c 'import optuna; print(optuna.__version__)')
cat > many.yaml <<'YAML'
name: many
method: random
run_cap: 24
metric: {name: val_accuracy}
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [16, 8], [8, 16]]}
  batch_size: {values: [16, 32, 64]}
  dropout: {min: 0.0, max: 0.4}
  l2: {distribution: log_uniform_values, min: 1e-6, max: 1e-2, zero_prob: 0.4}
  weight_decay: {distribution: normal, mu: 0.01, sigma: 0.002}
  beta2: {distribution: q_uniform, min: 0.9, max: 0.99, q: 0.01}
  epochs: {distribution: q_log_uniform_values, min: 2, max: 6, q: 2}
  optimizer: {values: [adamw, sgd]}
  momentum: {min: 0.5, max: 0.95, when: "optimizer == 'sgd'"}
  activation: {value: relu}
  augment: {parameters: {rotate_deg: {min: 0, max: 5}}}
constraints: ["n_params < 25000"]
enqueue: [{hidden: [16, 8]}]
data: {format: digits, rows: 200, test_rows: 50, split: {type: kfold, folds: 2, seed: 3}}
run: {seed: 11, keep_models: 5}
YAML
"$consort" sweep many.yaml -q > /dev/null
utc=$("$python" -c 'import optuna; print("--utc" if int(optuna.__version__.split(".")[0]) >= 5 else "")')
# shellcheck disable=SC2086
"$consort" export many --to optuna --out many.db $utc -q > /dev/null
"$consort" export many --to json > many.json
"$python" "$here/golden/optuna_read.py" many.db many.json

# The other way: a study that Optuna made and ran warms one of ours.
"$python" - <<'END'
import optuna
optuna.logging.set_verbosity(optuna.logging.WARNING)
study = optuna.create_study(storage="sqlite:///theirs.db", study_name="theirs", direction="maximize")


def objective(trial):
    opt = trial.suggest_categorical("optimizer", ["adamw", "sgd"])
    if opt == "sgd":
        trial.suggest_float("momentum", 0.5, 0.95)
    trial.suggest_float("lr", 0.001, 0.05, log=True)  # wider than ours: some do not fit
    trial.suggest_categorical("hidden", ["16", "16-8"])
    trial.suggest_int("batch", 16, 64, step=16)
    if trial.number == 3:
        raise optuna.TrialPruned()
    return 0.5 + 0.01 * trial.number


study.optimize(objective, n_trials=20)
END
cat > ours.yaml <<'YAML'
name: ours
method: bayes
run_cap: 4
metric: {name: val_accuracy}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [16, 8]]}
  batch_size: {values: [16, 32, 48, 64]}
  optimizer: {values: [adamw, sgd]}
  momentum: {min: 0.5, max: 0.95, when: "optimizer == 'sgd'"}
data: {format: digits, rows: 200, test_rows: 50}
train: {epochs: 2}
run: {seed: 3}
YAML
"$consort" import ours.yaml theirs.db --from optuna --map lr=learning_rate --map batch=batch_size --json -q > import.json
"$consort" sweep ours.yaml -q > /dev/null
"$consort" export ours --to json > ours.json
"$python" - <<'END'
import json
import optuna
optuna.logging.set_verbosity(optuna.logging.WARNING)
theirs = [t for t in optuna.load_study(study_name="theirs", storage="sqlite:///theirs.db").trials
          if t.state.name == "COMPLETE" and t.params["lr"] <= 0.03]
said = json.load(open("import.json"))
ours = [t for t in json.load(open("ours.json"))["trials"] if t["source"] == "import"]
assert len(ours) == len(theirs) == said["imported"] > 2, (len(ours), len(theirs), said)
assert said["not_complete"] == 1 and len(said["refused"]) == 19 - len(theirs), said
for a, b in zip(ours, theirs):
    assert a["value"] == b.value and a["params"]["optimizer"] == b.params["optimizer"]
    assert abs(a["params"]["learning_rate"] - b.params["lr"]) < 1e-6 * b.params["lr"]
    assert a["params"].get("momentum", 0) - b.params.get("momentum", 0) < 1e-6
    assert "-".join(map(str, a["params"]["hidden"])) == b.params["hidden"]
END
echo "Optuna $version reads the export as it is, and its own study was imported"
