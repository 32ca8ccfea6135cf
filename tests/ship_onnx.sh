#!/bin/bash
# Every kind of model as ONNX: sound by onnx's checker, and in onnxruntime what `consort predict` says, over mixed, missing,
# unseen and infinite cells, row by row, a thousand at once, none.   tests/ship_onnx.sh CONSORT [PATTERN]
. "${BASH_SOURCE%/*}/expect.sh"
. "$here/venv.sh"
export OPENBLAS_NUM_THREADS=1
only=${2-}
venv_with numpy onnx onnxruntime || { echo "onnx: $n checks, $failed failed"; [ $failed = 0 ]; exit; }

made() { awk -v rows="$1" 'BEGIN { srand(7); print "a,b c,w,v,when,grade,ten,y,z,n,yes1,yes2,size,two,word"
    for (i = 0; i < rows; i++) {
        a = rand() * 4 - 2; b = exp(rand() * 8 - 2); w = i % 3 ? (i % 7 ? "red" : "green") : "blue"
        y = 30 + 5 * a + (i % 3) * 2 + 2 * (1 + (b > 9)) * (rand() - 0.5); z = 1e6 + a * log(b)
        n = int(exp(1 + 0.5 * a) * 2 * rand()); k = int(rand() * rand() * 12)
        one = a + rand() > 0.5 ? "yes" : "no"; two = a * log(b) + rand() > 0.5 ? 1 : 0
        size = a + k / 9 + rand() < -0.2 ? "small" : a + rand() < 1 ? "medium" : "large"
        grade = a < -1 ? "low" : a < 0 ? "some" : a < 1 ? "much" : "high"
        when = sprintf("20%02d-%02d-%02d %02d:%02d", int(rand() * 30), 1 + int(rand() * 12), 1 + int(rand() * 28),
                       int(rand() * 24), int(rand() * 60))
        if (rand() < 0.1) b = rand() < 0.5 ? "" : "NA"
        if (rand() < 0.08) when = ""
        if (rand() < 0.08) grade = ""
        printf "%.4f,%s,%s,%s,%s,%s,%d,%.4f,%.4f,%d,%s,%s,%s,%s,%s\n", a, b, w, rand() < 0.1 ? "" : "v" k, when, grade,
               rand() < 0.4 ? 0 : rand() * 10, y, z, n, one, two, size, (size == "small") + 0, "the " w " one " k } }'; }
