#!/bin/sh
# How fast training and prediction are, beside the peers that a Python has: PyTorch (eager and torch.compile),
# scikit-learn, onnxruntime. PYTHON=... names one; `python3 -m venv /somewhere && /somewhere/bin/pip install torch
# scikit-learn onnx onnxruntime` makes one. One core, CPU time; then two trials on two cores. Writes the tables
# into bench/RESULTS.md, between its two comments.
#   bench/run.sh BUILD
set -eu
build=$1 python=${PYTHON:-python3} out=$1/bench
pin=$(command -v taskset >/dev/null && echo "taskset -c 0" || true)
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

have() { "$python" -c "import $1" 2>/dev/null; }
# peer FILE MODULE SCRIPT [ARGUMENTS]: runs a script if its module is there, and says so if not.
peer() {
    file=$out/$1.txt module=$2
    shift 2
    : > "$file"
    if ! have "$module"; then echo "$python has no $module: no comparison with it"; return 0; fi
    echo
    $pin "$python" "$@" > "$file" 2>"$out/peer.log" || { echo "$* failed:"; tail -3 "$out/peer.log"; : > "$file"; }
    cat "$file"
}

echo "Consort"
$pin "$build/bench/train_speed" | tee "$out/ours.txt"
peer eager torch bench/train_torch.py 1
peer compile torch bench/train_torch.py 1 --compile
peer sklearn sklearn bench/train_sklearn.py 1
echo
$pin "$build/bench/predict_speed" | tee "$out/predict.txt"
peer onnx onnxruntime bench/predict_onnx.py

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
for file in eager compile sklearn onnx; do [ -s "$out/$file.txt" ] || echo > "$out/$file.txt"; done
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
if [ "$(nproc)" -ge 2 ]; then
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
    done | awk '{ print $1 / $2, 2 * $3 / $4 }')
    scaling=$(echo "$ratios" | sort -n | sed -n 3p | cut -d' ' -f1)
    machine=$(echo "$ratios" | cut -d' ' -f2 | sort -n | sed -n 3p)
    scaling="$scaling times one (medians of five; two copies of a pure computation: $machine times one)"
fi
echo
echo "two trials on two cores: $scaling"

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)
{
    echo "<!-- make bench -->"
    echo "Machine: ${cpu:-unknown}, $(nproc) cores, $(cc --version | head -1), $(date +%Y-%m-%d)."
    echo
    echo "Training, one core, samples a CPU second; microseconds a step and where they go. Of peak: of the rate of one"
    echo "2048 x 2048 x 2048 product of BLAS in the same run; arithmetic is counted as if nothing were skipped, so a"
    echo "first layer that skips zeros can pass 100 %. (dense): random pixels, where there is nothing to skip."
    echo
    sed -n '/^|/p' "$out/ours.txt"
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
