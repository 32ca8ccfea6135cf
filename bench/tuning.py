"""Search on real networks: the best validation score over time of Consort's `bayes` with early termination,
of its random search, and of Optuna (TPE and GP samplers, HyperbandPruner) driving PyTorch.

    python3 bench/tuning.py build/consort [--data FOLDER] [--only letter,spambase,mnist] [--seconds 30]
                            [--seeds 1] [--contenders bayes,random,tpe,gp] [--runs FILE] [--curves FILE]
                            [--write]

The same search space, data, validation rows, epochs, cosine schedule and AdamW for all. Each contender has
two workers: two jobs, or two processes that share a study, with one thread each. The machine may be shared,
so time is what a contender used: user and system time of all its processes, divided by two, which on two
idle cores is wall time. PyTorch's clock starts when its imports are done and its data loaded; Consort's with its
process. A score counts when its trial has run to its end. Every trial's score is the best of its epochs.
Needs torch, optuna and NumPy. --runs keeps every run in a file of JSON: those that are there are not run
again, so a long comparison can be taken in pieces, and the table is of all of them. --curves writes
(data set, contender, seed, seconds, best score) as CSV; --write puts the table into bench/RESULTS.md, between its
two comments.
"""
import argparse
import datetime
import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from results import write_table

MARK = "<!-- bench/tuning.py -->"
EPOCHS = {"letter": 30, "spambase": 30, "mnist": 12}
FACTOR = {"letter": 1, "spambase": 1, "mnist": 2}  # of --seconds
NAMES = {"bayes": "Consort bayes, hyperband", "halving": "Consort bayes, halving",
         "random": "Consort random", "randomhb": "Consort random, hyperband",
         "tpe": "Optuna TPE, PyTorch", "gp": "Optuna GP, PyTorch"}

SPACE = """parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0005, max: 0.03}
  batch_size: {values: [32, 64, 128, 256]}
  num_layers: {min: 1, max: 3}
  width_1: {distribution: q_log_uniform_values, min: 32, max: 512, q: 32}
  width_2: {distribution: q_log_uniform_values, min: 32, max: 512, q: 32, when: "num_layers >= 2"}
  width_3: {distribution: q_log_uniform_values, min: 32, max: 512, q: 32, when: "num_layers >= 3"}
  activation: {values: [relu, silu]}
  dropout: {min: 0.0, max: 0.5}
  weight_decay: {distribution: log_uniform_values, min: 0.0001, max: 0.3}
  label_smoothing: {values: [0, 0.05, 0.1]}
"""


def config_of(name, options, contender, seed):
    where = os.path.join(os.path.abspath(options.data), "mnist")
    if name == "mnist":
        data = (f"  train: {{images: {where}/train-images-idx3-ubyte.gz, labels: {where}/train-labels-idx1-ubyte.gz}}\n"
                "  split: {type: holdout, val_fraction: 0.1, seed: 7}\n  preprocess: {numeric: unit}\n")
    else:
        data = (f"  train: {os.path.abspath(options.data)}/tabular/{name}.arff\n"
                "  split: {type: holdout, val_fraction: 0.2, seed: 7}\n  preprocess: {numeric: standard}\n")
    stop = {"bayes": "early_terminate: {type: hyperband}\n", "randomhb": "early_terminate: {type: hyperband}\n",
            "halving": "early_terminate: {type: halving, bracket: 27}\n"}.get(contender, "")
    return (f"name: tuning\nmethod: {'random' if contender.startswith('random') else 'bayes'}\n{stop}"
            f"metric: {{name: val_accuracy}}\nrun_cap: 100000\n{SPACE}data:\n{data}"
            f"train: {{epochs: {EPOCHS[name]}, schedule: cosine, optimizer: adamw}}\n"
            f"run: {{seed: {seed}, jobs: 2, lookback: 3, keep_models: 2}}\nensemble: {{thresholds: none}}\n")


# ---- what a process group has used ------------------------------------------------------------------

