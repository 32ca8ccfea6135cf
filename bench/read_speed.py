#!/usr/bin/env python3
"""How fast and how large a table of numbers is read: Consort beside pandas' C engine.

    bench/read_speed.py BUILD [ROWS [COLUMNS]]     pandas is looked for in the Python that runs this
    bench/read_speed.py BUILD FILE                 a CSV of one's own; the last column is the label

BUILD holds `consort` and bench/read_table, which reads a table as training does (types inferred, cells stored,
fingerprint made) and does nothing else: reading alone. `consort data inspect` reads and describes, with the last
column as label and without one.

Each reads the same file three times (ROUNDS), in turn; the least processor time (user and system) of a whole process is
printed, without what Python and pandas take to start, and the largest memory. Aims: reading within 1.5 times the
time of pandas, `data inspect` within 2.5, memory below 1.3 times the matrix of 4-byte numbers and 200 MB.
"""
import os
import random
import subprocess
import sys
import tempfile

READ = "import pandas; d = pandas.read_csv({!r}); print(len(d))"


def made(path, rows, columns):
    rng = random.Random(2)
    pool = ["%.6f" % rng.gauss(0, 1) for _ in range(200003)]
    with open(path, "w") as out:
        out.write(",".join("c%d" % j for j in range(columns - 1)) + ",y\n")
        at = 0
        for _ in range(rows):
            at = (at + 7919 * columns) % len(pool)
            cells = [pool[(at + 31 * j) % len(pool)] for j in range(columns - 1)]
            out.write(",".join(cells) + ",%d\n" % (rng.random() < 0.5))


def measured(command):
    with open(os.devnull, "w") as nowhere:
        child = subprocess.Popen(command, stdout=nowhere)
        _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit("%s: status %d" % (" ".join(command), status))
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    consort = os.path.join(sys.argv[1], "consort")
    own = sys.argv[2] if len(sys.argv) == 3 and os.path.exists(sys.argv[2]) else None
    rows = int(sys.argv[2]) if len(sys.argv) > 2 and not own else 200000
    columns = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    with tempfile.TemporaryDirectory() as folder:
        path = own or os.path.join(folder, "numbers.csv")
        reader = os.path.join(sys.argv[1], "bench", "read_table")
        if own:
            rows, columns = map(int, subprocess.run([reader, path], stdout=subprocess.PIPE, check=True).stdout.split())
            columns += 1
        else:
            made(path, rows, columns)
        commands = {
            "reading alone": [reader, path],
            "consort data inspect": [consort, "data", "inspect", path, "--json"],
            "the same, --label none": [consort, "data", "inspect", path, "--json", "--label", "none"],
            "pandas.read_csv": [sys.executable, "-c", READ.format(path)],
            "import pandas": [sys.executable, "-c", "import pandas"],
        }
        best = {name: (1e9, 0) for name in commands}
        for _ in range(int(os.environ.get("ROUNDS", 3))):
            for name, command in commands.items():
                cpu, memory = measured(command)
                best[name] = (min(best[name][0], cpu), max(best[name][1], memory))
        start = best.pop("import pandas")[0]
        pandas = best["pandas.read_csv"][0] - start
        matrix = 4 * rows * columns / 1e6
        print("%d x %d, %.0f MB, a matrix of %.0f MB (4 bytes each): aim at most %.0f MB. Load %.1f on %d cores."
              % (rows, columns, os.path.getsize(path) / 1e6, matrix, 1.3 * matrix + 200, os.getloadavg()[0],
                 os.cpu_count()))
        print("| | CPU s | x pandas | peak MB |\n|---|--:|--:|--:|")
        for name, (cpu, memory) in best.items():
            cpu = pandas if name == "pandas.read_csv" else cpu
            print("| %s | %.2f | %.1f | %.0f |" % (name, cpu, cpu / pandas, memory))


if __name__ == "__main__":
    main()
