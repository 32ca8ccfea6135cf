#!/bin/sh
# What a sweep told in its --json events is in its database: each trial that ended, with its state and value, and
# none twice; and the file is sound. Prints how many ends were told.   tests/told.sh CONSORT STUDY EVENTS
set -eu
consort=$1 study=$2 events=$3
fail() { echo "$study: $*"; exit 1; }
ask() { "$consort" query "$study" "$1" --csv | tail -n +2 | tr -d '"'; }

"$consort" doctor "$study" > "$events.doctor" 2>&1 || fail "$(cat "$events.doctor")"
grep -q 'integrity_check *ok' "$events.doctor" || fail "$(cat "$events.doctor")"
[ "$(ask "SELECT count(*) - count(DISTINCT number), count(*) - count(DISTINCT params_hash) FROM trial")" = 0,0 ] ||
    fail "a trial is there twice"
ask "SELECT number || ' ' || state || ' ' || coalesce(printf('%.17g', value), 'null') FROM trial" > "$events.rows"
# The last line may be cut off.
sed -n 's/^{"event":"trial_end","trial":\([0-9]*\),.*},"value":\([^,]*\),.*"state":"\([A-Z]*\)".*}$/\1 \3 \2/p' "$events" |
    grep -v INTERRUPTED > "$events.told" || true
awk 'NR == FNR { state[$1] = $2; value[$1] = $3; next }
     !($1 in state) { print "trial " $1 " was told and is lost"; bad = 1; next }
     state[$1] != $2 { print "trial " $1 " was told as " $2 " and is " state[$1]; bad = 1; next }
     $2 == "COMPLETE" && (value[$1] - $3 > 1e-15 || $3 - value[$1] > 1e-15) {
         print "trial " $1 " was told as " $3 " and is " value[$1]; bad = 1 }
     END { exit bad }' "$events.rows" "$events.told" || fail "see above"
wc -l < "$events.told"
