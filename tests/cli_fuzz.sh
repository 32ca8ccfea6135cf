#!/bin/sh
# Shows every fuzz target its corpus (tests/fuzz/), without a fuzzer: what once broke something does not again.
#   tests/cli_fuzz.sh BUILD/consort
set -u
build=${1%/*} inputs=0 targets=0 failed=""
for target in "$build"/fuzz/*; do
    case $target in *.d) continue ;; esac
    corpus=tests/fuzz/corpus/${target##*/}
    if said=$("$target" "$corpus" 2>&1 </dev/null); then
        inputs=$((inputs + $(echo "$said" | sed -n '$s/.*: \([0-9]*\) inputs.*/\1/p'))) targets=$((targets + 1))
    else
        FUZZ_VERBOSE=1 "$target" "$corpus" >&2 </dev/null # the last file it names is the one
        failed="$failed ${target##*/}"
    fi
done
echo "cli_fuzz.sh: $inputs inputs of $targets fuzz targets replayed${failed:+; broken:$failed}"
[ -z "$failed" ] && [ "$targets" -gt 0 ]
