"""Are ONNX files sound, and do they say what the program says? Used by tests/ship_onnx.sh.

    onnx_equal.py NAME ROWS ...

ROWS: a CSV with a header, .npy or gzipped IDX of pictures; NAME.json: what `consort predict --json --proba --interval all` said of
them; NAME.onnx: the model. Ends with 1 when one fails, each with a line. The file must pass onnx's full check; onnxruntime must give the same labels, probabilities and numbers within
1e-5 (numbers: of themselves or of how much they vary), the same intervals and sets, for all rows at once, for one row
at a time and for a thousand.
"""
import calendar, csv, gzip, json, sys, time, traceback

import numpy as np
import onnx
import onnxruntime

RTOL = 1e-5


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    opsets = {o.domain: o.version for o in model.opset_import}
    assert model.ir_version == 7 and opsets.pop("") == 13 and opsets in ({}, {"ai.onnx.ml": 2}), opsets
    for value in list(model.graph.input) + list(model.graph.output):
        dims = value.type.tensor_type.shape.dim
        assert dims and dims[0].dim_param == "N" and all(d.dim_value > 0 for d in dims[1:]), value
    return model, {p.key: p.value for p in model.metadata_props}


def number(text, missing):
    text = text.strip()
    try:
        return float(text)
    except ValueError:
        assert text in missing, text
        return float("nan")


def seconds(text, missing):
    text = text.strip()
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return float(calendar.timegm(time.strptime(text, form)))
        except ValueError:
            pass
    assert text in missing, text
    return float("nan")


def feeds(path, notes):
    """Inputs of all rows."""
    if path.endswith((".npy", "ubyte.gz")):
        if path.endswith(".npy"):
            pictures = np.load(path)
        else:  # IDX of three sizes
            raw = gzip.open(path).read()
            pictures = np.frombuffer(raw, np.uint8, offset=16).reshape(np.frombuffer(raw, ">i4", 3, 4))
        return {"X": pictures if pictures.ndim == 4 else pictures[..., None]}
    rows = list(csv.DictReader(open(path, newline="", encoding="utf-8")))
    features, missing = json.loads(notes["features"]), json.loads(notes["missing"])
    types = {"FLOAT": np.float32, "DOUBLE": np.float64}
    with np.errstate(over="ignore"):
        made = {}
        for f in features:
            cells = [r[f["column"]] for r in rows]
            if f["kind"] == "date":
                values = np.array([seconds(c, missing) for c in cells], dtype=np.float64)
            elif f["type"] == "STRING":
                values = np.array([c.strip() for c in cells], dtype=object)
            else:
                values = np.array([number(c, missing) for c in cells], dtype=types[f["type"]])
            made.setdefault(f["input"], []).append(values.reshape(-1, 1))
        return {k: np.concatenate(v, axis=1) if len(v) > 1 else v[0] for k, v in made.items()}


def near(name, mine, said, spread=None):
    mine, said = np.asarray(mine, dtype=np.float64), np.asarray(said, dtype=np.float64)
    assert mine.shape == said.shape, (name, mine.shape, said.shape)
    size = 1.0 if spread is None else np.maximum(np.abs(said), spread)
    worst = float(np.max(np.abs(mine - said) / size)) if mine.size else 0.0
    print("    %-14s %.2g" % (name, worst))
    assert worst <= RTOL, (name, worst)


def compare(out, said, notes):
    task = notes["task"]
    levels = ["%g" % l for l in json.loads(notes.get("levels", "[]"))]
    if task in ("classes", "ordered"):
        classes = json.loads(notes["classes"])
        p = np.array([[row["proba"][c] for c in classes] for row in said])
        near("probabilities", out["probabilities"], p)
        names = [c if isinstance(c, str) else classes[c] for c in out["label"].tolist()]
        wrong = [i for i, row in enumerate(said) if names[i] != row["label"]]
        # Only where two classes are as good as each other, or a threshold as good as met.
        assert len(wrong) <= len(said) // 200, ("label", len(wrong))
        if levels:
            sets = np.array([[[c in row["set"][l] for c in classes] for l in levels] for row in said])
            wrong = int(np.sum(out["set"] != sets))
            print("    sets           %d of %d differ" % (wrong, sets.size))
            assert wrong <= sets.size // 1000, wrong
        return
    targets = json.loads(notes["targets"])
    names = [t["name"] for t in targets]
    if task == "labels":
        near("probabilities", out["probabilities"], [[row["p"][t] for t in names] for row in said])
        for i, row in enumerate(said):
            for k, t in enumerate(targets):
                mine = out["label"][i][k]
                assert (mine if isinstance(mine, str) else t["answers"][mine]) == row["predicted"][t["name"]], (i, k)
        return
    y = np.array([[row["predicted"][t] for t in names] for row in said], dtype=np.float64)
    spread = np.maximum(y.max(axis=0) - y.min(axis=0), 1e-30)[None, :]
    near("value", out["value"], y, spread)
    if "quantiles" in notes:
        near("quantiles", out["quantiles"], [[list(row["quantiles"][t].values()) for t in names] for row in said],
             spread[:, :, None])
    if levels:
        ends = np.array([[[row["interval"][t][l] for t in names] for l in levels] for row in said])
        near("low", out["low"], ends[..., 0], spread[:, None, :])
        near("high", out["high"], ends[..., 1], spread[:, None, :])


def equal(path, rows, predicted):
    model, notes = check(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    all_rows = feeds(rows, notes)
    said = [json.loads(line) for line in open(predicted, encoding="utf-8")]
    n = len(said)
    assert n and all(len(v) == n for v in all_rows.values()), (n, {k: len(v) for k, v in all_rows.items()})
    out = dict(zip(names, session.run(names, all_rows)))
    compare(out, said, notes)
    # Some rows one by one; a thousand at once; none.
    for i in range(0, n, max(1, n // 7)):
        one = dict(zip(names, session.run(names, {k: v[i:i + 1] for k, v in all_rows.items()})))
        for k in names:
            exact = one[k].dtype.kind in "OSUb"
            same = one[k][0] == out[k][i] if exact else np.allclose(one[k][0], out[k][i], rtol=1e-5, atol=1e-5)
            assert np.all(same), (k, i)
    many = {k: np.concatenate([v] * (1000 // n + 1))[:1000] for k, v in all_rows.items()}
    assert all(len(v) == 1000 for v in session.run(names, many))
    assert all(len(v) == 0 for v in session.run(names, {k: v[:0] for k, v in all_rows.items()}))
    print("    equal in %d rows" % n)


failed = 0
for name, rows in zip(sys.argv[1::2], sys.argv[2::2]):
    print(name, flush=True)
    try:
        equal(name + ".onnx", rows, name + ".json")
    except Exception as why:
        failed += 1
        print("FAILED %s: %s" % (name, "".join(traceback.format_exception_only(type(why), why)).strip()[:600]))
        traceback.print_exc()
sys.exit(failed > 0)
