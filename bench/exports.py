"""Every export of models of eight tables and MNIST: proved on every row of training, sizes, instructions, and what integers
cost on test rows.

    python3 bench/exports.py build/consort [FOLDER] [--write]

Needs the data sets ($CONSORT_DATA, ../shared/data), cc, and for wasm clang, lld and wasi-libc. Studies in FOLDER that are
there already are taken as they are. Each is one grid of one or two trials, averaged; every fifth row of a table is kept out
of it for the test (adult and MNIST have files of their own). Then C with floats and integers, C for a server, ONNX and WASM
are exported with --verify all. The C is compiled here and predicts the test rows; flash and instructions of a Cortex-M4F
are those that its header counts. --write puts the tables into bench/RESULTS.md.
"""
import csv, gzip, json, os, re, subprocess, sys, tempfile

from results import write_table

arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
consort = os.path.abspath(arguments[0])
here = os.path.dirname(os.path.abspath(__file__))
data = os.path.abspath(os.environ.get("CONSORT_DATA", os.path.join(here, "../../shared/data")))
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# name, what it is, file, label, settings of the study
MODELS = [
    ("mnist", "pictures, 10 classes", None, None, "train: {hidden: [32], epochs: 6}", [0.003]),
    ("letter", "26 classes", "tabular/letter.arff", "class", "train: {hidden: [64, 32], epochs: 40}", [0.004, 0.01]),
    ("spambase", "2 classes", "tabular/spambase.arff", "class", "train: {hidden: [32], epochs: 30}", [0.003, 0.01]),
    ("adult", "mixed columns", "tabular/adult-train.csv", "column_15", "train: {hidden: [32], epochs: 8}", [0.003]),
    ("sick", "missing cells", "tabular/sick.arff", "Class", "train: {hidden: [16], epochs: 40}", [0.003, 0.01]),
    ("segment", "sets of classes", "tabular/segment.arff", "class",
     "train: {hidden: [32], epochs: 40}\nensemble: {intervals: [0.9]}", [0.003, 0.01]),
    ("housing", "a number", "regression/cal-housing.arff", "medianHouseValue", "train: {hidden: [64, 32], epochs: 20}", [0.003, 0.01]),
    ("stock", "two numbers", "regression/stock.arff", "[company9, company10]", "train: {hidden: [32, 32], epochs: 80}", [0.003, 0.01]),
    ("abalone", "a number and its interval", "regression/abalone.arff", "Class_Rings",
     "train: {hidden: [32], epochs: 30}\nensemble: {intervals: [0.9]}", [0.003, 0.01]),
]
FORMS = [("C, f32", ["--to", "c"]), ("C, i16", ["--to", "c", "--numbers", "i16"]), ("C, i8", ["--to", "c", "--numbers", "i8"]),
         ("C, server", ["--to", "c", "--target", "server"]), ("ONNX", ["--to", "onnx"]), ("WASM", ["--to", "wasm"])]

# Reads rows of cells, a field a line and a line more behind each row; says the class or the numbers, then what an interval or set is.
MAIN = r"""
#include <stdio.h>
#include <string.h>
#include "model.h"
#ifdef MODEL_N_CLASSES
enum { N = MODEL_N_CLASSES };
typedef float value;
#else
enum { N = MODEL_N_VALUES };
typedef double value;
#endif
static model_input x[MODEL_N_INPUTS];
static value y[N];
static int row(void)
{
#ifdef MODEL_HEIGHT
    return fread(x, 1, sizeof x, stdin) == sizeof x;
#else
    static char text[MODEL_N_INPUTS][256];
    const char *cells[MODEL_N_INPUTS];
    int i;
    for (i = 0; i < MODEL_N_INPUTS; i++) {
        if (!fgets(text[i], sizeof text[i], stdin)) return 0;
        text[i][strcspn(text[i], "\n")] = 0;
        cells[i] = text[i];
    }
    return model_encode_row(cells, x) == 0;
#endif
}
int main(void)
{
    int i;
    (void)i;
    if (model_selftest()) return 1;
    while (row()) {
#ifdef MODEL_N_CLASSES
        printf("%s", model_class_names[model_predict(x, y)]);
#ifdef MODEL_N_LEVELS
        {
            unsigned char in[N];
            model_set(0, y, in);
            for (i = 0; i < N; i++) if (in[i]) printf("\t%s", model_class_names[i]);
        }
#endif
#else
        model_predict(x, y);
        for (i = 0; i < N; i++) printf(i ? "\t%.9g" : "%.9g", y[i]);
#ifdef MODEL_N_LEVELS
        {
            double low[MODEL_N_TARGETS], high[MODEL_N_TARGETS];
            model_interval(0, y, low, high);
            printf("\t%.9g\t%.9g", low[0], high[0]);
        }
#endif
#endif
        printf("\n");
    }
    return 0;
}
"""


def run(*command, may_fail=False, **more):
    done = subprocess.run(command, capture_output=True, **more)
    if done.returncode and not may_fail:
        sys.exit(f"{' '.join(command)}: {done.stdout.decode()}{done.stderr.decode()}")
    return done


def rows_of(path, folder):
    out = os.path.join(folder, "all.csv")
    run(consort, "data", "convert", path, out, "-q")
    with open(out, newline="") as file:
        return list(csv.reader(file))


