#!/bin/bash
# The first hour: a data file and no configuration, a sweep file to begin with, and the program installed elsewhere,
# far from this repository.   tests/cli_first.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1 TERM=dumb
unset COLUMNS
quick="--trials 2 --set train.epochs=2 --set parameters.hidden.values=[[8]]"

# rows NAMES...: 60 rows of three classes; the last of three columns says which, as does the second.
rows() {
    (IFS=,; echo "$*")
    awk 'BEGIN { for (i = 0; i < 60; i++) printf "%.3f,%d,%s\n", (i * 37 % 60) / 7, i % 3, substr("redtaninkred", 3 * (i % 3) + 1, 3) }'
}

# ---- run DATA --------------------------------------------------------------------------------------

mkdir in && rows width size Colour > in/paint.csv
ok run run in/paint.csv --label Colour $quick
has run out '^model   runs/paint/ensemble\.consort'
has run out '^next    consort predict runs/paint NEW_ROWS'
has run err '^its configuration is runs/paint/sweep\.yaml'
lacks run err 'the label is'
has sweep.yaml runs/paint/sweep.yaml '^# 60 rows, 2 columns, 3 classes: ink 20, red 20, tan 20$'
has sweep.yaml runs/paint/sweep.yaml '^name: paint  +# '
has sweep.yaml runs/paint/sweep.yaml '^  train: "\.\./\.\./in/paint\.csv"  +# '
has sweep.yaml runs/paint/sweep.yaml '^  label: Colour$'
has sweep.yaml runs/paint/sweep.yaml '^  epochs: 2  +# passes over the training rows$'
# Each key has its word, behind it or above.
n=$((n + 1))
awk '/^ *[a-z_]+:/ && !/#/ && before !~ /^ *#/ { print; bad = 1 } { before = $0 } END { exit bad }' runs/paint/sweep.yaml \
    > out || fail "sweep.yaml: a key without a word"
# It is the same study, from wherever the two are, and from the data file again.
ok again run runs/paint/sweep.yaml
has again err '^continuing study paint in runs/paint: 2 trials are there$'
ok again run in/paint.csv --label Colour $quick
has again err '^continuing study paint'
mkdir moved && mv in runs moved && cd moved || exit 1
ok moved config check runs/paint/sweep.yaml
ok moved run runs/paint/sweep.yaml
has moved err '^continuing study paint in runs/paint: 2 trials are there$'
cd .. && mv moved/in moved/runs .
sed -i 's/^run_cap: 2 /run_cap: 3 /' runs/paint/sweep.yaml
ok more run runs/paint/sweep.yaml
has more err '3 complete$'
expect 2 other run in/paint.csv --label Colour --trials 2 --set train.epochs=3
has other err 'begun with another configuration: .*--fresh or --name'
lacks other err 'built in'
ok fresh run in/paint.csv --label Colour $quick --fresh
has fresh runs/paint-2/sweep.yaml '^name: paint-2 '

# A label that is not said: by its name, else the last column, if it holds classes; else the question.
ok last config check in/paint.csv
has last err '^the label is `Colour`, the last column \(--label COLUMN for another\)$'
rows a Target c > t.csv
ok named config check t.csv
has named err '^the label is `Target` \(--label'
rows a class label > t.csv
expect 2 two config check t.csv
has two err 't\.csv: which column is the class\? --label COLUMN says it; it could be class, label$'
printf 'a,b,c\n1,x,0.5\n2,y,0.25\n3,x,0.75\n4,y,0.1\n' > t.csv
expect 2 amounts run t.csv
has amounts err 't\.csv: which column is the class\? --label COLUMN says it; it could be a?,? ?b$|could be b$'
printf 'a,c\n1.5,0.5\n2.5,0.25\n3.5,0.75\n' > t.csv
expect 2 none run t.csv
has none err 't\.csv: no column looks like classes'
expect 3 nowhere run nowhere.csv --label x
has nowhere err 'nowhere\.csv: No such file'
expect 2 no_such run in/paint.csv --label color
has no_such err 'no column `color`'
rows 1 2 3 | tail -n +2 > bare.csv
ok bare config check bare.csv
has bare err '^the label is column 3, the last column'

