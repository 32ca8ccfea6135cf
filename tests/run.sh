#!/bin/sh
# Runs every suite built below BUILD, then the scripts that drive the program itself.
#   tests/run.sh BUILD
set -u
build=$1 failed=""
for suite in "$build"/tests/test_*; do
    case $suite in *.d | *.o | *.dSYM) continue ;; esac
    "$suite" || failed="$failed ${suite##*/}"
done
for script in tests/cli_*.sh; do
    [ -e "$script" ] || continue
    echo "$script"
    "$script" "$build/consort" || failed="$failed ${script##*/}"
done
[ -z "$failed" ] && exit 0
echo "failed:$failed" >&2
exit 1
