#!/bin/bash
# Parts of a study (`sweep --part K/N`), merged: where no trial looks at another the very study that one process gives,
# in every row and file, also when a part was killed, or one never ran; else one list of trials, each part its own seed.
#   tests/cli_parts.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }
same() { # same NAME A B
    sh "$here/dump.sh" "$consort" "$2" > a.txt
    sh "$here/dump.sh" "$consort" "$3" > b.txt
    n=$((n + 1))
    [ -s a.txt ] && cmp -s a.txt b.txt || fail "$1: $3 is not $2: $(diff a.txt b.txt | head -5)"
}
files() { # what the best have left behind
    (cd "$1" && find artifacts -name 'trial-*' -exec sha256sum {} + | sort -k2)
}

cat > net.yaml <<'YAML'
name: net
method: random
run_cap: 11
metric: {name: val_f1_macro}
constraints: ["learning_rate * dropout < 0.005"]
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
  hidden: {values: [[16], [16, 8], [32]]}
  dropout: {min: 0.0, max: 0.4}
enqueue: [{learning_rate: 0.002}, {dropout: 0.1, hidden: [32]}]
data: {format: digits, rows: 250, test_rows: 50}
train: {epochs: 3}
finalists: {top: 2, seeds: 1}
run: {seed: 5, lookback: 2, keep_models: 3}
YAML
sed 's/method: random/method: qmc/' net.yaml > qmc.yaml
cat > grid.yaml <<'YAML'
name: grid
command: ["sh", "-c", "echo '{\"loss\": '${CONSORT_TRIAL}'}'"]
method: grid
metric: {name: loss}
parameters: {a: {values: [1, 2, 3, 4]}, b: {values: [x, y, z]}}
constraints: ["not (a == 2 and b == 'y')"]
run: {jobs: 2}
YAML

# ---- by number -------------------------------------------------------------------------------------------

for config in net qmc grid; do
    ok $config sweep $config.yaml --dir one-$config -q
    for part in 2 0 1; do ok $config-$part sweep $config.yaml --dir $config --part $part/3 -q -j 2; done
    ok $config merge $config.yaml --parts --dir $config
    has $config out '^[34] of [34] trials of [a-z]*.parts/1 merged$'
    lacks $config err 'cannot be repeated'
    ok $config sweep $config.yaml --dir $config -q
    same $config one-$config $config
    is $config "$(ask $config "SELECT deterministic, (SELECT count(*) FROM event WHERE code = 'MERGED') FROM study")" "1,0 "
    ok $config-again merge $config.yaml --parts --dir $config --json
    lacks $config-again out '"merged": [1-9]'
done
is files "$(files net)" "$(files one-net)"
is numbers "$(ask net.parts/1 "SELECT group_concat(number) FROM (SELECT number FROM trial ORDER BY number)")" '"1,4,7,10" '
is repeats "$(ask net.parts/1 "SELECT count(*) FROM repeat")" "0 "

# One part was not there: the sweep that goes on runs its trials. Three of the eleven come from the whole study itself.
ok begun sweep net.yaml --dir some -q --trials 3 --set finalists.seeds=0
ok some merge net.yaml net.parts/0 net.parts/2 --dir some
has some out '^3 of 4 trials of net.parts/0 merged, 1 there already$'
ok rest sweep net.yaml --dir some -q
same some one-net some

# A part is killed in its midst and goes on; so it does with more trials.
sed 's/^command.*/command: ["sh", "-c", "while [ -e hold ] \&\& [ $CONSORT_TRIAL -gt 3 ]; do sleep 0.02; done; echo \x27{\\"loss\\": 1}\x27"]/; s/method: grid/method: random/
    s/^run:.*/run_cap: 7/; s/^name:.*/name: killed/; /^constraints/d' grid.yaml > killed.yaml
ok whole sweep killed.yaml --dir one-killed -q --trials 9
: > hold
"$consort" sweep killed.yaml --part 1/2 --dir killed -q > out 2> err &
pid=$!
fifth_runs() { [ "$(ask killed.parts/1 "SELECT state FROM trial WHERE number = 5")" = "RUNNING " ]; }
until_so fifth_runs
kill -9 $pid
wait $pid 2> /dev/null
rm hold
for trials in 7 9; do
    ok killed sweep killed.yaml --part 1/2 --dir killed -q --trials $trials
    ok killed sweep killed.yaml --part 0/2 --dir killed -q --trials $trials
done
ok killed merge killed.yaml --parts --dir killed
ok killed sweep killed.yaml --dir killed -q --trials 9
same killed one-killed killed

# ---- with seeds of their own -----------------------------------------------------------------------------

sed 's/method: random/method: bayes/' net.yaml > bayes.yaml
for part in 0 1 2 3; do ok bayes-$part sweep bayes.yaml --dir bayes --part $part/4 -q; done
ok bayes merge bayes.yaml --parts --dir bayes
has bayes err 'cannot be repeated from its seed alone'
is shares "$(for part in 0 1 2 3; do ask bayes.parts/$part "SELECT count(*), run_cap FROM trial, study"; done)" "3,3 3,3 3,3 2,2 "
is seeds "$(ask bayes "SELECT count(*), count(DISTINCT t.seed), min(t.seed <> s.seed) FROM trial t, study s")" "11,4,1 "
is wishes "$(ask bayes "SELECT count(*), count(DISTINCT params_hash) FROM trial WHERE source <> 'tuner'")" "3,3 "
for part in 1 2; do # another time it is the same
    ok bayes-$part sweep bayes.yaml --dir twice --part $part/4 -q
    same bayes-$part bayes.parts/$part twice.parts/$part
done
ok bayes run bayes.yaml --dir bayes -q
is all "$(ask bayes "SELECT count(*) FROM trial")" "11 "
best=$(ask bayes "SELECT number, value FROM trial ORDER BY value DESC LIMIT 1")
ok yaml best bayes --trial "${best%%,*}" --yaml
cp out winner.yaml
ok yaml best bayes.parts/1 --yaml # a part is no part of that
lacks yaml out 'part:'
ok train train winner.yaml --dir trained -q
is train "$(ask trained "SELECT value FROM trial")" "${best#*,}"
# Early termination looks at other trials, whatever the method.
ok halving sweep net.yaml --part 1/3 --dry-run --set 'early_terminate={type: hyperband, min_iter: 1}'
has halving out '^part  *1/3, with a seed of its own$'

echo "cli_parts: $n checks, $failed failed"
[ $failed = 0 ]
