#!/usr/bin/env bash
# Runs every suite built below BUILD and the scripts that drive the program itself, $JOBS at a time.
#   tests/run.sh BUILD [PATTERN]       those whose name matches PATTERN
#   KIND=ship tests/run.sh BUILD       instead: what is shipped, where it runs (tests/ship_*.sh: boards, browsers, Python)
#   RECORD=1 tests/run.sh BUILD        writes down in tests/order.txt which are slow
#
# What one of them says is printed when it ends, whole. The slowest begin first, as tests/order.txt has them; those it
# does not know before all others. No two share a file: each works in a folder of its own.
set -u
set -m # each is a process group of its own: Ctrl-C ends it with all it has started
build=$1 pattern=${2:-} order=tests/order.txt
jobs=${JOBS:-$(nproc 2> /dev/null || echo 2)}
work=$(mktemp -d) || exit 1
declare -A groups=()
trap 'rm -rf "$work"' EXIT
trap 'kill -TERM "${groups[@]/#/-}" 2> /dev/null; exit 130' INT TERM

queue() { # slowest first
    local all=("$build"/tests/test_* tests/cli_*.sh)
    [ "${KIND:-}" != ship ] || all=(tests/ship_*.sh)
    for test in "${all[@]}"; do
        case $test in *.d | *.o | *.dSYM) continue ;; esac
        [[ -e $test && ${test##*/} =~ $pattern ]] && echo "${test##*/} $test"
    done | awk 'FILENAME != "-" { place[$1] = FNR; next } { print place[$1] + 0, $2 }' "$order" - | sort -sn | cut -d' ' -f2
}
start() { # start TEST
    local name=${1##*/} program=""
    case $1 in *.sh) program=$build/consort ;; esac
    {
        begin=$EPOCHREALTIME
        "$1" ${program:+"$program"} < /dev/null > "$work/$name.out" 2>&1
        echo "$? $begin $EPOCHREALTIME $name" > "$work/$name.new" && mv "$work/$name.new" "$work/$name.end"
    } &
    groups[$name]=$!
}
passed=0 failed=()
report() { # those that have ended since
    local file name code
    for file in "$work"/*.end; do
        [ -e "$file" ] || continue
        read -r code _ _ name < "$file"
        echo "${name%.sh}"
        cat "$work/$name.out"
        if [ "$code" = 0 ]; then passed=$((passed + 1)); else failed+=("$name"); fi
        mv "$file" "$work/$name.ended"
        unset "groups[$name]"
    done
}

mapfile -t tests < <(queue)
until_fewer_than() { # until_fewer_than N run
    while [ ${#groups[@]} -ge "$1" ]; do
        wait -n
        [ $? != 127 ] || for name in "${!groups[@]}"; do # all are gone, and some have not said how
            [ -e "$work/$name.end" ] || echo "137 0 0 $name" > "$work/$name.end"
        done
        report
    done
}
for test in "${tests[@]}"; do
    until_fewer_than "$jobs"
    start "$test"
done
until_fewer_than 1

seconds() { awk '{ printf "%.1f %s\n", $3 - $2, $4 }' "$work"/*.ended | sort -k1,1nr -k2; }
echo "slowest:$(seconds | head -5 | awk '{ printf "%s %s %s s", (NR > 1 ? "," : ""), $2, $1 }')"
[ -z "${RECORD:-}" ] || seconds | awk '$1 >= 0.5 { print $2 }' > $order
[ ${#failed[@]} = 0 ] || echo "failed: ${failed[*]}"
echo "$passed passed, ${#failed[@]} failed"
[ ${#failed[@]} = 0 ] && [ $passed -gt 0 ]