def used(group):
    """User and system seconds of all processes of a group, with their ended children."""
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def race(command, seconds, ready=None):
    """Runs a command until its group has used 2 * seconds. Returns [(time of day, seconds used / 2)]."""
    child = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
    while ready and not all(map(os.path.exists, ready)):
        if child.poll() is not None:
            raise SystemExit(child.stderr.read())
        time.sleep(0.05)
    start, line = used(child.pid) if ready else 0, [(time.time(), 0)]
    while child.poll() is None:
        time.sleep(0.3)
        spent = (used(child.pid) - start) / 2
        if spent < line[-1][1]:
            break  # it is ending
        line.append((time.time(), spent))
        if spent >= seconds:
            break
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT if not ready else signal.SIGKILL)
    child.wait()
    return line


def on_clock(line, moment):
    """Seconds used at a time of day; None after the end."""
    for (t0, s0), (t1, s1) in zip(line, line[1:]):
        if moment <= t1:
            return s0 + (s1 - s0) * max(0, moment - t0) / max(1e-9, t1 - t0)
    return None


def curve_of(line, trials):
    """[(seconds, best so far)] of trials [(time of day, score)]."""
    best, curve = 0, []
    for moment, score in sorted(trials):
        seconds = on_clock(line, moment)
        if seconds is not None and score > best:
            best = score
            curve.append((seconds, best))
    return curve


# ---- the contenders ---------------------------------------------------------------------------------

def seconds_of(utc):
    return datetime.datetime.fromisoformat(utc.replace("Z", "+00:00")).timestamp()


def run_consort(name, options, contender, seed, folder):
    config, study = os.path.join(folder, "tuning.yaml"), os.path.join(folder, f"{contender}-{seed}")
    with open(config, "w") as file:
        file.write(config_of(name, options, contender, seed))
    line = race([options.consort, "sweep", config, "--dir", study, "-q"], options.seconds * FACTOR[name])
    db = sqlite3.connect(os.path.join(study, "trials.db"))
    rows = db.execute("SELECT state, end_utc, value FROM trial WHERE state IN ('COMPLETE', 'PRUNED')").fetchall()
    done = [(seconds_of(end), value) for state, end, value in rows if state == "COMPLETE" and value is not None]
    return curve_of(line, done), len(rows), len(done)


def run_optuna(name, options, contender, seed, folder, rows):
    import optuna
    log = os.path.join(folder, f"{contender}-{seed}.log")
    ready = [f"{log}.ready{i}" for i in range(2)]
    worker = [sys.executable, os.path.abspath(__file__), options.consort, "--data", options.data, "--worker",
              json.dumps({"name": name, "sampler": contender, "seed": seed, "log": log, "rows": rows})]
    line = race(worker, options.seconds * FACTOR[name], ready)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(log))
    trials = optuna.load_study(study_name="tuning", storage=storage).trials
    done = [(t.datetime_complete.timestamp(), t.value) for t in trials if t.state.name == "COMPLETE"]
    ended = sum(t.state.name in ("COMPLETE", "PRUNED") for t in trials)
    return curve_of(line, done), ended, len(done)


