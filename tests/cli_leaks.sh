#!/usr/bin/env bash
# A table whose groups leak (bench/groups.sh): the random split promises what nobody new gets, and the one by groups
# what they get.   tests/cli_leaks.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
"$here/../bench/groups.sh" "$consort" 1 > said || fail "bench/groups.sh ended with $?"
read -r _ random new_random grouped new_grouped < <(tail -n 1 said)
awk -v r="$random" -v nr="$new_random" -v g="$grouped" -v ng="$new_grouped" 'BEGIN {
    exit !(r > 0.9 && nr < 0.82 && r - nr > 0.15 && g - ng < 0.1 && ng - g < 0.1 && r - g > 0.1) }' \
    || fail "random $random, of new ones $new_random; by groups $grouped, of new ones $new_grouped"
[ "$failed" = 0 ] && echo "cli_leaks: random $random, by groups $grouped, new $new_grouped"
