#!/bin/sh
# Tabs, blanks at line ends, overlong lines, files that do not end in a newline. `make format`
# mends the first two. The rest of the layout is by hand: tables and comments are aligned to be read.
status=0
report() { # WHERE WHAT
    [ -z "$1" ] && return
    echo "$1: $2"
    status=1
}
tab=$(printf '\t')
report "$(grep -l "$tab" */*.[ch] */*.sh)" "tabs"
report "$(grep -nE ' +$' */*.[ch] */*.sh | cut -d: -f1,2)" "blanks at the end of a line"
long() { # COLUMNS FILES: counts characters, not bytes
    limit=$1
    shift
    report "$(LC_ALL=C awk -v limit="$limit" \
        '{ line = $0; gsub(/[\200-\277]/, "", line) } length(line) > limit { print FILENAME ":" FNR }' "$@")" \
        "a line over $limit columns"
}
long 112 base/*.[ch] data/*.[ch] engine/*.[ch] tuner/*.[ch] ensemble/*.[ch] reports/*.[ch] export/*.[ch] \
    app/*.[ch] bench/*.c
long 180 tests/*.[ch] # tables of cases read better in long lines
for file in */*.[ch] */*.sh; do
    [ -n "$(tail -c1 "$file")" ] && report "$file" "no newline at the end"
done
exit $status
