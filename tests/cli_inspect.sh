#!/bin/bash
# The inside of networks: of studies, model files and data; rows, mistakes and augmented pictures.
#   tests/cli_inspect.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
python() { python3 -c "import json, sys; d = json.load(open(sys.argv[1])); $1" "${2:-out}"; }
told() { n=$((n + 1)); python "assert $2, ($3)" "${4:-out}" 2> err || fail "$1"; } # NAME CONDITION SHOWN [FILE]

# ---- pictures, hold-out ----
cat > digits.yaml <<'YAML'
name: digits
metric: {name: val_f1_macro, goal: maximize}
method: random
run_cap: 2
parameters: {learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.01}}
data: {format: digits, rows: 500, test_rows: 120, split: {val_fraction: 0.2}}
train: {hidden: [24, 12], epochs: 3}
run: {seed: 3}
YAML
ok run run digits.yaml -q
told report "d['inside']['first_layer']['kind'] == 'tiles' and d['inside']['where'] == 'test set'" "d['inside'].keys()" \
    runs/digits/report.json
told tiles "len(d['inside']['first_layer']['tiles']) == 24 and len(d['inside']['rows']) == 10" "0" runs/digits/report.json
told norms "(lambda t: t == sorted(t, reverse=True))([x['norm'] for x in d['inside']['first_layer']['tiles']])" "0" \
    runs/digits/report.json
told where_it_stands "all(m['source_row'] == m['row'] + 1 for m in d['test']['mistakes'])" "0" runs/digits/report.json
ok pictures inspect runs/digits
has pictures out '^first weights, the longest first'
has pictures out '^layer +units'
ok a_row inspect runs/digits --row 7
has a_row out '^row 7: [0-9] with probability .*; its class is [0-9]$'
ok json inspect runs/digits --row 7 --json
told asked "d['rows'][0]['why'] == 'asked' and d['rows'][0]['row'] == 7 and abs(sum(d['rows'][0]['proba']) - 1) < 1e-3" "d['rows'][0]['row']"
ok page inspect runs/digits --row 7 --html inside.html
has page out '^inside.html$'
has page inside.html 'data-chart="asked"'
ok trial inspect runs/digits --trial 0 --json
told trial "d['member'] == 'trial 0' and d['members'] == 1" "d['member']"
ok file_alone inspect runs/digits/ensemble.consort --json
told file_alone "d['rows_looked'] == 0 and 'rows' not in d and 'activations' not in d['layers'][0]" "d.keys()"
ok member inspect runs/digits/ensemble.consort --member 1 --net 1

# ---- tables: k folds, an identifier, hostile names, rows without a label ----
python3 - <<'PY'
import random
random.seed(5)
with open("t.csv", "w") as f:
    f.write('key,<b>size,colour,noise,class\n')
    for i in range(300):
        size, colour = random.gauss(0, 1), random.choice(["red", "green", "<i>blue"])
        y = "a<script>" if size + (colour == "red") + .4 * random.gauss(0, 1) > .4 else "b"
        f.write(f"k{i},{size:.3f},{colour},{random.random():.3f},{'' if i == 10 else y}\n")
PY
cat > t.yaml <<'YAML'
name: t
metric: {name: val_accuracy, goal: maximize}
method: random
run_cap: 2
parameters: {learning_rate: {distribution: log_uniform_values, min: 0.003, max: 0.03}}
data: {train: t.csv, test: {fraction: 0.3}, split: {type: kfold, folds: 3}}
train: {hidden: [8], epochs: 6}
run: {seed: 3}
YAML
ok sweep sweep t.yaml --progress none
ok ensemble ensemble runs/t
# No test set was opened: validation rows, each by the networks that did not see it.
ok folds inspect runs/t --json
told folds "d['where'] == 'validation rows' and d['importance']['out_of_fold'] and d['nets'] == 3" "d['where']"
told folds_columns "[f['name'] for f in d['importance']['features']][:2] in (['<b>size', 'colour'], ['colour', '<b>size'])" \
    "d['importance']"
told folds_noise "d['importance']['features'][-1]['name'] == 'noise' and len(d['dependence']) == 3" "d['importance']"
told folds_levels "[x for x in d['dependence'] if x['name'] == 'colour'][0]['shares'].__len__() == 3" "d['dependence']"
told heat "{r['input'] for r in d['first_layer']['rows']} >= {'<b>size', 'colour is red', 'noise'}" "d['first_layer']['rows']"
# The out-of-fold answers are those that the trial was scored by.
ok scored query runs/t "SELECT value FROM trial WHERE number = 0" --csv
value=$(sed -n 2p out)
ok scored inspect runs/t --trial 0 --json
told scored "abs(d['importance']['score'] - $value) < 1e-4 and d['importance']['rows'] == 209" "(d['importance'], $value)"
ok folds_text inspect runs/t
has folds_text out '^What accuracy loses when a column is shuffled'
ok run_t run t.yaml -q
ok after inspect runs/t --json
told after "d['where'] == 'test set' and not d['importance']['out_of_fold']" "d['where']"
told mistakes "all(set(m) >= {'source_row', 'id', 'values'} and m['id'] == 'k%d' % (m['source_row'] - 1) for m in d['test']['mistakes'])" \
    "d['test']['mistakes'][:1]" runs/t/report.json
