"""Consort: searches, trains and ensembles small neural networks for tables and pictures.

    from consort import ConsortClassifier
    model = ConsortClassifier().fit(X, y)
    model.predict_proba(X_new)

    consort.load("model.consort").predict(X_new)
    consort.Study("runs/x").trials_dataframe()
"""
from ._estimators import ConsortClassifier, ConsortRegressor
from ._library import ConsortError, version
from ._model import Model, load
from ._study import Study, sweep

__version__ = version()
__all__ = ["ConsortClassifier", "ConsortError", "ConsortRegressor", "Model", "Study", "load", "sweep"]
