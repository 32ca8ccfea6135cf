#!/bin/sh
# Every header compiles on its own, and x_destroy(NULL) does nothing, for every x.
#     tests/headers.sh [BUILD]     BUILD: where `make all` has put the archives
set -eu
B=${1:-build}
packages="yaml-0.1 sqlite3 openblas lapacke jansson libpcre2-8 zlib libarchive libpng libjpeg libmicrohttpd"
rooms=$(sed -n 's/^room \([a-z_/]*\).*/\1/p' tests/rooms.txt)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046,SC2086
compile() { ${CC:-cc} -std=c11 -D_XOPEN_SOURCE=700 -fopenmp -I. $(pkg-config --cflags $packages) ${CFLAGS:-} "$@"; }

templates=$(sed -n 's/^template \([^ ]*\).*/\1/p' tests/rooms.txt)
headers=$(for room in $rooms; do find "$room" -maxdepth 1 -name '*.h'; done | sort | grep -vxF "$templates")
# shellcheck disable=SC2086
compile -fsyntax-only -fmax-errors=1 -x c $headers || exit 1

{
    # shellcheck disable=SC2086
    grep -lE '^void [a-z_]+_destroy\(' $headers | sed 's/.*/#include "&"/'
    echo '#include <stdio.h>'
    echo 'int main(void)'
    echo '{'
    # Says its name before the call, so that a crash has one.
    # shellcheck disable=SC2086
    sed -nE 's/^void ([a-z_]+_destroy)\([A-Za-z_ ]+\*[a-z_]*\);.*/    puts("\1"); fflush(stdout); \1(NULL);/p' $headers
    echo '}'
} >"$work/destroy.c"
archives=$(for room in $rooms; do [ ! -e "$B/$room.a" ] || echo "$B/$room.a"; done)
# shellcheck disable=SC2046,SC2086
compile -o "$work/destroy" "$work/destroy.c" -Wl,--start-group $archives -Wl,--end-group $(pkg-config --libs $packages) -lm -lpthread
"$work/destroy" >"$work/said" || {
    name=$(tail -n1 "$work/said")
    # shellcheck disable=SC2086
    echo "$(grep -nE "^void $name\(" $headers | cut -d: -f1,2): $name(NULL) crashes"
    exit 1
}
