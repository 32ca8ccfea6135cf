"""One peer on one split: a JSON line. CPU seconds are those of the fit, one thread, imports and reading left out.

    python3 peers.py METHOD TABLE REPEAT [--data FOLDER] [--splits FOLDER]

Peers are untuned. CatBoost gets categories as categories, RealMLP too (five folds, averaged); the others get a column
for each category. Trees get missing numbers as they are, networks and random forests the training rows' median.
Needs NumPy, scikit-learn and the peer; the tables are read by the splits' own `tabdata`.
"""
import argparse
import json
import os
import sys
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np  # noqa: E402

import splits  # noqa: E402


def load(name, repeat, options):
    """The table, the training rows' and the test rows' numbers."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(options.splits)))
    import tabdata
    folders = [os.path.join(options.data, "tabular")]
    if name == "adult10k" and repeat >= splits.FIRST_DEV:
        data = tabdata.load(folders, "adult")
        rows = np.arange(data.fixed_test)
        start, end = splits.adult_window(repeat)
        return data, rows[start:end], np.concatenate([rows[:start], rows[end:]])
    data = tabdata.load(folders, name)
    return (data, *tabdata.outer(data, repeat))


def one_hot(data):
    return [np.eye(size)[data.cat[:, j]] * (data.cat[:, j] >= 0)[:, None] for j, size in enumerate(data.cat_sizes)]


def filled(data, train):
    """Numbers with the training rows' median for what is missing; zero where all are."""
    known = np.where(np.isnan(data.num[train]).all(0), 0, data.num[train])
    return np.where(np.isnan(data.num), np.nanmedian(known, axis=0), data.num) if data.num.shape[1] else data.num


def tree_columns(data, train):
    return np.hstack([data.num, *one_hot(data)]).astype(np.float32)


def forest_columns(data, train):
    return np.hstack([filled(data, train), *one_hot(data)]).astype(np.float32)


def network_columns(data, train):
    numbers = filled(data, train)
    return np.hstack([(numbers - numbers[train].mean(0)) / (numbers[train].std(0) + 1e-12), *one_hot(data)])


def frame(data, train):
    """Numbers, and categories as words."""
    import pandas as pd
    numbers = {f"n{j}": data.num[:, j] for j in range(data.num.shape[1])}
    return pd.DataFrame(numbers | {f"c{j}": data.cat[:, j].astype(str) for j in range(data.cat.shape[1])})


def realmlp_frame(data, train):
    """The same with medians, without columns that are one value, and words as categories."""
    import pandas as pd
    numbers = filled(data, train)
    table = pd.DataFrame({f"n{j}": numbers[:, j] for j in range(numbers.shape[1])})
    for j in range(data.cat.shape[1]):
        table[f"c{j}"] = pd.Categorical(data.cat[:, j].astype(str))
    return table[[name for name in table if table[name].iloc[train].nunique() > 1]]


def mlp(seed, columns):
    from sklearn.neural_network import MLPClassifier
    return MLPClassifier(random_state=seed)


def forest(seed, columns):
    from sklearn.ensemble import RandomForestClassifier
    return RandomForestClassifier(n_jobs=1, random_state=seed)


def xgb(seed, columns):
    from xgboost import XGBClassifier
    return XGBClassifier(n_jobs=1, random_state=seed)


def lightgbm(seed, columns):
    from lightgbm import LGBMClassifier
    return LGBMClassifier(n_jobs=1, random_state=seed, verbose=-1)


def catboost(seed, columns):
    from catboost import CatBoostClassifier
    return CatBoostClassifier(thread_count=1, random_seed=seed, verbose=0, allow_writing_files=False,
                              cat_features=[name for name in columns if name[0] == "c"])


def realmlp(seed, columns):
    import torch
    from pytabkit import RealMLP_TD_Classifier
    torch.set_num_threads(1)
    return RealMLP_TD_Classifier(n_cv=5, random_state=seed, n_threads=1, device="cpu", verbosity=0)


PEERS = {"mlp": (mlp, network_columns), "xgb": (xgb, tree_columns), "lightgbm": (lightgbm, tree_columns),
         "rf": (forest, forest_columns), "catboost": (catboost, frame), "realmlp": (realmlp, realmlp_frame)}


def score(truth, proba):
    """Accuracy, macro F1, balanced accuracy, log loss and the mean area under the classes' curves."""
    from sklearn.metrics import f1_score, roc_auc_score
    p = np.clip(proba, 1e-7, 1)
    p /= p.sum(1, keepdims=True)
    guess, there = p.argmax(1), np.unique(truth)
    areas = [roc_auc_score(truth == c, p[:, c]) for c in there if (truth == c).sum() < len(truth)]
    values = {"acc": (guess == truth).mean(), "f1": f1_score(truth, guess, average="macro"),
              "bacc": np.mean([(guess == c)[truth == c].mean() for c in there]),
              "logloss": -np.log(p[np.arange(len(truth)), truth]).mean(), "auc": np.mean(areas)}
    return {key: round(float(value), 5) for key, value in values.items()}


def rows_of(x, rows):
    return x[rows] if isinstance(x, np.ndarray) else x.iloc[rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("method", choices=sorted(PEERS))
    parser.add_argument("table")
    parser.add_argument("repeat", type=int)
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--splits", default="../shared/bench/accuracy/splits")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    data, train, test = load(options.table, options.repeat, options)
    make, columns_of = PEERS[options.method]
    x = columns_of(data, train)
    classes, labels = np.unique(data.y[train], return_inverse=True)  # some peers want every class there
    model = make(options.repeat, x)
    start = time.process_time()
    model.fit(rows_of(x, train), labels)
    seconds = time.process_time() - start
    proba = np.zeros((len(test), len(data.classes)))
    proba[:, classes] = model.predict_proba(rows_of(x, test))
    print(json.dumps({"dataset": options.table, "method": options.method, "rep": options.repeat,
                      "cpu": round(seconds, 2), "n": len(train), **score(data.y[test], proba)}))


if __name__ == "__main__":
    main()
