"""A model file, and what it says of rows."""
import ctypes as c
import json
import os
import subprocess
import tempfile
from typing import Any, Dict, List, Optional, Union

import numpy as np

from ._library import ConsortError, DataError, PredictOptions, call, encode, handle, lib, program, text
from ._rows import frame_of, is_frame, rows_of

CLASSES, ORDERED, NUMBERS, LABELS = range(4)


class _Predictions:
    def __init__(self, pointer, model):
        self.pointer, self.model = pointer, model
        self.n_rows = lib.predictions_n_rows(pointer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        lib.predictions_close(self.pointer)

    def _array(self, name, ctype, *shape):
        address = getattr(lib, name)(self.pointer)
        if not address:
            return None
        n = int(np.prod(shape))
        return np.ctypeslib.as_array((ctype * n).from_address(address)).reshape(shape).copy()

    def values(self):
        return self._array("predictions_values", c.c_float, self.n_rows, lib.predictions_n_values(self.pointer))

    def classes(self):
        return self._array("predictions_classes", c.c_int32, self.n_rows)

    def numbers(self):
        return self._array("predictions_numbers", c.c_double, self.n_rows, len(self.model.targets))

    def quantiles(self):
        return self._array("predictions_quantiles", c.c_double, self.n_rows, len(self.model.targets),
                           len(self.model.quantiles))

    def interval(self, level, target):
        low, high = np.empty(self.n_rows), np.empty(self.n_rows)
        call("predictions_interval", self.pointer, level, target, low.ctypes.data, high.ctypes.data)
        return low, high

    def inside(self, level):
        out = np.empty((self.n_rows, len(self.model.classes)), dtype=np.uint8)
        call("predictions_set", self.pointer, level, out.ctypes.data)
        return out.astype(bool)


Path = Union[str, "os.PathLike[str]"]


class Model:
    """A model: `consort.load(path)`. Any number of threads may predict with one.

    `x` is an array, a DataFrame, a mapping of columns, or the path of a file of rows.
    """

    info: Dict[str, Any]
    task: str
    classes: List[str]
    targets: List[str]
    quantiles: List[float]
    interval_levels: List[float]
    inputs: List[str]

    def __init__(self, path=None, *, _pointer=None, _bytes=None):
        if _bytes is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "model.consort")
                with open(path, "wb") as file:
                    file.write(_bytes)
                _pointer = handle("model_open", encode(path))
        self._pointer = _pointer if _pointer is not None else handle("model_open", encode(path))
        self._bytes = _bytes
        self.info = json.loads(lib.model_info(self._pointer).decode("utf-8"))
        if self._bytes is None:
            with open(self.info["path"], "rb") as file:
                self._bytes = file.read()
        self.task = self.info["task"]
        self.classes = self.info.get("classes", [])
        self.targets = [t["name"] for t in self.info.get("targets", [])]
        self.quantiles = self.info.get("quantiles", [])
        self.interval_levels = self.info["interval_levels"]
        self.inputs = [i["name"] for i in self.info.get("inputs", [])]

    def __del__(self):
        pointer, self._pointer = getattr(self, "_pointer", None), None
        if pointer:
            lib.model_close(pointer)

    def __reduce__(self):
        return _unpickled, (self._bytes,)

    def __repr__(self):
        what = ", ".join(self.classes[:4]) if self.classes else ", ".join(self.targets[:4])
        return f"<consort.Model {self.info['name']}: {self.task} ({what})>"

    def _names(self, x):
        """Of an array: as many columns as the model has are its own."""
        shape = getattr(x, "shape", None) or np.shape(x)
        return self.inputs if len(shape) == 2 and shape[1] == len(self.inputs) else None

    def _predict(self, x, views=1):
        options = PredictOptions(size=c.sizeof(PredictOptions), views=views)
        x = frame_of(x)
        plain = not (is_frame(x) or hasattr(x, "keys") or isinstance(x, str) or hasattr(x, "__fspath__"))
        names = self._names(x) if plain else None
        rows = rows_of(x, names)
        return _Predictions(handle("predict", self._pointer, c.byref(rows), c.byref(options)), self)

    def predict(self, x: Any, views: int = 1) -> np.ndarray:
        """Classes by name, numbers in their unit, (N) or of several targets (N, T); of labels the answers."""
        with self._predict(x, views) as p:
            if self.classes:
                return np.array(self.classes, dtype=object)[p.classes()]
            numbers = p.numbers()
        if self.task == "labels":
            answers = [t["answers"] for t in self.info["targets"]]
            return np.array([[answers[t][int(v > 0.5)] for t, v in enumerate(row)] for row in numbers], dtype=object)
        return numbers[:, 0] if numbers.shape[1] == 1 else numbers

    def predict_proba(self, x: Any, views: int = 1) -> np.ndarray:
        """Probabilities of classes, in their order; of labels of the second answer."""
        if self.task == "numbers":
            raise DataError("probabilities are of classes and labels, and this model predicts numbers")
        with self._predict(x, views) as p:
            return p.values()

    def predict_quantiles(self, x: Any) -> np.ndarray:
        """(N, Q), of several targets (N, T, Q): `quantiles` has which."""
        with self._predict(x) as p:
            quantiles = p.quantiles()
        if quantiles is None:
            raise DataError("the model predicts no quantiles")
        return quantiles[:, 0] if quantiles.shape[1] == 1 else quantiles

    def predict_interval(self, x: Any, level: float = 0.9) -> np.ndarray:
        """(N, 2), of several targets (N, T, 2): between which numbers the truth lies with this promise."""
        with self._predict(x) as p:
            sides = np.array([p.interval(level, t) for t in range(max(len(self.targets), 1))])
        sides = sides.transpose(2, 0, 1)
        return sides[:, 0] if sides.shape[1] == 1 else sides

    def predict_set(self, x: Any, level: float = 0.9) -> np.ndarray:
        """(N, K) true for the classes of a set that has the true one with this promise."""
        with self._predict(x) as p:
            return p.inside(level)

    def evaluate(self, x: Any, positive: Optional[str] = None) -> Dict[str, Any]:
        """The document of `consort evaluate`, of rows with their label among the columns."""
        rows = rows_of(x)
        return json.loads(text("evaluate", self._pointer, c.byref(rows), encode(positive)))

    def save(self, path: Path) -> None:
        with open(path, "wb") as file:
            file.write(self._bytes)

    def export(self, path: Path, to: str) -> None:
        """`consort export --to TO`: writes it beside nothing else, to `path`."""
        with tempfile.TemporaryDirectory() as folder:
            model = os.path.join(folder, "model.consort")
            self.save(model)
            run_program("export", model, "--to", to, "--out", os.fspath(path))

    def to_onnx(self, path: Path) -> None:
        """Writes an ONNX file: the whole pipeline, from columns to probabilities."""
        self.export(path, "onnx")


def _unpickled(content):
    return Model(_bytes=content)


def run_program(*arguments):
    """Runs the program of this package; what it says where it fails is the exception."""
    done = subprocess.run([program(), *arguments], capture_output=True, text=True)
    if done.returncode:
        line = done.stderr.strip().splitlines()
        message = line[-1] if line else f"exit code {done.returncode}"
        raise ConsortError(message.removeprefix("consort: "), done.returncode)
    return done.stdout


def load(path: Path) -> Model:
    """A model file, or the ensemble of a study's folder.

    >>> import os, tempfile, consort
    >>> rows = {"size": [1, 2, 3, 4, 5, 6, 7, 8] * 5, "town": ["Ulm", "Bonn"] * 20}
    >>> fitted = consort.ConsortRegressor(trials=1).fit(list(zip(*rows.values())), rows["size"])
    >>> path = os.path.join(tempfile.mkdtemp(), "sizes.consort")
    >>> fitted.save(path)
    >>> model = consort.load(path)
    >>> model.task, model.targets
    ('numbers', ['y'])
    >>> model.predict({"x0": [3.0, None], "x1": ["Ulm", "Rome"]}).shape
    (2,)
    """
    return Model(path)
