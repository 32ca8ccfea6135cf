"""Consort: searches, trains and ensembles small neural networks for tables and pictures.

    from consort import ConsortClassifier
    model = ConsortClassifier().fit(X, y)
    model.predict_proba(X_new)

    consort.load("model.consort").predict(X_new)
    consort.Study("runs/x").trials_dataframe()
"""
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._estimators import ConsortClassifier, ConsortRegressor
    from ._library import ConsortError
    from ._model import Model, load
    from ._study import Study, sweep

    __version__: str

_WHERE = {"ConsortClassifier": "_estimators", "ConsortRegressor": "_estimators", "ConsortError": "_library",
          "Model": "_model", "load": "_model", "Study": "_study", "sweep": "_study"}
__all__ = sorted(_WHERE)


def __getattr__(name: str):
    """What is asked for is imported then: the program of the package starts without NumPy and scikit-learn."""
    if name == "__version__":
        return importlib.import_module("consort._library").version()
    if name not in _WHERE:
        raise AttributeError(f"module 'consort' has no attribute {name!r}")
    value = getattr(importlib.import_module("consort." + _WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list:
    return [*__all__, "__version__"]
