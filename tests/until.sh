# tests/until.sh - waiting for a state, never for a time. A script that waits sources it; tests/expect.sh does.
#
#   until_so COMMAND...             until COMMAND succeeds; fails after two minutes
#   until_told N FILE PID           until FILE has N ends of trials (of --json), or PID is gone
#   stand_still PID                 stops PID, and returns when each of its threads has noticed
until_so() {
    tries=0
    while ! "$@" > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 6000 ] || return 1
        sleep 0.02
    done
}
told_or_gone() { [ "$(grep -c '"event":"trial_end"' "$2")" -ge "$1" ] || ! kill -0 "$3"; }
until_told() { until_so told_or_gone "$1" "$2" "$3"; }

# Threads of a process that is gone stand as still as can be.
all_stopped() { ! cat /proc/"$1"/task/*/stat 2> /dev/null | sed 's/.*) //' | grep -qv '^[TZ]'; }
stand_still() {
    kill -STOP "$1" 2> /dev/null
    until_so all_stopped "$1"
}
