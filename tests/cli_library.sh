#!/bin/bash
# Consort from C: examples/digits.c, linked with the rooms up to job/ and nothing of app/, runs a sweep, builds an
# ensemble and predicts, and says nothing but what it says itself.   tests/cli_library.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
example=${consort%/*}/examples/digits

n=$((n + 1))
timeout 1200 "$example" study > out 2> err || fail "the example: exit code $?"
silent "nothing but its own words" err
is "trials and rows" "$(grep -cE '^trial [0-5]: accuracy 0\.[0-9]{3}(, the best)?$' out) $(grep -cE '^row [0-9] is a [0-9]$' out)" "6 10"
is "no other lines" "$(wc -l < out)" 18
right=$(sed -n 's/^\([0-9]*\) of 300 right$/\1/p' out)
n=$((n + 1))
[ "${right:-0}" -ge 285 ] || fail "accuracy: only ${right:-none} of 300 right"
labels=$(grep ^row out)

# The same call continues the study: nothing is left to train, and the rows are what they were.
"$example" study > out 2> err || fail "again: exit code $?"
has "again" out '^0 trials, an ensemble of [1-9]'
is "again" "$(grep ^row out)" "$labels"

# It is a study like any other.
ok "evaluate" evaluate study --final --json
is "the same ensemble" "$(tr -d ' \n' < out | grep -oE '"accuracy":\{[^}]*"value":[0-9.]*' | head -1 \
    | awk -F'"value":' '{ printf "%.0f", 300 * $2 }')" "$right"
ok "best" best study
echo "library: $n checks, $failed failed"
[ $failed = 0 ]
