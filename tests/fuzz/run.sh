#!/bin/sh
# Runs every fuzz target for so many seconds of processor time, JOBS at a time, from its corpus and with its
# dictionary. What breaks one is kept as BUILD/found/NAME-..., and the run fails; what is new is kept in
# BUILD/corpus/NAME, for the next run.
#   tests/fuzz/run.sh BUILD SECONDS JOBS [NAME ...]
set -u
build=$1 seconds=$2 jobs=$3
shift 3
[ $# -gt 0 ] || set -- $(for source in tests/fuzz/*.c; do name=${source##*/}; echo "${name%.c}"; done | grep -v '^replay$')
mkdir -p "$build/found"
FUZZ_FOLDER=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)" consort-fuzzing-XXXXXX) || exit 1
export FUZZ_FOLDER
trap 'rm -rf "$FUZZ_FOLDER"' EXIT
trap 'exit 130' INT TERM

# Leaks count. A hostile file may ask for much memory: what is refused is an answer like any other.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_stack_use_after_return=0
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 build seconds
# One target, in rounds, until it has had its seconds of processor time: on a busy machine a second of the clock
# is not one.
cat >"$FUZZ_FOLDER/one" <<'END'
name=$1 log=$build/$1.log dictionary= inputs=0 cpu=0
mkdir -p "$build/corpus/$name"
[ -e "tests/fuzz/$name.dict" ] && dictionary=-dict=tests/fuzz/$name.dict
while [ "$cpu" -lt "$seconds" ]; do
    if ! "$build/$name" -max_total_time=$((seconds - cpu)) -timeout=60 -rss_limit_mb=4000 -close_fd_mask=1 \
            -print_final_stats=1 $dictionary -artifact_prefix="$build/found/$name-" \
            "$build/corpus/$name" "tests/fuzz/corpus/$name" </dev/null >"$log" 2>&1; then
        what=$(grep -m1 -E "does not hold|ERROR: |runtime error:|Assertion" "$log")
        echo "$name: FOUND: $what; see $log and $build/found" >&2
        exit 1
    fi
    inputs=$((inputs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")))
    times >"$log.times" # of the shell, then of its children: 1m2.3s 0m0.4s
    cpu=$(sed -n '$s/[ms]/ /gp' "$log.times" | awk '{ printf "%d", 60 * $1 + $2 + 60 * $3 + $4 }')
done
rm -f "$log.times"
echo "$name: $inputs inputs in $cpu s, nothing found"
END
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh "$FUZZ_FOLDER/one"
