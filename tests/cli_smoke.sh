#!/bin/bash
# Every verb once, on a study of seconds: answers on stdout, the rest on stderr, exit codes, and files
# that other programs can read.   tests/cli_smoke.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export TERM=xterm OPENBLAS_NUM_THREADS=1
# json NAME FILE: the file, or each of its lines, is JSON. SQLite, which we have, reads it.
json() {
    n=$((n + 1))
    local line
    if [ "${3-}" = lines ]; then
        while IFS= read -r line; do
            case $line in '{'*'}') ;; *) fail "$1: not a JSON object on one line: $line" ;; esac
        done < "$2"
    fi
    if command -v jq > /dev/null; then
        jq -e . "$2" > /dev/null 2>> err || fail "$1: $2 is not JSON"
    elif command -v python3 > /dev/null; then
        if [ "${3-}" = lines ]; then
            python3 -c 'import json, sys
for line in open(sys.argv[1]): json.loads(line)' "$2" 2>> err || fail "$1: $2 is not JSON"
        else
            python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$2" 2>> err \
                || fail "$1: $2 is not JSON"
        fi
    fi
}

# ---- about the program ---------------------------------------------------------------------------

ok version --version
has version out '^consort [0-9]+\.[0-9]+\.[0-9]+$'
expect 2 nothing
ok help help
has help out '^ +sweep CONFIG'
ok help_config help config
has help_config out 'learning_rate'
verbs="run sweep train ls show best importance status query ensemble evaluate predict report export import
diff watch stop enqueue retry exclude include note gc inspect data_inspect data_preview data_cache config_check config_resolve doctor completion man help"
for verb in $verbs; do
    ok "help_$verb" help ${verb/_/ }
    cp out help.txt
    has "help_$verb" out "consort ${verb/_/ }"
    ok "help_$verb" ${verb/_/ } --help
    n=$((n + 1))
    cmp -s out help.txt || fail "help_$verb: --help and help differ"
done
for shell in bash zsh fish; do
    ok "completion_$shell" completion $shell
    has "completion_$shell" out 'complete --'
    if [ $shell = fish ]; then
        command -v fish > /dev/null && { fish -n out 2> err || fail "completion_fish: fish does not read it"; }
    elif command -v $shell > /dev/null; then
        n=$((n + 1))
        $shell -n out 2> err || fail "completion_$shell: $shell does not read it"
    fi
done
ok man man
has man out '^\.TH CONSORT 1'
has man out 'require'
if command -v man > /dev/null && command -v groff > /dev/null; then
    cp out consort.1
    n=$((n + 1))
    MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z consort.1 2> err > /dev/null
    [ ! -s err ] || fail "man: groff warns"
elif command -v groff > /dev/null; then
    cp out consort.1
    n=$((n + 1))
    groff -man -ww -Tutf8 -z consort.1 2> err
    [ ! -s err ] || fail "man: groff warns"
else
    skip "rendering the manual page: no man, no groff"
fi
ok doctor doctor
has doctor out 'sqlite_version'
ok doctor_json doctor --json
json doctor_json out
ok ls_nowhere ls
silent ls_nowhere out

# ---- the whole job -------------------------------------------------------------------------------

cat > digits.yaml <<'YAML'
name: digits
method: random
run_cap: 4
metric: {name: val_accuracy}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.01}
  dropout: {min: 0.0, max: 0.3}
data: {format: digits, rows: 300, test_rows: 60, split: {type: holdout, val_fraction: 0.3, seed: 1}}
train: {epochs: 3, hidden: [16], batch_size: 32}
run: {seed: 4, jobs: 2}
YAML

ok check config check digits.yaml
silent check err
has check out 'digits.yaml: ok'
ok resolve config resolve digits.yaml
silent resolve err
cp out resolved.yaml
ok resolve_again config resolve resolved.yaml
n=$((n + 1))
cmp -s out resolved.yaml || fail "resolve_again: a resolved configuration resolves to another"
ok dry_run sweep digits.yaml --dry-run
has dry_run out 'trials +4'
[ ! -e runs ] || fail "dry_run: it made a folder"

