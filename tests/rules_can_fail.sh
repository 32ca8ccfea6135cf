#!/bin/sh
# A rule that cannot fail is a wish. Breaks each rule of the house in a copy of the tree, one at a time,
# and sees it refused with its file and line.
#     tests/rules_can_fail.sh [BUILD]     BUILD: where `make all` has put the objects
# What tests/rooms.sh says of the tree as it is does not count: it must say something new.
set -u
B=${1:-build}
root=$(pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
rooms=$(sed -n 's/^room \([a-z_/]*\).*/\1/p' tests/rooms.txt)
for room in $rooms; do
    mkdir -p "$copy/$room" "$copy/$B/$room"
    cp -p "$room"/*.[ch] "$copy/$room"
    cp -p "$B/$room"/*.o "$copy/$B/$room"
    cp -p "$B/$room.a" "$copy/$B/$room.a"
done
cp -Rp reports "$copy"
mkdir -p "$copy/bench" "$copy/tests" "$copy/docs" "$copy/packages" "$copy/python"
cp -p tests/rooms.* tests/headers.sh tests/format.sh "$copy/tests"
cp -p Makefile "$copy"
cp -p packages/packages.mk "$copy/packages"
cp -p python/wheel.mk "$copy/python"
cd "$copy" || exit 1
tests/rooms.sh "$B" >before 2>&1
grep 'run make all first' before && exit 1

n=0 failed=0
# refused WHAT PATTERN [SCRIPT]: some line that is new in what SCRIPT says matches.
refused() {
    n=$((n + 1))
    "${3:-tests/rooms.sh}" "$B" >after 2>&1
    status=$?
    if [ $status != 0 ] && grep -vxFf before after | grep -qE "^$2"; then
        echo "refused: $1"
    else
        echo "NOT REFUSED: $1. Expected $2, saw:"
        grep -vxFf before after | head -n 20 | sed 's/^/    /'
        failed=$((failed + 1))
    fi
}
# Writes LINE... behind the includes of FILE; $line is the number of the first.
plant() { # FILE LINE...
    file=$1
    shift
    line=$(grep -n '^#include' "$file" | tail -n1 | cut -d: -f1)
    printf '%s\n' "$@" >planted
    sed -i "${line:-0}r planted" "$file"
    line=$((line + 1))
}
compile() {
    make -s B="$B" "$B/${file%.c}.o" >said 2>&1 && return
    echo "this does not compile:"
    cat said
    failed=$((failed + 1))
}
restore() {
    for file; do
        if [ -e "$root/$file" ]; then cp -p "$root/$file" "$file"; else rm -f "$file"; fi
        case $file in *.c) cp -p "$root/$B/${file%.c}.o" "$B/${file%.c}.o" ;; esac
    done
}
# breaks WHAT FILE N TEXT LINE...: with LINE... planted, the Nth of them is refused with TEXT.
breaks() {
    what=$1 file=$2 nth=$3 text=$4
    shift 4
    plant "$file" "$@"
    case $file in *.c) compile ;; esac
    refused "$what" "$file:$((line + nth - 1)): .*$text"
    restore "$file"
}
# The first file of a room that has no row of its own.
some() {
    for file in "$1"/*.c; do grep -q "^file $file " tests/rooms.txt || break; done
    echo "$file"
}
base=$(some base) data=$(some data) engine=$(some engine) search=$(some tuner/search) store=$(some tuner/store)
trial=$(some tuner/trial) insight=$(some tuner/insight) study=$(some tuner/study) model=$(some model)
ensemble=$(some ensemble) reports=$(some reports) export=$(some export) job=$(some job)

# -- who includes and calls whom --

breaks "a sampler that includes a network's training" "$search" 1 "tuner/search may not include engine/train.h" \
    '#include "engine/train.h"'
breaks "an include that runs up, in a header" data/rows.h 1 "data may not include engine/mlp.h, which is above it" \
    '#include "engine/mlp.h"'
breaks "the command line, used by what must work without one" "$job" 1 "job may not include app/cli.h" '#include "app/cli.h"'
breaks "an include whose name a macro hides" "$search" 2 "an include by a macro" \
    '#define THAT "engine/train.h"' '#include THAT'
breaks "a function of a room above, declared by hand" "$data" 2 "data may not call metric_find" \
    'int metric_find(const char *name); int planted(void);' 'int planted(void) { return metric_find("accuracy"); }'
breaks "a declaration that no header has" "$trial" 1 "declared here, not in a header" \
    'extern const char *const metric_names[];'
breaks "a database where there is none" "$engine" 1 "engine has no right to sqlite: includes <sqlite3.h>" '#include <sqlite3.h>'
breaks "SQLite, by call" "$base" 3 "base has no right to sqlite: calls sqlite3_libversion" \
    'const char *sqlite3_libversion(void);' 'const char *planted(void);' 'const char *planted(void) { return sqlite3_libversion(); }'
breaks "a second reader of JSON" "$reports" 1 "reports has no right to jansson" '#include <jansson.h>'

# -- who may do what --

void='void planted(void);'
breaks "printing to stderr" "$study" 3 "tuner/study has no right to print: calls stderr" \
    '#include <stdio.h>' "$void" 'void planted(void) { fprintf(stderr, "hello\n"); }'
breaks "printing, behind a macro" "$ensemble" 4 "ensemble has no right to print: calls (puts|printf)" \
    '#include <stdio.h>' '#define TELL(x) printf("%s\n", x)' "$void" 'void planted(void) { TELL("hello"); }'
breaks "printing, through a pointer" "$model" 3 "model has no right to print: calls puts" \
    '#include <stdio.h>' 'extern int (*const planted)(const char *);' 'int (*const planted)(const char *) = puts;'
breaks "writing to standard error's number" "$insight" 3 "tuner/insight has no right to print: " \
    '#include <unistd.h>' "$void" 'void planted(void) { if (write(2, "x", 1) < 0) return; }'
breaks "a mutex in the loss" engine/loss.c 4 "engine has no right to thread: calls pthread_mutex_lock" \
    '#include <pthread.h>' 'extern pthread_mutex_t planted_lock;' "$void" 'void planted(void) { pthread_mutex_lock(&planted_lock); }'
breaks "OpenMP's header" "$search" 1 "tuner/search has no right to thread: includes <omp.h>" '#include <omp.h>'
breaks "a parallel loop over rows" "$data" 4 "data has no right to thread: calls GOMP_parallel" \
    'void planted(int n, double *x);' 'void planted(int n, double *x)' '{' '#pragma omp parallel for' '    for (int i = 0; i < n; i++) x[i] = 1;' '}'
breaks "a fork in the database" "$store" 3 "tuner/store has no right to fork: calls fork" \
    '#include <unistd.h>' "$void" 'void planted(void) { if (fork() < 0) return; }'
breaks "a shell" "$reports" 3 "reports has no right to fork: calls system" \
    '#include <stdlib.h>' "$void" 'void planted(void) { if (system("true")) return; }'
breaks "a socket" "$job" 3 "job has no right to socket: calls socket" \
    '#include <sys/socket.h>' 'int planted(void);' 'int planted(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }'
breaks "an exit" "$reports" 3 "reports has no right to exit: calls exit" \
    '#include <stdlib.h>' "$void" 'void planted(void) { exit(1); }'
breaks "the time of day" "$ensemble" 3 "ensemble has no right to clock: calls time" \
    '#include <time.h>' 'long planted(void);' 'long planted(void) { return (long)time(NULL); }'
breaks "the environment" "$engine" 3 "engine has no right to environment: calls getenv" \
    '#include <stdlib.h>' 'char *planted(void);' 'char *planted(void) { return getenv("HOME"); }'
breaks "the machine's dice" "$search" 3 "nobody in this house calls rand" \
    '#include <stdlib.h>' 'int planted(void);' 'int planted(void) { return rand(); }'
breaks "a file opened where there are only numbers" "$engine" 3 "engine has no right to disk: calls fopen" \
    '#include <stdio.h>' 'FILE *planted(void);' 'FILE *planted(void) { return fopen("x", "r"); }'
breaks "a function nobody has thought about" "$export" 3 "calls getloadavg: in no row" \
    'int getloadavg(double *, int);' 'int planted(double *x);' 'int planted(double *x) { return getloadavg(x, 1); }'

plant base/arena.h '#include <stdlib.h>' 'static inline void planted(int n) { if (n) _Exit(n); }'
at=$line
plant "$base" 'void planted_too(int n);' 'void planted_too(int n) { planted(n); }'
compile
refused "an exit, inline in a header" "base/arena.h:$((at + 1)): base has no right to exit: calls _Exit"
restore base/arena.h "$base"

# -- what stands in a file --

breaks "a global that changes" "$model" 2 "a global that changes: planted" 'int planted(void);' 'static int planted_count;' \
    'int planted(void) { return ++planted_count; }'
breaks "a global of each thread" "$trial" 2 "a global that changes: planted_count" 'int planted(void);' 'static _Thread_local int planted_count = 3;' \
    'int planted(void) { return ++planted_count; }'
breaks "arithmetic that cheats" engine/loss.c 1 "fast-math" '#pragma GCC optimize("fast-math")'
breaks "a sum in any order" "$engine" 5 "a reduction adds in any order" 'double planted(int n, const double *x);' \
    'double planted(int n, const double *x)' '{' '    double sum = 0;' '#pragma omp simd reduction(+ : sum)' \
    '    for (int i = 0; i < n; i++) sum += x[i];' '    return sum;' '}'
breaks "an assert that release leaves out" "$model" 1 "NDEBUG" '#define NDEBUG'
breaks "an error that is not last" base/text.h 1 "Error \*err comes last" 'bool planted(Error *err, int n);'
breaks "a failure that nobody hears of" base/text.h 1 "fails without saying so" 'void planted(int n, Error *err);'
breaks "a file above 600 lines" base/text.h $((601 - $(grep -n '^#include' base/text.h | tail -n1 | cut -d: -f1))) "longer than 600 lines" \
    "$(yes '/* nothing */' | head -n 600)"

file=Makefile
sed -i '/^CFLAGS /s/-O2/-O2 -ffast-math/' Makefile
refused "fast-math for all" "Makefile:$(grep -n '^CFLAGS ' Makefile | cut -d: -f1): fast-math"
restore Makefile
sed -i '/^#ifndef/s/CONSORT_BASE_TEXT_H/TEXT_H/' base/text.h
refused "a guard with another name" "base/text.h:[0-9]+: the guard of this header is CONSORT_BASE_TEXT_H"
restore base/text.h
sed -i '1s/.*/\/* Text. *\//' base/text.h
refused "a header that does not say what it is" "base/text.h:1: a header opens with: base/text.h - what it is"
restore base/text.h
sed -i '1i /* See header. */' "$base"
touch -r "$root/$base" "$base"
refused "a file that does not say what it is" "$base:1: opens with no sentence"
restore "$base"

# -- the plan of the house --

plant base/error.h '#include "base/field.h"'
at=$line
plant base/field.h '#include "base/error.h"'
refused "a circle of includes" "[a-z/.]+:[0-9]+: a circle of includes: .*base/error.h:$at"
restore base/error.h base/field.h
plant base/arena.c 'void planted_too(void);' "$void" 'void planted(void) { planted_too(); }'
compile
at=$((line + 2))
plant base/error.c "$void" 'void planted_too(void);' 'void planted_too(void) { planted(); }'
compile
refused "a circle of calls" "[a-z/.]+:[0-9]+: a circle of calls: .*base/arena.c:$at"
restore base/error.c base/arena.c
a_quarter=$(($(find . -name '*.[ch]' -not -path './build/*' -exec cat {} + | wc -l) / 4)) # of all there is, tests as well
printf '%s\n' '/* export/fat.h - too much. */' "$(yes 'int x;' | head -n $a_quarter)" >export/fat.h
refused "a room with a sixth of the house" "tests/rooms.txt:[0-9]+: export holds [0-9.]+ % of the code"
restore export/fat.h
sed -i 's/^room export .*/& | fork/' tests/rooms.txt
refused "a right that nobody uses" "tests/rooms.txt:$(grep -n '^room export ' tests/rooms.txt | cut -d: -f1): export makes no use of fork"
restore tests/rooms.txt
sed -i 's/^room data .*/room data | base pictures engine/' tests/rooms.txt
refused "a rule that lets a room include upwards" "tests/rooms.txt:$(grep -n '^room data ' tests/rooms.txt | cut -d: -f1): data stands before engine"
restore tests/rooms.txt
touch "$export"
refused "objects older than their source" "$export:1: .*run make all first"
restore "$export"

# -- the other scripts --

breaks_header() { # WHAT HEADER TEXT LINE
    plant "$2" "$4"
    refused "$1" "$2:.*$3" tests/headers.sh
    restore "$2"
}
breaks_header "a header that leans on another" base/text.h "SparseBatch" 'void planted(const SparseBatch *batch);'
breaks_header "a destroy that does not take NULL" base/arena.h "planted_destroy.NULL. crashes" \
    'void planted_destroy(int *x); __attribute__((weak)) void planted_destroy(int *x) { *x = 1; }'
tests/format.sh >before 2>&1
breaks_format() { # WHAT FILE TEXT LINE
    plant "$2" "$4"
    refused "$1" "$2(:$line)?: $3" tests/format.sh
    restore "$2"
}
breaks_format "a tab" "$study" "tabs" "$(printf 'int\tx;')"
breaks_format "a blank at the end of a line" app/verbs/verbs.h "blanks at the end" 'int x; '
breaks_format "an overlong line" tuner/study/study.h "a line over 112 columns" "/* $(yes word | head -n 30 | tr '\n' ' ')*/"

# -- what is no violation --

tests/rooms.sh "$B" >before 2>&1
plant "$search" '/* #include "engine/train.h"' ' * printf("hello"); */' '// exit(1)' \
    'const char *planted(void);' 'const char *planted(void) { return "fprintf(stderr, 1); -f" "ast-math"; }'
compile
tests/rooms.sh "$B" >after 2>&1
if diff before after; then
    echo "let pass: comments and strings"
else
    failed=$((failed + 1))
fi
restore "$search"

echo "$((n)) violations, $failed of them not refused"
[ $failed = 0 ]