# A file to test with; other endings with --label; the same for sweep and train, config and init.
ok test run in/paint.csv --test in/paint.csv --name tested $quick
has test runs/tested/sweep.yaml '^  test: "\.\./\.\./in/paint\.csv"'
cp in/paint.csv paint.txt
ok text sweep paint.txt --label Colour $quick --name text
ok train train in/paint.csv --set train.epochs=2 -q
has train out '^model runs/paint@[0-9a-f]{8}/artifacts/trial-000000\.consort$'
ok resolve config resolve in/paint.csv
has resolve out '^  label: Colour$'
expect 2 test_of_config run runs/tested/sweep.yaml --test in/paint.csv
has test_of_config err '--test goes with a data file; in runs/tested/sweep\.yaml it is `data\.test`$'

# Where a configuration or a study belongs, a data file is called what it is.
expect 2 ask ask-tell in/paint.csv
has ask err 'in/paint\.csv is a data file, not a configuration; `consort run in/paint\.csv --label COLUMN`'
expect 2 ls ls in/paint.csv
has ls err 'in/paint\.csv is a data file, not a study'

# Pictures in pairs of files: labels and test rows are found by their names.
if command -v python3 > /dev/null; then
    python3 - << 'PY'
import os, struct
os.mkdir("pictures")
for part, n in (("train", 60), ("t10k", 20)):
    with open("pictures/%s-images-idx3-ubyte" % part, "wb") as f:
        f.write(struct.pack(">IIII", 2051, n, 4, 4))
        for i in range(n):
            f.write(bytes((200 if j % 2 == i % 2 else 7 * i % 50) for j in range(16)))
    with open("pictures/%s-labels-idx1-ubyte" % part, "wb") as f:
        f.write(struct.pack(">II", 2049, n) + bytes(i % 2 for i in range(n)))
PY
    ok images run pictures --trials 1 --set train.epochs=1
    has images err '^test rows are those of pictures/t10k-images-idx3-ubyte$'
    has images runs/pictures/sweep.yaml '^# 60 images of 4 x 4, 2 classes: 0 30, 1 30$'
    has images runs/pictures/sweep.yaml '^  train: "\.\./\.\./pictures/train-images-idx3-ubyte"  +#'
    has images out '^ +accuracy +[01]\.[0-9]+ +20$'
    ok images run runs/pictures/sweep.yaml
    has images err '^continuing study pictures'
    expect 2 folder init in
    has folder err 'in is a folder without pictures and without train-images-idx3-ubyte; name the file'
else
    skip "pictures: python3 writes them"
fi

# ---- evaluate what train left ----------------------------------------------------------------------

study=$(echo runs/paint@*)
ok final evaluate "$study" --final
has final out '^ +accuracy +[01]\.[0-9]+ +12$'
expect 2 final_model evaluate "$study/ensemble.consort" --final
has final_model err '--final needs a study, and .*ensemble\.consort is a model'
expect 2 model_as_study ls "$study/ensemble.consort"
has model_as_study err 'is a model, not a study'
grep -v tan in/paint.csv > in/two.csv
ok two train in/two.csv --set train.epochs=2 -q
for class in ink red; do
    ok "positive $class" evaluate runs/two@* --final --positive-class $class --json
    has "positive $class" out "\"positive\": *\"$class\""
done
ok positive evaluate "$study" --final --positive-class red --json
expect 2 no_class evaluate "$study" --final --positive-class rad
has no_class err '^consort: --positive-class rad: there is no such class; did you mean red\?; classes are ink, red, tan$'
expect 2 no_class evaluate "$study/ensemble.consort" in/paint.csv --positive-class rad
has no_class err 'did you mean red\?'

