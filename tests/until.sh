# tests/until.sh - waiting for a state, never for a time. A bash script that has $here sources it, as tests/expect.sh does.
#
#   until_so COMMAND...             until COMMAND succeeds
#   until_told N FILE PID           until FILE has N ends of trials (of --json), or PID is gone
#   until_there PATTERN FILE PID    until a line of FILE matches, or PID is gone
#   stand_still PID                 stops PID, and returns when each of its threads has noticed
#   can_hold                        a library can be made that holds trials up: `$shim`. From there on
#   held PART FILE COMMAND...       runs COMMAND with it: who is about to make a file with PART in its path
#                                   (trial-000004.) waits until there is FILE; held ... exec COMMAND & makes $! its own
#
# A state that does not come is said on stderr after twenty minutes: no machine is that busy. The thing that is waited
# for must not be able to go past: a sweep that is to be met in the middle is held there.
until_so() {
    local since=$SECONDS tries=0
    while ! "$@" > /dev/null 2>&1; do
        if [ $((SECONDS - since)) -gt "${PATIENCE:-1200}" ]; then
            echo "after $((SECONDS - since)) s still not so: $*" >&2
            return 1
        fi
        tries=$((tries + 1))
        if [ $tries -lt 100 ]; then sleep 0.02; else sleep 0.1; fi # who waits long must not take what it waits for
    done
}
has_ended() { ! kill -0 "$1"; }
told_or_gone() { [ "$(grep -c '"event":"trial_end"' "$2")" -ge "$1" ] || has_ended "$3"; }
until_told() { until_so told_or_gone "$1" "$2" "$3"; }
there_or_gone() { grep -qE -- "$1" "$2" || has_ended "$3"; }
until_there() { until_so there_or_gone "$1" "$2" "$3"; }

# Threads of a process that is gone stand as still as can be.
all_stopped() { ! cat /proc/"$1"/task/*/stat 2> /dev/null | sed 's/.*) //' | grep -qv '^[TZ]'; }
stand_still() {
    kill -STOP "$1" 2> /dev/null
    until_so all_stopped "$1"
}

shim=""
can_hold() {
    [ -z "$shim" ] || return 0
    # shellcheck disable=SC2086
    ${CC:-cc} -O1 -shared -fPIC -o shim.so "$here/fault_shim.c" 2> shim.txt && shim=$PWD/shim.so
}
# A sanitizer wants to be first; it need not be.
held() {
    SHIM_WAIT="$1:$2" LD_PRELOAD="$shim${LD_PRELOAD:+:$LD_PRELOAD}" \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "${@:3}"
}
