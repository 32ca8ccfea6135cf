#!/bin/sh
# The rules of the house that a compiler does not check: a folder includes headers only from itself and
# from folders to its left, each outside library is called from one module, only app/ prints or exits.
order="base data engine tuner ensemble reports export app" allowed="" status=0

for folder in $order; do
    allowed="$allowed${allowed:+|}$folder"
    if grep -Hns '^#include "' "$folder"/*.[ch] | grep -vE "#include \"($allowed)/"; then status=1; fi
done

only() { # only HEADER-PATTERN FILE-PATTERN
    found=$(grep -lsE "^#include <($1)>" */*.[ch] | grep -vE "^($2|tests/.*)\$")
    [ -z "$found" ] && return
    echo "$found: <$1> belongs to $2 alone"
    status=1
}
only 'yaml\.h' 'base/conf\.c'
only 'jansson\.h' 'base/doc\.c'
only 'zlib\.h' 'base/file\.c'
only 'cblas\.h|lapacke?\.h' 'base/mat\.c'
only 'sqlite3\.h' 'tuner/store[a-z_]*\.[ch]'
only 'omp\.h' 'tuner/study\.c'

for folder in base data engine tuner ensemble reports export; do
    if grep -nE '(^|[^a-z_.>])(exit|printf|puts|perror|putchar) *\(' "$folder"/*.c | grep -vE '"[^"]*(exit|printf|puts|perror|putchar) *\(|^[^:]*:[0-9]*: *(/?\*|//)'; then
        echo "only app/ prints or exits"
        status=1
    fi
done
exit $status
