#!/bin/bash
# Studies side by side: what is paired and what is not, held against numbers that come from elsewhere.
#   tests/cli_compare.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
command -v python3 > /dev/null || { skip "no python3 to reckon with"; exit 0; }
export OPENBLAS_NUM_THREADS=1
right() { # right NAME: the Python of standard input finds nothing wrong in `out` as `d`
    n=$((n + 1))
    python3 -c "
import json, math, csv
d = json.load(open('out')) if open('out').read(1) == '{' else None
def near(a, b, what, tol=1e-9):
    assert abs(a - b) <= tol * max(1, abs(b)), '%s: %r, not %r' % (what, a, b)
$(cat)" 2> why || { cp why err; fail "$1"; }
}

# Two classes that overlap, so that no network gets all rows right.
python3 - << 'PY'
import random
random.seed(4)
def rows(name, n):
    with open(name, "w") as f:
        f.write("a,b,c,class\n")
        for _ in range(n):
            y = random.random() < .4
            x = [random.gauss(.7 if y else 0, 1) for _ in range(3)]
            f.write("%.4f,%.4f,%.4f,%s\n" % (*x, "yes" if y else "no"))
rows("train.csv", 400)
rows("test.csv", 300)
PY
study() { # study NAME SEED [LINE OF DATA] [METRIC] [MORE PARAMETERS]
    cat > "$1.yaml" << YAML
name: $1
method: random
run_cap: 5
metric: {name: ${4:-val_accuracy}}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0005, max: 0.05}
  ${5:-dropout: {min: 0.0, max: 0.5\}}
data: {train: train.csv, test: test.csv, label: class, split: {type: kfold, folds: 3, seed: ${3:-1}}}
train: {epochs: 4, hidden: [8], batch_size: 32}
run: {seed: $2, jobs: 2}
YAML
}
study one 1; study two 2; study three 3; study split 1 2; study loss 1 1 val_log_loss
study wide 1 1 val_accuracy 'weight_decay: {values: [0.0, 0.01]}'
for name in one two split loss wide; do ok "run_$name" run $name.yaml -q; done
ok sweep_three sweep three.yaml -q

# ---- three of one configuration ------------------------------------------------------------------
ok seeds compare runs/one runs/two runs/three --json
right seeds << 'PY'
one, two, three = d["studies"]
assert d["schema"] == 1 and d["metric"] == {"name": "accuracy", "label": "accuracy", "maximize": True}
assert [s["label"] for s in d["studies"]] == ["one", "two", "three"]
assert [r["name"] for r in d["settings"]] == ["run.seed"] and d["settings"][0]["values"] == ["1", "2", "3"]
for s in d["studies"]:
    curve, best = s["curve"], s["best"]
    assert curve["best"][-1] == best["value"] and curve["best"] == sorted(curve["best"]), curve
    assert curve["trials"][-1] == s["trials"] == 5 and curve["cpu_s"] == sorted(curve["cpu_s"])
    near(curve["cpu_s"][-1], s["cost"]["cpu_s"], "cost")
    assert 0 < s["cost"]["wall_s"] <= s["cost"]["trial_s"] + 1e-3
    assert best["low95"] < best["value"] < best["high95"]
assert one["test"] and two["test"] and three["test"] is None
group, = d["spread"]
assert group["studies"] == ["one", "two", "three"] and group["seeds"] == ["1", "2", "3"]
values = [s["best"]["value"] for s in d["studies"]]
mean = sum(values) / 3
near(group["best"]["mean"], mean, "mean")
near(group["best"]["sd"], math.sqrt(sum((v - mean) ** 2 for v in values) / 2), "sd")
assert group["best"]["low"] == min(values) and group["test"]["n"] == 2
pairs = [(p["b"], p["on"], p["paired"]) for p in d["pairs"]]
assert pairs == [("two", "validation", True), ("two", "test", True), ("three", "validation", True)], pairs
for p in d["pairs"]:
    m = p["metrics"]["accuracy"]
    near(m["difference"], m["b"] - m["a"], "difference")
    near(m["difference"], (p["only_b"] - p["only_a"]) / p["rows"], "accuracy by rows")
    assert m["low95"] <= m["difference"] <= m["high95"] and m["test"] == "mcnemar"
    k, n = min(p["only_a"], p["only_b"]), p["only_a"] + p["only_b"]
    exact = min(1, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2 ** n) if n else 1
    near(m["p"], exact, "McNemar's p", 1e-6)
