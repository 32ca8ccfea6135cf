#!/usr/bin/env bash
# SIGKILL at random moments: after each, the database is sound, every trial whose end was told is there with
# the value that was told, none is there twice; and each finished study says what an uninterrupted one says.
#   KILLS=8 tests/cli_kills.sh CONSORT          docs/notes/reliability.md: 200
set -eu
consort=$(realpath "$1") kills_wanted=${KILLS:-8} here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/until.sh"
cd "$work"
cat > sweep.yaml <<'YAML'
name: killed
method: bayes
metric: {name: val_f1_macro}
run_cap: 24
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 32, q: 8}
  dropout: {min: 0.0, max: 0.3}
  optimizer: {values: [adamw, sgd]}
  num_layers: {value: 1}
data: {format: digits, rows: 300, test_rows: 50, split: {type: kfold, folds: 2, seed: 3}}
train: {epochs: 4, batch_size: 32}
run: {seed: 11, keep_models: 4}
YAML

fail() { echo "after kill $kills: $*"; exit 1; }

"$consort" sweep sweep.yaml --dir whole -j 2 -q >/dev/null
"$here/dump.sh" "$consort" whole > whole.txt
kills=0 studies=0 n_told=0 again=0
while [ $kills -lt "$kills_wanted" ]; do
    rm -rf study
    : > told.txt
    round=0
    while [ $round -lt 12 ] && [ $kills -lt "$kills_wanted" ]; do
        "$consort" sweep sweep.yaml --dir study -j 2 -q --json > events.txt 2>&1 &
        pid=$!
        draw=$(od -An -N2 -tu2 /dev/urandom)
        until_told $((draw % 12)) events.txt $pid
        sleep "0.0$((draw / 16 % 90 + 10))" # somewhere in the trial after
        kill -KILL $pid 2>/dev/null || break # it was done already
        wait $pid 2>/dev/null || true
        kills=$((kills + 1)) round=$((round + 1))
        cat events.txt >> told.txt
        echo >> told.txt # the last line may be cut off
        [ -e study/trials.db ] && [ -s study/trials.db ] || continue
        "$consort" query study "SELECT 1 FROM study" >/dev/null 2>&1 || continue # killed before its first commit
        n=$("$here/told.sh" "$consort" study told.txt) || fail "$n"
        n_told=$((n_told + n))
    done
    wait
    "$consort" sweep sweep.yaml --dir study -j 2 -q >/dev/null || fail "the study does not go on"
    "$here/dump.sh" "$consort" study > study.txt
    cmp whole.txt study.txt || { diff whole.txt study.txt | head -20; fail "study $studies differs from an uninterrupted one"; }
    again=$((again + $("$consort" query study "SELECT count(*) FROM trial WHERE attempt > 1" --csv | tail -1)))
    [ "$(find study/artifacts -type f | wc -l)" = "$(find whole/artifacts -type f | wc -l)" ] || fail "files are left behind"
    studies=$((studies + 1))
done
[ $n_told -gt 0 ] || fail "nothing was told"
echo "$kills kills over $studies studies: $n_told told results checked, $again trials run again, each study as if never killed"
