#!/bin/bash
# Rows as they come: the same bytes as a file's, whatever the form of the text and wherever blocks end; rows that
# are wrong, pipes that pause, close or are full.
#   tests/cli_stream.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
python3 - << 'EOF'
import csv, io, json, random
random.seed(5)
rows = []
for i in range(2600):
    a, b = random.gauss(0, 1), random.gauss(5, 3)
    town = random.choice(['Bern', 'Rom, "alt"', 'Zürich\nHB', 'Oslo', ' Paris '])
    day = '2024-%02d-%02d' % (random.randint(1, 12), random.randint(1, 28))
    kind = 'up' if a + (town == 'Oslo') + random.gauss(0, .3) > .3 else 'down'
    rows.append([str(i) + 'x', '%.4f' % a, '%.2f' % b, town, day, random.choice(['S', 'M', 'L']), kind, '%.3f' % (a * 3 + b)])
names = ['id', 'a', 'b', 'town', 'day', 'size', 'kind', 'y']
def write(path, rows, names=names, **how):
    out = io.StringIO()
    w = csv.writer(out, **how)
    w.writerow(names)
    w.writerows(rows)
    text = out.getvalue()
    open(path, 'w', encoding='utf-8', newline='').write(text)
    return text
write('train.csv', rows[:600], lineterminator='\n')
new = [list(r) for r in rows]
for i, r in enumerate(new):
    if i % 7 == 0: r[1] = random.choice(['', '?', 'NA'])
    if i % 11 == 0: r[3] = random.choice(['', 'Ulm', 'Köln'])
    if i % 13 == 0: r[4] = random.choice(['', 'soon'])
    if i % 17 == 0: r[2] = 'inf'
    if i % 19 == 0: r[5] = 'XXL'
    if i % 23 == 0: r[6] = 'sideways'
text = write('new.csv', new, lineterminator='\n')
write('crlf.csv', new, lineterminator='\r\n')
write('mac.csv', [[c.replace('\n', ' ') for c in r] for r in new], lineterminator='\r')
write('quoted.csv', new, lineterminator='\n', quoting=csv.QUOTE_ALL)
write('semicolon.csv', new, lineterminator='\n', delimiter=';')
write('plain.csv', [[c.replace('\n', ' ').replace('"', '').replace(',', ' ') for c in r] for r in new], lineterminator='\n')
order = [4, 0, 3, 2, 5, 1]
write('order.csv', [[r[k] for k in order] for r in new], names=[names[k] for k in order], lineterminator='\n')
open('bom.csv', 'wb').write(b'\xef\xbb\xbf' + text.encode())
open('latin.csv', 'wb').write(text.encode('cp1252'))
open('mixed.csv', 'wb').write(text.encode() + b'7,1,2,Z\xfcrich,2024-01-01,S,up,1\n')
open('blank.csv', 'w').write('\n\n' + text.replace('\n1', '\n\n1') + '\n\n')
open('title.csv', 'w').write('# made today\n' + text)
open('open.csv', 'w').write(text.rstrip('\n'))
def cell(k, v):
    if k in 'ab' and v not in ('', '?', 'NA', 'inf'): return float(v)
    return None if v == '' else v
with open('new.ndjson', 'w') as f, open('pretty.ndjson', 'w') as g:
    for i, r in enumerate(new):
        row = {k: cell(k, v) for k, v in zip(names, r) if not (k in 'ab' and v == 'inf')}
        if i % 5 == 0: row.pop('town')
        if i % 9 == 0: row['more'] = {'x': [1, '{']}
        f.write(json.dumps(row, ensure_ascii=i % 2 == 0) + '\n')
        g.write(json.dumps(row, indent=2) + '\n')
