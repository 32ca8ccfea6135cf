"""Reports as scikit-learn prints them, for tests/test_reports_text.c.

    python3 tests/golden/classification_report.py > tests/golden/classification_report.json

Each case is an evaluation document (model/evaluate.h) and the text of
sklearn.metrics.classification_report for the same rows. What scikit-learn prints as 0.00 for the
undefined (zero_division=0), Consort prints as a dash; the script replaces those cells, so that the
layout is still scikit-learn's.
"""
import json

import numpy as np
from sklearn.metrics import accuracy_score, classification_report, precision_recall_fscore_support


def case(name, truth, predicted, names):
    labels = list(range(len(names)))
    p, r, f, s = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=np.nan)
    number = lambda x: None if np.isnan(x) else float(x)
    # F1 is undefined with precision or recall (engine/metrics.h); scikit-learn gives 0 or nan.
    per_class = []
    for c in labels:
        f1 = np.nan if np.isnan(p[c]) or np.isnan(r[c]) else f[c]
        per_class.append({"label": names[c], "precision": number(p[c]), "recall": number(r[c]),
                          "f1": number(f1), "support": int(s[c])})
    averages = {}
    for kind in ("macro", "weighted"):
        a = precision_recall_fscore_support(truth, predicted, labels=labels, average=kind, zero_division=0)
        averages[kind] = {"precision": float(a[0]), "recall": float(a[1]), "f1": float(a[2])}
    text = classification_report(truth, predicted, labels=labels, target_names=names, zero_division=0)
    lines = text.split("\n")
    for c in labels:
        cells = [per_class[c]["precision"], per_class[c]["recall"], per_class[c]["f1"]]
        line = lines[2 + c]
        start = len(line) - 40
        for k, value in enumerate(cells):
            if value is None:
                at = start + 10 * k
                line = line[:at] + "         –" + line[at + 10:]
        lines[2 + c] = line
    evaluation = {"rows": len(truth), "classes": names,
                  "metrics": {"accuracy": {"value": float(accuracy_score(truth, predicted))}},
                  "per_class": per_class, "averages": averages}
    return {"name": name, "evaluation": evaluation, "text": "\n".join(lines)}


rng = np.random.default_rng(5)
cases = []
y = rng.integers(0, 3, 60)
cases.append(case("three classes", y, np.where(rng.random(60) < .8, y, rng.integers(0, 3, 60)),
                  ["setosa", "versicolor", "virginica"]))
y = (rng.random(4000) < .07).astype(int)
cases.append(case("two classes, rare", y, np.where(rng.random(4000) < .9, y, 1 - y), ["no", "yes"]))
y = rng.integers(0, 10, 12345)
cases.append(case("ten digits", y, np.where(rng.random(12345) < .97, y, (y + 3) % 10),
                  [str(d) for d in range(10)]))
cases.append(case("long names", [0, 0, 1, 1, 2], [0, 1, 1, 1, 2],
                  ["a name longer than weighted avg", "b", "c"]))
cases.append(case("letters beyond ASCII", [0, 0, 1, 1, 2], [0, 1, 1, 1, 2],
                  ["Grün", "größer als weighted avg", "青"]))
cases.append(case("never predicted", [0, 0, 1, 1, 2, 2], [0, 0, 1, 0, 0, 1], ["x", "y", "z"]))
cases.append(case("all right", [0, 1, 1], [0, 1, 1], ["n", "p"]))
cases.append(case("mostly wrong", [0, 1, 1, 1], [1, 0, 0, 1], ["n", "p"]))
json.dump(cases, open(1, "w", encoding="utf-8", closefd=False), indent=1, ensure_ascii=False)
print()
