#!/usr/bin/env bash
# Makes every output of the program that README.md and docs/ show, and docs/report.png, by running the commands.
#   docs/shots.sh CONSORT             writes them in place (make docs-shots)
#   docs/shots.sh --check CONSORT     says what would change (make check)
#   REDRAW=1 docs/shots.sh CONSORT    draws the picture again even where the report is the same
#
#   <!-- shot: COMMAND -->            the indented block after it is what COMMAND prints
#   <!-- shot here: COMMAND -->       the same, where another processor may round otherwise
#   <!-- shot machine: ... -->        what decides that; where it is another, `here` is left alone and the check says so
#   <!-- shot picture: SHA-256 -->    of the verdict in the report.json that docs/report.png was drawn from
#
# COMMAND is bash, run in a folder of its own with `consort`, the functions below, flowers.csv, and sweep.yaml: the
# ```yaml block that came last on the page.
set -u
check=""
[ "${1:-}" = --check ] && { check=1; shift; }
program=$(realpath "$1") root=$(cd "${BASH_SOURCE%/*}/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C TERM=dumb NO_COLOR=1
ln -s "$root/configs" configs

consort() { "$program" "$@"; }
# Whether products and sums are fused decides the last bits; so may libraries and compiler. Kernels for AVX2 and AVX-512, and
# OpenBLAS's for SkylakeX, Cooperlake, Haswell and Zen (OPENBLAS_CORETYPE), were seen to give the same.
machine() {
    consort doctor | sed -nE 's/^cpu .*(fma).*/\1/p; s/^blas +(OpenBLAS [^ ]+).*/\1/p' | sort -r | tr '\n' ',' |
        sed 's/,/, /g'
    echo "gcc $(${CC:-cc} -dumpfullversion), $(getconf GNU_LIBC_VERSION)"
}

# ---- what the pages show -------------------------------------------------------------------------------------------

demo() {
    [ -e demo.txt ] || consort run configs/digits.yaml -q > demo.txt 2> demo.err || { cat demo.err; return 1; }
    awk '/^ +[2-6]  / { if (!cut++) print "           ..."; next } { print }' demo.txt
}
picture() { # what the first page says, to the digits that it shows
    demo > /dev/null
    sed -n '/^ "verdict"/,/^ }/p' runs/digits/report.json | sed -E 's/(\.[0-9]{4})[0-9]+/\1/g' | sha256sum | cut -c 1-64
}
refusal() { consort config check sweep.yaml 2>&1 | fold -s -w 116 | sed 's/ $//'; }
conversation() {
    printf '%s\n' 'method: bayes' 'parameters: {x: {min: 0.0, max: 1.0}, units: {values: [8, 16, 32, 64]}}' > space.yaml
    printf '%s\n' '{"cmd":"ask"}' '{"cmd":"tell","id":0,"value":1.5}' \
        '{"cmd":"tell","params":{"x":0.5,"units":8},"value":2}' > asked
    consort ask-tell space.yaml --seed 3 < asked | paste -d '|' asked - | while IFS='|' read -r ask answer; do
        printf '%-53s  %s\n' "$ask" "$answer"
    done
    printf '%-53s  %s\n' '{"cmd":"quit"}' 'no answer; end of file means the same'
}
flowers() { # 300 rows of three kinds, from numbers that any awk draws alike
    awk 'function draw() { s = (s * 16807) % 2147483647; return s / 2147483647 }
         function normal() { return draw() + draw() + draw() + draw() + draw() + draw() - 3 }
         BEGIN { s = 42; print "petal,sepal,color,id,species"
             for (i = 0; i < 300; i++) { k = int(3 * draw())
                 printf "%s,%.2f,%s,f%03d,%s\n", draw() < .06 ? "" : sprintf("%.2f", 1.2 + k + normal()), 3 - k + normal(),
                     substr("red  blue white", 1 + 5 * int(3 * draw()), 5), i, substr("irislilyrose", 1 + 4 * k, 4) } }' |
        sed 's/ *,/,/g'
}
predicted() { # two rows, by a network of its own
    printf '%s\n' 'name: flowers' 'data: {train: flowers.csv, label: species}' 'run: {seed: 1}' > flowers.yaml
    consort train flowers.yaml --out flowers.consort -q > /dev/null 2>&1
    sed -n '1p; 5p; 7p' flowers.csv | consort predict flowers.consort - --proba
}
imported() { # fourteen runs of somebody, three of which do not fit
    printf '%s\n' 'name: warm' 'method: bayes' 'run_cap: 20' 'metric: {name: val_accuracy}' 'data: {format: digits}' 'parameters:' \
        '  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}' \
        '  optimizer: {values: [adamw, sgd]}' '  momentum: {min: 0.5, max: 0.95, when: "optimizer == sgd"}' > warm.yaml
    awk 'BEGIN { print "val_accuracy,learning_rate,optimizer,momentum"
         for (i = 2; i <= 15; i++) printf "0.%d,%s,%s,%s\n", 80 + i, i == 4 ? "0.5" : "0.00" (i % 9 + 1),
             i % 2 ? "adamw" : "sgd", i % 2 || i == 6 ? "" : i == 12 ? "1.5" : "0.9" }' > runs.csv
    consort import warm.yaml runs.csv --from csv 2>&1
}
flowers > flowers.csv