EOF
model() { # model NAME LABEL DROP MORE
    printf 'name: %s\ndata: {train: train.csv, label: %s, drop: %s}\nmethod: random\nrun_cap: 1\n' "$1" "$2" "$3" > "$1.yaml"
    printf 'run: {keep_models: 1}\ntrain: {epochs: 4, hidden: [16]}\nparameters: {learning_rate: {values: [0.01]}}\n' >> "$1.yaml"
    printf '%s\n' "$4" >> "$1.yaml"
    ok "$1" sweep "$1.yaml" -q
    ok "$1" ensemble "$1" -q
}
model kind kind '[id, y]' 'ensemble: {intervals: [0.8]}'
model number y '[id, kind]' 'ensemble: {intervals: [0.8]}'

# The same bytes as the file's.
same() { # same NAME MODEL FILE OPTIONS...
    local name=$1 model=$2 file=$3 as=()
    shift 3
    case $file in *.ndjson) as=(--json) ;; esac
    "$consort" predict "$model" "$file" "$@" "${as[@]}" -q > whole 2> err < /dev/null || { fail "$name: not whole"; return; }
    ok "$name" predict "$model" "$file" "$@" --stream
    cmp -s whole out || fail "$name: not the same bytes"
    for batch in 1 7 333; do
        ok "$name by $batch" predict "$model" "$file" "$@" --stream --batch $batch --threads 3 -q
        cmp -s whole out || fail "$name by $batch: not the same bytes"
    done
    n=$((n + 1))
    "$consort" predict "$model" --stream "$@" -q < "$file" > out 2> err || fail "$name: from a pipe"
    cmp -s whole out || fail "$name: not the same bytes from a pipe"
}
for file in new crlf mac quoted semicolon plain order bom latin mixed blank title open; do
    same $file kind $file.csv
done
same ids kind new.csv --id id --proba
same "ids that are a feature" kind crlf.csv --id town --top 2
same sets kind quoted.csv --interval all
same json kind new.csv --json --proba --id day
same threshold kind plain.csv --threshold 0.7
same numbers number new.csv --interval 0.8 --id id
same "numbers as json" number blank.csv --json --id b
same objects kind new.ndjson --proba
same "objects over lines" kind pretty.ndjson --id id
same "numbers of objects" number new.ndjson --id a --interval all
sed 1d plain.csv | cut -d, -f2-6 > bare.csv
same "no header" kind bare.csv --header false

# Notes are summed up, once.
ok notes predict kind new.csv --stream
has unseen err 'column `town`: [0-9]+ of [0-9]+ words unknown to the model, first `(Ulm|Köln)` in line [0-9]+$'
has refused err 'column `day`: [0-9]+ cells are no date as those of it and taken as missing, first `soon`$'
has infinite err 'column `b`: [0-9]+ infinite values taken as missing$'
n=$((n + 1))
[ "$(grep -c unseen err)" -le 1 ] && [ "$(wc -l < err)" -lt 8 ] || fail "a note for each block"
ok quiet predict kind new.csv --stream -q
silent quiet err

