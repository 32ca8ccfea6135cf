#!/bin/sh
# Holds the code to tests/rooms.txt: who includes and calls whom, who may thread, print, fork, open files
# or sockets, which library is whose; no circles, no room above 15 % of the code, no globals that change.
#     tests/rooms.sh [BUILD]     BUILD: where `make all` has put the objects, built with -g
# By include and by symbol: a macro, a pointer to a function or a declaration by hand hide nothing.
set -u
B=${1:-build}
rooms=$(sed -n 's/^room \([a-z_/]*\).*/\1/p' tests/rooms.txt)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=$(for room in $rooms; do ls "$room"/*.[chS]; done)
status=0
objects=
# Objects are made by `make all`, so that what is checked is what is shipped.
for source in $sources; do
    case $source in *.h) continue ;; esac
    object=$B/${source%.?}.o
    # shellcheck disable=SC3013
    if [ ! -e "$object" ] || [ "$source" -nt "$object" ]; then
        echo "$source:1: $object is missing or older: run make all first"
        status=1
    else
        objects="$objects $object"
    fi
done
[ $status = 0 ] || exit 1
# shellcheck disable=SC2086
objdump -t $objects >"$work/objects"
# shellcheck disable=SC2086
awk -v B="$B" -v OBJECTS="$work/objects" -v verbose="${V:-}" -f tests/rooms.awk tests/rooms.txt Makefile $sources "$work/objects" >"$work/found" || status=1
sort -t: -k1,1 -k2,2n "$work/found"
[ -s "$work/found" ] && status=1
exit $status
