#!/usr/bin/env python3
"""SMAC3's hyperparameter facade behind the line protocol of `consort ask-tell`, for drive.py --peer smac.

smac_agent.py SPACE.json SEED TRIALS
"""

import json
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
import ConfigSpace as cs  # noqa: E402
from smac import HyperparameterOptimizationFacade, Scenario  # noqa: E402
from smac.runhistory.dataclasses import TrialInfo, TrialValue  # noqa: E402
from smac.runhistory.enumerations import StatusType  # noqa: E402


def configuration_space(params, seed):
    out, made = cs.ConfigurationSpace(seed=seed), {}
    for p in params:
        if p["kind"] == "cat":
            made[p["name"]] = cs.CategoricalHyperparameter(p["name"], p["choices"])
        elif p["kind"] == "int":
            made[p["name"]] = cs.UniformIntegerHyperparameter(p["name"], p["lo"], p["hi"], log=p["log"])
        else:
            made[p["name"]] = cs.UniformFloatHyperparameter(p["name"], p["lo"], p["hi"], log=p["log"])
    out.add(list(made.values()))
    for p in params:
        if p["cond"]:
            parent, relation, value = p["cond"]
            child, parent = made[p["name"]], made[parent]
            if relation == "eq":
                out.add(cs.EqualsCondition(child, parent, value))
            elif value > parent.lower:
                out.add(cs.GreaterThanCondition(child, parent, value - 1))
    return out


def plain(value):
    return value.item() if hasattr(value, "item") else value


def main():
    file, seed, trials = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(file) as f:
        space = configuration_space(json.load(f), seed)
    answers, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(space, n_trials=trials, seed=seed, deterministic=True, output_directory=folder)
        smac = HyperparameterOptimizationFacade(
            scenario, lambda config, seed=0: 0.0, overwrite=True, logging_level=False
        )
        waiting = {}
        for line in sys.stdin:
            message = json.loads(line)
            if message["cmd"] == "ask":
                info = smac.ask()
                waiting[len(waiting)] = info
                answer = {"id": len(waiting) - 1, "params": {k: plain(v) for k, v in dict(info.config).items()}}
            else:
                value = message["value"]
                status = StatusType.CRASHED if value is None else StatusType.SUCCESS
                info = waiting[message["id"]]
                smac.tell(
                    TrialInfo(info.config, seed=info.seed),
                    TrialValue(cost=1e9 if value is None else value, status=status),
                    save=False,
                )
                answer = {"ok": True}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


main()