def validated_rows(name, options, folder):
    """A file with the numbers of the rows that Consort validates on, as its stored predictions have them."""
    config, study = os.path.join(folder, "rows.yaml"), os.path.join(folder, "rows")
    with open(config, "w") as file:
        file.write(config_of(name, options, "bayes", 1))
    subprocess.run([options.consort, "sweep", config, "--dir", study, "-q", "--trials", "1", "--set",
                    "train.epochs=1"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(os.path.join(study, "artifacts", "trial-000000.proba"), "rb") as file:
        data = file.read()
    n = int.from_bytes(data[:8], "little")
    at = json.loads(data[8:8 + n])["row"]["data_offsets"]
    rows = os.path.join(folder, "rows.i32")
    with open(rows, "wb") as file:
        file.write(data[8 + n + at[0]:8 + n + at[1]])
    return rows


# ---- PyTorch under Optuna ---------------------------------------------------------------------------

def load(name, data, rows):
    """Training and validation tensors; numbers standardized by the training rows, pixels / 255."""
    import gzip
    import numpy as np
    import torch
    held = np.fromfile(rows, np.int32)
    if name == "mnist":
        def idx(part):
            with gzip.open(os.path.join(data, "mnist", part)) as file:
                raw = file.read()
            shape = np.frombuffer(raw, ">i4", raw[3], 4)
            return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)
        x = idx("train-images-idx3-ubyte.gz").reshape(-1, 784).astype(np.float32) / 255
        y = idx("train-labels-idx1-ubyte.gz").astype(np.int64)
    else:
        with open(os.path.join(data, "tabular", name + ".arff"), encoding="latin-1") as file:
            lines = [line.strip() for line in file]
        start = next(i for i, line in enumerate(lines) if line.lower().startswith("@data"))
        cells = [line.split(",") for line in lines[start + 1:] if line and not line.startswith("%")]
        x = np.array([row[:-1] for row in cells], np.float32)
        classes = sorted({row[-1] for row in cells})
        y = np.array([classes.index(row[-1]) for row in cells], np.int64)
    train = np.setdiff1d(np.arange(len(x)), held)
    if name != "mnist":
        mean, sd = x[train].mean(0), x[train].std(0)
        x = (x - mean) / np.where(sd > 0, sd, 1)
    tensor = torch.from_numpy
    return tensor(x[train]), tensor(y[train]), tensor(x[held]), tensor(y[held]), int(y.max()) + 1


def torch_objective(trial, tensors, epochs):
    import math
    import optuna
    import torch
    from torch import nn
    x, y, x_valid, y_valid, k = tensors
    rate = trial.suggest_float("learning_rate", 5e-4, 0.03, log=True)
    batch = trial.suggest_categorical("batch_size", [32, 64, 128, 256])
    act = {"relu": nn.ReLU, "silu": nn.SiLU}[trial.suggest_categorical("activation", ["relu", "silu"])]
    dropout = trial.suggest_float("dropout", 0, 0.5)
    decay = trial.suggest_float("weight_decay", 1e-4, 0.3, log=True)
    smoothing = trial.suggest_categorical("label_smoothing", [0, 0.05, 0.1])
    layers, width = [], x.shape[1]
    for i in range(trial.suggest_int("num_layers", 1, 3)):
        # a multiple of 32 on a log scale, which suggest_int does not offer together
        log_width = trial.suggest_float(f"log2_width_{i + 1}", math.log2(32), math.log2(512))
        out = 32 * max(1, round(2 ** log_width / 32))
        layers += [nn.Linear(width, out), act(), nn.Dropout(dropout)]
        width = out
    torch.manual_seed(trial.number)
    net = nn.Sequential(*layers, nn.Linear(width, k))
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
    loss_of = nn.CrossEntropyLoss(label_smoothing=smoothing)
    steps = (len(x) + batch - 1) // batch
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * steps)
    best = 0
    for epoch in range(1, epochs + 1):
        net.train()
        order = torch.randperm(len(x))
        for i in range(0, len(x), batch):
            rows = order[i:i + batch]
            loss = loss_of(net(x.index_select(0, rows)), y.index_select(0, rows))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            score = (net(x_valid).argmax(1) == y_valid).float().mean().item()
        best = max(best, score)
        trial.report(score, epoch)
        if epoch < epochs and trial.should_prune():
            raise optuna.TrialPruned()
    return best


def work(spec, data):
    """Two processes, forked once everything is imported and loaded."""
    import optuna
    import torch
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    import warnings
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    epochs, tensors = EPOCHS[spec["name"]], load(spec["name"], data, spec["rows"])
    if spec["sampler"] == "gp":
        import optuna.samplers  # noqa: F401  (its imports are lazy; one fit loads them)
        warm = optuna.create_study(sampler=optuna.samplers.GPSampler(n_startup_trials=1))
        warm.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=3)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(spec["log"]))
    pruner = optuna.pruners.HyperbandPruner(min_resource=max(1, epochs // 10), max_resource=epochs, reduction_factor=3)
    optuna.create_study(study_name="tuning", storage=storage, direction="maximize")
    for worker in range(2):
        if os.fork() > 0:
            continue
        seed = 1000 * spec["seed"] + worker
        sampler = (optuna.samplers.GPSampler(seed=seed) if spec["sampler"] == "gp"
                   else optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True))
        own = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(spec["log"]))
        study = optuna.load_study(study_name="tuning", storage=own, sampler=sampler, pruner=pruner)
        open(f"{spec['log']}.ready{worker}", "w").close()
        study.optimize(lambda trial: torch_objective(trial, tensors, epochs))
    for _ in range(2):
        os.wait()


