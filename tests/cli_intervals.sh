#!/bin/bash
# Intervals of numbers and sets of classes: asked for in the file or afterwards, predicted, refused in words.
#   tests/cli_intervals.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
awk 'BEGIN { srand(3); print "a,b,y,z,kind,first,second"
    for (i = 0; i < 300; i++) {
        a = rand() * 4; b = rand() * 4; kind = a + rand() > 3 ? "high" : a + rand() > 1.5 ? "middle" : "low"
        printf "%.4f,%.4f,%.4f,%.4f,%s,%d,%d\n", a, b, 3 * a + b + rand(), 100 * b + rand(), kind, (a > 2), (b > 1) } }' > t.csv
study() { # study NAME LABEL MORE
    printf 'name: %s\ndata: {train: t.csv, label: %s, features: [a, b]}\nmethod: random\nrun_cap: 2\n' "$1" "$2" > "$1.yaml"
    printf 'run: {keep_models: 2}\ntrain: {epochs: 10}\nparameters: {learning_rate: {values: [0.01, 0.03]}}\n' >> "$1.yaml"
    [ -z "$3" ] || printf 'ensemble: %s\n' "$3" >> "$1.yaml"
    ok "$1" sweep "$1.yaml" -q
}
study one y '{intervals: [0.5, 0.9]}'
ok one ensemble one
has "the method and the width" out '^90 % intervals \((plain|scaled)\): [0-9.]+ wide on average$'
ok one predict one t.csv --interval 0.9
has columns out '^y,low_0.9,high_0.9$'
n=$((n + 1))
tail -n +2 out | awk -F, '!($2 < $1 && $1 < $3) { exit 1 }' || fail "the number is within its interval"
ok all predict one t.csv --interval all
cp out all.csv
ok alone predict one t.csv --interval
cmp -s out all.csv || fail "--interval alone: not all of them"
has "all levels, as they are in the model" out '^y,low_0.5,high_0.5,low_0.9,high_0.9$'
ok json predict one t.csv --interval 0.9,0.5 --json
n=$((n + 1))
python3 -c '
import json, sys
for line in open("out"):
    row = json.loads(line)["interval"]["y"]
    (a, b), (c, d) = row["0.9"], row["0.5"]
    assert a < c < d < b' 2> err || fail "the wider interval is around the narrower"
expect 2 "another level" predict one t.csv --interval 0.8
has "which there are" err 'the model has 0.5, 0.9$'
ok plain predict one t.csv
has "without being asked" out '^y$'

study two '[y, z]' ''
ok two ensemble two
expect 2 none predict two t.csv --interval 0.9
has "how to have them" err 'ensemble.intervals: 0.9'
ok afterwards ensemble two --intervals 0.8,0.95
has "each target" out '^95 % intervals .*, of z$'
ok two predict two t.csv --interval 0.95
has "named by target" out '^y,y_low_0.95,y_high_0.95,z,z_low_0.95,z_high_0.95$'

study kinds kind '{intervals: 0.9, conformal: aps}'
ok kinds ensemble kinds
has "size of sets" out '^90 % sets \(aps\): [0-9.]+ classes on average$'
ok kinds predict kinds t.csv --interval 0.9 --json
has sets out '"set":\{"0.9":\[("(low|middle|high)",?)+\]\}'
ok csv predict kinds t.csv --interval 0.9
has "csv" out '^label,confidence,set_0.9$'

study answers '[first, second]' ''
expect 2 labels ensemble answers --intervals 0.9
has "labels have none" err 'neither intervals nor sets'
expect 2 range ensemble one --intervals 90
has "between 0 and 1" err '`90` is not a number between 0 and 1'
expect 2 order ensemble one --intervals 0.9,0.8
has "rising" err '0.8 stands behind 0.9'
expect 2 votes ensemble one --method vote
has "numbers do not vote" err 'members vote for classes'
expect 2 stacks ensemble answers --method stack
has "labels are not stacked" err 'labels take greedy'
ok stack ensemble one --method stack
# Before anything is trained, too.
printf 'name: early\ndata: {train: t.csv, label: y, features: [a, b]}\nmethod: random\nrun_cap: 1\n' > early.yaml
printf 'parameters: {learning_rate: {values: [0.01]}}\nensemble: {intervals: [0.9], conformal: lac}\n' >> early.yaml
expect 2 early sweep early.yaml
has "of classes" err 'lac is for classes'
expect 2 check config check early.yaml --set ensemble.intervals=9
has "a share" err '`9` is not a number between 0 and 1'
echo "intervals: $n checks, $failed failed"
[ $failed = 0 ]
