#!/usr/bin/env bash
# The finals: leaders run again on fresh seeds. The same rows for one worker, two, and after kills; who wins; what
# status, best and the report say.   tests/cli_finals.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"

cat > sweep.yaml <<'YAML'
name: finals
method: random
metric: {name: val_accuracy}
run_cap: 8
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.1}
  dropout: {min: 0.0, max: 0.5}
data: {format: digits, rows: 300, test_rows: 60}
train: {epochs: 40, hidden: [16]}
run: {seed: 5, keep_models: 4}
finalists: {top: 2, seeds: 6}
YAML
one() { "$consort" query "$1" "$2" --csv | tail -1; }

ok 'one worker' sweep sweep.yaml --dir one -j 1 --progress lines
has 'one worker' err 'trial [0-9]+ again \(run 6; 12 of 12\)  accuracy 0\.'
has 'one worker' err 'of 2 finalists trial [0-9]+ wins: mean'
has 'one worker' out 'best trial [0-9]+: val_accuracy 0\.[0-9]+, the mean of 7 runs'
ok 'two workers' sweep sweep.yaml --dir two -j 2 -q
"$here/dump.sh" "$consort" one > one.txt
"$here/dump.sh" "$consort" two > two.txt
cmp one.txt two.txt || fail 'one worker and two differ'
is 'rows' "$(one one 'SELECT count(*) FROM repeat')" 12
is 'trials' "$(one one 'SELECT count(*) FROM trial')" 8
is 'who' "$(one one 'SELECT count(DISTINCT trial_id) FROM repeat')" 2
is 'other seeds, other scores' "$(one one 'SELECT count(*) > 6 FROM repeat r JOIN trial t USING (trial_id)
    WHERE r.value <> t.value')" 1

# Killed among the finals: what was finished stays, the rest is run.
kills=0
for try in 1 2 3 4 5 6; do
    "$consort" sweep sweep.yaml --dir killed -j 2 --progress lines > /dev/null 2> log &
    pid=$!
    until_there "again \(run $try" log $pid
    kill -KILL $pid 2> /dev/null && kills=$((kills + 1))
    wait $pid 2> /dev/null
done
ok 'after the kills' sweep sweep.yaml --dir killed -j 2 -q
"$here/dump.sh" "$consort" killed > killed.txt
cmp one.txt killed.txt || fail 'a killed study differs'

# The winner is who has the best mean; it can be trained again, on each of its seeds.
winner=$(one one "SELECT trial FROM finalists WHERE rank = 1")
ok 'best' best one
has 'best' out "^trial $winner "
has 'best' out "Of 2 finalists, run again on fresh seeds, trial $winner wins with a mean of 0\."
ok 'by value' best one --by value
has 'by value' out "^trial $(one one 'SELECT trial FROM best') "
ok 'json' best one --json
has 'json' out '"by": "mean"'
has 'json' out '"fresh": 0\.'
ok 'by a model' best one --by posterior --json
is 'by a model' "$(sed -n 's/^ "trial": \([0-9]*\).*/\1/p' out)" "$(awk '/"trials"/ {on = 1} on && /"trial":/ {
    sub(",", "", $2); print $2; exit }' out)"
expect 2 'by what' best one --by meen
has 'by what' err 'did you mean mean'
expect 2 'by and trial' best one --by mean --trial 3
"$consort" best one --yaml > winner.yaml
seed=$(one one "SELECT r.seed FROM repeat r JOIN trial USING (trial_id) WHERE number = $winner AND run = 4")
ok 'train' train winner.yaml --set run.seed="$seed" --dir again -q
is 'a repeat, trained alone' "$(one again "SELECT printf('%.17g', value) FROM trial")" \
    "$(one one "SELECT printf('%.17g', r.value) FROM repeat r JOIN trial USING (trial_id)
        WHERE number = $winner AND run = 4")"

ok 'status' status one
has 'status' out "^finals  12 of 12 runs on fresh seeds; trial $winner leads with a mean of 0\."
ok 'report' report one
has 'report' one/report.md 'The finalists: run again on fresh seeds'
has 'report' one/report.md "Of 2 finalists, run again on fresh seeds, trial $winner wins"
has 'report' one/report.html 'id="table-finalists"'
has 'report' one/report.json '"finalists": \['

# An excluded trial cannot win; a study that goes on repeats its new leaders, and only those.
ok 'exclude' exclude one "$winner"
ok 'best of the rest' best one
lacks 'best of the rest' out "^trial $winner "
ok 'more' sweep sweep.yaml --dir two -j 2 -q --trials 30
is 'leaders of 30' "$(one two "SELECT count(*) FROM (SELECT trial FROM leaderboard WHERE rank <= 2) l
    JOIN trial t ON t.number = l.trial JOIN repeat r USING (trial_id)")" 12

# A program is run again with another seed, in a folder of its own.
cat > program.yaml <<'YAML'
name: program
method: random
metric: {name: loss}
run_cap: 5
command: [./draw, "${args}"]
parameters: {x: {min: 0.0, max: 1.0}}
finalists: {top: 2, seeds: 2}
YAML
printf '#!/bin/sh\necho "{\\"loss\\": $CONSORT_SEED}"\n' > draw
chmod +x draw
ok 'program' sweep program.yaml --dir program -q
is 'program' "$(one program 'SELECT count(DISTINCT r.value) FROM repeat r JOIN trial t USING (trial_id)
    WHERE r.value <> t.value')" 4
[ "$(ls -d program/artifacts/*again* | wc -l)" = 4 ] || fail 'folders of repeats'

# What makes no sense is said before anything runs.
sed 's/^metric:.*/metrics: [{name: val_f1_macro}, {name: n_params}]/' sweep.yaml > front.yaml
expect 2 'a front' config check front.yaml
has 'a front' err 'front.yaml:11:1: `finalists` are the best by one metric'
sed 's/top: 2/top: 9/' sweep.yaml > nine.yaml
expect 2 'models' config check nine.yaml
has 'models' err '9 finalists, but only 4 models are kept'
expect 2 'too few' best program --by posterior
has 'too few' err 'too few finished trials'
sed -i 's/seeds: 2/seeds: 0/' program.yaml
ok 'no finals' sweep program.yaml --dir plain -q
expect 2 'nothing ran again' best plain --by mean
has 'nothing ran again' err 'has run no trial again'
echo "finals: $n checks, $kills kills, $failed failed"
[ $failed = 0 ]
