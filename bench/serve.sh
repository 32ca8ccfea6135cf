#!/bin/bash
# How many requests `consort serve` answers, and how fast: wrk on 127.0.0.1, ten seconds each, 64 connections that
# stay open; one row as JSON, 100 rows as CSV, and a network of 64 and 32 units for 20 columns. Then a million rows
# through `predict --stream`, as CSV and as NDJSON: seconds, CPU seconds, memory.
#   bench/serve.sh CONSORT [SECONDS]
set -eu
consort=$(realpath "$1") seconds=${2:-10}
command -v wrk > /dev/null || { echo "bench/serve.sh: wrk is not installed"; exit 1; }
work=$(mktemp -d)
cd "$work"
trap 'kill $pid 2> /dev/null || true; rm -rf "$work"' EXIT
awk 'BEGIN { srand(1)
    for (c = 0; c < 20; c++) printf "x%d,", c
    print "y"
    for (i = 0; i < 4000; i++) {
        s = 0
        for (c = 0; c < 20; c++) { v = rand() * 2 - 1; if (c < 3) s += v; printf "%.4f,", v }
        print (s > 0 ? "a" : "b") } }' > t.csv
printf 'name: one\ndata: {train: t.csv, label: y, split: {type: holdout}}\ntrain: {hidden: [64, 32], epochs: 10}\n' > one.yaml
"$consort" train one.yaml --out one.consort -q > /dev/null
"$consort" serve one.consort --port 0 > url 2> log &
pid=$!
while [ ! -s url ]; do sleep 0.05; done
url=$(head -1 url)
head -101 t.csv | cut -d, -f1-20 > rows.csv
python3 - << 'EOF'
import csv, json
row = next(csv.DictReader(open('rows.csv')))
one, many = json.dumps({k: float(v) for k, v in row.items()}), open('rows.csv').read()
for name, kind, body in [('one', 'application/json', one), ('many', 'text/csv', many)]:
    open(name + '.lua', 'w').write('wrk.method = "POST"\nwrk.headers["Content-Type"] = "%s"\nwrk.body = %s\n' % (kind, '[==[' + body + ']==]'))
EOF
spent() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; } # hundredths of a second of CPU
for what in one many; do
    echo "--- $what"
    before=$(spent)
    wrk -t 1 -c 64 -d "$seconds" --latency -s $what.lua "${url}predict" > wrk.out
    grep -E '50%|99%|Requests/sec|Non-2xx|Socket errors' wrk.out || true
    awk -v spent=$(($(spent) - before)) '/requests in/ { printf "the server: %.0f us of CPU a request\n", spent * 1e4 / $1 }' wrk.out
done
kill -TERM $pid
wait $pid
"$consort" data convert t.csv t.ndjson > /dev/null 2>&1
sed 1d t.csv > body.csv
(head -1 t.csv; for _ in $(seq 250); do cat body.csv; done) > million.csv
for _ in $(seq 250); do cat t.ndjson; done > million.ndjson
for file in million.csv million.ndjson; do
    echo "--- $file"
    /usr/bin/time -f '%e s, %U + %S s of CPU, %M KiB' "$consort" predict one.consort $file --stream -q > rows.out
    wc -l < rows.out
done
