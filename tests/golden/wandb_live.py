"""Does a program get what wandb would give it? A random grammar of parameters, the real Consort and the real wandb.

    python3 tests/golden/wandb_live.py CONSORT [ROUNDS] [SEED]     in an empty folder; needs wandb and PyYAML

Each round writes a sweep of many random values, texts in quotes (PyYAML leaves "2e-05" bare, which is a number to YAML 1.2), runs one
trial of it, and compares the arguments with wandb's own create_sweep_command_args, and wandb.config, which wandb.init(mode=
"offline") fills from WANDB_SWEEP_PARAM_PATH, with the values themselves, types included.
"""
import json
import math
import os
import pickle
import random
import subprocess
import sys
import tempfile

import wandb
import yaml
from wandb.sdk.launch.sweeps.utils import create_sweep_command_args

consort, rounds, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5, int(sys.argv[3]) if len(sys.argv) > 3 else 1
chance = random.Random(seed)
program = r"""
import contextlib, json, os, pickle, sys, wandb
with open("given.pickle", "wb") as out, contextlib.redirect_stdout(sys.stderr):
    run = wandb.init(mode="offline", settings=wandb.Settings(silent=True))
    config = {k: v for k, v in run.config.as_dict().items() if k != "_wandb"}
    json_file = open(sys.argv[-2]).read()
    pickle.dump((sys.argv[1:-2], sys.argv[-1], json_file, config), out)
    run.finish()
print(json.dumps({"loss": 0.5}))
"""
words = ["adam", "True", "true", "null", "None", "~", "yes", "on", "1e-5", "2e-05", "1.0", "07", "0x1F", "1_000", "12:30", "2001-01-01", ".inf",
         "nan", "it's", 'say "x"', "a b: c #d", "- x", "[1]", "{a: 1}", "%s", "&a", "*b", "!c", "|", ">", "@x", "`x`", "é中😀", "tab\there", "two\nlines",
         " lead", "trail ", "", "=", "<<", "x" * 300, "\\n", "a,b", "?", ":", "-"]


def number():
    kind = chance.randrange(8)
    if kind == 0:
        return chance.choice([0.0, -0.0, 1.0, 3.0, 1e16, 1e22, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1e-5, 2e-05, 1e15, 123456789012345680.0])
    if kind == 1:
        return chance.choice([0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -2**63, -2**64 - 1, 10**30])
    if kind == 2:
        return chance.randint(-1000, 1000)
    if kind == 3:
        return float(chance.randint(-1000, 1000))
    return chance.uniform(-1, 1) * 10.0 ** chance.randint(-300, 300) if kind == 4 else round(chance.uniform(0, 10), chance.randint(0, 8))


def value(depth):
    kind = chance.randrange(10 if depth < 3 else 7)
    if kind < 4:
        return number()
    if kind == 4:
        return chance.choice([True, False, None])
    if kind < 7:
        return chance.choice(words)
    if kind == 7:
        return [value(depth + 1) for _ in range(chance.randrange(5))]
    return {chance.choice(["a", "b", "lr", "x y", "k%d" % chance.randrange(9)]): value(depth + 1) for _ in range(chance.randrange(4))}


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return math.copysign(1, a) == math.copysign(1, b) and (a == b or (a != a and b != b))
    return a == b


class Quoting(yaml.SafeDumper):
    pass


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))

failed = n = 0
for turn in range(rounds):
    params = {"p%03d" % i: value(0) for i in range(150)}
    params = {k: v for k, v in params.items() if len(json.dumps(v)) < 900}
    sweep = {"program": "p.py", "command": [sys.executable, "-c", program, "${args}", "${args_json_file}", "${args_json}"], "method": "grid",
             "metric": {"name": "loss"}, "parameters": {k: {"value": v} for k, v in params.items()}}
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "p.py"), "w").close()
        with open(os.path.join(folder, "s.yaml"), "w") as file:
            yaml.dump(sweep, file, Dumper=Quoting, sort_keys=False, allow_unicode=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WANDB")}
        done = subprocess.run([consort, "sweep", "s.yaml", "-q", "--name", "s"], cwd=folder, env=environment, capture_output=True, text=True)
        given = os.path.join(folder, "given.pickle")
        if done.returncode != 0 or not os.path.exists(given):
            sys.exit("round %d: %s" % (turn, done.stderr))
        with open(given, "rb") as file:
            args, json_text, json_file, config = pickle.load(file)
    want = create_sweep_command_args({"args": {k: {"value": v} for k, v in params.items()}})
    for (name, v), ours, theirs in zip(params.items(), args, want["args"]):
        n += 1
        wrong = []
        if ours != theirs:
            wrong.append("argument %r, not %r" % (ours[:200], theirs[:200]))
        if not same(config.get(name), v):
            wrong.append("wandb.config %r" % (config.get(name),))
        if not same(json.loads(json_text).get(name), v) or not same(json.loads(json_file).get(name), v):
            wrong.append("JSON %r" % json.loads(json_text).get(name))
        failed += bool(wrong)
        if wrong and failed <= 20:
            print("round %d %s %r: %s" % (turn, name, v, "; ".join(wrong)))
    if len(args) != len(params):
        sys.exit("round %d: %d arguments, not %d" % (turn, len(args), len(params)))
print("%d values, %d differ" % (n, failed))
sys.exit(failed > 0)
