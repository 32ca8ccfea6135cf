"""Golden numbers for tests/test_data_*.c: the benchmark tables read by a second implementation.

    python tests/golden/data_tables.py FOLDER     (FOLDER holds tabular/*.arff, *.csv)

Uses Python's csv module and a regular expression for ARFF cells. Prints one C initializer a file: rows,
numeric and nominal feature columns, classes, missing feature cells, and the sum of all numeric
feature cells and a checksum in which rows or texts out of place show: over all present cells, the
square of a number or the sum of the bytes of a text, divided by (1 + row number). The class is the last
column.
"""
import csv
import os
import re
import sys

CELL = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)""")


def cells(line):
    out, at = [], 0
    while at <= len(line):
        m = CELL.match(line, at)
        if not m:
            raise ValueError(line)
        quoted = m.group(1) if m.group(1) is not None else m.group(2)
        out.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else m.group(3).strip())
        at = m.end()
        if at == len(line) and not m.group(0).endswith(","):
            break
    return out


def arff(path):
    kinds, rows, data = [], [], False
    for line in open(path, encoding="latin-1"):
        line = line.strip()
        if not line or line.startswith("%"):
            continue
        if data:
            rows.append(cells(line))
        elif line.lower().startswith("@data"):
            data = True
        elif line.lower().startswith("@attribute"):
            kinds.append("nominal" if line.endswith("}") else "numeric")
    return kinds, rows


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def comma(path):
    rows = [r for r in csv.reader(open(path), skipinitialspace=True) if r]
    kinds = ["numeric" if all(is_number(r[j]) or r[j] in ("", "?") for r in rows) else "nominal"
             for j in range(len(rows[0]))]
    return kinds, rows


folder = os.path.join(sys.argv[1], "tabular")
for name in sorted(os.listdir(folder)):
    if name.endswith(".names"):
        continue
    kinds, rows = (arff if name.endswith(".arff") else comma)(os.path.join(folder, name))
    assert all(len(r) == len(kinds) for r in rows), name
    missing = total = mixed = 0
    for i, row in enumerate(rows):
        for kind, cell in zip(kinds[:-1], row[:-1]):
            if cell in ("?", ""):
                missing += 1
            elif kind == "numeric":
                total += float(cell)
                mixed += float(cell) ** 2 / (1 + i)
            else:
                mixed += sum(cell.encode()) / (1 + i)
        mixed += sum(row[-1].rstrip(".").encode()) / (1 + i)
    classes = {r[-1].rstrip(".") for r in rows}
    print('    {"%s", %d, %d, %d, %d, %d, %.17g, %.17g},' % (
        name, len(rows), kinds[:-1].count("numeric"), kinds[:-1].count("nominal"), len(classes),
        missing, total, mixed))
