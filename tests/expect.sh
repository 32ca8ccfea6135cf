# tests/expect.sh - what the scripts that drive the program share; each begins with
#     . "${BASH_SOURCE%/*}/expect.sh"
# and gets $consort, the program named by its argument, $here, this folder, and an empty folder of its own to
# work in, which goes when the script ends. It closes with its own line and [ $failed = 0 ].
set -u
consort=$(realpath "$1") here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C
. "$here/until.sh"
n=0 failed=0 skipped=0

fail() { # fail WHAT: with what was said last
    failed=$((failed + 1))
    echo "FAILED $1"
    for file in out err; do
        [ -s $file ] && { echo "  std$file:"; head -c 1200 $file | sed 's/^/    /'; }
    done
}
# expect EXIT NAME ARGUMENTS...: runs the program; stdout goes to `out`, stderr to `err`.
expect() {
    local want=$1 name=$2 got
    shift 2
    n=$((n + 1))
    timeout 1200 "$consort" "$@" > out 2> err < /dev/null
    got=$?
    [ $got != 124 ] || echo "not done after 1200 s: consort $*" >> err
    [ $got = "$want" ] || fail "$name: consort $*: exit code $got, not $want"
    grep -qE 'Sanitizer|runtime error|Assertion|\(null\)' out err && fail "$name: consort $*: a bug"
    return 0
}
ok() { expect 0 "$@"; }
# has NAME FILE PATTERN, lacks NAME FILE PATTERN (extended regular expressions), silent NAME FILE, is NAME A B
has() { n=$((n + 1)); grep -qE -- "$3" "$2" || fail "$1: no line of $2 matches: $3"; }
lacks() { n=$((n + 1)); ! grep -qE -- "$3" "$2" || fail "$1: a line of $2 matches: $3"; }
silent() { n=$((n + 1)); [ ! -s "$2" ] || fail "$1: std$2 is not empty"; }
is() { n=$((n + 1)); [ "$2" = "$3" ] || fail "$1: $2, not $3"; }
skip() { skipped=$((skipped + 1)); echo "skipped: $1"; }
