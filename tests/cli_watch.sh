#!/usr/bin/env bash
# watch: elsewhere than on a terminal a line whenever something has changed; on a terminal a table drawn over
# itself. Both end by themselves when nobody runs the study any more, and disturb nothing.
#   tests/cli_watch.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
cat > sweep.yaml <<'YAML'
name: watched
method: random
metric: {name: val_accuracy, goal: maximize}
run_cap: 6
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
command: ["./train.sh", "${args}"]
run: {seed: 3, jobs: 1}
YAML
# Each trial lasts until there is a file of its study and number, or `all`.
cat > train.sh <<'SH'
#!/bin/sh
until [ -e "$CONSORT_STUDY.$CONSORT_TRIAL" ] || [ -e "$CONSORT_STUDY.all" ] || [ ! -e train.sh ]; do sleep 0.05; done
echo '{"val_accuracy": 0.5}'
SH
chmod +x train.sh
runs() { "$consort" status "$1" | grep -q 'running since'; }
sweep() { # a sweep in the background, once it runs
    "$consort" sweep sweep.yaml --name "$1" --dir "$1" -q "${@:2}" > sweep.out 2> sweep.err < /dev/null &
    pid=$!
    until_so runs "$1" || { cp sweep.err err; fail "the sweep does not run"; }
}

# end STUDY FILE: lets trials end one by one, the next once FILE, of who watches, has told the end of the one before
end() {
    until_so grep -q ' of 6 trials' "$2" || fail "$1: nothing is said"
    : > "$1.0"
    for trial in 1 2 3 4; do
        until_so grep -q " $trial complete" "$2" || fail "$1: the end of $trial trials is not told"
        : > "$1.$trial"
    done
    : > "$1.all"
}

sweep plain
: > out
end plain out & ending=$!
ok "in a pipe" watch plain
wait $ending
has "lines with the time" out '^[0-9]{2}:[0-9]{2}:[0-9]{2} UTC  [0-9]+ of 6 trials'
has "until the end" out '6 of 6 trials: 6 complete'
lacks "no control characters" out $'\033'
is "a line only when something has changed" "$(sed 's/^........ *//' out | uniq -d)" ""
silent "and nothing else" err
wait $pid
is "the sweep was not disturbed" $? 0

ok "a study that nobody runs" watch plain
is "is told once" "$(wc -l < out)" 1
expect 2 "no study" watch nothing
has "says so" err '^consort: '

if script -qec true /dev/null > /dev/null 2>&1 < /dev/null; then # there is a terminal to be had
    sweep terminal
    n=$((n + 1))
    : > out
    end terminal out & ending=$!
    TERM=xterm timeout 300 script -qec "$consort watch terminal" /dev/null > out 2> err < /dev/null ||
        fail "on a terminal: exit code $?"
    wait $ending $pid
    has "a table" out 'running since'
    has "drawn over itself" out $'\033\\[[0-9]+A'
    has "until the end" out '6 of 6 trials: 6 complete'

    sweep keys --trials 1000
    : > out
    { until_so grep -q 'running since' out; printf q; until_so [ -s ended ]; } |
        { TERM=xterm timeout 300 script -qec "$consort watch keys" /dev/null > out 2> err; echo $? > ended; }
    is "q: exit code" "$(cat ended)" 0
    lacks "q ends it before the study does" out 'trials: 1000 complete'
    kill $pid; wait $pid
    is "the sweep goes on without it" $? 143
else
    skip "no script, or no terminal for it: watch on one"
fi

echo "cli_watch: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