made 300 > t.csv
made 1500 > many.csv
# Beside the rows of training: unseen words, missing cells, infinities, cells far away.
{
    cat t.csv
    cat << 'ROWS'
0.5,3,violet,v99,1999-12-31 23:59,none,11,1,1,1,yes,1,small,1,a
,,,,,,,1,1,1,no,0,small,0,
inf,-inf,red,v1,0099-02-28,high,-5,1,1,1,no,1,large,1,b
1e30,-1e30,blue,NA,9000-03-01 00:00,low,1e9,1,1,1,no,1,large,1,c
nan,1e-30,Red,v 1,2000-02-29 12:00,much,0,1,1,1,no,1,large,1,d
-2,0.13533528,green,v0,2001-03-01,some,5,1,1,1,yes,1,medium,0,e
ROWS
} > rows.csv
python3 - << 'P'
import random
random.seed(3)
for name, channels in (("grey", 1), ("colour", 3)):
    n, side = 120, 6
    import struct
    head = struct.pack(">HBB", 0, 8, 3 + (channels > 1)) + struct.pack(">III", n, side, side)
    if channels > 1:
        head += struct.pack(">I", channels)
    labels = [i % 3 for i in range(n)]
    body = bytes(min(255, random.randrange(120) + 60 * labels[i]) if random.random() < 0.8 else 0
                 for i in range(n) for _ in range(side * side * channels))
    text = "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d%s), }" % (n, side, side, ", 3" if channels > 1 else "")
    text += " " * (63 - (len(text) + 10) % 64) + "\n"
    open(name + ".npy", "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body)
    text = "{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }" % n
    text += " " * (63 - (len(text) + 10) % 64) + "\n"
    open(name + "-y.npy", "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + bytes(labels))
P

wanted() { [ -z "$only" ] || [[ $1 =~ $only ]]; }
pairs=()
# equal NAME MODEL ROWS OPTIONS...: exported, and predicted; compared at the end
equal() {
    local name=$1 model=$2 rows=$3 more
    shift 3
    ok "$name export" export "$model" --to onnx --out "$name.onnx" "$@"
    for more in "--proba --interval all" "--proba" "--interval all" ""; do # what the model has
        # shellcheck disable=SC2086
        "$consort" predict "$model" "$rows" --json $more > "$name.json" 2> err && break
    done || fail "$name: predict"
    n=$((n + 1))
    pairs+=("$name" "$rows")
}
# study NAME LABEL FEATURES SETTINGS...: a small one
study() {
    local name=$1 label=$2 features=$3
    shift 3
    printf 'name: %s\ndata: {train: %s, label: %s, features: %s, split: {type: kfold, folds: 2}}\n' "$name" "${train-t.csv}" "$label" "$features" > "$name.yaml"
    printf 'method: random\nrun_cap: %s\nrun: {keep_models: 6}\ntrain: {epochs: 6, hidden: [12, 12]}\nensemble: {method: average}\n' "${cap-2}" >> "$name.yaml"
    printf 'parameters:\n  learning_rate: {min: 0.005, max: 0.03}\n' >> "$name.yaml"
    local settings=()
    for setting; do settings+=(--set "$setting"); done
    ok "$name sweep" sweep "$name.yaml" -q "${settings[@]}"
    ok "$name ensemble" ensemble "$name"
    cp out "$name.said"
}
# same NAME LABEL FEATURES SETTINGS...
same() {
    wanted "$1" || return 0
    study "$@"
    equal "$1" "$1" rows.csv
}
mixed='[a, "b c", w, v, when, grade, ten]'
numbers='[a, "b c", ten]'
order='data.columns.grade={ordered: [low, some, much, high]}'

# Columns.
same mixed size "$mixed"
same quantile size "$mixed" data.preprocess.numeric=quantile
same bins size "$mixed" data.preprocess.numeric_embedding=ple data.preprocess.ple_bins=6
for numeric in none unit standard minmax robust; do same "$numeric" size "$mixed" data.preprocess.numeric=$numeric; done
same zeros size "$mixed" data.missing.numeric=zero data.missing.categorical=zeros
same rare size "$mixed" data.preprocess.min_count=15
same place size "$mixed" "$order"
same thermometer size "$mixed" "$order" data.preprocess.ordered=thermometer
same steps_in_words size "$mixed" "$order" data.preprocess.ordered=onehot
same embedded size "$mixed" data.preprocess.categorical=embed data.preprocess.embed_above=3
same pbld size "$mixed" data.preprocess.numeric_embedding=pbld data.preprocess.categorical=embed
same periodic size "$mixed" data.preprocess.numeric_embedding=periodic
same derived size "$mixed" data.preprocess.target_encoding=oof data.preprocess.crosses=2 data.preprocess.arithmetic=3 data.preprocess.aggregates=2
same said_missing size "$mixed" 'data.missing_tokens=["", NA, v1, "0"]'
same numbers_only size "$numbers"

# Networks.
for activation in relu leaky_relu tanh sigmoid gelu silu selu mish; do same "$activation" size "$mixed" train.activation=$activation; done
same norm_and_skip size "$mixed" train.norm=layer train.residual=true train.activation=silu

# What is predicted.
same one y "$mixed" ensemble.intervals='[0.8, 0.9]'
same two_numbers '[y, z]' "$mixed" ensemble.intervals='[0.8, 0.9]' ensemble.conformal=plain
same log y "$mixed" train.loss=log
same rate n "$mixed" train.loss=poisson data.task=numbers
same quantiles y "$mixed" data.quantiles='[0.1, 0.5, 0.9]' ensemble.intervals='[0.8, 0.9]' ensemble.conformal=quantiles
same scaled '[y, z]' "$mixed" ensemble.intervals='[0.8, 0.9]' ensemble.conformal=scaled
same ratio y "$mixed" ensemble.intervals='[0.8, 0.9]' ensemble.conformal=ratio
same stacked y "$mixed" ensemble.method=stack train.epochs=2
wanted stacked && has "it is one" stacked.said '^stack of'
same labels '[yes1, yes2]' "$mixed"
same ordered size "$mixed" data.ordinal='[small, medium, large]'
same itself features "$numbers"
same lac size "$mixed" ensemble.intervals='[0.8, 0.9]' ensemble.conformal=lac
same aps size "$mixed" ensemble.intervals='[0.8, 0.9]' ensemble.conformal=aps
same by_class size "$mixed" ensemble.intervals='[0.8, 0.9]' ensemble.conformal=by_class

# Members together, calibration, decision.
cap=8 same vote size "$mixed" ensemble.method=vote ensemble.metric=val_accuracy ensemble.size=3 train.epochs=2 'train.hidden=[6]' run.seed=8
wanted vote && has "several vote" vote.said '^vote of [2-9]'
cap=4 same pool size "$mixed" ensemble.method=stack
wanted pool && has "several are pooled" pool.said '^stack of [2-9]'
for calibrate in none temperature bias vector matrix isotonic; do
    train=many.csv same "by_$calibrate" size "$numbers" ensemble.calibrate=$calibrate train.epochs=2 ensemble.method=stack
    wanted "by_$calibrate" && has "it is calibrated so" "by_$calibrate.said" "calibrated: $calibrate"
done
same costs size "$mixed" 'ensemble.thresholds={cost: {small: {large: 5}}}'
same weights size "$mixed" train.class_weight=balanced ensemble.calibrate=none
same threshold two "$mixed" 'ensemble.thresholds={fixed: {"1": 0.3}}'

# Pictures.
for kind in grey colour; do
    wanted "$kind" || continue
    printf 'name: %s\ndata: {train: {images: %s.npy, labels: %s-y.npy}}\nmethod: random\nrun_cap: 1\ntrain: {epochs: 3}\n' $kind $kind $kind > $kind.yaml
    printf 'parameters: {learning_rate: {values: [0.01]}}\n' >> $kind.yaml
    ok "$kind sweep" sweep $kind.yaml -q
    ok "$kind ensemble" ensemble $kind
    equal $kind $kind $kind.npy
done

# The other forms of input and output; one trial; the same bytes each time.
if wanted forms; then
    study forms size "$numbers"
    equal matrix forms rows.csv --inputs matrix
    equal index forms rows.csv --classes index
    ok "a trial" export forms --to onnx --trial 1
    is "its place" "$(cat out)" runs/forms/trial-1.onnx
    n=$((n + 1)); cp runs/forms/trial-1.onnx once.onnx
    ok "again" export forms --to onnx --trial 1 --json
    has "what is said" out '"to": "onnx"'
    cmp -s once.onnx runs/forms/trial-1.onnx || fail "the same bytes twice"
fi
# docs/reference/export-onnx.md as it stands: its first command, its program in Python.
if wanted page; then
    page=$here/../docs/reference/export-onnx.md
    awk 'BEGIN { print "tenure,contract,extra,Churn"
        for (i = 0; i < 80; i++) printf "%d,%s,%s,%s\n", 20 + i * 7 % 50, i % 3 ? "monthly" : "yearly",
            i % 5 ? i % 4 : "NA", i % 2 ? "yes" : "no" }' > churn.csv
    ok churn run churn.csv --label Churn --trials 1 --set train.epochs=2
    command=$(sed -n 's/^    consort \(export runs\/churn --to onnx.*[^ ]\)  *#.*/\1/p' "$page" | head -1)
    # shellcheck disable=SC2086
    ok "its command" $command
    awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$page" > page.py
    n=$((n + 1))
    "$python" page.py > out 2> err || fail "its program"
    has "what it prints" out '^(yes|no) 0\.[0-9]+$'
fi
. "$here/onnx_shared.sh"
"$python" "$here/onnx_equal.py" "${pairs[@]}" > said 2> why || { failed=$((failed + $(grep -c ^FAILED said))); grep ^FAILED said; tail -20 why; }
is "all of them compared" "$(grep -c '    equal in' said)" "$((${#pairs[@]} / 2))"
[ -z "$only" ] || cat said
echo "onnx: $n checks, $failed failed"
[ $failed = 0 ]
