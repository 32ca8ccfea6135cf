"""ConsortClassifier and ConsortRegressor: scikit-learn's way of doing it, where scikit-learn is there."""
import numbers
import os
import tempfile
from typing import Any

import numpy as np

from ._library import ConsortError
from ._model import Path
from ._rows import Table, array_of, column_names, frame_of, is_frame, is_missing, pictures, take
from ._study import sweep

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils.validation import _check_sample_weight, assert_all_finite, check_is_fitted, column_or_1d, validate_data
    from sklearn.utils.multiclass import check_classification_targets
except ImportError:  # what is needed of it
    validate_data = None

    class BaseEstimator:
        def get_params(self, deep=True):
            import inspect

            return {name: getattr(self, name) for name in inspect.signature(type(self).__init__).parameters if name != "self"}

        def set_params(self, **params):
            known = self.get_params()
            for name, value in params.items():
                if name not in known:
                    raise ValueError(f"Invalid parameter {name!r} for estimator {self!r}")
                setattr(self, name, value)
            return self

    class ClassifierMixin:
        def score(self, X, y, sample_weight=None):
            return float(np.average(self.predict(X) == np.asarray(y).ravel(), weights=sample_weight))

    class RegressorMixin:
        def score(self, X, y, sample_weight=None):
            y = np.asarray(y, dtype=float).ravel()
            mean = np.average(y, weights=sample_weight)
            left = np.average((y - self.predict(X)) ** 2, weights=sample_weight)
            return float(1 - left / np.average((y - mean) ** 2, weights=sample_weight))

    def check_is_fitted(estimator):
        if not hasattr(estimator, "model_"):
            raise ConsortError(f"this {type(estimator).__name__} is not fitted yet; call fit first")


