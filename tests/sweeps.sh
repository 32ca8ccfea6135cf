# tests/sweeps.sh - sweeps of sweep.yaml that are killed, and sweeps that are held. A bash script that has $consort
# and $here sources it after tests/until.sh.
#
#   killed_often FOLDER         sweeps into FOLDER with two workers and ends that four times in the middle of it, at
#                               random moments: the third time by Ctrl-C, else by SIGKILL. How often is in $kills
#
# With tests/expect.sh, `ask` of the script, and can_hold:
#   start FOLDER OPTIONS...     a sweep whose trial 3 does not end before `let FOLDER`, so that with a lookback of 4 no
#                               trial from 7 on begins; its process id is in $pid, what it says in FOLDER.out and .err
#   let FOLDER                  it goes on
#   ended FOLDER CODE           it has ended, with this exit code
killed_often() {
    local draw pid
    kills=0
    while [ $kills -lt 4 ]; do
        "$consort" sweep sweep.yaml --dir "$1" -j 2 -q --json > events.txt 2>&1 &
        pid=$!
        draw=$(od -An -N2 -tu2 /dev/urandom)
        until_told $((1 + draw % 6)) events.txt $pid
        sleep "0.0$((draw / 16 % 90 + 10))" # somewhere in the trial after
        if [ $kills = 2 ]; then kill -INT $pid 2> /dev/null || true; else kill -KILL $pid 2> /dev/null || true; fi
        wait $pid 2> /dev/null || true
        kills=$((kills + 1))
    done
}

runs() { [ "$(ask "$1" "SELECT state FROM trial WHERE number = 3")" = "RUNNING " ]; }
start() {
    held trial-000003. "$PWD/$1.go" exec "$consort" sweep sweep.yaml --dir "$1" --progress lines "${@:2}" \
        > "$1.out" 2> "$1.err" < /dev/null &
    pid=$!
    until_so runs "$1" || { cp "$1.err" err; fail "$1: trial 3 does not run"; }
}
let() { : > "$1.go"; }
ended() {
    n=$((n + 1))
    wait $pid
    local got=$?
    [ $got = "$2" ] || { cp "$1.out" out; cp "$1.err" err; fail "$1: exit code $got, not $2"; }
}
