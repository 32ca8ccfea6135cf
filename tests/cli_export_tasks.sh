#!/bin/bash
# Numbers, several of them, quantiles, logarithms, rates, labels, ordered classes, an autoencoder, with intervals and
# sets: as C they say what `consort predict` says, row by row.   tests/cli_export_tasks.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
command -v cc > /dev/null || { echo "export_tasks: skipped: no cc"; exit 0; }
awk 'BEGIN { srand(7); print "a,b,w,y,z,n,yes1,yes2,size"
    for (i = 0; i < 240; i++) {
        a = rand() * 4 - 2; b = rand() * 4 - 2; w = i % 3 ? "red" : "blue"
        y = 30 + 5 * a + (i % 3) * 2 + 2 * (1 + (b > 0)) * (rand() - 0.5); z = 1e6 + a * b
        n = int(exp(1 + 0.5 * a) * 2 * rand())
        one = a + rand() > 0.5 ? "yes" : "no"; two = a * b + rand() > 0.5 ? 1 : 0
        size = a + rand() < -0.5 ? "small" : a + rand() < 1 ? "medium" : "large"
        printf "%.4f,%.4f,%s,%.4f,%.4f,%d,%s,%s,%s\n", a, b, w, y, z, n, one, two, size } }' > t.csv
# The C program reads rows of text, encodes and predicts them, and prints what predict prints.
driver() { # driver KIND
    cat << C
#include <stdio.h>
#include <string.h>
#include "m.h"
int main(void)
{
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        const char *fields[M_N_INPUTS];
        m_input x[M_N_INPUTS];
        char *at = line;
        int i, c;
        (void)c;
        line[strcspn(line, "\n")] = 0;
        for (i = 0; i < M_N_INPUTS; i++) {
            char *end = strchr(at, ',');
            fields[i] = at;
            if (end) *end = 0, at = end + 1;
        }
        if (m_encode_row(fields, x)) return 1;
        {
C
    case $1 in
        numbers) cat << C
            double y[M_N_VALUES], low[M_N_TARGETS], high[M_N_TARGETS];
            (void)m_predict(x, y);
            m_interval(0, y, low, high);
            for (c = 0; c < M_N_VALUES; c++) printf("%.12g ", y[c]);
            for (c = 0; c < M_N_TARGETS; c++) printf("%.12g %.12g ", low[c], high[c]);
C
        ;;
        labels) cat << C
            float p[M_N_VALUES];
            (void)m_predict(x, p);
            for (c = 0; c < M_N_VALUES; c++) printf("%.9g ", p[c]);
C
        ;;
        classes) cat << C
            float p[M_N_CLASSES];
            unsigned char in[M_N_CLASSES];
            (void)m_predict(x, p);
            (void)m_set(0, p, in);
            for (c = 0; c < M_N_CLASSES; c++) printf("%.9g ", p[c]);
            for (c = 0; c < M_N_CLASSES; c++) printf("%d ", in[c]);
C
        ;;
    esac
    printf '            printf("\\n");\n        }\n    }\n    return m_selftest();\n}\n'
}
# same NAME KIND LABEL MORE...: a study of these columns, whose C is what predict is
same() {
    local name=$1 kind=$2 label=$3 features=$4 interval=(--interval 0.8)
    shift 4
    [ "$kind" = labels ] && interval=()
    printf 'name: %s\ndata: {train: t.csv, label: %s, features: %s, split: {type: kfold, folds: 2}}\n' "$name" "$label" "$features" > "$name.yaml"
    printf 'method: random\nrun_cap: 2\nrun: {keep_models: 2}\ntrain: {epochs: 8}\nensemble: {method: average%s}\n' \
        "$([ "$kind" = labels ] || echo ', intervals: [0.8, 0.9]')" >> "$name.yaml"
    printf 'parameters:\n  learning_rate: {values: [0.01, 0.02]}\n' >> "$name.yaml"
    ok "$name sweep" sweep "$name.yaml" -q "$@"
    ok "$name ensemble" ensemble "$name"
    mkdir -p "$name.c"
    ok "$name export" export "$name" --to c --out "$name.c/m"
    driver "$kind" > "$name.c/main.c"
    n=$((n + 1))
    cc -std=c99 -O1 -Wall -Wextra -Wpedantic -Wconversion -Werror "$name.c/main.c" "$name.c/m.c" -lm -o "$name.c/run" \
        > out 2> err || fail "$name: compiles without a warning"
    "$consort" predict "$name" t.csv --json --proba "${interval[@]}" > "$name.json" 2> err \
        || "$consort" predict "$name" t.csv --json "${interval[@]}" > "$name.json" 2> err
    n=$((n + 1))
    cut -d , -f "$(python3 - "$features" << 'P'
import sys
at = "a b w y z n yes1 yes2 size".split()
print(",".join(str(at.index(f.strip()) + 1) for f in sys.argv[1].strip("[]").split(",")))
P
)" t.csv | tail -n +2 | "$name.c/run" > "$name.out" || fail "$name: the program and its self-test"
    n=$((n + 1))
    python3 - "$name.json" "$name.out" << 'P' > out 2> err || fail "$name: equal to predict"
import json, sys
worst = 0.0
rows, said = [json.loads(l) for l in open(sys.argv[1])], [l.split() for l in open(sys.argv[2])]
assert len(rows) == len(said) and rows, (len(rows), len(said))
columns = []
for row in rows:
    if "label" in row:
        values = list(row["proba"].values())
        values += [float(c in row["set"]["0.8"]) for c in row["proba"]]
    elif "p" in row:
        values = list(row["p"].values())
    else:
        values = [v for t, y in row["predicted"].items() for v in (row["quantiles"][t].values() if "quantiles" in row else [y])]
        values += [v for t in row["predicted"] for v in row["interval"][t]["0.8"]]
    columns.append(values)
for k in range(len(columns[0])):
    truth, mine = [r[k] for r in columns], [float(s[k]) for s in said]
    spread = max(truth) - min(truth) or 1.0
    worst = max([worst] + [abs(a - b) / max(abs(a), spread) for a, b in zip(truth, mine)])
print("worst", worst)
assert worst < 2e-6, worst
P

}
same one numbers y '[a, b, w]'
same two numbers '[y, z]' '[a, b, w]'
same log numbers y '[a, b, w]' --set train.loss=log
same rate numbers n '[a, b, w]' --set train.loss=poisson --set data.task=numbers
same middle numbers y '[a, b, w]' --set data.quantiles='[0.1, 0.5, 0.9]'
same scaled numbers y '[a, b, w]' --set ensemble.conformal=scaled
same ratio numbers y '[a, b, w]' --set ensemble.conformal=ratio
same stacked numbers y '[a, b, w]' --set ensemble.method=stack --set train.epochs=2
has "a stack in C" stacked.c/m.c 'm_stack\(1, 1, .*, m_intercept, p\);'
same answers labels '[yes1, yes2]' '[a, b, w]'
same sets classes size '[a, b, w]'
same sets_of_each classes size '[a, b, w]' --set ensemble.conformal=by_class
same sets_aps classes size '[a, b, w]' --set ensemble.conformal=aps
same ordered classes size '[a, b, w]' --set data.ordinal='[small, medium, large]'
same itself numbers features '[a, b, y]'
echo "export_tasks: $n checks, $failed failed"
[ $failed = 0 ]
