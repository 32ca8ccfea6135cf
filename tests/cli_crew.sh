#!/bin/bash
# A study that three hosts trained, faults and waiting included: what status, watch and the report say of it. The times
# are made up here, and what they come to is summed up beside, from the trials.   tests/cli_crew.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
cat > far.yaml <<'YAML'
name: far
method: random
metric: {name: val_f1_macro}
run_cap: 48
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
data: {format: digits, rows: 200, test_rows: 50}
train: {epochs: 1}
run: {seed: 1, keep_models: 2, lookback: 6, jobs: 2}
YAML
ok sweep sweep far.yaml --dir far -q
ok alone report far -q
n=$((n + 1))
grep -q '"crew"' far/report.json && fail "one process is a crew"
ok status_alone status far
lacks status_alone out '^host'

cat > deal.py <<'PY'
"""Deals the trials of far/ out to workers of three hosts, and prints what was done, by host."""
import heapq, json, sqlite3
db = sqlite3.connect("far/trials.db", isolation_level=None)
at = lambda s: f"2026-01-01T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}.000Z"
workers = [("pid 1", "alpha", 1, 0, None), ("rank 1", "beta", 2, 5, None), ("rank 2", "beta", 2, 5, 120), ("rank 3", "gamma", 3, 10, None)]
free = [(came, w, k) for w, (_, _, seats, came, _) in enumerate(workers) for k in range(seats)]
end, host = [], {h: {"done": 0, "busy": 0, "lost": 0, "lost_s": 0, "seats_s": 0} for h in ("alpha", "beta", "gamma")}
done = [[0, 0, 0, 0] for _ in workers]
heapq.heapify(free)
while len(end) < 48:
    turn = len(end)
    t, w, k = heapq.heappop(free)
    t = max([t] + end[:max(0, turn - 5)])
    took = 20 + turn * 37 % 60 + (200 if turn % 9 == 4 else 0)
    name, where, _, _, leaves = workers[w]
    if leaves and t + took > leaves:
        if t < leaves:
            db.execute("INSERT INTO stint VALUES (?, 1, ?, 1, ?, ?, 'lost')", (turn + 1, w + 1, at(leaves), leaves - t))
            done[w][1] += 1
            done[w][3] += leaves - t
        continue
    end.append(t + took)
    db.execute("UPDATE trial SET worker = ?, host = ?, start_utc = ?, end_utc = ?, secs = ? WHERE number = ?",
               (w + 1, where, at(t), at(t + took), took, turn))
    done[w][0] += 1
    done[w][2] += took
    heapq.heappush(free, (t + took, w, k))
last = max(end)
db.execute("DELETE FROM worker")
for w, (name, where, seats, came, leaves) in enumerate(workers):
    left = leaves or last
    n, lost, busy_s, lost_s = done[w]
    db.execute("INSERT INTO worker VALUES (1, ?, ?, ?, ?, ?, ?, 'avx2', 8589934592, '0.1.0', ?, ?, ?, ?, 0, ?, ?, ?)",
               (w + 1, name, where, 100 + w, w - 1 if w else -1, seats, at(came), at(left), "lost" if leaves else "ended", n, lost, busy_s, lost_s))
    host[where]["done"] += n
    host[where]["busy"] += busy_s
    host[where]["lost"] += lost
    host[where]["lost_s"] += lost_s
    host[where]["seats_s"] += seats * (left - came)
json.dump(host, open("want.json", "w"))
for h, d in host.items():
    print(f"{h} {d['done']} {100 * d['busy'] / d['seats_s']:.1f} {100 * d['lost_s'] / d['seats_s']:.1f}")
PY
python3 deal.py > want || fail "deal.py"
ok status status far
while read -r host done busy lost; do
    has status out "^$host .* $done +0 +[0-9.]+ +$busy % +$lost %"