# ---- the winner, in short and whole ----------------------------------------------------------------

ok short best runs/paint --yaml
cp out short.yaml
ok whole best runs/paint --yaml --full
cp out whole.yaml
n=$((n + 1))
[ "$(wc -l < short.yaml)" -lt 50 ] && [ "$(wc -l < whole.yaml)" -gt 100 ] || fail "best --yaml: not short"
"$consort" config resolve short.yaml > out
is "short and whole" "$(cat out)" "$("$consort" config resolve whole.yaml)"
ok short train short.yaml --out short.consort -q
ok whole train whole.yaml --out whole.consort -q
n=$((n + 1))
cmp short.consort whole.consort > out || fail "short and whole: other models"
is "the same trial" "$("$consort" train short.yaml -q | head -1 | cut -d' ' -f2)" \
    "$("$consort" best runs/paint | sed -n '1s/.* //p')"

# ---- init ------------------------------------------------------------------------------------------

for what in digits table images program; do
    ok "init_$what" init $what --out $what.yaml
    ok "init_$what" config check $what.yaml
    expect 2 "init_$what" init $what --out $what.yaml
    has "init_$what" err "^consort: $what\.yaml is there already, and is not written over"
done
ok init_default init
is init_default "$(cat out)" "$(cat table.yaml)"
for file in digits tabular mnist program; do
    "$consort" init "$([ $file = tabular ] && echo table || ([ $file = mnist ] && echo images || echo $file))" > out
    n=$((n + 1))
    sed 1,2d out | cmp -s - "$here/../configs/$file.yaml" || fail "init: not configs/$file.yaml"
    is "init $file" "$(head -1 out)" '# yaml-language-server: $schema=consort.schema.json'
done
ok init_run run table.yaml $quick --name plain --set data.train=in/paint.csv
ok init_digits run digits.yaml --trials 1 --set train.epochs=1 --set data.rows=200 --set data.test_rows=50
has init_digits out '^model   runs/digits/ensemble'
ok digits sweep digits --trials 1 --set train.epochs=1 --set data.rows=200 --set data.test_rows=50
has digits err '^continuing study digits'
ok script init program.py --out program.py
if command -v python3 > /dev/null; then
    ok program sweep program.yaml --trials 2 --set method=random
    has program out '^best trial'
