#!/bin/sh
# How fast training and prediction are, beside the peers that a Python has: PyTorch (eager and torch.compile),
# scikit-learn, onnxruntime. PYTHON=... names one; `python3 -m venv /somewhere && /somewhere/bin/pip install torch
# scikit-learn onnx onnxruntime` makes one. One core, CPU time; then two trials on two cores. The contenders take
# turns, ROUNDS times (3), and of each case the fastest turn counts: what the others on the machine disturbed
# least. Writes the tables into bench/RESULTS.md, between its two comments.
#   bench/run.sh BUILD
set -eu
build=$1 python=${PYTHON:-python3} out=$1/bench
pin=$(command -v taskset >/dev/null && echo "taskset -c 0" || true)
cores=$(nproc) rounds=${ROUNDS:-3}
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

have() { "$python" -c "import $1" 2>/dev/null; }
# turn NAME COMMAND...: one turn of a contender, kept as NAME.ROUND.
turn() {
    file=$out/$1.$round
    shift
    echo
    $pin "$@" > "$file" 2>"$out/peer.log" || { echo "$* failed:"; tail -3 "$out/peer.log"; : > "$file"; }
    cat "$file"
}
# peer NAME MODULE SCRIPT [ARGUMENTS]: a turn of a script, if its module is there; says so if not.
peer() {
    name=$1 module=$2
    shift 2
    if have "$module"; then turn "$name" "$python" "$@"
    elif [ "$round" = 1 ]; then echo "$python has no $module: no comparison with it"; fi
}
# best NAME: of each row (network, batch) of its turns the one with the highest rate, in the first one's order.
best() {
    set -- "$1" "$out/$1".[1-9]*
    name=$1
    shift
    [ -e "$1" ] || { echo; return 0; }
    awk -F'|' '
        !/^\|/ { if (FNR == NR) print; next }
        !(($2, $3) in at) { at[$2, $3] = ++n; line[n] = $0; rate[n] = $4 + 0; next }
        $4 + 0 > rate[at[$2, $3]] { line[at[$2, $3]] = $0; rate[at[$2, $3]] = $4 + 0 }
        END { for (i = 1; i <= n; i++) print line[i] }' "$@"
}

rm -f "$out"/*.[1-9]*
for round in $(seq "$rounds"); do
    turn ours "$build/bench/train_speed" 0.5 5
    peer eager torch bench/train_torch.py 0.5 5
    peer compile torch bench/train_torch.py 0.5 5 --compile
    peer sklearn sklearn bench/train_sklearn.py 0.5 5
    turn predict "$build/bench/predict_speed" 0.25
    peer onnx onnxruntime bench/predict_onnx.py 0.25
done
for name in ours eager compile sklearn predict onnx; do best $name > "$out/$name.txt"; done
echo
cat "$out/ours.txt"

# One row for each of Consort's cases: its rate, and the ratio to each peer's row of the same network and batch.
compare() { # COLUMNS-OF-HEADER FILE PEER...
    header=$1
    shift
    awk -F'|' -v header="$header" '
        function clean(s) { gsub(/^ +| +$/, "", s); return s }
        FNR == 1 { file++ }
        $2 ~ /[0-9]-[0-9]/ {
            key = clean($2); sub(/ \(dense\)/, "", key); key = key " " clean($3)
            if (file == 1) { name[++n] = clean($2); size[n] = clean($3); id[n] = key; rate[n] = clean($4) + 0 }
            else theirs[file, key] = clean($4) + 0
        }
        END {
            print header
            for (i = 1; i <= n; i++) {
                line = sprintf("| %s | %s | %d |", name[i], size[i], rate[i])
                for (f = 2; f <= file; f++) {
                    r = theirs[f, id[i]]
                    line = line (r > 0 ? sprintf(" %d (%.2fx) |", r, rate[i] / r) : " not measured |")
                }
                print line
            }
        }' "$@"
}
train=$(compare "| network | batch | Consort samples/s | PyTorch eager | torch.compile | scikit-learn |
|---|--:|--:|--:|--:|--:|" "$out/ours.txt" "$out/eager.txt" "$out/compile.txt" "$out/sklearn.txt")
predict=$(compare "| network | rows | Consort rows/s | onnxruntime |
|---|--:|--:|--:|" "$out/predict.txt" "$out/onnx.txt")
echo
echo "$train"
echo
echo "$predict"

# Two trials on two cores against one: wall time of the same eight trials, alternating; beside it two copies of
# a pure computation against one, which is what the machine itself allows.
seconds() { start=$(date +%s%N); "$@" >/dev/null 2>&1; echo $((($(date +%s%N) - start) / 1000000)); }
sweep() { rm -rf "$out/study"; "$build/consort" sweep "$out/eight.yaml" -q -j "$1" --dir "$out/study"; }
both() { "$build/bench/predict_speed" 0.1 & "$build/bench/predict_speed" 0.1; wait; }
scaling="not measured: one core"
if [ "$cores" -ge 2 ]; then
    cat > "$out/eight.yaml" <<'YAML'
name: eight
method: random
run_cap: 8
baseline: false
metric: {name: val_accuracy}
parameters: {dropout: {min: 0.0, max: 0.3}}
train: {hidden: [256, 256], epochs: 20, batch_size: 128}
data: {format: digits, rows: 4000, test_rows: 100, split: {type: holdout}}
YAML
    ratios=$(for i in 1 2 3 4 5; do
        one=$(seconds sweep 1) two=$(seconds sweep 2)
        alone=$(seconds "$build/bench/predict_speed" 0.1) pair=$(seconds both)
        echo "$one $two $alone $pair"
    done | awk '{ printf "%.2f %.2f\n", $1 / $2, 2 * $3 / $4 }')
    scaling=$(echo "$ratios" | sort -n | sed -n 3p | cut -d' ' -f1)
    machine=$(echo "$ratios" | cut -d' ' -f2 | sort -n | sed -n 3p)
    scaling="$scaling times one (medians of five; two copies of a pure computation: $machine times one)"
fi
echo
echo "two trials on two cores: $scaling"

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)
{
    echo "<!-- make bench -->"
    echo "Machine: ${cpu:-unknown}, $cores cores, $(cc --version | head -1), $(date +%Y-%m-%d)."
    echo
    echo "Training, one core, samples a CPU second (the best of $rounds turns); microseconds a step and where they go. Of peak: of the rate of one"
    echo "2048 x 2048 x 2048 product of BLAS in the same run; arithmetic is counted as if nothing were skipped, so a"
    echo "first layer that skips zeros can pass 100 %. (dense): random pixels, where there is nothing to skip."
    echo
    sed -n -e '/GFLOP.s$/p' -e '/^|/p' "$out/ours.txt" | awk '/^\|/ && !table { print ""; table = 1 } { print }'
    echo
    echo "$train"
    echo
    echo "Prediction, one core, one call with so many rows (onnxruntime from Python, the faster of run and io binding):"
    echo
    echo "$predict"
    echo
    echo "Two trials on two cores: $scaling."
    echo "<!-- end -->"
} > "$out/table.md"
if [ "${KEEP:-}" != 1 ] && grep -q '^<!-- make bench -->' bench/RESULTS.md; then
    awk -v table="$out/table.md" '
        /^<!-- make bench -->/ { while ((getline line < table) > 0) print line; skip = 1 }
        !skip { print }
        /^<!-- end -->/ { skip = 0 }' bench/RESULTS.md > "$out/RESULTS.md"
    cp "$out/RESULTS.md" bench/RESULTS.md
    echo "bench/RESULTS.md has the tables"
fi
