"""Exported models on emulated boards, beside emlearn's: flash, memory, instructions, accuracy.

    PYTHON bench/boards.py build/consort [--write]

The Python needs scikit-learn and emlearn; the compilers and emulators are those of tests/ship_boards.sh
(tests/deps.sh --ship). Two tables: scikit-learn's digits, 64 columns, and letter ($CONSORT_DATA). Both sides have the
same layers, each trained by its own tool, ours with the preprocessing that it learned, emlearn's with
scikit-learn's StandardScaler, which stays outside: its inputs are scaled already. Compiled by one gcc with -O2
-std=c99. --write puts the table into bench/RESULTS.md.

tflite-micro: what pip installs is an interpreter for x86-64; it has neither the library for a Cortex-M nor a
converter, so there is nothing to measure.
"""
import csv, io, os, re, subprocess, sys, tempfile, warnings

import emlearn
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from results import write_table

consort = os.path.abspath(sys.argv[1])
here = os.path.dirname(os.path.abspath(__file__))
boards = os.path.abspath(os.path.join(here, "..", "tests", "boards"))
ON_BOARD = 300  # rows
os.environ["OPENBLAS_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")


def letter():
    path = os.path.join(os.environ.get("CONSORT_DATA", os.path.join(here, "../../shared/data")), "tabular/letter.arff")
    with open(path) as file:
        rows = [line.strip().split(",") for line in file.read().lower().split("@data", 1)[1].split("\n") if line.strip()]
    return np.array([[float(v) for v in row[:-1]] for row in rows]), np.array([row[-1] for row in rows])


def digits():
    x, y = load_digits(return_X_y=True)
    return x, np.array(["zero one two three four five six seven eight nine".split()[c] for c in y])


def write_rows(path, x, y, cell="{:.9g}".format):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow([f"x{j}" for j in range(x.shape[1])] + ["kind"])
        for row, label in zip(x, y):
            out.writerow([cell(v) for v in row] + [label])


def letters(v):
    return "".join(chr(ord("a") + int(c, 16)) for c in np.float32(v).view(np.uint32).item().to_bytes(4, "big").hex())


def predicted(path, classes, p):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["label", "confidence"] + list(classes))
        for row in p:
            out.writerow([classes[row.argmax()], row.max()] + [f"{v:.9g}" for v in row])


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def ours(folder, hidden, train, test, form="f32"):
    """Trains, exports; returns the accuracy of floats on all test rows."""
    write_rows(f"{folder}/train.csv", *train)
    write_rows(f"{folder}/test.csv", *test)
    write_rows(f"{folder}/board.csv", test[0][:ON_BOARD], test[1][:ON_BOARD])
    with open(f"{folder}/one.yaml", "w") as file:
        file.write(f"name: one\ndata: {{train: train.csv, label: kind, split: {{type: holdout, val_fraction: 0.1}}}}\n"
                   f"method: grid\nrun: {{keep_models: 1}}\nensemble: {{method: average, calibrate: none}}\n"
                   f"train: {{hidden: {hidden}, epochs: 60}}\nparameters:\n  learning_rate: {{values: [0.005]}}\n")
    for command in (["sweep", "one.yaml", "-q"], ["ensemble", "one", "-q"],
                    ["export", "one", "--to", "c", "--numbers", form, "--out", "model"]):
        run(consort, *command, cwd=folder)
    said = run(consort, "predict", "runs/one/ensemble.consort", "test.csv", cwd=folder)
    labels = [row["label"] for row in csv.DictReader(io.StringIO(said))]
    with open(f"{folder}/predicted.csv", "w") as file:
        file.write(run(consort, "predict", "runs/one/ensemble.consort", "board.csv", "--proba", cwd=folder))
    return np.mean(np.array(labels) == test[1])


SHIM = """#include "model.h"
#include <string.h>
#include "net.h"
const char *const model_class_names[] = {%s};
const char *const model_input_names[] = {%s};
int model_encode_row(const char *const fields[MODEL_N_INPUTS], model_input x[MODEL_N_INPUTS])
{
    int i, c; /* a cell: the bits of the float, as eight letters a to p */
    for (i = 0; i < MODEL_N_INPUTS; i++) {
        unsigned bits = 0;
        for (c = 0; c < 8; c++) bits = bits << 4 | (unsigned)(fields[i][c] - 'a');
        memcpy(&x[i], &bits, sizeof bits);
    }
    return 0;
}
int model_predict(const model_input x[MODEL_N_INPUTS], float p[MODEL_N_CLASSES])
{
    int i, best = 0;
    (void)eml_net_predict_proba(&net, x, MODEL_N_INPUTS, p, MODEL_N_CLASSES);
    for (i = 1; i < MODEL_N_CLASSES; i++)
        if (p[i] > p[best]) best = i;
    return best;
}
int model_selftest(void)
{
    return 0;
}
"""


