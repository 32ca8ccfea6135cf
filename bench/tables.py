"""Tables of the fixed splits: an ARFF file divided by a list of its test rows."""


def arff_parts(path):
    """The header's lines, and the rows."""
    head, rows, data = [], [], False
    with open(path, encoding="latin-1") as file:
        for line in file:
            line = line.rstrip("\n")
            if data:
                if line.strip() and not line.startswith("%"):
                    rows.append(line)
                continue
            head.append(line)
            data = line.strip().lower().startswith("@data")
    return head, rows


def write_parts(source, held_rows, train, test):
    """Writes the training and the test rows, with the header; `held_rows` is a file of the test rows' numbers, from
    0, one a line. Returns the number of training rows."""
    head, rows = arff_parts(source)
    with open(held_rows) as file:
        held = {int(line) for line in file if line.strip()}
    for path, wanted in ((train, False), (test, True)):
        with open(path, "w", encoding="latin-1") as file:
            file.write("\n".join(head + [row for i, row in enumerate(rows) if (i in held) == wanted]) + "\n")
    return len(rows) - len(held)
