#!/bin/sh
# Every preset and every training recipe on a small table with numbers, words of many levels and holes: it
# trains, its model file predicts, and the C that is exported from it compiles without a warning and computes
# the same probabilities (its own self-test).   tests/cli_recipes.sh CONSORT
set -eu
consort=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
awk 'BEGIN {
    srand(7); print "a,b,c,town,colour,class"
    for (i = 0; i < 300; i++) {
        a = rand() * 10; b = rand() < 0.1 ? "?" : sprintf("%.3f", rand() * rand()); c = int(rand() * 50)
        town = "t" int(rand() * 14); colour = rand() < 0.05 ? "?" : substr("redblu", 1 + 3 * int(rand() * 2), 3)
        score = a > 5 ? 1 : 0; if (c > 30) score++; if (substr(town, 2) % 3 == 0) score++
        printf "%.4f,%s,%d,%s,%s,%s\n", a, b, c, town, colour, (score > 1 ? "yes" : score == 1 ? "maybe" : "no")
    }
}' > table.csv
count=0 failed=0
flags="-std=c99 -O1 -Wall -Wextra -Wpedantic -Wconversion -Werror"
printf '#include "net.h"\n#include <stdio.h>\nint main(void) { int bad = net_selftest();\nif (bad) printf("row %%d\\n", bad);\nreturn bad; }\n' > main.c

# recipe NAME 'lines of train' ['lines of preprocess'] ['root lines']
recipe() {
    count=$((count + 1))
    printf '%s\nname: %s\nmetric: {name: val_accuracy}\ntrain: {epochs: 3, %s}\ndata:\n  train: table.csv\n  label: class\n  split: {type: kfold, folds: 2}\n  preprocess: {%s}\n' \
        "${4:-}" "$1" "$2" "${3:-}" > "$1.yaml"
    if ! "$consort" train "$1.yaml" -q -j 1 --dir "run-$1" --out "$1.consort" > log 2>&1; then
        echo "$1: does not train: $(tail -1 log)"; failed=$((failed + 1)); return 0
    fi
    if ! "$consort" evaluate "$1.consort" table.csv -q --json > answer.json 2> log; then
        echo "$1: does not predict: $(tail -1 log)"; failed=$((failed + 1)); return 0
    fi
    if ! "$consort" export "$1.consort" --to c --out net --sample table.csv > log 2>&1; then
        echo "$1: is not exported: $(tail -1 log)"; failed=$((failed + 1)); return 0
    fi
    if ! cc $flags -o main main.c net.c -lm > log 2>&1 || ! ./main > log 2>&1; then
        echo "$1: the exported C is wrong:"; head -5 log; failed=$((failed + 1))
    fi
}

recipe plain 'hidden: [16]'
for preset in keras realmlp-s default realmlp; do recipe "$preset" 'hidden: [16, 16]' '' "preset: $preset"; done
recipe ple 'hidden: [16]' 'numeric_embedding: ple, ple_bins: 5'
recipe pbld 'hidden: [16], embed_size: 6, embed_frequencies: 9' 'numeric_embedding: pbld'
recipe periodic 'hidden: [16], embed_size: 5, input_dropout: 0.1' 'numeric_embedding: periodic'
recipe words 'hidden: [16], category_size: 3' 'categorical: embed, embed_above: 1, min_count: 12'
recipe derived 'hidden: [16]' 'target_encoding: oof, crosses: 2, arithmetic: 3, aggregates: 2'
recipe derived-ple 'hidden: [16]' 'target_encoding: oof, arithmetic: 3, numeric_embedding: ple, ple_bins: 5, min_count: 12'
recipe layernorm 'hidden: [16, 16, 16], norm: layer, residual: true'
recipe batchnorm 'hidden: [16, 16], norm: batch'
recipe residual 'hidden: [12, 12, 12], residual: true, init: data'
recipe members 'hidden: [16, 8], members: 4, norm: batch, input_scaling: true'
recipe snapshots 'hidden: [16], schedule: coslog4, snapshots: 3'
recipe cycles 'hidden: [16], schedule: coslog4, best_of: cycles'
recipe averages 'hidden: [16], ema: 0.98'
recipe schedulefree 'hidden: [16], optimizer: schedule_free, warmup_epochs: 1, schedule: constant'
recipe mixtures 'hidden: [16], mixup: 0.3, cutmix: 0.5, focal_gamma: 1.5'
recipe limits 'hidden: [16], max_norm: 1, dropout: 0.2, dropout_schedule: flat_cos, decay_schedule: flat_cos'

# What cannot be is one line.
refused() {
    rm -rf bad
    count=$((count + 1))
    printf 'name: bad\ntrain: {epochs: 1, %s}\ndata: {train: table.csv, label: class, preprocess: {%s}}\n%s\n' "$1" "$2" "$3" > bad.yaml
    if "$consort" train bad.yaml -q --dir bad > out 2>&1; then echo "not refused: $1 $2 $3"; failed=$((failed + 1)); return 0; fi
    if [ "$(grep -c . out)" != 1 ] || ! grep -q "$4" out; then
        echo "refused in other words ($4): $(head -3 out)"; failed=$((failed + 1))
    fi
}
refused 'hidden: [4]' '' 'preset: realmpl' 'did you mean `realmlp`'
refused 'hidden: [4]' '' 'preset: tabm' 'use `default`, with `train: {members: 8}`'
refused 'mixup: 0.2' 'categorical: embed' '' 'mixup'
refused 'optimizer: schedule_free, ema: 0.9' '' '' 'ema'
echo "$count recipes, $failed failed"
[ "$failed" = 0 ]