near(d["pairs"][0]["metrics"]["accuracy"]["a"], one["best"]["value"], "validation score", 1e-6)
near(d["pairs"][1]["metrics"]["accuracy"]["b"], two["test"]["value"], "test score", 1e-6)
PY

# The rows that one ensemble alone gets right, as `predict` has them.
for name in one two; do
    ok "predict_$name" predict runs/$name test.csv
    cp out $name.csv
done
ok again compare one two --json
right predicted << 'PY'
truth = [r["class"] for r in csv.DictReader(open("test.csv"))]
a, b = ([r["label"] for r in csv.DictReader(open(f))] for f in ("one.csv", "two.csv"))
pair = d["pairs"][1]
assert pair["rows"] == 300
assert pair["only_a"] == sum(x == t != y for x, y, t in zip(a, b, truth)), pair
assert pair["only_b"] == sum(y == t != x for x, y, t in zip(a, b, truth)), pair
PY
ok itself compare one one --json
right itself << 'PY'
assert [s["label"] for s in d["studies"]] == ["one", "one"] and d["settings"] == d["best_settings"] == []
for p in d["pairs"]:
    for m in p["metrics"].values():
        assert m["difference"] == 0 and m["p"] == 1, m
PY

# ---- what cannot be paired, and what cannot be compared --------------------------------------------
ok unpaired compare one split --json
right unpaired << 'PY'
valid, test = d["pairs"]
assert valid["paired"] is False and "split" in valid["why"], valid
assert test["paired"] is True, test
a, b = (s["best"] for s in d["studies"])
m = valid["metrics"]["accuracy"]
diff = b["value"] - a["value"]
near(m["low95"], diff - math.hypot(b["value"] - b["low95"], a["high95"] - a["value"]), "low95")
near(m["high95"], diff + math.hypot(b["high95"] - b["value"], a["value"] - a["low95"]), "high95")
assert "p" not in m and m["test"] == "none"
assert any("not paired, because" in c for c in d["verdict"]["caveats"])
PY
ok unpaired_table compare one split -v
has unpaired_table out 'NOT PAIRED'
expect 2 metrics compare one loss
has metrics err 'val_accuracy \(larger is better\).*val_log_loss \(smaller\).*--metric NAME'
silent metrics out
ok by_metric compare one loss --metric log_loss --json
right by_metric << 'PY'
assert d["metric"]["name"] == "log_loss" and d["metric"]["maximize"] is False
for s in d["studies"]:
    assert s["curve"]["best"] == sorted(s["curve"]["best"], reverse=True)
    assert s["curve"]["best"][-1] == s["best"]["value"]
    assert s["best"]["low95"] < s["best"]["value"] < s["best"]["high95"]
assert {r["name"] for r in d["settings"]} == {"metric.name"}
PY
expect 2 no_metric compare one two --metric nonsense
expect 2 one_only compare one
has one_only err 'two studies or more'
expect 2 nobody compare one nobody
rm -r runs/three/artifacts
ok without_rows compare one three --json
right without_rows << 'PY'
pair, = d["pairs"]
assert pair["paired"] is False and pair["why"], pair
assert d["studies"][1]["best"]["low95"] is None and pair["metrics"]["accuracy"]["low95"] is None
PY
ok other_space compare one wide --json
right other_space << 'PY'
keys = {r["name"]: r["values"] for r in d["settings"]}
assert keys["parameters.weight_decay.values"] == [None, "[0,0.01]"], keys
assert keys["parameters.dropout.max"] == ["0.5", None], keys
assert d["spread"] == []
PY

