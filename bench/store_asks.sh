#!/bin/sh
# How long answers take in a study of 100,000 trials with 20 parameters and 2,000,000 epoch rows, the shortest of
# seven runs of the program. The study is made once (minutes; 340 MB) with the store's own calls.
#   bench/store_asks.sh BUILD [FOLDER]
set -eu
build=$1 folder=${2:-$1/large} runs=7
consort=$build/consort db=$folder/trials.db
mkdir -p "$folder"
[ -e "$db" ] || "$build/bench/store_load" "$db" 64 0 100000 20 20
rows=$("$consort" query "$db" "SELECT (SELECT count(*) FROM trial) || ' trials, ' || (SELECT count(*) FROM param)
    || ' parameters, ' || (SELECT count(*) FROM epoch) || ' epoch rows'" --csv | tail -1)
echo "$rows, $(($(wc -c < "$db") / 1000000)) MB"

ask() { # MOST-MS ARGUMENTS...
    most=$1 best=999999999999 i=0
    shift
    while [ $i -lt $runs ]; do
        start=$(date +%s%N)
        "$consort" "$@" > "$folder/answer.txt"
        took=$(($(date +%s%N) - start))
        [ $took -lt $best ] && best=$took
        i=$((i + 1))
    done
    printf '%6d ms  (target %4d)  %6d lines   consort %s\n' $((best / 1000000)) "$most" "$(wc -l < "$folder/answer.txt")" "$*"
}
ask 100 ls "$db" --top 10
ask 100 best "$db"
ask 100 status "$db"
ask 1000 ls "$db" --where "p02 = 'sgd' AND p01 > 100" --top 20
ask 1000 query "$db" "SELECT p00, p01, value FROM load WHERE p02 = 'sgd' ORDER BY value DESC LIMIT 5"
ask 1000 query "$db" "SELECT * FROM load WHERE p01 > 200 AND p02 = 'adam' AND value > 0.95"
ask 1000 query "$db" "SELECT p02, count(*), avg(value), max(value) FROM load WHERE state = 'COMPLETE' GROUP BY p02"
