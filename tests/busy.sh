#!/usr/bin/env bash
# The whole suite where nothing is quick: on one core, at the lowest priority, beside eight loops that never rest.
#   tests/busy.sh BUILD [PATTERN]            those tests whose name matches PATTERN; JOBS_BUSY=16 LOOPS=8 NICE=19
#   tests/busy.sh BUILD -- COMMAND...        and beside it, on the other cores, COMMAND; fails where either does
#
# The loops are as nice as the suite: they share the core fairly. Beside loops at nice 0 a suite at nice 19 gets a
# five hundredth of the core, and what fails then is the patience of whoever waits for it (so on a machine that others
# use as well: NICE=0). 16 tests at once and 8 loops leave each test a 24th of a core, and the suite two thirds of it.
# Nothing is left out but the guide that trains for most of a minute. Without taskset it says so and uses all cores; COMMAND
# comes after the suite where there is no other core.
set -u
export GUIDES_SKIP=mnist
set -m # each a group of its own: it is ended with all it has started
build=$1 pattern=""
shift
[ $# = 0 ] || [ "$1" = -- ] || { pattern=$1; shift; }
[ $# = 0 ] || shift
pids=() # of the loops
end_all() {
    trap '' INT TERM # make and a terminal send more than one
    for group in ${suite:-} ${beside:-} "${pids[@]}"; do kill -TERM -- "-$group" 2> /dev/null; done
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cores=$(taskset -pc $$ 2> /dev/null | sed 's/.*: *//') # 0-3, or 2,5
core=${cores%%[-,]*} others=""
[ -n "$core" ] || echo "busy: no taskset here: on all cores"
case ${cores%%,*} in
    *-*) others=$((core + 1))-${cores#*-} ;;
    *) [ "${cores#*,}" = "$cores" ] || others=${cores#*,} ;;
esac

beside="" code_beside=0
if [ $# -gt 0 ] && [ -n "${others:-}" ]; then
    taskset -c "$others" "$@" &
    beside=$!
fi
on_one_core() { # COMMAND...: at low priority
    if [ -n "$core" ]; then taskset -c "$core" nice -n "${NICE:-19}" "$@"; else nice -n "${NICE:-19}" "$@"; fi
}
for ((i = 0; i < ${LOOPS:-8}; i++)); do
    on_one_core bash -c 'while :; do :; done' &
    pids+=($!)
done
echo "busy: ${JOBS_BUSY:-16} tests at once beside ${#pids[@]} loops, core ${core:-all}, nice ${NICE:-19}"
since=$SECONDS
JOBS=${JOBS_BUSY:-16} on_one_core tests/run.sh "$build" "$pattern" &
suite=$!
wait $suite
code=$? suite=""
for group in "${pids[@]}"; do kill -KILL -- "-$group"; done 2> /dev/null
pids=()
echo "busy: $((SECONDS - since)) s"
if [ -n "$beside" ]; then
    wait "$beside"
    code_beside=$? beside=""
elif [ $# -gt 0 ]; then
    "$@" || code_beside=$?
fi
[ $code = 0 ] && [ $code_beside = 0 ]