done < want
has status out '^host +workers +seats +done +failed +an hour +in use +lost$'
has status out '^beta +2, 1 lost +4 '
has status out '^all 3 hosts +4, 1 lost +8 +48 '
has status out '^5[0-9] % of the seats. time was waiting for slow trials within run.lookback: 6; a study with [0-9]+ would'
ok json status far --json
n=$((n + 1))
python3 - <<'PY' || fail "status --json"
import json
crew, want = json.load(open("out"))["crew"], json.load(open("want.json"))
assert [w["name"] for w in crew["workers"]] == ["pid 1", "rank 1", "rank 2", "rank 3"], crew["workers"]
assert crew["workers"][2]["reason"] == "lost" and crew["workers"][2]["lost"] == 1 and crew["workers"][0]["rank"] == -1
for host in crew["hosts"]:
    w = want[host["host"]]
    assert (host["done"], host["lost"]) == (w["done"], w["lost"])
    assert abs(host["utilization"] - w["busy"] / w["seats_s"]) < 1e-9 and abs(host["lost_s"] - w["lost_s"]) < 1e-9
assert crew["all"]["seats"] == 8 and crew["all"]["gone"] == 1 and crew["cure"].startswith("5")
PY
ok watch watch far
has watch out '48 of 48 trials: .*; 8 seats on 3 hosts, [0-9]+ % in use, 1 attempt lost$'

ok report report far -q --figures figures
n=$((n + 1))
python3 - <<'PY' || fail "report.json"
import json, sqlite3
doc, want = json.load(open("far/report.json")), json.load(open("want.json"))
crew, trials = doc["crew"], doc["trials"]
lanes = {l["worker"]: range(l["first"], l["first"] + l["n"]) for l in crew["lanes"]}
assert [l["host"] for l in crew["lanes"]] == ["alpha", "beta", "beta", "gamma"] and trials["lanes"] == 8
names = dict(sqlite3.connect("far/trials.db").execute("SELECT number, name FROM trial JOIN worker USING (study_id, worker)"))
for number, lane, start, took in zip(trials["number"], trials["lane"], trials["start_s"], trials["seconds"]):
    assert lane in lanes[names[number]], (number, lane)
for lane in range(8):  # a seat trains one at a time
    ran = sorted((s, s + t) for l, s, t in zip(trials["lane"], trials["start_s"], trials["seconds"]) if l == lane)
    assert all(b[0] >= a[1] - .01 for a, b in zip(ran, ran[1:])), ran
parts = crew["parts"]
assert parts["lost"] == [True] and parts["lane"][0] in lanes["rank 2"] and parts["start_s"][0] + parts["seconds"][0] == 120, parts
over = crew["over_time"]
assert abs(sum(over["busy"]) * over["step_s"] - sum(w["busy"] for w in want.values())) < 1, over
assert abs(sum(over["lost"]) * over["step_s"] - sum(w["lost_s"] for w in want.values())) < 1
assert max(over["seats"]) == 8 and 0 < crew["all"]["waiting_s"] < crew["all"]["seats_s"] - crew["all"]["busy_s"]
PY
n=$((n + 1))
grep -q '^| beta | 2, 1 lost | 4 | ' far/report.md && grep -q '<th[^>]*>beta' far/report.html || fail "no hosts in the report"
grep -q 'pale grey lost' figures/timeline.svg || fail "the timeline does not show what was lost"

# Many hosts: ten of them, and all together.
n=$((n + 1))
python3 - <<'PY' || fail "many hosts"
import sqlite3
db = sqlite3.connect("far/trials.db", isolation_level=None)
for w in range(5, 2005):
    db.execute("INSERT INTO worker SELECT study_id, ?, 'rank ' || ?, 'node-' || (? / 4), ?, ?, seats, isa, memory_bytes, version, joined_utc,"
               " left_utc, reason, 0, 0, 0, 0, 0 FROM worker WHERE worker = 4", (w, w, w, w, w))
PY
ok many status far
has many out '^The first 10 of 50[0-9] hosts\.'
has many out '^all 50[0-9] hosts +2,?004, 1 lost'
n=$((n + 1))
[ "$(wc -l < out)" -lt 30 ] || fail "2,000 workers: $(wc -l < out) lines"
ok many_report report far -q
echo "$n checks of who trained, $failed failed"
[ $failed = 0 ]