ok run run digits.yaml
has run out '^model +runs/digits/ensemble.consort'
has run out '^test +f1_macro'
has run err '^trial [0-3] '
lacks run err $'[\033\r]'
lacks run out $'[\033\r]'
for file in trials.db ensemble.consort ensemble.c ensemble.h report.html report.md report.json \
    data-card.json; do
    [ -s runs/digits/$file ] || fail "run: no runs/digits/$file"
done
json run runs/digits/report.json
has run_html runs/digits/report.html '</html>'
lacks run_html runs/digits/report.html '(src|href)="https?://'
ok continued sweep digits.yaml
has continued err 'continuing study'
has continued out '^best trial [0-3]: val_accuracy 0\.[0-9]+'
ok quiet sweep digits.yaml -q
silent quiet err
ok nothing_to_say sweep digits.yaml -qq --json
silent nothing_to_say err

# ---- looking at it -------------------------------------------------------------------------------

ok ls ls
has ls out 'digits'
ok ls_all_csv ls --csv
has ls_all_csv out '^digits,DONE,random,val_accuracy,4,0\.'
ok ls_all_json ls --json
json ls_all_json out
has ls_all_json out '"study": "digits"'
ok ls_all_md ls --md
has ls_all_md out '^\| digits \| DONE'
ok ls_table ls runs/digits
is ls_table "$(grep -c COMPLETE out)" 4
silent ls_table err
ok ls_csv ls digits --csv
is ls_csv "$(wc -l < out)" 5
has ls_csv out '^trial_id,trial,|^trial,'
ok ls_json ls --dir runs/digits --json
json ls_json out
ok ls_md ls runs/digits --md
has ls_md out '^\| *---'
ok ls_top ls runs/digits --top 2 --csv --columns trial,value
is ls_top "$(wc -l < out)" 3
is ls_top_sorted "$(tail -2 out | cut -d, -f2 | sort -gr | tr '\n' ' ')" \
    "$(tail -2 out | cut -d, -f2 | tr '\n' ' ')"
ok ls_where ls runs/digits --where 'trial >= 2' --csv
is ls_where "$(wc -l < out)" 3
ok ls_state ls runs/digits --state failed --csv
is ls_state "$(wc -l < out)" 1
ok ls_sort ls runs/digits --sort 'trial DESC' --columns trial --csv
is ls_sort "$(sed -n 2p out)" 3
ok ls_changed ls runs/digits --only-changed --csv
lacks ls_changed out 'COMPLETE'
ok ls_yaml ls digits.yaml
is ls_yaml "$(grep -c COMPLETE out)" 4
ok show show runs/digits 1
has show out '^trial 1 of digits: COMPLETE'
has show out 'precision'
has show out '^cpu_s [0-9.]+s, peak_bytes [0-9.]+ [KM]iB$'
ok ls_measured ls runs/digits --columns 'trial, cpu_s, peak_bytes, seed' --where 'cpu_s > 0 AND peak_bytes > 0' \
    --sort 'peak_bytes, trial' --csv
has ls_measured out '^trial,cpu_s,peak_bytes,seed'
is ls_measured "$(wc -l < out)" 5
ok ls_by_measure ls runs/digits --where 'cpu_s > 0' --csv
lacks ls_by_measure out 'cpu_s'
ok show_json show 1 --json # the only study: it need not be named
json show_json out
has show_json out '"cpu_s": [0-9.]+,'
has show_json out '"peak_bytes": [1-9][0-9]*,'
ok diff diff runs/digits 0 1
has diff out 'learning_rate'
has diff out 'on the 90 rows that both predicted, trial 1 minus trial 0'
has diff out 'macro F1 .*no test: too few rows of some class'
has diff out 'log loss .* p = '
ok diff_json diff runs/digits 0 1 --json
json diff_json out
expect 2 diff_gone diff runs/digits 0 99
has diff_gone err 'no trial 99'
ok best best
has best out 'learning_rate'
ok best_json best runs/digits --json
json best_json out
ok best_metric best runs/digits --metric val_log_loss
has best_metric out 'log_loss'
ok importance importance
has importance out 'fewer than 20 do not tell|same score'
ok importance_json importance runs/digits --json --top-share 0.5
json importance_json out
ok importance_csv importance --csv --metric log_loss
expect 2 importance_share importance --top-share 1.5
has importance_share err 'between 0 and 1'
expect 2 importance_metric importance --metric acuracy
has importance_metric err 'did you mean accuracy'
ok best_yaml best runs/digits --yaml
cp out winner.yaml
ok winner_check config check winner.yaml
ok train train winner.yaml --out winner.consort -q
has train out '^model winner.consort'
is winner "$(sed -n 's/^val_accuracy //p' out)" \
    "$("$consort" best runs/digits | sed -n 's/^trial [0-9]*  val_accuracy //p')"