class _Consort(BaseEstimator):
    def __init__(self, *, effort="low", time=None, trials=None, preset=None, ensemble=True, intervals=None, seed=0,
                 n_jobs=None, settings=None, dir=None, verbose=0):
        self.effort = effort
        self.time = time
        self.trials = trials
        self.preset = preset
        self.ensemble = ensemble
        self.intervals = intervals
        self.seed = seed
        self.n_jobs = n_jobs
        self.settings = settings
        self.dir = dir
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def __sklearn_is_fitted__(self):
        return hasattr(self, "model_")

    # ---- what comes in ----

    def _check_x(self, X, reset):
        """X as it is to be read. Sets or checks n_features_in_ and feature_names_in_."""
        X = frame_of(X)
        if isinstance(X, (list, tuple)):
            X = array_of(X)
        if not is_frame(X) and pictures(X) is not None:
            return X
        if is_frame(X):
            if len(X) == 0 or X.shape[1] == 0:
                raise ValueError(f"Found array with {len(X)} sample(s) and {X.shape[1]} feature(s) (shape={X.shape}) while"
                                 " a minimum of 1 is required.")
            names = column_names(X)
            if len(set(names)) < len(names):
                twice = next(name for i, name in enumerate(names) if name in names[:i])
                raise ValueError(f"two columns are named {twice!r}; columns go by name")
            if validate_data is not None:
                validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        if validate_data is None:
            X = X if hasattr(X, "dtype") else np.asarray(X)
        else:
            X = validate_data(self, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
        if X.ndim == 2 and reset:
            self.n_features_in_ = X.shape[1]
        return X

    def _check_y(self, y, n):
        if y is None:
            raise ValueError(f"This {type(self).__name__} estimator requires y to be passed, but the target y is None.")
        dtype = getattr(y, "dtype", None)
        if getattr(dtype, "kind", "O") == "O" and any(is_missing(v) for v in np.asarray(y, dtype=object).ravel()):
            raise ValueError("Input y contains NaN.")
        if getattr(dtype, "kind", "") in ("b", "i", "u") and hasattr(y, "to_numpy") and not y.isna().any():
            y = y.to_numpy(dtype=getattr(dtype, "numpy_dtype", dtype))  # pandas' own whole numbers and truth values
        if validate_data is None:
            y = np.asarray(y).ravel()
        else:
            y = column_or_1d(y, warn=True)
            assert_all_finite(y, input_name="y", estimator_name=type(self).__name__)
        if len(y) != n:
            raise ValueError(f"Found input variables with inconsistent numbers of samples: [{n}, {len(y)}]")
        return y

    @staticmethod
    def _free_name(stem, taken):
        while stem in taken:
            stem += "_"
        return stem

    # ---- fitting ----

    def _whole(self, name):
        value = getattr(self, name)
        if not isinstance(value, numbers.Integral):
            raise ValueError(f"{name}={value!r}: a whole number is wanted")
        return int(value)

    def _jobs(self):
        """As joblib counts: -1 all cores, -2 all but one. 0 is the library's word for all."""
        jobs = 1 if self.n_jobs is None else self._whole("n_jobs")
        if jobs == 0:
            raise ValueError("n_jobs=0: None and 1 are one trial at a time, -1 is as many as there are cores")
        return jobs if jobs > 0 else 0 if jobs == -1 else max(1, (os.cpu_count() or 1) + 1 + jobs)

    def _settings(self):
        said = {"run.seed": self._whole("seed")}
        if self.settings is not None and not hasattr(self.settings, "items"):
            raise ValueError(f"settings={self.settings!r}: a dictionary is wanted, as in {{'train.epochs': 20}}")
        if self.time is not None and not self.time > 0:
            raise ValueError(f"time={self.time!r}: seconds, more than 0")
        if self.trials is not None:
            said["run_cap"] = self._whole("trials")
        if self.preset is not None:
            said["parameters.preset"] = {"values": [self.preset]}
        if self.intervals is not None:
            said["ensemble.intervals"] = [float(level) for level in np.atleast_1d(self.intervals)]
        said.update(self.settings or {})
        return said

    def _run(self, X, add_label, label, said, sample_weight, groups, keep):
        """Searches, and takes the ensemble."""
        picture = pictures(X)
        table = Table() if picture is not None else take(X)
        n = len(X)
        taken = {c.name.decode("utf-8") for c in table.columns}
        if keep is not None:
            X = X[keep] if not is_frame(X) else X.iloc[keep]
            return self._run(X, add_label, label, said, None if sample_weight is None else sample_weight[keep],
                             None if groups is None else np.asarray(groups)[keep], None)
        label = self._free_name(label, taken)
        add_label(table, label)
        taken.add(label)
        if sample_weight is not None:
            name = self._free_name("weight", taken)
            taken.add(name)
            table.numbers(name, sample_weight)
            said["data.weight"] = name
        if groups is not None:
            if len(groups) != len(X):
                raise ValueError(f"Found input variables with inconsistent numbers of samples: [{len(X)}, {len(groups)}] (groups)")
            name = self._free_name("group", taken)
            table.words(name, [str(g) for g in groups])
            said["data.groups"] = name
        rows = table.rows()
        if picture is not None:
            rows.pixels, rows.height, rows.width, rows.channels = (picture.pixels, picture.height, picture.width,
                                                                  picture.channels)
            rows._picture = picture
        assert rows.n_rows == n
        jobs = self._jobs()
        effort = None if self.time is not None or picture is not None else self.effort
        line = (lambda text, notice: print(f"consort: {text}")) if self.verbose else None

        def search(folder):
            study = sweep(data=rows, label=label, set=said, dir=folder, hold_out=False, effort=effort, time=self.time,
                          jobs=jobs, on_line=line, name="fit")
            self.trials_ = study.trials()
            best = study.best
            self.best_params_, self.best_trial_, self.best_value_ = best["params"], best["trial"], best["value"]
            return study.ensemble() if self.ensemble else study.model(best["trial"])

        if self.dir is not None:
            self.model_ = search(self.dir)
        else:
            with tempfile.TemporaryDirectory(prefix="consort-") as folder:
                self.model_ = search(folder)
        return self

    def _weights(self, sample_weight, X):
        if sample_weight is None:
            return None, None
        if validate_data is not None and not is_frame(X):
            weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        else:
            weight = np.asarray(sample_weight, dtype=np.float64)
            if weight.shape != (len(X),):
                raise ValueError(f"sample_weight.shape == {weight.shape}, expected {(len(X),)}!")
        keep = np.flatnonzero(weight != 0)
        if len(keep) == 0:
            raise ValueError("sample_weight is 0 for every row: none is left to learn from")
        return weight, keep if len(keep) < len(weight) else None

    # ---- predicting ----

    def _predictions(self, X):
        check_is_fitted(self)
        X = self._check_x(X, reset=False)
        return self.model_._predict(X)

    def save(self, path: Path) -> None:
        """Writes the model file, for `consort predict` and whatever else reads one."""
        check_is_fitted(self)
        self.model_.save(path)

    def to_onnx(self, path: Path) -> None:
        """Writes an ONNX file of the whole pipeline."""
        check_is_fitted(self)
        self.model_.to_onnx(path)


def _class_names(classes):
    """What classes are called in a model file: as they are, where that tells them apart."""
    names = []
    for value in classes:
        whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
        names.append(str(int(value)) if whole else str(value))
    plain = len({n.strip() for n in names}) == len(names) and all(
        n.strip() and n.strip() != "?" and "\0" not in n and n == n.encode("utf-8", "ignore").decode() for n in names)
    return [n.strip() for n in names] if plain else [f"class {i}" for i in range(len(names))]


class ConsortClassifier(ClassifierMixin, _Consort):
    """Classes from tables and pictures.

    effort     low, medium, high: how much is done about the rows (`consort run --effort`)
    time       seconds, instead
    trials     how many trials, whatever the effort says
    preset     one preset (`consort help presets`) in place of a search
    ensemble   False: the best trial alone
    intervals  levels of `predict_set`, such as (.8, .9)
    seed       same seed, same model
    n_jobs     trials at the same time; None: 1, -1: as many as there are cores. The model is the same
    settings   {"train.epochs": 20}: any key of the configuration
    dir        where the study is kept; None: nowhere

    >>> import numpy, consort
    >>> X = numpy.random.default_rng(0).normal(size=(200, 3))
    >>> y = numpy.where(X[:, 0] > X[:, 1], "more", "less")
    >>> model = consort.ConsortClassifier().fit(X, y)
    >>> model.classes_.tolist(), model.predict([[2, -2, 0], [-2, 2, 0]]).tolist()
    (['less', 'more'], ['more', 'less'])
    >>> model.predict_proba(X).shape
    (200, 2)
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> "ConsortClassifier":
        X = self._check_x(X, reset=True)
        y = self._check_y(y, len(X))
        if validate_data is not None:
            check_classification_targets(y)
        if len(y) < 2:
            raise ValueError(f"Found array with n_samples={len(y)}: classes need at least two rows.")
        weight, keep = self._weights(sample_weight, X)
        self.classes_, codes = np.unique(y, return_inverse=True)
        known = codes if keep is None else codes[keep]
        if len(np.unique(known)) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        names = _class_names(self.classes_)
        self._run(X, lambda table, name: table.codes(name, known, names), "class", {"data.task": "classes", **self._settings()},
                  weight, groups, keep)
        place = {name: i for i, name in enumerate(names)}
        self._places = np.array([place[name] for name in self.model_.classes])
        return self

    def predict(self, X: Any) -> np.ndarray:
        with self._predictions(X) as p:
            return self.classes_[self._places[p.classes()]]

    def predict_proba(self, X: Any) -> np.ndarray:
        with self._predictions(X) as p:
            values = p.values()
        out = np.zeros((len(values), len(self.classes_)))
        out[:, self._places] = values
        return out / out.sum(axis=1, keepdims=True)

    def predict_set(self, X: Any, level: float = 0.9) -> np.ndarray:
        """(N, K) true for the classes of a set that has the true one with this promise; needs `intervals`."""
        with self._predictions(X) as p:
            inside = p.inside(level)
        out = np.zeros((len(inside), len(self.classes_)), dtype=bool)
        out[:, self._places] = inside
        return out


class ConsortRegressor(RegressorMixin, _Consort):
    """Numbers from tables and pictures. The parameters are ConsortClassifier's; `intervals` are levels of
    `predict_interval`, (.8, .9, .95) where nothing is said.

    >>> import numpy, consort
    >>> X = numpy.random.default_rng(0).normal(size=(200, 3))
    >>> model = consort.ConsortRegressor().fit(X, 10 * X[:, 0])
    >>> low, high = model.predict_interval([[1, 0, 0]], level=0.9)[0]
    >>> bool(low < 10 < high)
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> "ConsortRegressor":
        X = self._check_x(X, reset=True)
        y = self._check_y(y, len(X)).astype(np.float64)
        if len(y) < 2:
            raise ValueError(f"Found array with n_samples={len(y)}: numbers need at least two rows.")
        weight, keep = self._weights(sample_weight, X)
        said = {"data.task": "numbers", "ensemble.intervals": [0.8, 0.9, 0.95], **self._settings()}
        known = y if keep is None else y[keep]
        return self._run(X, lambda table, name: table.numbers(name, known), "y", said, weight, groups, keep)

    def predict(self, X: Any) -> np.ndarray:
        with self._predictions(X) as p:
            return p.numbers()[:, 0]

    def predict_interval(self, X: Any, level: float = 0.9) -> np.ndarray:
        """(N, 2): between which numbers the truth lies with this promise."""
        with self._predictions(X) as p:
            return np.column_stack(p.interval(level, 0))
