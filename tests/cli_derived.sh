#!/bin/sh
# Columns made of others through the whole program: searched, bagged, combined, shown, predicted; and names
# do not leak their labels.   tests/cli_derived.sh CONSORT
set -eu
consort=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "cli_derived.sh: $1"; exit 1; }

# A ratio decides, and two words together; `name` says nothing, but stands for two or three rows each.
awk 'BEGIN {
    srand(5); print "name,city,job,income,debt,class"
    for (i = 0; i < 700; i++) {
        city = substr("abcd", 1 + int(rand() * 4), 1); job = substr("xyz", 1 + int(rand() * 3), 1)
        income = 1 + rand() * 9; debt = 1 + rand() * 9
        score = (income / debt > 1.5) + ((city == "a" || city == "b") == (job == "x"))
        if (rand() < 0.05) debt = "?"; if (rand() < 0.05) city = "?"
        printf "n%d,%s,%s,%.3f,%s,%s\n", int(rand() * 250), city, job, income, debt, (score > 1 ? "yes" : "no")
    }
}' > all.csv
head -501 all.csv > train.csv
{ head -1 all.csv; tail -200 all.csv; } > new.csv
cat > sweep.yaml <<'E2'
name: made
method: grid
metric: {name: val_accuracy}
parameters: {target_encoding: {values: [none, oof]}, arithmetic: {values: [0, 3]}, crosses: {values: [0, 2]}}
train: {hidden: [8], epochs: 4, batch_size: 32}
data: {train: train.csv, label: class, split: {type: kfold, folds: 3}, preprocess: {aggregates: 2}}
run: {keep_models: 8}
ensemble: {size: 4}
E2
"$consort" sweep sweep.yaml -q --dir run > log 2>&1 || fail "no sweep: $(tail -1 log)"
"$consort" ensemble run -q > log 2>&1 || fail "no ensemble: $(tail -1 log)"
[ "$("$consort" ls run --csv --state complete | tail -n +2 | wc -l)" = 8 ] || fail "not all eight trials are complete"
"$consort" predict run new.csv -q > one.csv || fail "does not predict"
sed 's/^n[0-9]*,[a-d?],\([xyz]\),/nobody,nowhere,\1,/' new.csv > strange.csv
"$consort" predict run strange.csv -q > two.csv || fail "does not predict words it never met"
[ "$(wc -l < one.csv)" = 201 ] && [ "$(wc -l < two.csv)" = 201 ] || fail "a row has no prediction"
cat > one.yaml <<'E2'
name: one
train: {hidden: [8], epochs: 2}
data:
  train: train.csv
  label: class
  drop: [name]
  split: {type: kfold, folds: 3}
  preprocess: {target_encoding: oof, arithmetic: 3, crosses: 2, aggregates: 1}
E2
"$consort" data preview one.yaml > shown || fail "no preview"
for name in 'target of city' 'income / debt\|debt / income' 'target of city & job'; do
    grep -q -- "-> \($name\)" shown || fail "the preview has no \`$name\`"
done
"$consort" train one.yaml -q --dir single --out one.consort > log 2>&1 || fail "no training: $(tail -1 log)"
"$consort" inspect one.consort > inside || fail "no look inside"
grep -q 'target of city' inside || fail "inspect does not name derived columns"

# The label by chance: what is learned of the names' rows must be worth nothing on others. Rows that validate and
# taught would be seen right nearly always; rows that train and know their own label make a network sure of nothing,
# surer than one that has the names alone.
awk -F, 'BEGIN { srand(9) } { print $1 "," (NR == 1 ? "class" : rand() < 0.5 ? "no" : "yes") }' all.csv > chance.csv
cat > chance.yaml <<'E2'
name: chance
metric: {name: val_log_loss}
train: {hidden: [], epochs: 40, learning_rate: 0.01}
data:
  train: chance.csv
  label: class
  split: {type: kfold, folds: 5}
  preprocess: {target_encoding: oof, categorical: embed}
E2
sed -e 's/: oof/: none/' chance.yaml > plain.yaml
for way in chance plain; do
    "$consort" train $way.yaml -q --dir $way --out $way.consort > log 2>&1 || fail "no training: $(tail -1 log)"
    "$consort" ls --dir $way --csv | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print $at["value"] }'
done | awk '{ loss[NR] = $1 } END { if (!(NR == 2 && loss[1] > 0.67 && loss[1] < loss[2] + 0.02)) {
    print "log losses of " loss[1] ", plain " loss[2] ", where labels are by chance"; exit 1 } }' || fail "labels leak"
echo "cli_derived.sh: derived columns through the whole program"