ok status status runs/digits
has status out 'digits'
ok status_json status runs/digits --json
json status_json out
ok query query runs/digits 'SELECT count(*) AS n FROM trial WHERE state = '"'COMPLETE'" --csv
is query "$(tr '\n' ' ' < out)" "n 4 "
ok query_json query runs/digits 'SELECT trial, value FROM leaderboard' --json
json query_json out
expect 2 query_near query runs/digits 'SELECT vlaue FROM leaderboard'
has query_near err 'no such column: vlaue \(did you mean value\?\), at character 8'
expect 2 query_table query runs/digits 'SELECT * FROM leaderbord'
has query_table err 'did you mean leaderboard'
expect 2 ls_near ls runs/digits --columns trial,learnin_rate
has ls_near err 'did you mean learning_rate'
ok doctor_study doctor runs/digits
has doctor_study out 'integrity_check +ok'

# ---- products ------------------------------------------------------------------------------------

for method in greedy average weighted vote; do
    ok "ensemble_$method" ensemble runs/digits --method $method --size 3
    ok "ensemble_$method" ensemble runs/digits --method $method --size 3 --json
    json "ensemble_$method" out
done
ok ensemble ensemble runs/digits --metric val_f1_macro
ok evaluate evaluate runs/digits --final
has evaluate out 'f1'
ok evaluate_json evaluate runs/digits --final --json
json evaluate_json out
ok looks query runs/digits "SELECT count(*) FROM event WHERE code = 'TEST_LOOK'" --csv
is looks "$(tail -1 out)" 3 # by run and twice by evaluate
expect 6 gate evaluate runs/digits --final --min accuracy=1.01
has gate err 'accuracy is .* gate is 1.01'
ok gate_holds evaluate runs/digits --final --min accuracy=0 --min log_loss=100
ok report report runs/digits
has report out 'runs/digits/report.html'
ok report_top report runs/digits --top 2
ok export export runs/digits --to c --out c/net
[ -s c/net.c ] && [ -s c/net.h ] || fail "export: no c/net.c or c/net.h"
ok export_csv export runs/digits --to csv
is export_csv "$(wc -l < out)" 5
has export_csv out '^trial,state,source,value,value_sd,learning_rate,dropout,cost_flops,.*val_accuracy,'
has export_csv out ',seconds,cpu_s,peak_bytes,start_utc,'
silent export_csv err
ok export_json export runs/digits --to json --out trials.json
silent export_json out
json export_json trials.json
ok export_top export runs/digits --to csv --top 1
is export_top "$(tail -1 out | cut -d, -f1)" "$("$consort" best runs/digits | sed -n 's/^trial \([0-9]*\) .*/\1/p')"
ok export_optuna export runs/digits --to optuna --out optuna.db
is export_optuna "$(cat out)" optuna.db
expect 2 export_twice export runs/digits --to optuna --out optuna.db
has export_twice err 'is there already'
expect 2 export_nowhere export runs/digits --to optuna
has export_nowhere err '.--out is missing'
expect 2 export_near export runs/digits --to optunna
has export_near err 'did you mean --to optuna'

# ---- a table: nominal and missing cells, from CSV to compiled C ----------------------------------

