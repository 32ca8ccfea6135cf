#!/bin/bash
# Memory: what cannot fit is known before it is asked for, trials wait for each other where they do not fit
# together, and an allocation that fails ends its trial and nothing else.   tests/cli_memory.sh CONSORT
. "${BASH_SOURCE%/*}/expect.sh"
export OPENBLAS_NUM_THREADS=1
ask() { "$consort" query "$1" "$2" --csv | tail -n +2 | tr '\n' ' '; }
cat > net.yaml <<'YAML'
name: net
method: bayes
run_cap: 8
metric: {name: val_accuracy}
parameters:
  hidden: {values: [[16], [32, 16], [3000, 3000], [65536, 65536, 65536]]}
  learning_rate: {distribution: log_uniform_values, min: 0.001, max: 0.03}
data: {format: digits, rows: 200, test_rows: 20}
train: {epochs: 2}
run: {seed: 3, lookback: 4, memory_cap: 100MB}
enqueue: [{hidden: [65536, 65536, 65536]}]
YAML

# ---- the cap is part of what the study is: what is larger is never proposed, and recorded where the
# configuration asks for it (trial 0 is the baseline, of the list what is nearest to the default, [16])
ok cap sweep net.yaml -j 1 --dir one -q
is cap "$(ask one "SELECT number, fail_code FROM trial WHERE state = 'INFEASIBLE' ORDER BY 1")" "1,MEMORY "
is text "$(ask one "SELECT fail_text FROM trial WHERE number = 1")" \
    '"training it takes 322 GiB of memory, and run.memory_cap leaves 95 MiB" '
is rest "$(ask one "SELECT count(*) FROM trial WHERE state = 'COMPLETE'")" "7 "
ok jobs sweep net.yaml -j 4 --dir four -q
for study in one four; do "$here/dump.sh" "$consort" $study > $study.txt; done
n=$((n + 1))
cmp -s one.txt four.txt || fail "one job and four differ under a memory_cap"
expect 2 identity sweep net.yaml --dir one --set run.memory_cap=90MB
cat > program.yaml <<'YAML'
program: train.sh
method: random
run_cap: 1
parameters: {x: {min: 0.0, max: 1.0}}
run: {memory_cap: 1GiB}
YAML
printf '#!/bin/sh\n' > train.sh
expect 2 program sweep program.yaml
has program err '^consort: program.yaml:5:7: .memory_cap. is for networks'
expect 2 unit sweep net.yaml --dir other --set run.memory_cap=lots

# ---- without a cap the machine is the limit --------------------------------------------------------------
sed '/memory_cap/s/, memory_cap: 100MB//; /^enqueue/d; s/, \[3000, 3000\]//' net.yaml > machine.yaml
ok machine sweep machine.yaml --dir machine -q --set 'enqueue=[{hidden: [65536, 65536, 65536]}]'
is machine "$(ask machine "SELECT count(*), sum(state = 'COMPLETE') FROM trial")" "8,7 "
has machine_text <(ask machine "SELECT fail_text FROM trial WHERE state = 'INFEASIBLE'") 'and this machine has [0-9]'
sed '/^enqueue/d; /^parameters/,/^  learning/d; s/^data/parameters: {dropout: {value: 0.1}}\ndata/' net.yaml > single.yaml
expect 5 train train single.yaml -q --set 'train.hidden=[65536, 65536, 65536]'
is train_lines "$(wc -l < err)" 1
has train err '^consort: no trial succeeded, MEMORY: training it takes 322 GiB of memory, and run.memory_cap leaves'

# ---- four that fit one at a time: they wait, all are trained ---------------------------------------------
cat > wait.yaml <<'YAML'
name: wait
method: grid
metric: {name: val_accuracy}
parameters: {hidden: {value: [1200, 1200]}, learning_rate: {values: [0.001, 0.002, 0.003, 0.004]}}
data: {format: digits, rows: 200, test_rows: 20}
train: {epochs: 3}
run: {memory_cap: 120MiB, keep_models: 1}
YAML
"$consort" sweep wait.yaml -j 4 -q > out 2> err < /dev/null &
pid=$! peak=0
while kb=$(awk '/^VmHWM/ {print $2}' /proc/$pid/status 2> /dev/null) && [ -n "$kb" ]; do
    peak=$kb
    sleep 0.02
done
wait $pid
is wait_code $? 0
is wait "$(ask wait "SELECT count(*) FROM trial WHERE state = 'COMPLETE'")" "4 "
asan=$(grep -c __asan_init "$consort")
n=$((n + 1))
[ "$asan" != 0 ] || [ "$peak" -lt 250000 ] || fail "four trials of 95 MB took $peak kB where 120 MiB are allowed"

# ---- words stay numbers: 40,000 rows x 2,500 one-hot features would be 400 MB, and twice that in two folds ---
{
    echo day,word,x,y
    awk 'BEGIN { srand(1); for (i = 0; i < 40000; i++)
        printf "d%d,w%d,%.3f,%s\n", int(1500 * rand()), int(1000 * rand()), rand(), rand() < 0.5 ? "a" : "b" }'
} > words.csv
cat > words.yaml <<'YAML'
name: words
method: grid
metric: {name: val_accuracy}
parameters: {learning_rate: {values: [0.001]}}
data: {train: words.csv, split: {type: kfold, folds: 2}}
train: {epochs: 1, hidden: [8], batch_size: 1024}
run: {memory_cap: 60MB}
YAML
ok words sweep words.yaml -j 1 -q
is words "$(ask words "SELECT state FROM trial")" "COMPLETE "
peak=$(ask words "SELECT peak_bytes FROM trial")
n=$((n + 1))
[ "$peak" -lt 60000000 ] || fail "a table of words took $peak bytes"

# ---- the system says no: that trial fails, the sweep goes on -------------------------------------------
if [ "$asan" = 0 ]; then
    sed '/memory_cap/s/, memory_cap: 100MB//; s/, \[65536.*\]\]}/]}/; s/^enqueue.*/enqueue: [{hidden: [7000, 7000]}]/
         s/\[3000, 3000\]/[7000, 7000]/; s/method: bayes/method: random/' net.yaml > limit.yaml
    (ulimit -v 1200000 && exec "$consort" sweep limit.yaml --dir limit -j 1 -q --trials 3) > out 2> err < /dev/null
    is limit_code $? 0
    silent limit err
    is limit "$(ask limit "SELECT DISTINCT fail_code, fail_text FROM trial WHERE state = 'FAILED'")" \
        'OOM,the trial does not fit into memory '
    is limit_rest "$(ask limit "SELECT count(*) > 1 FROM trial WHERE state = 'COMPLETE'")" "1 "
else
    skip "a limit on the address space: the sanitizer wants terabytes of it"
fi

echo "cli_memory: $n checks, $failed failed, $skipped skipped"
[ $failed = 0 ]
