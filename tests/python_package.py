"""What the wheel promises, in the environment it is installed in.   tests/python_package.py CONSORT

Run by tests/ship_python.sh. CONSORT is the program that these sources built: what the package says is what it says.
"""
import copy
import csv
import decimal
import doctest
import importlib
import importlib.metadata
import io
import multiprocessing
import os
import pickle
import re
import subprocess
import sys
import threading
import warnings

import numpy as np
import pandas as pd

import consort

CONSORT = sys.argv[1]
N_CHECKS = 0


def check(what, ok):
    global N_CHECKS
    N_CHECKS += 1
    if not ok:
        raise SystemExit(f"FAILED {what}")


def same(what, a, b):
    check(f"{what}: {a!r}, not {b!r}", a == b)


def refused(what, kind, want, function, *arguments, **named):
    try:
        function(*arguments, **named)
    except kind as error:
        check(f"{what}: {error!r} does not say {want!r}", want in str(error) and not (isinstance(error, consort.ConsortError) and "\n" in str(error)))
        return error
    raise SystemExit(f"FAILED {what}: nothing was raised")


def program(*arguments, code=0):
    done = subprocess.run([CONSORT, *arguments], capture_output=True, text=True)
    if done.returncode != code:
        raise SystemExit(f"consort {' '.join(arguments)}: exit code {done.returncode}: {done.stderr}")
    return done.stdout if code == 0 else done.stderr


def frame(n=240, seed=1):
    rng = np.random.default_rng(seed)
    size = rng.normal(size=n).round(4)
    x = pd.DataFrame({
        "size": np.where(rng.random(n) < 0.1, np.nan, size),
        "count": pd.array(rng.integers(0, 50, n), dtype="Int64"),
        "town": rng.choice(["Ulm", "Bonn", "Kiel, near the sea"], n),
        "grade": pd.Categorical(rng.choice(["low", "middle", "high"], n), ["low", "middle", "high"], ordered=True),
        "kind": pd.Categorical(rng.choice(["1", "2", "10"], n)),
        "old": rng.random(n) < 0.5,
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
    })
    x.loc[3, "count"] = pd.NA
    x.loc[5, "day"] = pd.NaT
    x.loc[7, "town"] = None
    score = np.nan_to_num(x["size"].to_numpy()) + (x["town"] == "Ulm") + (x["grade"] == "high") + x["old"]
    return x, np.where(score > 1, "yes", "no"), 10 * score.to_numpy(dtype=float)


def estimators_are_scikit_learns():
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.utils.estimator_checks import check_estimator

    # Copies of a row fall on both sides of a split, and a weight cannot: docs/reference/python.md has how far it is.
    other = {"check_sample_weight_equivalence_on_dense_data": "a weight of two is not the same row twice"}
    for estimator in (consort.ConsortClassifier(), consort.ConsortRegressor()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = check_estimator(estimator, expected_failed_checks=other, on_skip=None, on_fail="raise")
        n_passed = sum(r["status"] == "passed" for r in said)
        check(f"{estimator!r}: {n_passed} checks passed", n_passed >= 50)
        print(f"{type(estimator).__name__}: {n_passed} of scikit-learn's checks passed")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 6))
    y = x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=600) * 0.7 > 0
    weight, rows = rng.integers(0, 4, 600), np.arange(600)
    weighted = consort.ConsortClassifier().fit(x, y, sample_weight=weight).predict_proba(x)
    there = weight > 0
    left_out = consort.ConsortClassifier().fit(x[there], y[there], sample_weight=weight[there])
    same("a weight of 0", weighted.tolist(), left_out.predict_proba(x).tolist())
    copies = consort.ConsortClassifier().fit(x.repeat(weight, 0), y.repeat(weight), groups=rows.repeat(weight)).predict_proba(x)
    other = consort.ConsortClassifier(seed=1).fit(x, y, sample_weight=weight).predict_proba(x)
    off, seeds = np.abs(copies - weighted).mean(), np.abs(other - weighted).mean()
    check(f"copies kept together differ by {off}, two seeds by {seeds}", off < 2 * seeds)
    x, y, _ = frame(120)
    model = clone(consort.ConsortClassifier(seed=3)).fit(x, y)
    same("the same seed", model.predict_proba(x).tolist(), clone(model).fit(x, y).predict_proba(x).tolist())
    check("cross-validation", cross_val_score(consort.ConsortClassifier(), x, y, cv=2).mean() > 0.6)
    search = GridSearchCV(consort.ConsortClassifier(), {"preset": ["lean", "ple"]}, cv=2).fit(x, y)
    check("a grid", search.best_params_["preset"] in ("lean", "ple"))


