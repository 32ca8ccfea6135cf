"""The program beside its peers on classification tables: accuracy, log loss and CPU seconds; pairs won, ranks, Elo.

    python3 bench/arena/arena.py run OUT.jsonl build/consort [--only sick,letter] [--repeats 0,1,2] [--dev] [--jobs 2]
                                 [--entrant NAME[@BINARY][:ARGUMENTS]] ... [--peers mlp,xgb] [--python PYTHON]
    python3 bench/arena/arena.py report FILES... [--hero consort] [--beside low,high] [--write]
    python3 bench/arena/arena.py check

`run` plays every entrant on every split and adds a JSON line for each to OUT; what is there is not played again, so
a stopped run goes on. An entrant is `consort run FILE --label X -j 1`, without a configuration, and the arguments
after the colon: an ingredient left out is an entrant of its own. BINARY is another build. CPU seconds are those of
the process and its children, user and system, for all that `run` does: search, ensemble, test, report, exports.
What it ships is evaluated on the test rows. Without --entrant there is one: `consort`. --peers are played too, with
the Python that has them.

--dev plays the development splits (repeats 5 and up, `splits.py`). Every choice is made there; the fixed ones are
for the end. MNIST is played where --only names it. `report` reads the results, and the peers' that are kept here
(`peers.jsonl`) and beside the splits (`trees.jsonl`), on the splits that the hero played. What an ingredient brings
is the hero's line against the entrant without it; --beside names entrants that are to be ranked too. `check`
compares the rule of the splits with the fixed ones. Without peers, Python alone is needed.
"""
import argparse
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading

import report
import splits
from results import write_table

METRICS = {"acc": "accuracy", "f1": "f1_macro", "bacc": "balanced_accuracy", "logloss": "log_loss", "auc": "roc_auc"}
MARK = "<!-- bench/arena/arena.py -->"
HERE = os.path.dirname(os.path.abspath(__file__))


def read_results(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def key_of(row):
    return row["dataset"], row["rep"], row["method"]


def entrant_of(text, binary):
    """(name, binary, arguments) of NAME[@BINARY][:ARGUMENTS]."""
    head, _, arguments = text.partition(":")
    name, _, other = head.partition("@")
    return name, os.path.abspath(other or binary), shlex.split(arguments)


def measured(command):
    """Runs a command: what it printed, and its CPU seconds with its children's."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (out, errors):
            stream.seek(0)
        if process.returncode:
            raise RuntimeError(f"{shlex.join(command)}: exit {process.returncode}: {errors.read().decode()[-500:]}")
        return out.read().decode(), usage.ru_utime + usage.ru_stime


def play_consort(entrant, name, repeat, options):
    method, binary, arguments = entrant
    with tempfile.TemporaryDirectory(prefix="arena-") as folder:
        given, test, n = splits.write(name, repeat, options, folder)
        study = os.path.join(folder, "study")
        _, cpu = measured([binary, "run", *given, "-q", "-j", "1", "--seed", str(repeat), "--dir", study, *arguments])
        answer, _ = measured([binary, "evaluate", os.path.join(study, "ensemble.consort"), *test, "--json"])
    metrics = json.loads(answer)["metrics"]
    row = {"dataset": name, "method": method, "rep": repeat, "cpu": round(cpu, 2), "n": n}
    row |= {short: round(metrics[long]["value"], 5) for short, long in METRICS.items()}
    return row | ({"arguments": shlex.join(arguments)} if arguments else {})


def play_peer(method, name, repeat, options):
    answer, _ = measured([options.python, os.path.join(HERE, "peers.py"), method, name, str(repeat), "--data",
                          options.data, "--splits", options.splits])
    return json.loads(answer.splitlines()[-1])


def play_all(options):
    wanted = options.only.split(",") if options.only else splits.TABLES
    repeats = [int(r) for r in (options.repeats or ("5,6,7" if options.dev else "0,1,2")).split(",")]
    if any((repeat >= splits.FIRST_DEV) != options.dev for repeat in repeats):
        raise SystemExit(f"repeats {options.repeats}: below {splits.FIRST_DEV} are fixed, the others need --dev")
    named = options.entrant or (["consort"] if options.binary else [])
    entrants = [entrant_of(text, options.binary) for text in named]
    players = [(entrant[0], play_consort, entrant) for entrant in entrants]
    players += [(peer, play_peer, peer) for peer in options.peers.split(",") if peer]
    done, lock, failed = set(map(key_of, read_results(options.out))), threading.Lock(), []

    def play(name, repeat, how, who):
        try:
            row = how(who, name, repeat, options)
        except RuntimeError as problem:
            failed.append(name)
            print(f"{name} {repeat}: {problem}", file=sys.stderr, flush=True)
            return
        with lock, open(options.out, "a") as file:
            file.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)

    turns = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for turn in range(len(repeats)):  # every table's first split, then every second
            for name in wanted:
                for repeat in splits.repeats_of(name, repeats, options.every)[turn:turn + 1]:
                    for label, how, who in players:
                        if (name, repeat, label) not in done:
                            turns.append(pool.submit(play, name, repeat, how, who))
    for one in turns:
        one.result()
    return 1 if failed else 0


def show(options):
    rows = [row for path in options.files for row in read_results(path)]
    rows += read_results(os.path.join(HERE, "peers.jsonl"))
    rows += read_results(os.path.join(os.path.dirname(options.splits), "trees.jsonl"))
    text, picture = report.report(rows, options.hero, [name for name in options.beside.split(",") if name])
    print(text)
    if options.write:
        with open(os.path.join(HERE, "arena.svg"), "w") as file:
            file.write(picture)
        write_table(MARK, text + "\n![Elo against CPU seconds](arena/arena.svg)\n")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    run, shown, check = (verbs.add_parser(verb) for verb in ("run", "report", "check"))
    for verb in (run, shown, check):
        verb.add_argument("--data", default=os.environ.get("CONSORT_DATA", "../shared/data"))
        verb.add_argument("--splits", default="../shared/bench/accuracy/splits")
    run.add_argument("out")
    run.add_argument("binary", nargs="?", default="", help="the program; none: peers alone")
    run.add_argument("--entrant", action="append", help="NAME[@BINARY][:ARGUMENTS]")
    run.add_argument("--peers", default="")
    run.add_argument("--python", default=sys.executable)
    run.add_argument("--only", default="")
    run.add_argument("--repeats", default="")
    run.add_argument("--every", action="store_true", help="all repeats of the large tables too")
    run.add_argument("--dev", action="store_true")
    run.add_argument("--jobs", type=int, default=2)
    shown.add_argument("files", nargs="+")
    shown.add_argument("--hero", default="consort")
    shown.add_argument("--beside", default="", help="entrants that get ranks and Elo too")
    shown.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.data, options.splits = os.path.abspath(options.data), os.path.abspath(options.splits)
    if options.verb == "check":
        return splits.check(options)
    return play_all(options) if options.verb == "run" else show(options)


if __name__ == "__main__":
    sys.exit(main())
