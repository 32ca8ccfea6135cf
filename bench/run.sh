#!/bin/sh
# How fast training is, beside PyTorch where a Python that has it is found (PYTHON=... names one;
# `python3 -m venv /somewhere && /somewhere/bin/pip install torch` makes one). One core, CPU time.
#   bench/run.sh BUILD
set -eu
build=$1 python=${PYTHON:-python3}
pin=$(command -v taskset >/dev/null && echo "taskset -c 0" || true)
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

echo "Consort"
$pin "$build/bench/train_speed" | tee "$build/bench/ours.txt"
if ! "$python" -c 'import torch' 2>/dev/null; then
    echo "$python has no torch: no comparison. PYTHON=/path/to/python make bench names another."
    exit 0
fi
echo
$pin "$python" bench/train_torch.py | tee "$build/bench/torch.txt"
echo
# Both print Markdown tables that begin | network | batch | samples/s |
awk -F'|' '
    function clean(s) { gsub(/[ ,]/, "", s); return s }
    $2 ~ /[0-9]-[0-9]/ {
        key = clean($2) " at " clean($3); rate = clean($4)
        if (FILENAME ~ /ours/) { ours[key] = rate; order[++n] = key } else torch[key] = rate
    }
    END {
        print "| network, batch | Consort samples/s | PyTorch samples/s | ratio |"
        print "|---|--:|--:|--:|"
        for (i = 1; i <= n; i++) {
            k = order[i]
            if (torch[k] > 0) printf "| %s | %d | %d | %.1f |\n", k, ours[k], torch[k], ours[k] / torch[k]
        }
    }' "$build/bench/ours.txt" "$build/bench/torch.txt"
