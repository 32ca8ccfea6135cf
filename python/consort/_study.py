"""Studies: looked into, and run."""
import ctypes as c
import json
import threading
from typing import Any, Dict, List, Optional

from ._library import ON_EVENT, ON_LINE, DataError, StudyOptions, call, encode, handle, lib, text
from ._model import Model
from ._rows import rows_of


class Study:
    """A study that is there: its folder. It is only read, also while a process runs it."""

    def __init__(self, path=None, *, _pointer=None):
        self._pointer = _pointer if _pointer is not None else handle("study_open", encode(path))
        self._lock = threading.Lock()
        self.name = lib.study_name(self._pointer).decode("utf-8")
        self.folder = lib.study_folder(self._pointer).decode("utf-8")

    def __del__(self):
        pointer, self._pointer = getattr(self, "_pointer", None), None
        if pointer:
            lib.study_close(pointer)

    def __repr__(self):
        return f"<consort.Study {self.name} in {self.folder}>"

    def _json(self, name, *arguments):
        with self._lock:
            return json.loads(text(name, self._pointer, *arguments))

    @property
    def summary(self) -> Dict[str, Any]:
        """How many trials there are, in which state, and how it ended."""
        return self._json("study_summary")

    @property
    def best(self) -> Dict[str, Any]:
        """The winner: trial, value, params."""
        return self._json("study_best")

    def trials(self, top: int = 0) -> List[Dict[str, Any]]:
        """All trials, or the best so many, as dictionaries."""
        return self._json("study_trials_json", top)["trials"]

    def trials_csv(self, top: int = 0) -> str:
        with self._lock:
            return text("study_trials_csv", self._pointer, top)

    def trials_dataframe(self, top: int = 0):
        """The same as a DataFrame: facts, parameters and metrics of a trial in a row. Needs pandas."""
        import io

        import pandas

        return pandas.read_csv(io.StringIO(self.trials_csv(top)))

    def ensemble(self) -> Model:
        """Selects and weighs the best trials, and opens what came out."""
        with self._lock:
            return Model(_pointer=handle("study_ensemble", self._pointer))

    def model(self, trial: Optional[int] = None) -> Model:
        """The model of a trial that was kept, or the ensemble that is there."""
        with self._lock:
            return Model(_pointer=handle("study_model", self._pointer, -1 if trial is None else trial))


def sweep(config=None, *, data=None, test=None, label=None, set=(), name=None, dir=None, fresh=False, effort=None,
          time=None, hold_out=True, jobs=0, on_event=None, on_line=None, kind="sweep") -> Study:
    """Runs a study, or goes on with it, and gives it back.

    config     YAML, or a path that ends in .yaml; None: what follows from the data
    data, test rows (arrays, DataFrames, paths) in place of the configuration's
    label      the column of `data` that is to be predicted
    set        {"run_cap": 10}, or KEY=VALUE, on top
    on_event   called with a dictionary for each trial that begins and ends; True ends the study
    kind       sweep, train (one trial, no search) or run (with ensemble, test and report)

    >>> import tempfile, numpy, consort
    >>> rows = numpy.random.default_rng(0).normal(size=(60, 3))
    >>> text = "run_cap: 2\\nparameters: {learning_rate: {min: 0.01, max: 0.1}}\\ntrain: {epochs: 2, hidden: [4]}"
    >>> study = consort.sweep(text, data={"a": rows[:, 0], "b": rows[:, 1], "y": rows[:, 2]}, label="y", dir=tempfile.mkdtemp())
    >>> len(study.trials()), sorted(study.best["params"])
    (2, ['learning_rate'])
    """
    options = StudyOptions(size=c.sizeof(StudyOptions))
    settings = [f"{k}={_yaml(v)}" for k, v in set.items()] if hasattr(set, "items") else list(set)
    keep = [(c.c_char_p * max(len(settings), 1))(*[encode(s) for s in settings])]
    options.set, options.n_set = keep[0], len(settings)
    if config is not None and str(config).endswith((".yaml", ".yml")):
        options.config_file = encode(config)
    else:
        options.config = encode(config)
    for member, rows in (("train", data), ("test", test)):
        if rows is not None:
            keep.append(rows_of(rows))
            setattr(options, member, c.pointer(keep[-1]))
    options.label, options.name, options.dir = encode(label), encode(name), encode(dir)
    options.effort, options.time_s, options.fresh = encode(effort), time or 0, fresh
    options.no_test, options.jobs = not hold_out, jobs or 0
    raised = []

    def told(_, event):
        try:
            return int(bool(on_event(json.loads(event.decode("utf-8")))))
        except BaseException as error:  # ends the study, and is raised when it has ended
            raised.append(error)
            return 1

    def said(_, notice, line):
        try:
            on_line(line.decode("utf-8"), bool(notice))
        except BaseException as error:
            raised.append(error)

    if on_event:
        options.on_event = ON_EVENT(told)
    if on_line:
        options.on_line = ON_LINE(said)
    study = Study(_pointer=_in_thread(kind, options))
    if raised:
        raise raised[0]
    return study


class _Stop:
    """A flag that is closed when the last who may set or read it has let go."""

    def __init__(self):
        self.pointer = lib.stop_create()
        if not self.pointer:
            raise MemoryError

    def __del__(self):
        lib.stop_close(self.pointer)


def _in_thread(kind, options):
    """So that Ctrl-C ends the study as it does at a command line: with its epochs, everything saved."""
    if kind not in ("sweep", "train", "run"):
        raise DataError(f"kind={kind!r}: sweep, train or run")
    stop = _Stop()
    options.stop = stop.pointer
    result, done = [], threading.Event()

    def work(stop):
        try:
            if kind == "run":
                out = c.c_void_p()
                call("run", c.byref(options), c.byref(out), None)
                result.append(out.value)
            else:
                result.append(handle(kind, c.byref(options)))
        except BaseException as error:
            result.append(error)
        finally:
            done.set()

    threading.Thread(target=work, args=(stop,), name="consort").start()
    interrupted = None
    while not done.is_set():  # not join: before Python 3.12 one that is interrupted takes the thread for ended
        try:
            done.wait()
        except BaseException as error:  # KeyboardInterrupt, or what the handler of another signal raises
            interrupted = error
            lib.stop_set(stop.pointer)
    if interrupted:
        if not isinstance(result[0], BaseException):
            lib.study_close(result[0])
        raise interrupted
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def _yaml(value):
    return "null" if value is None else json.dumps(value, default=lambda v: v.tolist() if hasattr(v, "tolist") else str(v))
