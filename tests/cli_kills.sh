#!/bin/sh
# SIGKILL at random moments: after each, the database is sound, every trial whose end was told is there with
# the value that was told, none is there twice; and each finished study says what an uninterrupted one says.
#   tests/cli_kills.sh CONSORT [KILLS=8]        docs/reliability.md: 200
set -eu
consort=$(realpath "$1") kills_wanted=${2:-8} here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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

# told FILE: number, state and value of the trials whose end was told; the last line may be cut off
told() { sed -n 's/.*"event":"trial_end","trial":\([0-9]*\).*"state":"\([A-Z]*\)".*"value":\([^,}]*\).*}$/\1 \2 \3/p' "$1"; }
fail() { echo "$*"; exit 1; }

check() { # STUDY TOLD
    "$consort" doctor "$1" > doctor.txt || fail "after kill $kills: $(cat doctor.txt)"
    grep -q 'integrity_check *ok' doctor.txt || fail "after kill $kills: $(cat doctor.txt)"
    "$consort" query "$1" "SELECT number || ' ' || state || ' ' || printf('%.17g', value) FROM trial" --csv |
        tr -d '"' | sort > rows.txt
    "$consort" query "$1" "SELECT count(*) - count(DISTINCT number), count(*) - count(DISTINCT params_hash)
        FROM trial" --csv | tail -1 | grep -qx 0,0 || fail "after kill $kills: a trial is there twice"
    while read -r number state value; do
        [ "$state" != INTERRUPTED ] || continue
        grep -q "^$number $state " rows.txt || fail "after kill $kills: trial $number was told and is lost"
        if [ "$state" = COMPLETE ]; then
            awk -v n="$number" -v want="$value" '$1 == n { d = $3 - want; exit !(d < 1e-15 && d > -1e-15) }' rows.txt ||
                fail "after kill $kills: trial $number was told as $value"
        fi
        n_told=$((n_told + 1))
    done < "$2"
}

start=$(date +%s%N)
"$consort" sweep sweep.yaml --dir whole -j 2 -q >/dev/null
whole=$(($(date +%s%N) - start))
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
        sleep "$(awk -v w="$whole" -v d="$draw" 'BEGIN { printf "%.3f", w / 1e9 * (0.02 + 0.6 * d / 65536) }')"
        kill -KILL $pid 2>/dev/null || break # it was done already
        wait $pid 2>/dev/null || true
        kills=$((kills + 1)) round=$((round + 1))
        told events.txt >> told.txt
        [ -e study/trials.db ] && [ -s study/trials.db ] || continue
        "$consort" query study "SELECT 1 FROM study" >/dev/null 2>&1 || continue # killed before its first commit
        check study told.txt
    done
    wait
    "$consort" sweep sweep.yaml --dir study -j 2 -q >/dev/null || fail "the study does not go on"
    "$here/dump.sh" "$consort" study > study.txt
    cmp whole.txt study.txt || { diff whole.txt study.txt | head -20; fail "study $studies differs from an uninterrupted one"; }
    again=$((again + $("$consort" query study "SELECT count(*) FROM trial WHERE attempt > 1" --csv | tail -1)))
    [ "$(find study/artifacts -type f | wc -l)" = "$(find whole/artifacts -type f | wc -l)" ] || fail "files are left behind"
    studies=$((studies + 1))
done
echo "$kills kills over $studies studies: $n_told told results checked, $again trials run again, each study as if never killed"