def prepare(folder, name, path, label, settings, rates):
    """Trains it, unless it is there; the test rows as bytes for MAIN are made later, by the header."""
    os.makedirs(folder, exist_ok=True)
    if name == "mnist":
        files = [f"{data}/mnist/{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
        train = f"train: {{images: {files[0]}, labels: {files[1]}}}"
    else:
        rows = rows_of(f"{data}/{path}", folder)
        test = rows[1::5]
        kept = [row for i, row in enumerate(rows[1:]) if i % 5]
        if name == "adult":
            kept, test = rows[1:], [[cell.rstrip(".") for cell in row] for row in rows_of(f"{data}/tabular/adult-test.csv", folder)[1:]]
        for part, some in (("train", kept), ("test", test)):
            with open(f"{folder}/{part}.csv", "w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([rows[0]] + some)
        train = f"train: train.csv, label: {label}"
    if os.path.exists(f"{folder}/runs/{name}/ensemble.consort"):
        return
    if "ensemble" not in settings:
        settings += "\nensemble: {}"
    settings = settings.replace("ensemble: {", "ensemble: {method: average, ")
    with open(f"{folder}/{name}.yaml", "w") as file:
        file.write(f"name: {name}\ndata: {{{train}, split: {{type: holdout, val_fraction: 0.15}}}}\nmethod: grid\nrun: {{keep_models: {len(rates)}}}\n"
                   f"{settings}\nparameters:\n  learning_rate: {{values: {rates}}}\n")
    run(consort, "sweep", f"{name}.yaml", "-q", cwd=folder)
    run(consort, "ensemble", name, "-q", cwd=folder)


def strings(source, name):
    found = re.search(r"%s\[[^=]*\] = \{(.*?)\};" % name, source, re.S)
    return re.findall(r'"([^"]*)"', found.group(1)) if found else []


def tested(folder, name, label):
    """What the compiled C says of the test rows: its figure, and how often the interval holds."""
    with open(f"{folder}/c/model.c") as file:
        inputs = strings(file.read(), "model_input_names")
    with open(f"{folder}/c/main.c", "w") as file:
        file.write(MAIN)
    run("cc", "-std=c99", "-O2", "main.c", "model.c", "-lm", "-o", "predict", cwd=f"{folder}/c")
    if name == "mnist":
        pixels, labels = (gzip.open(f"{data}/mnist/t10k-{kind}-ubyte.gz").read() for kind in ("images-idx3", "labels-idx1"))
        given, truth = pixels[16:], [[str(c)] for c in labels[8:]]
    else:
        with open(f"{folder}/test.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        given = "".join(row[column] + "\n" for row in rows for column in inputs).encode()
        truth = [[row[target] for target in label.strip("[]").split(", ")] for row in rows]
    said = [line.split("\t") for line in run("./predict", input=given, cwd=f"{folder}/c").stdout.decode().splitlines()]
    if len(said) != len(truth):
        sys.exit(f"{name}: {len(truth)} rows, {len(said)} answers")
    n, holds = len(truth), None
    try:
        numbers = [[float(cell) for cell in row] for row in truth] if name in ("housing", "stock", "abalone") else None
    except ValueError:
        numbers = None
    if numbers is None:
        figure = 100 * sum(t[0] == s[0] for t, s in zip(truth, said)) / n
        if len(max(said, key=len)) > 1:
            holds = 100 * sum(t[0] in s[1:] for t, s in zip(truth, said)) / n
        return f"{figure:.2f} %", holds
    figures = []
    for t in range(len(numbers[0])):
        figures.append((sum((row[t] - float(s[t])) ** 2 for row, s in zip(numbers, said)) / n) ** 0.5)
    if len(said[0]) > len(numbers[0]):
        holds = 100 * sum(float(s[1]) <= row[0] <= float(s[2]) for row, s in zip(numbers, said)) / n
    return ", ".join(f"{f:.4g}" for f in figures), holds


def export(folder, name, label, form, options):
    out = f"{folder}/{form}/model" if not form.startswith("C") else f"{folder}/c/model"
    done = run(consort, "export", name, *options, "--verify", "all", "--json", "--out", out, may_fail=True, cwd=folder)
    if done.returncode not in (0, 6):
        sys.exit(f"{name}, {form}: {done.stderr.decode()}")
    proof = json.loads(done.stdout)["proof"]
    seen = f"{proof['deviation']:.2g} | {proof['decided_alike']:,} of {proof['rows']:,}"
    if done.returncode:
        return f"| | {form} | | | | | {seen} | refused |"
    size = os.path.getsize({"ONNX": out + ".onnx", "WASM": out + ".wasm"}.get(form, out + ".c"))
    flash = cycles = stack = figure = ""
    if form.startswith("C"):
        figure, holds = tested(folder, name, label)
        figure += f"; holds {holds:.1f} %" if holds is not None else ""
        with open(out + ".h") as file:
            header = re.sub(r"\s*\*?\s+", " ", file.read().replace("\n *", " "))
        found = re.search(r"about (\d+) bytes of flash .*?, (\d+) of stack, and (\d+) instr", header)
        if found and form != "C, server":
            flash, stack, cycles = found.groups()
    return f"| | {form} | {size:,} | {flash} | {stack} | {cycles} | {seen} | {figure} |"


if __name__ == "__main__":
    work = os.path.abspath(arguments[1]) if len(arguments) > 1 else tempfile.mkdtemp()
    only = os.environ.get("ONLY", "").split()
    lines = ["| model | export | bytes of file | flash | stack | instructions, M4F | deviation | decided alike | test rows |",
             "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    print("\n".join(lines))
    for name, what, path, label, settings, rates in MODELS:
        if only and name not in only:
            continue
        folder = f"{work}/{name}"
        prepare(folder, name, path, label, settings, rates)
        for i, (form, options) in enumerate(FORMS):
            line = export(folder, name, label, form, options)
            lines.append(line if i else f"| {name}: {what} |" + line[3:])
            print(lines[-1], flush=True)
    if "--write" in sys.argv:
        write_table("<!-- bench/exports.py -->", "\n".join(lines) + "\n")