fi
ok init_data init in/paint.csv --out in/mine.yaml
has init_data err '^in/mine\.yaml: `consort run in/mine\.yaml` runs it'
has init_data in/mine.yaml '^  train: paint\.csv  +#'
has init_data in/mine.yaml '^# decided: the label is `Colour`, the last column'
ok init_data run in/mine.yaml $quick --name mine
has init_data in/mine.yaml '^# yaml-language-server: \$schema=consort\.schema\.json$'
ok schema schema --out in/consort.schema.json
has schema err 'in/consort\.schema\.json: `# yaml-language-server: \$schema=consort\.schema\.json`'
has schema in/consort.schema.json '"\$schema": "https://json-schema\.org/draft/2020-12/schema"'
expect 1 schema_nowhere schema --out nowhere/x.json
expect 2 init_what init tabel
has init_what err 'nothing to begin with is called `tabel`: digits, table, .*did you mean table\?$'
expect 3 init_gone init gone.csv
has init_gone err 'cannot read gone\.csv'
# What the data are called ends no comment.
printf 'a,b\n1,"x\nmethod: grid"\n2,"y\xc2\x85seed: 3"\n3,"x\nmethod: grid"\n4,"y\xc2\x85seed: 3"\n' > lines.csv
ok hostile init lines.csv --out hostile.yaml
ok hostile config check hostile.yaml
has hostile out '^hostile\.yaml: ok: bayes'
awk 'BEGIN { x = "x"; for (i = 0; i < 150; i++) x = x "é"; print x ",b,class"; for (i = 0; i < 20; i++) print "1," i "," i % 2 }' > letters.csv
ok letters init letters.csv --out letters.yaml
ok letters config check letters.yaml
# What they are called in a shell, and what no study may be called.
cp in/paint.csv "a b's #1.csv"
ok blanks run "a b's #1.csv" $quick
is blanks "$(eval "set -- $(sed -n 's/^next    consort predict //p' out)" && echo "$1|$2")" "runs/a b's #1|NEW_ROWS"
is blanks "$(eval "set -- $(sed -n 's/^        consort run //p' out)" && echo "$1|$#")" "runs/a b's #1/sweep.yaml|1"
cp in/paint.csv $'two\nlines.csv'
ok two_lines run $'two\nlines.csv' $quick
has two_lines out '^report  runs/two_lines/report\.html'
long=$(printf 'ü%.0s' {1..124})
cp in/paint.csv "$long.csv"
ok long init "$long.csv" --out long.yaml
ok long config check long.yaml
cp in/paint.csv ./-dash.csv
expect 2 dash init -dash.csv
has dash err 'no option -dash\.csv; the file of that name is \./-dash\.csv$'
# What a shell makes before it runs us is not in the way; what would be passed over is refused.
"$consort" init program.py > program.py 2> err
n=$((n + 1)) && [ -s program.py ] || fail "init program.py > program.py: empty"
expect 2 init_set init table --set run_cap=3
has init_set err '--set is for a data file; `table` is printed as it is'
printf 'method: random\nparameters: {learning_rate: {min: 0.1, max: 0.2}}\n' > sweep.csv
expect 2 yaml run sweep.csv
has yaml err '^consort: sweep\.csv is a configuration by what is in it; give it a name that ends in \.yaml$'
expect 2 not_here run configs/digits.yaml
has not_here err 'No such file or directory; it is inside the program, too: `consort run digits`'

# ---- installed -------------------------------------------------------------------------------------

root=$here/.. prefix=$work/usr
n=$((n + 1))
if make -C "$root" -o all install B="${consort%/*}" PREFIX="$prefix" > out 2> err; then
    mkdir elsewhere && cd elsewhere || exit 1
    consort=$prefix/bin/consort
    ok installed help
    sed -n 's/^ *consort \(run .*[^ ]\)  .*/\1/p' out > steps
    "$consort" schema | cmp -s - "$prefix/share/consort/consort.schema.json" || fail "the installed schema"
    is "where the schema is" "$("$consort" init digits | head -1)" \
        "# yaml-language-server: \$schema=$prefix/share/consort/consort.schema.json"
    is "first steps" "$(wc -l < steps)" 2
    ok step run digits --trials 1 --set train.epochs=1 --set data.rows=200 --set data.test_rows=50
    sed 1s/Colour/Churn/ ../in/paint.csv > churn.csv
    ok step $(grep csv steps) $quick
    ok configs config check "$prefix/share/consort/configs/mnist.yaml"
    expect 3 cure run "$prefix/share/consort/configs/mnist.yaml"
    has cure err 'cannot read .*data/mnist/train-images-idx3-ubyte\.gz: .*--set data\.dir=FOLDER'
    n=$((n + 1))
    for link in $(grep -ohE '\]\([^)#:]+' "$prefix"/share/doc/consort/docs/*.md | cut -c3-); do
        [ -e "$prefix/share/doc/consort/docs/$link" ] || echo "$link"
    done | grep -vE 'CONTRIBUTING|tests/|bench/|^\.\./[a-z]+/$' > out && fail "a link of the installed docs leads nowhere"
    make -C "$root" uninstall PREFIX="$prefix" > out 2> err || fail "uninstall"
    is uninstalled "$(find "$prefix" -type f -o -type l)" ""
else
    fail "make install"
fi

echo "first: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