# ---- the table --------------------------------------------------------------------------------------

def best_at(curve, seconds):
    scores = [score for s, score in curve if s <= seconds]
    return scores[-1] if scores else float("nan")


def table(results, options):
    shares = (0.125, 0.25, 0.5, 1)
    n_seeds = max(len(runs) for of in results.values() for runs in of.values())
    lines = [f"{options.seconds:g} seconds of two cores for each contender, MNIST twice that; seeds: {n_seeds}, "
             f"means where there are several; {datetime.date.today()}. The machine was shared with other work, so seconds "
             "are CPU seconds of both workers / 2. Trials: ended (run to their last epoch).", ""]
    for name in results:
        most = options.seconds * FACTOR[name]
        lines += [f"| {name} | " + " | ".join(f"{most * s:.3g} s" for s in shares) + " | reaches Optuna's best after | trials |",
                  "|---|" + "--:|" * (len(shares) + 2)]
        rivals = [c for n in ("tpe", "gp") for c, _, _ in results[name].get(n, [])]
        goal = max((best_at(c, most) for c in rivals), default=float("nan"))
        for contender, runs in results[name].items():
            cells = []
            for share in shares:
                scores = [best_at(curve, most * share) for curve, _, _ in runs]
                cells.append("none yet" if any(s != s for s in scores) else f"{100 * statistics.mean(scores):.2f}")
            when = [next((s for s, score in curve if score >= goal), None) for curve, _, _ in runs]
            cells.append("never" if None in when else f"{statistics.mean(when):.1f} s")
            cells.append(f"{statistics.mean(r[1] for r in runs):.0f} ({statistics.mean(r[2] for r in runs):.0f})")
            lines.append(f"| {NAMES[contender]} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("consort")
    parser.add_argument("--data", default=os.environ.get("CONSORT_DATA", "../shared/data"))
    parser.add_argument("--only", default="letter,spambase,mnist")
    parser.add_argument("--contenders", default="bayes,random,tpe,gp")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--runs")
    parser.add_argument("--curves")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if options.worker:
        return work(json.loads(options.worker), options.data)
    options.consort = os.path.abspath(options.consort)
    options.data = os.path.abspath(options.data)
    kept = {}
    if options.runs and os.path.exists(options.runs):
        with open(options.runs) as file:
            kept = json.load(file)
    names, contenders = options.only.split(","), options.contenders.split(",")
    for seed in range(1, options.seeds + 1):
        for name in names:
            for contender in contenders:
                key = f"{name} {contender} {seed} {options.seconds * FACTOR[name]:g}"
                if key in kept:
                    continue
                folder = tempfile.mkdtemp(prefix="tuning-")
                try:
                    if contender in ("tpe", "gp"):
                        run = run_optuna(name, options, contender, seed, folder, validated_rows(name, options, folder))
                    else:
                        run = run_consort(name, options, contender, seed, folder)
                finally:
                    shutil.rmtree(folder)
                kept[key] = run
                print(f"{name} {contender} seed {seed}: best {run[0][-1][1] if run[0] else float('nan'):.4f}, "
                      f"{run[1]} trials ended, {run[2]} complete", flush=True)
                if options.runs:
                    with open(options.runs + ".new", "w") as file:
                        json.dump(kept, file)
                    os.replace(options.runs + ".new", options.runs)
    results, lines = {name: {} for name in names}, ["data,contender,seed,seconds,best"]
    for key, run in sorted(kept.items(), key=lambda item: list(NAMES).index(item[0].split()[1])):
        name, contender, seed, seconds = key.split()
        if name in results and float(seconds) == options.seconds * FACTOR[name]:
            results[name].setdefault(contender, []).append(run)
            lines += [f"{name},{contender},{seed},{s:.2f},{score:.6f}" for s, score in run[0]]
    if options.curves:
        with open(options.curves, "w") as file:
            file.write("\n".join(lines) + "\n")
    text = table(results, options)
    print(text)
    if options.write:
        write_table(MARK, text)


if __name__ == "__main__":
    main()