# Rows that are wrong.
awk 'NR == 1501 { print "9x,no number,2,Oslo,2024-01-01,S,up,1"; next } NR == 2001 { print "too,few"; next } { print }' plain.csv > wrong.csv
expect 3 stop predict kind wrong.csv --stream --batch 400 --id id
has "which row" err '^consort: wrong.csv:1501: column `a`: `no number` is not a number'
is "the rows before it" "$(wc -l < out)" 1500
ok skip predict kind wrong.csv --stream --on-error skip --id id
cp out skipped
is "a row out for each row in" "$(wc -l < skipped)" 2601
is "empty, with its commas" "$(sed -n '1501p;2001p' skipped)" $',,\n,,'
has "each is said" err 'skipped.*wrong.csv:2001: 2 fields, expected 8'
has "and how many" err '2 rows could not be read and are empty in the answer$'
"$consort" predict kind plain.csv --id id -q > whole
is "the others are the same" "$(sed '1501d;2001d' skipped | md5sum)" "$(sed '1501d;2001d' whole | md5sum)"
printf '{"a":1}\n{"a":}\n[3]\n{"a":2}\n' > wrong.ndjson
ok "objects, skip" predict kind wrong.ndjson --stream --on-error skip
is "rows of objects" "$(cut -c1-9 out | tr '\n' ' ')" '{"label": {"error": {"error": {"label": '
has "which object" out '^\{"error":"wrong.ndjson:2: '
expect 3 "objects, stop" predict kind wrong.ndjson --stream
has "which object stopped" err '^consort: wrong.ndjson:2: '
printf 'a,b,town,day,size\n1,2,"never closed,2024-01-01,S\n1,2,Oslo,2024-01-01,S\n' > never.csv
expect 3 "a quote" predict kind never.csv --stream
has "a quote that is not closed" err 'never.csv:2: a quote is opened here and never closed'
: > empty.csv
expect 3 empty predict kind empty.csv --stream
printf 'a,b,town,day,size\n' > header.csv
ok header predict kind header.csv --stream
is "no rows" "$(cat out)" label,confidence
printf 'a,b,day,size\nx,2,soon,S\n' > columns.csv
expect 3 columns predict kind columns.csv --stream
has "which column" err 'columns.csv: column `town` is missing; the model needs it'
gzip -c new.csv > new.csv.gz
expect 3 packed predict kind new.csv.gz --stream
has packed err 'is packed; unpack it first'
printf '[{"a":1}]' > array.json
expect 3 array predict kind array.json --stream
has array err 'is one array'
expect 3 "no file" predict kind nowhere.csv --stream
expect 2 "no column" predict kind new.csv --stream --id nobody
expect 2 "how on error" predict kind new.csv --stream --on-error perhaps
expect 2 "not of a file" predict kind new.csv --batch 3
printf 'a,b,town,day,size\n1,2,\0,2024-01-01,S\n' > zero.csv
expect 3 zero predict kind zero.csv --stream

# A pipe that pauses is answered; one that closes ends the program.
mkfifo in
"$consort" predict kind --stream --id id < in > slow 2> err &
pid=$!
exec 7> in
head -3 plain.csv >&7
answered() { [ "$(wc -l < slow)" = "$1" ]; }
until_so answered 3 || fail "two rows and a pause are not answered"
sed -n 4,5p plain.csv >&7
until_so answered 5 || fail "two more are not"
printf '77x,1,2,Os' >&7
printf 'lo,2024-01-01,S,up,1\n' >&7
until_so answered 6 || fail "the rest of a row is not waited for"
exec 7>&-
wait $pid
is "the end of a pipe" $? 0
is "the last id" "$(tail -1 slow | cut -d, -f1)" 77x
n=$((n + 1))
"$consort" predict kind new.csv --stream 2> err | head -1 > out
case ${PIPESTATUS[0]} in 141 | 1 | 0) ;; *) fail "a closed pipe: exit code ${PIPESTATUS[0]}" ;; esac
if [ -w /dev/full ]; then
    n=$((n + 1))
    "$consort" predict kind new.csv --stream > /dev/full 2> err
    is "a full disk" $? 1
    has "a full disk" err '^consort: cannot write to standard output: '
fi

# However long it is, it takes the memory of a few blocks.
n=$((n + 1))
for i in $(seq 40); do sed 1d plain.csv; done > many
(sed -n 1p plain.csv; for i in 1 2 3; do cat many; done) > long.csv
most() { /usr/bin/time -f %M "$consort" predict kind "$1" --stream -q 2>&1 > out | tail -1; }
if [ -x /usr/bin/time ]; then
    small=$(most plain.csv) large=$(most long.csv)
    is "all rows" "$(wc -l < out)" 312001
    [ "$large" -lt $((small * 3 + 16384)) ] || fail "memory grows: $small KiB, then $large KiB"
else
    skip "memory: no /usr/bin/time"
fi

echo "stream: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
