#!/bin/bash
# On a terminal of so many columns: tables lose columns and say which, help and facts are folded, the line of a sweep
# keeps whole words and the time left, and what is cut has a sign.   tests/cli_terminal.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1 TERM=xterm
unset COLUMNS
# wide N FILE: no line of FILE takes more than N columns; the characters are counted, not the bytes.
wide() {
    n=$((n + 1))
    LC_ALL=C sed 's/[\xc2-\xf4][\x80-\xbf]*/#/g' "$2" |
        awk -v most="$1" 'length > most { print; bad = 1 } END { exit bad }' > too_wide ||
        fail "$3: wider than $1: $(head -1 too_wide)"
}
quick="--set train.epochs=2 --set data.rows=300 --set data.test_rows=20"
ok study sweep digits --trials 8 $quick
table='s/\x1b\[[0-9;]*[A-Za-z]//g; s/\r//g'

# ---- help, everywhere --------------------------------------------------------------------------------

for topic in "" run export "help config" "help presets" "help methods" "data inspect" merge; do
    case $topic in help*) ok help ${topic} ;; *) ok help help $topic ;; esac
    wide 80 out "help $topic"
done
COLUMNS=64 "$consort" help config > out
wide 64 out "help config"
ok groups help
for group in Make Look Change Ship Help; do has groups out "^$group:$"; done
ok show show digits 5
wide 80 out show
has show out '^why +[a-z]'
lacks show out '[{}]'
has show out '^params  [a-z_.]+ [^ ]+, '
# Values of metrics end below each other.
is show "$(awk '/^flops/,/^$/ { if ($0 != "") print length }' out | sed '$d' | sort -u | wc -l)" 1

# ---- a terminal --------------------------------------------------------------------------------------

if script -qec true /dev/null > /dev/null 2>&1 < /dev/null; then
    seen() { # seen COLUMNS ARGUMENTS...
        script -qec "stty cols $1 rows 40; $(printf '%q ' "$consort" "${@:2}")" /dev/null < /dev/null | sed "$table" > out
    }
    seen 80 ls digits
    wide 80 out ls
    has ls out '^trial +state +value +learning_rate +batch_size'
    has ls out '^[0-9]+ columns are left out \(-v shows all\): [a-z_, ]*source'
    seen 80 ls digits -v
    has ls_v out ' source$'
    lacks ls_v out 'left out'
    seen 80 ls digits --columns trial,value,learning_rate,batch_size,num_layers,width_1,width_2,activation,dropout,source
    has ls_columns out ' source$'
    seen 400 ls digits
    has ls_400 out ' source$'
    lacks ls_400 out 'left out'
    seen 40 ls
    wide 40 out ls_studies
    seen 100 help merge
    n=$((n + 1))
    [ "$(awk '{ if (length > most) most = length } END { print most }' out)" -gt 80 ] || fail "help: not as wide as it could be"
    wide 100 out help_100
    # What cannot be left out stands below; names lose their middle; sentences are folded, and letters counted.
    awk 'BEGIN { print "eine Größe,eine_andere_ziemlich_lange_Größe,Beschäftigungsverhältnis der letzten drei Jahre,class"
        for (i = 0; i < 90; i++) printf "%d,%.2f,%s,%s\n", i % 7, i / 7, i % 2 ? "ohne Arbeit seit längerem" : "fest", i % 3 ? "ja" : "nein" }' > people.csv
    ok people run people.csv --name people --trials 22 --set train.epochs=1 \
        --set 'report.by=["Beschäftigungsverhältnis der letzten drei Jahre"]'
    for verb in "importance people" "evaluate people --final" "inspect people" "inspect people people.csv --row 2" \
        "inspect runs/people/ensemble.consort" "data inspect people.csv" "show people 1" "diff people 1 2" doctor \
        "ls people" "run people.csv --name others --trials 2 --set train.epochs=1 -q"; do
        seen 80 $verb
        wide 80 out "$verb"
        n=$((n + 1)) && [ -s out ] || fail "$verb: said nothing"
    done
    seen 80 evaluate people --final
    has segments out '^Beschäftigung.*….*: fest '
    seen 80 evaluate people --final -v
    has segments_v out '^Beschäftigungsverhältnis der letzten drei Jahre: fest'
    is "a block goes on below" "$(seen 60 run people.csv --name third --trials 2 --set train.epochs=1 -q; grep -c '^majority class' out)" 2
    awk 'BEGIN { print "a_rather_long_name_that_ends_in_0,a_rather_long_name_that_ends_in_1,class"; for (i = 0; i < 20; i++) print i "," i * i "," i % 2 }' > ends.csv
    seen 80 data preview ends.csv --label class
    wide 80 out preview
    is "both ends of a name" "$(grep -c '^a_rather_lon.*_in_[01] ' out)" 2
    seen 50 status digits
    script -qec "stty cols 30 rows 40; $(printf '%q ' "$consort" watch digits)" /dev/null < /dev/null | sed "$table" > out
    wide 30 out watch
    has watch out '…$'
else
    skip "there is no terminal to be had"
fi
ok ls_pipe ls digits
has ls_pipe out ' source$'

# ---- the line of a sweep -----------------------------------------------------------------------------

for columns in 120 80 60 40; do
    COLUMNS=$columns "$consort" sweep digits --name "bar$columns" --trials 60 -j 1 $quick --set early_terminate.min_iter=2 \
        --progress bar > /dev/null 2> err
    tr '\r' '\n' < err | sed "$table" | grep -E '[0-9]/60' > out
    wide $((columns - 1)) out "bar $columns"
    n=$((n + 1))
    grep -q 'ETA [0-9]' out || fail "bar $columns: no time left"
    # Whole words: each line ends in one of these.
    lacks "bar $columns" out '[^.=>0-9gdshm)n]$|/mi?$'
    lacks "bar $columns" out '[2-9] running'
done
tr '\r' '\n' < err | sed "$table" | grep '^trial' > out
is "scores stand below each other" "$(awk '/f1_macro/ { print index($0, "f1_macro"), length($5) }' out | sort -u | wc -l)" 1
ok verbose train digits -v $quick
has verbose err '^trial 0 fold 0 epoch 2  lr .*  val_f1_macro [01]\.[0-9]{5}$'
printf 'train: {epochs: 2}\ndata: {format: digits, rows: 200, test_rows: 20}\n' > plain.yaml
ok plain train plain.yaml -v
lacks plain err '\{\}'
ok doctor doctor
lacks doctor out ' (true|false)$'
echo "terminal: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