def emlearns(folder, hidden, train, test):
    """The same; what emlearn makes gets our names around it."""
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(hidden, max_iter=200, random_state=0)).fit(*train)
    net, scale = pipeline[-1], pipeline[0]
    os.chdir(folder)  # it leaves files where it stands
    emlearn.convert(net, dtype="float").save(file=f"{folder}/net.h", name="net")
    x = scale.transform(test[0][:ON_BOARD])
    write_rows(f"{folder}/board.csv", x, test[1][:ON_BOARD], letters)
    predicted(f"{folder}/predicted.csv", net.classes_, net.predict_proba(x))
    with open(f"{folder}/model.c", "w") as file:
        file.write(SHIM % (", ".join(f'"{c}"' for c in net.classes_), ", ".join(f'"x{j}"' for j in range(x.shape[1]))))
    with open(f"{folder}/model.h", "w") as file:
        file.write(f"#define MODEL_N_INPUTS {x.shape[1]}\n#define MODEL_N_CLASSES {len(net.classes_)}\n"
                   "typedef float model_input;\n"
                   "int model_encode_row(const char *const fields[MODEL_N_INPUTS], model_input x[MODEL_N_INPUTS]);\n"
                   "int model_predict(const model_input x[MODEL_N_INPUTS], float p[MODEL_N_CLASSES]);\n"
                   "int model_selftest(void);\n")
    return pipeline.score(*test)


def on_board(folder, board, integers=False):
    """What a board says: a dictionary of numbers."""
    run(sys.executable, f"{boards}/rows.py", "board.csv", "model.h", "predicted.csv", "rows.bin", cwd=folder)
    script = ". \"$1/build.sh\"; boards=$1; board $2; $cc $flags -O2 -std=c99 -ffunction-sections -fdata-sections -I$3 -c model.c" \
             " -o $2.o && board_run $2 float && echo size $(board_size $2 float)"
    said = run("bash", "-c", script, "bash", boards, board, emlearn.includedir, cwd=folder)
    line, size = said.strip().split("\n")[-2:]
    words = line.split()
    figures = {words[i]: int(words[i + 1]) for i in range(0, len(words), 2)}
    figures["flash"], figures["static"] = map(int, size.split()[1:])
    if not integers and (figures["off_e9"] > 1e5 or figures["wrong"]):
        sys.exit(f"{folder} on {board}: {line}")
    return figures


lines = ["| data | network | by | flash | static RAM | stack | instructions, M4F | instructions, M0+ | accuracy | decided alike |",
         "|---|---|---|--:|--:|--:|--:|--:|--:|--:|"]
work = tempfile.mkdtemp()
for name, data, hidden, held in (("digits", digits, [32], 500), ("letter", letter, [64, 32], 4000)):
    x, y = data()
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=held, stratify=y, random_state=0)
    for side, make, form in (("Consort, f32", ours, "f32"), ("Consort, i16", ours, "i16"), ("Consort, i8", ours, "i8"),
                             ("emlearn " + emlearn.__version__, emlearns, None)):
        folder = f"{work}/{name}-{form}"
        os.mkdir(folder)
        accuracy = make(folder, hidden, (x_train, y_train), (x_test, y_test), *([form] if form else []))
        m4, m0 = (on_board(folder, board, form in ("i16", "i8")) for board in ("m4", "m0"))
        lines.append(f"| {name} | {'-'.join(map(str, [x.shape[1]] + hidden + [len(set(y))]))} | {side} | {m4['flash']} | {m4['static']} | "
                     f"{m4['stack']} | {m4['instructions']} | {m0['instructions']} | {100 * accuracy:.2f} % | "
                     f"{m4['rows'] - m4['wrong']} of {m4['rows']} |")
        print(lines[-1], flush=True)
if "--write" in sys.argv:
    compiler = run("arm-none-eabi-gcc", "--version").split("\n")[0]
    write_table("<!-- bench/boards.py -->", f"{re.sub('^arm-none-eabi-', '', compiler)}; {ON_BOARD} rows on each board: of floats each gives what its "
                "tool gives on this machine, to 1e-4.\n\n" + "\n".join(lines) + "\n")
