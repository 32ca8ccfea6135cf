"""The file of rows that main.c reads: cells, the class decided for, and values, little-endian.

    rows.py ROWS.csv|IDX HEADER PREDICTED.csv OUT     prints the type of values: float or double

HEADER is the model's: it says which columns and classes there are. PREDICTED is what `consort predict --proba` made
of the same rows.
"""
import csv, re, struct, sys

rows_file, header_file, predicted_file, out_file = sys.argv[1:]
with open(header_file, encoding="utf-8") as f:
    header = f.read()
with open(header_file[:-1] + "c", encoding="utf-8") as f:
    source = f.read()


def strings(name):
    found = re.search(r"%s\[[^=]*\] = \{(.*?)\};" % name, source, re.S)
    texts = re.findall(r'((?:"(?:[^"\\]|\\.)*"\s*)+)[,\s]*', found.group(1)) if found else []
    return ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', t)).encode().decode("unicode_escape").encode("latin-1")
            .decode("utf-8") for t in texts]


classes = strings("model_class_names")
with open(predicted_file, newline="", encoding="utf-8") as f:
    predicted = list(csv.reader(f))
names, predicted = predicted[0], predicted[1:]
if "MODEL_HEIGHT" in header:
    with open(rows_file, "rb") as f:
        zero, kind, n, height, width = struct.unpack(">HHIII", f.read(16))
        pixels = f.read()
    size = height * width
    cells = [pixels[i * size:(i + 1) * size] for i in range(n)]
else:
    inputs = strings("model_input_names")
    with open(rows_file, newline="", encoding="utf-8") as f:
        cells = [b"".join(row[name].encode() + b"\0" for name in inputs) for row in csv.DictReader(f)]
if len(cells) != len(predicted):
    sys.exit("%d rows, but %d predictions" % (len(cells), len(predicted)))
label = names.index("label") if classes else None
values = list(range(len(names)))
if classes:
    values = values[-len(classes):]
elif "float p[" in header: # labels: each with its probability behind it
    values = values[1::2]
with open(out_file, "wb") as f:
    f.write(struct.pack("<I", len(cells)))
    for cell, row in zip(cells, predicted):
        f.write(struct.pack("<I", len(cell)) + cell)
        f.write(struct.pack("<i", classes.index(row[label]) if classes else -1))
        f.write(struct.pack("<%dd" % len(values), *(float(row[i]) for i in values)))
print("double" if "double y[" in header else "float")
