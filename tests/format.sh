#!/bin/sh
# Tabs, blanks at line ends, overlong lines, files that do not end in a newline. `make format`
# mends the first two. The rest of the layout is by hand: tables and comments are aligned to be read.
status=0
report() { # WHERE WHAT
    [ -z "$1" ] && return
    echo "$1" | sed "s/\$/: $2/"
    status=1
}
rooms=$(sed -n 's/^room \([a-z]*\).*/\1/p' tests/rooms.txt | sort -u)
# shellcheck disable=SC2086
code=$(find $rooms bench examples -name '*.[chS]')
tests=$(find tests -name '*.[ch]' ! -path 'tests/golden/*')
scripts=$(find tests bench docs -name '*.sh' -o -name '*.awk')
tab=$(printf '\t')
# shellcheck disable=SC2086
report "$(grep -l "$tab" $code $tests $scripts)" "tabs"
# shellcheck disable=SC2086
report "$(grep -nE ' +$' $code $tests $scripts | cut -d: -f1,2)" "blanks at the end of a line"
long() { # COLUMNS FILES: counts characters, not bytes
    limit=$1
    shift
    report "$(LC_ALL=C awk -v limit="$limit" \
        '{ line = $0; gsub(/[\200-\277]/, "", line) } length(line) > limit { print FILENAME ":" FNR }' "$@")" \
        "a line over $limit columns"
}
# shellcheck disable=SC2086
long 112 $code
# shellcheck disable=SC2086
long 180 $tests # tables of cases read better in long lines
for file in $code $tests $scripts; do
    [ -n "$(tail -c1 "$file")" ] && report "$file" "no newline at the end"
done
exit $status
