"""Golden files for tests/test_data_formats.c: what NumPy, scikit-learn and pandas write, and what is in it.

    python tests/golden/formats.py > tests/golden/formats.h

For each file its bytes and its cells, row by row: numbers as Python's repr() has them, words in quotes, `nan` for a
missing one.
"""
import io
import json

import numpy as np
import pandas as pd
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

files = []


def show(cell):
    if cell is None or (isinstance(cell, (float, np.floating)) and np.isnan(cell)):
        return "nan"
    if isinstance(cell, (str, np.str_)):
        return json.dumps(str(cell), ensure_ascii=False)
    return repr(float(cell))


def add(name, data, rows, columns):
    files.append((name, bytes(data), [[show(c) for c in row] for row in rows], list(columns)))


def saved(array, version=None):
    out = io.BytesIO()
    if version:
        np.lib.format.write_array(out, array, version=version)
    else:
        np.save(out, array)
    return out.getvalue()


def numbered(n):
    return ["column_%d" % (i + 1) for i in range(n)]


rng = np.random.default_rng(1)
for code in ("?", "<i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8"):
    kind = np.dtype(code)
    if code == "?":
        a = rng.integers(0, 2, (3, 2)).astype(kind)
    else:
        low, high = np.iinfo(kind).min, np.iinfo(kind).max
        a = rng.integers(low, high, (3, 2), dtype=kind.newbyteorder("=")).astype(kind)
        a[0, 0], a[2, 1] = low, high
    add("array_%s.npy" % code.replace("<", "l").replace(">", "b").replace("?", "bool"), saved(a), a.tolist(), numbered(2))
for code in ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8"):
    a = rng.normal(0, 50, (4, 3)).astype(code)
    tiny = np.finfo(np.dtype(code).newbyteorder("=")).smallest_subnormal
    a[0], a[1, 0], a[1, 1] = [np.nan, tiny, -0.0], np.finfo(np.dtype(code).newbyteorder("=")).max, -tiny
    add("array_%s.npy" % code.replace("<", "l").replace(">", "b"), saved(a), a.astype(float).tolist(), numbered(3))
a = rng.normal(size=(3, 4))
add("fortran.npy", saved(np.asfortranarray(a)), a.tolist(), numbered(4))
add("version2.npy", saved(a, (2, 0)), a.tolist(), numbered(4))
add("version3.npy", saved(a, (3, 0)), a.tolist(), numbered(4))
cube = rng.normal(size=(2, 2, 3))
add("cube.npy", saved(np.asfortranarray(cube)), cube.reshape(2, 6).tolist(), numbered(6))
add("vector.npy", saved(a[0]), [[x] for x in a[0]], numbered(1))
words = np.array([["b\u00e9", "x"], ["", "\u65e5\u672c"], ["w w", "\U0001f41d"]])
cells = [[w or None for w in row] for row in words.tolist()]
add("words.npy", saved(words), cells, numbered(2))
add("words_big.npy", saved(words.astype(">U5")), cells, numbered(2))
add("bytes.npy", saved(np.array([[b"ab", b"c"], [b"", b"def"]])), [["ab", "c"], [None, "def"]], numbered(2))
for unit in ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns"):
    times = np.array(["1969-12-29T23:59:59.123456789", "2024-02-29T12:34:56.7", "NaT", "1600-02-29", "2000-03-01T01:01:01"],
                     dtype="M8[s]" if unit in "YMWDhms" else "M8[ns]")
    if unit == "ns":
        times[3] = np.datetime64("1700-03-01", "ns")
    times = times.astype("M8[%s]" % unit)
    said = [str(t) for t in times]
    if unit in ("h", "m"):  # NumPy leaves the rest out
        said = [s + (":00:00" if unit == "h" else ":00") for s in said]
    add("time_%s.npy" % unit, saved(times), [[None if np.isnat(t) else float(s) if unit == "Y" else s] for t, s in zip(times, said)], numbered(1))
record = np.array([(1, 2.5, "x", 3), (-4, np.nan, "yy", 6)],
                  dtype=[("a", "<i2"), ("b c", ">f8"), ("w", "<U3"), ("u", "u1")])
add("record.npy", saved(record), record.tolist(), record.dtype.names)
aligned = np.array([(1, 2.5), (3, 4.5)], dtype=np.dtype([("a", "u1"), ("b", "f8")], align=True))
add("aligned.npy", saved(aligned), aligned.tolist(), aligned.dtype.names)