awk 'BEGIN {
    print "size,colour,weight,shop,kind"
    split("red green blue", colour, " "); split("north south", shop, " ")
    for (i = 0; i < 240; i++) {
        size = i * 7919 % 101; c = 1 + i * 31 % 3; w = i * 104729 % 97
        kind = size + 20 * c + w / 3 > 110 ? "large" : size > 40 ? "middle" : "small, or less"
        printf "%s,%s,%s,", i % 11 ? size : "", i % 13 ? colour[c] : "?", w / 10
        printf "%s,\"%s\"\n", shop[1 + i % 2], kind
    } }' > table.csv
cat > table.yaml <<'YAML'
name: table
method: random
run_cap: 3
metric: {name: val_f1_macro}
parameters: {learning_rate: {min: 0.003, max: 0.03}, activation: {values: [relu, gelu, tanh]}}
data:
  train: table.csv
  test: {fraction: 0.2, seed: 1}
  split: {type: kfold, folds: 3, seed: 2}
  missing: {numeric: median+indicator, categorical: own_level}
train: {epochs: 6, hidden: [12], batch_size: 32}
run: {seed: 1, jobs: 2}
YAML
ok inspect data inspect table.csv
has inspect out '240 rows, 4 columns, 3 classes'
ok inspect_json data inspect table.csv --json
json inspect_json out
ok table run table.yaml -q
silent table err
model=runs/table/ensemble.consort
ok table_evaluate evaluate $model table.csv
has table_evaluate out 'small, or less'
expect 6 table_gate evaluate $model table.csv --min f1_macro=1.5
ok predict predict $model table.csv --proba
silent predict err
is predict "$(wc -l < out)" 241
has predict out '^label,confidence,large,middle,"small, or less"$'
cp out proba.csv
is sums "$(sed '1d; s/"[^"]*"/x/' proba.csv | awk -F, '
    { s = $3 + $4 + $5; if (s < 0.99999 || s > 1.00001) bad++ } END { print bad + 0 }')" 0
ok predict_top predict $model table.csv --top 2
has predict_top out '^label,confidence,label_1,p_1,label_2,p_2$'
n=$((n + 1))
"$consort" predict $model --proba < table.csv > out 2> err || fail "predict from standard input"
cmp -s out proba.csv || fail "predict: standard input and the file differ"
n=$((n + 1))
head -5 table.csv | "$consort" predict $model - --json --proba > out 2> err || fail "predict - --json"
is predict_json "$(wc -l < out)" 4
json predict_json out lines
# Columns in another order, one more, no label: matched by name.
awk -F, '{ print $4 ",x" NR "," $3 "," $2 "," $1 }' table.csv \
    | sed '1s/.*/shop,extra,weight,colour,size/' > turned.csv
ok turned predict $model turned.csv --proba
n=$((n + 1))
cmp -s out proba.csv || fail "turned: another order of columns gives other answers"

# The C99 file: its self-test, and beside `predict` on the same 240 rows of text.
ok table_export export $model --to c --out c/table --sample table.csv
cat > c/main.c <<'END'
#include <stdio.h>
#include <string.h>
#include "table.h"
int main(void)
{
    char line[256];
    int bad = table_selftest();
    if (bad) return printf("the self-test fails at row %d\n", bad), 1;
    while (fgets(line, sizeof line, stdin)) {
        const char *fields[TABLE_N_INPUTS];
        table_input x[TABLE_N_INPUTS];
        float p[TABLE_N_CLASSES];
        char *at = line;
        for (int i = 0; i < TABLE_N_INPUTS; i++) {
            fields[i] = at;
            at += strcspn(at, ",");
            *at++ = '\0';
        }
        if (table_encode_row(fields, x)) return puts("a row was not understood"), 1;
        table_predict(x, p);
        for (int c = 0; c < TABLE_N_CLASSES; c++) printf("%s%.9g", c ? "," : "", (double)p[c]);
        printf("\n");
    }
    return 0;
}
END
sed 1d table.csv > rows.csv
sed '1d; s/"[^"]*"/x/' proba.csv | cut -d, -f3- > wanted.csv
for flags in '-std=c99 -O0' '-std=c99 -O2'; do
    n=$((n + 1))
    # shellcheck disable=SC2086
    ${CC:-cc} $flags -Wall -Wextra -Werror -pedantic -o c/main c/main.c c/table.c -lm 2> err > out \
        || fail "export: cc $flags"
    c/main < rows.csv > out 2> err || fail "export: the C program, cc $flags"
    is "export: rows" "$(wc -l < out)" 240
    is "export: off by more than 2e-5, cc $flags" "$(paste -d, out wanted.csv | awk -F, '
        { for (i = 1; i <= 3; i++) { d = $i - $(i + 3); if (d > 2e-5 || d < -2e-5) bad++ } }
        END { print bad + 0 }')" 0
done

# ---- events, signals, failures ---------------------------------------------------------------------

ok events sweep digits.yaml --dir events --json -q
json events out lines
silent events err
is events_study "$(head -1 out | grep -c '"event":"study"')" 1
is events_ends "$(grep -c '"event":"trial_end"' out)" 4
has events_metric out '"metric":"val_accuracy"'
is events_last "$(tail -1 out | grep -c '"event":"end"')" 1
ok verbose sweep digits.yaml --dir verbose -v -v
has verbose err 'epoch 2'
ok bar sweep digits.yaml --dir bar --progress bar
has bar err $'\r'
NO_COLOR=1 expect 0 no_color sweep digits.yaml --dir no_color --progress bar
lacks no_color err $'\033\\[[0-9;]*m'
TERM=dumb expect 0 dumb sweep digits.yaml --dir dumb
lacks dumb err $'[\033\r]'
has dumb err '^trial 3 done'

cat > wild.yaml <<'YAML'
name: wild
method: random
run_cap: 2
metric: {name: val_accuracy}
parameters: {dropout: {min: 0.0, max: 0.1}}
data: {format: digits, rows: 200, test_rows: 20}
train: {epochs: 4, hidden: [32, 32], activation: selu, optimizer: sgd, learning_rate: 100, clip_norm: 0}
YAML
expect 5 diverged sweep wild.yaml
has diverged err 'no trial succeeded'
silent diverged out
ok diverged_why ls runs/wild
has diverged_why out 'DIVERGED'
expect 5 diverged_again sweep wild.yaml
expect 6 target sweep digits.yaml --dir target --set metric.target=1.5 --require-target
has target err 'target 1.5 was not reached'

# SIGINT once: 130, everything saved; the same command goes on to what it would have been.
sed 's/^name: .*/name: long/; s/^run_cap: .*/run_cap: 12/' digits.yaml > long.yaml
if can_hold; then
    held trial-000002. "$work/go" exec "$consort" sweep long.yaml > out 2> err &
    pid=$!
    until_so grep -q '^trial 0 ' err
    kill -INT $pid
    until_so grep -q 'stopping after' err
    : > go
    wait $pid
    is interrupt $? 130
    has interrupt err 'stopping after the current epochs'
    has interrupt err 'the same command continues'
    ok interrupt_status query runs/long "SELECT count(*) FROM trial WHERE state = 'RUNNING'" --csv
    is interrupt_status "$(tail -1 out)" 0
    ok interrupt_continue sweep long.yaml
    has interrupt_continue err 'continuing study long'
    ok interrupt_count query runs/long "SELECT count(*), min(state) FROM trial" --csv
    is interrupt_count "$(tail -1 out)" "12,COMPLETE"
else
    skip "Ctrl-C: no library can be made that holds a sweep up: $(head -1 shim.txt)"
fi
ok fresh sweep digits.yaml --fresh -q
[ -e runs/digits-2/trials.db ] || fail "fresh: no runs/digits-2"
ok shared sweep digits.yaml --db all.db --name one -q
ok shared sweep digits.yaml --db all.db --name two -q --seed 9
ok shared_fresh sweep digits.yaml --db all.db --name two -q --fresh
ok shared_fresh_name query all.db "SELECT group_concat(name, ' ') FROM study" --csv
is shared_fresh_name "$(tail -1 out)" "one two two-2"
ok shared_one status all.db:two
has shared_one out two
ok shared_which ls all.db
has shared_which out '^one +DONE'
has shared_which out '^two +DONE'
n=$((n + 1))
"$consort" ls runs/digits --csv 2> err | head -1 > out
silent closed_pipe err

echo "$n checks of the command line, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ]