def frames_keep_what_they_are():
    x, y, quantity = frame()
    model = consort.ConsortClassifier(intervals=[0.8, 0.9]).fit(x, y)
    kinds = {i["name"]: i["kind"] for i in model.model_.info["inputs"]}
    same("kinds", kinds, {"size": "numeric", "count": "numeric", "town": "nominal", "grade": "ordered", "kind": "nominal",
                          "old": "nominal", "day": "date"})
    grade = next(i for i in model.model_.info["inputs"] if i["name"] == "grade")
    same("levels in order", grade["levels"], ["low", "middle", "high"])
    check("it learns", model.score(x, y) > 0.8)
    same("names", list(model.feature_names_in_), list(x.columns))
    proba = model.predict_proba(x)
    check("probabilities", np.allclose(proba.sum(axis=1), 1) and proba.shape == (len(x), 2))
    inside = model.predict_set(x, 0.9)
    check("sets", inside.dtype == bool and inside[np.arange(len(y)), (y == "yes").astype(int)].mean() > 0.75)
    refused("a level", ValueError, "the model has 0.8, 0.9", model.predict_set, x, 0.5)
    # Words never met, and columns in another order.
    other = x.copy()
    other["town"] = "Rome"
    check("unseen words", np.isfinite(model.predict_proba(other)).all())
    same("columns of a model by name", model.model_.predict_proba(x[list(x.columns)[::-1]]).tolist(),
         model.model_.predict_proba(x).tolist())
    refused("another frame", ValueError, "feature names should match", model.predict, x.rename(columns={"size": "width"}))
    regressor = consort.ConsortRegressor().fit(x, quantity)
    low, high = regressor.predict_interval(x, 0.9).T
    check("intervals", ((low <= quantity) & (quantity <= high)).mean() > 0.8)
    check("it regresses", regressor.score(x, quantity) > 0.5)
    weights = np.where(y == "yes", 3.0, 1.0)
    more = consort.ConsortClassifier().fit(x, y, sample_weight=weights)
    check("weights", (more.predict(x) == "yes").sum() >= (model.predict(x) == "yes").sum())
    consort.ConsortClassifier().fit(x, y, groups=np.arange(len(x)) // 4)
    pictures = (np.arange(60 * 8 * 8).reshape(60, 8, 8) % 7 * (np.arange(60) % 2)[:, None, None] * 30).astype(np.uint8)
    seen = consort.ConsortClassifier(trials=1, settings={"train.epochs": 4}).fit(pictures, np.arange(60) % 2)
    check("pictures", seen.model_.info["picture"] == {"height": 8, "width": 8, "channels": 1})
    same("pictures predicted", seen.predict(pictures[:2]).shape, (2,))


def quick(cls=None, **named):
    return (cls or consort.ConsortClassifier)(trials=1, settings={"train.epochs": 3}, **named)


def columns_of_every_kind():
    n = 60
    rng = np.random.default_rng(0)
    number = rng.normal(size=n)
    y = np.where(number > 0, "b", "a")

    def kinds(**columns):
        x = pd.DataFrame({"number": number, **columns})
        model = quick().fit(x, y)
        same(f"predicted of {list(columns)}", model.predict(x).shape, (n,))
        return {i["name"]: i["kind"] for i in model.model_.info["inputs"] if i["name"] != "number"}

    def column(*values):
        return pd.Series(rng.choice(np.array(values, dtype=object), n), dtype=object)

    # What is missing is missing in each of its forms.
    for missing in (None, np.nan, pd.NA, pd.NaT):
        same(f"words and {missing}", kinds(c=column("u", "v", missing)), {"c": "nominal"})
        same(f"numbers and {missing}", kinds(c=column(1, 2.5, 7, missing)), {"c": "numeric"})
        same(f"truth and {missing}", kinds(c=column(True, False, missing)), {"c": "nominal"})
        same(f"nothing but {missing}", kinds(c=pd.Series([missing] * n, dtype=object)), {})
    same("pandas' own", kinds(b=pd.array(column(True, False, None), dtype="boolean"), s=pd.array(column("u", "v", None), dtype="string"),
                              i=pd.array(column(1, 5, None), dtype="Int64"), f=pd.array(column(1.5, 2, None), dtype="Float64")),
         {"b": "nominal", "s": "nominal", "i": "numeric", "f": "numeric"})
    same("decimals", kinds(c=column(decimal.Decimal("1.5"), decimal.Decimal("2"), None)), {"c": "numeric"})
    same("rows as lists", [i["kind"] for i in quick().fit([[v, w] for v, w in zip(number.tolist(), column("u", "v"))], y).model_.info["inputs"]],
         ["numeric", "nominal"])
    same("words that are numbers", quick().fit(np.array([[str(v), "u"] for v in number]), y).model_.inputs, ["x0"])
    for what, want, values in (("infinite", "contains infinity", [1.0, np.inf]), ("infinite among objects", "contains infinity", [1, -np.inf, "x"][:2]),
                               ("huge", "contains infinity", [10**400, 1]), ("complex", "Complex data", [1j, 2.0]),
                               ("zero bytes", "column 'c': row 0: b'a\\x00b' has a zero byte", ["a\0b", "a\0c"]),
                               ("half a character", "column 'c': row 0: 'a\\ud800' has half of a character", ["a\ud800", "b"]),
                               ("bytes that are no UTF-8", "column 'c': row 1: b'\\xff' is not UTF-8", [b"x", b"\xff"])):
        refused(what, ValueError, want, kinds, c=pd.Series(values * (n // 2), dtype=object))
    refused("arrays in cells", TypeError, "not 'ndarray'", kinds, c=pd.Series([np.arange(3)] * n, dtype=object))
    refused("complex", ValueError, "Complex data", kinds, c=number + 1j)
    twice = pd.DataFrame(np.column_stack([number, number]), columns=["q", "q"])
    refused("two of a name", ValueError, "two columns are named 'q'", quick().fit, twice, y)
    x = pd.DataFrame({"q": number})
    model = quick().fit(x, y)
    refused("two of a name predicted", ValueError, "two columns are named 'q'", model.model_.predict, twice)
    refused("infinite, predicted", ValueError, "contains infinity", model.model_.predict, x.assign(q=np.inf))
    refused("a cell for a column", ValueError, "one row is [0.5]", model.model_.predict, {"q": 0.5})
    # Labels keep their type.
    for what, labels in (("truth", number > 0), ("pandas' truth", pd.array(number > 0, dtype="boolean")), ("zero bytes", np.where(number > 0, "a\0b", "a\0c"))):
        same(f"labels: {what}", quick().fit(x, labels).classes_.tolist(), sorted(set(np.asarray(labels).tolist())))
    same("whole numbers", quick().fit(x, pd.array((number > 0) * 2, dtype="Int64")).predict(x).dtype.kind, "i")
    same("a frame of labels", quick().fit(x, pd.DataFrame({"y": y})).classes_.tolist(), ["a", "b"])
    for missing in (None, pd.NA, np.nan):
        refused(f"a label {missing}", ValueError, "Input y contains NaN", quick().fit, x, pd.Series([missing, *y[1:]], dtype=object))
    refused("no weight", ValueError, "0 for every row", quick().fit, x, y, np.zeros(n))
    refused("groups", ValueError, "(groups)", quick().fit, x, y, groups=[1, 2])
    for want, named in (("seed=None", {"seed": None}), ("n_jobs=0", {"n_jobs": 0}), ("n_jobs='a'", {"n_jobs": "a"}), ("seconds, more", {"time": -1})):
        refused(want, ValueError, want, consort.ConsortClassifier(**named).fit, x, y)
    refused("settings", ValueError, "a dictionary is wanted", consort.ConsortClassifier(settings=["a=1"]).fit, x, y)
    quick(n_jobs=-2).set_params(settings={"train.epochs": np.int64(2)}).fit(x, y)
    try:
        import polars
    except ImportError:
        return
    x = polars.DataFrame({"b": [True, None] * 30, "w": polars.Series(["u", "v", None] * 20, dtype=polars.Categorical), "number": number})
    model = quick().fit(x, polars.Series(y.tolist()))
    same("Polars", {i["name"]: i["kind"] for i in model.model_.info["inputs"]}, {"b": "nominal", "w": "nominal", "number": "numeric"})
    same("Polars by name", model.model_.predict(x.select("number", "w", "b")).tolist(), model.predict(x).tolist())


def as_one_uses_scikit_learn():
    import joblib
    from sklearn.compose import make_column_transformer
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y, _ = frame(80)
    want = cross_val_score(quick(), x, y, cv=2).tolist()
    same("processes", cross_val_score(quick(), x, y, cv=2, n_jobs=2).tolist(), want)
    with joblib.parallel_backend("threading", n_jobs=2):
        same("threads", cross_val_score(quick(), x, y, cv=2).tolist(), want)
    pipeline = make_pipeline(make_column_transformer((StandardScaler(), ["size", "count"]), remainder="passthrough"), quick())
    pipeline.set_output(transform="pandas").set_params(consortclassifier__seed=2).fit(x, y)
    same("a pipeline's columns", pipeline[-1].model_.inputs[0], "standardscaler__size")
    joblib.dump(pipeline, "pipeline.joblib")
    same("joblib", joblib.load("pipeline.joblib").predict_proba(x).tolist(), pipeline.predict_proba(x).tolist())


def forks_and_interrupts():
    """A process that was forked after a fit fits and predicts; Ctrl-C ends a fit, and nothing is left."""
    x, y, _ = frame(80)
    model = quick(n_jobs=2).fit(x, y)
    want = model.predict_proba(x).tolist()
    context = multiprocessing.get_context("fork")
    said = context.Queue()

    def child():
        said.put(model.predict_proba(x).tolist())
        said.put(quick(n_jobs=2).fit(x, y).predict_proba(x).tolist())

    process = context.Process(target=child)
    process.start()
    same("predicted in a fork", said.get(timeout=300), want)
    same("fitted in a fork", said.get(timeout=300), want)
    process.join()
    code = """
import os, signal, sys, tempfile, numpy as np, consort
tempfile.tempdir = os.getcwd() + "/temporary"
os.makedirs(tempfile.tempdir)
signal.signal(signal.SIGINT, signal.default_int_handler)
x = np.random.default_rng(0).normal(size=(3000, 30))
study = consort._study
closed = []
close, study.lib.study_close = study.lib.study_close, lambda p: (closed.append(p), close(p))
began = study._in_thread
def in_thread(kind, options, *more):  # the first trial begins: Ctrl-C
    options.on_event = study.ON_EVENT(lambda *_: os.kill(os.getpid(), signal.SIGINT) or 0)
    return began(kind, options, *more)
study._in_thread = in_thread
try:
    consort.ConsortClassifier(effort="high").fit(x, x[:, 0] > 0)
except KeyboardInterrupt:
    print("interrupted", len(closed), os.listdir(tempfile.tempdir))
"""
    done = subprocess.run([sys.executable, "-c", code.replace("study = consort._study", "import consort._study as study")],
                          capture_output=True, text=True, timeout=600)
    same(f"Ctrl-C: {done.stderr}", done.stdout, "interrupted 1 []\n")


def numbers_are_the_programs():
    """A study of the program, predicted by the package; a study of the package, predicted by the program."""
    x, y, quantity = frame()
    table = x.assign(grade=x["grade"].astype(str), kind="k" + x["kind"].astype(str))
    table.assign(label=y).to_csv("train.csv", index=False)
    program("run", "train.csv", "--label", "label", "--effort", "low", "--dir", "theirs", "-q")
    model = consort.load("theirs/ensemble.consort")
    said = list(csv.reader(io.StringIO(program("predict", "theirs", "train.csv", "--proba"))))
    proba = model.predict_proba(table)
    same("to the last digit", [[format(float(v), ".9g") for v in row] for row in proba], [row[2:] for row in said[1:]])
    same("labels", model.predict(table).tolist(), [row[0] for row in said[1:]])
    same("a file", model.predict_proba("train.csv").tolist(), proba.tolist())
    same("a study's folder", consort.load("theirs").predict_proba(table).tolist(), proba.tolist())
    document = model.evaluate("train.csv")
    check("evaluate", 0.7 < document["metrics"]["accuracy"]["value"] <= 1)
    ours = consort.ConsortRegressor(dir="ours").fit(x, quantity)
    ours.save("ours.consort")
    x.to_csv("rows.csv", index=False)
    said = list(csv.reader(io.StringIO(program("predict", "ours.consort", "rows.csv"))))
    check("the program reads it", np.allclose([float(r[0]) for r in said[1:]], ours.predict(x), rtol=1e-8))
    # The same search by both: networks do not use the matrix library, in which they differ.
    text = ("name: s\nmethod: random\nrun_cap: 3\nmetric: {name: val_accuracy}\nparameters: {learning_rate: {min: 0.001, max: 0.1}}\n"
            "data: {train: train.csv, label: label}\ntrain: {epochs: 5, hidden: [8]}\n")
    with open("s.yaml", "w") as file:
        file.write(text)
    program("sweep", "s.yaml", "--dir", "s", "-q")
    events = []
    study = consort.sweep("s.yaml", dir="t", on_event=events.append)
    columns = ["trial", "state", "value", "learning_rate"]
    same("a search", study.trials_dataframe()[columns].to_csv(), consort.Study("s").trials_dataframe()[columns].to_csv())
    program("export", "s", "--to", "csv", "--out", "s.csv")
    exported, told = pd.read_csv("s.csv"), consort.Study("s").trials_dataframe()
    both = [name for name in exported.columns if name in told.columns]
    check(f"columns of consort export: {list(exported.columns)}, {list(told.columns)}", set(exported.columns) == set(told.columns))
    pd.testing.assert_frame_equal(told[both], exported[both], check_exact=True)
    same("events", sorted(e["number"] for e in events if e["event"] == "trial_end"), [0, 1, 2])
    same("the best", study.best["params"], consort.Study("s").best["params"])
    same("its folder", consort.Study("s").folder, "s")
    same("trials", [t["trial"] for t in consort.Study("s").trials()], [0, 1, 2])
    check("its ensemble", consort.Study("s").ensemble().classes == ["no", "yes"])
    same("inside the package", subprocess.run([sys.executable, "-m", "consort", "--version"], capture_output=True,
                                              text=True).stdout, program("--version"))


def many_threads_and_copies():
    x, y, _ = frame()
    fitted = consort.ConsortClassifier().fit(x, y)
    want = fitted.predict_proba(x)
    wrong = []

    def work():
        for _ in range(10):
            if fitted.predict_proba(x).tolist() != want.tolist():
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check("threads", not wrong)
    for other in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        same("a copy", other.predict_proba(x).tolist(), want.tolist())
    loaded = pickle.loads(pickle.dumps(fitted.model_))
    same("a model's copy", loaded.predict_proba(x).tolist(), fitted.model_.predict_proba(x).tolist())


def what_goes_wrong_is_said():
    x, y, _ = frame(60)
    line = program("predict", "none.consort", "rows.csv", code=3).strip().removeprefix("consort: ")
    same("the program's line", str(refused("no model", consort.ConsortError, "none.consort", consort.load, "none.consort")), line)
    with open("wrong.consort", "wb") as file:
        file.write(b"no model")
    refused("no sound model", ValueError, "wrong.consort", consort.load, "wrong.consort")
    refused("no study", consort.ConsortError, "nowhere", consort.Study, "nowhere")
    refused("a key", ValueError, "did you mean `epochs`", consort.ConsortClassifier(settings={"train.epoch": 3}).fit, x, y)
    refused("a preset", ValueError, "preset", consort.ConsortClassifier(preset="none").fit, x, y)
    refused("an effort", ValueError, "effort", consort.ConsortClassifier(effort="much").fit, x, y)
    refused("one class", ValueError, "one class", consort.ConsortClassifier().fit, x, ["a"] * 60)
    refused("rows", ValueError, "inconsistent numbers", consort.ConsortClassifier().fit, x, y[:-1])
    model = consort.ConsortClassifier().fit(x, y)
    refused("a column", ValueError, "column `town` is missing", model.model_.predict, x.drop(columns="town"))
    wrong = x.astype({"size": object})
    wrong.loc[2, "size"] = "large"
    refused("a word for a number", ValueError, "`large` is not a number", model.model_.predict, wrong)

    def stop(event):
        raise KeyError("mine")

    refused("what a callback raises", KeyError, "mine", consort.sweep, "s.yaml", dir="stopped", on_event=stop)
    study = consort.sweep("s.yaml", dir="stopped")
    same("and goes on", len(study.trials()), 3)
    seen = []
    study = consort.sweep("s.yaml", dir="ended", on_event=lambda e: seen.append(e) or e["event"] == "trial_end", jobs=1)
    check("a callback ends it", study.summary["end"] == "interrupted")


def without_scikit_learn():
    code = ("import sys; sys.modules['sklearn'] = sys.modules['sklearn.base'] = sys.modules['pandas'] = None\n"
            "import numpy as np, consort\n"
            "x = np.random.default_rng(0).normal(size=(80, 3)); y = x[:, 0] > 0\n"
            "m = consort.ConsortClassifier().set_params(seed=1).fit(x, y); assert m.score(x, y) > .8\n"
            "r = consort.ConsortRegressor().fit(x, x[:, 1]); assert r.score(x, x[:, 1]) > .5\n"
            "assert m.get_params()['seed'] == 1 and m.model_.predict({'x0': [1., 2.], 'x1': [0., 0.], 'x2': [0., None]}).shape == (2,)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    check(f"with numpy alone: {done.stderr}", done.returncode == 0)


def to_onnx():
    """onnxruntime says of every row what predict says: numbers, words, levels, dates, missing, never met."""
    try:
        import onnxruntime
    except ImportError:
        print("skipped: ONNX beside predict: onnxruntime is not there")
        return
    x, y, quantity = frame()
    odd = x.assign(town="Rome", size=np.nan, grade=pd.Categorical([None] * len(x)), day=pd.NaT)
    for name, model in (("classes", consort.ConsortClassifier().fit(x, y)), ("numbers", consort.ConsortRegressor().fit(x, quantity))):
        model.to_onnx(f"{name}.onnx")
        session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
        for rows in (x, odd):
            feed = {}
            for i in session.get_inputs():
                values = rows[i.name]
                if i.name == "day":  # seconds since 1970
                    cells = (values - pd.Timestamp(0)).dt.total_seconds().to_numpy(dtype=float)
                elif i.type == "tensor(string)":
                    cells = np.array(["" if pd.isna(v) else str(v) for v in values], dtype=object)
                else:
                    cells = values.to_numpy(dtype=float, na_value=np.nan).astype({"tensor(float)": "f4", "tensor(double)": "f8"}[i.type])
                feed[i.name] = cells.reshape(-1, 1)
            said = dict(zip([o.name for o in session.get_outputs()], session.run(None, feed)))
            if name == "classes":
                off = np.abs(said["probabilities"] - model.predict_proba(rows)).max()
                same("labels by onnxruntime", said["label"].ravel().tolist(), model.predict(rows).tolist())
            else:
                want = model.predict(rows)
                off = np.abs((next(v for v in said.values() if v.size == len(rows)).ravel() - want) / np.maximum(1, np.abs(want))).max()
            check(f"ONNX {name}: off by {off}", off <= 1e-5)


def as_its_documentation_says():
    """The examples in the docstrings run, names are there for who reads types, and terms are inside."""
    for name in ("_estimators", "_model", "_study"):
        said = doctest.testmod(importlib.import_module("consort." + name))
        check(f"examples of {name}: {said}", said.attempted >= 5 and not said.failed)
    said = importlib.metadata.metadata("consort")
    inside = [str(f) for f in importlib.metadata.files("consort")]
    terms = said.get_all("License-File")
    check(f"terms: {terms}", {"LICENSE", "libgomp.txt", "libyaml.txt", "libblas.txt", "libmicrohttpd.txt"} <= set(terms))
    check("terms are inside", all(f"consort-{consort.__version__}.dist-info/licenses/{name}" in inside for name in terms))
    check("types", "consort/py.typed" in inside)


def the_guide_runs():
    """docs/guides/python.md, a block after the other, on tables as it speaks of them."""
    x, y, quantity = frame(150)
    x.assign(Churn=y).to_csv("churn.csv", index=False)
    quick(dir="runs/churn").fit(x, y)
    names = {"new_table": pd.read_csv("churn.csv").drop(columns="Churn").head(20), "houses": x, "price": quantity, "new_houses": x.head(5)}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "guides", "python.md"), encoding="utf-8") as file:
        blocks = re.findall(r"^```python\n(.*?)^```", file.read(), re.S | re.M)
    check("blocks", len(blocks) >= 6)
    for block in blocks:
        exec(block, names)
    same("what was shipped", names["model"].predict(names["new_table"]).tolist(), consort.load("churn.consort").predict(names["new_table"]).tolist())


for test in (frames_keep_what_they_are, columns_of_every_kind, as_one_uses_scikit_learn, forks_and_interrupts, numbers_are_the_programs, many_threads_and_copies, what_goes_wrong_is_said,
             without_scikit_learn, to_onnx, the_guide_runs, as_its_documentation_says, estimators_are_scikit_learns):
    if len(sys.argv) < 3 or sys.argv[2] in test.__name__:
        test()
        print(f"{test.__name__}: ok", flush=True)
print(f"python: {N_CHECKS} checks, 0 failed")
