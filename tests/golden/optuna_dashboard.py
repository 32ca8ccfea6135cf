"""Serves an exported study with optuna-dashboard and compares what it answers with the same study as JSON.

python3 optuna_dashboard.py STUDY.db STUDY.json GOAL:DIRECTION ...     (called by tests/cli_dashboard.sh)
"""
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

database, document = sys.argv[1], json.load(open(sys.argv[2]))
goals = [argument.split(":") for argument in sys.argv[3:]]
states = {"COMPLETE": "Complete", "PRUNED": "Pruned", "FAILED": "Fail", "INFEASIBLE": "Fail"}
n = 0


def same(what, got, want):
    global n
    n += 1
    if got != want:
        sys.exit("%s: the dashboard has %r, Consort %r" % (what, got, want))


def plain(value):
    return "-".join(str(item) for item in value) if isinstance(value, list) else value


def read(param):
    """A value as it is shown, with the type that is said of it."""
    text, kind = param["param_external_value"], param["param_external_pytyp"]
    readers = {"int": int, "float": float, "str": str, "bool": lambda word: word == "True"}
    return next(readers[name](text) for name in readers if "'%s'" % name in kind)


def compare(ask):
    studies = ask("/api/studies")["study_summaries"]
    same("studies", [s["study_name"] for s in studies], [document["study"]["name"]])
    study = ask("/api/studies/%d?after=0" % studies[0]["study_id"])
    same("goals", study["objective_names"], [name for name, direction in goals])
    same("directions", study["directions"], [direction for name, direction in goals])
    same("a note", document["study"]["name"] in study["note"]["body"], True)
    same("number of trials", len(study["trials"]), len(document["trials"]))
    for ours, theirs in zip(document["trials"], study["trials"]):
        name = "trial %d: " % ours["trial"]
        same(name + "state", theirs["state"], states[ours["state"]])
        want = {}
        for key, value in ours["params"].items():
            if key == "l2":
                want["l2_on"] = value != 0
            if key != "l2" or value != 0:
                want[key] = plain(value)
        same(name + "parameters", {p["name"]: read(p) for p in theirs["params"]}, want)
        curve = {p["epoch"] - 1: p["val_metric"] for p in ours["curve"] if p["fold"] == 0}
        shown = {p["step"]: p["value"] for p in theirs["intermediate_values"]}
        if len(goals) == 1:
            same(name + "curve", shown, curve)
        if ours["state"] == "COMPLETE":
            same(name + "value", theirs["values"][0], ours["value"])
            same(name + "number of values", len(theirs["values"]), len(goals))
        same(name + "feasible", max(theirs["constraints"] or [0]) <= 0, ours["state"] != "INFEASIBLE")
    states_there = {trial["state"] for trial in document["trials"]}
    same("what is compared", {"COMPLETE", "INFEASIBLE"} <= states_there, True)
    done = [trial for trial in document["trials"] if trial["state"] == "COMPLETE"]
    best = max(done, key=lambda trial: trial["value"])["value"]
    same("the best", max(trial["values"][0] for trial in study["best_trials"]), best)


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen([sys.executable, "-c", "from optuna_dashboard._cli import main; main()", "--quiet", "--port",
                           str(port), "sqlite:///" + database], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(path):
    for attempt in range(300):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except OSError:
            if server.poll() is not None:
                sys.exit("optuna-dashboard does not start")
            time.sleep(0.1)
    sys.exit("optuna-dashboard gives no answer")


try:
    compare(ask)
finally:
    server.terminate()
    server.wait()
print("optuna-dashboard shows %s: %d things compared" % (document["study"]["name"], n))