# ---- programs, unfinished studies ------------------------------------------------------------------
cat > program.yaml << 'YAML'
name: program
command: ["sh", "-c", "sleep .1; echo '{\"score\": 3}'"]
method: random
run_cap: 6
run: {jobs: 2}
metric: {name: score, goal: maximize}
parameters: {x: {min: 0.0, max: 1.0}}
YAML
sed 's/: 3/: 4/; s/name: program/name: other/' program.yaml > other.yaml
for name in program other; do ok "sweep_$name" sweep $name.yaml -q; done
ok programs compare program other --json
right programs << 'PY'
pair, = d["pairs"]
assert pair["paired"] is False and "program" in pair["why"] and pair["metrics"]["score"]["difference"] == 1
assert d["verdict"]["leader"] == "other" and d["studies"][0]["size"] is None
import sqlite3
from datetime import datetime
for s in d["studies"]: # the time in which something ran: trials that overlap count once
    rows = sqlite3.connect("runs/%s/trials.db" % s["name"]).execute("SELECT secs, end_utc FROM trial").fetchall()
    spans = sorted((datetime.fromisoformat(e.rstrip("Z")).timestamp() - t, t) for t, e in rows)
    until, wall = -math.inf, 0
    for begin, took in spans:
        wall += max(0, begin + took - max(begin, until))
        until = max(until, begin + took)
    near(s["cost"]["wall_s"], wall, "wall", 0.01)
PY
expect 2 mixed compare program one

# ---- a database that lacks what is optional there -----------------------------------------------------
cp -r runs/two odd
python3 -c "
import sqlite3
db = sqlite3.connect('odd/trials.db')
db.execute('UPDATE study SET data_sha256 = NULL, split_sha256 = NULL, config_sha256 = NULL')
db.commit()"
ok odd compare one odd --json
right odd << 'PY'
assert d["pairs"][0]["paired"] is False and d["spread"] == [], (d["pairs"][0], d["spread"])
assert not d["studies"][1]["data_sha256"] and d["studies"][1]["label"] == "two"
PY
python3 -c "
import sqlite3
db = sqlite3.connect('odd/trials.db')
db.execute('UPDATE study SET config_yaml = NULL')
db.commit()"
expect 4 no_configuration compare one odd

# ---- every form ------------------------------------------------------------------------------------
for i in 1 2; do ok "night_$i" sweep one.yaml -q --db night.db --name "<b>night|$i</b>" --seed $i; done
ok database compare night.db --html page.html
has database out '^<b>night\|1</b> +DONE +5 '
has page page.html '&lt;b&gt;night\|1&lt;/b&gt;'
lacks page page.html '<b>night'
lacks page page.html '(src|href)="https?://'
has page page.html 'data-chart="compare-cpu"'
# The page draws both charts and complains of nothing.
if chromium=$("$here/browser.sh" --which); then
    n=$((n + 1))
    timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$PWD/profile" \
        --window-size=1280,1600 --dump-dom "file://$PWD/page.html" > shown.html 2> err
    is page_drawn "$(grep -oE 'data-(drawn|problems)="[^"]*"' shown.html)" 'data-drawn="yes"'
    is page_charts "$(grep -oE '<figure[^>]*data-chart="compare-[a-z]+"[^>]*>' shown.html | grep -vc hidden)" 2
else
    skip "looking at the page: no Chromium"
fi
ok md compare night.db --md
has md out '^\| &lt;b>night\\\|1&lt;/b> \| DONE \|'
ok csv compare night.db --csv
has csv out '^<b>night\|2</b>,DONE,5,'
ok report report one two
is report "$(cat out)" compare.html
has report compare.html 'data-chart="compare-trials"'
ok report_json report night.db --out both.html --json
has report_json out '"html": "both.html"'
ok report_one report one --out one.html
[ -s one.html ] || fail "report_one: no one.html"
expect 2 report_metric report one --metric accuracy
expect 1 nowhere compare one two --html no/such/folder/x.html
silent nowhere out

echo "$n checks of studies side by side, $failed failed"
[ $failed = 0 ]
