#!/bin/bash
# docs/reference/export-c.md as it stands: its first command, its programs in C, and the line that compiles them.
#   tests/cli_export.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
page=$here/../docs/reference/export-c.md
command -v cc > /dev/null || { echo "export: skipped: no cc"; exit 0; }
block() { # block WORD: the block of C in which WORD stands
    awk -v word="$1" '/^```c$/ { inside = 1; text = ""; next }
                      /^```$/ { if (inside && index(text, word)) printf "%s", text; inside = 0 }
                      inside { text = text $0 "\n" }' "$page"
}
command=$(sed -n 's/^    consort \(export runs\/digits --to c.*[^ ]\)  *#.*/\1/p' "$page" | head -1)
compile=$(sed -n 's/^    \(cc .*\)/\1/p' "$page" | head -1)
is "the page's commands" "${command%% *} ${compile%% *}" "export cc"

ok run run digits --trials 1 --set train.epochs=2 --set data.rows=400 --set data.test_rows=50
ok command $command
block 'int main' > main.c
n=$((n + 1))
$compile > out 2> err && ./a.out > out 2> err || fail "$compile"
has picture out '^[0-9] [01]\.[0-9]{3}$'
# The interface is what the header says.
while read -r line; do
    case $line in "" | "/*"*) continue ;; esac
    n=$((n + 1))
    grep -qF -e "${line%%;*}" digits.h || fail "digits.h has not: $line"
done < <(block '#define DIGITS_N_INPUTS')
ok "no --out" export runs/digits --to c
n=$((n + 1))
grep -q '^int ensemble_predict(' runs/digits/ensemble.h || fail "ensemble.h: other names"

awk 'BEGIN { print "age,contract,extra,amount,Churn"
    for (i = 0; i < 80; i++) printf "%d,%s,%s,%.1f,%s\n", 20 + i * 7 % 50, i % 3 ? "monthly" : "yearly",
        i % 5 ? i % 4 : "NA", i * 3 % 31, i % 2 ? "yes" : "no" }' > churn.csv
ok churn run churn.csv --label Churn --trials 1 --set train.epochs=2
ok churn export runs/churn --to c --out churn
{
    echo '#include <stdio.h>'
    echo '#include "churn.h"'
    echo 'int main(void) {'
    block churn_encode_row
    echo 'return wrong; }'
} > row.c
n=$((n + 1))
cc -std=c99 -O1 row.c churn.c -lm -o row > out 2> err && ./row > out 2> err || fail "the block with churn_encode_row"
has row out '^(yes|no)$'
echo "export: $n checks, $failed failed"
[ $failed = 0 ]
