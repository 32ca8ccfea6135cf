#!/bin/bash
# Every verb that takes --json answers with JSON that says which schema it has, and settings are objects in all of
# them, never text.   tests/cli_json.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
command -v python3 > /dev/null || { skip "no python3 to read JSON with"; exit 0; }
export OPENBLAS_NUM_THREADS=1
asked=

# answers NAME ARGUMENTS...: one document, with "schema": 1, in which every `params` is an object.
# streams NAME ARGUMENTS...: an object a line, the first with "schema": 1.
read -r -d '' checker << 'PY'
import json, sys
def look(node, where):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("params", "example_params", "trace") and value is not None and not isinstance(value, dict):
                sys.exit("%s.%s is no object but %r" % (where, key, value))
            look(value, where + "." + key)
    elif isinstance(node, list):
        for i, value in enumerate(node):
            look(value, "%s[%d]" % (where, i))
strict = lambda word: sys.exit(word + " is not JSON")
texts = open("out").read().splitlines() if sys.argv[1] == "lines" else [open("out").read()]
documents = [json.loads(text, parse_constant=strict) for text in texts]
if documents[0].get("schema") != 1:
    sys.exit("no schema: " + texts[0][:200])
for document in documents:
    look(document, "")
PY
said() { # said HOW NAME
    n=$((n + 1))
    python3 -c "$checker" "$1" 2> why || { cat why >> err; fail "$2: $(head -c 300 why)"; }
}
note_verb() { # the verb of the arguments, one word or two
    case $1 in data | config | model) asked="$asked ${1}_$2" ;; *) asked="$asked $1" ;; esac
}
answers() { local name=$1; shift; note_verb "$@"; ok "$name" "$@" --json; said whole "$name"; }
streams() { local name=$1; shift; note_verb "$@"; ok "$name" "$@" --json; said lines "$name"; }

for i in a b; do
    cat > $i.yaml << YAML
name: $i
method: random
run_cap: 4
metric: {name: val_accuracy}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.01}
  dropout: {min: 0.0, max: 0.3}
data: {format: digits, rows: 300, test_rows: 60, split: {type: holdout, val_fraction: 0.3, seed: 1}}
train: {epochs: 3, hidden: [16], batch_size: 32}
run: {seed: $([ $i = a ] && echo 4 || echo 5), jobs: 2}
YAML
done
printf 'x,y,z\n1,2,p\n2,1,q\n3,5,p\n4,1,q\n' > data.csv

answers check config check a.yaml
has check out '"ok": true'
answers resolve config resolve a.yaml
has resolve out '"learning_rate"'
answers dry_run sweep a.yaml --dry-run
has dry_run out '"resumed": false'
streams run run a.yaml
streams sweep sweep b.yaml
"$consort" best runs/a --yaml > winner.yaml 2> err
streams train train winner.yaml --dir single
answers inspect data inspect data.csv --label z
answers preview data preview a.yaml --augment --set train.augment.rotate_deg=5
answers inside inspect runs/a --row 3
answers data_cache data cache
answers doctor doctor
answers doctor_study doctor runs/a
answers ls ls
answers ls_study ls runs/a
answers show show runs/a 1
answers best best runs/a
answers best_front best runs/a --front
answers status status runs/a
answers importance importance runs/a
answers query query runs/a 'SELECT trial, params FROM leaderboard'
has query out '"params": \{'
answers query_trace query runs/a 'SELECT number, trace, params FROM trial'
answers query_text query runs/a "SELECT 'not {json' AS params_text, '[1' AS words"
answers ensemble ensemble runs/a
answers evaluate evaluate runs/a --final
answers report report runs/a
has report out '"html": "runs/a/report.html"'
answers distill distill runs/a --budget params=2000 --out student.consort
answers export_c export runs/a --to c --out made/it
has export_c out '"header": "made/it.h"'
has export_c out '"held": true'
answers model_show model show runs/a
answers model_verify model verify runs/a
answers model_card model card runs/a
answers model_diff model diff runs/a student.consort
answers export_csv export runs/a --to csv --out trials.csv
has export_csv out '"trials": 4'
answers export_json export runs/a --to json
answers export_json_file export runs/a --to json --out trials.json
answers export_optuna export runs/a --to optuna --out optuna.db
expect 2 export_nowhere export runs/a --to csv --json
has export_nowhere err 'give one with --out'
answers diff diff runs/a 0 1
answers compare compare runs/a runs/b
answers report_several report runs/a runs/b
answers stop stop runs/a
has stop out '"stopped": false'
answers note note runs/a 1 'a note'
answers notes note runs/a
answers enqueue enqueue runs/a learning_rate=0.002 dropout=0.1
answers exclude exclude runs/a 1
answers include include runs/a 1
answers retry retry runs/a --state failed
answers gc gc runs/a --dry-run
answers import import runs/b runs/a --from consort --dry-run
answers merge merge runs/a runs/b --dry-run
answers edit edit runs/a --set parameters.learning_rate.max=0.2
answers versions edit runs/a

# A mistake is no answer: nothing on standard output, one line on the other.
expect 2 mistake config check none.yaml --json
silent mistake out

# Rows of `predict` are no document: a line each, for pipes; they have no schema.
n=$((n + 1))
"$consort" predict runs/a/ensemble.consort single/none --json > out 2> err && fail "predict: of nothing"

# No verb that takes --json is left out.
while read -r verb; do
    # shellcheck disable=SC2086
    "$consort" $verb --help | grep -q -- --json || continue
    case $verb in predict | ask-tell) continue ;; esac
    n=$((n + 1))
    case " $asked " in *" ${verb/ /_} "*) ;; *) fail "$verb takes --json and is not asked here" ;; esac
done < <(sed -nE 's/^    \{"([a-z -]+)", "[^"]*", ".*/\1/p' "$here/../app/verbs/table.c")

echo "$n checks of --json, $failed failed"
[ $failed = 0 ]
