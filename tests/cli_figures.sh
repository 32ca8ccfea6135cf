#!/bin/bash
# `report --figures` and `compare --figures`: every file is what it says it is, whatever classes are called, and the
# same again.   tests/cli_figures.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
command -v python3 > /dev/null || { skip "no python3 to read files with"; exit 0; }
export OPENBLAS_NUM_THREADS=1

python3 - << 'PY'
import csv, random
random.seed(1)
names = ["\\input{/etc/passwd}", "50 % of a_b & <c>#", "=1+1"]
with open("t.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["x_1", "x 2", "class"])
    for i in range(330):
        y = i % 3
        w.writerow(["%.4f" % random.gauss(y, 1), "%.4f" % random.gauss(-y, 1), names[y]])
PY
cat > s.yaml << 'YAML'
name: '<evil> & "co" %'
method: random
run_cap: 12
metric: {name: val_f1_macro}
early_terminate: {type: hyperband, min_iter: 2}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0005, max: 0.1}
  dropout: {min: 0.0, max: 0.5}
  optimizer: {values: [adamw, sgd]}
data: {train: t.csv, label: class, test: {fraction: 0.3, seed: 1}, split: {type: kfold, folds: 3, seed: 1}}
train: {epochs: 6, hidden: [8], batch_size: 32}
run: {seed: 3, jobs: 2, dir: one}
YAML
ok run run s.yaml -q
ok figures report one --figures paper/figures
has figures out '^one/report.html$'
has figures err '^[0-9]+ files in paper/figures$'
cat > look.py << 'PY'
import csv, glob, os, re, sys
import xml.etree.ElementTree as tree
folder, wanted = sys.argv[1], set(sys.argv[2:])
svgs = {os.path.basename(f)[:-4] for f in glob.glob(folder + "/*.svg")}
assert svgs >= wanted, "no %s" % sorted(wanted - svgs)
for name in svgs:
    root = tree.parse("%s/%s.svg" % (folder, name)).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg", name
    allowed = {"svg", "title", "rect", "line", "path", "circle", "text"}
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    for element in root.iter():
        tag = element.tag.split("}")[1]
        assert tag in allowed, (name, tag)
        assert not any(k.startswith("on") or "href" in k for k in element.keys()), (name, element.attrib)
        for key, most in ("x", width), ("y", height), ("cx", width), ("cy", height), ("x1", width), ("y2", height):
            if element.get(key): assert -1 <= float(element.get(key)) <= most + 1, (name, tag, element.attrib)
        for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
            assert -1 <= float(x) <= width + 1 and -1 <= float(y) <= height + 1, (name, x, y)
        if tag == "text": # not beyond the edge, as far as letters of 3.7 points say
            x, letters = float(element.get("x", width / 2)), 3.7 * len(element.text or "")
            anchor = element.get("text-anchor", "start")
            left = x - letters * {"start": 0, "middle": .5, "end": 1}[anchor]
            assert left > -12 and left + letters < width + 12, (name, element.text, left, letters)
tables = {os.path.basename(f)[:-4] for f in glob.glob(folder + "/*.csv")}
assert tables == {os.path.basename(f)[:-4] for f in glob.glob(folder + "/*.tex")} and tables
for name in tables:
    rows = list(csv.reader(open("%s/%s.csv" % (folder, name), newline="")))
    assert len(rows) > 1 and len({len(r) for r in rows}) == 1, name
    assert not any(c[:1] == "=" for r in rows for c in r), name
    tex = open("%s/%s.tex" % (folder, name)).read()
    body = tex[tex.index("\\midrule") + 8:tex.index("\\bottomrule")]
    lines = [l for l in body.split("\\\\\n") if l.strip()]
    assert len(lines) == len(rows) - 1, name
    for line in lines:
        bare = re.sub(r"\\(textbackslash|textless|textgreater|textbar|textasciitilde|textasciicircum|ldots)\{\}|\\[%#$&_{}]"
                      r"|\{\\char\d+\}|\$(\\[a-z]+|-)\$|\{[][*]\}|-\{\}-", "", line)
        assert not re.search(r"[\\%#$_{}~^<>|\"]", bare), (name, bare)
        assert bare.count("&") == len(rows[0]) - 1, (name, bare)
PY
n=$((n + 1))
python3 look.py paper/figures history best-so-far parallel slices timeline curve-metric curve-loss confusion roc \
    pr reliability 2> err || fail "files of the report"
has hostile paper/figures/per-class.tex '^    \\textbackslash\{\}input\\\{/etc/passwd\\\} & '
has hostile paper/figures/confusion.svg '>50 % of a_b &amp;…<'
has hostile paper/figures/per-class.csv "^'=1\\+1,"
if latex=$(command -v pdflatex || command -v tectonic); then
    n=$((n + 1))
    { echo '\documentclass{article}\usepackage{booktabs}\begin{document}'
      for table in paper/figures/*.tex; do echo "\\input{$table}"; done
      echo '\end{document}'; } > all.tex
    "$latex" -interaction=nonstopmode all.tex > out 2> err < /dev/null || fail "the tables do not compile"
else
    skip "compiling the tables: no pdflatex"
fi

# The same again, byte for byte; the list of files for programs.
ok again report one --figures again --json
n=$((n + 1))
python3 - 2> err << 'PY' || fail "again: the list of files"
import json, os
d = json.load(open("out"))
assert sorted(d["figures"]) == sorted("again/" + f for f in os.listdir("again")), d["figures"]
PY
n=$((n + 1))
diff -r paper/figures again > out 2> err || fail "again: another file"

# Two studies; a program; what cannot be written.
ok two sweep s.yaml -q --seed 4 --dir two
ok compare compare one two --figures both
n=$((n + 1))
python3 look.py both compare-trials compare-cpu 2> err || fail "files of the comparison"
ok report_both report one two --out both.html --figures both2
[ -s both2/compare-cpu.svg ] || fail "report_both: no figure"
cat > program.yaml << 'YAML'
name: program
command: ["sh", "-c", "echo '{\"score\": 0.'$RANDOM'}'"]
method: random
run_cap: 6
metric: {name: score, goal: maximize}
parameters: {x: {min: 0.0, max: 1.0}, names: {values: [a, 'b_%']}}
YAML
ok program sweep program.yaml -q
ok program_figures report program --figures program
n=$((n + 1))
python3 look.py program history slices parallel 2> err || fail "files of a program's study"
[ ! -e program/confusion.svg ] || fail "program: a confusion matrix"
: > file
expect 1 nowhere report one --figures file/x

echo "$n checks of figures, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