def zipped(compressed=False, **arrays):
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **arrays)
    return out.getvalue()


X, y = rng.normal(size=(4, 2)), np.array([2, 0, 1, 1])
both = np.c_[X, y]
add("pair.npz", zipped(X=X, y=y), both.tolist(), numbered(2) + ["y"])
add("packed.npz", zipped(True, y=y, X=X.T.copy().T), both.tolist(), numbered(2) + ["y"])
add("named.npz", zipped(data=X, target=y, feature_names=np.array(["one", "\u00e9"])), both.tolist(), ["one", "\u00e9", "target"])
add("plain.npz", zipped(age=X[:, 0], city=np.array(["a", "b", "c", "d"]), more=X),
    [[x[0], c, x[0], x[1]] for x, c in zip(X, "abcd")], ["age", "city", "more_1", "more_2"])
positional = io.BytesIO()
np.savez(positional, X, y)
add("positional.npz", positional.getvalue(), both.tolist(), numbered(2) + ["arr_1"])

sparse = np.where(rng.random((6, 5)) < 0.5, 0, rng.normal(size=(6, 5)))
sparse[0, 4] = 1e-300
labels = np.array([1, -1, 1, 2.5, 1, -1])
for name, how in (("zero.libsvm", {"zero_based": True}), ("one.libsvm", {"zero_based": False}),
                  ("remarks.libsvm", {"zero_based": False, "comment": "made here"}),
                  ("queries.libsvm", {"zero_based": True, "query_id": np.arange(6)})):
    out = io.BytesIO()
    dump_svmlight_file(sparse, labels, out, **how)
    if how["zero_based"]:
        assert sparse[:, 0].any()
    back, target = load_svmlight_file(io.BytesIO(out.getvalue()), zero_based=how["zero_based"], n_features=5)
    first = 0 if how["zero_based"] else 1
    add(name, out.getvalue(), np.c_[back.toarray(), target].tolist(), ["%d" % (first + i) for i in range(5)] + ["label"])

frame = pd.DataFrame({"n": [1.5, None, 1e-7], "w": ["a\"b", "\u00e9", None], "whole": [1, 2, 3], "when": ["x", "y", "z"]})
lines = frame.to_json(orient="records", lines=True, double_precision=15).encode()
add("frame.ndjson", lines, frame.where(frame.notna(), None).values.tolist(), frame.columns)
add("frame.json", frame.to_json(orient="records", double_precision=15, indent=2).encode(),
    frame.where(frame.notna(), None).values.tolist(), frame.columns)

print("/* tests/golden/formats.h - files of NumPy %s, scikit-learn and pandas: tests/golden/formats.py */" % np.__version__.split(".")[0])
print("#ifndef CONSORT_TESTS_GOLDEN_FORMATS_H\n#define CONSORT_TESTS_GOLDEN_FORMATS_H\n#include <stddef.h>\n")
print("typedef struct {\n    const char *name;\n    const unsigned char *bytes;\n    size_t n;\n    int n_rows, n_columns;")
print("    const char *const *columns, *const *cells; /* cells: (n_rows, n_columns) */\n} GoldenFile;\n")


def quoted(text):
    return '"' + "".join(c if 32 <= ord(c) < 127 and c not in '"\\?' else "".join("\\%03o" % b for b in c.encode()) for c in text) + '"'


def wrapped(items):
    line, out = "   ", []
    for item in items:
        if len(line) + len(item) > 98:
            out.append(line)
            line = "   "
        line += " " + item + ","
    return "\n".join(out + [line])


for i, (name, data, rows, columns) in enumerate(files):
    print("static const unsigned char golden_bytes_%d[] = {\n%s};" % (i, wrapped("%d" % b for b in data)))
    print("static const char *const golden_columns_%d[] = {\n%s};" % (i, wrapped(map(quoted, columns))))
    print("static const char *const golden_cells_%d[] = {\n%s};" % (i, wrapped(quoted(c) for row in rows for c in row)))
print("static const GoldenFile golden_files[] = {")
for i, (name, data, rows, columns) in enumerate(files):
    print('    {"%s", golden_bytes_%d, %d, %d, %d, golden_columns_%d, golden_cells_%d},' % (name, i, len(data), len(rows), len(columns), i, i))
print("};\n#endif")
