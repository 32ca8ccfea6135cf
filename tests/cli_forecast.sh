#!/usr/bin/env bash
# early_terminate `type: forecast`: runs are stopped by where they would end in every goal, and the study is the same
# for one worker and three, after SIGKILLs, and with a process that joins; networks and programs.
#   tests/cli_forecast.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }
dump() {
    "$here/dump.sh" "$consort" "$1" > "$1.txt"
    "$consort" query "$1" "SELECT trial_id, fold, epoch, goal_2, goal_3, goal_4 FROM epoch ORDER BY 1, 2, 3" --csv >> "$1.txt"
}
same() { # same WHAT FOLDER
    n=$((n + 1))
    dump "$2"
    cmp -s whole.txt "$2.txt" || { diff whole.txt "$2.txt" > out; : > err; fail "$1: another study"; }
}
cat > sweep.yaml <<'YAML'
name: forecast
method: bayes
metrics: [{name: val_recall_macro}, {name: val_log_loss}, {name: n_params}]
run_cap: 24
early_terminate: {type: forecast, least_chance: 0.2}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0003, max: 0.1}
  width_1: {distribution: q_log_uniform_values, min: 8, max: 48, q: 8}
  num_layers: {value: 1}
  dropout: {min: 0.0, max: 0.6}
  epochs: {values: [14, 10]}
data: {format: digits, rows: 300, test_rows: 50, split: {type: holdout, val_fraction: 0.3, seed: 3}}
train: {batch_size: 32}
run: {seed: 5, keep_models: 1, lookback: 4}
baseline: false
YAML
ok "one worker" sweep sweep.yaml --dir whole -j 1 -q
dump whole
is "some are stopped" "$(ask whole "SELECT count(*) > 3 FROM trial WHERE state = 'PRUNED'")" "1 "
is "none in its first epochs" "$(ask whole "SELECT min(epochs) >= 3 FROM trial WHERE state = 'PRUNED'")" "1 "
is "none while few have ended" "$(ask whole "SELECT count(*) >= 5 FROM trial WHERE state = 'COMPLETE' AND number
    <= (SELECT min(number) FROM trial WHERE state = 'PRUNED') - 4")" "1 "
is "what is measured each epoch is there, a cost is not" "$(ask whole "SELECT min(goal_2 IS NOT NULL),
    max(goal_3 IS NOT NULL), max(goal_4 IS NOT NULL) FROM epoch")" "1,0,0 "
is "the second goal's best epoch is the first goal's" "$(ask whole "SELECT count(*) FROM trial t JOIN epoch e ON
    e.trial_id = t.trial_id AND e.epoch = t.best_epoch JOIN metric m ON m.trial_id = t.trial_id AND m.name = 'log_loss'
    WHERE t.state = 'COMPLETE' AND abs(e.goal_2 - m.value) > 1e-6")" "0 "
ok "three workers" sweep sweep.yaml --dir three -j 3 -q
same "three workers" three

# Killed after some trials, twice, and swept to the end.
for trials in 5 7; do
    "$consort" sweep sweep.yaml --dir killed -j 2 -q --json > events.txt 2>&1 &
    pid=$!
    until_told $trials events.txt $pid
    kill -KILL $pid 2> /dev/null
    wait $pid 2> /dev/null
done
ok "after two kills" sweep sweep.yaml --dir killed -j 2 -q
same "after two kills" killed

# Who joins gets the runs of others with all their goals.
if can_hold; then
    held trial-000001. "$PWD/go" exec "$consort" sweep sweep.yaml --dir joined -j 1 -q > host.txt 2>&1 < /dev/null &
    host=$!
    until_so test -e joined/trials.db
    runs() { [ "$(ask joined "SELECT state FROM trial WHERE number = 1")" = "RUNNING " ]; }
    until_so runs
    "$consort" sweep sweep.yaml --dir joined -j 2 --join -q > guest.txt 2>&1 < /dev/null &
    guest=$!
    came() { [ "$(ask joined "SELECT sum(seats) FROM worker")" = "3 " ]; }
    until_so came
    : > go
    wait $host || { cp host.txt err; fail "the host of a joined study"; }
    wait $guest || { cp guest.txt err; fail "the guest of a joined study"; }
    same "joined" joined
    is "the guest trained" "$(ask joined "SELECT count(*) > 0 FROM worker WHERE done > 0 AND seats = 2")" "1 "
fi

# A program that reports two goals; and with one goal.
cat > curve.sh <<'SH'
eval "$(echo "$*" | tr -d -)"
exec awk -v x="$x" -v y="$y" 'BEGIN {
    for (e = 1; e <= 12; e++)
        printf "{\"step\": %d, \"loss\": %.5f, \"gap\": %.5f}\n", e, x * x + (1 + y) / e, (1 - x) ^ 2 + y + 1 / e
}'
SH
cat > program.yaml <<'YAML'
name: program
method: random
metrics: [{name: loss, goal: minimize}, {name: gap, goal: minimize}]
run_cap: 24
early_terminate: {type: forecast}
program: curve.sh
command: [sh, "${program}", "${args}"]
parameters: {x: {min: 0.0, max: 1.0}, y: {min: 0.0, max: 1.0}}
run: {seed: 3, lookback: 3}
YAML
ok "a program" sweep program.yaml --dir whole.p -j 1 -q
dump whole.p
mv whole.p.txt whole.txt
is "its runs are stopped" "$(ask whole.p "SELECT count(*) > 3, min(epochs) >= 3 FROM trial WHERE state = 'PRUNED'")" "1,1 "
is "its second goal" "$(ask whole.p "SELECT count(*) FROM epoch WHERE goal_2 IS NULL OR goal_3 IS NOT NULL")" "0 "
is "the front lost nobody" "$(ask whole.p "SELECT count(*) FROM trial WHERE state = 'PRUNED' AND params ->> 'y' < 0.02")" "0 "
ok "a program, three workers" sweep program.yaml --dir three.p -j 3 -q
same "a program, three workers" three.p
sed 's/^name: .*/name: one/; s/^metrics: .*/metric: {name: loss, goal: minimize}/' program.yaml > one.yaml
ok "one goal" sweep one.yaml --dir one -j 2 -q
is "one goal: some are stopped, not the best" "$(ask one "SELECT count(*) > 3, min((params ->> 'x') * (params ->> 'x')
    + (1 + (params ->> 'y')) / 12) > (SELECT min(value) FROM trial WHERE state = 'COMPLETE') AS worse
    FROM trial WHERE state = 'PRUNED'")" "1,1 "

echo "cli_forecast: $n checks, $failed failed"
[ $failed = 0 ]
