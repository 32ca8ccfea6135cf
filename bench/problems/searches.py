"""What drive.py drives: a program that speaks the protocol of `consort ask-tell`, or a peer in this process."""

import json
import os
import random
import resource
import subprocess
import tempfile

import space

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = {
    "tpe": "Optuna 5 TPE",
    "gp": "Optuna 5 GPSampler",
    "cmaes": "Optuna 5 CmaEs",
    "random": "random",
    "smac": "SMAC3 2.4",
}  # peers, and what tables call them


class Program:
    """A program that speaks the line protocol of `consort ask-tell`. `method` may be a whole sweep file."""

    def __init__(self, params, words, method, seed):
        handle, self.file = tempfile.mkstemp(suffix=".yaml")
        with os.fdopen(handle, "w") as f:
            f.write(method if "\n" in method else space.sweep_file(params, method))
        self.params = params
        self.child = subprocess.Popen(
            [w.format(space=self.file, seed=seed) for w in words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def call(self, message):
        self.child.stdin.write(json.dumps(message) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the program ended with status %r" % self.child.wait())
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def ask(self):
        answer = self.call({"cmd": "ask"})
        return answer["id"], space.clean(self.params, answer["params"])

    def tell(self, number, value):
        self.call({"cmd": "tell", "id": number, "value": value})

    def observe(self, params, value):
        self.call({"cmd": "tell", "params": params, "value": value})

    def seconds(self):
        with open("/proc/%d/stat" % self.child.pid) as f:
            words = f.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.child.stdin.close()
        self.child.wait()
        os.unlink(self.file)


class Here:
    """A search in this process; its seconds are those of this process in ask and tell."""

    def __init__(self):
        self.spent = 0.0

    def timed(self, call):
        start = resource.getrusage(resource.RUSAGE_SELF)
        out = call()
        end = resource.getrusage(resource.RUSAGE_SELF)
        self.spent += end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
        return out

    def seconds(self):
        return self.spent

    def close(self):
        pass


class Random(Here):
    def __init__(self, params, seed):
        super().__init__()
        self.params, self.rng, self.number = params, random.Random("random %d" % seed), 0

    def ask(self):
        self.number += 1
        return self.number, space.draw(self.params, self.rng)

    def tell(self, number, value):
        pass


class Optuna(Here):
    def __init__(self, params, seed, kind):
        super().__init__()
        import optuna
        import warnings

        warnings.filterwarnings("ignore")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = {
            "tpe": optuna.samplers.TPESampler,
            "gp": optuna.samplers.GPSampler,
            "cmaes": optuna.samplers.CmaEsSampler,
        }[kind](seed=seed)
        self.params, self.study, self.open = params, optuna.create_study(sampler=sampler), {}

    def ask(self):
        return self.timed(self.propose)

    def propose(self):
        trial, out = self.study.ask(), {}
        for p in self.params:
            if p.active(out):
                out[p.name] = (
                    trial.suggest_categorical(p.name, p.choices)
                    if p.kind == "cat"
                    else (
                        trial.suggest_int(p.name, p.lo, p.hi, log=p.log)
                        if p.kind == "int"
                        else trial.suggest_float(p.name, p.lo, p.hi, log=p.log)
                    )
                )
        self.open[trial.number] = trial
        return trial.number, out

    def tell(self, number, value):
        self.timed(lambda: self.study.tell(self.open.pop(number), value))


def search(a, params, seed):
    if a.peer == "random":
        return Random(params, seed)
    if a.peer == "smac":
        handle, file = tempfile.mkstemp(suffix=".json")
        with os.fdopen(handle, "w") as f:
            json.dump([vars(p) for p in params], f)
        return Program(
            params,
            [a.smac_python, os.path.join(HERE, "smac_agent.py"), file, str(seed), str(a.budget)],
            "",
            seed,
        )
    if a.peer:
        return Optuna(params, seed, a.peer)
    return Program(params, [a.program, "ask-tell", "{space}", "--seed", "{seed}"], a.sampler, seed)
