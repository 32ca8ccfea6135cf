"""The arena's tables and their splits: which rows are tested, and the two files that the program is given.

The fixed splits are lists of test rows (row numbers in file order, from 0), a file for each table and repeat, 0 to 4.
Development has its own, by the same rule: SplitMix64 seeded with 1000 + repeat; for each class in order of first
appearance its rows in file order, shuffled (Fisher-Yates), the first fifth tested. Repeats below 5 are never made
here: `check` compares this rule with the files.

adult10k is trained on the first 10,000 rows of adult and tested on its own test file. Its development splits are
other 10,000 rows, tested on what is left of the training file. MNIST's tests the last 10,000 training images.
"""
import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tables import arff_parts, write_parts  # noqa: E402

TABLES = ("vehicle credit-g segment splice spambase sick tic-tac-toe soybean hypothyroid nursery mushroom adult10k "
          "letter").split()
ONCE = {"adult10k", "letter", "mnist"}  # the first repeat alone, unless asked
FIRST_DEV = 5
ADULT_ROWS, MNIST_ROWS = 10000, 50000


def repeats_of(name, repeats, every):
    if name in ("adult10k", "mnist") and repeats[0] < FIRST_DEV:
        return repeats[:1]
    return repeats[:1] if name in ONCE and not every else repeats


def splitmix64(state):
    """Endless numbers of 64 bits."""
    mask = (1 << 64) - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def stratified(classes, repeat):
    """The test rows, sorted, of rows with these classes."""
    draw, held, rows_of = splitmix64(1000 + repeat), [], {}
    for row, label in enumerate(classes):
        rows_of.setdefault(label, []).append(row)
    for rows in rows_of.values():
        for i in range(len(rows) - 1, 0, -1):
            j = next(draw) % (i + 1)
            rows[i], rows[j] = rows[j], rows[i]
        held += rows[:max(int(0.2 * len(rows) + 0.5), int(len(rows) > 1))]
    return sorted(held)


def arff_path(name, options):
    return os.path.join(options.data, "tabular", name + ".arff")


def made_rows(name, repeat, options):
    _, rows = arff_parts(arff_path(name, options))
    return stratified([row.rsplit(",", 1)[1].strip().strip("'\"") for row in rows], repeat)


def fixed_rows(name, repeat, options):
    with open(os.path.join(options.splits, f"{name}.r{repeat}.test.txt")) as file:
        return [int(line) for line in file if line.strip()]


def check(options):
    """Does the rule make the fixed splits?"""
    for name in TABLES:
        for repeat in range(0 if name == "adult10k" else FIRST_DEV):
            if made_rows(name, repeat, options) != fixed_rows(name, repeat, options):
                raise SystemExit(f"the rule does not make the split of {name}, repeat {repeat}")
    print("the rule makes the fixed splits of all tables")


def adult_window(repeat):
    """(first training row, behind the last) of the training file; the others are tested in development."""
    start = 0 if repeat < FIRST_DEV else ADULT_ROWS * (repeat - FIRST_DEV + 1)
    if start >= 3 * ADULT_ROWS:
        raise SystemExit(f"adult10k has development splits {FIRST_DEV} and {FIRST_DEV + 1}, not {repeat}")
    return start, start + ADULT_ROWS


def write_adult(repeat, options, folder):
    lines = {}
    for part in ("train", "test"):
        with open(os.path.join(options.data, "tabular", f"adult-{part}.csv")) as file:
            lines[part] = [line.strip().rstrip(".") for line in file if line.count(",") == 14]
    start, end = adult_window(repeat)
    known = lines["train"]
    test = lines["test"] if repeat < FIRST_DEV else known[:start] + known[end:]
    paths = [os.path.join(folder, part + ".csv") for part in ("train", "test")]
    for path, rows in zip(paths, (known[start:end], test)):
        with open(path, "w") as file:
            file.write("\n".join(rows) + "\n")
    reading = ["--format", "csv", "--header", "false", "--label", "15"]
    return [paths[0], *reading, "--test", paths[1]], [paths[1], *reading], end - start


def write_mnist(repeat, options, folder):
    """Four IDX files; in development the last of the training images are the test's."""
    source = os.path.join(options.data, "mnist")
    if repeat < FIRST_DEV:
        folder, n = source, 60000
    else:
        n = MNIST_ROWS
        for kind, head, size in (("images-idx3", 16, 784), ("labels-idx1", 8, 1)):
            with gzip.open(os.path.join(source, f"train-{kind}-ubyte.gz")) as file:
                data = file.read()
            cut, end = head + n * size, (len(data) - head) // size
            for part, rows, count in (("train", data[head:cut], n), ("t10k", data[cut:], end - n)):
                with gzip.open(os.path.join(folder, f"{part}-{kind}-ubyte.gz"), "wb", 1) as file:
                    file.write(data[:4] + count.to_bytes(4, "big") + data[8:head] + rows)
    images, labels = (os.path.join(folder, f"t10k-{kind}-ubyte.gz") for kind in ("images-idx3", "labels-idx1"))
    return [folder], [images, "--labels", labels], n


def label_of(path):
    """The last attribute's name."""
    head, _ = arff_parts(path)
    last = [line for line in head if line.lower().startswith("@attribute")][-1].split(None, 1)[1].strip()
    return last[1:].split(last[0])[0] if last[0] in "'\"" else last.split()[0].split("{")[0]


def write(name, repeat, options, folder):
    """Writes a split's files: what `consort run` and what `consort evaluate` is told of them; training rows."""
    if name in ("adult10k", "mnist"):
        return (write_adult if name == "adult10k" else write_mnist)(repeat, options, folder)
    source = arff_path(name, options)
    train, test, held = (os.path.join(folder, file) for file in ("train.arff", "test.arff", "held.txt"))
    rows = fixed_rows(name, repeat, options) if repeat < FIRST_DEV else made_rows(name, repeat, options)
    with open(held, "w") as file:
        file.write("\n".join(map(str, rows)))
    n = write_parts(source, held, train, test)
    return [train, "--label", label_of(source), "--test", test], [test], n