told mistakes_values "set(d['test']['mistakes'][0]['values']) == {'<b>size', 'colour', 'noise'}" "d['test']['mistakes'][:1]" \
    runs/t/report.json
has mistakes_table runs/t/report.html 'identifier'
lacks hostile runs/t/report.html '<b>size|<script>a|a<script>'
ok evaluated evaluate runs/t/ensemble.consort t.csv --json
told evaluated "all(m['source_row'] == m['row'] + 1 and set(m['values']) == {'<b>size', 'colour', 'noise'} for m in d['mistakes'])" "0"
ok evaluated_final evaluate runs/t --final --json
told evaluated_final "all(m['id'] == 'k%d' % (m['source_row'] - 1) for m in d['mistakes'])" "d['mistakes'][:1]"
row=$(python "print(d['test']['mistakes'][0]['source_row'])" runs/t/report.json)
ok row_of_file inspect runs/t --row "$row"
has row_of_file out "^row $row \(k$((row - 1))\): "
has row_of_file out '^<b>size +-?[0-9.]+ +[+-]0\.[0-9]+$'
ok data inspect runs/t/ensemble.consort t.csv --row 5 --html row.html
lacks data row.html '<b>size|<i>blue'
ok data_json inspect runs/t/ensemble.consort t.csv --row 5 --json
told data_json "d['where'] == 'data given' and d['rows'][0]['row'] == 5 and len(d['rows'][0]['values']) == 3" "d['rows'][0]"

# ---- previews ----
ok preview data preview t.yaml
has preview out '^row +[0-9]+ +[0-9]+ +[0-9]+$'
has preview out '^  -> is red +[01] +[01] +[01]$'
has preview out '^class +(a<script>|b) '
ok preview_json data preview t.yaml --json
told preview_json "[c['name'] for c in d['columns']] == ['<b>size', 'colour', 'noise'] and len(d['rows']) == 3" "d"
ok pictures_read data preview digits.yaml
has pictures_read out '^0, row [0-9]+; 1, row [0-9]+; 2, row'
expect 2 nothing_augmented data preview digits.yaml --augment
has nothing_augmented err 'nothing is augmented'
expect 2 no_pictures data preview t.yaml --augment
has no_pictures err 'the rows are no pictures'
expect 2 out_of_nothing data preview t.yaml --out x.html
turned=train.augment.rotate_deg=20
ok sheet data preview digits.yaml --augment --set $turned
has sheet out '^as configured: rotate_deg 20$'
ok sheet_page data preview digits.yaml --augment --set $turned --out sheet.html
has sheet_page sheet.html 'data-chart="augmented"'
ok sheet_json data preview digits.yaml --augment --json --set $turned \
    --set 'parameters.augment={parameters: {shift_px: {min: 1.0, max: 4.0}}}'
told ends "[s['settings'] for s in d['sets']] == [{'rotate_deg': 20, 'shift_px': 1}, {'rotate_deg': 20, 'shift_px': 4}]" \
    "[s['settings'] for s in d['sets']]"
told moved "len({s['pixels'] for s in d['sets']}) == 2 and len(d['originals']) == 10" "0"
ok augmented_run run digits.yaml -q --name turned --set $turned
told augmented_run "d['augmented']['sets'][0]['name'] == 'as configured'" "0" runs/turned/report.json
told history "d['inside']['history']['epochs'] == [1, 2, 3]" "0" runs/turned/report.json
told no_sheet "d['augmented'] is None" "0" runs/digits/report.json

# ---- what cannot be ----
expect 2 no_row inspect runs/t --row 9999
has no_row err '--row 9999: there is no such row; the last is [0-9]+'
expect 2 other_row inspect runs/t --row 11
has other_row err '--row 11: that row is not among the'
expect 2 row_of_nothing inspect runs/t/ensemble.consort --row 3
has row_of_nothing err 'Give them behind the model'
expect 2 no_trial inspect runs/t --trial 77
has no_trial err 'no trial 77'
expect 2 no_member inspect runs/t/ensemble.consort --member 40
has no_member err 'no member 40; it has 1 to'
expect 2 no_net inspect runs/t --net 9
has no_net err 'has no network 9; it has 1 to 3'
expect 2 both inspect runs/t --trial 0 --member 1
expect 3 wrong_columns inspect runs/t/ensemble.consort runs/t/report.json
printf 'x,y\n1,2\n' > other.csv
expect 3 other_columns inspect runs/t/ensemble.consort other.csv
has other_columns err 'the model expects 3'
expect 3 pictures_for_a_table inspect runs/digits/ensemble.consort t.csv
cat > program.yaml <<'YAML'
name: program
program: p.sh
command: [sh, "${program}"]
metric: {name: loss, goal: minimize, pattern: "loss=([0-9.]+)"}
parameters: {x: {values: [1, 2]}}
method: grid
YAML
echo 'echo loss=1' > p.sh
ok program_runs sweep program.yaml --progress none
expect 2 program_preview data preview program.yaml --augment
has program_preview err "a program's data are its own"
expect 2 program inspect runs/program
has program err 'runs a program of yours: there are no networks'
echo "cli_inspect: $n checks, $failed failed"
[ $failed = 0 ]
