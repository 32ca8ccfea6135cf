#!/bin/sh
# How large a report is and how long it takes: to be written, to answer in a browser, to sort its board.
#
#     bench/report_speed.sh [CONSORT] [TRIALS...]        default: build/consort 1000 20000
#
# Makes a study of that many small networks on a table of 150 rows, with every kind of score a trial has, and
# prints a row of a table. Chromium is asked where it is installed (tests/browser.sh --which).
set -eu
consort=$(realpath "${1:-build/consort}")
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 1000 20000
root=$(realpath "$(dirname "$0")/..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
awk 'BEGIN { srand(7); print "length,width,height,weight,kind"
    for (i = 0; i < 150; i++) { k = i % 3
        printf "%.2f,%.2f,%.2f,%.2f,%s\n", 4 + k + rand(), 2 + rand() - k / 4, 1 + 2 * k + 2 * rand(),
            k / 2 + rand(), substr("abc", k + 1, 1) } }' > table.csv
cat > sweep.yaml <<'END'
name: many
method: random
metric: {name: val_accuracy}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.0005, max: 0.02}
  batch_size: {values: [16, 32, 64]}
  hidden: {values: [[8], [16], [16, 8], [32, 16]]}
  activation: {values: [relu, selu, mish]}
  dropout: {distribution: q_uniform, min: 0.0, max: 0.4, q: 0.05}
  weight_decay: {distribution: log_uniform_values, min: 0.0001, max: 0.1}
  label_smoothing: {values: [0, 0.05, 0.1]}
  numeric: {values: [robust, standard, quantile]}
data:
  train: table.csv
  test: {fraction: 0.2, seed: 1}
train: {epochs: 3}
run: {keep_models: 4}
ensemble: {size: 4}
END
browser=$("$root/tests/browser.sh" --which) || browser=
echo "| trials | report.html | written in (CPU) | answers after | all rows shown | sorted |"
echo "|--:|--:|--:|--:|--:|--:|"
for n; do
    "$consort" run sweep.yaml --trials "$n" --dir "s$n" --progress none > log 2>&1 || { cat log >&2; exit 1; }
    best=
    for turn in 1 2 3; do
        took=$(python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(round(1000 * (used.ru_utime + used.ru_stime)))' "$consort" report "s$n")
        [ -z "$best" ] || [ "$took" -lt "$best" ] && best=$took
    done
    size=$(wc -c < "s$n/report.html")
    open=- show=- sort=-
    if [ -n "$browser" ]; then
        root_node=document.documentElement
        asked=$(python3 "$root/tests/browser_ask.py" "$browser" "$folder/profile" "$folder/s$n/report.html" \
            1280 "$root_node.hasAttribute('data-drawn') && performance.getEntriesByType('navigation')[0].loadEventEnd > 0
                ? String(Math.round(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd)) : ''" \
            0 "(() => { const t = performance.now(); document.querySelector('form.tools button').click();
                document.body.offsetHeight; return String(Math.round(performance.now() - t)); })()" \
            0 "(() => { const t = performance.now(); document.querySelector('th[data-key=seconds] button').click();
                document.body.offsetHeight; return String(Math.round(performance.now() - t)); })()")
        open=$(echo "$asked" | sed -n 1p)
        show=$(echo "$asked" | sed -n 2p)
        sort=$(echo "$asked" | sed -n 3p)
    fi
    printf '| %s | %s kB | %s ms | %s ms | %s ms | %s ms |\n' "$n" $((size / 1000)) "$best" "$open" "$show" "$sort"
done