# ---- pages -----------------------------------------------------------------------------------------------------------

here=$(machine) same="" status=0 n=0 left=0
grep -qxF "<!-- shot machine: $here -->" "$root/README.md" && same=1
complain() { echo "shots.sh: $1" >&2; status=1; }

rewrite() { # rewrite PAGE: the page as it should be
    local line mark="" command inside="" blanks=""
    while IFS= read -r line || [ -n "$line" ]; do
        if [ "$mark" = shot ]; then # the old block: indented lines, and blank ones between them
            case $line in
            "    "*) blanks=""; continue ;;
            "") blanks+=$'\n'; continue ;;
            *) mark=""; printf '%s\n' "" ;;
            esac
        fi
        case $line in
        '```yaml') : > sweep.yaml; inside=1 ;;
        '```') inside="" ;;
        *) [ -n "$inside" ] && printf '%s\n' "$line" >> sweep.yaml ;;
        esac
        case $line in
        "<!-- shot machine: "*) [ -z "$check" ] && line="<!-- shot machine: $here -->" ;;
        "<!-- shot picture: "*) [ -z "$check" ] || [ -n "$same" ] && line="<!-- shot picture: $(picture) -->" ;;
        "<!-- shot: "* | "<!-- shot here: "*)
            printf '%s\n' "$line"
            echo shot >> "$work/shots"
            case $line in "<!-- shot here: "*)
                [ -n "$check" ] && [ -z "$same" ] && { echo left >> "$work/shots"; continue; } ;;
            esac
            command=${line#*: } command=${command% -->}
            printf '\n'
            eval "$command" < /dev/null | sed 's/^\(.\)/    \1/'
            mark=shot blanks=""
            continue ;;
        esac
        printf '%s\n' "$line"
    done < "$1"
    return 0
}
: > shots
for page in "$root"/README.md "$root"/docs/*.md "$root"/docs/*/*.md; do
    rewrite "$page" > page.md
    cmp -s page.md "$page" && continue
    if [ -n "$check" ]; then
        diff "$page" page.md | head -20
        complain "${page#"$root"/} shows what the program does not print; \`make docs-shots\` mends it"
    else
        cp page.md "$page"
        echo "${page#"$root"/} rewritten"
        [ "${page##*/}" = README.md ] && redraw=1
    fi
done
if [ -z "$check" ] && [ -n "${redraw:-}${REDRAW:-}" ]; then
    browser=$("$root/tests/browser.sh" --which) || complain "no Chromium: docs/report.png is left as it is"
    [ -z "$browser" ] || "$browser" --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
        --user-data-dir="$work/profile" --window-size=1040,880 --blink-settings=preferredColorScheme=1 \
        --screenshot="$root/docs/report.png" "file://$work/runs/digits/report.html" > /dev/null 2>&1 ||
        complain "the browser made no picture"
fi
n=$(grep -c shot shots) left=$(grep -c left shots)
[ "$left" = 0 ] || echo "shots.sh: skipped $left that another processor or compiler may round otherwise: this is $here"
[ $status = 0 ] && echo "shots.sh: $((n - left)) shown outputs are what the program prints"
exit $status
